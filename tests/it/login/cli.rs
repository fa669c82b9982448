//! What a person or a script sees of `login`.

use super::stand_in::{Home, StandIn, TOKEN};

#[test]
fn npm_is_set_up_and_told_in_two_lines() {
    let (service, home) = (StandIn::start(), Home::new());
    home.write(".npmrc", "; mine\nsave-exact=true\n");
    let ran = home.login(&service, &["--tool", "npm"]);
    let endpoint = service.endpoint("npm", "repository");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out.starts_with(&format!(
            "Successfully configured npm to use AWS CodeArtifact repository {endpoint} \n\
             Login expires in "
        )),
        "{ran:?}"
    );
    assert!(
        ran.out.ends_with(" at 2100-01-01 00:00:00.500000+00:00\n"),
        "{ran:?}"
    );
    let host = endpoint.trim_start_matches("http:");
    assert_eq!(
        home.read(".npmrc").expect("is there"),
        format!("; mine\nsave-exact=true\nregistry={endpoint}\n{host}:_authToken={TOKEN}\n")
    );
    assert_eq!(
        service.requests(),
        [
            "POST /v1/authorization-token?domain=domain",
            "GET /v1/repository/endpoint?domain=domain&repository=repository&format=npm",
        ]
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| {
            let metadata = std::fs::metadata(home.file(name)).expect("is there");
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode(".npmrc"), 0o600);
        assert_eq!(mode(".local/state/codeartifact/login.json"), 0o600);
        assert!(ran.err.contains("had mode 0644"), "{ran:?}");
    }
    let journal = home
        .read(".local/state/codeartifact/login.json")
        .expect("is there");
    assert!(!journal.contains(TOKEN));
}

#[test]
fn a_dry_run_shows_a_difference_without_the_token_and_leaves_no_trace() {
    let (service, home) = (StandIn::start(), Home::new());
    let ran = home.login(&service, &["--tool", "npm", "--dry-run"]);
    let (path, endpoint) = (home.file(".npmrc"), service.endpoint("npm", "repository"));
    let host = endpoint.trim_start_matches("http:");
    assert_eq!(
        ran.out,
        format!(
            "--- /dev/null\n+++ {}\n@@ -0,0 +1,2 @@\n+registry={endpoint}\n+{host}:_authToken=******\n",
            path.display()
        ),
        "{ran:?}"
    );
    assert_eq!(service.requests().len(), 2);
    let left: Vec<_> = std::fs::read_dir(home.path()).expect("is there").collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let shown = home.login(&service, &["--tool", "pnpm", "--dry-run", "--show-token"]);
    assert!(
        shown.out.contains(&format!(":_authToken={TOKEN}\n")),
        "{shown:?}"
    );
    // For a tool of AWS's client what that prints, which a script may take apart.
    let shown = home.login(&service, &["--tool", "npm", "--dry-run", "--show-token"]);
    assert_eq!(
        shown.out,
        format!(
            "npm config set registry {endpoint}\n\n\
             npm config set {host}:always-auth true\n\n\
             npm config set {host}:_authToken {TOKEN}\n\n"
        ),
        "{shown:?}"
    );
}

#[test]
fn bad_arguments_end_before_any_call() {
    let (service, home) = (StandIn::start(), Home::new());
    for (arguments, code, message) in [
        (&["--tool", "Npm"][..], 252, "Npm"),
        (&[], 252, "the following arguments are required: --tool"),
        (
            &["--tool", "npm", "--namespace", ".x"],
            255,
            "Invalid scope name",
        ),
        (
            &["--tool", "npm", "--extra"],
            255,
            "Argument --extra is not supported for npm",
        ),
        (&["--tool", "npm", "--duration-seconds", "60"], 255, "900"),
    ] {
        let ran = home.login(&service, arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(message), "{arguments:?}: {ran:?}");
        assert_eq!(ran.out, "");
    }
    assert_eq!(service.requests(), Vec::<String>::new());
}

#[test]
fn a_file_that_cannot_be_edited_is_left_alone() {
    let (service, home) = (StandIn::start(), Home::new());
    std::fs::create_dir(home.file(".npmrc")).expect("a folder");
    let ran = home.login(&service, &["--tool", "npm"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(255), ""));
    assert!(
        ran.err.contains("was left alone: it is a folder"),
        "{ran:?}"
    );
}
