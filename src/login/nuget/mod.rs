//! NuGet: nuget.exe and dotnet.
//!
//! A source named `domain/repository`, as AWS's client names it, or an existing one with the
//! same address, and its credentials under the name in NuGet's encoding
//! (NuGet documentation, "nuget.config reference"). The token is stored in clear text, as
//! AWS's client makes dotnet do it where NuGet cannot encrypt, in a file only the user can
//! read. With `--project` the source goes into the nearest `NuGet.Config` and the credentials
//! into the user's, which NuGet reads together.

mod places;

use std::path::PathBuf;

use self::places::{dotnet_folder, existing, locate_source, mono_folder, own_file, users_file};
use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written, no_remark,
};
use super::endpoint::Endpoint;
use super::text::xml::{self, Element, New};

/// nuget.exe.
pub(super) const NUGET: Adapter = Adapter {
    tool: "nuget",
    shown_as: "nuget",
    format: "nuget",
    namespace: NamespaceRule::None,
    flags: &[Flag::Project, Flag::Push],
    files: &[
        ConfigFile {
            locate: |place| locate_source(place, mono_folder),
            ..SOURCE
        },
        ConfigFile {
            locate: |place| mono_folder(place).map(|folder| Some(users_file(place, &folder))),
            ..CREDENTIALS
        },
    ],
    remark: no_remark,
};

/// dotnet. AWS's client calls it `nuget` in its success line.
pub(super) const DOTNET: Adapter = Adapter {
    tool: "dotnet",
    files: &[
        ConfigFile {
            locate: |place| locate_source(place, dotnet_folder),
            ..SOURCE
        },
        ConfigFile {
            locate: |place| dotnet_folder(place).map(|folder| Some(users_file(place, &folder))),
            ..CREDENTIALS
        },
    ],
    ..NUGET
};

const SOURCE: ConfigFile = ConfigFile {
    owner: "nuget-source",
    locate: |_| Ok(None),
    rewrite: rewrite_source,
    remove: remove_source,
    effective,
    secrets: xml::secrets,
    holds_token: false,
};

const CREDENTIALS: ConfigFile = ConfigFile {
    owner: "nuget-credentials",
    locate: |_| Ok(None),
    rewrite: rewrite_credentials,
    remove: remove_credentials,
    effective: |text| root_of(text).map(|_| Vec::new()),
    secrets: xml::secrets,
    holds_token: true,
};

/// What NuGet begins a file with, but for the public gallery: a user's file with that it makes
/// itself.
const NEW: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n</configuration>\n";

fn begun(text: &str) -> String {
    let body = text.trim_start_matches(super::text::lines::BYTE_ORDER_MARK);
    match body.trim().is_empty() {
        true => format!("{text}{NEW}"),
        false => text.to_string(),
    }
}

fn root_of(text: &str) -> Result<Element, Malformed> {
    let root = xml::parse(&begun(text))?;
    match root.name.eq_ignore_ascii_case("configuration") {
        true => Ok(root),
        false => Err(Malformed::new("the root element is not `configuration`")),
    }
}

/// The text with a section in it.
fn with_section(text: &str, name: &'static str) -> Result<String, Malformed> {
    let text = begun(text);
    let root = root_of(&text)?;
    Ok(match root.child(name) {
        Some(_) => text,
        None => xml::append(&text, &root, &root, &New::parent(name, Vec::new())),
    })
}

/// The entries of a section: key and value.
fn entries<'a>(root: &'a Element, section: &str) -> Vec<(&'a Element, &'a str, &'a str)> {
    let section = root.child(section);
    section
        .into_iter()
        .flat_map(|section| section.children_named("add"))
        .filter_map(|add| Some((add, add.attribute("key")?, add.attribute("value")?)))
        .collect()
}

fn index_url(endpoint: &Endpoint) -> String {
    endpoint.join("v3/index.json")
}

fn source_name(domain: &str, repository: &str) -> String {
    format!("{domain}/{repository}")
}

fn rewrite_source(login: &Login, old: &str) -> Result<String, Malformed> {
    let url = index_url(&login.endpoint);
    let text = with_section(old, "packageSources")?;
    let text = put_source(&text, login, &url)?;
    if !login.options.push {
        return Ok(text);
    }
    let text = with_section(&text, "config")?;
    set_entry(&text, "config", "defaultPushSource", &url)
}

/// The source: by address, else by name, else a new one.
fn put_source(text: &str, login: &Login, url: &str) -> Result<String, Malformed> {
    let root = root_of(text)?;
    let name = source_name(&login.domain, &login.repository);
    let sources = entries(&root, "packageSources");
    let found = sources
        .iter()
        .find(|(_, _, value)| *value == url)
        .or_else(|| sources.iter().find(|(_, key, _)| *key == name));
    if let Some((add, _, _)) = found {
        return Ok(xml::set_attribute(text, add, "value", url));
    }
    let mut attributes = vec![("key", name), ("value", url.to_string())];
    if login.endpoint.is_http() {
        attributes.push(("allowInsecureConnections", "true".to_string()));
    }
    attributes.push(("protocolVersion", "3".to_string()));
    let section = root.child("packageSources").unwrap_or(&root);
    Ok(xml::append(
        text,
        &root,
        section,
        &New::attributes("add", attributes),
    ))
}

