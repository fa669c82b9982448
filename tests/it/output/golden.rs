//! Every format and query against what AWS CLI v2 prints (tests/output/README.md).

use std::fs;
use std::path::{Path, PathBuf};

use codeartifact::error::Result;
use codeartifact::output::{Format, Printer, Query};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/output")
}

fn read(path: &Path) -> Value {
    let bytes = fs::read(path).expect("the golden files are there");
    serde_json::from_slice(&bytes).expect("they are JSON")
}

/// Where Python's own error shines through, which we say in words; the exit code is the same.
const WORDED_OTHERWISE: [&str; 2] = ["merge(map, none)", "&domains"];

/// What the format, or `table-colour`, makes of the value.
fn printed(name: &str, query: Option<Query>, value: &Value) -> Result<String> {
    let (format, colour) = match name.strip_suffix("-colour") {
        Some(format) => (format, true),
        None => (name, false),
    };
    let mut out = Vec::new();
    let printer = Printer::new(format.parse()?, query, colour, "ListPackages");
    printer.whole(value, &mut out)?;
    Ok(String::from_utf8(out).expect("what is printed is UTF-8"))
}

#[test]
fn every_format_prints_what_aws_cli_prints() {
    let mut count = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let case = entry.unwrap().path();
        if !case.is_dir() {
            continue;
        }
        let input = read(&case.join("input.json"));
        let formats = Format::ALL
            .into_iter()
            .filter(|format| *format != Format::Off);
        for name in formats.map(Format::name).chain(["table-colour"]) {
            let golden = case.join(name);
            let ours = printed(name, None, &input);
            if golden.exists() {
                let expected = fs::read_to_string(&golden).unwrap();
                assert_eq!(ours.unwrap(), expected, "{}", golden.display());
            } else {
                assert_eq!(
                    ours.unwrap_err().kind.exit_code(),
                    255,
                    "{}",
                    golden.display()
                );
            }
            count += 1;
        }
    }
    assert!(count > 200, "only {count} files were compared");
}

#[test]
fn every_query_answers_or_fails_as_in_aws_cli() {
    let expected = read(&folder().join("queries.expected.json"));
    let mut expected = expected.as_array().unwrap().iter();
    for group in read(&folder().join("queries.json")).as_array().unwrap() {
        for expression in group["expressions"].as_array().unwrap() {
            let expression = expression.as_str().unwrap();
            let expected = expected.next().unwrap();
            assert_eq!(expected["expression"], expression);
            let ours = Query::parse(expression)
                .and_then(|query| printed("json", Some(query), &group["given"]));
            match ours {
                Ok(output) => assert_eq!(expected["output"], output, "{expression}"),
                Err(error) => {
                    if !WORDED_OTHERWISE.contains(&expression) {
                        let message = error.bare().unwrap_or(&error.message);
                        assert_eq!(expected["error"], message, "{expression}");
                    }
                    assert_eq!(expected["exit"], error.kind.exit_code(), "{expression}");
                }
            }
        }
    }
    assert!(expected.next().is_none());
}

#[test]
fn pages_are_queried_one_by_one_and_even_an_empty_one_is_streamed() {
    let pages = [
        serde_json::json!({"names": ["b", "a"]}),
        serde_json::json!({}),
        serde_json::json!({"names": ["c"]}),
    ];
    let print = |format, query: Option<&str>| {
        let query = query.map(|query| Query::parse(query).unwrap());
        let printer = Printer::new(format, query, false, "ListNames");
        let mut out = Vec::new();
        for page in &pages {
            printer.page(page, &mut out).unwrap();
        }
        String::from_utf8(out).unwrap()
    };
    assert_eq!(print(Format::Text, None), "NAMES\tb\nNAMES\ta\nNAMES\tc\n");
    assert_eq!(
        print(Format::Text, Some("sort(names || `[]`)[0]")),
        "a\nNone\nc\n"
    );
    assert_eq!(
        print(Format::YamlStream, None),
        "- names:\n  - b\n  - a\n- {}\n- names:\n  - c\n"
    );
    assert_eq!(
        print(Format::YamlStream, Some("names[0]")),
        "- b\n- null\n- c\n"
    );
    assert_eq!(print(Format::Off, None), "");
}
