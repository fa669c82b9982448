//! Boxes of columns (AWS CLI user guide, "Table output format"): a value becomes sections,
//! each with a title, perhaps headers, and rows; nested members become sections of their own,
//! one border deeper. The drawing is in [`draw`].
//!
//! Tables are laid out for 80 columns, whatever the terminal's width, as the reference does.

mod draw;
mod width;

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::{Map, Value};

use super::{Failure, is_scalar, python, sorted};
use crate::error::Error;
use width::width;

/// Writes the value as a table under the title; null, false, zero and what is empty give
/// none. With `colour`, cells and the borders of nested sections are coloured.
///
/// Fails on lists whose rows have different numbers of columns and on lists that begin with
/// an object and hold something else too; so does the reference.
pub(super) fn render(
    title: &str,
    value: &Value,
    colour: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut table = Table::default();
    if !table.add(Some(title), value, 0)? {
        return Ok(());
    }
    draw::draw(table.sections, colour, out)?;
    Ok(())
}

/// One box. What is not yet known of it is `None`.
#[derive(Debug, Default)]
struct Section {
    title: Option<String>,
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
    /// How many borders it stands within.
    depth: usize,
    columns: Option<usize>,
    /// The widest cell of each column.
    widths: Vec<usize>,
}

impl Section {
    fn set_headers(&mut self, headers: &[&str]) -> Result<(), Failure> {
        self.headers = headers.iter().map(ToString::to_string).collect();
        self.columns.get_or_insert(headers.len());
        let widths = headers.iter().map(|header| width(header)).collect();
        self.widen(widths)
    }

    fn add_row(&mut self, row: Vec<String>) -> Result<(), Failure> {
        let columns = *self.columns.get_or_insert(row.len());
        if row.len() != columns {
            return Err(uneven(columns, row.len()));
        }
        let widths = row.iter().map(|cell| width(cell)).collect();
        self.rows.push(row);
        self.widen(widths)
    }

    fn widen(&mut self, widths: Vec<usize>) -> Result<(), Failure> {
        if self.widths.is_empty() {
            self.widths = widths;
            return Ok(());
        }
        if widths.len() > self.widths.len() {
            return Err(uneven(self.widths.len(), widths.len()));
        }
        for (widest, width) in self.widths.iter_mut().zip(widths) {
            *widest = width.max(*widest);
        }
        Ok(())
    }
}

fn uneven(expected: usize, found: usize) -> Failure {
    Error::other(format!(
        "Row should have {expected} elements, instead it has {found}"
    ))
    .hint("Select rows of equal length with --query, or use --output json")
    .into()
}

#[derive(Debug, Default)]
struct Table {
    sections: Vec<Section>,
}

impl Table {
    fn section(&mut self) -> &mut Section {
        if self.sections.is_empty() {
            self.sections.push(Section::default());
        }
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }

    fn new_section(&mut self, title: Option<&str>, depth: usize) {
        self.sections.push(Section {
            title: title.map(str::to_string),
            depth,
            ..Section::default()
        });
    }

    /// Adds the value in a section of its own, or without a title to the current one.
    /// Says whether there was anything to add.
    fn add(&mut self, title: Option<&str>, value: &Value, depth: usize) -> Result<bool, Failure> {
        if is_nothing(value) {
            return Ok(false);
        }
        if title.is_some() {
            self.new_section(title, depth);
        }
        match value {
            Value::Array(items) if items.first().is_some_and(Value::is_object) => {
                self.add_objects(title, items, depth)?;
            }
            Value::Array(items) => {
                for item in items {
                    self.add_item(item)?;
                }
            }
            Value::Object(members) => self.add_object(members, depth)?,
            // Of a scalar there is only the title, as in the reference.
            _ => {}
        }
        Ok(true)
    }

    /// One element of a list that does not begin with an object.
    fn add_item(&mut self, item: &Value) -> Result<(), Failure> {
        let row = match item {
            Value::Array(cells) if cells.iter().all(is_scalar) => {
                cells.iter().map(python::str).collect()
            }
            Value::Array(_) => {
                self.add(None, item, 0)?;
                return Ok(());
            }
            // The reference goes through an object as through a list, which gives its names.
            Value::Object(members) => members.keys().cloned().collect(),
            scalar => vec![python::str(scalar)],
        };
        self.section().add_row(row)
    }

    fn add_object(&mut self, members: &Map<String, Value>, depth: usize) -> Result<(), Failure> {
        let (scalars, nested): (Vec<_>, Vec<_>) = sorted(members)
            .into_iter()
            .partition(|(_, member)| is_scalar(member));
        let cells = scalars.iter().map(|(_, member)| python::str(member));
        match scalars.as_slice() {
            [] => {}
            [(name, member)] => {
                let row = vec![name.to_string(), python::str(member)];
                self.section().add_row(row)?;
            }
            several => {
                let names: Vec<&str> = several.iter().map(|(name, _)| *name).collect();
                let row = cells.collect();
                let section = self.section();
                section.set_headers(&names)?;
                section.add_row(row)?;
            }
        }
        for (name, member) in nested {
            self.add(Some(name), member, depth + 1)?;
        }
        Ok(())
    }

    /// Objects as rows below each other, until one has nested members: then each gets a
    /// section, with its nested ones behind it.
    fn add_objects(
        &mut self,
        title: Option<&str>,
        items: &[Value],
        depth: usize,
    ) -> Result<(), Failure> {
        let objects: Vec<&Map<String, Value>> = items
            .iter()
            .map(|item| item.as_object().ok_or_else(mixed))
            .collect::<Result<_, _>>()?;
        let (mut headers, mut nested) = (BTreeSet::new(), BTreeSet::new());
        for (name, member) in objects.iter().flat_map(|members| members.iter()) {
            let names = if is_scalar(member) {
                &mut headers
            } else {
                &mut nested
            };
            names.insert(name.as_str());
        }
        let headers: Vec<&str> = headers.into_iter().collect();
        self.section().set_headers(&headers)?;
        for (i, members) in objects.into_iter().enumerate() {
            if i > 0 && !nested.is_empty() {
                self.new_section(title, depth);
                self.section().set_headers(&headers)?;
            }
            let row = headers
                .iter()
                .map(|header| members.get(*header).map(python::str).unwrap_or_default())
                .collect();
            self.section().add_row(row)?;
            for name in &nested {
                if let Some(member) = members.get(*name) {
                    self.add(Some(name), member, depth + 1)?;
                }
            }
        }
        Ok(())
    }
}

fn mixed() -> Failure {
    Error::other("A list that mixes objects with other values has no table form")
        .hint("Select one kind with --query, or use --output json")
        .into()
}

/// What Python takes for false.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}
