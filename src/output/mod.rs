//! A JSON value in, bytes out: `--output`, `--query`, the pager and the two streams.
//!
//! Knows no operation, no AWS and no clap. What is printed is AWS CLI v2's output, byte for
//! byte, since scripts cut it with `cut` and `grep`; each format is a file of its own.
//!
//! Two kinds of format exist. Text and yaml-stream print (and query) page by page, as the pages
//! arrive; json, yaml and table print the merged result. [`Format::by_page`] tells
//! which, and a [`Printer`] takes either with the same method:
//!
//! ```text
//! let printer = Printer::new(format, query, colour, "ListDomains");
//! if format.by_page() { while let Some(page) = … { printer.page(&page, out)?; } }
//! else                { printer.whole(&merged, out)?; }
//! ```

mod json;
pub mod pager;
pub mod python;
mod query;
mod stdout;
mod streams;
mod table;
mod text;
mod yaml;

use std::borrow::Cow;
use std::io::{self, Write};
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::error::{Error, Result};

pub use query::Query;
pub use stdout::Stdout;
pub use streams::{Captured, Color, Stderr, Streams};

/// The values of `--output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Indented JSON.
    #[default]
    Json,
    /// Tab-separated lines.
    Text,
    /// Boxes of columns.
    Table,
    /// A YAML document.
    Yaml,
    /// A YAML list of one element per page.
    YamlStream,
    /// Nothing.
    Off,
}

impl Format {
    /// Every format, in the order in which help lists them.
    pub const ALL: [Format; 6] = [
        Format::Json,
        Format::Text,
        Format::Table,
        Format::Yaml,
        Format::YamlStream,
        Format::Off,
    ];

    /// The format's name on the command line and in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Text => "text",
            Format::Table => "table",
            Format::Yaml => "yaml",
            Format::YamlStream => "yaml-stream",
            Format::Off => "off",
        }
    }

    /// Whether a paginated result is printed page by page instead of merged.
    pub fn by_page(self) -> bool {
        matches!(self, Format::Text | Format::YamlStream)
    }
}

impl FromStr for Format {
    type Err = Error;

    /// Reads a name. The error is that of a bad `output` in the configuration; a bad
    /// `--output` is the command line's to report.
    fn from_str(name: &str) -> Result<Format> {
        Format::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| Error::other(format!("Unknown output type: {name}")))
    }
}

/// Prints the result of one operation in one format.
#[derive(Debug)]
pub struct Printer {
    format: Format,
    query: Option<Query>,
    colour: bool,
    title: String,
}

impl Printer {
    /// A printer; `title` heads tables and is the operation's name, such as `ListDomains`.
    /// Only tables have colours.
    pub fn new(
        format: Format,
        query: Option<Query>,
        colour: bool,
        title: impl Into<String>,
    ) -> Printer {
        Printer {
            format,
            query,
            colour,
            title: title.into(),
        }
    }

    /// Prints the whole result: that of an operation without pages, or all pages merged.
    /// An empty object, queried or not, is "no result" and prints nothing.
    ///
    /// Fails when the query does not fit the value, when the format has no form for it, or
    /// when `out` cannot be written.
    pub fn whole(&self, value: &Value, out: &mut dyn Write) -> Result<()> {
        self.print(value, Extent::Whole, out)
    }

    /// Prints one page of several, which only the formats that are [`Format::by_page`] do;
    /// the others print it as if it were the whole. Fails as [`Printer::whole`] does.
    pub fn page(&self, value: &Value, out: &mut dyn Write) -> Result<()> {
        self.print(value, Extent::Page, out)
    }

    fn print(&self, value: &Value, extent: Extent, out: &mut dyn Write) -> Result<()> {
        let queried = match &self.query {
            Some(query) => query.search(value)?,
            None => Cow::Borrowed(value),
        };
        let rendered = match self.format {
            Format::Json => json::render(&queried, out).map_err(Failure::from),
            Format::Text => text::render(&queried, out),
            Format::Table => table::render(&self.title, &queried, self.colour, out),
            Format::Yaml => yaml::render(&queried, out).map_err(Failure::from),
            // A page without anything in it is still a page.
            Format::YamlStream if extent == Extent::Whole && is_missing(&queried) => Ok(()),
            Format::YamlStream => yaml::render_element(&queried, out).map_err(Failure::from),
            Format::Off => Ok(()),
        };
        rendered.map_err(Error::from)
    }
}

/// How much of a result a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    Page,
}

/// The result of an operation that has none.
fn is_missing(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}

/// Whether the value has no members or elements; null is one, too.
fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// The members in the order of their names, in which all formats but JSON print them.
fn sorted(members: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let mut sorted: Vec<(&str, &Value)> = members
        .iter()
        .map(|(name, member)| (name.as_str(), member))
        .collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    sorted
}

/// Why a value was not printed.
#[derive(Debug)]
enum Failure {
    /// The stream does not take it.
    Write(io::Error),
    /// The format has no form for it.
    Shape(Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Write(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Shape(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        match failure {
            Failure::Write(error) => streams::unwritable(error),
            Failure::Shape(error) => error,
        }
    }
}
