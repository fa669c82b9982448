//! The command lines.

use std::collections::BTreeSet;

use codeartifact::api::members::Kind;
use codeartifact::cli::tree;
use codeartifact::ops::{Descriptor, OPERATIONS, Transport};
use codeartifact::output::Format;
use serde_json::{Value, json};

use super::compare::Pair;
use crate::ops::answers::{full, on_the_wire};
use crate::ops::model::model;
use crate::ops::requests::{flags, members};
use crate::support::recorder::{Reply, Request};

/// Formats that both clients have.
fn formats(pair: &Pair) -> Vec<&'static str> {
    let only_in_v2 = ["yaml", "yaml-stream", "off"];
    Format::ALL
        .map(Format::name)
        .into_iter()
        .filter(|name| !pair.is_v1() || !only_in_v2.contains(name))
        .collect()
}

/// An answer with every member of the operation's output.
fn full_answer(model: &Value, request: &Request) -> Reply {
    let method = request.method.as_str();
    let Some(operation) = codeartifact::ops::by_route(method, &request.path) else {
        return Reply::fault(404, "UnknownOperationException", "{}");
    };
    let output = &model["operations"][operation.name]["output"]["shape"];
    let mut answer = full(model, output, operation.name);
    if operation.pages.is_some() {
        // One page is enough here.
        answer
            .as_object_mut()
            .expect("an object")
            .shift_remove("nextToken");
    }
    Reply::json(&on_the_wire(model, output, &answer))
}

/// The arguments of an operation with these members.
fn line(operation: &Descriptor, only_required: bool) -> Vec<String> {
    let mut members = members(operation, only_required);
    // Given, they would ask for a single page.
    members.retain(|(input, _)| !["maxResults", "nextToken"].contains(&input.member.name));
    let mut line = vec![operation.command.to_string()];
    line.extend(flags(&members));
    line
}

#[test]
fn every_operation_in_every_format() {
    let model = model();
    let Some(mut pair) = Pair::start(move |request| full_answer(&model, request)) else {
        return;
    };
    for operation in OPERATIONS {
        // Those that carry an asset have tests of their own.
        if !matches!(operation.transport, Transport::Json(_)) {
            continue;
        }
        pair.compare(&line(operation, true));
        for format in formats(&pair) {
            let mut line = line(operation, false);
            line.extend(["--output".to_string(), format.to_string()]);
            pair.compare(&line);
        }
    }
    pair.finish(46 * 3);
}

/// Seven domains, three a page unless the request says otherwise.
fn pages(request: &Request) -> Reply {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let from_body = |name: &str| body.get(name).cloned();
    let from_query = |name: &str| request.parameter(name).map(Value::from);
    let token = from_body("nextToken").or_else(|| from_query("next-token"));
    let size = from_body("maxResults").or_else(|| {
        let text = request.parameter("max-results")?;
        text.parse::<u64>().ok().map(Value::from)
    });
    let from: usize = token.as_ref().and_then(Value::as_str).map_or(0, |token| {
        token.trim_start_matches("from-").parse().unwrap_or(0)
    });
    let size = size.and_then(|size| size.as_u64()).unwrap_or(3) as usize;
    let to = (from + size).min(7);
    let item = |i: usize| json!({"name": format!("d{i}"), "version": format!("1.{i}"), "createdTime": 1_700_000_000.25});
    let items: Vec<Value> = (from..to).map(item).collect();
    let mut answer = match request.path.as_str() {
        "/v1/package/versions" => {
            json!({"versions": items, "format": "npm", "package": "p", "defaultDisplayVersion": "1.0"})
        }
        _ => json!({"domains": items}),
    };
    if to < 7 {
        answer["nextToken"] = Value::from(format!("from-{to}"));
    }
    Reply::json(&answer)
}

