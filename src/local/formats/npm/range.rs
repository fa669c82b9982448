//! Ranges of versions as package.json writes them.
//!
//! <https://github.com/npm/node-semver#ranges>. They look like those of other languages and mean
//! something else: spaces join, `||` separates, a bare version is that version.

use semver::{Prerelease, Version};

/// The longest range that is read.
const LONGEST: usize = 1024;

/// A range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range(Vec<Vec<Comparator>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparator {
    operator: Operator,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

/// A version of which the end may be missing.
#[derive(Clone, Debug)]
struct Partial {
    major: Option<u64>,
    minor: Option<u64>,
    patch: Option<u64>,
    pre_release: Prerelease,
}

impl Range {
    /// Reads a range; none when the text is something else, such as a tag or an address.
    pub fn parse(text: &str) -> Option<Range> {
        if text.len() > LONGEST {
            return None;
        }
        text.split("||")
            .map(alternative)
            .collect::<Option<_>>()
            .map(Range)
    }

    /// Whether a version will do. A pre-release will only where the range names one of the same
    /// numbers.
    pub fn takes(&self, version: &Version) -> bool {
        self.0.iter().any(|all| {
            let named = |comparator: &Comparator| {
                let other = &comparator.version;
                !other.pre.is_empty() && numbers(other) == numbers(version)
            };
            all.iter().all(|comparator| comparator.takes(version))
                && (version.pre.is_empty() || all.iter().any(named))
        })
    }
}

fn numbers(version: &Version) -> (u64, u64, u64) {
    (version.major, version.minor, version.patch)
}

impl Comparator {
    fn takes(&self, version: &Version) -> bool {
        let order = version.cmp_precedence(&self.version);
        match self.operator {
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::Equal => order.is_eq(),
        }
    }
}

fn comparator(operator: Operator, version: Version) -> Comparator {
    Comparator { operator, version }
}

/// One side of `||`.
fn alternative(text: &str) -> Option<Vec<Comparator>> {
    let text = text.trim();
    if let Some((from, to)) = text.split_once(" - ") {
        let (from, to) = (partial(from.trim())?, partial(to.trim())?);
        let mut all = vec![comparator(Operator::GreaterOrEqual, from.lowest())];
        all.extend(at_most(&to));
        return Some(all);
    }
    let mut all = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        // An operator may stand by itself.
        let end = word.find(|letter: char| !"<>=~^".contains(letter));
        let (operator, version) = word.split_at(end.unwrap_or(word.len()));
        let version = match version {
            "" => words.next()?,
            version => version,
        };
        all.extend(simple(operator, &partial(version)?)?);
    }
    Some(all)
}

fn simple(operator: &str, partial: &Partial) -> Option<Vec<Comparator>> {
    let any = partial.major.is_none();
    let from = || comparator(Operator::GreaterOrEqual, partial.lowest());
    let below = |version: Version| comparator(Operator::Less, version);
    Some(match operator {
        "" | "=" if partial.is_whole() => vec![comparator(Operator::Equal, partial.lowest())],
        _ if any => match operator {
            // Nothing is more or less than everything.
            "<" | ">" => vec![below(zero())],
            _ => Vec::new(),
        },
        "" | "=" => vec![from(), below(partial.next())],
        "^" => vec![from(), below(partial.next_breaking())],
        "~" | "~>" => vec![from(), below(partial.next_minor())],
        ">=" => vec![from()],
        "<" => vec![below(partial.floor())],
        "<=" => at_most(partial),
        ">" if partial.is_whole() => vec![comparator(Operator::Greater, partial.lowest())],
        ">" => {
            let mut next = partial.next();
            next.pre = Prerelease::EMPTY;
            vec![comparator(Operator::GreaterOrEqual, next)]
        }
        _ => return None,
    })
}

fn at_most(partial: &Partial) -> Vec<Comparator> {
    if partial.is_whole() {
        vec![comparator(Operator::LessOrEqual, partial.lowest())]
    } else if partial.major.is_none() {
        Vec::new()
    } else {
        vec![comparator(Operator::Less, partial.next())]
    }
}

/// Reads a version whose end may be missing or an `x`.
fn partial(text: &str) -> Option<Partial> {
    let text = text.trim_start_matches(['v', '=']);
    let text = text.split_once('+').map_or(text, |(text, _)| text);
    let (figures, pre_release) = match text.split_once('-') {
        Some((_, "")) => return None,
        Some((figures, pre_release)) => (figures, Prerelease::new(pre_release).ok()?),
        None => (text, Prerelease::EMPTY),
    };
    let mut parts = figures.split('.');
    let mut part = || match parts.next() {
        None | Some("" | "x" | "X" | "*") => Some(None),
        Some(figure) if figure.bytes().all(|byte| byte.is_ascii_digit()) => {
            figure.parse().ok().map(Some)
        }
        Some(_) => None,
    };
    let (major, minor, patch) = (part()?, part()?, part()?);
    let minor = minor.filter(|_| major.is_some());
    let patch = patch.filter(|_| minor.is_some());
    let whole = patch.is_some();
    (parts.next().is_none()).then_some(Partial {
        major,
        minor,
        patch,
        pre_release: if whole {
            pre_release
        } else {
            Prerelease::EMPTY
        },
    })
}

