//! Tables and values of the file, each checked where it stands. The rules for names are those
//! of the API's model.

use std::path::Path;

use toml_edit::{Item, Table, Value};

use super::{AUTO, Entry, MOST, Project};
use crate::error::{Error, Result};

/// The flags of `login` that the file may set.
const FLAGS: &[&str] = &["project", "extra", "mirror", "replace-crates-io", "push"];

/// The settings of a `[[login]]` table, which may stand outside as well.
const OF_A_LOGIN: &[&str] = &[
    "domain",
    "owner",
    "repository",
    "namespace",
    "tools",
    "name",
];

/// The settings that may only stand outside of tables.
const OF_ALL: &[&str] = &[
    "region",
    "profile",
    "duration-seconds",
    "endpoint-type",
    "login",
];

/// The text, for errors that tell a place in it.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    pub(super) tools: &'a [&'a str],
}

impl Source<'_> {
    pub(super) fn line(&self, byte: usize) -> usize {
        let before = &self.text.as_bytes()[..byte.min(self.text.len())];
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    pub(super) fn wrong(&self, line: Option<usize>, reason: impl std::fmt::Display) -> Error {
        let path = self.path.display();
        Error::configuration(match line {
            Some(line) => format!("`{path}`, line {line}: {reason}"),
            None => format!("`{path}`: {reason}"),
        })
    }
}

/// Reads tables and checks values.
pub(super) struct Reader<'a> {
    pub(super) source: Source<'a>,
    pub(super) offset: usize,
}

/// A setting where it stands.
struct Setting<'a> {
    key: &'a str,
    item: &'a Item,
    line: Option<usize>,
}

