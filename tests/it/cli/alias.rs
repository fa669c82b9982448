//! Aliases of AWS CLI, as a person has them.

use serde_json::json;

use crate::support::recorder::{Recorder, Reply};
use crate::support::stage::{Home, Ran};

const ALIASES: &str = "[command codeartifact]
names = list-domains --query domains[].name --output text
list-domains = list-domains --max-items 1
hello = !f() {
    echo \"$1, $2\"
    exit 3
  }; f
who = describe-domain --profile other

[toplevel]
one = codeartifact describe-domain --domain one
";

fn run(line: &[&str]) -> (Ran, Vec<String>) {
    let home = Home::new();
    home.write(".aws/cli/alias", ALIASES);
    let service = Recorder::start(|_| {
        Reply::json(&json!({"domains": [{"name": "a"}, {"name": "b"}],
            "domain": {"name": "one"}}))
    });
    let ran = home.run(&service.url, line);
    let paths = service.take().into_iter().map(|request| request.path);
    (ran, paths.collect())
}

#[test]
fn an_alias_stands_for_a_command_line() {
    // A page that is cut short has no names at its end, which text output says as in AWS CLI.
    let (ran, _) = run(&["names"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "a\nNone\n"),
        "{}",
        ran.err
    );
    // What the alias says for every command counts, as in AWS CLI.
    let (ran, _) = run(&["--output", "json", "names"]);
    assert_eq!(ran.out, "a\nNone\n", "{}", ran.err);
    let (ran, _) = run(&["names", "--max-items", "2"]);
    assert_eq!(ran.out, "a\tb\n", "{}", ran.err);
    let (ran, paths) = run(&["one"]);
    assert_eq!(
        (ran.code, paths),
        (0, vec!["/v1/domain".to_string()]),
        "{}",
        ran.err
    );
}

#[test]
fn a_line_for_the_shell_gives_its_code() {
    let (ran, paths) = run(&["hello", "it's", "me"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (3, "it's, me\n"),
        "{}",
        ran.err
    );
    assert!(paths.is_empty());
}

#[test]
fn what_an_alias_may_not_say() {
    let (ran, paths) = run(&["who"]);
    assert_eq!(ran.code, 255);
    assert!(
        ran.err
            .contains("Global parameter \"--profile\" detected in alias \"who\""),
        "{}",
        ran.err
    );
    assert!(paths.is_empty());
}