impl Partial {
    fn is_whole(&self) -> bool {
        self.patch.is_some()
    }

    /// The lowest version that it stands for.
    fn lowest(&self) -> Version {
        let number = |part: Option<u64>| part.unwrap_or(0);
        Version {
            pre: self.pre_release.clone(),
            ..Version::new(number(self.major), number(self.minor), number(self.patch))
        }
    }

    /// What is less than this is less than all that it stands for, pre-releases included.
    fn floor(&self) -> Version {
        match self.is_whole() {
            true => self.lowest(),
            false => first(&self.lowest()),
        }
    }

    /// The first version behind all that it stands for.
    fn next(&self) -> Version {
        let lowest = self.lowest();
        match (self.minor, self.patch) {
            (None, _) => above(lowest.major, None, None),
            (_, None) => above(lowest.major, Some(lowest.minor), None),
            _ => above(lowest.major, Some(lowest.minor), Some(lowest.patch)),
        }
    }

    /// The first version that differs in more than the last of three numbers.
    fn next_minor(&self) -> Version {
        above(self.lowest().major, self.minor, None)
    }

    /// The first version that differs in the first number that is not zero.
    fn next_breaking(&self) -> Version {
        let lowest = self.lowest();
        match (lowest.major, self.minor, self.patch) {
            (0, Some(0), Some(patch)) => above(0, Some(0), Some(patch)),
            (0, Some(minor), _) => above(0, Some(minor), None),
            (major, ..) => above(major, None, None),
        }
    }
}

/// The first version in which the last of these numbers is one more.
fn above(major: u64, minor: Option<u64>, patch: Option<u64>) -> Version {
    let next = |number: u64| number.saturating_add(1);
    let version = match (minor, patch) {
        (None, _) => Version::new(next(major), 0, 0),
        (Some(minor), None) => Version::new(major, next(minor), 0),
        (Some(minor), Some(patch)) => Version::new(major, minor, next(patch)),
    };
    first(&version)
}

/// The first of all pre-releases of a version.
fn first(version: &Version) -> Version {
    Version {
        pre: Prerelease::new("0").unwrap_or(Prerelease::EMPTY),
        ..Version::new(version.major, version.minor, version.patch)
    }
}

fn zero() -> Version {
    first(&Version::new(0, 0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(range: &str, version: &str) -> bool {
        Range::parse(range)
            .unwrap_or_else(|| panic!("{range}"))
            .takes(&Version::parse(version).unwrap())
    }

    #[test]
    fn ranges_mean_what_npm_means() {
        for (range, yes, no) in [
            ("1.2.3", &["1.2.3"][..], &["1.2.4", "1.2.3-a"][..]),
            (
                "^1.2.3",
                &["1.2.3", "1.9.0"],
                &["1.2.2", "2.0.0", "2.0.0-a", "1.3.0-a"],
            ),
            ("^0.2.3", &["0.2.9"], &["0.3.0", "0.2.2"]),
            ("^0.0.3", &["0.0.3"], &["0.0.4"]),
            ("^0.0", &["0.0.9"], &["0.1.0"]),
            ("^0", &["0.9.0"], &["1.0.0"]),
            (
                "^1.2.3-beta.2",
                &["1.2.3-beta.4", "1.2.3", "1.5.0"],
                &["1.2.4-beta.4"],
            ),
            ("~1.2.3", &["1.2.9"], &["1.3.0"]),
            ("~1", &["1.9.9"], &["2.0.0"]),
            ("~> 1.2", &["1.2.9"], &["1.3.0"]),
            ("", &["0.0.1", "9.0.0"], &["1.0.0-a"]),
            ("*", &["9.0.0"], &[]),
            ("1.x", &["1.9.0"], &["2.0.0"]),
            ("1.2.*", &["1.2.9"], &["1.3.0"]),
            (
                ">=1.2 <2",
                &["1.2.0", "1.9.0"],
                &["2.0.0", "1.1.9", "2.0.0-a"],
            ),
            (">= 1.2.3 < 1.3", &["1.2.5"], &["1.3.0"]),
            (">1.2", &["1.3.0"], &["1.2.9"]),
            ("<=1.2", &["1.2.9"], &["1.3.0"]),
            ("1.2 - 2.3", &["1.2.0", "2.3.9"], &["2.4.0", "1.1.0"]),
            ("1.2.3 - 2.3.4", &["2.3.4"], &["2.3.5"]),
            ("1 || ^3.1", &["1.5.0", "3.2.0"], &["2.0.0", "3.0.0"]),
            ("=v1.2.3", &["1.2.3"], &[]),
            ("<*", &[], &["0.0.0", "1.0.0"]),
        ] {
            for version in yes {
                assert!(takes(range, version), "{range} takes {version}");
            }
            for version in no {
                assert!(!takes(range, version), "{range} does not take {version}");
            }
        }
    }

    #[test]
    fn other_texts_are_no_ranges() {
        for text in [
            "latest",
            "git+ssh://x",
            "file:../a",
            "user/repository",
            "1.2.3.4",
            ">",
            "1.2.3-",
            "99999999999999999999999",
            &"1 ".repeat(2000),
        ] {
            assert_eq!(Range::parse(text), None, "{text}");
        }
    }
}
