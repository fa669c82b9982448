//! The order of Maven versions.
//!
//! <https://maven.apache.org/pom.html#version-order-specification>.

use std::cmp::Ordering;

/// A piece of a version. In the order of the specification: qualifiers, lists, numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Qualifier(String),
    Number(String),
    List(Vec<Piece>),
}

/// The qualifiers that are known, in their order; an unknown one comes after all of them.
const QUALIFIERS: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];

/// Compares two versions as Maven does.
pub fn compare(one: &str, other: &str) -> Ordering {
    compare_lists(&pieces(one), &pieces(other))
}

fn pieces(version: &str) -> Vec<Piece> {
    // Lists that are open, the innermost last: a hyphen opens one.
    let mut open: Vec<Vec<Piece>> = vec![Vec::new()];
    let mut token = String::new();
    let lower = version.to_ascii_lowercase();
    for character in lower.chars() {
        match character {
            '.' | '-' => {
                push(&mut open, &mut token, false);
                if character == '-' {
                    open.push(Vec::new());
                }
            }
            other => {
                let turns = token
                    .chars()
                    .last()
                    .is_some_and(|last| last.is_ascii_digit() != other.is_ascii_digit());
                if turns {
                    push(&mut open, &mut token, other.is_ascii_digit());
                    open.push(Vec::new());
                }
                token.push(other);
            }
        }
        if open.len() > 64 {
            break;
        }
    }
    push(&mut open, &mut token, false);
    while open.len() > 1 {
        let inner = trimmed(open.pop().unwrap_or_default());
        if let Some(outer) = open.last_mut()
            && !inner.is_empty()
        {
            outer.push(Piece::List(inner));
        }
    }
    trimmed(open.pop().unwrap_or_default())
}

fn push(open: &mut [Vec<Piece>], token: &mut String, before_digit: bool) {
    let text = std::mem::take(token);
    let Some(list) = open.last_mut() else {
        return;
    };
    if text.starts_with(|first: char| first.is_ascii_digit()) || text.is_empty() {
        list.push(Piece::Number(text.trim_start_matches('0').to_string()));
        return;
    }
    let qualifier = match (text.as_str(), before_digit) {
        ("a", true) => "alpha",
        ("b", true) => "beta",
        ("m", true) => "milestone",
        ("cr", _) => "rc",
        ("ga" | "final" | "release", _) => "",
        (other, _) => other,
    };
    list.push(Piece::Qualifier(qualifier.to_string()));
}

/// The list without what says nothing at its end.
fn trimmed(mut list: Vec<Piece>) -> Vec<Piece> {
    // Behind a list, zeros say nothing either: `1.0-rc` is `1-rc`.
    let mut position = list.len();
    while position > 0 {
        position -= 1;
        match &list[position] {
            piece if is_null(piece) => {
                list.remove(position);
            }
            Piece::List(_) => {}
            _ => break,
        }
    }
    list
}

fn is_null(piece: &Piece) -> bool {
    match piece {
        Piece::Number(text) | Piece::Qualifier(text) => text.is_empty(),
        Piece::List(list) => list.is_empty(),
    }
}

fn compare_lists(one: &[Piece], other: &[Piece]) -> Ordering {
    for position in 0..one.len().max(other.len()) {
        let order = match (one.get(position), other.get(position)) {
            (Some(one), Some(other)) => compare_pieces(one, other),
            (Some(one), None) => compare_with_nothing(one),
            (None, Some(other)) => compare_with_nothing(other).reverse(),
            (None, None) => Ordering::Equal,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn compare_pieces(one: &Piece, other: &Piece) -> Ordering {
    match (one, other) {
        // Without leading zeros the longer number is the larger one.
        (Piece::Number(one), Piece::Number(other)) => (one.len(), one).cmp(&(other.len(), other)),
        (Piece::Qualifier(one), Piece::Qualifier(other)) => rank(one).cmp(&rank(other)),
        (Piece::List(one), Piece::List(other)) => compare_lists(one, other),
        (Piece::Number(_), _) | (Piece::List(_), Piece::Qualifier(_)) => Ordering::Greater,
        (_, Piece::Number(_)) | (Piece::Qualifier(_), Piece::List(_)) => Ordering::Less,
    }
}

fn compare_with_nothing(piece: &Piece) -> Ordering {
    match piece {
        Piece::Number(number) => number.is_empty().cmp(&true).reverse(),
        Piece::Qualifier(qualifier) => rank(qualifier).cmp(&rank("")),
        Piece::List(list) => list
            .iter()
            .map(compare_with_nothing)
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal),
    }
}

fn rank(qualifier: &str) -> (usize, &str) {
    match QUALIFIERS.iter().position(|known| *known == qualifier) {
        Some(position) => (position, ""),
        None => (QUALIFIERS.len(), qualifier),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_maven_does() {
        let ordered = [
            "1-alpha-1",
            "1-alpha2",
            "1-beta",
            "1-m3",
            "1-rc",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-abc",
            "1.0.1",
            "1.1",
            "1.2",
            "1.10",
            "2.0-rc1",
            "2.0",
            "12345678901234567890",
        ];
        for (position, one) in ordered.iter().enumerate() {
            for (other_position, other) in ordered.iter().enumerate() {
                assert_eq!(
                    compare(one, other),
                    position.cmp(&other_position),
                    "{one} {other}"
                );
            }
        }
    }

    #[test]
    fn some_spellings_are_the_same() {
        for (one, other) in [
            ("1", "1.0.0"),
            ("1.0-ga", "1"),
            ("1-cr1", "1-rc1"),
            ("1.0-alpha1", "1-a1"),
            ("1.0.RELEASE", "1"),
        ] {
            assert_eq!(compare(one, other), Ordering::Equal, "{one} {other}");
        }
        compare("", "-.-..--");
        compare(&"a1".repeat(2000), &"1-".repeat(2000));
    }
}
