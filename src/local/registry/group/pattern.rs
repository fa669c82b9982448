//! Package group patterns (guide, "Package group definition syntax and matching behavior").
//!
//! Pure: texts in, matches out.

use std::cmp::Ordering;

use unicode_normalization::char::is_combining_mark;

use crate::local::registry::format::{Format, NamespaceRule, PackageId};

/// How a pattern ends, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// `*`: whatever follows.
    Anything,
    /// `~`: what follows begins with no word character.
    Word,
    /// `$`: nothing follows.
    Nothing,
}

/// A component of a path, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stem {
    text: String,
    /// The text as variations of it are compared.
    folded: String,
    end: End,
}

/// What a pattern fixes, from the most general to the most specific.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Scope {
    All,
    Format,
    Namespace(Stem),
    Name { namespace: Stem, name: Stem },
}

/// A pattern that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    format: Option<Format>,
    scope: Scope,
}

/// How well a package fits a pattern (guide, "Strong and weak match").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// A variation of the pattern fits.
    Weak,
    /// The pattern itself fits.
    Strong,
}

/// The pattern of the group that every domain has.
pub const ROOT: &str = "/*";

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence about what is wrong with it.
    pub fn parse(text: &str) -> Result<Pattern, String> {
        let path = text.strip_prefix('/').ok_or("it does not begin with `/`")?;
        let (path, end) = match path.char_indices().next_back() {
            Some((at, '*')) => (&path[..at], End::Anything),
            Some((at, '~')) => (&path[..at], End::Word),
            Some((at, '$')) => (&path[..at], End::Nothing),
            _ => return Err("it does not end with `*`, `~` or `$`".to_string()),
        };
        if path.is_empty() {
            return match end {
                End::Anything => Ok(Pattern {
                    format: None,
                    scope: Scope::All,
                }),
                _ => Err("only `*` can stand for all formats".to_string()),
            };
        }
        let mut components = path.split('/');
        let format = components.next().unwrap_or_default();
        // The guide writes `/python/` in one place; the format's name is `pypi`.
        let format = Format::from_name(if format == "python" { "pypi" } else { format })
            .ok_or_else(|| format!("there is no package format `{format}`"))?;
        let components: Vec<&str> = components.collect();
        let scope = match (components.as_slice(), end) {
            ([""], End::Anything) => Scope::Format,
            ([] | [""], _) => {
                return Err("a format is followed by `/*` or by a namespace".to_string());
            }
            ([namespace], end) => Scope::Namespace(namespace_stem(format, namespace, end)?),
            ([namespace, ""], End::Anything) => {
                let namespace = namespace_stem(format, namespace, End::Nothing)?;
                Scope::Name {
                    namespace,
                    name: Stem::new("", End::Anything),
                }
            }
            ([namespace, name], end) => {
                let namespace = namespace_stem(format, namespace, End::Nothing)?;
                Scope::Name {
                    namespace,
                    name: name_stem(format, name, end)?,
                }
            }
            _ => return Err("it has more than a format, a namespace and a name".to_string()),
        };
        Ok(Pattern {
            format: Some(format),
            scope,
        })
    }

    /// How well the package fits; nothing when it does not.
    pub fn matches(&self, package: &PackageId) -> Option<Strength> {
        if self.format.is_some_and(|format| format != package.format) {
            return None;
        }
        let namespace = package.namespace.as_deref().unwrap_or("");
        match &self.scope {
            Scope::All | Scope::Format => Some(Strength::Strong),
            Scope::Namespace(stem) => stem.fits(namespace),
            Scope::Name {
                namespace: stem,
                name,
            } => Some(stem.fits(namespace)?.min(name.fits(&package.name)?)),
        }
    }

    /// Whether every package that the other pattern fits, strongly, fits this one, and some more do.
    pub fn contains(&self, other: &Pattern) -> bool {
        if self == other {
            return false;
        }
        match (&self.scope, &other.scope) {
            (Scope::All, _) => true,
            _ if self.format != other.format => false,
            (Scope::Format, _) => true,
            (_, Scope::All | Scope::Format) => false,
            (Scope::Namespace(stem), Scope::Namespace(other)) => stem.contains(other),
            (Scope::Namespace(stem), Scope::Name { namespace, .. }) => stem.contains(namespace),
            (Scope::Name { .. }, Scope::Namespace(_)) => false,
            (
                Scope::Name { namespace, name },
                Scope::Name {
                    namespace: other_namespace,
                    name: other_name,
                },
            ) => namespace == other_namespace && name.contains(other_name),
        }
    }

    /// Of two patterns that one package fits, which one is more specific: the one of the deeper
    /// component, then of the longer text, then with the stricter ending.
    pub fn compare_specificity(&self, other: &Pattern) -> Ordering {
        fn rank(scope: &Scope) -> (usize, usize, End) {
            match scope {
                Scope::All => (0, 0, End::Anything),
                Scope::Format => (1, 0, End::Anything),
                Scope::Namespace(stem) => (2, stem.folded.chars().count(), stem.end),
                Scope::Name { name, .. } => (3, name.folded.chars().count(), name.end),
            }
        }
        rank(&self.scope).cmp(&rank(&other.scope))
    }

    /// What the match keys of all packages that fit begin with.
    pub fn match_key_prefix(&self) -> String {
        let Some(format) = self.format else {
            return "/".to_string();
        };
        match &self.scope {
            Scope::All | Scope::Format => format!("/{format}/"),
            Scope::Namespace(stem) => format!("/{format}/{}", stem.folded),
            Scope::Name { namespace, name } => {
                format!("/{format}/{}/{}", namespace.folded, name.folded)
            }
        }
    }
}

