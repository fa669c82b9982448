//! The adapters of `login`: whatever stands in a package manager's file, they do not panic, a
//! second login changes nothing, what they wrote they can read, and it can be taken back.

use codeartifact::login::{
    ADAPTERS, Adapter, ConfigFile, Endpoint, Login, NamespaceRule, Options, Undo, Written, adapter,
    diff, fingerprint,
};
use codeartifact::secret::Secret;

use super::with_text;

const TOKEN: &str = "eyJ0b2tlbg==";

/// A login to a repository, with the flags of the bits.
pub(super) fn login(adapter: &Adapter, choice: u8) -> Login {
    let endpoint = if choice & 1 == 0 {
        format!(
            "https://d-111122223333.d.codeartifact.us-west-2.amazonaws.com/{}/r/",
            adapter.format
        )
    } else {
        "http://127.0.0.1:8080/x/r/".to_string()
    };
    let options = Options {
        project: choice & 2 != 0,
        extra: choice & 4 != 0,
        mirror: choice & 8 != 0,
        replace_crates_io: choice & 16 != 0,
        push: choice & 32 != 0,
        name: (choice & 64 != 0).then(|| "mine".to_string()),
        ..Options::default()
    };
    let scoped = choice & 128 != 0 && adapter.namespace != NamespaceRule::None;
    Login {
        endpoint: Endpoint::parse(&endpoint).expect("is fine"),
        token: Secret::new(TOKEN),
        expiry: "2026-11-22T22:00:00Z".parse().expect("a time"),
        domain: "d".to_string(),
        owner: Some("111122223333".to_string()),
        repository: "r".to_string(),
        region: Some("us-west-2".to_string()),
        profile: None,
        namespace: scoped.then(|| match adapter.namespace {
            NamespaceRule::Npm => "@mine".to_string(),
            _ => "mine".to_string(),
        }),
        options: options.known_to(adapter),
    }
}

/// The first line names the tool, the byte behind it holds the flags; the rest is the file. A line
/// that names none still chooses one.
pub(super) fn adapters(bytes: &[u8]) {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let (tool, [_, flags, rest @ ..]) = bytes.split_at(end) else {
        return;
    };
    let named = str::from_utf8(tool).ok().and_then(adapter);
    let adapter = named.unwrap_or_else(|| {
        let sum = tool.iter().copied().map(usize::from).sum::<usize>();
        ADAPTERS[sum % ADAPTERS.len()]
    });
    let login = login(adapter, *flags);
    with_text(rest, |text| {
        for kind in adapter.files {
            check(kind, &login, text);
        }
    });
}

fn check(kind: &ConfigFile, login: &Login, text: &str) {
    for place in (kind.secrets)(text) {
        assert!(text.get(place.clone()).is_some(), "{place:?} of {text:?}");
    }
    let _ = (kind.effective)(text);
    let Ok(new) = (kind.rewrite)(login, text) else {
        return;
    };
    let twice = (kind.rewrite)(login, &new);
    assert_eq!(twice.as_ref(), Ok(&new), "{}: twice", kind.owner);
    let read = (kind.effective)(&new);
    assert!(read.is_ok(), "{}: cannot read its own", kind.owner);
    let hidden = diff::hide(&new, kind.secrets);
    assert!(
        text.contains(TOKEN) || !hidden.contains(TOKEN),
        "{}: shows the token: {hidden}",
        kind.owner
    );
    check_undo(kind, login, text, &new);
    check_removal(kind, login, text, &new);
}

/// What was written can be taken back, to the letter unless a secret stood in the way.
fn check_undo(kind: &ConfigFile, login: &Login, text: &str, new: &str) {
    let known = [fingerprint(login.token.expose())];
    let undo = Undo::record(Some(text), new, kind.secrets, &known);
    let remembered = serde_json::to_string(&undo).expect("is data");
    assert!(
        text.contains(TOKEN) || !remembered.contains(TOKEN),
        "{}: remembers the token: {remembered}",
        kind.owner
    );
    let undone = undo.apply(new, kind.secrets);
    if undone.complete {
        assert_eq!(undone.text.as_deref(), Some(text), "{}", kind.owner);
    } else {
        let secrets = (kind.secrets)(text);
        assert!(!secrets.is_empty(), "{}: cannot be undone", kind.owner);
    }
}

/// What was written can be taken out setting by setting, from its own text and from any other.
fn check_removal(kind: &ConfigFile, login: &Login, text: &str, new: &str) {
    let ours = |value: &str| value.contains(TOKEN);
    let written = Written {
        endpoint: &login.endpoint,
        domain: &login.domain,
        repository: &login.repository,
        namespace: login.namespace.as_deref(),
        name: login.name(),
        before: &[],
        is_our_token: &ours,
    };
    let _ = (kind.remove)(&written, text);
    let left = (kind.remove)(&written, new);
    assert!(left.is_ok(), "{}: {left:?}", kind.owner);
}
