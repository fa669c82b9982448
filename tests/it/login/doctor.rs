//! `doctor`: what it says of set-ups that work and of those that do not.

use super::stand_in::{Home, Ran, StandIn, TOKEN};

fn doctor(home: &Home, service: &StandIn, arguments: &[&str]) -> Ran {
    doctor_with(home, service, &[], arguments)
}

/// The same with more variables.
fn doctor_with(
    home: &Home,
    service: &StandIn,
    variables: &[(&str, &str)],
    arguments: &[&str],
) -> Ran {
    let mut command = home.command(env!("CARGO_BIN_EXE_codeartifact"), service);
    command.envs(variables.iter().copied()).arg("doctor");
    let ran = Ran::from(command.args(arguments).output().unwrap());
    assert!(!ran.out.contains(TOKEN) && !ran.err.contains(TOKEN));
    ran
}

/// Asserts that something is found, with this advice.
#[track_caller]
fn assert_found(ran: &Ran, found: &str, advice: &str) {
    let mut lines = ran.out.lines();
    let told = lines.any(|line| line.contains(found));
    let advised = lines.next().is_some_and(|line| line.contains(advice));
    assert!(told && advised, "{found} / {advice}\n{ran:?}");
}

#[test]
fn a_set_up_that_works_is_well() {
    let (service, home) = (StandIn::start(), Home::new());
    home.login(&service, &["--tool", "cargo"]);
    let ran = doctor(&home, &service, &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in [
        "ok: the service answers at ",
        "ok: the credentials are those of arn:aws:iam::111122223333:user/tester\n",
        "ok: the service gives a token for domain domain\n",
        "ok: repository repository of domain domain is there\n",
        "ok: cargo uses ",
        "ok: cargo is ",
    ] {
        assert!(ran.out.contains(line), "{line}: {ran:?}");
    }
    assert!(!ran.out.contains("problem: "), "{ran:?}");
}

#[test]
fn missing_credentials_are_a_problem() {
    let (service, home) = (StandIn::start(), Home::new());
    let mut command = home.command(env!("CARGO_BIN_EXE_codeartifact"), &service);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        command.env_remove(name);
    }
    command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .arg("doctor");
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_found(
        &ran,
        "problem: An error occurred (NoCredentials)",
        "AWS_PROFILE",
    );
}

#[test]
fn nothing_to_look_at_is_said() {
    let (service, home) = (StandIn::start(), Home::new());
    let ran = doctor(&home, &service, &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_found(&ran, "warning: no domain is known to try", "--domain");
    assert_found(
        &ran,
        "warning: no package manager is logged in",
        "--tool auto",
    );
}

#[test]
fn faults_of_the_service_are_explained() {
    let (service, home) = (StandIn::start(), Home::new());
    for (domain, found, advice) in [
        (
            "no-bearer",
            "not authorized to perform: sts:GetServiceBearerToken",
            "in a policy of the domain it has no effect",
        ),
        (
            "not-there",
            "(ResourceNotFoundException)",
            "whether the domain is in the Region us-west-2",
        ),
        (
            "expired",
            "(ExpiredTokenException)",
            "the credentials have expired",
        ),
        (
            "skewed",
            "(InvalidSignatureException)",
            "or this machine's clock is",
        ),
    ] {
        let ran = doctor(&home, &service, &["--domain", domain]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_found(&ran, found, advice);
    }
}

#[test]
fn a_service_that_cannot_be_reached_is_explained() {
    let (service, home) = (StandIn::start(), Home::new());
    let nowhere = [("AWS_ENDPOINT_URL_CODEARTIFACT", "http://127.0.0.1:9/")];
    let ran = doctor_with(&home, &service, &nowhere, &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_found(
        &ran,
        "problem: the service cannot be reached at http://127.0.0.1:9/: ",
        "the variable `AWS_ENDPOINT_URL_CODEARTIFACT`",
    );
    let proxied = [("http_proxy", "http://me:secret@127.0.0.1:9")];
    let ran = doctor_with(&home, &service, &proxied, &[]);
    assert_found(
        &ran,
        "problem: the service cannot be reached",
        "the proxy of `http_proxy`, http://127.0.0.1:9",
    );
    assert!(!ran.out.contains("secret"), "{ran:?}");
}

#[test]
fn logins_that_do_not_work_are_explained() {
    let (service, home) = (StandIn::start(), Home::new());
    home.login(&service, &["--tool", "npm"]);
    let npmrc = home.read(".npmrc").unwrap();
    home.write(".npmrc", npmrc.replace(TOKEN, "old"));
    let again = "codeartifact login --tool npm --domain domain --repository repository";
    let ran = doctor(&home, &service, &["--tool", "npm"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_found(&ran, "no longer holds what the login of npm wrote", again);
    home.write(".npmrc", npmrc);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let wide = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(home.file(".npmrc"), wide).unwrap();
        let ran = doctor(&home, &service, &["--tool", "npm"]);
        assert_found(&ran, "others can read it (mode 0644)", "chmod 600");
    }
    let variable = [("npm_config_registry", "https://corp.test/")];
    let ran = doctor_with(&home, &service, &variable, &["--tool", "npm"]);
    assert_found(
        &ran,
        "the variable `npm_config_registry` leads to https://corp.test/",
        "take `npm_config_registry` out of the way",
    );
    let ran = doctor_with(
        &home,
        &service,
        &[("AWS_REGION", "eu-west-1")],
        &["--tool", "npm"],
    );
    assert_found(
        &ran,
        "npm is logged in to us-west-2, and calls go to eu-west-1",
        "--region us-west-2",
    );
}

#[test]
#[cfg(unix)]
fn programs_are_looked_for_and_asked_for_their_version() {
    use std::os::unix::fs::PermissionsExt;
    let (service, home) = (StandIn::start(), Home::new());
    let install = |name: &str, says: &str| {
        let path = home.file(&format!("bin/{name}"));
        home.write(
            &format!("bin/{name}"),
            format!("#!/bin/sh\necho '{says}'\n"),
        );
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    install("cargo", "cargo 1.70.0 (abc)");
    install("yarn", "1.22.22");
    let path = format!("relative:{}:/bin", home.file("bin").display());
    let variables = [("PATH", path.as_str())];
    let tools = [
        "--tool", "cargo", "--tool", "yarn", "--tool", "yarn1", "--tool", "swift",
    ];
    let ran = doctor_with(&home, &service, &variables, &tools);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_found(
        &ran,
        "is version 1.70.0, and 1.74 is needed",
        "CodeArtifact supports Cargo",
    );
    assert_found(&ran, "is version 1.22.22, and 2 is needed", "--tool yarn1");
    assert!(ran.out.contains("ok: yarn1 is "), "{ran:?}");
    assert_found(&ran, "`swift` is not on the `PATH`", "install swift");
}

#[test]
fn a_bad_project_file_is_a_finding() {
    let (service, home) = (StandIn::start(), Home::new());
    home.write("project/codeartifact.toml", "domain = 1\n");
    let ran = doctor(&home, &service, &["--output", "json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let first = &document["findings"][0];
    assert_eq!(first["level"], "problem");
    let found = first["found"].as_str().unwrap();
    assert!(found.contains("codeartifact.toml`, line 1: "), "{found}");
}