#[test]
fn pages_and_tokens() {
    let Some(mut pair) = Pair::start(pages) else {
        return;
    };
    let listings = [
        &["list-domains"][..],
        &[
            "list-package-versions",
            "--domain",
            "dd",
            "--repository",
            "rr",
            "--format",
            "npm",
            "--package",
            "p",
        ],
    ];
    let ways: &[&[&str]] = &[
        &[],
        &["--no-paginate"],
        &["--page-size", "2"],
        &["--max-items", "1"],
        &["--max-items", "3"],
        &["--max-items", "4", "--page-size", "3"],
        &["--max-items", "7"],
        &["--max-items", "99"],
        &["--max-items", "0"],
        &["--max-results", "2"],
        &["--next-token", "from-2"],
        &["--max-items", "2", "--query", "NextToken"],
        &["--page-size", "0"],
        &["--no-paginate", "--max-items", "2"],
        &["--max-results", "2", "--page-size", "2"],
        &["--starting-token", "from-4"],
        &["--starting-token", "from-3___1"],
        &["--starting-token", "a___b___c"],
    ];
    for listing in listings {
        for format in formats(&pair) {
            for way in ways {
                let line = [listing, way, &["--output", format]].concat();
                pair.compare(&line);
            }
            go_on(&mut pair, listing, format);
        }
    }
    pair.finish(2 * 18 * 2);
}

/// Goes through a listing in steps, with the tokens that ours prints.
fn go_on(pair: &mut Pair, listing: &[&str], format: &str) {
    let mut token: Option<String> = None;
    for _ in 0..6 {
        let mut line = [listing, &["--max-items", "2", "--output", format]].concat();
        if let Some(token) = &token {
            line.extend(["--starting-token", token.as_str()]);
        }
        pair.compare(&line);
        let mut line = [
            listing,
            &[
                "--max-items",
                "2",
                "--query",
                "NextToken",
                "--output",
                "json",
            ],
        ]
        .concat();
        if let Some(token) = &token {
            line.extend(["--starting-token", token.as_str()]);
        }
        let next = pair.compare(&line).out;
        match serde_json::from_str::<String>(&next) {
            Ok(next) => token = Some(next),
            Err(_) => break,
        }
    }
}

#[test]
fn queries() {
    let Some(mut pair) = Pair::start(pages) else {
        return;
    };
    for query in [
        "domains[].name",
        "domains[0]",
        "domains[?name=='d3']",
        "domains[*].[name, version]",
        "domains[].{Name: name, Version: version}",
        "length(domains)",
        "sort_by(domains, &name)[-1].name",
        "domains[0].createdTime",
        "missing",
        "domains[].missing",
        "`1.50`",
        "`{\"a\": [1, true, null, 1e16]}`",
        "join(', ', domains[].name)",
        "domains[",
        "nothing(domains)",
        "length(domains[0].missing)",
        "@",
        "",
    ] {
        for format in formats(&pair) {
            pair.compare(&["list-domains", "--query", query, "--output", format]);
        }
    }
    pair.finish(18 * 2);
}

#[test]
fn skeletons() {
    let Some(mut pair) = Pair::start(|_| Reply::json("{}")) else {
        return;
    };
    for operation in OPERATIONS {
        if let Transport::Download = operation.transport {
            continue;
        }
        let has_enum = tree::inputs(operation)
            .iter()
            .any(|input| names_an_enum(&input.member.kind));
        if !(pair.is_v1() && has_enum) {
            pair.compare(&[operation.command, "--generate-cli-skeleton"]);
            pair.compare(&[operation.command, "--generate-cli-skeleton", "input"]);
        }
    }
    for command in ["list-domains", "list-tags-for-resource"] {
        let line = [
            command,
            "--resource-arn",
            "arn:x",
            "--generate-cli-skeleton",
            "output",
        ];
        let line = if command == "list-domains" {
            vec![command, line[3], line[4]]
        } else {
            line.to_vec()
        };
        if command == "list-tags-for-resource" {
            pair.compare(&line);
        }
    }
    pair.compare(&["list-domains", "--generate-cli-skeleton", "nonsense"]);
    pair.finish(20);
}

fn names_an_enum(kind: &Kind) -> bool {
    match kind {
        Kind::Text(text) => !text.values.is_empty(),
        Kind::List { item, .. } => names_an_enum(item),
        Kind::Map { value, .. } => names_an_enum(value),
        Kind::Structure(fields) => fields.iter().any(|field| names_an_enum(field.kind)),
        Kind::Integer { .. } | Kind::Boolean | Kind::Blob => false,
    }
}

