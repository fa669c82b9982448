//! What an operation is asked to do, out of its flags and documents.

use serde_json::{Map, Value};

use super::argv::Parsed;
use super::check::Input;
use super::document::{self, Language};
use super::{files, param, tree};
use crate::api::members::Kind;
use crate::config::env::Env;
use crate::error::{Error, Result};
use crate::ops::{Descriptor, Transport};
use crate::sdk::paginate::Paging;

/// What `--generate-cli-skeleton` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Skeleton {
    Input,
    YamlInput,
    Output,
}

/// An operation's input, and what the client does around it.
#[derive(Debug)]
pub(super) struct Request {
    /// The members, not checked yet.
    pub(super) members: Map<String, Value>,
    /// What the members may be.
    pub(super) inputs: Vec<Input>,
    /// How to page; `None` for one answer of the service.
    pub(super) paging: Option<Paging>,
    /// Print this instead of sending anything.
    pub(super) skeleton: Option<Skeleton>,
    /// Where the received asset goes.
    pub(super) outfile: Option<String>,
}

/// Reads the flags that were given. `paginate` is whether `--no-paginate` was not.
pub(super) fn read(
    operation: &Descriptor,
    parsed: &Parsed,
    paginate: bool,
    env: &Env,
) -> Result<Request> {
    let inputs = tree::inputs(operation);
    let skeleton =
        parsed
            .flags
            .get(tree::SKELETON)
            .map(|values| match values.first().map(String::as_str) {
                Some("yaml-input") => Skeleton::YamlInput,
                Some("output") => Skeleton::Output,
                _ => Skeleton::Input,
            });
    complain_of_missing(operation, parsed, &inputs, skeleton)?;
    complain_of_unknown(operation, parsed)?;
    let by_hand = ["max-results", "next-token"]
        .iter()
        .any(|flag| parsed.flags.contains_key(*flag));
    let mut paging = paging(operation, parsed, env)?;
    if by_hand || !paginate {
        complain_of_paging(parsed)?;
        paging = None;
    }
    let mut members = members(&inputs, parsed, env)?;
    if let Some(document) = document(parsed, env)? {
        document::merge(&mut members, document);
    }
    if members.contains_key("maxResults") || members.contains_key("nextToken") {
        complain_of_paging(parsed)?;
        paging = None;
    }
    Ok(Request {
        members,
        inputs,
        paging,
        skeleton,
        outfile: parsed.positionals.first().cloned(),
    })
}

/// What cannot be left out, unless a document may have it.
fn complain_of_missing(
    operation: &Descriptor,
    parsed: &Parsed,
    inputs: &[Input],
    skeleton: Option<Skeleton>,
) -> Result<()> {
    let has_document = [tree::INPUT_JSON, tree::INPUT_YAML]
        .iter()
        .any(|flag| parsed.flags.contains_key(*flag));
    if has_document || matches!(skeleton, Some(Skeleton::Input | Skeleton::YamlInput)) {
        return Ok(());
    }
    let mut missing: Vec<String> = inputs
        .iter()
        .filter(|input| input.required && !parsed.flags.contains_key(input.member.flag))
        .map(|input| format!("--{}", input.member.flag))
        .collect();
    if let Transport::Download = operation.transport
        && parsed.positionals.is_empty()
    {
        missing.push("outfile".to_string());
    }
    if missing.is_empty() {
        return Ok(());
    }
    let error = super::usage(&format!(
        "the following arguments are required: {}",
        missing.join(", ")
    ));
    // What is missing is often only misspelt.
    Err(suggest(error, operation, &unknown(parsed)))
}

fn complain_of_unknown(operation: &Descriptor, parsed: &Parsed) -> Result<()> {
    let unknown = unknown(parsed);
    if unknown.is_empty() {
        return Ok(());
    }
    let error = Error::usage(format!("Unknown options: {}", unknown.join(", ")));
    Err(suggest(error, operation, &unknown))
}

/// The arguments that nothing was made of.
fn unknown(parsed: &Parsed) -> Vec<&str> {
    parsed
        .rest
        .iter()
        .map(String::as_str)
        .filter(|argument| *argument != "--")
        .collect()
}

