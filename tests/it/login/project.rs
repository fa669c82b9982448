//! `codeartifact.toml` and `--tool auto`, as a person meets them.

use super::stand_in::{Home, Ran, StandIn};

/// A login without any flags but these, in a folder of the project.
fn login_in(home: &Home, service: &StandIn, folder: &str, arguments: &[&str]) -> Ran {
    std::fs::create_dir_all(home.file(folder)).unwrap();
    let mut command = home.command(env!("CARGO_BIN_EXE_codeartifact"), service);
    let command = command.current_dir(home.file(folder)).arg("login");
    Ran::from(command.args(arguments).output().unwrap())
}

const PROJECT: &str = r#"
domain = "my-domain"
owner = "111122223333"
repository = "main"
region = "eu-west-1"
profile = "on-another-machine"
duration-seconds = 900
tools = ["npm", "pip"]

[[login]]
tools = ["npm"]
namespace = "team"
repository = "team"

[[login]]
tools = ["twine"]
domain = "other"
repository = "release"
name = "release"
"#;

#[test]
fn a_login_without_flags_does_all_that_the_project_says() {
    let (service, home) = (StandIn::start(), Home::new());
    home.write("project/codeartifact.toml", PROJECT);
    let ran = login_in(&home, &service, "project/deep/inside", &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let path = home.file("project/codeartifact.toml");
    assert!(
        ran.err.starts_with(&format!(
            "Using `{}`: repository main of domain my-domain of 111122223333, \
             repository team of domain my-domain of 111122223333, \
             repository release of domain other\n",
            path.display()
        )),
        "{ran:?}"
    );
    let mine = "domain=my-domain&domain-owner=111122223333";
    assert_eq!(
        service.requests(),
        [
            format!("POST /v1/authorization-token?{mine}&duration=900"),
            format!("GET /v1/repository/endpoint?{mine}&repository=main&format=npm"),
            format!("GET /v1/repository/endpoint?{mine}&repository=main&format=pypi"),
            format!("GET /v1/repository/endpoint?{mine}&repository=team&format=npm"),
            "POST /v1/authorization-token?domain=other&duration=900".to_string(),
            "GET /v1/repository/endpoint?domain=other&repository=release&format=pypi".to_string(),
        ]
    );
    let npmrc = home.read(".npmrc").unwrap();
    for line in [
        format!("registry={}\n", service.endpoint("npm", "main")),
        format!("@team:registry={}\n", service.endpoint("npm", "team")),
    ] {
        assert!(npmrc.contains(&line), "{npmrc}");
    }
    assert!(home.read(".config/pip/pip.conf").is_some());
    assert!(home.read(".pypirc").unwrap().contains("[release]\n"));
    // The Region is the domain's, whatever the variables say.
    let journal = home.read(".local/state/codeartifact/login.json").unwrap();
    assert!(journal.contains(r#""region": "eu-west-1""#), "{journal}");
    assert!(!journal.contains("us-west-2"), "{journal}");
}

#[test]
fn flags_go_before_the_project() {
    let (service, home) = (StandIn::start(), Home::new());
    home.write("project/codeartifact.toml", PROJECT);
    let flags = ["--tool", "cargo", "--repository", "mine"];
    let ran = login_in(&home, &service, "project", &flags);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mine = "domain=my-domain&domain-owner=111122223333";
    assert_eq!(
        service.requests()[1],
        format!("GET /v1/repository/endpoint?{mine}&repository=mine&format=cargo")
    );
    // Another domain has another owner, and its repositories are not known.
    let flags = ["--tool", "npm", "--domain", "third"];
    let ran = login_in(&home, &service, "project", &flags);
    assert_eq!(ran.code, Some(252), "{ran:?}");
    assert!(ran.err.contains("are required: --repository"), "{ran:?}");
    let flags = ["--tool", "pip", "--domain", "third", "--repository", "r3"];
    let ran = login_in(&home, &service, "project", &flags);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(
        service.requests()[0],
        "POST /v1/authorization-token?domain=third&duration=900"
    );
}

#[test]
fn a_bad_file_ends_before_any_call_and_names_the_line() {
    let (service, home) = (StandIn::start(), Home::new());
    for (text, expected) in [
        ("domain = \"d1\"\nendpoint-url = \"http://x\"\n", "line 2: "),
        ("tools = [\"npn\"]\n", "line 1: `npn` is no tool"),
        ("domain = \"\u{1b}[2J\"\n", "line 1: "),
    ] {
        home.write("project/codeartifact.toml", text);
        let ran = login_in(&home, &service, "project", &[]);
        assert_eq!(ran.code, Some(253), "{ran:?}");
        assert!(ran.err.contains(expected), "{ran:?}");
        assert!(!ran.err.contains('\u{1b}'), "{ran:?}");
    }
    home.write("project/codeartifact.toml", "tools = [\"pip\"]\nextra = true\nnamespace = \"a\"\ndomain = \"d1\"\nrepository = \"r1\"\n");
    let ran = login_in(&home, &service, "project", &[]);
    assert!(
        ran.err.contains("--namespace is not supported for pip"),
        "{ran:?}"
    );
    assert_eq!(service.requests(), Vec::<String>::new());
}

#[test]
fn the_profile_counts_where_nothing_else_says_whose_credentials_to_use() {
    let (service, home) = (StandIn::start(), Home::new());
    home.write("project/codeartifact.toml", PROJECT);
    let mut command = home.command(env!("CARGO_BIN_EXE_codeartifact"), &service);
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .arg("login");
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(255), "{ran:?}");
    assert!(
        ran.err.contains("profile (on-another-machine)")
            && ran.err.contains("codeartifact.toml` names the profile"),
        "{ran:?}"
    );
    home.write(
        ".aws/credentials",
        "[on-another-machine]\naws_access_key_id = AKID\naws_secret_access_key = x\n",
    );
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn auto_finds_the_tools_of_the_project_and_says_why() {
    let (service, home) = (StandIn::start(), Home::new());
    let nothing = home.login(&service, &["--tool", "auto"]);
    assert_eq!(nothing.code, Some(255), "{nothing:?}");
    for word in ["package.json", "*.csproj", "Package.swift", "build.sbt"] {
        assert!(nothing.err.contains(word), "{nothing:?}");
    }
    assert_eq!(service.requests(), Vec::<String>::new());
    home.write("project/yarn.lock", "# yarn lockfile v1\n");
    home.write("project/Cargo.toml", "[package]\n");
    let ran = home.login(&service, &["--tool", "auto", "--tool", "pip", "--project"]);
    assert_eq!(ran.code, Some(255), "no virtual environment: {ran:?}");
    let ran = home.login(&service, &["--tool", "auto", "--tool", "twine"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lock = home.file("project/yarn.lock");
    let found = format!("Found yarn1: {} (written by Yarn 1)\n", lock.display());
    assert!(ran.err.starts_with(&found), "{ran:?}");
    let configured: Vec<&str> = ran
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("Successfully configured "))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(configured, ["twine", "yarn1", "cargo"]);
}

#[test]
fn auto_in_the_project_leaves_to_others_what_they_name() {
    let (service, home) = (StandIn::start(), Home::new());
    home.write(
        "project/codeartifact.toml",
        "domain = \"my-domain\"\nrepository = \"main\"\ntools = \"auto\"\n\
         [[login]]\ntools = [\"npm\"]\nrepository = \"team\"\n",
    );
    home.write("project/package.json", "{}");
    home.write("project/pom.xml", "");
    let ran = login_in(&home, &service, "project", &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let endpoint = service.endpoint("npm", "team");
    let npmrc = home.read(".npmrc").unwrap();
    assert!(
        npmrc.starts_with(&format!("registry={endpoint}\n")),
        "{npmrc}"
    );
    assert!(
        ran.out.contains("Successfully configured maven "),
        "{ran:?}"
    );
}

/// A person at a terminal, played by Python's `pty`.
#[cfg(unix)]
mod terminal {
    use super::*;

    /// Answers each prompt with the keys, and prints what the terminal showed.
    const PLAYER: &str = r#"
import os, pty, sys, select, time
keys = [key.encode().decode("unicode_escape").encode() for key in sys.argv[1].split(",") if key]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
shown, asked, last = b"", 0, b""
deadline = time.time() + 60
while True:
    if time.time() > deadline:
        os.kill(pid, 9)
        break
    if not select.select([terminal], [], [], 1)[0]:
        # Before the prompt reads keys, the terminal makes a signal of Ctrl-C, which waits for the
        # prompt to end. A person presses again.
        if last == b"\x03":
            os.write(terminal, last)
        continue
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    if keys and shown.count(b"Which ") > asked and shown.count(b"last") > asked:
        asked += 1
        last = keys.pop(0)
        os.write(terminal, last)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

    fn play(home: &Home, service: &StandIn, keys: &str, arguments: &[&str]) -> Ran {
        let mut command = home.command("python3", service);
        command.args(["-c", PLAYER, keys, env!("CARGO_BIN_EXE_codeartifact")]);
        command.env("TERM", "xterm").args(arguments);
        Ran::from(command.output().unwrap())
    }

    #[test]
    fn domain_and_repository_are_picked_from_lists() {
        let (service, home) = (StandIn::start(), Home::new());
        let arguments = ["--color", "off", "login", "--tool", "npm"];
        let ran = play(&home, &service, "\\x1b[B\\r,\\r", &arguments);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(
            service.requests(),
            [
                "POST /v1/domains?",
                "POST /v1/domain/repositories?domain=last-domain",
                "POST /v1/authorization-token?domain=last-domain",
                "GET /v1/repository/endpoint?domain=last-domain&repository=first-repository&format=npm",
            ]
        );
        assert!(ran.out.contains("Successfully configured npm"), "{ran:?}");
    }

    #[test]
    fn what_is_known_is_not_asked_and_ctrl_c_ends_it() {
        let (service, home) = (StandIn::start(), Home::new());
        let arguments = ["login", "--tool", "npm", "--domain", "domain"];
        let ran = play(&home, &service, "\\x03", &arguments);
        assert_eq!(ran.code, Some(130), "{ran:?}");
        assert!(ran.out.contains("Which repository?"), "{ran:?}");
        assert!(!ran.out.contains("Which domain?"), "{ran:?}");
        assert_eq!(home.read(".npmrc"), None);
        assert_eq!(
            service.requests(),
            ["POST /v1/domain/repositories?domain=domain"]
        );
    }

    #[test]
    fn without_a_terminal_the_flags_are_named() {
        let (service, home) = (StandIn::start(), Home::new());
        let ran = home.run(&service, &["login", "--tool", "npm"]);
        assert_eq!(ran.code, Some(252), "{ran:?}");
        assert!(
            ran.err.contains("are required: --domain, --repository"),
            "{ran:?}"
        );
        assert_eq!(service.requests(), Vec::<String>::new());
    }
}
