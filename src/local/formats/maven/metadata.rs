//! `maven-metadata.xml`: read where clients and upstreams write it, made for those who read it.
//!
//! <https://maven.apache.org/ref/3.9.9/maven-repository-metadata/repository-metadata.html>.

use std::fmt::Write as _;

use super::path::{Module, is_snapshot};
use super::version;
use crate::local::formats::Invalid;
use crate::local::formats::xml::{self, escaped};

/// What is needed of a metadata document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The versions it lists.
    pub versions: Vec<String>,
    /// Of a snapshot: the time and the number of the build, as they stand in file names.
    pub build: Option<String>,
    /// Of a group: its plug-ins.
    pub plugins: Vec<Plugin>,
}

/// A plug-in in the list of its group, from which `mvn prefix:goal` is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Its name for people.
    pub name: String,
    /// The word before a goal.
    pub prefix: String,
    /// Its artifact.
    pub artifact: String,
}

impl Plugin {
    /// The plug-in that an artifact is by its name
    /// (<https://maven.apache.org/guides/introduction/introduction-to-plugin-prefix-mapping.html>).
    pub fn of(artifact: &str) -> Option<Plugin> {
        let own = artifact.strip_suffix("-maven-plugin");
        let maven = || artifact.strip_prefix("maven-")?.strip_suffix("-plugin");
        let prefix = own.or_else(maven).filter(|prefix| !prefix.is_empty())?;
        Some(Plugin {
            name: artifact.to_string(),
            prefix: prefix.to_string(),
            artifact: artifact.to_string(),
        })
    }
}

/// Reads a metadata document.
///
/// # Errors
/// A sentence when it is none.
pub fn parse(bytes: &[u8]) -> Result<Metadata, Invalid> {
    let root = xml::parse(bytes)?;
    if root.name != "metadata" {
        return Err(Invalid::new("the document is no Maven metadata"));
    }
    let versions = root.at(&["versioning", "versions"]);
    let snapshot = root.at(&["versioning", "snapshot"]);
    Ok(Metadata {
        versions: versions
            .into_iter()
            .flat_map(|versions| versions.children("version"))
            .map(|version| version.text.clone())
            .filter(|version| !version.is_empty())
            .collect(),
        build: snapshot.and_then(|snapshot| {
            Some(format!(
                "{}-{}",
                snapshot.text_at(&["timestamp"])?,
                snapshot.text_at(&["buildNumber"])?
            ))
        }),
        plugins: root
            .at(&["plugins"])
            .into_iter()
            .flat_map(|plugins| plugins.children("plugin"))
            .filter_map(|plugin| {
                let artifact = plugin.text_at(&["artifactId"])?.to_string();
                Some(Plugin {
                    name: plugin.text_at(&["name"]).unwrap_or(&artifact).to_string(),
                    prefix: plugin.text_at(&["prefix"])?.to_string(),
                    artifact,
                })
            })
            .collect(),
    })
}

/// Writes the list of a module's versions, which are put in order.
pub fn render_versions(module: &Module, mut versions: Vec<&str>, updated: i64) -> String {
    versions.sort_by(|one, other| version::compare(one, other).then_with(|| one.cmp(other)));
    versions.dedup();
    let mut out = head(module, None);
    out.push_str("  <versioning>\n");
    if let Some(latest) = versions.last() {
        let _ = writeln!(out, "    <latest>{}</latest>", escaped(latest));
    }
    if let Some(release) = versions.iter().rfind(|version| !is_snapshot(version)) {
        let _ = writeln!(out, "    <release>{}</release>", escaped(release));
    }
    out.push_str("    <versions>\n");
    for version in versions {
        let _ = writeln!(out, "      <version>{}</version>", escaped(version));
    }
    let _ = write!(
        out,
        "    </versions>\n    <lastUpdated>{}</lastUpdated>\n  </versioning>\n</metadata>\n",
        time(updated)
    );
    out
}

/// Writes the list of a group's plug-ins.
pub fn render_plugins<'a>(plugins: impl IntoIterator<Item = &'a Plugin>) -> String {
    let mut out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata>\n  <plugins>\n".to_string();
    for plugin in plugins {
        let _ = write!(
            out,
            "    <plugin>\n      <name>{}</name>\n      <prefix>{}</prefix>\n      <artifactId>{}</artifactId>\n    </plugin>\n",
            escaped(&plugin.name),
            escaped(&plugin.prefix),
            escaped(&plugin.artifact)
        );
    }
    out.push_str("  </plugins>\n</metadata>\n");
    out
}

