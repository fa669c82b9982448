//! Sections to lines: the common width, the columns stretched to it, borders, colours.

use std::io::{self, Write};

use super::Section;
use super::width::width;

/// The width beyond which sections of one row are turned upright.
const TERMINAL_WIDTH: usize = 80;
/// Blanks that belong to each column.
const PADDING: usize = 4;

const CELL: &str = "\x1b[1m\x1b[34m";
const BORDER: &str = "\x1b[2m\x1b[33m";
const RESET: &str = "\x1b[0m";

/// Draws the table.
pub(super) fn draw(
    mut sections: Vec<Section>,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if total_width(&sections) > TERMINAL_WIDTH {
        sections = sections.into_iter().map(upright).collect();
    }
    let total = total_width(&sections);
    let mut pen = Pen {
        out,
        colour,
        depth: 0,
    };
    pen.put(&format!("{}\n", "-".repeat(total)))?;
    for section in &sections {
        pen.depth = section.depth;
        pen.section(section, total.saturating_sub(2 * section.depth))?;
    }
    Ok(())
}

/// The width of the widest section.
fn total_width(sections: &[Section]) -> usize {
    sections
        .iter()
        .map(|section| {
            let columns: usize = section.widths.iter().map(|width| width + PADDING).sum();
            // A section without a title is as wide as the word for that in Python.
            let title = width(section.title.as_deref().unwrap_or("None"));
            columns.max(title) + 2 + 2 * section.depth
        })
        .max()
        .unwrap_or_default()
}

/// A section of headers and one row, as rows of a header and a cell.
fn upright(section: Section) -> Section {
    let Section {
        title,
        headers,
        mut rows,
        depth,
        ..
    } = section;
    if rows.len() != 1 || headers.is_empty() {
        return Section {
            title,
            headers,
            rows,
            depth,
            ..section
        };
    }
    let row = rows.pop().unwrap_or_default();
    let rows: Vec<Vec<String>> = headers
        .into_iter()
        .zip(row)
        .map(|(header, cell)| vec![header, cell])
        .collect();
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max();
    let widths = match (widest(0), widest(1)) {
        (Some(headers), Some(cells)) => vec![headers, cells],
        _ => Vec::new(),
    };
    Section {
        title,
        headers: Vec::new(),
        columns: Some(2),
        widths,
        rows,
        depth,
    }
}

/// The columns' widths, stretched or shrunk in proportion until they sum up to `total`.
fn column_widths(section: &Section, total: usize) -> Vec<usize> {
    let natural: Vec<usize> = section.widths.iter().map(|width| width + PADDING).collect();
    let sum: usize = natural.iter().sum();
    let scale = total as f64 / sum as f64;
    let mut widths: Vec<usize> = natural
        .iter()
        .map(|width| (scale * *width as f64).round_ties_even() as usize)
        .collect();
    if widths.is_empty() {
        return widths;
    }
    // Rounding leaves the sum a little off: what is too much goes from the left, what is
    // missing comes from the right.
    loop {
        let sum: usize = widths.iter().sum();
        let columns = widths.len();
        if sum > total {
            widths
                .iter_mut()
                .take(sum - total)
                .for_each(|width| *width -= 1);
        } else if sum < total {
            let missing = (total - sum).min(columns);
            widths[columns - missing..]
                .iter_mut()
                .for_each(|width| *width += 1);
        } else {
            return widths;
        }
    }
}

struct Pen<'a> {
    out: &'a mut dyn Write,
    colour: bool,
    /// The borders around the section that is being drawn.
    depth: usize,
}

impl Pen<'_> {
    fn section(&mut self, section: &Section, total: usize) -> io::Result<()> {
        if let Some(title) = section.title.as_deref().filter(|title| !title.is_empty()) {
            self.line(&centred(title, total, "|"))?;
            if section.headers.is_empty() && section.rows.is_empty() {
                self.line(&format!("+{}+", "-".repeat(total.saturating_sub(2))))?;
            }
        }
        let widths = column_widths(section, total);
        if !section.headers.is_empty() {
            let cells: Vec<String> = widths
                .iter()
                .zip(&section.headers)
                .enumerate()
                .map(|(i, (width, header))| centred(header, *width, edge(i)))
                .collect();
            self.rule(&widths)?;
            self.line(&cells.concat())?;
        }
        if section.rows.is_empty() || widths.is_empty() {
            return Ok(());
        }
        self.rule(&widths)?;
        for row in &section.rows {
            let cells: Vec<String> = widths
                .iter()
                .zip(row)
                .enumerate()
                .map(|(i, (width, cell))| self.cell(cell, *width, edge(i)))
                .collect();
            self.line(&cells.concat())?;
        }
        self.rule(&widths)
    }

    /// A line with a corner at each border.
    fn rule(&mut self, widths: &[usize]) -> io::Result<()> {
        let mut rule = String::new();
        for (i, width) in widths.iter().enumerate() {
            let corner = if i == 0 { "+" } else { "" };
            rule.push_str(corner);
            rule.push_str(&"-".repeat(width.saturating_sub(1 + corner.len())));
            rule.push('+');
        }
        self.line(&rule)
    }

    /// A cell with its text on the left, two blanks from the border where there is room.
    fn cell(&self, text: &str, total: usize, left: &str) -> String {
        let taken = width(text) + left.len() + 1;
        let indent = if taken + 2 <= total { 2 } else { 0 };
        let rest = total.saturating_sub(taken + indent);
        let painted = self.painted(CELL, text);
        format!("{left}{:indent$}{painted}{:rest$}|", "", "")
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.colour {
            format!("{colour}{text}{RESET}")
        } else {
            text.to_string()
        }
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        let border = self.painted(BORDER, "|").repeat(self.depth);
        self.put(&border)?;
        self.put(text)?;
        self.put(&border)?;
        self.put("\n")
    }

    /// Writes a piece. In colour the reference's terminal library resets the terminal after
    /// each write, so where a piece ends is part of the format.
    fn put(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        if self.colour {
            self.out.write_all(RESET.as_bytes())?;
        }
        Ok(())
    }
}

/// The first column has a border on either side, the others only on the right.
fn edge(column: usize) -> &'static str {
    if column == 0 { "|" } else { "" }
}

/// The text in the middle between its borders.
fn centred(text: &str, total: usize, left: &str) -> String {
    let text_width = width(text) as isize;
    let total = total as isize;
    // Too little room makes this negative, which the blanks on the right make good for.
    let before = total / 2 - text_width / 2 - 1;
    let after = total - 1 - left.len() as isize - before - text_width;
    let blanks = |count: isize| " ".repeat(usize::try_from(count).unwrap_or_default());
    format!("{left}{}{text}{}|", blanks(before), blanks(after))
}
