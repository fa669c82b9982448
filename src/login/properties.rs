//! What every adapter promises, tried on many texts: no panic, twice is once, and a login
//! that is taken back leaves the text as it was.

use proptest::prelude::*;

use super::ADAPTERS;
use super::adapter::{ConfigFile, Login};
use super::endpoint::Endpoint;
use super::removal::take_back;
use super::testing;
use super::undo::{Undo, fingerprint};
use crate::secret::Secret;

/// All adapters' files with a login for each, also with all flags on and with a scope.
fn cases() -> Vec<(&'static ConfigFile, Login)> {
    let mut cases = Vec::new();
    for adapter in ADAPTERS {
        let plain = testing::login(adapter.format);
        let mut flagged = plain.clone();
        flagged.options.extra = true;
        flagged.options.mirror = true;
        flagged.options.replace_crates_io = true;
        flagged.options.push = true;
        flagged.options.name = Some("mine".to_string());
        flagged.options = flagged.options.known_to(adapter);
        flagged.endpoint = Endpoint::parse("http://127.0.0.1:8080/x/r/").expect("is fine");
        if adapter.namespace != super::NamespaceRule::None {
            flagged.namespace = super::namespace::check(adapter, Some("mine")).expect("is fine");
        }
        let mut in_keychain = plain.clone();
        in_keychain.options.keychain = true;
        for kind in adapter.files {
            cases.push((kind, in_keychain.clone()));
            cases.push((kind, plain.clone()));
            cases.push((kind, flagged.clone()));
        }
    }
    cases
}

/// Pieces of the files that people have, awkward ones among them, a group for each syntax.
const PIECES: &[&[&str]] = include!("pieces.in");

/// Pieces of any text.
const BLANKS: &[&str] = &["", "   ", "\t", "# a comment"];

fn texts() -> impl Strategy<Value = String> {
    let piece = |group: &'static [&'static str]| {
        prop_oneof![
            12 => prop::sample::select(group).prop_map(str::to_string),
            3 => prop::sample::select(BLANKS).prop_map(str::to_string),
            1 => "[ -~]{0,12}",
            1 => "\\PC{0,6}",
        ]
    };
    let pieces = prop::sample::select(PIECES)
        .prop_flat_map(move |group| prop::collection::vec(piece(group), 0..6));
    let ending =
        prop_oneof![6 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\n\n"), 1 => Just("\n  ")];
    (pieces, ending, any::<bool>(), prop::bool::weighted(0.1)).prop_map(
        |(pieces, ending, closed, marked)| {
            let mut text = pieces.join(ending);
            if closed && !text.is_empty() {
                text.push_str(ending);
            }
            if marked {
                text.insert(0, '\u{feff}');
            }
            text
        },
    )
}

fn promises(kind: &ConfigFile, login: &Login, text: &str) -> Result<(), TestCaseError> {
    let _ = (kind.secrets)(text);
    let Ok(new) = (kind.rewrite)(login, text) else {
        return Ok(());
    };
    let twice = (kind.rewrite)(login, &new);
    prop_assert_eq!(
        twice.as_ref(),
        Ok(&new),
        "{}: twice is not once",
        kind.owner
    );
    prop_assert!(
        (kind.effective)(&new).is_ok(),
        "{}: cannot read its own",
        kind.owner
    );
    let mut renewed = login.clone();
    renewed.token = Secret::new("renewed");
    if kind.holds_token {
        let renewed = (kind.rewrite)(&renewed, &new);
        let text = renewed.as_ref().map(String::as_str).unwrap_or_default();
        prop_assert!(!text.contains(testing::TOKEN) || text.contains("renewed"));
    }

    let known = [fingerprint(login.token.expose())];
    let undo = Undo::record(Some(text), &new, kind.secrets, &known);
    let undone = undo.apply(&new, kind.secrets);
    let remembered = serde_json::to_string(&undo).expect("is data");
    prop_assert!(
        !remembered.contains(testing::TOKEN),
        "{}: the token is remembered",
        kind.owner
    );
    if undone.complete {
        prop_assert_eq!(
            undone.text.as_deref(),
            Some(text),
            "{}: not as before",
            kind.owner
        );
    } else {
        prop_assert!(
            !(kind.secrets)(text).is_empty(),
            "{}: cannot be taken back though there was no secret",
            kind.owner
        );
        // A secret stood in the way: what is left must be readable and free of the token.
        let left = take_back(kind, login, &undo, text, &new);
        prop_assert!(left.is_ok(), "{}: {left:?}", kind.owner);
        let left = left.unwrap_or_default();
        prop_assert!(
            !left.contains(testing::TOKEN) || text.contains(testing::TOKEN),
            "{}: the token stays in {left:?}",
            kind.owner
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adapters_keep_their_promises(text in texts()) {
        for (kind, login) in cases() {
            promises(kind, &login, &text)?;
        }
    }

    #[test]
    fn no_text_makes_them_panic(text in any::<String>()) {
        for (kind, login) in cases() {
            promises(kind, &login, &text)?;
        }
    }
}

#[test]
fn an_empty_file_and_none_come_back() {
    for (kind, login) in cases() {
        let Ok(new) = (kind.rewrite)(&login, "") else {
            // gem does not lose its default source to `--extra`.
            assert!(kind.owner == "gemrc" && login.options.extra);
            continue;
        };
        let known = [fingerprint(login.token.expose())];
        let undo = Undo::record(None, &new, kind.secrets, &known);
        let undone = undo.apply(&new, kind.secrets);
        assert_eq!(
            (undone.text, undone.complete),
            (None, true),
            "{}",
            kind.owner
        );
    }
}