/// Writes the list of a snapshot's files, which are all of one build.
pub fn render_snapshot(
    module: &Module,
    snapshot: &str,
    build: &str,
    files: &[&str],
    updated: i64,
) -> String {
    let base = snapshot.strip_suffix("SNAPSHOT").unwrap_or(snapshot);
    let stamp = build.strip_prefix(base).unwrap_or(build);
    let (timestamp, number) = stamp.rsplit_once('-').unwrap_or((stamp, ""));
    let updated = time(updated);
    let mut out = head(module, Some(snapshot));
    let _ = write!(
        out,
        "  <versioning>\n    <snapshot>\n      <timestamp>{}</timestamp>\n      <buildNumber>{}</buildNumber>\n    </snapshot>\n    \
         <lastUpdated>{updated}</lastUpdated>\n    <snapshotVersions>\n",
        escaped(timestamp),
        escaped(number)
    );
    let prefix = format!("{}-{build}", module.artifact);
    for rest in files.iter().filter_map(|file| file.strip_prefix(&prefix)) {
        let (classifier, extension) = match rest.strip_prefix('-') {
            Some(rest) => rest.split_once('.').unwrap_or((rest, "")),
            None => ("", rest.trim_start_matches('.')),
        };
        out.push_str("      <snapshotVersion>\n");
        if !classifier.is_empty() {
            let _ = writeln!(
                out,
                "        <classifier>{}</classifier>",
                escaped(classifier)
            );
        }
        let _ = write!(
            out,
            "        <extension>{}</extension>\n        <value>{}</value>\n        <updated>{updated}</updated>\n      </snapshotVersion>\n",
            escaped(extension),
            escaped(build)
        );
    }
    out.push_str("    </snapshotVersions>\n  </versioning>\n</metadata>\n");
    out
}

fn head(module: &Module, version: Option<&str>) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata modelVersion=\"1.1.0\">\n  <groupId>{}</groupId>\n  <artifactId>{}</artifactId>\n",
        escaped(&module.group),
        escaped(&module.artifact)
    );
    if let Some(version) = version {
        let _ = writeln!(out, "  <version>{}</version>", escaped(version));
    }
    out
}

/// A time as metadata has it, such as `20200731090423`.
fn time(milliseconds: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    time.strftime("%Y%m%d%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> Module {
        Module {
            group: "com.mycompany".to_string(),
            artifact: "app".to_string(),
        }
    }

    #[test]
    fn versions_are_listed_in_their_order() {
        let text = render_versions(
            &module(),
            vec!["1.10", "1.2", "2.0-SNAPSHOT", "1.2"],
            1_596_186_263_000,
        );
        assert!(
            text.contains("<latest>2.0-SNAPSHOT</latest>\n    <release>1.10</release>"),
            "{text}"
        );
        assert!(
            text.contains("<lastUpdated>20200731090423</lastUpdated>"),
            "{text}"
        );
        assert_eq!(
            parse(text.as_bytes()).unwrap().versions,
            ["1.2", "1.10", "2.0-SNAPSHOT"]
        );
    }

    #[test]
    fn a_snapshot_lists_the_files_of_its_build() {
        let build = "1.0-20210729.171330-2";
        let files = [
            "app-1.0-20210729.171330-2.jar",
            "app-1.0-20210729.171330-2-sources.jar",
            "app-1.0-20210729.171330-2.tar.gz",
            "other",
        ];
        let text = render_snapshot(&module(), "1.0-SNAPSHOT", build, &files, 0);
        assert_eq!(
            parse(text.as_bytes()).unwrap().build.as_deref(),
            Some("20210729.171330-2")
        );
        assert_eq!(text.matches("<snapshotVersion>").count(), 3);
        assert!(
            text.contains("<classifier>sources</classifier>\n        <extension>jar</extension>"),
            "{text}"
        );
        assert!(text.contains("<extension>tar.gz</extension>"), "{text}");
    }

    #[test]
    fn other_documents_are_refused() {
        for text in ["", "<project/>", "<metadata>"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn plugins_are_known_by_their_names() {
        let prefix = |artifact| Plugin::of(artifact).map(|plugin| plugin.prefix);
        assert_eq!(prefix("hello-maven-plugin").as_deref(), Some("hello"));
        assert_eq!(prefix("maven-jar-plugin").as_deref(), Some("jar"));
        for artifact in [
            "maven-plugin",
            "-maven-plugin",
            "maven--plugin",
            "hello",
            "hello-plugin",
        ] {
            assert_eq!(prefix(artifact), None, "{artifact}");
        }
        let plugins = [
            Plugin::of("a-maven-plugin").unwrap(),
            Plugin::of("maven-b-plugin").unwrap(),
        ];
        let text = render_plugins(&plugins);
        assert_eq!(parse(text.as_bytes()).unwrap().plugins, plugins);
        let other =
            b"<metadata><plugins><plugin><prefix>x</prefix></plugin><plugin/></plugins></metadata>";
        assert_eq!(parse(other).unwrap().plugins, []);
    }
}
