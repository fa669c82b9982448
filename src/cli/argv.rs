//! Splits the arguments of an operation into flags and values by the rules of AWS CLI v2,
//! which are those of Python's `argparse`: a flag may be shortened while that is unambiguous,
//! may stand anywhere and be repeated (the last one counts), takes its value from the next
//! argument or behind a `=`; a value may begin with a dash if it is a number or has a space.
//!
//! clap's rules are not the same, and scripts that are out there rely on these. The flags
//! themselves come from the clap tree. Pure; knows no operation.

use std::any::TypeId;

use clap::{Arg, ArgAction};
use indexmap::IndexMap;

use super::nearest::nearest;
use super::param;

/// What stands behind a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: it is a switch.
    Nothing,
    /// One value.
    One,
    /// One value, or none for this one.
    Optional(String),
    /// Any number of values, even none.
    Many,
}

/// A flag that is understood.
#[derive(Clone, Debug)]
pub struct Flag {
    /// Its name without the dashes.
    pub name: String,
    /// What stands behind it.
    pub takes: Takes,
    /// Whether the value must be a whole number.
    pub is_number: bool,
    /// The values that are allowed; empty when the service judges them.
    pub choices: Vec<String>,
}

impl Flag {
    /// The flag that an argument of the clap tree describes. Its possible values bind only
    /// when `is_closed`; otherwise they are merely shown in the help.
    pub fn of(arg: &Arg, is_closed: bool) -> Option<Flag> {
        let values = arg.get_num_args();
        let takes = match arg.get_action() {
            ArgAction::SetTrue | ArgAction::SetFalse | ArgAction::Version | ArgAction::Help => {
                Takes::Nothing
            }
            _ => match values {
                Some(range) if range.min_values() == 0 && range.max_values() == 1 => {
                    let default = arg.get_possible_values();
                    Takes::Optional(default.first()?.get_name().to_string())
                }
                Some(range) if range.max_values() > 1 => Takes::Many,
                _ => Takes::One,
            },
        };
        let choices = match takes {
            Takes::One | Takes::Optional(_) if is_closed => arg
                .get_possible_values()
                .iter()
                .map(|value| value.get_name().to_string())
                .collect(),
            _ => Vec::new(),
        };
        Some(Flag {
            name: arg.get_long()?.to_string(),
            is_number: takes == Takes::One
                && arg.get_value_parser().type_id() == TypeId::of::<i64>(),
            takes,
            choices,
        })
    }
}

/// The arguments, split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The flags that were given, by name, with their values.
    pub flags: IndexMap<String, Vec<String>>,
    /// The first arguments that are no flags, as many as were asked for.
    pub positionals: Vec<String>,
    /// Everything that was not understood, in order.
    pub rest: Vec<String>,
}

/// Splits the arguments. The failure is a sentence for a usage error.
pub fn parse(flags: &[Flag], positionals: usize, arguments: &[String]) -> Result<Parsed, String> {
    let classes = classify(flags, arguments)?;
    let mut parsed = Parsed::default();
    let mut at = 0;
    while at < arguments.len() {
        match &classes[at] {
            Class::Value if parsed.positionals.len() < positionals => {
                parsed.positionals.push(arguments[at].clone());
                at += 1;
            }
            Class::Dashes if positionals > 0 => at += 1,
            Class::Value | Class::Dashes | Class::Unknown => {
                parsed.rest.push(arguments[at].clone());
                at += 1;
            }
            Class::Flag { flag, value } => {
                at += 1;
                let flag = &flags[*flag];
                let (values, taken) = match value {
                    Some(value) => (joined(flag, value)?, 0),
                    None => following(flag, &arguments[at..], &classes[at..])?,
                };
                at += taken;
                for value in &values {
                    check(flag, value)?;
                }
                // As the place of a flag that is repeated, the last one counts.
                parsed.flags.shift_remove(&flag.name);
                parsed.flags.insert(flag.name.clone(), values);
            }
        }
    }
    Ok(parsed)
}

