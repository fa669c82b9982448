//! The upstream graph of a domain, drawn: repositories from left to right, each left of its
//! upstreams, and external connections at the right. A line that leads past a column has a place of
//! its own there, below the boxes, so that it crosses none of them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use super::html::escape;
use crate::local::registry::repository::Repository;

const WIDTH: usize = 190;
const HEIGHT: usize = 34;
const GAP_ACROSS: usize = 60;
const GAP_DOWN: usize = 16;

/// A place of the drawing, where a box or a line can be.
#[derive(Clone, Copy)]
struct Place {
    column: usize,
    row: usize,
}

impl Place {
    fn left(self) -> usize {
        10 + self.column * (WIDTH + GAP_ACROSS)
    }

    fn right(self) -> usize {
        self.left() + WIDTH
    }

    fn top(self) -> usize {
        10 + self.row * (HEIGHT + GAP_DOWN)
    }

    fn middle(self) -> usize {
        self.top() + HEIGHT / 2
    }
}

/// A repository, or an external connection.
struct Node {
    is_outside: bool,
    place: Place,
}

/// The drawing as SVG; `link` gives the page of a repository.
pub(super) fn draw(repositories: &[Repository], link: &dyn Fn(&str) -> String) -> String {
    if repositories.is_empty() {
        return String::new();
    }
    let (nodes, mut next_rows) = arrange(repositories);
    let lines = lines(repositories, &nodes, &mut next_rows);
    let last = |of: fn(&Place) -> usize| nodes.values().map(|node| of(&node.place)).max();
    let width = last(|place| place.right()).unwrap_or(0) + 10;
    let rows = next_rows.values().copied().max().unwrap_or(1);
    let height = 20 + rows * (HEIGHT + GAP_DOWN) - GAP_DOWN;
    let boxes: String = nodes
        .iter()
        .map(|(name, node)| draw_node(name, node, link))
        .collect();
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"Upstream graph\">\
         <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path class=\"head\" d=\"M0 0L8 4L0 8z\"/></marker></defs>{lines}{boxes}</svg>"
    )
}

fn draw_node(name: &str, node: &Node, link: &dyn Fn(&str) -> String) -> String {
    let class = if node.is_outside { "outside" } else { "node" };
    let (left, top) = (node.place.left(), node.place.top());
    let shape = format!(
        "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"/>\
         <text x=\"{}\" y=\"{}\">{}</text><title>{}</title>",
        left + 10,
        top + 22,
        escape(&shortened(name)),
        escape(name)
    );
    if node.is_outside {
        format!("<g>{shape}</g>")
    } else {
        format!("<a href=\"{}\">{shape}</a>", escape(&link(name)))
    }
}

/// The lines from repositories to their upstreams and external connections.
fn lines(
    repositories: &[Repository],
    nodes: &BTreeMap<&str, Node>,
    next_rows: &mut HashMap<usize, usize>,
) -> String {
    // Lines to the same end go side by side, as one.
    let mut bends: HashMap<(usize, &str), usize> = HashMap::new();
    let mut lines = String::new();
    for repository in repositories {
        let name = repository.row.name.as_str();
        let connection = repository.external_connection.as_ref();
        let ends = repository
            .upstreams
            .iter()
            .chain(connection.map(|(name, _)| name));
        for (priority, end) in ends.enumerate() {
            let (Some(from), Some(to)) = (nodes.get(name), nodes.get(end.as_str())) else {
                continue;
            };
            let mut way = vec![from.place];
            for column in from.place.column + 1..to.place.column {
                let row = *bends.entry((column, end)).or_insert_with(|| {
                    let row = next_rows.entry(column).or_default();
                    *row += 1;
                    *row - 1
                });
                way.push(Place { column, row });
            }
            way.push(to.place);
            let _ = write!(
                lines,
                "<path class=\"edge\" marker-end=\"url(#arrow)\" d=\"{}\"><title>{} → {}, priority {}</title></path>",
                path(&way),
                escape(name),
                escape(end),
                priority + 1
            );
        }
    }
    lines
}

/// A line out of the right of the first place, along the others, into the left of the last.
fn path(way: &[Place]) -> String {
    let mut path = String::new();
    for (index, pair) in way.windows(2).enumerate() {
        let (x1, y1) = (pair[0].right(), pair[0].middle());
        let (x2, y2) = (pair[1].left(), pair[1].middle());
        let bend = usize::midpoint(x1, x2);
        let start = if index == 0 { "M" } else { "L" };
        let _ = write!(path, "{start}{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}");
    }
    path
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= 22 {
        return name.to_string();
    }
    name.chars().take(21).chain(['…']).collect()
}

/// Gives every repository a column right of all that have it as an upstream, and says which row is
/// free next in each column.
fn arrange(repositories: &[Repository]) -> (BTreeMap<&str, Node>, HashMap<usize, usize>) {
    let mut columns: BTreeMap<&str, usize> = repositories
        .iter()
        .map(|repository| (repository.row.name.as_str(), 0))
        .collect();
    // There are no circles, so after as many rounds as repositories nothing moves any more.
    for _ in 0..repositories.len() {
        let mut moved = false;
        for repository in repositories {
            let own = columns.get(repository.row.name.as_str());
            let column = own.copied().unwrap_or(0);
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
    let connections = repositories
        .iter()
        .filter_map(|repository| Some((repository.external_connection.as_ref()?.0.as_str(), last)));
    let outside: BTreeMap<&str, usize> = connections.collect();
    let mut next_rows: HashMap<usize, usize> = HashMap::new();
    let mut nodes = BTreeMap::new();
    for (is_outside, columns) in [(false, columns), (true, outside)] {
        for (name, column) in columns {
            let row = next_rows.entry(column).or_default();
            let place = Place { column, row: *row };
            nodes.insert(name, Node { is_outside, place });
            *row += 1;
        }
    }
    (nodes, next_rows)
}
