//! The upstream graph of a domain, drawn: repositories from left to right, each left of its
//! upstreams, and external connections at the right.

use std::collections::{BTreeMap, HashMap};

use super::html::escape;
use crate::local::registry::repository::Repository;

const WIDTH: usize = 190;
const HEIGHT: usize = 34;
const GAP_ACROSS: usize = 60;
const GAP_DOWN: usize = 16;

/// A box of the drawing: a repository, or an external connection.
struct Node<'a> {
    name: &'a str,
    outside: bool,
    column: usize,
    row: usize,
}

impl Node<'_> {
    fn left(&self) -> usize {
        10 + self.column * (WIDTH + GAP_ACROSS)
    }

    fn top(&self) -> usize {
        10 + self.row * (HEIGHT + GAP_DOWN)
    }
}

/// The drawing as SVG; `link` gives the page of a repository.
pub(super) fn draw(repositories: &[Repository], link: &dyn Fn(&str) -> String) -> String {
    if repositories.is_empty() {
        return String::new();
    }
    let nodes = place(repositories);
    let find = |name: &str| nodes.iter().find(|node| node.name == name);
    let width = nodes.iter().map(Node::left).max().unwrap_or(0) + WIDTH + 10;
    let height = nodes.iter().map(Node::top).max().unwrap_or(0) + HEIGHT + 10;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"Upstream graph\">\
         <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path d=\"M0 0L8 4L0 8z\"/></marker></defs>"
    );
    for repository in repositories {
        let connection = repository
            .external_connection
            .as_ref()
            .map(|(name, _)| name);
        let Some(from) = find(&repository.row.name) else {
            continue;
        };
        for (priority, name) in repository.upstreams.iter().chain(connection).enumerate() {
            if let Some(to) = find(name) {
                let (x1, y1) = (from.left() + WIDTH, from.top() + HEIGHT / 2);
                let (x2, y2) = (to.left(), to.top() + HEIGHT / 2);
                let bend = (x1 + x2) / 2;
                svg.push_str(&format!(
                    "<path class=\"edge\" marker-end=\"url(#arrow)\" d=\"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}\">\
                     <title>{} → {}, priority {}</title></path>",
                    escape(from.name), escape(to.name), priority + 1
                ));
            }
        }
    }
    for node in &nodes {
        let class = if node.outside { "outside" } else { "node" };
        let (left, top) = (node.left(), node.top());
        let shape = format!(
            "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            left + 10,
            top + 22,
            escape(&shortened(node.name))
        );
        if node.outside {
            svg.push_str(&shape);
        } else {
            svg.push_str(&format!(
                "<a href=\"{}\">{shape}</a>",
                escape(&link(node.name))
            ));
        }
    }
    svg.push_str("</svg>");
    svg
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= 22 {
        return name.to_string();
    }
    name.chars().take(21).chain(['…']).collect()
}

/// Gives every repository a column right of all that have it as an upstream.
fn place(repositories: &[Repository]) -> Vec<Node<'_>> {
    let mut columns: BTreeMap<&str, usize> = repositories
        .iter()
        .map(|repository| (repository.row.name.as_str(), 0))
        .collect();
    // There are no circles, so after as many rounds as repositories nothing moves any more.
    for _ in 0..repositories.len() {
        let mut moved = false;
        for repository in repositories {
            let column = columns
                .get(repository.row.name.as_str())
                .copied()
                .unwrap_or(0);
            for upstream in &repository.upstreams {
                if let Some(other) = columns.get_mut(upstream.as_str())
                    && *other <= column
                {
                    *other = column + 1;
                    moved = true;
                }
            }
        }
        if !moved {
            break;
        }
    }
    let last = columns.values().copied().max().unwrap_or(0) + 1;
    let mut next_row: HashMap<usize, usize> = HashMap::new();
    let mut nodes = Vec::new();
    let mut add = |name, outside, column| {
        let row = next_row.entry(column).or_default();
        nodes.push(Node {
            name,
            outside,
            column,
            row: *row,
        });
        *row += 1;
    };
    for (name, column) in &columns {
        add(*name, false, *column);
    }
    let mut connections: Vec<&str> = repositories
        .iter()
        .filter_map(|repository| Some(repository.external_connection.as_ref()?.0.as_str()))
        .collect();
    connections.sort_unstable();
    connections.dedup();
    for name in connections {
        add(name, true, last);
    }
    nodes
}
