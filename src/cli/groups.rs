//! The commands grouped by resource, as help lists them.

use std::fmt::Write as _;

use clap::Command;

/// Headings and the commands below them, in the order of help.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Package managers",
        &[
            "login",
            "logout",
            "status",
            "doctor",
            "get-authorization-token",
            "get-repository-endpoint",
        ],
    ),
    ("This machine", &["local", "completion"]),
    (
        "Domains",
        &[
            "create-domain",
            "describe-domain",
            "list-domains",
            "delete-domain",
            "get-domain-permissions-policy",
            "put-domain-permissions-policy",
            "delete-domain-permissions-policy",
        ],
    ),
    (
        "Repositories",
        &[
            "create-repository",
            "describe-repository",
            "list-repositories",
            "list-repositories-in-domain",
            "update-repository",
            "delete-repository",
            "associate-external-connection",
            "disassociate-external-connection",
            "get-repository-permissions-policy",
            "put-repository-permissions-policy",
            "delete-repository-permissions-policy",
        ],
    ),
    (
        "Packages",
        &[
            "describe-package",
            "list-packages",
            "put-package-origin-configuration",
            "delete-package",
        ],
    ),
    (
        "Package versions",
        &[
            "publish-package-version",
            "describe-package-version",
            "list-package-versions",
            "list-package-version-assets",
            "list-package-version-dependencies",
            "get-package-version-asset",
            "get-package-version-readme",
            "copy-package-versions",
            "update-package-versions-status",
            "dispose-package-versions",
            "delete-package-versions",
        ],
    ),
    (
        "Package groups",
        &[
            "create-package-group",
            "describe-package-group",
            "list-package-groups",
            "list-sub-package-groups",
            "list-associated-packages",
            "list-allowed-repositories-for-group",
            "get-associated-package-group",
            "update-package-group",
            "update-package-group-origin-configuration",
            "delete-package-group",
        ],
    ),
    (
        "Tags",
        &["list-tags-for-resource", "tag-resource", "untag-resource"],
    ),
];

/// The template of the program's help, with the commands of the tree under their headings.
/// A command that no group names stands at the end, so that none can be forgotten.
pub(super) fn help_template(command: &Command) -> String {
    let mut text = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    let about = |name: &str| {
        command
            .get_subcommands()
            .find(|sub| sub.get_name() == name)
            .map(|sub| sub.get_about().map(ToString::to_string).unwrap_or_default())
    };
    let grouped = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    let others: Vec<&str> = command
        .get_subcommands()
        .map(Command::get_name)
        .filter(|name| !grouped(name))
        .collect();
    let groups = GROUPS
        .iter()
        .map(|(heading, names)| (*heading, *names))
        .chain([("Others", others.as_slice())]);
    for (heading, names) in groups {
        let lines: Vec<_> = names
            .iter()
            .filter_map(|name| Some((name, about(name)?)))
            .collect();
        if lines.is_empty() {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{heading}:");
        for (name, about) in lines {
            let _ = writeln!(text, "  {name:42} {about}");
        }
    }
    text.push_str("\n{all-args}{after-help}");
    text
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    #[test]
    fn every_command_has_a_group_and_only_one() {
        for command in tree::command().get_subcommands() {
            let groups = GROUPS
                .iter()
                .filter(|(_, names)| names.contains(&command.get_name()))
                .count();
            assert_eq!(groups, 1, "{}", command.get_name());
        }
    }
}
