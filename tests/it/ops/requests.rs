//! Each input, full and minimal, through the whole program to a service that writes requests
//! down: what `decode` reads there equals what was meant, and it is signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codeartifact::api::members::Kind;
use codeartifact::api::operation::decode;
use codeartifact::cli::check::Input;
use codeartifact::cli::tree;
use codeartifact::ops::{Descriptor, OPERATIONS, Transport};
use serde_json::{Map, Value, json};

use crate::support::recorder::{Recorder, Reply, Request};
use crate::support::stage::Home;

/// A value with everything that is hard to write into a URL or a document.
fn value(kind: &Kind, name: &str) -> Value {
    match kind {
        Kind::Text(text) => match text.values.last() {
            Some(value) => Value::from(*value),
            None => Value::from(format!("{name} &=?/+%20\"'\\,é😀{}", "x".repeat(text.min))),
        },
        Kind::Integer { max, .. } => Value::from(*max),
        Kind::Boolean => Value::from(true),
        Kind::List { item, .. } => json!([value(item, "one"), value(item, "two")]),
        Kind::Map { key, value: kind } => {
            let key = value(key, "key");
            let key = key.as_str().expect("keys are text");
            Value::Object(Map::from_iter([(key.to_string(), value(kind, "value"))]))
        }
        Kind::Structure(fields) => {
            let field = |field: &codeartifact::api::members::Field| {
                (field.name.to_string(), value(field.kind, field.name))
            };
            Value::Object(fields.iter().map(field).collect())
        }
        Kind::Blob => Value::from("asset.bin"),
    }
}

/// The members as flags.
pub(crate) fn flags(members: &[(Input, Value)]) -> Vec<String> {
    let mut flags = Vec::new();
    for (input, value) in members {
        let flag = format!("--{}", input.member.flag);
        match value {
            Value::Bool(true) => flags.push(flag),
            Value::Bool(false) => flags.push(format!("--no-{}", input.member.flag)),
            // Behind the sign, as a text may begin with a dash.
            Value::String(text) => flags.push(format!("{flag}={text}")),
            other => flags.extend([flag, other.to_string()]),
        }
    }
    flags
}

fn decoded(operation: &Descriptor, request: &Request) -> Map<String, Value> {
    let body: &[u8] = match operation.transport {
        Transport::Json(_) => &request.body,
        _ => b"",
    };
    let query = request.query.iter().cloned();
    let mut members = decode(operation.name, operation.query, query, body).expect("is decoded");
    if let Transport::Upload = operation.transport {
        let hash = &request.headers["x-amz-content-sha256"];
        members.insert("assetSHA256".to_string(), Value::from(hash.as_str()));
        assert_eq!(request.body, b"content of the asset");
        members.insert("assetContent".to_string(), Value::from("asset.bin"));
    }
    members
}

struct Bench {
    home: Home,
    recorder: Recorder,
}

impl Bench {
    fn new() -> Bench {
        let home = Home::new();
        home.write("asset.bin", "content of the asset");
        Bench {
            home,
            recorder: Recorder::start(|_| Reply::json("{}")),
        }
    }

    /// Sends the members and compares what arrives.
    fn send(&self, operation: &Descriptor, arguments: &[String], meant: &Map<String, Value>) {
        let mut line = vec![operation.command.to_string()];
        line.extend(arguments.iter().cloned());
        if let Transport::Download = operation.transport {
            line.push("received".to_string());
        }
        let ran = self.home.run(&self.recorder.url, &line);
        assert_eq!(
            (ran.code, ran.err.contains("ERROR")),
            (0, false),
            "{line:?}: {}",
            ran.err
        );
        let requests = self.recorder.take();
        let request = &requests[0];
        assert_eq!(request.method, operation.route.method.as_str(), "{line:?}");
        assert_eq!(request.path, operation.route.path, "{line:?}");
        let arrived = Value::Object(decoded(operation, request));
        assert_eq!(arrived, Value::Object(meant.clone()), "{line:?}");
        let signature = &request.headers["authorization"];
        assert!(
            signature.contains("Credential=AKIDEXAMPLE/")
                && signature.contains("/us-west-2/codeartifact/aws4_request"),
            "{signature}"
        );
    }
}

pub(crate) fn members(operation: &Descriptor, only_required: bool) -> Vec<(Input, Value)> {
    tree::inputs(operation)
        .into_iter()
        .filter(|input| input.required || !only_required)
        .map(|input| (input, value(&input.member.kind, input.member.name)))
        .collect()
}

/// The SHA-256 of the asset's content.
fn hash() -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(b"content of the asset"))
}

fn meant(operation: &Descriptor, members: &[(Input, Value)]) -> Map<String, Value> {
    let mut meant: Map<String, Value> = members
        .iter()
        .map(|(input, value)| (input.member.name.to_string(), value.clone()))
        .collect();
    if let Transport::Upload = operation.transport {
        meant
            .entry("assetSHA256")
            .or_insert_with(|| Value::from(hash()));
    }
    meant
}

#[test]
fn full_and_minimal_inputs_arrive_as_they_were_meant() {
    let bench = Bench::new();
    for operation in OPERATIONS {
        for only_required in [false, true] {
            let mut members = members(operation, only_required);
            for (input, value) in &mut members {
                if input.member.name == "assetSHA256" {
                    *value = Value::from(hash());
                }
            }
            let meant = meant(operation, &members);
            bench.send(operation, &flags(&members), &meant);
        }
    }
}

#[test]
fn documents_arrive_as_they_were_meant() {
    let bench = Bench::new();
    for operation in OPERATIONS {
        let mut document = meant(operation, &members(operation, false));
        match operation.transport {
            // It has no documents, as its answer is no document.
            Transport::Download => continue,
            Transport::Upload => {
                document.insert("assetSHA256".to_string(), Value::from(hash()));
            }
            Transport::Json(_) => {}
        }
        let meant = document.clone();
        if let Transport::Upload = operation.transport {
            let content = STANDARD.encode("content of the asset");
            document.insert("assetContent".to_string(), Value::from(content));
        }
        let text = Value::Object(document).to_string();
        bench.home.write("input.json", &text);
        // Every JSON document is a YAML document.
        for arguments in [
            ["--cli-input-json".to_string(), text.clone()],
            [
                "--cli-input-json".to_string(),
                "file://input.json".to_string(),
            ],
            [
                "--cli-input-yaml".to_string(),
                "file://input.json".to_string(),
            ],
        ] {
            bench.send(operation, &arguments, &meant);
        }
    }
}

#[test]
fn a_switch_can_be_turned_off() {
    let bench = Bench::new();
    let arguments = [
        "--domain",
        "d0",
        "--source-repository",
        "r1",
        "--destination-repository",
        "r2",
        "--format",
        "npm",
        "--package",
        "p",
        "--allow-overwrite",
        "--no-allow-overwrite",
    ];
    let arguments = arguments.map(str::to_string);
    let operation = codeartifact::ops::by_command("copy-package-versions").expect("is there");
    let Value::Object(meant) = json!({"domain": "d0", "sourceRepository": "r1",
        "destinationRepository": "r2", "format": "npm", "package": "p", "allowOverwrite": false})
    else {
        unreachable!()
    };
    bench.send(operation, &arguments, &meant);
}
