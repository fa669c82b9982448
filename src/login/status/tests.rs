//! Logins that stand, that were edited, and that something wins over.

use super::*;
use crate::config::env::Platform;
use crate::login::journal::Journal;
use crate::login::plan::past_login;
use crate::login::testing::{self, MadeUpDisk};
use crate::login::undo::Undo;

const NOW: &str = "2026-11-22T12:00:00Z";

/// What the login of a tool leaves: its files, and the journal.
fn after_login(
    tool: &str,
    options: Options,
    scope: Option<&str>,
) -> (Vec<(String, String)>, Journal) {
    let adapter = adapter(tool).unwrap();
    let mut login = testing::login(adapter.format);
    login.options = options;
    login.namespace = scope.map(str::to_string);
    let env = Env::made_up(Platform::Linux, "/home/me", "/p", []);
    let place = Place {
        env: &env,
        options: &login.options,
        disk: &MadeUpDisk::default(),
    };
    let mut files: Vec<(String, String)> = Vec::new();
    let mut journal = Journal::default();
    for kind in adapter.files {
        let Some(path) = (kind.locate)(&place).unwrap() else {
            continue;
        };
        let name = path.display().to_string();
        let at = files.iter().position(|(known, _)| *known == name);
        let old = at.map_or(String::new(), |at| files[at].1.clone());
        let text = (kind.rewrite)(&login, &old).unwrap();
        match at {
            Some(at) => files[at].1 = text,
            None => files.push((name, text)),
        }
        let part = Part {
            owner: kind.owner.to_string(),
            tools: vec![tool.to_string()],
            logins: vec![past_login(adapter, &login)],
            before: Vec::new(),
        };
        let mut parts = journal
            .record(&path)
            .map_or(Vec::new(), |record| record.parts.clone());
        parts.push(part);
        journal.put(Record {
            undo: Undo::default(),
            path,
            parts,
            mode_before: None,
        });
    }
    for record in &mut journal.records {
        let path = record.path.display().to_string();
        let (_, text) = files.iter().find(|(known, _)| *known == path).unwrap();
        let find = kind_of(&record.parts[0].owner).unwrap().secrets;
        record.undo = Undo::record(None, text, find, &record.tokens());
    }
    (files, journal)
}

/// The status with more files, or others, and these variables.
fn status(
    (files, journal): &(Vec<(String, String)>, Journal),
    changed: &[(&str, &str)],
    variables: &[(&'static str, &'static str)],
) -> Vec<LoginStatus> {
    let env = Env::made_up(Platform::Linux, "/home/me", "/p", variables.iter().copied());
    let mut all: Vec<(&str, &str)> = files
        .iter()
        .filter(|(path, _)| changed.iter().all(|(other, _)| other != path))
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    all.extend(changed.iter().filter(|(_, text)| !text.is_empty()));
    let disk = MadeUpDisk::new(&all);
    let view = View {
        env: &env,
        disk: &disk,
        now: NOW.parse().unwrap(),
    };
    collect(&view, journal, None)
}

fn sentences(logins: &[LoginStatus]) -> Vec<String> {
    logins.iter().flat_map(LoginStatus::problems).collect()
}

#[test]
fn every_tools_login_is_found_again_as_written() {
    for adapter in ADAPTERS {
        let scope = (adapter.tool == "swift").then_some("team");
        let login = after_login(adapter.tool, Options::default(), scope);
        let found = status(&login, &[], &[]);
        let [found] = found.as_slice() else {
            panic!("{}: {found:#?}", adapter.tool);
        };
        assert_eq!(found.problems(), Vec::<String>::new(), "{found:#?}");
        assert_eq!(found.tool, adapter.tool);
        assert!(found.token.is_some(), "{found:#?}");
        for file in &found.files {
            assert_eq!(file.state, State::AsWritten, "{found:#?}");
            assert_eq!(file.level, Level::User, "{found:#?}");
        }
        let shown = serde_json::to_string(found).unwrap();
        assert!(!shown.contains(testing::TOKEN), "{shown}");
    }
}

#[test]
fn an_edit_is_told_from_an_end() {
    let login = after_login("npm", Options::default(), None);
    let text = &login.0[0].1;
    let state = |text: &str| {
        let found = status(&login, &[("/home/me/.npmrc", text)], &[]);
        found[0].files[0].state
    };
    assert_eq!(state(&format!("; mine\n{text}a=1\n")), State::AsWritten);
    assert_eq!(
        state(&text.replace("registry=", "registry = ")),
        State::Edited
    );
    let moved = text.replacen("https://d-", "https://e-", 1);
    assert_eq!(state(&moved), State::Overwritten);
    assert_eq!(
        state(&text.replace(testing::TOKEN, "other")),
        State::Overwritten
    );
    assert_eq!(state(""), State::Gone);
    let gone = status(&login, &[("/home/me/.npmrc", "")], &[]);
    assert_eq!(
        sentences(&gone),
        ["`/home/me/.npmrc` is not there any more"]
    );
}

