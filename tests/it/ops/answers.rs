//! Answers with every member of every shape, shuffled on the wire and with members that no
//! model knows: nothing is lost, nothing is reordered, nothing is added.

use codeartifact::ops::{OPERATIONS, Transport};
use serde_json::{Map, Value, json};

use super::model::{model, shape};

/// A value of the shape with every member, in the model's order.
pub(crate) fn full(model: &Value, name: &Value, place: &str) -> Value {
    let described = shape(model, name);
    match described["type"].as_str().unwrap_or_default() {
        "structure" => {
            let members = described["members"].as_object().expect("members");
            let member = |(name, member): (&String, &Value)| {
                let place = format!("{place}.{name}");
                (name.clone(), full(model, &member["shape"], &place))
            };
            Value::Object(members.iter().map(member).collect())
        }
        "list" => {
            let item = |i: usize| {
                full(
                    model,
                    &described["member"]["shape"],
                    &format!("{place}[{i}]"),
                )
            };
            json!([item(0), item(1)])
        }
        "map" => {
            // Keys of maps keep the order of the wire, whatever their alphabet says.
            let value = |key: &str| {
                full(
                    model,
                    &described["value"]["shape"],
                    &format!("{place}.{key}"),
                )
            };
            json!({"z key": value("z key"), "a key": value("a key")})
        }
        "string" => Value::from(format!("{place} é😀")),
        "integer" | "long" => Value::from(place.len() as i64 * 10_000_000_000),
        "boolean" => Value::from(place.len().is_multiple_of(2)),
        "timestamp" => Value::from(1_700_000_000.5 + place.len() as f64),
        other => panic!("{place} is a {other}"),
    }
}

/// The value as an unkind service would send it.
pub(crate) fn on_the_wire(model: &Value, name: &Value, value: &Value) -> Value {
    let described = shape(model, name);
    match (described["type"].as_str().unwrap_or_default(), value) {
        ("structure", Value::Object(members)) => {
            let shapes = described["members"].as_object().expect("members");
            let mut shuffled = Map::new();
            shuffled.insert("unknownObject".to_string(), json!({"name": ["x", null]}));
            for (name, value) in members.iter().rev() {
                let value = on_the_wire(model, &shapes[name]["shape"], value);
                shuffled.insert(name.clone(), value);
            }
            shuffled.insert("unknownText".to_string(), json!("x"));
            Value::Object(shuffled)
        }
        ("list", Value::Array(items)) => {
            let item = |value| on_the_wire(model, &described["member"]["shape"], value);
            Value::Array(items.iter().map(item).collect())
        }
        ("map", Value::Object(members)) => {
            let member = |(name, value): (&String, &Value)| {
                let value = on_the_wire(model, &described["value"]["shape"], value);
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        _ => value.clone(),
    }
}

#[test]
fn nothing_is_lost_or_reordered() {
    let model = model();
    for operation in OPERATIONS {
        if let Transport::Download = operation.transport {
            continue;
        }
        let output = &model["operations"][operation.name]["output"]["shape"];
        let meant = full(&model, output, operation.name);
        let wire = on_the_wire(&model, output, &meant);
        let read = (operation.read)(wire.to_string().as_bytes()).expect("is read");
        // As text, since equality of objects does not look at the order.
        assert_eq!(
            serde_json::to_string_pretty(&read).expect("is JSON"),
            serde_json::to_string_pretty(&meant).expect("is JSON"),
            "{}",
            operation.name
        );
    }
}

#[test]
fn null_and_missing_members_are_left_out() {
    let model = model();
    for operation in OPERATIONS {
        let output = &model["operations"][operation.name]["output"]["shape"];
        let members = shape(&model, output)["members"]
            .as_object()
            .expect("members");
        let nulls: Map<String, Value> = members
            .keys()
            .map(|name| (name.clone(), Value::Null))
            .collect();
        for answer in [Value::Object(nulls), json!({})] {
            let read = (operation.read)(answer.to_string().as_bytes()).expect("is read");
            assert_eq!(read, json!({}), "{}", operation.name);
        }
    }
}

#[test]
fn a_made_up_answer_has_every_member() {
    fn same_names(model: &Value, name: &Value, made_up: &Value, place: &str) {
        let described = shape(model, name);
        match described["type"].as_str().unwrap_or_default() {
            "structure" => {
                let members = described["members"].as_object().expect("members");
                let made_up = made_up.as_object().unwrap_or_else(|| panic!("{place}"));
                let is_in_body = |name: &&String| described["payload"] != **name;
                let in_body: Vec<&String> = members.keys().filter(is_in_body).collect();
                assert_eq!(made_up.keys().collect::<Vec<_>>(), in_body, "{place}");
                for (name, value) in made_up {
                    let place = format!("{place}.{name}");
                    same_names(model, &members[name]["shape"], value, &place);
                }
            }
            "list" => {
                let item = &described["member"]["shape"];
                same_names(model, item, &made_up[0], &format!("{place}[]"));
                if made_up[0].is_string() {
                    assert_eq!(made_up[0], *item, "{place}");
                }
            }
            "map" => same_names(
                model,
                &described["value"]["shape"],
                &made_up["KeyName"],
                &format!("{place}{{}}"),
            ),
            "string" => {
                let last = place.rsplit('.').next().unwrap_or_default();
                if !last.contains(['[', '{']) {
                    assert_eq!(made_up, last, "{place}");
                }
            }
            "timestamp" => assert_eq!(made_up, "1970-01-01T00:00:00", "{place}"),
            _ => assert!(made_up == &json!(0) || made_up == &json!(true), "{place}"),
        }
    }
    let model = model();
    for operation in OPERATIONS {
        let output = &model["operations"][operation.name]["output"]["shape"];
        let made_up = (operation.sample)().expect("is made up");
        same_names(&model, output, &made_up, operation.name);
    }
}
