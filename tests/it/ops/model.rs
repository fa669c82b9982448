//! The command tree and the member table against the model.

use std::collections::BTreeSet;

use codeartifact::api::members::{Kind, Text};
use codeartifact::cli::tree;
use codeartifact::ops::{Descriptor, OPERATIONS, Transport, by_command, by_route};
use serde_json::Value;

/// The model of the API.
pub(crate) fn model() -> Value {
    let text = include_str!("../../model/codeartifact-2018-09-22.json");
    serde_json::from_str(text).expect("the model is JSON")
}

/// A shape of the model.
pub(crate) fn shape<'a>(model: &'a Value, name: &Value) -> &'a Value {
    let shape = &model["shapes"][name.as_str().expect("a shape's name")];
    assert!(shape.is_object(), "no shape {name}");
    shape
}

/// `listPackageVersions` to `list-package-versions`, as AWS's clients spell it.
fn kebab(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (i, &c) in letters.iter().enumerate() {
        let after_lower = i > 0 && !letters[i - 1].is_uppercase();
        if c.is_uppercase() && i > 0 && after_lower {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// What the client pages through, as AWS's clients do.
const PAGINATED: &[(&str, &str)] = &[
    ("ListAllowedRepositoriesForGroup", "allowedRepositories"),
    ("ListAssociatedPackages", "packages"),
    ("ListDomains", "domains"),
    ("ListPackageGroups", "packageGroups"),
    ("ListPackageVersionAssets", "assets"),
    ("ListPackageVersions", "versions"),
    ("ListPackages", "packages"),
    ("ListRepositories", "repositories"),
    ("ListRepositoriesInDomain", "repositories"),
    ("ListSubPackageGroups", "packageGroups"),
];

fn check_text(place: &str, text: &Text, shape: &Value) {
    assert_eq!(
        text.min as u64,
        shape["min"].as_u64().unwrap_or(0),
        "{place}"
    );
    let max = shape["max"].as_u64().unwrap_or(usize::MAX as u64);
    assert_eq!(text.max as u64, max, "{place}");
    let values: Vec<&str> = shape["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(text.values, values, "{place}");
    if values.is_empty() {
        assert_eq!(text.pattern, shape["pattern"].as_str(), "{place}");
    }
}

fn check_kind(model: &Value, place: &str, kind: &Kind, name: &Value) {
    let shape = shape(model, name);
    let kind_of = shape["type"].as_str().unwrap_or_default();
    match (kind, kind_of) {
        (Kind::Text(text), "string") => {
            assert_eq!(text.name, name.as_str().unwrap_or_default(), "{place}");
            check_text(place, text, shape);
        }
        (Kind::Integer { min, max }, "integer" | "long") => {
            assert_eq!(Some(*min), shape["min"].as_i64(), "{place}");
            assert_eq!(Some(*max), shape["max"].as_i64(), "{place}");
        }
        (Kind::Boolean, "boolean") | (Kind::Blob, "blob") => {}
        (Kind::List { item, max }, "list") => {
            assert!(shape["min"].as_u64().unwrap_or(0) == 0, "{place}");
            let most = shape["max"].as_u64().unwrap_or(usize::MAX as u64);
            assert_eq!(*max as u64, most, "{place}");
            check_kind(model, place, item, &shape["member"]["shape"]);
        }
        (Kind::Map { key, value }, "map") => {
            check_kind(model, place, key, &shape["key"]["shape"]);
            check_kind(model, place, value, &shape["value"]["shape"]);
        }
        (Kind::Structure(fields), "structure") => {
            let members = shape["members"].as_object().expect("members");
            let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
            assert_eq!(names, members.keys().collect::<Vec<_>>(), "{place}");
            for field in *fields {
                let place = format!("{place}.{}", field.name);
                let required = is_required(shape, field.name);
                assert_eq!(field.required, required, "{place}");
                check_kind(model, &place, field.kind, &members[field.name]["shape"]);
            }
        }
        (kind, kind_of) => panic!("{place} is {kind:?}, but {kind_of} in the model"),
    }
}

fn is_required(shape: &Value, name: &str) -> bool {
    shape["required"]
        .as_array()
        .is_some_and(|required| required.iter().any(|member| member == name))
}

fn check_operation(model: &Value, name: &str, described: &Value, operation: &Descriptor) {
    assert_eq!(operation.name, name);
    assert_eq!(operation.route.method.as_str(), described["http"]["method"]);
    assert_eq!(operation.route.path, described["http"]["requestUri"]);
    let route = by_route(operation.route.method.as_str(), operation.route.path);
    assert_eq!(route.map(|found| found.name), Some(name));

    let empty = Value::Null;
    let input = described["input"].get("shape").unwrap_or(&empty);
    if input.is_null() {
        assert!(tree::inputs(operation).is_empty(), "{name}");
        return;
    }
    let input = shape(model, input);
    let members = input["members"].as_object().expect("members");
    let inputs = tree::inputs(operation);
    let names: Vec<&str> = inputs.iter().map(|input| input.member.name).collect();
    assert_eq!(names, members.keys().collect::<Vec<_>>(), "{name}");
    let in_query: Vec<&String> = members
        .iter()
        .filter(|(_, member)| member["location"] == "querystring")
        .map(|(name, _)| name)
        .collect();
    assert_eq!(operation.query, in_query, "{name}");
    for given in inputs {
        let member = given.member;
        let place = format!("{name}.{}", member.name);
        let described = &members[member.name];
        check_kind(model, &place, &member.kind, &described["shape"]);
        let flag = match member.name {
            "assetSHA256" => "asset-sha256".to_string(),
            name => kebab(name),
        };
        assert_eq!(member.flag, flag, "{place}");
        if described["location"] == "querystring" {
            assert_eq!(member.query, described["locationName"].as_str(), "{place}");
        }
        // Ours computes the hash when it is left out.
        let required = is_required(input, member.name) && member.name != "assetSHA256";
        assert_eq!(given.required, required, "{place}");
    }
    let streams = input["payload"] == "assetContent";
    assert_eq!(
        matches!(operation.transport, Transport::Upload),
        streams,
        "{name}"
    );
}

#[test]
fn every_operation_is_as_in_the_model() {
    let model = model();
    let operations = model["operations"].as_object().expect("operations");
    assert_eq!(operations.len(), 48);
    assert_eq!(OPERATIONS.len(), operations.len());
    for (name, described) in operations {
        let operation = by_command(&kebab(name)).unwrap_or_else(|| panic!("no {name}"));
        check_operation(&model, name, described, operation);
        let output = shape(&model, &described["output"]["shape"]);
        let streams = output["payload"] == "asset";
        assert_eq!(
            matches!(operation.transport, Transport::Download),
            streams,
            "{name}"
        );
    }
}

#[test]
fn ten_operations_are_paginated() {
    let ours: BTreeSet<(&str, &str)> = OPERATIONS
        .iter()
        .filter_map(|operation| Some((operation.name, operation.pages?.result)))
        .collect();
    assert_eq!(ours, PAGINATED.iter().copied().collect());
    let model = model();
    for operation in OPERATIONS
        .iter()
        .filter(|operation| operation.pages.is_some())
    {
        let output = &model["operations"][operation.name]["output"]["shape"];
        let members = shape(&model, output)["members"]
            .as_object()
            .expect("members");
        // What does not change from page to page is everything but items and token.
        let mut beside: Vec<&str> = operation.pages.expect("is paginated").beside.to_vec();
        beside.extend(["nextToken", operation.pages.expect("is paginated").result]);
        let named: BTreeSet<&str> = members.keys().map(String::as_str).collect();
        assert_eq!(
            beside.into_iter().collect::<BTreeSet<_>>(),
            named,
            "{}",
            operation.name
        );
    }
}

#[test]
fn every_flag_has_a_help_of_one_sentence_and_every_command_an_example() {
    for operation in OPERATIONS {
        let command = tree::operation(operation);
        let about = command
            .get_long_about()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(
            about.contains(&format!("`codeartifact {}", operation.command)),
            "{} has no example",
            operation.command
        );
        for arg in command.get_arguments() {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty(), "{} {}", operation.command, arg.get_id());
            assert!(
                !help.ends_with('.'),
                "{} {}: {help}",
                operation.command,
                arg.get_id()
            );
        }
    }
}

#[test]
fn enumerations_are_offered() {
    for operation in OPERATIONS {
        let command = tree::operation(operation);
        for input in tree::inputs(operation) {
            let Kind::Text(text) = &input.member.kind else {
                continue;
            };
            let arg = command
                .get_arguments()
                .find(|arg| arg.get_long() == Some(input.member.flag))
                .expect("a flag for each member");
            let offered: Vec<String> = arg
                .get_possible_values()
                .iter()
                .map(|value| value.get_name().to_string())
                .collect();
            assert_eq!(
                offered, text.values,
                "{} {}",
                operation.command, input.member.flag
            );
        }
    }
}