#[test]
fn a_token_expires() {
    let login = after_login("npm", Options::default(), None);
    let env = Env::made_up(Platform::Linux, "/home/me", "/p", []);
    let files: Vec<(&str, &str)> = login
        .0
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let view = View {
        env: &env,
        disk: &MadeUpDisk::new(&files),
        now: "2026-11-22T22:00:00Z".parse().unwrap(),
    };
    let found = collect(&view, &login.1, None);
    assert_eq!(sentences(&found), ["the token has expired"]);
}

#[test]
fn variables_and_project_files_win() {
    type Case = (
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static [(&'static str, &'static str)],
        &'static [&'static str],
    );
    let cases: &[Case] = &[
        (
            "npm",
            &[],
            &[("NPM_CONFIG_REGISTRY", "https://u:secret@a.test/")],
            &["the variable `NPM_CONFIG_REGISTRY` leads to https://a.test/"],
        ),
        (
            "npm",
            &[
                ("/p/package.json", "{}"),
                ("/p/.npmrc", "registry=https://a.test/\n"),
            ],
            &[],
            &["`registry` in `/p/.npmrc` leads to https://a.test/"],
        ),
        (
            "npm",
            &[],
            &[(
                "NPM_CONFIG_REGISTRY",
                "https://d-111122223333.d.codeartifact.us-west-2.amazonaws.com/npm/r/",
            )],
            &[],
        ),
        (
            "pnpm",
            &[(
                "/home/me/.config/pnpm/rc",
                "//d-111122223333.d.codeartifact.us-west-2.amazonaws.com/npm/r/:tokenHelper=/h\n",
            )],
            &[],
            &[
                "`tokenHelper` in `/home/me/.config/pnpm/rc` gives pnpm a token for the same registry as `_authToken`",
            ],
        ),
        (
            "bun",
            &[(
                "/p/bunfig.toml",
                "[install]\nregistry = \"https://a.test/\"\n",
            )],
            &[],
            &["`install.registry` in `/p/bunfig.toml` leads to https://a.test/"],
        ),
        (
            "yarn1",
            &[("/home/me/.yarnrc", "registry \"https://a.test/\"\n")],
            &[],
            &["`registry` in `/home/me/.yarnrc` leads to https://a.test/"],
        ),
        (
            "yarn",
            &[
                ("/p/yarn.lock", ""),
                ("/p/.yarnrc.yml", "npmRegistryServer: https://a.test/\n"),
            ],
            &[],
            &["`npmRegistryServer` in `/p/.yarnrc.yml` leads to https://a.test/"],
        ),
        (
            "pip",
            &[],
            &[("PIP_INDEX_URL", "https://u:secret@a.test/simple")],
            &["the variable `PIP_INDEX_URL` leads to https://a.test/simple"],
        ),
        (
            "pip",
            &[("/p/requirements.txt", "-i https://a.test/simple\nx\n")],
            &[],
            &["`--index-url` in `/p/requirements.txt` leads to https://a.test/simple"],
        ),
        (
            "pip",
            &[("/venv/pip.conf", "[global]\nindex-url = https://a.test/\n")],
            &[("VIRTUAL_ENV", "/venv")],
            &["`index-url` in `/venv/pip.conf` leads to https://a.test/"],
        ),
        (
            "uv",
            &[],
            &[
                ("UV_NO_CONFIG", "1"),
                ("UV_DEFAULT_INDEX", "https://a.test/"),
            ],
            &[
                "the variable `UV_DEFAULT_INDEX` leads to https://a.test/",
                "the variable `UV_NO_CONFIG` keeps the tool from reading its file",
            ],
        ),
        (
            "poetry",
            &[],
            &[("POETRY_HTTP_BASIC_CODEARTIFACT_PASSWORD", "secret")],
            &["the variable `POETRY_HTTP_BASIC_CODEARTIFACT_PASSWORD` holds other credentials"],
        ),
        (
            "twine",
            &[],
            &[
                ("TWINE_REPOSITORY", "codeartifact"),
                ("TWINE_PASSWORD", "secret"),
            ],
            &["the variable `TWINE_PASSWORD` holds other credentials"],
        ),
        (
            "twine",
            &[],
            &[("TWINE_REPOSITORY", "pypi")],
            &["the variable `TWINE_REPOSITORY` names another source"],
        ),
        (
            "cargo",
            &[],
            &[(
                "CARGO_REGISTRIES_CODEARTIFACT_INDEX",
                "sparse+https://a.test/",
            )],
            &["the variable `CARGO_REGISTRIES_CODEARTIFACT_INDEX` leads to https://a.test/"],
        ),
        (
            "gem",
            &[],
            &[("GEM_HOST_API_KEY", "secret")],
            &["the variable `GEM_HOST_API_KEY` holds other credentials"],
        ),
        (
            "dotnet",
            &[(
                "/p/nuget.config",
                "<configuration><packageSources><clear/></packageSources></configuration>",
            )],
            &[],
            &["`/p/nuget.config` clears the sources of the user's file"],
        ),
        (
            "maven",
            &[("/p/.mvn/maven.config", "-s ci.xml")],
            &[("MAVEN_ARGS", "-q")],
            &["`/p/.mvn/maven.config` makes Maven read other settings"],
        ),
        (
            "gradle",
            &[],
            &[("ORG_GRADLE_PROJECT_codeartifactToken", "secret")],
            &["the variable `ORG_GRADLE_PROJECT_codeartifactToken` holds other credentials"],
        ),
        (
            "sbt",
            &[],
            &[("SBT_CREDENTIALS", "/x")],
            &["the variable `SBT_CREDENTIALS` keeps the tool from reading its file"],
        ),
    ];
    for (tool, files, variables, expected) in cases {
        let login = after_login(tool, Options::default(), None);
        let found = status(&login, files, variables);
        let of_login: Vec<LoginStatus> = found.into_iter().filter(|login| login.ours).collect();
        assert_eq!(sentences(&of_login), *expected, "{tool}");
    }
}

