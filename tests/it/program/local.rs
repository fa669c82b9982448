//! `local serve`, `local env` and `local run`.

use crate::support::program::{Home, PROGRAM};

#[cfg(unix)]
#[test]
fn a_service_is_found_until_it_ends_and_keeps_its_data_and_key() {
    let mut home = Home::new();
    let mut service = home.serve(&[]);
    home.json(&["create-domain", "--domain", "my-domain"]);
    let data = home.file("data");
    let environment = ["local", "env", "--data-dir", data.to_str().unwrap()];
    let before = home.run(&environment).out;
    let names: Vec<_> = before
        .lines()
        .filter_map(|line| line.strip_prefix("export ")?.split('=').next())
        .collect();
    assert_eq!(
        names,
        [
            "AWS_ENDPOINT_URL_CODEARTIFACT",
            "AWS_ENDPOINT_URL_STS",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_REGION",
            "AWS_DEFAULT_REGION"
        ]
    );
    assert!(before.contains(&format!("'{}'", service.url)), "{before}");
    assert_eq!(service.terminate(), Some(0));
    let gone = home.run(&environment);
    assert_eq!(gone.code, Some(255));
    assert!(gone.err.contains("No local service is running"), "{gone:?}");

    let again = home.serve(&[]);
    let after = home.run(&environment).out;
    assert_eq!(after, before.replace(&before_url(&before), &again.url));
    let domains = home.json(&["list-domains", "--query", "domains[].name"]);
    assert_eq!(domains, serde_json::json!(["my-domain"]));
}

fn before_url(exports: &str) -> String {
    exports.split('\'').nth(1).unwrap().to_string()
}

#[cfg(unix)]
#[test]
fn the_note_with_the_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mut home = Home::new();
    let _service = home.serve(&[]);
    let note = std::fs::metadata(home.file("data/service.json")).unwrap();
    assert_eq!(note.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_second_service_on_the_same_data_is_refused() {
    let mut home = Home::new();
    let service = home.serve(&[]);
    let data = home.file("data");
    let data = data.to_str().unwrap();
    let ran = home.run(&[
        "local",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        data,
    ]);
    assert_eq!(ran.code, Some(255));
    assert!(
        ran.err.contains("another service has the data directory"),
        "{ran:?}"
    );
    // And the first one is still found.
    let found = home.run(&["local", "env", "--data-dir", data]);
    assert!(found.out.contains(&service.url), "{found:?}");
}

#[test]
fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let home = Home::new();
    let ran = home.run(&["local", "serve", "--listen", &address, "--data-dir", "data"]);
    assert_eq!(ran.code, Some(255));
    assert!(ran.err.contains(&address), "{ran:?}");
}

#[test]
fn the_network_is_not_listened_to() {
    let home = Home::new();
    let ran = home.run(&[
        "local",
        "serve",
        "--listen",
        "0.0.0.0:0",
        "--data-dir",
        "data",
    ]);
    assert_eq!(ran.code, Some(252));
    assert!(!home.file("data").exists());
}

#[cfg(unix)]
#[test]
fn an_ephemeral_service_leaves_nothing() {
    let mut home = Home::new();
    let temporary = home.file("tmp");
    std::fs::create_dir(&temporary).unwrap();
    home.set("TMPDIR", temporary.to_str().unwrap());
    let (mut service, data) = home.serve_ephemeral();
    assert_eq!(data.parent(), Some(temporary.as_path()));
    home.json(&["create-domain", "--domain", "my-domain"]);
    assert_eq!(
        home.json(&["list-domains", "--query", "domains[].name"]),
        serde_json::json!(["my-domain"])
    );
    assert_eq!(service.terminate(), Some(0));
    assert!(!data.exists());
    // Nor where data is kept otherwise.
    let names = |folder: &std::path::Path| {
        let entries = std::fs::read_dir(folder).unwrap();
        let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names
    };
    assert_eq!(names(home.path()), ["tmp"]);
    assert!(names(&temporary).is_empty());
}

#[test]
fn a_command_runs_with_a_service_of_its_own() {
    let home = Home::new();
    let script =
        format!("{PROGRAM} create-domain --domain my-domain --query domain.owner && exit 7");
    let ran = home.run(&[
        "local",
        "run",
        "--account-id",
        "123456789012",
        "--",
        "sh",
        "-c",
        &script,
    ]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(7), "\"123456789012\"\n"),
        "{ran:?}"
    );
    let missing = home.run(&["local", "run", "--", "no-such-command"]);
    assert_eq!(missing.code, Some(255));
    assert!(
        missing.err.contains("`no-such-command` cannot be run"),
        "{missing:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_command_that_a_signal_ends_gives_the_shells_code() {
    let ran = Home::new().run(&["local", "run", "--", "sh", "-c", "kill -9 $$"]);
    assert_eq!(ran.code, Some(128 + 9));
}

#[test]
fn profiles_and_sessions_of_the_user_stay_outside() {
    let mut home = Home::new();
    home.set("AWS_PROFILE", "not-there");
    home.set("AWS_SESSION_TOKEN", "not-ours");
    let ran = home.run(&["local", "run", "--", PROGRAM, "list-domains"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn an_address_for_no_external_connection_is_refused() {
    let mut home = Home::new();
    let assignment = "public:npmsj=http://127.0.0.1:1/";
    let command = ["local", "run", "--", "true"];
    let ran = home.run(&["local", "run", "--external", assignment, "--", "true"]);
    assert_eq!(ran.code, Some(252), "{ran:?}");
    assert!(ran.err.contains("public:npmjs, "), "{ran:?}");
    home.set("CODEARTIFACT_EXTERNAL", assignment);
    let ran = home.run(&command);
    assert_eq!(ran.code, Some(253), "{ran:?}");
    assert!(ran.err.contains("CODEARTIFACT_EXTERNAL"), "{ran:?}");
    home.set("CODEARTIFACT_EXTERNAL", "public:npmjs=http://127.0.0.1:1/");
    assert_eq!(home.run(&command).code, Some(0));
}
