//! What goes wrong between a person and the service, and what the person is told.

use std::io::Read;
use std::net::TcpListener;

use crate::support::program::{Home, Ran};

fn told(ran: &Ran, code: i32, sentence: &str) {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert_eq!(ran.out, "", "{ran:?}");
    assert!(ran.err.contains(sentence), "`{sentence}` is not in {ran:?}");
}

fn keyed() -> Home {
    let mut home = Home::new();
    home.set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    home.set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI-K7MDENG");
    home.set("AWS_MAX_ATTEMPTS", "1");
    home
}

#[test]
fn no_region() {
    told(
        &keyed().run(&["list-domains"]),
        253,
        "You must specify a region",
    );
}

#[test]
fn no_credentials() {
    let ran = Home::new().run(&[
        "list-domains",
        "--region",
        "us-west-2",
        "--endpoint-url",
        "http://127.0.0.1:1",
    ]);
    told(&ran, 253, "Unable to locate credentials");
}

#[test]
fn no_such_profile() {
    let ran = keyed().run(&["list-domains", "--profile", "nobody"]);
    told(&ran, 255, "The config profile (nobody) could not be found");
}

#[test]
fn nobody_listens() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{free}");
    let ran = keyed().run(&[
        "list-domains",
        "--region",
        "us-west-2",
        "--endpoint-url",
        &url,
    ]);
    told(
        &ran,
        255,
        &format!("Could not connect to the endpoint URL: \"{url}"),
    );
}

#[test]
fn nobody_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // Reads until the client hangs up, and says nothing.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let ran = keyed().run(&[
        "list-domains",
        "--region",
        "us-west-2",
        "--endpoint-url",
        &url,
        "--cli-read-timeout",
        "1",
    ]);
    told(&ran, 255, "Read timeout on endpoint URL");
}

#[test]
fn a_name_that_breaks_the_pattern() {
    let mut home = Home::new();
    let _service = home.serve(&[]);
    told(
        &home.run(&["create-domain", "--domain", "My_Domain"]),
        254,
        "An error occurred (ValidationException) when calling the CreateDomain operation",
    );
    told(
        &home.run(&["create-domain", "--domain", "d"]),
        252,
        "Invalid length for parameter domain",
    );
    assert_eq!(
        home.json(&["list-domains"])["domains"],
        serde_json::json!([])
    );
}

#[test]
fn a_wrong_key() {
    let mut home = Home::new();
    let _service = home.serve(&[]);
    home.set("AWS_SECRET_ACCESS_KEY", "not-the-key");
    let ran = home.run(&["list-domains"]);
    told(&ran, 254, "when calling the ListDomains operation");
    assert!(!ran.err.contains("not-the-key"), "{ran:?}");
}

#[test]
fn a_resource_that_is_not_there() {
    let mut home = Home::new();
    let _service = home.serve(&[]);
    let ran = home.run(&["describe-domain", "--domain", "nowhere"]);
    told(
        &ran,
        254,
        "codeartifact: [ERROR]: An error occurred (ResourceNotFoundException) when calling the \
         DescribeDomain operation: ",
    );
    assert!(ran.err.contains("resourceId: nowhere"), "{ran:?}");
}