/// What an argument is, judged by itself.
enum Class {
    /// No flag.
    Value,
    /// `--`, behind which nothing is a flag.
    Dashes,
    /// A flag, with the value behind its `=`.
    Flag { flag: usize, value: Option<String> },
    /// It looks like a flag.
    Unknown,
}

fn classify(flags: &[Flag], arguments: &[String]) -> Result<Vec<Class>, String> {
    let mut only_values = false;
    let mut classes = Vec::with_capacity(arguments.len());
    for argument in arguments {
        classes.push(if only_values {
            Class::Value
        } else if argument == "--" {
            only_values = true;
            Class::Dashes
        } else {
            class_of(flags, argument)?
        });
    }
    Ok(classes)
}

fn class_of(flags: &[Flag], argument: &str) -> Result<Class, String> {
    if !argument.starts_with('-') || argument == "-" {
        return Ok(Class::Value);
    }
    let Some(text) = argument.strip_prefix("--") else {
        return Ok(without_name(argument));
    };
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_string())),
        None => (text, None),
    };
    // A flag's name may be the start of another's.
    let exact = |name: &str| flags.iter().position(|flag| flag.name == name);
    if let Some(flag) = exact(text) {
        return Ok(Class::Flag { flag, value: None });
    }
    if let Some(flag) = exact(name) {
        return Ok(Class::Flag { flag, value });
    }
    let meant: Vec<usize> = (0..flags.len())
        .filter(|&flag| flags[flag].name.starts_with(name))
        .collect();
    match meant[..] {
        [] => Ok(without_name(argument)),
        [flag] => Ok(Class::Flag { flag, value }),
        _ => {
            let names: Vec<String> = meant
                .iter()
                .map(|&flag| format!("--{}", flags[flag].name))
                .collect();
            Err(format!(
                "ambiguous option: {argument} could match {}",
                names.join(", ")
            ))
        }
    }
}

/// An argument that begins with a dash and is no flag's name.
fn without_name(argument: &str) -> Class {
    if is_negative_number(argument) || argument.contains(' ') {
        Class::Value
    } else {
        Class::Unknown
    }
}

fn is_negative_number(argument: &str) -> bool {
    let digits = argument.strip_prefix('-').unwrap_or_default();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole)
        && all_digits(fraction)
        && !fraction.is_empty()
        && (!whole.is_empty() || digits.contains('.'))
}

/// The value behind a flag's `=`.
fn joined(flag: &Flag, value: &str) -> Result<Vec<String>, String> {
    match flag.takes {
        Takes::Nothing => Err(format!(
            "argument --{}: ignored explicit argument '{value}'",
            flag.name
        )),
        _ => Ok(vec![value.to_string()]),
    }
}

/// The values in the arguments behind a flag, and how many arguments they are.
fn following(
    flag: &Flag,
    arguments: &[String],
    classes: &[Class],
) -> Result<(Vec<String>, usize), String> {
    let most = match flag.takes {
        Takes::Nothing => 0,
        Takes::One | Takes::Optional(_) => 1,
        Takes::Many => usize::MAX,
    };
    let mut values = Vec::new();
    let mut taken = 0;
    for (argument, class) in arguments.iter().zip(classes) {
        match class {
            Class::Value if values.len() < most => values.push(argument.clone()),
            Class::Dashes if values.len() < most => {}
            _ => break,
        }
        taken += 1;
    }
    match (&flag.takes, values.is_empty()) {
        (Takes::One, true) => Err(format!("argument --{}: expected one argument", flag.name)),
        (Takes::Optional(value), true) => Ok((vec![value.clone()], taken)),
        _ => Ok((values, taken)),
    }
}

fn check(flag: &Flag, value: &str) -> Result<(), String> {
    if flag.is_number && param::integer(value).is_err() {
        return Err(format!(
            "argument --{}: invalid int value: '{value}'",
            flag.name
        ));
    }
    if flag.choices.is_empty() {
        return Ok(());
    }
    choose(
        &format!("--{}", flag.name),
        value,
        flag.choices.iter().map(String::as_str),
    )
}