impl Reader<'_> {
    fn settings<'t>(&self, table: &'t Table) -> Vec<Setting<'t>> {
        let line = |table: &Table, key: &str, item: &Item| {
            let span = table.key(key).and_then(toml_edit::Key::span);
            let start = span.or_else(|| item.span())?.start;
            Some(self.source.line(self.offset + start))
        };
        table
            .iter()
            .map(|(key, item)| Setting {
                key,
                item,
                line: line(table, key, item),
            })
            .collect()
    }

    pub(super) fn outside(&self, table: &Table, project: &mut Project) -> Result<()> {
        let mut tables: Vec<&Table> = Vec::new();
        for setting in self.settings(table) {
            match setting.key {
                "region" => project.region = Some(self.region(&setting)?),
                "profile" => project.profile = Some(self.profile(&setting)?),
                "duration-seconds" => project.duration_seconds = Some(self.duration(&setting)?),
                "endpoint-type" => project.endpoint_type = Some(self.endpoint_type(&setting)?),
                "login" => tables = self.tables(&setting)?,
                _ if self.of_a_login(&setting, &mut project.shared)? => {}
                _ => return Err(self.unknown(&setting, &[OF_A_LOGIN, OF_ALL, FLAGS])),
            }
        }
        for table in tables {
            let mut entry = Entry::default();
            for setting in self.settings(table) {
                if !self.of_a_login(&setting, &mut entry)? {
                    return Err(self.unknown(&setting, &[OF_A_LOGIN, FLAGS]));
                }
            }
            if entry.tools.is_empty() {
                let start = table.span().map(|span| span.start + self.offset);
                let line = start.map(|start| self.source.line(start));
                let reason = "this `[[login]]` needs `tools`, such as `tools = [\"npm\"]`";
                return Err(self.source.wrong(line, reason));
            }
            entry.inherit(&project.shared);
            project.further.push(entry);
        }
        Ok(())
    }

    fn of_a_login(&self, setting: &Setting, entry: &mut Entry) -> Result<bool> {
        match setting.key {
            "domain" => entry.domain = Some(self.domain(setting)?),
            "owner" => entry.owner = Some(self.owner(setting)?),
            "repository" => entry.repository = Some(self.repository(setting)?),
            "namespace" => entry.namespace = Some(self.namespace(setting)?),
            "tools" => entry.tools = self.tools(setting)?,
            "name" => entry.name = Some(self.name(setting)?),
            key => {
                let Some(flag) = FLAGS.iter().find(|flag| **flag == key) else {
                    return Ok(false);
                };
                match setting.item.as_bool() {
                    Some(true) => entry.flags.push(flag),
                    Some(false) => {}
                    None => return Err(self.expected(setting, "`true` or `false`")),
                }
            }
        }
        Ok(true)
    }

    fn expected(&self, setting: &Setting, what: &str) -> Error {
        let found = match setting.item.as_str() {
            Some(text) => format!("\"{}\"", shortened(text)),
            None => format!("of type {}", setting.item.type_name()),
        };
        let reason = format!("`{}` has to be {what}; it is {found}", setting.key);
        self.source.wrong(setting.line, reason)
    }

    fn unknown(&self, setting: &Setting, known: &[&[&str]]) -> Error {
        let key = shortened(setting.key);
        let known: Vec<String> = known
            .iter()
            .flat_map(|keys| keys.iter().map(|key| format!("`{key}`")))
            .collect();
        let reason = format!("`{key}` is no setting; there are {}", known.join(", "));
        let error = self.source.wrong(setting.line, reason);
        match key.contains("endpoint") {
            true => error.hint(
                "a project cannot say where the service is, since the token would go there; \
                 `--endpoint-url` and `AWS_ENDPOINT_URL_CODEARTIFACT` can",
            ),
            false => error,
        }
    }

    /// A text that a rule allows.
    fn text(&self, setting: &Setting, what: &str, is_right: fn(&str) -> bool) -> Result<String> {
        match setting.item.as_str() {
            Some(text) if is_right(text) => Ok(text.to_string()),
            _ => Err(self.expected(setting, what)),
        }
    }

    fn domain(&self, setting: &Setting) -> Result<String> {
        let what = "2 to 50 lower-case letters, digits and hyphens, a letter first";
        self.text(setting, what, |text| {
            let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            (2..=50).contains(&text.len())
                && text.starts_with(|c: char| c.is_ascii_lowercase())
                && !text.ends_with('-')
                && text.chars().all(inner)
        })
    }

    fn owner(&self, setting: &Setting) -> Result<String> {
        let what = "the 12 digits of an account, in quotes";
        self.text(setting, what, |text| {
            text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
        })
    }

    fn repository(&self, setting: &Setting) -> Result<String> {
        let what = "2 to 100 letters, digits, `.`, `_` and `-`, a letter or digit first";
        self.text(setting, what, |text| {
            (2..=100).contains(&text.len()) && is_name(text)
        })
    }

    fn name(&self, setting: &Setting) -> Result<String> {
        let what = "1 to 100 letters, digits, `.`, `_` and `-`, a letter or digit first";
        self.text(setting, what, |text| {
            (1..=100).contains(&text.len()) && is_name(text)
        })
    }

    /// Which scopes a tool takes, its adapter knows.
    fn namespace(&self, setting: &Setting) -> Result<String> {
        self.text(setting, "a scope such as `@my-team`", |text| {
            (1..=255).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic())
        })
    }

    fn region(&self, setting: &Setting) -> Result<String> {
        self.text(
            setting,
            "a Region such as `us-west-2`",
            crate::config::is_region,
        )
    }

    fn profile(&self, setting: &Setting) -> Result<String> {
        self.text(setting, "the name of a profile", |text| {
            (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control)
        })
    }

    fn duration(&self, setting: &Setting) -> Result<i64> {
        match setting.item.as_integer() {
            Some(seconds) if seconds == 0 || (900..=43_200).contains(&seconds) => Ok(seconds),
            Some(_) | None => Err(self.expected(setting, "0, or a number from 900 to 43200")),
        }
    }

    fn endpoint_type(&self, setting: &Setting) -> Result<String> {
        self.text(setting, "`ipv4` or `dualstack`", |text| {
            matches!(text, "ipv4" | "dualstack")
        })
    }

    /// One name, or a list of names.
    fn tools(&self, setting: &Setting) -> Result<Vec<String>> {
        let values: Vec<&Value> = match setting.item.as_value() {
            Some(Value::Array(array)) => array.iter().collect(),
            Some(value) => vec![value],
            None => Vec::new(),
        };
        let known = |name: &str| name == AUTO || self.source.tools.contains(&name);
        let names: Option<Vec<String>> = values
            .iter()
            .map(|value| value.as_str().filter(|name| known(name)))
            .map(|name| name.map(str::to_string))
            .collect();
        match names {
            Some(names) if (1..=MOST).contains(&names.len()) => Ok(names),
            _ => {
                let foreign = values
                    .iter()
                    .find_map(|value| value.as_str().filter(|name| !known(name)));
                let which = foreign.map_or_else(String::new, |name| {
                    format!("`{}` is no tool; ", shortened(name))
                });
                let reason = format!(
                    "{which}`tools` has to be `\"{AUTO}\"` or a list of: {}",
                    self.source.tools.join(", ")
                );
                Err(self.source.wrong(setting.line, reason))
            }
        }
    }

    fn tables<'t>(&self, setting: &Setting<'t>) -> Result<Vec<&'t Table>> {
        match setting.item.as_array_of_tables() {
            Some(tables) if tables.len() <= MOST => Ok(tables.iter().collect()),
            Some(_) => Err(self.expected(setting, "at most 100 tables")),
            None => Err(self.expected(setting, "a table with two brackets, `[[login]]`")),
        }
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
}

/// A text of somebody else's, fit to stand in a message.
fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    shown
}
