//! The official JMESPath compliance cases (tests/jmespath/README.md).

use std::fs;
use std::path::Path;

use codeartifact::output::Query;
use serde_json::Value;

#[test]
fn every_compliance_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jmespath");
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let groups: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for group in groups.as_array().unwrap() {
            for case in group["cases"].as_array().unwrap() {
                let expression = case["expression"].as_str().unwrap();
                count += 1;
                if let Some(failure) = check(expression, &group["given"], case) {
                    failures.push(format!("{name}: {expression}: {failure}"));
                }
            }
        }
    }
    assert!(count > 600, "only {count} cases were found");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is wrong, if anything.
fn check(expression: &str, given: &Value, case: &Value) -> Option<String> {
    let found = Query::parse(expression).and_then(|query| Ok(query.search(given)?.into_owned()));
    match (case.get("result"), case.get("error"), found) {
        (Some(expected), _, Ok(found)) if *expected == found => None,
        (_, Some(_), Err(_)) => None,
        (_, _, found) => Some(format!("{found:?}")),
    }
}