#[test]
fn sections_and_mirrors_in_the_same_file_win() {
    let pip = after_login("pip", Options::default(), None);
    let text = format!("{}[install]\nindex-url = https://a.test/\n", pip.0[0].1);
    let found = status(&pip, &[("/home/me/.config/pip/pip.conf", &text)], &[]);
    assert_eq!(
        sentences(&found),
        ["`[install] index-url` in `/home/me/.config/pip/pip.conf` leads to https://a.test/"]
    );
    let maven = after_login("maven", Options::default(), None);
    let mirror = "<mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>https://a.test/</url></mirror></mirrors></settings>";
    let text = maven.0[0].1.replace("</settings>", mirror);
    let found = status(&maven, &[("/home/me/.m2/settings.xml", &text)], &[]);
    assert_eq!(
        sentences(&found),
        ["`mirror` in `/home/me/.m2/settings.xml` leads to https://a.test/"]
    );
}

#[test]
fn a_scope_is_not_shadowed_by_the_registry() {
    let login = after_login("npm", Options::default(), Some("@team"));
    let variables = [("npm_config_registry", "https://a.test/")];
    let found = status(&login, &[], &variables);
    assert_eq!(sentences(&found), Vec::<String>::new());
    assert_eq!(found[0].namespace.as_deref(), Some("@team"));
}

#[test]
fn a_token_that_another_scopes_login_renewed_counts_for_both() {
    let (files, mut journal) = after_login("npm", Options::default(), None);
    for part in &mut journal.records[0].parts {
        let mut older = part.logins[0].clone();
        older.namespace = Some("@team".to_string());
        older.token = fingerprint("older");
        older.expiry = NOW.parse().unwrap();
        part.logins.insert(0, older);
    }
    let scope =
        "@team:registry=https://d-111122223333.d.codeartifact.us-west-2.amazonaws.com/npm/r/\n";
    let text = format!("{}{scope}", files[0].1);
    let path = files[0].0.clone();
    let found = status(&(files, journal), &[(&path, &text)], &[]);
    assert_eq!(found.len(), 2, "{found:#?}");
    for login in found {
        assert!(login.token.is_some() && !login.expired, "{login:#?}");
    }
}

#[test]
fn what_others_wrote_is_found() {
    let text = "registry=https://d-111122223333.d.codeartifact.eu-west-1.amazonaws.com/npm/r/\n\
                @a:registry=https://a.test/\n";
    let none = (Vec::new(), Journal::default());
    let found = status(&none, &[("/home/me/.npmrc", text)], &[]);
    let [login] = found.as_slice() else {
        panic!("{found:#?}");
    };
    assert_eq!((login.tool.as_str(), login.ours), ("npm", false));
    assert_eq!(login.region.as_deref(), Some("eu-west-1"));
    assert_eq!(login.domain_owner.as_deref(), Some("111122223333"));
    assert_eq!(login.expiry, None);
    let pnpm = adapter("pnpm").unwrap();
    assert!(login.concerns(pnpm));
}

#[test]
fn another_projects_login_is_shown_apart() {
    let (files, mut journal) = after_login("npm", Options::default(), None);
    journal.records[0].path = "/other/.npmrc".into();
    let found = status(&(files, journal), &[("/home/me/.npmrc", "")], &[]);
    assert!(!found[0].is_read_here(), "{found:#?}");
}
