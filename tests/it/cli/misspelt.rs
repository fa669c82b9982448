//! A wrong command, flag or value is told with the right one beside it.

use crate::support::stage::{Home, Ran};

fn told(line: &[&str]) -> Ran {
    let home = Home::new();
    Ran::from(
        home.command("http://127.0.0.1:9")
            .args(line)
            .output()
            .unwrap(),
    )
}

#[test]
fn the_nearest_right_one_is_offered() {
    for (line, near) in [
        (&["list-packges"][..], "* list-packages"),
        (
            &[
                "list-packages",
                "--domian",
                "my-domain",
                "--repository",
                "my-repo",
            ],
            "`--domian` may be meant to be `--domain`",
        ),
        (
            &["list-domains", "--max-itms=3"],
            "`--max-itms=3` may be meant to be `--max-items`",
        ),
        (&["list-domains", "--output", "jsn"], "* json"),
        (&["login", "--tol", "npm"], "'--tool'"),
        (&["login", "--tool", "nmp"], "'pnpm'"),
        (&["completion", "bsh"], "'bash'"),
    ] {
        let ran = told(line);
        assert_eq!(ran.code, 252, "{line:?}: {ran:?}");
        assert!(ran.err.contains(near), "{line:?}: {ran:?}");
        assert_eq!(ran.out, "", "{line:?}");
    }
}

#[test]
fn errors_of_all_commands_look_alike() {
    for line in [
        &["login", "--tool", "nmp"][..],
        &["local", "serv"],
        &["list-domains", "--output", "jsn"],
    ] {
        let ran = told(line);
        assert!(
            ran.err
                .starts_with("\ncodeartifact: [ERROR]: An error occurred (ParamValidation): "),
            "{line:?}: {ran:?}"
        );
        assert!(!ran.err.contains("error: "), "{line:?}: {ran:?}");
    }
}
