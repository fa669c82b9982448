//! Maven, and deps.edn, which reads Maven's servers.
//!
//! One file, `settings.xml`: a server with the token, a profile that is active with the
//! repository for dependencies and plug-ins, and with `--mirror` a mirror in front of Maven
//! Central (user guide, "Use CodeArtifact with mvn"). All go by the same name, `codeartifact`
//! unless told otherwise, which is also the one that a POM has to name to publish.

use std::path::PathBuf;

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written, no_remark,
};
use super::text::lines::BYTE_ORDER_MARK;
use super::text::xml::{self, Element, New};

/// Maven.
pub(super) const MAVEN: Adapter = Adapter {
    tool: "maven",
    shown_as: "maven",
    format: "maven",
    namespace: NamespaceRule::None,
    flags: &[Flag::Mirror, Flag::Name],
    files: &[
        SERVER,
        ConfigFile {
            owner: "maven-profile",
            rewrite: rewrite_profile,
            remove: remove_profile,
            effective,
            holds_token: false,
            ..SERVER
        },
    ],
    remark: no_remark,
};

/// deps.edn: the project names the repository, Maven's settings hold the token.
pub(super) const DEPS: Adapter = Adapter {
    tool: "deps",
    shown_as: "deps",
    flags: &[Flag::Name],
    files: &[SERVER],
    remark: |_, login| {
        Some(format!(
            "the project has to name the repository: `:mvn/repos {{\"{}\" {{:url \"{}\"}}}}` in `deps.edn`",
            login.name(),
            login.endpoint
        ))
    },
    ..MAVEN
};

const SERVER: ConfigFile = ConfigFile {
    owner: "maven-server",
    locate,
    rewrite: rewrite_server,
    remove: remove_server,
    effective: |text| root_of(text).map(|_| Vec::new()),
    secrets: xml::secrets,
    holds_token: true,
};

fn locate(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    Ok(Some(place.home()?.join(".m2").join("settings.xml")))
}

const NEW: &str = "<settings>\n</settings>\n";

fn begun(text: &str) -> String {
    match text.trim_start_matches(BYTE_ORDER_MARK).trim().is_empty() {
        true => format!("{text}{NEW}"),
        false => text.to_string(),
    }
}

fn root_of(text: &str) -> Result<Element, Malformed> {
    let root = xml::parse(&begun(text))?;
    match root.name.as_str() {
        "settings" => Ok(root),
        _ => Err(Malformed::new("the root element is not `settings`")),
    }
}

/// An element that has an `id`, and where it stands.
#[derive(Clone, Copy)]
struct Spot<'a> {
    /// The elements around it, from the root on.
    path: &'a [&'static str],
    id: &'a str,
}

impl Spot<'_> {
    fn find<'a>(&self, root: &'a Element) -> Option<&'a Element> {
        let parent = root.descend(self.path)?;
        let mut children = parent.children.iter();
        children.find(|child| child.child_text("id") == Some(self.id))
    }
}

const SERVERS: &[&str] = &["servers"];
const PROFILES: &[&str] = &["profiles"];
const MIRRORS: &[&str] = &["mirrors"];

