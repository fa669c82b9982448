//! Assets on their way: whole and verified, or not at all.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::recorder::{Recorder, Reply, Request};
use crate::support::stage::{Home, Ran};

const CONTENT: &[u8] = b"the content of an asset";

fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// A service with one asset, which lists this hash for it.
fn service(listed: &str, revision: &'static str, cut_at: Option<usize>) -> Recorder {
    let listed = listed.to_string();
    Recorder::start(move |request: &Request| match request.path.as_str() {
        "/v1/package/version/asset" => Reply {
            headers: vec![
                ("X-AssetName", "a.tgz".to_string()),
                ("X-PackageVersion", "1.0".to_string()),
                ("X-PackageVersionRevision", "rev".to_string()),
            ],
            body: CONTENT.to_vec(),
            cut_at,
            ..Reply::json("")
        },
        // The asset is on the second page.
        "/v1/package/version/assets" if request.parameter("next-token").is_none() => Reply::json(
            &json!({"versionRevision": revision, "assets": [{"name": "b"}], "nextToken": "more"}),
        ),
        "/v1/package/version/assets" => Reply::json(&json!({"versionRevision": revision,
            "assets": [{"name": "a.tgz", "hashes": {"MD5": "x", "SHA-256": listed}}]})),
        _ => Reply::fault(403, "AccessDeniedException", "{}"),
    })
}

fn download(home: &Home, service: &Recorder, outfile: &str) -> Ran {
    let line = [
        "get-package-version-asset",
        "--domain",
        "dd",
        "--repository",
        "rr",
        "--format",
        "npm",
        "--package",
        "p",
        "--package-version",
        "1.0",
        "--asset",
        "a.tgz",
        outfile,
    ];
    home.run(&service.url, line)
}

/// Everything in the home, by name.
fn files(home: &Home) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_verified_asset_gets_its_name() {
    let (home, service) = (Home::new(), service(&hash(CONTENT), "rev", None));
    let ran = download(&home, &service, "out.tgz");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let printed: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        printed,
        json!({"assetName": "a.tgz", "packageVersion": "1.0", "packageVersionRevision": "rev"})
    );
    assert_eq!(std::fs::read(home.file("out.tgz")).unwrap(), CONTENT);
    assert_eq!(files(&home), ["out.tgz"]);
}

#[test]
fn a_damaged_asset_leaves_the_old_file() {
    let (home, service) = (Home::new(), service(&hash(b"other"), "rev", None));
    home.write("out.tgz", "old");
    let ran = download(&home, &service, "out.tgz");
    assert_eq!(ran.code, 255);
    assert!(ran.err.contains("was damaged on its way"), "{}", ran.err);
    assert_eq!(ran.out, "");
    assert_eq!(std::fs::read(home.file("out.tgz")).unwrap(), b"old");
    assert_eq!(files(&home), ["out.tgz"]);
}

#[test]
fn a_download_that_breaks_off_leaves_nothing() {
    let (home, service) = (Home::new(), service(&hash(CONTENT), "rev", Some(5)));
    let ran = download(&home, &service, "out.tgz");
    assert_eq!(ran.code, 255);
    assert!(ran.err.contains("broke off"), "{}", ran.err);
    assert!(files(&home).is_empty());
}

#[test]
fn without_a_listed_hash_there_is_a_warning() {
    let (home, service) = (
        Home::new(),
        service(&hash(b"other"), "another revision", None),
    );
    let ran = download(&home, &service, "out.tgz");
    assert_eq!(ran.code, 0);
    assert!(ran.err.starts_with("warning: "), "{}", ran.err);
    assert_eq!(files(&home), ["out.tgz"]);
}

#[test]
fn standard_output_carries_the_asset_alone() {
    let (home, service) = (Home::new(), service(&hash(CONTENT), "rev", None));
    let ran = download(&home, &service, "-");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.out.as_bytes(), CONTENT);
    assert!(files(&home).is_empty());
}

#[test]
#[cfg(unix)]
fn links_stay_links_and_devices_devices() {
    let (home, service) = (Home::new(), service(&hash(CONTENT), "rev", None));
    home.write("real.tgz", "old");
    std::os::unix::fs::symlink("real.tgz", home.file("link.tgz")).unwrap();
    assert_eq!(download(&home, &service, "link.tgz").code, 0);
    assert!(home.file("link.tgz").is_symlink());
    assert_eq!(std::fs::read(home.file("real.tgz")).unwrap(), CONTENT);
    assert_eq!(download(&home, &service, "/dev/null").code, 0);
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_folder_is_no_outfile() {
    let (home, service) = (Home::new(), service(&hash(CONTENT), "rev", None));
    std::fs::create_dir(home.file("folder")).unwrap();
    assert_eq!(download(&home, &service, "folder").code, 255);
    assert_eq!(download(&home, &service, "missing/out").code, 255);
    assert_eq!(files(&home), ["folder"]);
}

fn publish(home: &Home, service: &Recorder, more: &[&str]) -> Ran {
    let line = [
        "publish-package-version",
        "--domain",
        "dd",
        "--repository",
        "rr",
        "--format",
        "generic",
        "--package",
        "p",
        "--package-version",
        "1.0",
        "--asset-name",
        "a.bin",
    ];
    home.run(&service.url, line.iter().chain(more))
}

#[test]
fn an_upload_is_hashed_when_its_hash_is_left_out() {
    let (home, service) = (Home::new(), Recorder::start(|_| Reply::json("{}")));
    home.write("a.bin", CONTENT);
    let ran = publish(
        &home,
        &service,
        &["--asset-content", "a.bin", "--unfinished"],
    );
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let request = service.take().remove(0);
    assert_eq!(request.body, CONTENT);
    assert_eq!(request.headers["x-amz-content-sha256"], hash(CONTENT));
    assert_eq!(request.parameter("unfinished"), Some("true"));
}

#[test]
fn a_given_hash_is_sent_as_it_is() {
    let (home, service) = (Home::new(), Recorder::start(|_| Reply::json("{}")));
    home.write("a.bin", CONTENT);
    let other = hash(b"other");
    publish(
        &home,
        &service,
        &["--asset-content", "a.bin", "--asset-sha256", &other],
    );
    assert_eq!(service.take()[0].headers["x-amz-content-sha256"], other);
}

#[test]
fn an_upload_is_repeated_from_its_beginning() {
    let seen = std::sync::Mutex::new(0);
    let service = Recorder::start(move |_| {
        let mut seen = seen.lock().unwrap();
        *seen += 1;
        match *seen {
            1 => Reply::fault(500, "InternalServerException", "{}"),
            _ => Reply::json("{}"),
        }
    });
    let home = Home::new();
    home.write("a.bin", CONTENT);
    assert_eq!(
        publish(&home, &service, &["--asset-content", "a.bin"]).code,
        0
    );
    let bodies: Vec<Vec<u8>> = service
        .take()
        .into_iter()
        .map(|request| request.body)
        .collect();
    assert_eq!(bodies, [CONTENT, CONTENT]);
}

#[test]
fn what_is_no_file_is_refused_before_anything_is_sent() {
    let (home, service) = (Home::new(), Recorder::start(|_| Reply::json("{}")));
    let ran = publish(&home, &service, &["--asset-content", "missing"]);
    assert_eq!(ran.code, 252);
    assert!(ran.err.contains(
        "Error parsing parameter '--asset-content': Blob values must be a path to a file."
    ));
    assert!(service.take().is_empty());
}