/// The path of a package as patterns compare it.
pub fn match_key(package: &PackageId) -> String {
    let namespace = package.namespace.as_deref().unwrap_or("");
    format!(
        "/{}/{}/{}",
        package.format,
        fold(namespace),
        fold(&package.name)
    )
}

impl Stem {
    fn new(text: &str, end: End) -> Stem {
        Stem {
            text: text.to_string(),
            folded: fold(text),
            end,
        }
    }

    fn fits(&self, component: &str) -> Option<Strength> {
        if covers(&self.text, self.end, component) {
            Some(Strength::Strong)
        } else if covers(&self.folded, self.end, &fold(component)) {
            Some(Strength::Weak)
        } else {
            None
        }
    }

    /// Whether all that the other stem fits, strongly, fits this one too, and some more does.
    fn contains(&self, other: &Stem) -> bool {
        self != other
            && match (self.end, other.end) {
                (End::Nothing, _) => false,
                (_, End::Nothing) => covers(&self.text, self.end, &other.text),
                (End::Word, End::Anything) => {
                    // `foo~` takes in `foo-*`, but not `foo*`.
                    other.text.len() > self.text.len() && covers(&self.text, self.end, &other.text)
                }
                _ => covers(&self.text, self.end, &other.text),
            }
    }
}

fn covers(stem: &str, end: End, component: &str) -> bool {
    match (component.strip_prefix(stem), end) {
        (None, _) => false,
        (Some(_), End::Anything) => true,
        (Some(rest), End::Word) => !rest.chars().next().is_some_and(continues_word),
        (Some(rest), End::Nothing) => rest.is_empty(),
    }
}

fn namespace_stem(format: Format, text: &str, end: End) -> Result<Stem, String> {
    match (format.namespace_rule(), text.is_empty()) {
        (NamespaceRule::Forbidden, false) => {
            return Err(format!("packages of format {format} have no namespace"));
        }
        (NamespaceRule::Required, true) => {
            return Err(format!("packages of format {format} have a namespace"));
        }
        _ => {}
    }
    let normalized = PackageId::new(format, Some(text), "x").namespace;
    stem(text, normalized.as_deref().unwrap_or(""), end)
}

fn name_stem(format: Format, text: &str, end: End) -> Result<Stem, String> {
    if text.is_empty() {
        return Err("its name is empty".to_string());
    }
    stem(text, &PackageId::new(format, None, text).name, end)
}

fn stem(text: &str, normalized: &str, end: End) -> Result<Stem, String> {
    // Normalising folds a separator at the very end of a beginning, too: that is no difference.
    if text != normalized {
        return Err(format!("`{text}` is not normalized; write `{normalized}`"));
    }
    match (text.chars().next_back(), end) {
        (Some(last), End::Word) if !continues_word(last) => {
            Err("`~` follows a letter or a digit; after any other character write `*`".to_string())
        }
        (None, End::Word) => Err("`~` follows a word".to_string()),
        _ => Ok(Stem::new(text, end)),
    }
}

/// A letter, a number or a mark: the guide's `[\p{L}\p{N}\p{M}]`.
fn continues_word(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character)
}

