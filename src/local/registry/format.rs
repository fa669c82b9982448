//! Package formats, and how their names and versions are written (guide, "Package name, package
//! version, and asset name normalization").

use super::refusal::{Answer, invalid};

/// A package format (shape `PackageFormat`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// npm.
    Npm,
    /// Python.
    Pypi,
    /// Maven and what reads its repositories.
    Maven,
    /// NuGet.
    Nuget,
    /// Any files.
    Generic,
    /// RubyGems.
    Ruby,
    /// Swift packages.
    Swift,
    /// Cargo crates.
    Cargo,
}

/// Whether packages of a format have a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceRule {
    /// Never.
    Forbidden,
    /// With or without.
    Optional,
    /// Always.
    Required,
}

impl Format {
    /// All of them, in the model's order.
    pub const ALL: [Format; 8] = [
        Format::Npm,
        Format::Pypi,
        Format::Maven,
        Format::Nuget,
        Format::Generic,
        Format::Ruby,
        Format::Swift,
        Format::Cargo,
    ];

    /// The service's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Npm => "npm",
            Format::Pypi => "pypi",
            Format::Maven => "maven",
            Format::Nuget => "nuget",
            Format::Generic => "generic",
            Format::Ruby => "ruby",
            Format::Swift => "swift",
            Format::Cargo => "cargo",
        }
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
    }

    /// Whether its packages have a namespace (guide, "Namespaces in package group definitions").
    pub fn namespace_rule(self) -> NamespaceRule {
        match self {
            Format::Npm => NamespaceRule::Optional,
            Format::Maven | Format::Generic | Format::Swift => NamespaceRule::Required,
            Format::Pypi | Format::Nuget | Format::Ruby | Format::Cargo => NamespaceRule::Forbidden,
        }
    }

    /// Whether a published version may get further assets (guide, "Overwriting package assets"). A
    /// gem has a file for each platform.
    pub fn takes_further_assets(self) -> bool {
        matches!(self, Format::Pypi | Format::Maven | Format::Ruby)
    }

    /// Whether its packages come from upstreams at all (guide, "Generic package constraints").
    pub fn has_upstreams(self) -> bool {
        self != Format::Generic
    }

    /// The version as it is stored.
    pub fn normalize_version(self, version: &str) -> String {
        match self {
            Format::Nuget => normalize_nuget_version(version),
            _ => version.to_string(),
        }
    }

    fn normalize_name(self, name: &str) -> String {
        match self {
            Format::Pypi => normalize_python_name(name),
            Format::Nuget | Format::Swift => name.to_lowercase(),
            _ => name.to_string(),
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which package: format, namespace and name, as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PackageId {
    /// The package format.
    pub format: Format,
    /// The namespace: npm's scope without `@`, Maven's group, Swift's scope.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl PackageId {
    /// The package of that name, normalised.
    pub fn new(format: Format, namespace: Option<&str>, name: &str) -> PackageId {
        let namespace = namespace.filter(|namespace| !namespace.is_empty());
        PackageId {
            format,
            namespace: namespace.map(|namespace| match format {
                Format::Swift => namespace.to_lowercase(),
                _ => namespace.to_string(),
            }),
            name: format.normalize_name(name),
        }
    }

    /// Refuses a namespace where the format knows none, and its lack where the format needs one.
    ///
    /// # Errors
    /// `ValidationException`.
    pub fn check_namespace(&self) -> Answer<()> {
        match (self.format.namespace_rule(), &self.namespace) {
            (NamespaceRule::Required, None) => Err(invalid(format!(
                "A namespace is required for packages of format {}.",
                self.format
            ))),
            (NamespaceRule::Forbidden, Some(_)) => Err(invalid(format!(
                "Packages of format {} do not have a namespace.",
                self.format
            ))),
            _ => Ok(()),
        }
    }

    /// Format, namespace (empty for none) and name, as the store wants them.
    pub(super) fn coordinates(&self) -> (&str, &str, &str) {
        (
            self.format.as_str(),
            self.namespace.as_deref().unwrap_or(""),
            &self.name,
        )
    }

    /// The package's path (guide, "Package group definition syntax and examples").
    pub fn path(&self) -> String {
        let (format, namespace, name) = self.coordinates();
        format!("/{format}/{namespace}/{name}")
    }
}

impl std::fmt::Display for PackageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.namespace, self.format) {
            (Some(namespace), Format::Npm) => write!(f, "@{namespace}/{}", self.name),
            (Some(namespace), Format::Maven) => write!(f, "{namespace}:{}", self.name),
            (Some(namespace), Format::Swift) => write!(f, "{namespace}.{}", self.name),
            (Some(namespace), _) => write!(f, "{namespace}/{}", self.name),
            (None, _) => f.write_str(&self.name),
        }
    }
}

