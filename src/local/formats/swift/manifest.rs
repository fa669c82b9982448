//! Package manifests: `Package.swift`, and those for a version of Swift beside it.
//!
//! A manifest is a program. It is not run: what is wanted of it stands in its first line and in
//! calls that can be read as they are.

use crate::local::registry::Dependency;

/// The manifest that every package has.
pub const MANIFEST: &str = "Package.swift";

/// The tools version of a manifest that names none, as SwiftPM takes it.
const OLDEST: &str = "3.1.0";

/// The most dependencies that are looked for.
const MOST: usize = 1000;

/// The version in the name of a manifest for that version of Swift: `5.9` of
/// `Package@swift-5.9.swift`.
pub fn swift_version(file: &str) -> Option<&str> {
    let version = file
        .strip_prefix("Package@swift-")?
        .strip_suffix(".swift")?;
    numbers(version).map(|_| version)
}

/// One to three numbers with dots between.
fn numbers(version: &str) -> Option<[u32; 3]> {
    let mut numbers = [0; 3];
    let mut parts = version.split('.');
    for (position, number) in numbers.iter_mut().enumerate() {
        match parts.next() {
            Some(part) if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) => {
                *number = part.parse().ok()?;
            }
            None if position > 0 => {}
            _ => return None,
        }
    }
    parts.next().is_none().then_some(numbers)
}

/// The manifest for a version of Swift, among these. SwiftPM writes out all three numbers of a
/// version, whatever the file is called.
pub fn wanted<'a>(files: impl Iterator<Item = &'a str>, version: &str) -> Option<&'a str> {
    let version = numbers(version)?;
    files
        .filter(|file| swift_version(file).and_then(numbers) == Some(version))
        .min_by_key(|file| file.len())
}

/// The version of Swift's tools that a manifest is written for, from its first line.
pub fn tools_version(manifest: &str) -> String {
    let line = manifest.trim_start().lines().next().unwrap_or_default();
    let stated = || {
        let comment = line.strip_prefix("//")?.trim_start();
        let name = comment.get(..19)?;
        let rest = name
            .eq_ignore_ascii_case("swift-tools-version")
            .then(|| comment[19..].trim_start())?;
        let version = rest.strip_prefix(':')?.trim_start();
        let end = version
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(version.len());
        let version = &version[..end];
        numbers(version).map(|_| version.to_string())
    };
    stated().unwrap_or_else(|| OLDEST.to_string())
}

/// The registry packages that a manifest depends on: calls such as
/// `.package(id: "mona.LinkedList", from: "1.0.0")`. One that is put together by code is not found.
pub fn dependencies(manifest: &str) -> Vec<Dependency> {
    let code = without_comments(manifest);
    let calls = code.split(".package(").skip(1).take(MOST);
    calls
        .filter_map(|call| dependency(arguments(call)?))
        .collect()
}

fn dependency(arguments: &str) -> Option<Dependency> {
    let rest = arguments
        .trim_start()
        .strip_prefix("id:")?
        .trim_start()
        .strip_prefix('"')?;
    let (identifier, rest) = rest.split_once('"')?;
    let (scope, name) = identifier.split_once('.')?;
    let requirement = rest.trim().trim_start_matches(',').trim();
    (super::name::is_scope(scope) && super::name::is_package(name)).then(|| Dependency {
        namespace: Some(scope.to_ascii_lowercase()),
        package: name.to_ascii_lowercase(),
        dependency_type: Some("regular".to_string()),
        version_requirement: (!requirement.is_empty()).then(|| requirement.to_string()),
    })
}

/// The text up to the parenthesis that closes a call.
fn arguments(call: &str) -> Option<&str> {
    let (mut depth, mut in_text, mut is_escaped) = (1_usize, false, false);
    for (position, character) in call.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if in_text => is_escaped = true,
            '"' => in_text = !in_text,
            '(' if !in_text => depth += 1,
            ')' if !in_text => {
                depth -= 1;
                if depth == 0 {
                    return Some(&call[..position]);
                }
            }
            '\n' if in_text => return None,
            _ => {}
        }
    }
    None
}

/// The code without its comments, which hold old dependencies often enough.
fn without_comments(manifest: &str) -> String {
    let mut code = String::with_capacity(manifest.len());
    let mut rest = manifest;
    let mut in_text = false;
    while let Some(character) = rest.chars().next() {
        if !in_text && rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
            continue;
        }
        if !in_text && rest.starts_with("/*") {
            rest = rest[2..].find("*/").map_or("", |end| &rest[end + 4..]);
            continue;
        }
        if in_text && character == '\\' {
            let end = rest
                .char_indices()
                .nth(2)
                .map_or(rest.len(), |(end, _)| end);
            code.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        in_text = match character {
            '"' => !in_text,
            '\n' => false,
            _ => in_text,
        };
        code.push(character);
        rest = &rest[character.len_utf8()..];
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_for_a_version_are_found() {
        let files = [
            "Package.swift",
            "Package@swift-5.swift",
            "Package@swift-5.9.swift",
            "Package@swift-x.swift",
        ];
        for (version, file) in [
            ("5.9", Some("Package@swift-5.9.swift")),
            ("5.9.0", Some("Package@swift-5.9.swift")),
            ("5.0.0", Some("Package@swift-5.swift")),
            ("5.8", None),
            ("x", None),
            ("5.9.0.1", None),
            ("", None),
        ] {
            assert_eq!(wanted(files.into_iter(), version), file, "{version}");
        }
    }

    #[test]
    fn the_first_line_names_the_tools() {
        for (manifest, version) in [
            ("// swift-tools-version:5.3\nimport", "5.3"),
            ("//swift-tools-version: 5.9.1;x\n", "5.9.1"),
            ("\n// Swift-Tools-Version :6.0", "6.0"),
            ("import PackageDescription", "3.1.0"),
            ("// swift-tools-version:x", "3.1.0"),
            (
                "// \u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}",
                "3.1.0",
            ),
            ("", "3.1.0"),
        ] {
            assert_eq!(tools_version(manifest), version, "{manifest}");
        }
    }

    #[test]
    fn dependencies_on_registry_packages_are_found() {
        let manifest = r#"
            // .package(id: "old.one", from: "1.0.0"),
            dependencies: [
                .package(id: "Mona.LinkedList", from: "1.1.0"),
                .package(id: "b.c", .upToNextMinor(from: "2.0.0")), /* .package(id: "d.e") */
                .package(url: "https://example.test//x.git", from: "1.0.0"),
                .package(id: "../x.y", exact: "1.0.0"),
                .package(id: "f.g"
        "#;
        let found = dependencies(manifest);
        let found: Vec<_> = found
            .iter()
            .map(|one| {
                let scope = one.namespace.as_deref().unwrap();
                (
                    scope,
                    one.package.as_str(),
                    one.version_requirement.as_deref().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("mona", "linkedlist", "from: \"1.1.0\""),
                ("b", "c", ".upToNextMinor(from: \"2.0.0\")"),
            ]
        );
    }
}