/// The error with the flags that the unknown arguments may be meant to be.
fn suggest(mut error: Error, operation: &Descriptor, unknown: &[&str]) -> Error {
    if unknown.is_empty() {
        return error;
    }
    let names: Vec<String> = tree::flags(operation)
        .into_iter()
        .chain(tree::global_flags())
        .map(|flag| flag.name)
        .collect();
    for argument in unknown {
        let name = argument.trim_start_matches('-');
        let name = name.split_once('=').map_or(name, |(name, _)| name);
        for near in super::nearest::nearest(name, names.iter().map(String::as_str)) {
            error = error.hint(format!("`{argument}` may be meant to be `--{near}`"));
        }
    }
    error
}

fn members(inputs: &[Input], parsed: &Parsed, env: &Env) -> Result<Map<String, Value>> {
    let mut members = Map::new();
    for Input { member, .. } in inputs {
        let value = if let Kind::Boolean = member.kind {
            // Both may be given; the last one counts.
            let no = format!("no-{}", member.flag);
            let places = [member.flag, &no].map(|flag| parsed.flags.get_index_of(flag));
            match places {
                [None, None] => continue,
                [on, off] => Value::from(on > off),
            }
        } else {
            let Some(texts) = parsed.flags.get(member.flag) else {
                continue;
            };
            let value = param::parse(member, texts, &|name| files::read(name, env));
            match (&member.kind, value) {
                // A number that is none ends with 255 in the reference, where it is no usage
                // error; the other number was checked with the line.
                (Kind::Integer { .. }, Err(bad)) => return Err(Error::other(bad.reason)),
                (_, value) => value?,
            }
        };
        members.insert(member.name.to_string(), value);
    }
    Ok(members)
}

fn document(parsed: &Parsed, env: &Env) -> Result<Option<Map<String, Value>>> {
    let given: Vec<(Language, &String)> = [Language::Json, Language::Yaml]
        .into_iter()
        .filter_map(|language| {
            let values = parsed.flags.get(language.flag())?;
            Some((language, values.last()?))
        })
        .collect();
    let (language, text) = match given[..] {
        [] => return Ok(None),
        [(language, text)] => (language, text),
        _ => {
            return Err(Error::parameter(
                "Only one --cli-input- parameter may be specified.",
            ));
        }
    };
    let content = param::content_of(text, &|name| files::read(name, env)).map_err(|reason| {
        param::BadValue {
            flag: format!("--{}", language.flag()),
            reason,
        }
    })?;
    Ok(Some(document::parse(
        language,
        content.as_deref().unwrap_or(text),
    )?))
}

fn paging(operation: &Descriptor, parsed: &Parsed, env: &Env) -> Result<Option<Paging>> {
    if operation.pages.is_none() {
        return Ok(None);
    }
    let last = |flag: &str| parsed.flags.get(flag).and_then(|values| values.last());
    let number = |flag: &str| {
        last(flag)
            .map(|text| param::integer(text).map_err(Error::parameter))
            .transpose()
            .map(|value| value.and_then(|value| value.as_i64()))
    };
    let starting_token = match last(tree::STARTING_TOKEN) {
        Some(text) => {
            let content = param::content_of(text, &|name| files::read(name, env));
            let content = content.map_err(|reason| param::BadValue {
                flag: format!("--{}", tree::STARTING_TOKEN),
                reason,
            })?;
            Some(content.unwrap_or_else(|| text.clone()))
        }
        None => None,
    };
    Ok(Some(Paging {
        max_items: number(tree::MAX_ITEMS)?,
        page_size: number(tree::PAGE_SIZE)?,
        starting_token,
    }))
}

/// Flags of paging make no sense for a single page.
fn complain_of_paging(parsed: &Parsed) -> Result<()> {
    let given: Vec<String> = [tree::STARTING_TOKEN, tree::PAGE_SIZE, tree::MAX_ITEMS]
        .into_iter()
        .filter(|flag| {
            let value = parsed.flags.get(*flag).and_then(|values| values.last());
            value.is_some_and(|text| !text.is_empty() && text != "0")
        })
        .map(|flag| format!("--{flag}"))
        .collect();
    if given.is_empty() {
        return Ok(());
    }
    Err(Error::parameter(format!(
        "Cannot specify --no-paginate along with pagination arguments: {}",
        given.join(", ")
    )))
}
