//! The real package managers have the last word: after a login each one names the repository
//! and goes there with the token; after the logout it no longer does. The stand-in knows no
//! packages, so what they ask for ends in a 404.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::stand_in::{Home, Ran, StandIn, TOKEN};
use crate::support::installed::installed;

/// One client and what is asked of it.
struct Client {
    /// The name for `--tool`.
    tool: &'static str,
    flags: &'static [&'static str],
    format: &'static str,
    /// The files of its project; `ENDPOINT` in them stands for the endpoint.
    files: &'static [(&'static str, &'static str)],
    /// The command that makes it say how it is set up, and what is in the answer then.
    report: Option<(&'static [&'static str], &'static str)>,
    /// The command that makes it fetch something.
    fetch: &'static [&'static str],
    authorization: Authorization,
}

#[derive(Clone, Copy)]
enum Authorization {
    Bearer,
    Basic,
}

impl Authorization {
    fn header(self) -> String {
        match self {
            Authorization::Bearer => format!("Bearer {TOKEN}"),
            Authorization::Basic => format!("Basic {}", STANDARD.encode(format!("aws:{TOKEN}"))),
        }
    }
}

fn check(client: &Client) {
    if installed(client.fetch[0]).is_none() {
        return;
    }
    let (service, home) = (StandIn::start(), Home::new());
    let endpoint = service.endpoint(client.format, "repository");
    for (name, text) in client.files {
        home.write(name, text.replace("ENDPOINT", &endpoint));
    }
    let run = |command: &[&str]| -> Ran {
        let command: Vec<String> = command
            .iter()
            .map(|word| word.replace("ENDPOINT", &endpoint))
            .collect();
        let arguments: Vec<&str> = command[1..].iter().map(String::as_str).collect();
        home.run_other(&service, &command[0], &arguments)
    };

    let mut arguments = vec!["--tool", client.tool];
    arguments.extend(client.flags);
    let ran = home.login(&service, &arguments);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    service.requests();
    if let Some((report, expected)) = client.report {
        let ran = run(report);
        let expected = expected.replace("ENDPOINT", &endpoint);
        assert!(ran.out.contains(&expected), "{}: {ran:#?}", client.tool);
    }
    let ran = run(client.fetch);
    let asked = service.requests_with(&client.authorization.header());
    let prefix = format!("/{}/repository/", client.format);
    assert!(
        asked.iter().any(|path| path.starts_with(&prefix)),
        "{}: {asked:?} {ran:#?}",
        client.tool
    );

    let ran = home.run(&service, &["logout", "--tool", client.tool]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    if let Some((report, expected)) = client.report {
        let ran = run(report);
        let expected = expected.replace("ENDPOINT", &endpoint);
        assert!(!ran.out.contains(&expected), "{}: {ran:#?}", client.tool);
    }
}

const MANIFEST: (&str, &str) = (
    "project/package.json",
    "{\"name\": \"project\", \"version\": \"1.0.0\"}\n",
);

#[test]
fn npm() {
    check(&Client {
        tool: "npm",
        flags: &[],
        format: "npm",
        files: &[MANIFEST, (".npmrc", "; mine\nsave-exact=true\n")],
        report: Some((&["npm", "config", "get", "registry"], "ENDPOINT")),
        fetch: &["npm", "install", "leaf"],
        authorization: Authorization::Bearer,
    });
}

#[test]
fn npm_for_a_scope() {
    check(&Client {
        tool: "npm",
        flags: &["--namespace", "mine"],
        format: "npm",
        files: &[MANIFEST],
        report: Some((&["npm", "config", "get", "@mine:registry"], "ENDPOINT")),
        fetch: &["npm", "install", "@mine/leaf"],
        authorization: Authorization::Bearer,
    });
}

#[test]
fn npm_in_a_workspace_member() {
    check(&Client {
        tool: "npm",
        flags: &["--project"],
        format: "npm",
        files: &[
            MANIFEST,
            (
                "package.json",
                "{\"name\": \"root\", \"workspaces\": [\"project\"]}",
            ),
        ],
        report: Some((
            &["npm", "config", "get", "registry", "--prefix", ".."],
            "ENDPOINT",
        )),
        fetch: &["npm", "view", "leaf"],
        authorization: Authorization::Bearer,
    });
}

#[test]
fn pnpm() {
    check(&Client {
        tool: "pnpm",
        flags: &[],
        format: "npm",
        files: &[MANIFEST],
        report: Some((&["pnpm", "config", "get", "registry"], "ENDPOINT")),
        fetch: &["pnpm", "add", "leaf"],
        authorization: Authorization::Bearer,
    });
}

#[test]
fn yarn_1() {
    check(&Client {
        tool: "yarn1",
        flags: &[],
        format: "npm",
        files: &[MANIFEST],
        report: Some((&["yarn1", "config", "list"], "ENDPOINT")),
        fetch: &["yarn1", "add", "leaf"],
        authorization: Authorization::Bearer,
    });
}

#[test]
fn yarn_4() {
    check(&Client {
        tool: "yarn",
        flags: &[],
        format: "npm",
        files: &[MANIFEST, ("project/yarn.lock", "")],
        report: Some((&["yarn4", "config", "get", "npmRegistryServer"], "ENDPOINT")),
        fetch: &["yarn4", "add", "leaf"],
        authorization: Authorization::Bearer,
    });
}

#[test]
fn yarn_4_in_a_project_for_a_scope() {
    check(&Client {
        tool: "yarn",
        flags: &["--project", "--namespace", "mine"],
        format: "npm",
        files: &[
            MANIFEST,
            ("project/yarn.lock", ""),
            ("project/.yarnrc.yml", "nodeLinker: node-modules\n"),
        ],
        report: Some((
            &["yarn4", "config", "get", "npmScopes", "--json"],
            "ENDPOINT",
        )),
        fetch: &["yarn4", "add", "@mine/leaf"],
        authorization: Authorization::Bearer,
    });
}

#[test]
fn bun() {
    check(&Client {
        tool: "bun",
        flags: &[],
        format: "npm",
        files: &[MANIFEST],
        report: None,
        fetch: &["bun", "add", "leaf"],
        authorization: Authorization::Bearer,
    });
}

const PIP_DOWNLOAD: &[&str] = &["python3", "-m", "pip", "download", "leaf"];

#[test]
fn pip() {
    check(&Client {
        tool: "pip",
        flags: &[],
        format: "pypi",
        files: &[(".config/pip/pip.conf", "[global]\ntimeout: 5\n")],
        report: Some((
            &["python3", "-m", "pip", "config", "get", "global.index-url"],
            "repository/simple/",
        )),
        fetch: PIP_DOWNLOAD,
        authorization: Authorization::Basic,
    });
}

#[test]
fn pip_beside_another_index() {
    check(&Client {
        tool: "pip",
        flags: &["--extra"],
        format: "pypi",
        files: &[(
            ".config/pip/pip.conf",
            "[global]\nindex-url = http://127.0.0.1:9/simple\nextra-index-url =\n    http://127.0.0.1:9/other\n",
        )],
        report: Some((
            &[
                "python3",
                "-m",
                "pip",
                "config",
                "get",
                "global.extra-index-url",
            ],
            "repository/simple/",
        )),
        fetch: PIP_DOWNLOAD,
        authorization: Authorization::Basic,
    });
}

const PYPROJECT: (&str, &str) = (
    "project/pyproject.toml",
    "[project]\nname = \"project\"\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = []\n",
);

#[test]
fn uv() {
    check(&Client {
        tool: "uv",
        flags: &[],
        format: "pypi",
        files: &[],
        report: Some((
            &["uv", "auth", "token", "ENDPOINT", "--username", "aws"],
            TOKEN,
        )),
        fetch: &["uv", "pip", "install", "--target", "installed", "leaf"],
        authorization: Authorization::Basic,
    });
}

#[test]
fn uv_in_a_project() {
    check(&Client {
        tool: "uv",
        flags: &["--project"],
        format: "pypi",
        files: &[PYPROJECT],
        report: None,
        fetch: &["uv", "add", "leaf"],
        authorization: Authorization::Basic,
    });
}

#[test]
fn poetry_in_a_project() {
    check(&Client {
        tool: "poetry",
        flags: &["--project"],
        format: "pypi",
        files: &[PYPROJECT],
        report: Some((
            &["poetry", "config", "repositories.codeartifact"],
            "ENDPOINT",
        )),
        fetch: &["poetry", "add", "leaf", "--no-interaction"],
        authorization: Authorization::Basic,
    });
}

#[test]
fn twine() {
    if installed("twine").is_none() {
        return;
    }
    let (service, home) = (StandIn::start(), Home::new());
    let build = "import zipfile\n\
        wheel = zipfile.ZipFile('leaf-1.0-py3-none-any.whl', 'w')\n\
        wheel.writestr('leaf-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: leaf\\nVersion: 1.0\\n')\n\
        wheel.writestr('leaf-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nTag: py3-none-any\\n')\n\
        wheel.writestr('leaf-1.0.dist-info/RECORD', '')\n\
        wheel.close()\n";
    let ran = home.run_other(&service, "python3", &["-c", build]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = home.login(&service, &["--tool", "twine", "--name", "mine"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    service.requests();
    let upload = [
        "upload",
        "--non-interactive",
        "-r",
        "mine",
        "leaf-1.0-py3-none-any.whl",
    ];
    let ran = home.run_other(&service, "twine", &upload);
    let asked = service.requests_with(&Authorization::Basic.header());
    assert_eq!(asked, ["/pypi/repository/"], "{ran:#?}");
    let ran = home.run(&service, &["logout"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = home.run_other(&service, "twine", &upload);
    assert!(
        service.requests().is_empty() && ran.code != Some(0),
        "{ran:#?}"
    );
}

#[test]
fn cargo() {
    check(&Client {
        tool: "cargo",
        flags: &[],
        format: "cargo",
        files: &[],
        report: None,
        fetch: &["cargo", "info", "leaf", "--registry", "codeartifact"],
        authorization: Authorization::Bearer,
    });
}

#[test]
fn cargo_in_place_of_the_public_registry() {
    check(&Client {
        tool: "cargo",
        flags: &["--replace-crates-io", "--project", "--name", "mine"],
        format: "cargo",
        files: &[
            (
                "project/Cargo.toml",
                "[package]\nname = \"project\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nleaf = \"1\"\n",
            ),
            ("project/src/lib.rs", ""),
            ("project/.cargo/config.toml", "[net]\nretry = 0 # mine\n"),
        ],
        report: None,
        fetch: &["cargo", "generate-lockfile"],
        authorization: Authorization::Bearer,
    });
}

#[test]
fn gem() {
    check(&Client {
        tool: "gem",
        flags: &[],
        format: "ruby",
        files: &[(".gemrc", "---\n:backtrace: false\n")],
        report: Some((&["gem", "sources", "--list"], "/ruby/repository/")),
        fetch: &["gem", "install", "leaf", "--no-document"],
        authorization: Authorization::Basic,
    });
}

#[test]
fn bundler() {
    check(&Client {
        tool: "bundler",
        flags: &[],
        format: "ruby",
        files: &[("project/Gemfile", "source \"ENDPOINT\"\ngem \"leaf\"\n")],
        report: Some((&["bundle", "config", "list"], "/ruby/repository/")),
        fetch: &["bundle", "install"],
        authorization: Authorization::Basic,
    });
}

#[test]
fn bundler_with_a_mirror() {
    check(&Client {
        tool: "bundler",
        flags: &["--mirror"],
        format: "ruby",
        files: &[(
            "project/Gemfile",
            "source \"http://127.0.0.1:9/\"\ngem \"leaf\"\n",
        )],
        report: Some((&["bundle", "config", "list"], "/ruby/repository/")),
        fetch: &["bundle", "install"],
        authorization: Authorization::Basic,
    });
}

#[test]
fn nuget() {
    check(&Client {
        tool: "nuget",
        flags: &[],
        format: "nuget",
        files: &[],
        report: Some((
            &["nuget", "sources", "list", "-NonInteractive"],
            "domain/repository",
        )),
        fetch: &["nuget", "install", "Leaf", "-NonInteractive"],
        authorization: Authorization::Basic,
    });
}

#[test]
fn maven_with_a_mirror() {
    check(&Client {
        tool: "maven",
        flags: &["--mirror"],
        format: "maven",
        files: &[],
        report: None,
        fetch: &["mvn", "-B", "-q", "org.example:leaf-maven-plugin:1.0:run"],
        authorization: Authorization::Basic,
    });
}

#[test]
fn gradle() {
    check(&Client {
        tool: "gradle",
        flags: &[],
        format: "maven",
        files: &[(
            "project/build.gradle",
            "configurations { own }\ndependencies { own 'org.example:leaf:1.0' }\ntask fetch { doLast { println configurations.own.files } }\n",
        )],
        report: None,
        fetch: &["gradle", "--no-daemon", "-q", "fetch"],
        authorization: Authorization::Basic,
    });
}
