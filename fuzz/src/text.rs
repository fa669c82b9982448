//! The editors of package managers' files. What they promise: no text makes them panic, what is
//! set is found again, setting it twice is setting it once, and places lie inside the text.

use std::ops::Range;

use codeartifact::login::text::{edn, ini, json, netrc, npmrc, properties, toml, xml, yaml};

use super::with_text;

fn check_places(text: &str, places: &[Range<usize>]) {
    for place in places {
        assert!(text.get(place.clone()).is_some(), "{place:?} of {text:?}");
    }
}

fn check_once<E: std::fmt::Debug>(text: &str, set: impl Fn(&str) -> Result<String, E>) {
    if let Ok(once) = set(text) {
        match set(&once) {
            Ok(twice) => assert_eq!(once, twice, "twice is not once"),
            Err(error) => panic!("cannot read its own {once:?}: {error:?}"),
        }
    }
}

pub(super) fn edn(bytes: &[u8]) {
    with_text(bytes, |text| {
        let path = [":user", ":repositories", ":password"];
        let _ = edn::keys(text, &[]);
        check_once(text, |text| edn::set(text, &path, "\"x\""));
        if let Ok(set) = edn::set(text, &path, "\"x\"") {
            let found = edn::get(&set, &path).expect("is its own");
            assert_eq!(found, Some("\"x\""));
            edn::remove(&set, &path).expect("is its own");
        }
        let _ = edn::remove(text, &path);
    });
}

pub(super) fn ini(bytes: &[u8]) {
    with_text(bytes, |text| {
        check_places(text, &ini::secrets(text));
        let Ok(read) = ini::Ini::parse(text) else {
            return;
        };
        for section in read.sections() {
            read.entries(section).for_each(drop);
            for (_, place) in read.words(section, "index-servers") {
                let _ = ini::remove_word(text, place);
            }
            let _ = ini::remove_section(text, section);
        }
        check_once(text, |text| ini::set(text, "global", "index-url", "x"));
        if let Ok(set) = ini::set(text, "global", "index-url", "x") {
            let read = ini::Ini::parse(&set).expect("is its own");
            assert_eq!(read.get("global", "index-url").as_deref(), Some("x"));
        }
        if let Ok(set) = ini::append_word(text, "distutils", "index-servers", "x") {
            let read = ini::Ini::parse(&set).expect("is its own");
            let words = read.words("distutils", "index-servers");
            assert!(words.iter().any(|(word, _)| *word == "x"), "{set:?}");
        }
        let _ = ini::remove(text, "global", "index-url");
    });
}

pub(super) fn json(bytes: &[u8]) {
    with_text(bytes, |text| {
        check_places(text, &json::secrets(text));
        let path = ["registries", "[default]", "url"];
        let _ = json::keys(text, &path[..1]);
        check_once(text, |text| json::set(text, &path, &"x".into()));
        if let Ok(set) = json::set(text, &path, &"x".into()) {
            let found = json::get(&set, &path).expect("is its own");
            assert_eq!(found, Some("x".into()));
            json::remove(&set, &path).expect("is its own");
        }
    });
}

pub(super) fn netrc(bytes: &[u8]) {
    with_text(bytes, |text| {
        check_places(text, &netrc::secrets(text));
        let _ = netrc::hosts(text);
        check_once(text, |text| netrc::set(text, "h.example", "aws", "x"));
        if let Ok(set) = netrc::set(text, "h.example", "aws", "x") {
            let found = netrc::get(&set, "h.example").expect("is its own");
            assert_eq!(found, Some(("aws".to_string(), "x".to_string())));
        }
        let _ = netrc::remove(text, "h.example", |_| true);
    });
}

pub(super) fn npmrc(bytes: &[u8]) {
    with_text(bytes, |text| {
        check_places(text, &npmrc::secrets(text));
        let _ = npmrc::entries(text);
        let once = npmrc::set(text, "registry", "x");
        assert_eq!(npmrc::set(&once, "registry", "x"), once);
        assert_eq!(npmrc::get(&once, "registry").as_deref(), Some("x"));
        let _ = npmrc::remove(text, "registry", |_| true);
    });
}

pub(super) fn properties(bytes: &[u8]) {
    with_text(bytes, |text| {
        check_places(text, &properties::secrets(text));
        let once = properties::set(text, "a.b", "x");
        assert_eq!(properties::set(&once, "a.b", "x"), once);
        assert_eq!(properties::get(&once, "a.b").as_deref(), Some("x"));
        let _ = properties::remove(text, "a.b", |_| true);
    });
}

pub(super) fn toml(bytes: &[u8]) {
    with_text(bytes, |text| {
        check_places(text, &toml::secrets(text));
        if let Ok(mut document) = toml::parse(text) {
            let _ = toml::get(&document, &["registry", "default"]);
            toml::remove(&mut document, &["registry", "default"]);
        }
    });
}

pub(super) fn xml(bytes: &[u8]) {
    with_text(bytes, |text| {
        check_places(text, &xml::secrets(text));
        let Ok(root) = xml::parse(text) else { return };
        let set = xml::set_text(text, &root, "x");
        xml::parse(&set).expect("is its own");
        let new = xml::New::text("server", "x");
        let more = xml::append(text, &root, &root, &new);
        let more_root = xml::parse(&more).expect("is its own");
        assert!(more_root.child_text("server").is_some());
        for child in &root.children {
            xml::parse(&xml::remove(text, child)).expect("is its own");
        }
    });
}

pub(super) fn yaml(bytes: &[u8]) {
    with_text(bytes, |text| {
        check_places(text, &yaml::secrets(text));
        let path = ["npmScopes", "mine", "npmRegistryServer"];
        if let Ok(read) = yaml::Yaml::parse(text) {
            let _ = (read.get(&path), read.keys(&path[..1]), read.items(&path));
        }
        check_once(text, |text| {
            yaml::set(text, &path, "x", yaml::Style::Quoted)
        });
        if let Ok(set) = yaml::set(text, &path, "x", yaml::Style::Quoted) {
            let read = yaml::Yaml::parse(&set).expect("is its own");
            assert_eq!(read.get(&path).as_deref(), Some("x"));
        }
        let _ = yaml::remove(text, &path);
    });
}