/// PEP 503: lower case, and every run of `.`, `-` and `_` one `-`.
fn normalize_python_name(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    let mut in_run = false;
    for character in name.chars() {
        if matches!(character, '.' | '-' | '_') {
            if !in_run {
                normalized.push('-');
            }
            in_run = true;
        } else {
            normalized.extend(character.to_lowercase());
            in_run = false;
        }
    }
    normalized
}

/// Guide, "NuGet package name, version, and asset name normalization": the pattern is NuGet's own,
/// whose clients ask for `1.0` as `1.0.0`. A text that is no NuGet version stays as it is: whoever
/// asks for it finds nothing.
fn normalize_nuget_version(version: &str) -> String {
    let without_metadata = version
        .split_once('+')
        .map_or(version, |(version, _)| version);
    let (numbers, pre_release) = match without_metadata.split_once('-') {
        Some((numbers, pre_release)) => (numbers, Some(pre_release)),
        None => (without_metadata, None),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in numbers.split('.') {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return version.to_string();
        }
        let trimmed = part.trim_start_matches('0');
        parts.push(if trimmed.is_empty() { "0" } else { trimmed });
    }
    parts.resize(parts.len().max(3), "0");
    if parts.len() == 4 && parts[3] == "0" {
        parts.pop();
    }
    let mut normalized = parts.join(".");
    if let Some(pre_release) = pre_release {
        normalized.push('-');
        normalized.push_str(pre_release);
    }
    normalized
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_names_are_normalized() {
        for name in ["pigeon_cli", "pigeon.cli", "Pigeon-CLI", "pigeon-_.cli"] {
            assert_eq!(PackageId::new(Format::Pypi, None, name).name, "pigeon-cli");
        }
    }

    #[test]
    fn nuget_names_and_versions_are_normalized() {
        assert_eq!(
            PackageId::new(Format::Nuget, None, "Newtonsoft.JSON").name,
            "newtonsoft.json"
        );
        for (given, stored) in [
            ("1.00", "1.0.0"),
            ("7", "7.0.0"),
            ("1.01.1", "1.1.1"),
            ("1.00.0.1", "1.0.0.1"),
            ("1.0.0.0", "1.0.0"),
            ("1.0.01.0", "1.0.1"),
            ("1.0.7+r3456", "1.0.7"),
            ("12.0.03.0", "12.0.3"),
            ("2.0.0-Beta.01", "2.0.0-Beta.01"),
            ("latest", "latest"),
        ] {
            assert_eq!(Format::Nuget.normalize_version(given), stored, "{given}");
        }
    }

    #[test]
    fn swift_names_and_scopes_are_normalized() {
        let package = PackageId::new(Format::Swift, Some("myScope"), "myPackage");
        assert_eq!(package.path(), "/swift/myscope/mypackage");
    }

    #[test]
    fn other_names_keep_their_case() {
        assert_eq!(
            PackageId::new(Format::Npm, None, "AsyncStorage").name,
            "AsyncStorage"
        );
        assert_eq!(Format::Npm.normalize_version("01.0"), "01.0");
    }
}