/// Whether the value is one of those there are; the failure offers the nearest.
pub fn choose<'a>(
    argument: &str,
    value: &str,
    choices: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), String> {
    if choices.clone().any(|choice| choice == value) {
        return Ok(());
    }
    let mut message = format!("argument {argument}: Found invalid choice '{value}'\n");
    let near = nearest(value, choices);
    if !near.is_empty() {
        message.push_str("\nMaybe you meant:\n");
        for choice in near {
            message.push_str(&format!("\n  * {choice}"));
        }
    }
    Err(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(name: &str, takes: Takes) -> Flag {
        Flag {
            name: name.to_string(),
            takes,
            is_number: name == "max-items",
            choices: match name {
                "output" => vec!["json".to_string(), "text".to_string()],
                _ => Vec::new(),
            },
        }
    }

    fn split(arguments: &[&str]) -> Result<Parsed, String> {
        let flags = [
            flag("package", Takes::One),
            flag("package-version", Takes::One),
            flag("versions", Takes::Many),
            flag("output", Takes::One),
            flag("max-items", Takes::One),
            flag("preview", Takes::Nothing),
            flag(
                "generate-cli-skeleton",
                Takes::Optional("input".to_string()),
            ),
        ];
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        parse(&flags, 1, &arguments)
    }

    fn given(arguments: &[&str]) -> Vec<(String, Vec<String>)> {
        split(arguments).unwrap().flags.into_iter().collect()
    }

    fn is(name: &str, values: &[&str]) -> (String, Vec<String>) {
        (
            name.to_string(),
            values.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn flags_and_their_values() {
        assert_eq!(
            given(&[
                "--package",
                "a",
                "--outp=text",
                "--versions",
                "1",
                "2",
                "--preview"
            ]),
            [
                is("package", &["a"]),
                is("output", &["text"]),
                is("versions", &["1", "2"]),
                is("preview", &[])
            ]
        );
        assert_eq!(
            given(&["--package", "a", "--package", "b"]),
            [is("package", &["b"])]
        );
        assert_eq!(given(&["--versions"]), [is("versions", &[])]);
        assert_eq!(given(&["--package="]), [is("package", &[""])]);
        assert_eq!(given(&["--package=a=b"]), [is("package", &["a=b"])]);
        assert_eq!(given(&["--gen"]), [is("generate-cli-skeleton", &["input"])]);
    }

    #[test]
    fn a_dash_does_not_always_make_a_flag() {
        for value in ["-", "-5", "-1.5", "-.5", "- item", "--two words"] {
            assert_eq!(
                given(&["--package", value]),
                [is("package", &[value])],
                "{value}"
            );
        }
        assert_eq!(given(&["--package", "--", "-x"]), [is("package", &["-x"])]);
    }

    #[test]
    fn what_is_left_keeps_its_order() {
        let parsed = split(&["--foo", "out", "-x", "--preview", "bar"]).unwrap();
        assert_eq!(parsed.positionals, ["out"]);
        assert_eq!(parsed.rest, ["--foo", "-x", "bar"]);
    }

    #[test]
    fn faults_read_like_the_reference() {
        for (arguments, message) in [
            (
                &["--pack", "a"][..],
                "ambiguous option: --pack could match --package, --package-version",
            ),
            (&["--package"], "argument --package: expected one argument"),
            (
                &["--package", "--preview"],
                "argument --package: expected one argument",
            ),
            (
                &["--preview=x"],
                "argument --preview: ignored explicit argument 'x'",
            ),
            (
                &["--max-items", "x"],
                "argument --max-items: invalid int value: 'x'",
            ),
            (
                &["--output", "jsn"],
                "argument --output: Found invalid choice 'jsn'\n\nMaybe you meant:\n\n  * json",
            ),
            (
                &["--output", "x"],
                "argument --output: Found invalid choice 'x'\n",
            ),
        ] {
            assert_eq!(split(arguments), Err(message.to_string()), "{arguments:?}");
        }
    }
}