/// The text without what is ignored in variations: case, the kind and number of separators, and
/// letters of other alphabets that look like Latin ones (guide, "Additional variations").
fn fold(text: &str) -> String {
    // Upper then lower case is case folding, but for letters that no two names differ in.
    let lower: String = text
        .chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    let mut folded = String::with_capacity(lower.len());
    let mut in_run = false;
    for character in lower.chars() {
        if matches!(character, '-' | '.' | '_') {
            if !in_run {
                folded.push('.');
            }
            in_run = true;
            continue;
        }
        in_run = false;
        if character.is_ascii() {
            // The table for look-alikes also makes `1` an `l` and `m` an `rn`; names differ in those.
            folded.push(character);
        } else {
            let text = character.to_string();
            folded.extend(unicode_security::skeleton(&text).flat_map(char::to_lowercase));
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(path: &str) -> PackageId {
        let parts: Vec<&str> = path.split('/').collect();
        PackageId::new(
            Format::from_name(parts[1]).unwrap(),
            Some(parts[2]),
            parts[3],
        )
    }

    fn strength(pattern: &str, path: &str) -> Option<Strength> {
        Pattern::parse(pattern).unwrap().matches(&package(path))
    }

    #[test]
    fn the_guides_six_kinds_match() {
        for (pattern, fits, fits_not) in [
            ("/*", "/npm//react", None),
            ("/npm/*", "/npm/space/x", Some("/pypi//x")),
            (
                "/maven/com.anycompany~",
                "/maven/com.anycompany.app/x",
                Some("/maven/com.anycompanyother/x"),
            ),
            ("/npm/space/*", "/npm/space/x", Some("/npm//space")),
            (
                "/npm/space/anycompany-ui~",
                "/npm/space/anycompany-ui-components",
                Some("/npm/space/anycompany-uix"),
            ),
            (
                "/maven/org.apache.logging.log4j/log4j-core$",
                "/maven/org.apache.logging.log4j/log4j-core",
                Some("/maven/org.apache.logging.log4j/log4j-core-its"),
            ),
        ] {
            assert_eq!(strength(pattern, fits), Some(Strength::Strong), "{pattern}");
            if let Some(fits_not) = fits_not {
                assert_eq!(strength(pattern, fits_not), None, "{pattern}");
            }
        }
    }

    #[test]
    fn a_prefix_ends_at_a_word_boundary() {
        for (name, fits) in [
            ("foo", true),
            ("foo-bar", true),
            ("food", false),
            ("foot", false),
        ] {
            let path = format!("/npm/space/{name}");
            assert_eq!(strength("/npm/space/foo~", &path).is_some(), fits, "{name}");
        }
        // A mark goes on with the word.
        assert_eq!(strength("/npm/space/foo~", "/npm/space/foo\u{301}"), None);
        assert_eq!(
            strength("/npm/space/foo-*", "/npm/space/foo-bar"),
            Some(Strength::Strong)
        );
    }

    #[test]
    fn variations_match_weakly() {
        let exact = "/npm//AsyncStorage$";
        assert_eq!(
            strength(exact, "/npm//AsyncStorage"),
            Some(Strength::Strong)
        );
        assert_eq!(strength(exact, "/npm//asyncStorage"), Some(Strength::Weak));
        for name in ["foo.bar", "foo..bar", "foo_bar", "FOO-BAR", "fоо-bar"] {
            let path = format!("/npm//{name}");
            assert_eq!(
                strength("/npm//foo-bar$", &path),
                Some(Strength::Weak),
                "{name}"
            );
        }
        assert_eq!(strength("/npm//foo-bar$", "/npm//foobar"), None);
        assert_eq!(
            strength("/maven/com.act.on~", "/maven/com.act-on/x"),
            Some(Strength::Weak)
        );
        assert_eq!(strength("/npm//modem$", "/npm//modern"), None);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "",
            "/",
            "npm/*",
            "/npm",
            "/npm/",
            "/npm~",
            "/npm$",
            "/~",
            "/$",
            "/conda/*",
            "/npm//",
            "/npm/a/b/c$",
            "/npm//$",
            "/npm//~",
            "/npm//foo-~",
            "/pypi/space/name$",
            "/nuget/space/*",
            "/maven//name$",
            "/pypi//Flask_X$",
            "/nuget//Newtonsoft.Json$",
            "/swift/Scope/name$",
        ] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
        for text in [
            "/npm//*",
            "/pypi//requests$",
            "/python//requests$",
            "/nuget//newtonsoft.json$",
            "/swift/scope/name~",
        ] {
            assert!(Pattern::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_pattern_contains_more_specific_ones() {
        let contains = |outer: &str, inner: &str| {
            Pattern::parse(outer)
                .unwrap()
                .contains(&Pattern::parse(inner).unwrap())
        };
        for (outer, inner) in [
            ("/*", "/npm/*"),
            ("/npm/*", "/npm/space/*"),
            ("/npm/*", "/npm/space~"),
            ("/npm/space~", "/npm/space/*"),
            ("/npm/space~", "/npm/space-x~"),
            ("/npm/space/*", "/npm/space/foo~"),
            ("/npm/space/foo~", "/npm/space/foo-bar~"),
            ("/npm/space/foo~", "/npm/space/foo-*"),
            ("/npm/space/foo~", "/npm/space/foo$"),
        ] {
            assert!(contains(outer, inner), "{outer} {inner}");
            assert!(!contains(inner, outer), "{inner} {outer}");
        }
        for (one, other) in [
            ("/npm/*", "/pypi/*"),
            ("/npm/space/foo~", "/npm/space/food~"),
            ("/npm/space/*", "/npm/other/foo$"),
            ("/npm//foo$", "/npm//Foo$"),
        ] {
            assert!(
                !contains(one, other) && !contains(other, one),
                "{one} {other}"
            );
        }
        assert!(!contains("/npm/*", "/npm/*"));
    }

    #[test]
    fn match_keys_begin_as_patterns_say() {
        for (pattern, path) in [
            ("/*", "/npm//x"),
            ("/npm/Space~", "/npm/space.y/z"),
            ("/npm//foo-*", "/npm//foo__bar"),
            ("/npm//foo-bar$", "/npm//FOO.bar"),
        ] {
            let prefix = Pattern::parse(pattern).unwrap().match_key_prefix();
            assert!(match_key(&package(path)).starts_with(&prefix), "{pattern}");
        }
    }
}
