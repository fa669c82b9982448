//! Whom the program trusts: a service with a certificate of its own authority.

use std::io::{Read, Write};

use crate::support::certified::{Certified, serve};
use crate::support::stage::{Home, Ran};

const ANSWER: &str =
    "HTTP/1.1 200 OK\r\ncontent-length: 26\r\n\r\n{\"domain\": {\"name\": \"dd\"}}";

fn service() -> Certified {
    serve(|stream| {
        let mut buffer = [0; 8192];
        // The request has no body and fits; whoever does not trust us goes away.
        if stream.read(&mut buffer).is_ok() {
            let _ = stream.write_all(ANSWER.as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    })
}

fn run(home: &Home, service: &Certified, variables: &[(&str, &str)], line: &[&str]) -> Ran {
    home.write("authority.pem", &service.authority);
    let output = home
        .command(&service.url)
        .envs(variables.iter().copied())
        .args([
            "describe-domain",
            "--domain",
            "dd",
            "--query",
            "domain.name",
        ])
        .args(line)
        .output();
    Ran::from(output.unwrap())
}

#[track_caller]
fn is_trusted(ran: &Ran) {
    assert_eq!((ran.code, ran.out.as_str()), (0, "\"dd\"\n"), "{}", ran.err);
}

#[test]
fn an_authority_is_trusted_by_flag_variable_and_profile() {
    let (home, service) = (Home::new(), service());
    is_trusted(&run(
        &home,
        &service,
        &[],
        &["--ca-bundle", "authority.pem"],
    ));
    is_trusted(&run(
        &home,
        &service,
        &[("AWS_CA_BUNDLE", "authority.pem")],
        &[],
    ));
    home.write(".aws/config", "[default]\nca_bundle = authority.pem\n");
    is_trusted(&run(&home, &service, &[], &[]));
}

#[test]
fn whom_nobody_trusts_is_not_talked_to() {
    let (home, service) = (Home::new(), service());
    let other = self::service();
    home.write("other.pem", &other.authority);
    for line in [&[][..], &["--ca-bundle", "other.pem"]] {
        let ran = run(&home, &service, &[], line);
        assert_eq!(ran.code, 255);
        assert!(
            ran.err
                .contains("SSL validation failed for https://127.0.0.1"),
            "{}",
            ran.err
        );
        assert_eq!(ran.out, "");
    }
}

#[test]
fn everyone_is_trusted_when_nothing_is_verified() {
    let (home, service) = (Home::new(), service());
    is_trusted(&run(&home, &service, &[], &["--no-verify-ssl"]));
    // Even where a bundle is named that says otherwise.
    let bundle = [("AWS_CA_BUNDLE", "/nowhere.pem")];
    is_trusted(&run(&home, &service, &bundle, &["--no-verify-ssl"]));
}