#[test]
fn values_in_every_syntax() {
    let Some(mut pair) = Pair::start(|_| Reply::json("{}")) else {
        return;
    };
    pair.home
        .write("tags.json", r#"[{"key": "a", "value": "b"}]"#);
    pair.home
        .write("input.json", r#"{"domain": "from-file", "tags": []}"#);
    pair.home
        .write("policy.json", "{\r\n  \"Statement\": []\r\n}\n");
    let is_v1 = pair.is_v1();
    let tags: &[&[&str]] = &[
        &["key=a,value=b"],
        &["key=a,value=b", "key=c,value="],
        &["key=a,value='b, c'"],
        &[r#"key="a b",value=x\,y"#],
        &["key = a , value = b"],
        &[r#"[{"key":"a","value":"b"}]"#],
        &[r#"{"key":"a","value":"b"}"#, r#"{"key":"c","value":"d"}"#],
        &["file://tags.json"],
        &["file://missing.json"],
        &["[]"],
        &[],
        &["key=a"],
        &["key=a,value=b,other=c"],
        &["key=a,value=[b,c]"],
        &["[1]"],
        &[r#"[{"key":1,"value":null}]"#],
        &["{"],
        &["key=a,value=b=c"],
        &["Key=a,Value=b"],
    ];
    for values in tags {
        let line = [&["create-domain", "--domain", "dd", "--tags"], *values].concat();
        pair.compare(&line);
    }
    if !is_v1 {
        for value in ["key", "key=a,key=b", "key=a,value='b"] {
            pair.compare(&["create-domain", "--domain", "dd", "--tags", value]);
        }
    }
    let copy = [
        "copy-package-versions",
        "--domain",
        "dd",
        "--source-repository",
        "r1",
        "--destination-repository",
        "r2",
        "--format",
        "npm",
        "--package",
        "p",
    ];
    let more: &[&[&str]] = &[
        &["--versions", "1", "2"],
        &["--versions", r#"["1", "2"]"#],
        &["--versions=1"],
        &["--versions"],
        &["--version-revisions", "1.0=a,2.0=b"],
        &["--version-revisions", r#"{"1.0": "a"}"#],
        &["--allow-overwrite"],
        &["--no-allow-overwrite"],
        &["--allow-overwrite", "--no-allow-overwrite"],
        &["--no-allow-overwrite", "--allow-overwrite"],
        &["--include-from-upstream", "--namespace", "@x y"],
        &["--names", "abbreviated"],
        &["--package", "again"],
        &["--versions", "1", "--versions", "2"],
        &["--namespace", "-5"],
        &["--namespace", "- x"],
        &["--namespace="],
        &["--namespace"],
        &["--allow-overwrite=true"],
        &["--allow"],
        &["--unknown", "x"],
        &["extra"],
    ];
    for values in more {
        pair.compare(&[&copy[..], values].concat());
    }
    for line in [
        &[
            "put-domain-permissions-policy",
            "--domain",
            "dd",
            "--policy-document",
            "file://policy.json",
        ][..],
        &[
            "put-domain-permissions-policy",
            "--domain",
            "dd",
            "--policy-document",
            "{}",
        ],
        &["create-domain", "--cli-input-json", "file://input.json"],
        &[
            "create-domain",
            "--cli-input-json",
            "file://input.json",
            "--domain",
            "flag",
        ],
        &[
            "create-domain",
            "--cli-input-json",
            r#"{"domain": "dd", "unknown": 1}"#,
        ],
        &[
            "create-domain",
            "--cli-input-json",
            r#"{"tags": 1, "encryptionKey": null}"#,
        ],
        &["create-domain", "--cli-input-json", "{"],
        &["create-domain", "--cli-input-json", "[]"],
        &["create-domain", "--cli-input-json", "file://missing.json"],
        &[
            "get-authorization-token",
            "--domain",
            "dd",
            "--duration-seconds",
            "900",
        ],
        &[
            "get-authorization-token",
            "--domain",
            "dd",
            "--duration-seconds",
            "-1",
        ],
        &[
            "get-authorization-token",
            "--domain",
            "dd",
            "--duration-seconds",
            "abc",
        ],
        &["list-domains", "--max-results", "abc"],
        &["list-domains", "--max-results", "0"],
        &["list-domains", "--max-items", "abc"],
        &["describe-domain", "--domain", "x"],
        &["describe-domain", "--domain", ""],
        &["describe-domain"],
        &["describe-domain", "--domain"],
        &["describe-domains"],
        &["describe-domain", "--domain", "dd", "--outp", "text"],
        &["--outp", "text", "describe-domain", "--domain", "dd"],
        &["describe-domain", "--domain", "dd", "--output", "jsn"],
        &["describe-domain", "--domain", "dd", "--color", "never"],
        &[
            "describe-domain",
            "--domain",
            "dd",
            "--endpoint-url",
            "localhost",
        ],
        &["list-package-groups", "--domain", "dd", "--pre", "x"],
        &[
            "list-sub-package-groups",
            "--domain",
            "dd",
            "--package-group",
            "/*",
            "--pre",
            "x",
        ],
    ] {
        pair.compare(line);
    }
    pair.finish(60);
}

#[test]
fn faults_and_odd_answers() {
    let answer = |request: &Request| match request.parameter("domain").unwrap_or_default() {
        "not-found" => Reply::fault(
            404,
            "ResourceNotFoundException",
            &json!({"message": "No domain", "resourceId": "x", "resourceType": "domain"}),
        ),
        "denied" => Reply::fault(
            403,
            "AccessDeniedException:http://x/",
            &json!({"message": "No, é"}),
        ),
        "conflict" => Reply::fault(
            409,
            "ConflictException",
            &json!({"Message": "Upper case", "resourceId": "x", "resourceType": "domain"}),
        ),
        "validation" => Reply::fault(
            400,
            "ValidationException",
            &json!({"message": "Bad", "reason": "FIELD_VALIDATION_FAILED"}),
        ),
        "quota" => Reply::fault(
            402,
            "ServiceQuotaExceededException",
            &json!({"message": "Full", "resourceId": "x", "resourceType": "domain"}),
        ),
        "unknown" => Reply::fault(400, "SomethingNew", &json!({"message": "New"})),
        "in-body" => Reply {
            status: 400,
            ..Reply::json(&json!({"__type": "com.amazon#ValidationException", "message": "Typed"}))
        },
        "not-json" => Reply {
            body: b"<html>".to_vec(),
            ..Reply::json("")
        },
        "empty" => Reply::json(""),
        "null" => Reply::json("null"),
        _ => Reply::json(&json!({"domain": {"name": "dd", "unknown": [], "owner": null}})),
    };
    let Some(mut pair) = Pair::start(answer) else {
        return;
    };
    for domain in [
        "not-found",
        "denied",
        "conflict",
        "validation",
        "quota",
        "unknown",
        "in-body",
        "not-json",
        "empty",
        "known",
    ] {
        for format in ["json", "text"] {
            pair.compare(&["describe-domain", "--domain", domain, "--output", format]);
        }
    }
    // Version 1 counts attempts in its own, older way.
    if !pair.is_v1() {
        pair.compare_with(
            &[("AWS_MAX_ATTEMPTS", "1")],
            &["describe-domain", "--domain", "not-found"],
        );
    }
    pair.compare_with(
        &[("AWS_DEFAULT_REGION", "")],
        &["describe-domain", "--domain", "dd"],
    );
    pair.compare_with(
        &[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")],
        &["describe-domain", "--domain", "dd"],
    );
    pair.compare_with(
        &[("AWS_PROFILE", "nobody")],
        &["describe-domain", "--domain", "dd"],
    );
    pair.compare_with(
        &[("AWS_ENDPOINT_URL", "http://127.0.0.1:9")],
        &["describe-domain", "--domain", "dd"],
    );
    pair.compare(&["describe-domain", "--domain", "dd", "--no-sign-request"]);
    pair.compare(&["describe-domain", "--domain", "dd", "--profile", "nobody"]);
    pair.finish(26);
}

#[test]
fn formats_are_those_of_the_reference() {
    // A format that is added has to be compared.
    let names: BTreeSet<&str> = Format::ALL.map(Format::name).into_iter().collect();
    assert!(names.contains("json") && names.contains("text"));
}