/// The text with an element at the end of the one that a path leads to, whose elements are
/// made when they are missing.
fn put(text: &str, path: &[&'static str], new: &New) -> Result<String, Malformed> {
    let mut text = begun(text);
    for depth in 0..path.len() {
        let root = root_of(&text)?;
        if root.descend(&path[..=depth]).is_none() {
            let parent = root.descend(&path[..depth]).unwrap_or(&root);
            text = xml::append(&text, &root, parent, &New::parent(path[depth], Vec::new()));
        }
    }
    let root = root_of(&text)?;
    let parent = root.descend(path).unwrap_or(&root);
    Ok(xml::append(&text, &root, parent, new))
}

/// The text with a value in an element that is there.
fn set(text: &str, spot: Spot, name: &'static str, value: &str) -> Result<String, Malformed> {
    let root = root_of(text)?;
    let Some(parent) = spot.find(&root) else {
        return Ok(text.to_string());
    };
    match parent.child(name) {
        Some(element) if element.children.is_empty() => Ok(xml::set_text(text, element, value)),
        Some(_) => Err(Malformed::new(format!("`{name}` holds further elements"))),
        None => Ok(xml::append(text, &root, parent, &New::text(name, value))),
    }
}

fn rewrite_server(login: &Login, old: &str) -> Result<String, Malformed> {
    let server = Spot {
        path: SERVERS,
        id: login.name(),
    };
    let values = [("username", "aws"), ("password", login.token.expose())];
    if server.find(&root_of(old)?).is_some() {
        return values
            .iter()
            .try_fold(old.to_string(), |text, (name, value)| {
                set(&text, server, name, value)
            });
    }
    let mut children = vec![New::text("id", login.name())];
    children.extend(values.map(|(name, value)| New::text(name, value)));
    put(old, SERVERS, &New::parent("server", children))
}

fn remove_server(written: &Written, old: &str) -> Result<String, Malformed> {
    let root = root_of(old)?;
    let server = Spot {
        path: SERVERS,
        id: written.name,
    }
    .find(&root);
    let ours = server.filter(|server| {
        server
            .child_text("password")
            .is_some_and(written.is_our_token)
    });
    Ok(match ours {
        Some(server) => xml::remove(old, server),
        None => old.to_string(),
    })
}

/// What a profile lists: the list, what stands in it, and what status calls it.
const LISTS: [(&str, &str); 2] = [
    ("repositories", "repository"),
    ("pluginRepositories", "pluginRepository"),
];

fn rewrite_profile(login: &Login, old: &str) -> Result<String, Malformed> {
    let name = login.name();
    let mut text = old.to_string();
    let profile = Spot {
        path: PROFILES,
        id: name,
    };
    if profile.find(&root_of(&text)?).is_none() {
        let new = New::parent("profile", vec![New::text("id", name)]);
        text = put(&text, PROFILES, &new)?;
    }
    for (list, item) in LISTS {
        text = put_repository(&text, profile, list, item, login)?;
    }
    text = activate(&text, name)?;
    match login.options.mirror {
        true => put_mirror(&text, login),
        false => Ok(text),
    }
}

fn put_repository(
    text: &str,
    profile: Spot,
    list: &'static str,
    item: &'static str,
    login: &Login,
) -> Result<String, Malformed> {
    let url = login.endpoint.as_str();
    let new = New::parent(
        item,
        vec![New::text("id", login.name()), New::text("url", url)],
    );
    let root = root_of(text)?;
    let Some(profile) = profile.find(&root) else {
        return Ok(text.to_string());
    };
    let Some(list_element) = profile.child(list) else {
        return Ok(xml::append(
            text,
            &root,
            profile,
            &New::parent(list, vec![new]),
        ));
    };
    let known = list_element
        .children
        .iter()
        .find(|repository| repository.child_text("id") == Some(login.name()));
    Ok(
        match known.map(|repository| (repository, repository.child("url"))) {
            None => xml::append(text, &root, list_element, &new),
            Some((repository, None)) => {
                xml::append(text, &root, repository, &New::text("url", url))
            }
            Some((_, Some(old))) => xml::set_text(text, old, url),
        },
    )
}

fn activate(text: &str, name: &str) -> Result<String, Malformed> {
    let root = root_of(text)?;
    let active = root.child("activeProfiles");
    let is_active =
        active.is_some_and(|active| active.children.iter().any(|profile| profile.text == name));
    match is_active {
        true => Ok(text.to_string()),
        false => put(text, &["activeProfiles"], &New::text("activeProfile", name)),
    }
}

fn put_mirror(text: &str, login: &Login) -> Result<String, Malformed> {
    let mirror = Spot {
        path: MIRRORS,
        id: login.name(),
    };
    if mirror.find(&root_of(text)?).is_some() {
        return set(text, mirror, "url", login.endpoint.as_str());
    }
    // The mirror has the server's name, or Maven would not send it the token.
    let children = vec![
        New::text("id", login.name()),
        New::text("url", login.endpoint.as_str()),
        New::text("mirrorOf", "central"),
    ];
    put(text, MIRRORS, &New::parent("mirror", children))
}

fn remove_profile(written: &Written, old: &str) -> Result<String, Malformed> {
    let name = written.name;
    let mut text = old.to_string();
    for (list, item) in LISTS {
        let root = root_of(&text)?;
        let list = Spot {
            path: PROFILES,
            id: name,
        }
        .find(&root)
        .and_then(|profile| profile.child(list));
        let before = written.before(&format!("{item} {name}"));
        text = put_back(&text, list, written, before);
    }
    let root = root_of(&text)?;
    let before = written.before(&format!("mirror {name}"));
    text = put_back(&text, root.child("mirrors"), written, before);
    remove_empty_profile(&text, name)
}

/// Takes our repository or mirror out of its list, and the list when it is left empty, or
/// gives it its former address.
fn put_back(text: &str, list: Option<&Element>, written: &Written, before: Option<&str>) -> String {
    let ours = |item: &&Element| {
        item.child_text("id") == Some(written.name)
            && item
                .child_text("url")
                .is_some_and(|url| written.endpoint.contains(url))
    };
    let Some((list, item)) = list.and_then(|list| Some((list, list.children.iter().find(ours)?)))
    else {
        return text.to_string();
    };
    match (before, item.child("url")) {
        (Some(before), Some(url)) => xml::set_text(text, url, before),
        _ if list.children.len() == 1 => xml::remove(text, list),
        _ => xml::remove(text, item),
    }
}

/// Takes the profile out when nothing but its name is left, and its activation with it.
fn remove_empty_profile(text: &str, name: &str) -> Result<String, Malformed> {
    let root = root_of(text)?;
    let profile = Spot {
        path: PROFILES,
        id: name,
    }
    .find(&root);
    let Some(profile) = profile.filter(|profile| profile.children.len() == 1) else {
        return Ok(text.to_string());
    };
    let text = xml::remove(text, profile);
    let root = root_of(&text)?;
    let active = root
        .child("activeProfiles")
        .into_iter()
        .flat_map(|active| &active.children);
    let ours = active.into_iter().find(|profile| profile.text == name);
    Ok(ours.map_or_else(|| text.clone(), |profile| xml::remove(&text, profile)))
}

fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let root = root_of(text)?;
    let mut pointers = Vec::new();
    let mut point = |item: &Element| {
        if let (Some(id), Some(url)) = (item.child_text("id"), item.child_text("url")) {
            pointers.push(Pointer::new(format!("{} {id}", item.name), url));
        }
    };
    let profiles = root.child("profiles");
    for profile in profiles.into_iter().flat_map(|profiles| &profiles.children) {
        for (list, _) in LISTS {
            profile
                .child(list)
                .into_iter()
                .flat_map(|list| &list.children)
                .for_each(&mut point);
        }
    }
    let mirrors = root.child("mirrors");
    mirrors
        .into_iter()
        .flat_map(|mirrors| &mirrors.children)
        .for_each(&mut point);
    Ok(pointers)
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::config::env::Platform;

    fn rewrite(login: &Login, old: &str) -> String {
        let text = rewrite_server(login, old).expect("is fine");
        rewrite_profile(login, &text).expect("is fine")
    }

    #[test]
    fn the_file_is_where_maven_looks() {
        for platform in [Platform::Linux, Platform::MacOs, Platform::Windows] {
            let path = testing::located(&SERVER, platform, &[], "/", &testing::plain(), &[]);
            assert_eq!(path, Some(PathBuf::from("/home/me/.m2/settings.xml")));
        }
    }

    #[test]
    fn a_new_file_has_all_that_maven_needs() {
        let mut login = testing::login("maven");
        login.options.mirror = true;
        let text = rewrite(&login, "");
        let root = xml::parse(&text).expect("is fine");
        let server = root.descend(&["servers", "server"]).expect("is there");
        assert_eq!(server.child_text("password"), Some(testing::TOKEN));
        assert_eq!(
            root.descend(&["activeProfiles", "activeProfile"])
                .map(|e| e.text.as_str()),
            Some("codeartifact")
        );
        assert_eq!(
            root.descend(&["mirrors", "mirror", "mirrorOf"])
                .map(|e| e.text.as_str()),
            Some("central")
        );
        let settings: Vec<_> = effective(&text)
            .expect("is fine")
            .into_iter()
            .map(|p| p.setting)
            .collect();
        assert_eq!(
            settings,
            [
                "repository codeartifact",
                "pluginRepository codeartifact",
                "mirror codeartifact"
            ]
        );
        assert!(
            text.starts_with(
                "<settings>\n  <servers>\n    <server>\n      <id>codeartifact</id>\n"
            ),
            "{text}"
        );
    }

    const OLD: &str = "<?xml version=\"1.0\"?>\n<!-- ours -->\n<settings xmlns=\"http://maven.apache.org/SETTINGS/1.2.0\">\n\t<servers>\n\t\t<server>\n\t\t\t<id>corp</id>\n\t\t\t<password>{encrypted=}</password>\n\t\t</server>\n\t</servers>\n\t<profiles/>\n</settings>\n";

    #[test]
    fn what_is_there_stays() {
        let login = testing::login("maven");
        let text = rewrite(&login, OLD);
        assert!(text.contains("\t\t<server>\n\t\t\t<id>corp</id>\n\t\t\t<password>{encrypted=}</password>\n\t\t</server>\n\t\t<server>\n\t\t\t<id>codeartifact</id>\n"), "{text}");
        assert!(
            text.contains("\t<profiles>\n\t\t<profile>\n\t\t\t<id>codeartifact</id>\n"),
            "{text}"
        );
        assert_eq!(rewrite(&login, &text), text);
    }

    #[test]
    fn removal_leaves_nothing_of_ours() {
        let mut login = testing::login("maven");
        login.options.mirror = true;
        let text = rewrite(&login, OLD).replace("\t", " ");
        let left = testing::without_login(&MAVEN.files[1], &login, &[], &text);
        let left = testing::without_login(&SERVER, &login, &[], &left);
        assert_eq!(effective(&left).expect("is fine"), []);
        assert!(
            !left.contains("codeartifact") && left.contains("corp"),
            "{left}"
        );
    }
}
