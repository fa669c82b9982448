//! Every command line of the user guide, one after the other, by the shell and against the local
//! service: `tests/guide/commands` has them.

use std::path::Path;

use serde_json::json;

use crate::support::installed::installed;
use crate::support::npm;
use crate::support::program::{Home, PROGRAM, Ran};

/// The lines without comments.
fn lines() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guide/commands");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_string).collect()
}

fn shell(home: &Home, line: &str) -> Ran {
    let output = home.command("sh").args(["-c", line]).output();
    output.unwrap().into()
}

/// The shell's line that publishes an npm package, of which this writes the document.
fn publish(home: &Home, words: &str) -> String {
    let mut words = words.split(' ');
    let mut next = || words.next().unwrap();
    let (repository, name, version) = (next(), next(), next());
    let manifest = json!({"name": name, "version": version});
    let tarball = npm::tarball(&manifest, &[]);
    let document = npm::publish_document(&manifest, &tarball, "latest");
    home.write("publish.json", &document.to_string());
    let of = format!("--domain my-domain --repository {repository}");
    let text = "--output text --query";
    format!(
        "curl -sSf -X PUT --data @publish.json -H 'content-type: application/json' \
         -H \"authorization: Bearer $(codeartifact get-authorization-token --domain my-domain {text} authorizationToken)\" \
         \"$(codeartifact get-repository-endpoint {of} --format npm {text} repositoryEndpoint){}\"",
        name.replace('/', "%2f")
    )
}

#[cfg(unix)]
#[test]
fn every_command_line_of_the_guide() {
    if installed("curl").is_none() {
        return;
    }
    let mut home = Home::new();
    std::fs::create_dir(home.file("bin")).unwrap();
    std::os::unix::fs::symlink(PROGRAM, home.file("bin/codeartifact")).unwrap();
    // No request of this test leaves the machine.
    let _service = home.serve(&["--external", "public:npmjs=http://127.0.0.1:9/"]);
    home.write("config", "");
    let config = home.file("config").display().to_string();
    home.set("AWS_CONFIG_FILE", &config);
    let sum = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    home.set("ASSET_SHA256", sum);
    let found = format!("PATH={}:$PATH; ", home.file("bin").display());
    for line in lines() {
        let (expected, rest) = line.split_once(' ').unwrap();
        let words = match rest.strip_prefix("npm ") {
            Some(package) => publish(&home, package),
            None => rest.to_string(),
        };
        let ran = shell(&home, &(found.clone() + &words));
        let (code, fault) = expected.split_once(':').unwrap_or((expected, ""));
        let code = match code {
            "+" | "ok" => 0,
            number => number.parse().unwrap(),
        };
        assert_eq!(ran.code, Some(code), "{line}\n{}", ran.err);
        assert!(ran.err.contains(fault), "{line}\n{}", ran.err);
    }
}