fn set_entry(
    text: &str,
    section: &'static str,
    key: &str,
    value: &str,
) -> Result<String, Malformed> {
    let root = root_of(text)?;
    let known = entries(&root, section)
        .into_iter()
        .find(|(_, own, _)| *own == key);
    Ok(match known {
        Some((add, _, _)) => xml::set_attribute(text, add, "value", value),
        None => {
            let attributes = vec![("key", key.to_string()), ("value", value.to_string())];
            let section = root.child(section).unwrap_or(&root);
            xml::append(text, &root, section, &New::attributes("add", attributes))
        }
    })
}

fn remove_source(written: &Written, old: &str) -> Result<String, Malformed> {
    let url = index_url(written.endpoint);
    let mut text = old.to_string();
    let root = root_of(&text)?;
    let ours = entries(&root, "packageSources")
        .into_iter()
        .find(|(_, _, value)| *value == url);
    if let Some((add, key, _)) = ours {
        text = match written.before(key) {
            Some(before) => xml::set_attribute(&text, add, "value", before),
            None => xml::remove(&text, add),
        };
    }
    let root = root_of(&text)?;
    let push = entries(&root, "config")
        .into_iter()
        .find(|(_, key, value)| *key == "defaultPushSource" && *value == url);
    Ok(match (push, written.before("defaultPushSource")) {
        (None, _) => text,
        (Some((add, _, _)), Some(before)) => xml::set_attribute(&text, add, "value", before),
        (Some((add, _, _)), None) => xml::remove(&text, add),
    })
}

fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let root = root_of(text)?;
    let mut pointers: Vec<Pointer> = entries(&root, "packageSources")
        .into_iter()
        .map(|(_, key, value)| Pointer::new(key, value))
        .collect();
    pointers.extend(
        entries(&root, "config")
            .into_iter()
            .filter(|(_, key, _)| *key == "defaultPushSource")
            .map(|(_, key, value)| Pointer::new(key, value)),
    );
    Ok(pointers)
}

/// The sources of the user's files.
pub(super) fn users_sources(tool: &str, place: &Place) -> Vec<Pointer> {
    let folder = match tool {
        "dotnet" => dotnet_folder(place),
        _ => mono_folder(place),
    };
    let paths = folder
        .iter()
        .flat_map(|folder| [existing(place, folder), own_file(folder)]);
    sources_in(paths, place)
}

/// The sources that a tool knows: those of the files from the current folder upwards, the
/// nearest first, and of the user's. A file that cannot be read has none.
pub(super) fn sources(tool: &str, place: &Place) -> Vec<Pointer> {
    let folders = place.env.current_dir().ancestors();
    let mut sources = sources_in(folders.map(|folder| existing(place, folder)), place);
    sources.extend(users_sources(tool, place));
    sources
}

fn sources_in(paths: impl Iterator<Item = PathBuf>, place: &Place) -> Vec<Pointer> {
    paths
        .filter_map(|path| place.disk.read(&path))
        .filter_map(|text| effective(&text).ok())
        .flatten()
        .filter(|pointer| pointer.setting != "defaultPushSource")
        .collect()
}

/// The name of the source that has this address, which may be one that a person chose. Where
/// the source is in another file the name is the usual one.
fn name_of_source(root: &Element, endpoint: &Endpoint, domain: &str, repository: &str) -> String {
    let url = index_url(endpoint);
    entries(root, "packageSources")
        .into_iter()
        .find(|(_, _, value)| *value == url)
        .map_or_else(
            || source_name(domain, repository),
            |(_, key, _)| key.to_string(),
        )
}

fn rewrite_credentials(login: &Login, old: &str) -> Result<String, Malformed> {
    let text = with_section(old, "packageSourceCredentials")?;
    let root = root_of(&text)?;
    let name = name_of_source(&root, &login.endpoint, &login.domain, &login.repository);
    let element = encoded(&name);
    let section = root.child("packageSourceCredentials").unwrap_or(&root);
    let Some(found) = section.child(&element) else {
        return Ok(append_credentials(
            &text,
            &root,
            section,
            &element,
            login.token.expose(),
        ));
    };
    // A password that NuGet encrypted would win over the one in clear text.
    let known: Vec<(&str, &str)> = found
        .children_named("add")
        .filter_map(|add| Some((add.attribute("key")?, add.attribute("value")?)))
        .collect();
    let wanted = [
        ("Username", "aws"),
        ("ClearTextPassword", login.token.expose()),
    ];
    if known == wanted {
        return Ok(text);
    }
    let same_keys = known
        .iter()
        .map(|(key, _)| *key)
        .eq(wanted.iter().map(|(key, _)| *key));
    if same_keys {
        // From the last to the first, so that places stay right.
        let adds: Vec<&Element> = found.children_named("add").collect();
        return Ok(adds
            .iter()
            .zip(&wanted)
            .rev()
            .fold(text.clone(), |text, (add, (_, value))| {
                xml::set_attribute(&text, add, "value", value)
            }));
    }
    let text = xml::remove(&text, found);
    let root = root_of(&text)?;
    let section = root.child("packageSourceCredentials").unwrap_or(&root);
    Ok(append_credentials(
        &text,
        &root,
        section,
        &element,
        login.token.expose(),
    ))
}

