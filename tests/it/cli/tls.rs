//! Whom the program trusts: a service with a certificate of its own authority.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::stage::{Home, Ran};

const ANSWER: &str =
    "HTTP/1.1 200 OK\r\ncontent-length: 26\r\n\r\n{\"domain\": {\"name\": \"dd\"}}";

/// A service, and the certificate of its authority.
struct Trusted {
    url: String,
    authority: String,
}

fn service() -> Trusted {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_string(), "127.0.0.1".to_string()];
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            let mut buffer = [0; 8192];
            // The request has no body and fits; whoever does not trust us goes away.
            if stream.read(&mut buffer).is_ok() {
                let _ = stream.write_all(ANSWER.as_bytes());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    Trusted {
        url,
        authority: authority.pem(),
    }
}

fn run(home: &Home, service: &Trusted, variables: &[(&str, &str)], line: &[&str]) -> Ran {
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
