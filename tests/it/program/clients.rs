//! The real `aws` against the local service, with the variables of `local env`.

use serde_json::{Value, json};

use crate::support::installed::installed;
use crate::support::program::Home;

#[test]
fn aws_talks_to_the_service() {
    if installed("aws").is_none() {
        return;
    }
    let mut home = Home::new();
    let _service = home.serve(&[]);
    home.json(&["create-domain", "--domain", "my-domain"]);
    let aws = |arguments: &[&str]| -> Value {
        let output = home.command("aws").args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let created = aws(&[
        "codeartifact",
        "create-repository",
        "--domain",
        "my-domain",
        "--repository",
        "my-repo",
        "--query",
        "repository.name",
    ]);
    assert_eq!(created, "my-repo");
    assert_eq!(
        aws(&[
            "codeartifact",
            "list-packages",
            "--domain",
            "my-domain",
            "--repository",
            "my-repo",
        ]),
        json!({"packages": []})
    );
    assert_eq!(
        aws(&["sts", "get-caller-identity"])["Account"],
        "111122223333"
    );
}
