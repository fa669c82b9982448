//! The members of an operation's input, out of its flags.

use clap::ArgMatches;
use clap::parser::ValueSource;
use serde_json::{Map, Value};

use super::{files, param, tree};
use crate::api::members::{Kind, Member, member_of_flag};
use crate::config::env::Env;
use crate::error::{Error, Result};
use crate::ops::Descriptor;

/// Reads every flag that was given; complains of those that are missing.
pub(super) fn read(
    operation: &Descriptor,
    matches: &ArgMatches,
    env: &Env,
) -> Result<Map<String, Value>> {
    let mut input = Map::new();
    for id in matches.ids() {
        let flag = id.as_str().replace('_', "-");
        let is_given = matches.value_source(id.as_str()) == Some(ValueSource::CommandLine);
        match member_of_flag(operation.name, &flag) {
            Some(member) if is_given => {
                input.insert(
                    member.name.to_string(),
                    value(member, id.as_str(), matches, env)?,
                );
            }
            _ => {}
        }
    }
    let missing: Vec<String> = tree::required(operation)
        .into_iter()
        .filter(|flag| {
            member_of_flag(operation.name, flag)
                .is_none_or(|member| !input.contains_key(member.name))
        })
        .map(|flag| format!("--{flag}"))
        .collect();
    if missing.is_empty() {
        return Ok(input);
    }
    Err(Error::usage(format!(
        "An error occurred (ParamValidation): the following arguments are required: {}",
        missing.join(", ")
    )))
}

/// The value of a flag that was given.
fn value(member: &Member, id: &str, matches: &ArgMatches, env: &Env) -> Result<Value> {
    if matches!(member.kind, Kind::Boolean) {
        return Ok(Value::from(matches.get_flag(id)));
    }
    let texts: Vec<String> = matches
        .get_many::<String>(id)
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    Ok(param::parse(member, &texts, &|name| {
        files::read(name, env)
    })?)
}
