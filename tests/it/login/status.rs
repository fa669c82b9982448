//! `status`: what a person or a script sees of logins.

use super::stand_in::{Home, Ran, StandIn, TOKEN};

fn status(home: &Home, service: &StandIn, arguments: &[&str]) -> Ran {
    let mut all = vec!["status"];
    all.extend(arguments);
    let ran = home.run(service, &all);
    assert!(!ran.out.contains(TOKEN) && !ran.err.contains(TOKEN));
    ran
}

#[test]
fn a_login_in_force_is_told_and_asked_about() {
    let (service, home) = (StandIn::start(), Home::new());
    let none = status(&home, &service, &[]);
    assert_eq!(
        (none.code, none.out.as_str()),
        (Some(1), "There is no login\n")
    );
    home.login(&service, &["--tool", "npm", "--namespace", "team"]);
    home.login(&service, &["--tool", "pip"]);
    service.requests();
    let ran = status(&home, &service, &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let endpoint = service.endpoint("npm", "repository");
    let expected = format!(
        "npm: {endpoint}\n  \
         repository repository of domain domain, Region us-west-2, for @team\n  \
         {} (user) [@team:registry]: as the login wrote it\n  token: expires in ",
        home.file(".npmrc").display()
    );
    assert!(ran.out.starts_with(&expected), "{ran:?}");
    assert!(
        ran.out
            .contains(" at 2100-01-01 00:00:00.500000+00:00; the service accepts it\npip: "),
        "{ran:?}"
    );
    assert_eq!(
        service.requests_with(&format!("Bearer {TOKEN}")),
        ["/npm/repository/"]
    );
    status(&home, &service, &["--tool", "pip"]);
    let basic = service.requests();
    assert_eq!(basic, ["GET /pypi/repository/?", "POST /?"]);
    let caller = "A new token would be for arn:aws:iam::111122223333:user/tester\n";
    assert!(ran.out.ends_with(caller), "{ran:?}");
    let offline = status(&home, &service, &["--offline"]);
    assert!(
        offline
            .out
            .contains("; whether the service accepts it is not known\n"),
        "{offline:?}"
    );
    assert_eq!(service.requests(), Vec::<String>::new());
}

#[test]
fn tools_that_share_a_file_share_the_login() {
    let (service, home) = (StandIn::start(), Home::new());
    home.login(&service, &["--tool", "npm"]);
    let code = |tool: &str| status(&home, &service, &["--tool", tool]).code;
    assert_eq!(code("pnpm"), Some(0));
    assert_eq!(code("pip"), Some(1));
    let pip = status(&home, &service, &["--tool", "pip"]);
    assert_eq!(pip.out, "pip: no login\n");
}

#[test]
fn what_keeps_a_login_from_working_is_told() {
    let (service, home) = (StandIn::start(), Home::new());
    home.run(
        &service,
        &[
            "login",
            "--tool",
            "npm",
            "--domain",
            "domain",
            "--repository",
            "refused",
        ],
    );
    home.write("project/package.json", "{}");
    home.write(
        "project/.npmrc",
        "registry=https://me:secret@corp.test/npm/\n",
    );
    let ran = status(
        &home,
        &service,
        &["--tool", "npm", "--output", "json", "--color", "off"],
    );
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let login = &document["logins"][0];
    assert_eq!(login["accepted"], false);
    assert_eq!(login["inForce"], false);
    assert_eq!(login["expired"], false);
    assert_eq!(login["files"][0]["state"], "as-written");
    let path = home.file("project/.npmrc");
    assert_eq!(
        login["problems"],
        serde_json::json!([
            "the service refuses the token",
            format!(
                "`registry` in `{}` leads to https://corp.test/npm/",
                path.display()
            ),
        ])
    );
    assert!(!ran.out.contains("secret"), "{ran:?}");
}

#[test]
fn after_a_logout_there_is_none() {
    let (service, home) = (StandIn::start(), Home::new());
    home.login(&service, &["--tool", "cargo"]);
    assert_eq!(status(&home, &service, &[]).code, Some(0));
    home.run(&service, &["logout"]);
    assert_eq!(status(&home, &service, &[]).code, Some(1));
}
