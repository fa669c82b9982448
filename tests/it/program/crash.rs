//! `kill -9` at any moment: whatever is listed afterwards can be downloaded as it was recorded.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::program::{Home, PROGRAM};

const ROUNDS: u64 = 6;
const PACKAGE: [&str; 10] = [
    "--domain",
    "my-domain",
    "--repository",
    "my-repo",
    "--format",
    "generic",
    "--namespace",
    "my-namespace",
    "--package",
    "my-package",
];

#[test]
fn every_listed_asset_is_whole_after_a_kill() {
    let mut home = Home::new();
    home.write("asset", &"0123456789abcdef".repeat(200_000));
    let mut service = home.serve(&[]);
    home.json(&["create-domain", "--domain", "my-domain"]);
    home.json(&[
        "create-repository",
        "--domain",
        "my-domain",
        "--repository",
        "my-repo",
    ]);
    for round in 0..ROUNDS {
        let publishers: Vec<_> = (0..3)
            .map(|publisher| {
                home.write(
                    &format!("asset-{publisher}"),
                    &format!("{round}-{publisher}").repeat(500_000),
                );
                let version = format!("{round}.{publisher}.0");
                home.command(PROGRAM)
                    .args(["publish-package-version", "--package-version", &version])
                    .args(PACKAGE)
                    .args(["--asset-name", "asset", "--asset-content"])
                    .arg(format!("asset-{publisher}"))
                    .stdout(Stdio::piped())
                    .stderr(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        // Somewhere in the middle: later in every round.
        std::thread::sleep(Duration::from_millis(15 + 12 * round));
        service.kill();
        let acknowledged: Vec<bool> = publishers
            .into_iter()
            .map(|publisher| publisher.wait_with_output().unwrap().status.success())
            .collect();
        service = home.serve(&[]);
        let versions = all_listed_are_whole(&home);
        for (publisher, acknowledged) in acknowledged.into_iter().enumerate() {
            let version = format!("{round}.{publisher}.0");
            assert!(
                !acknowledged || versions.contains(&version),
                "{version} was acknowledged and is lost"
            );
        }
    }
}

/// Downloads every asset of every version and gives the versions.
fn all_listed_are_whole(home: &Home) -> Vec<String> {
    let listed = home.run(&[&["list-package-versions"], &PACKAGE[..]].concat());
    if listed.code == Some(254) && listed.err.contains("ResourceNotFoundException") {
        return Vec::new();
    }
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    let versions = listed["versions"].as_array().unwrap().iter();
    versions
        .map(|version| version["version"].as_str().unwrap().to_string())
        .inspect(|version| {
            let of = [&PACKAGE[..], &["--package-version", version]].concat();
            let assets = home.json(&[&["list-package-version-assets"], &of[..]].concat());
            for asset in assets["assets"].as_array().unwrap() {
                let name = asset["name"].as_str().unwrap();
                home.json(
                    &[
                        &["get-package-version-asset", "--asset", name],
                        &of[..],
                        &["downloaded"],
                    ]
                    .concat(),
                );
                let bytes = std::fs::read(home.file("downloaded")).unwrap();
                assert_eq!(
                    asset["hashes"]["SHA-256"],
                    hex::encode(Sha256::digest(&bytes))
                );
            }
        })
        .collect()
}