fn append_credentials(
    text: &str,
    root: &Element,
    section: &Element,
    name: &str,
    token: &str,
) -> String {
    let add = |key: &str, value: &str| {
        New::attributes(
            "add",
            vec![("key", key.to_string()), ("value", value.to_string())],
        )
    };
    let children = vec![add("Username", "aws"), add("ClearTextPassword", token)];
    xml::append(
        text,
        root,
        section,
        &New::parent(name.to_string(), children),
    )
}

fn remove_credentials(written: &Written, old: &str) -> Result<String, Malformed> {
    let root = root_of(old)?;
    let section = root.child("packageSourceCredentials");
    let holds_ours = |element: &&Element| {
        element.children_named("add").any(|add| {
            add.attribute("key") == Some("ClearTextPassword")
                && add.attribute("value").is_some_and(written.is_our_token)
        })
    };
    let ours = section.and_then(|section| section.children.iter().find(holds_ours));
    Ok(match ours {
        Some(element) => xml::remove(old, element),
        None => old.to_string(),
    })
}

/// A source's name as the name of an element: what XML does not allow there becomes
/// `_xHHHH_` (.NET documentation, `XmlConvert.EncodeLocalName`).
fn encoded(name: &str) -> String {
    let mut result = String::new();
    let characters: Vec<char> = name.chars().collect();
    for (at, character) in characters.iter().enumerate() {
        let rest: String = characters[at..].iter().take(7).collect();
        let looks_encoded = rest.len() == 7
            && rest.starts_with("_x")
            && rest.ends_with('_')
            && rest[2..6].chars().all(|c| c.is_ascii_hexdigit());
        let first = character.is_alphabetic() || *character == '_';
        let later = first || character.is_numeric() || "-.".contains(*character);
        if !looks_encoded && (first || at > 0 && later) {
            result.push(*character);
        } else {
            result.push_str(&format!("_x{:04X}_", u32::from(*character)));
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn names_are_encoded_as_dotnet_does() {
        for (name, element) in [
            ("my_domain/my_repo", "my_domain_x002F_my_repo"),
            ("1a", "_x0031_a"),
            ("a b", "a_x0020_b"),
            ("a_x0020_", "a_x005F_x0020_"),
            ("a.b-c", "a.b-c"),
        ] {
            assert_eq!(encoded(name), element);
        }
    }

    #[test]
    fn a_new_file_has_source_and_credentials() {
        let login = testing::login("nuget");
        let text = rewrite_credentials(&login, &rewrite_source(&login, "").expect("is fine"))
            .expect("is fine");
        assert_eq!(
            text,
            format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <packageSources>\n    <add key=\"d/r\" value=\"{}v3/index.json\" protocolVersion=\"3\" />\n  </packageSources>\n  <packageSourceCredentials>\n    <d_x002F_r>\n      <add key=\"Username\" value=\"aws\" />\n      <add key=\"ClearTextPassword\" value=\"{}\" />\n    </d_x002F_r>\n  </packageSourceCredentials>\n</configuration>\n",
                login.endpoint,
                testing::TOKEN
            )
        );
    }

    #[test]
    fn a_source_with_the_same_address_keeps_its_name() {
        let login = testing::login("nuget");
        let old = format!(
            "<configuration>\n  <packageSources>\n    <add key=\"mine\" value=\"{}v3/index.json\" />\n  </packageSources>\n  <packageSourceCredentials>\n    <mine>\n      <add key=\"Username\" value=\"aws\" />\n      <add key=\"Password\" value=\"encrypted\" />\n    </mine>\n  </packageSourceCredentials>\n</configuration>",
            login.endpoint
        );
        assert_eq!(rewrite_source(&login, &old).expect("is fine"), old);
        let new = rewrite_credentials(&login, &old).expect("is fine");
        assert!(
            new.contains("<mine>") && !new.contains("encrypted") && !new.contains("d_x002F_r"),
            "{new}"
        );
    }

    #[test]
    fn removal_takes_only_ours() {
        let mut login = testing::login("nuget");
        login.options.push = true;
        let old = "<configuration>\n  <packageSources>\n    <clear />\n    <add key=\"corp\" value=\"https://corp.test/v3/index.json\" />\n  </packageSources>\n</configuration>\n";
        let new = rewrite_source(&login, old).expect("is fine");
        assert_eq!(effective(&new).expect("is fine").len(), 3);
        let left = testing::without_login(&NUGET.files[0], &login, &[], &new);
        assert_eq!(
            effective(&left).expect("is fine"),
            effective(old).expect("is fine")
        );
    }
}
