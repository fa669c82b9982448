//! Tokens in a real Secret Service, gnome-keyring on a bus of its own in a home of its own, as
//! Poetry and Python's keyring find them there; and what happens where none runs or it is
//! locked.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::stand_in::{Home, Ran, StandIn, TOKEN};
use crate::support::installed::installed;

/// A program that is ended with the test.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct World {
    service: StandIn,
    home: Home,
    bus: Option<Daemon>,
    keyring: Option<Daemon>,
}

impl World {
    /// A home with a bus, or nothing where the programs are missing.
    fn new() -> Option<World> {
        let programs = ["dbus-daemon", "gnome-keyring-daemon", "keyring", "poetry"];
        if !programs.into_iter().all(|one| installed(one).is_some()) {
            return None;
        }
        let mut world = World {
            service: StandIn::start(),
            home: Home::new(),
            bus: None,
            keyring: None,
        };
        // The machine's configuration would start a keyring by itself.
        let config = format!(
            "<busconfig><type>session</type><listen>{}</listen><policy context=\"default\">\
             <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/>\
             </policy></busconfig>",
            world.address()
        );
        world.home.write("bus.conf", config);
        let mut bus = world.command("dbus-daemon");
        bus.arg("--nofork").arg(format!(
            "--config-file={}",
            world.home.file("bus.conf").display()
        ));
        world.bus = Some(Daemon(bus.stderr(Stdio::null()).spawn().unwrap()));
        world.wait_for("bus");
        Some(world)
    }

    fn address(&self) -> String {
        format!("unix:path={}", self.home.file("bus").display())
    }

    fn wait_for(&self, name: &str) {
        let start = Instant::now();
        while !self.home.file(name).exists() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "{name} never comes"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A program that finds the bus, and no other keyring.
    fn command(&self, program: &str) -> Command {
        let mut command = self.home.command(program, &self.service);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", self.address())
            .env_remove("PYTHON_KEYRING_BACKEND");
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        Ran::from(self.command(program).args(arguments).output().unwrap())
    }

    fn ours(&self, arguments: &[&str]) -> Ran {
        self.run(env!("CARGO_BIN_EXE_codeartifact"), arguments)
    }

    fn login(&self, more: &[&str]) -> Ran {
        let all = [
            "login",
            "--tool",
            "poetry",
            "--project",
            "--domain",
            "domain",
        ];
        let ran = self.ours(&[&all[..], &["--repository", "repository"], more].concat());
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        ran
    }

    /// Starts gnome-keyring, unlocked with a password or locked.
    fn start_keyring(&mut self, password: Option<&str>) {
        self.keyring = None;
        let mut daemon = self.command("gnome-keyring-daemon");
        daemon.args([
            "--foreground",
            "--components=secrets",
            "--control-directory",
        ]);
        daemon.arg(self.home.file("control"));
        if password.is_some() {
            daemon.arg("--unlock").stdin(Stdio::piped());
        }
        let daemon = daemon.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut daemon = Daemon(daemon.unwrap());
        if let (Some(password), Some(mut input)) = (password, daemon.0.stdin.take()) {
            input.write_all(password.as_bytes()).unwrap();
        }
        self.keyring = Some(daemon);
        // Python's keyring is the judge of whether it answers.
        let start = Instant::now();
        let probe = "import secretstorage\nsecretstorage.get_default_collection(secretstorage.dbus_init())\n";
        while !self.backend(probe).out.contains("it answers") {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "{:#?}",
                self.backend(probe)
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A line of Python in the surroundings of the `keyring` program.
    fn backend(&self, code: &str) -> Ran {
        let program = self.run("sh", &["-c", "command -v keyring"]).out;
        let script = std::fs::read_to_string(program.trim()).unwrap();
        let path = script
            .split_whitespace()
            .find(|word| word.ends_with("/bin/keyring"));
        let python = match path {
            Some(path) => path.replace("/bin/keyring", "/bin/python"),
            None => "python3".to_string(),
        };
        self.run(&python, &["-c", &format!("{code}print('it answers')\n")])
    }

    /// What Python's keyring finds, which Poetry uses.
    fn found(&self) -> Option<String> {
        let ran = self.run("keyring", &["get", "poetry-repository-codeartifact", "aws"]);
        (ran.code == Some(0)).then(|| ran.out.trim().to_string())
    }

    fn auth(&self) -> String {
        let file = ".config/pypoetry/auth.toml";
        self.home.read(file).unwrap_or_default()
    }
}

const PROJECT: &str = "[project]\nname = \"project\"\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = []\n";

#[test]
fn poetry_finds_the_token_until_the_logout() {
    let Some(mut world) = World::new() else {
        return;
    };
    world.start_keyring(Some("password"));
    world.home.write("project/pyproject.toml", PROJECT);
    let look = world.login(&["--dry-run"]);
    assert!(look.err.contains("goes into the keychain"), "{look:#?}");
    assert_eq!(world.found(), None);

    world.login(&[]);
    assert_eq!(world.found().as_deref(), Some(TOKEN));
    assert_eq!(
        world.auth(),
        "[http-basic.codeartifact]\nusername = \"aws\"\n"
    );
    world.service.requests();
    let ran = world.run("poetry", &["add", "leaf", "--no-interaction"]);
    let basic = format!("Basic {}", STANDARD.encode(format!("aws:{TOKEN}")));
    let asked = world.service.requests_with(&basic);
    assert!(!asked.is_empty(), "{ran:#?}");

    let ran = world.ours(&["logout"]);
    assert!(
        ran.code == Some(0)
            && ran
                .out
                .contains("`poetry-repository-codeartifact` is out of the keychain"),
        "{ran:#?}"
    );
    assert_eq!((world.found(), world.auth().as_str()), (None, ""));

    world.login(&["--no-keychain"]);
    assert_eq!(world.found(), None);
    assert!(world.auth().contains(TOKEN));
}

#[test]
fn without_one_the_file_is_taken_and_said() {
    let Some(mut world) = World::new() else {
        return;
    };
    world.home.write("project/pyproject.toml", PROJECT);
    // A bus, and nobody on it.
    let ran = world.login(&[]);
    assert!(
        ran.err.contains("not into the keychain: none runs"),
        "{ran:#?}"
    );
    assert!(world.auth().contains(TOKEN));
    // There is one, and nobody there to unlock it.
    world.start_keyring(Some("password"));
    let stored = world.run("sh", &["-c", "printf x | keyring set other me"]);
    assert_eq!(stored.code, Some(0), "{stored:#?}");
    world.start_keyring(None);
    let ran = world.login(&[]);
    assert!(ran.err.contains("not into the keychain: "), "{ran:#?}");
    assert!(world.auth().contains(TOKEN));
    // No bus.
    world.keyring = None;
    world.bus = None;
    let ran = world.home.login(&world.service, &["--tool", "poetry"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    let mut command = world.command(env!("CARGO_BIN_EXE_codeartifact"));
    command.env_remove("DBUS_SESSION_BUS_ADDRESS");
    command.args([
        "login",
        "--tool",
        "poetry",
        "--domain",
        "domain",
        "--repository",
        "repository",
    ]);
    let ran = Ran::from(command.output().unwrap());
    assert!(
        ran.code == Some(0) && ran.err.contains("`DBUS_SESSION_BUS_ADDRESS` is not set"),
        "{ran:#?}"
    );
}
