//! `aws codeartifact login` and ours, side by side for AWS's six tools: two homes with the same
//! files, the same stand-in for the service. Both say the same and ask the service for the
//! same; afterwards the tool itself reports the same in both homes. Where a tool is not to be
//! had, a recording program in its place shows what AWS's client would have run, and our files
//! hold what those commands say.
//!
//! What ours does otherwise, and on purpose:
//!
//! - `--duration-seconds 0` goes to the service; AWS's client drops it.
//! - What AWS's client refuses after its calls is refused before any.
//! - `.pypirc` without `[distutils]` is taken; AWS's client refuses it.
//! - With `PIP_CONFIG_FILE` pip's setting goes into that file, which pip reads last.
//! - Comments stay, and npm gets no `always-auth`, which it refuses.

use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::stand_in::{Home, Ran, StandIn, TOKEN, inherited};
use crate::support::installed::installed;

/// Two homes and one service.
struct Both {
    service: StandIn,
    theirs: Home,
    ours: Home,
    variables: Vec<(&'static str, String)>,
}

impl Both {
    /// Two empty homes, or nothing where AWS's client or the tool is not installed.
    fn new(tool: &str) -> Option<Both> {
        installed("aws")
            .and(installed(tool))
            .map(|_| Both::anyhow())
    }

    fn anyhow() -> Both {
        Both {
            service: StandIn::start(),
            theirs: Home::new(),
            ours: Home::new(),
            variables: Vec::new(),
        }
    }

    /// Two homes in which a recording program stands for the tool.
    fn with_recorder(tool: &str) -> Option<Both> {
        let mut both = installed("aws").map(|_| Both::anyhow())?;
        let name = format!("bin/{tool}");
        let program = "#!/bin/sh\n\
            { printf '%s' \"${0##*/}\"; printf ' %s' \"$@\"; echo; } >> \"$HOME/commands\"\n\
            case \"$*\" in *list*) cat \"$HOME/listing\" ;; esac\n";
        both.write(&name, program);
        both.write("listing", "");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(both.theirs.file(&name), mode).unwrap();
        // Only AWS's client is to find it: ours runs nothing.
        let path = inherited().into_iter().find(|(name, _)| *name == "PATH");
        let path = path.map(|(_, path)| path).unwrap_or_default();
        let folder = both.theirs.file("bin").display().to_string();
        both.variables.push(("PATH", format!("{folder}:{path}")));
        Some(both)
    }

    fn endpoint(&self, format: &str) -> String {
        self.service.endpoint(format, "repository")
    }

    /// The same file in both homes.
    fn write(&self, name: &str, text: &str) {
        self.theirs.write(name, text);
        self.ours.write(name, text);
    }

    fn run(&self, home: &Home, program: &str, arguments: &[&str]) -> Ran {
        let mut command = home.command(program, &self.service);
        // Version 1 of AWS's client knows only this variable.
        command.env("AWS_DEFAULT_REGION", "us-west-2");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let output = command.args(arguments).output();
        Ran::from(output.unwrap_or_else(|error| panic!("{program}: {error}")))
    }

    /// A login with AWS's client and what it asked the service.
    fn theirs(&self, arguments: &[&str]) -> (Ran, Vec<String>) {
        let repository = ["--domain", "domain", "--repository", "repository"];
        let all = [&["codeartifact", "login"], &repository[..], arguments].concat();
        let ran = self.run(&self.theirs, "aws", &all);
        (ran, self.requests())
    }

    /// What the service was asked since the last time; the order of the parameters is nobody's
    /// business.
    fn requests(&self) -> Vec<String> {
        let requests = self.service.requests().into_iter();
        let in_order = |request: String| match request.split_once('?') {
            Some((path, query)) => {
                let mut query: Vec<&str> = query.split('&').collect();
                query.sort_unstable();
                format!("{path}?{}", query.join("&"))
            }
            None => request,
        };
        requests.map(in_order).collect()
    }

    /// The same login with ours.
    fn ours(&self, arguments: &[&str]) -> (Ran, Vec<String>) {
        let repository = ["--domain", "domain", "--repository", "repository"];
        let all = [&["login"], &repository[..], arguments].concat();
        let ran = self.run(&self.ours, env!("CARGO_BIN_EXE_codeartifact"), &all);
        (ran, self.requests())
    }

    /// The login with both: the same words, the same requests.
    fn login(&self, arguments: &[&str]) {
        let (theirs, their_requests) = self.theirs(arguments);
        let (ours, our_requests) = self.ours(arguments);
        assert_eq!(theirs.code, Some(0), "{arguments:?}: {theirs:#?}");
        assert_eq!(ours.code, Some(0), "{arguments:?}: {ours:#?}");
        assert_eq!(ours.out, theirs.out, "{arguments:?}");
        assert_eq!(our_requests, their_requests, "{arguments:?}");
        assert_eq!(our_requests.len(), 2, "{our_requests:?}");
    }

    /// A dry run with both, ours with the token shown: the same text, and nothing is written.
    fn dry_run(&self, arguments: &[&str]) -> String {
        let (theirs, their_requests) = self.theirs(&[arguments, &["--dry-run"]].concat());
        let (ours, our_requests) = self.ours(&[arguments, &["--dry-run", "--show-token"]].concat());
        assert_eq!(theirs.code, Some(0), "{arguments:?}: {theirs:#?}");
        assert_eq!(ours.code, Some(0), "{arguments:?}: {ours:#?}");
        let own_home =
            |text: &str, home: &Home| text.replace(&home.path().display().to_string(), "HOME");
        let text = own_home(&ours.out, &self.ours);
        assert_eq!(text, own_home(&theirs.out, &self.theirs), "{arguments:?}");
        assert!(text.contains(TOKEN), "{text}");
        assert_eq!(our_requests, their_requests, "{arguments:?}");
        let (hidden, _) = self.ours(&[arguments, &["--dry-run"]].concat());
        assert!(
            hidden.code == Some(0) && !hidden.out.contains(TOKEN) && hidden.out.contains("+++ "),
            "{hidden:#?}"
        );
        text
    }

    /// A failure of both, with the same sentence and code.
    fn refusal(&self, arguments: &[&str], sentence: &str) {
        let (theirs, _) = self.theirs(arguments);
        let (ours, our_requests) = self.ours(arguments);
        for ran in [&theirs, &ours] {
            assert_eq!(ran.code, Some(255), "{arguments:?}: {ran:#?}");
            assert!(ran.err.contains(sentence), "{arguments:?}: {ran:#?}");
        }
        assert_eq!(our_requests, Vec::<String>::new(), "{arguments:?}");
    }

    /// What a tool answers, which is the same in both homes.
    fn report(&self, program: &str, arguments: &[&str]) -> String {
        let [theirs, ours] = [&self.theirs, &self.ours].map(|home| {
            let ran = self.run(home, program, arguments);
            assert_eq!(ran.code, Some(0), "{program} {arguments:?}: {ran:#?}");
            ran.out.replace(&home.path().display().to_string(), "HOME")
        });
        assert_eq!(ours, theirs, "{program} {arguments:?}");
        ours
    }

    /// The line of a file with this beginning, which is the same in both homes but for the
    /// quotes that npm puts around some values and takes away again.
    fn line(&self, file: &str, start: &str) -> String {
        let [theirs, ours] = [&self.theirs, &self.ours].map(|home| {
            let text = home.read(file).unwrap_or_default();
            let found: Vec<String> = text
                .lines()
                .filter(|line| line.trim_start().starts_with(start))
                .map(|line| line.replace('"', ""))
                .collect();
            assert_eq!(found.len(), 1, "{file}: {text}");
            found.concat()
        });
        assert_eq!(ours, theirs, "{file}");
        ours
    }
}

const NPM: &str = "; mine\nsave-exact=true\n@other:registry=http://127.0.0.1:9/\n";

#[test]
fn npm() {
    let Some(both) = Both::new("npm") else { return };
    both.write(".npmrc", NPM);
    both.login(&["--tool", "npm"]);
    let endpoint = both.endpoint("npm");
    let registry = both.report("npm", &["config", "get", "registry"]);
    assert_eq!(registry.trim(), endpoint);
    let all = both.report("npm", &["config", "list", "--json"]);
    assert!(all.contains("\"save-exact\": true"), "{all}");
    let key = format!("{}:_authToken=", endpoint.trim_start_matches("http:"));
    assert_eq!(both.line(".npmrc", &key), format!("{key}{TOKEN}"));
}

#[test]
fn npm_with_a_scope() {
    let Some(both) = Both::new("npm") else { return };
    both.write(".npmrc", NPM);
    for namespace in ["mine", "@mine"] {
        both.dry_run(&["--tool", "npm", "--namespace", namespace]);
    }
    let (owner, duration) = (
        ["--domain-owner", "111122223333"],
        ["--duration-seconds", "900"],
    );
    let scope = ["--tool", "npm", "--namespace", "mine"];
    both.login(&[&scope[..], &owner, &duration, &["--endpoint-type", "ipv4"]].concat());
    let all = both.report("npm", &["config", "list", "--json"]);
    let scoped = format!("\"@mine:registry\": \"{}\"", both.endpoint("npm"));
    assert!(all.contains(&scoped), "{all}");
    assert!(all.contains("\"@other:registry\""), "{all}");
    let default = both.report("npm", &["config", "get", "registry"]);
    assert_ne!(default.trim(), both.endpoint("npm"));
}

#[test]
fn a_duration_of_zero_reaches_the_service() {
    let Some(both) = Both::new("npm") else { return };
    let arguments = ["--tool", "npm", "--duration-seconds", "0", "--dry-run"];
    let (theirs, ours) = (both.theirs(&arguments).1, both.ours(&arguments).1);
    assert_eq!(theirs[0], "POST /v1/authorization-token?domain=domain");
    assert_eq!(
        ours[0],
        "POST /v1/authorization-token?domain=domain&duration=0"
    );
}

#[test]
fn refusals() {
    let Some(both) = Both::new("npm") else { return };
    both.refusal(
        &["--tool", "npm", "--namespace", ".mine"],
        "Invalid scope name, scope must contain URL-safe characters, no leading dots or underscores",
    );
    both.refusal(
        &["--tool", "swift", "--namespace", "a--b"],
        "Invalid scope name, scope must contain URL-safe characters, no leading dots or underscores and no more than 39 characters",
    );
    for tool in ["pip", "twine", "nuget", "dotnet"] {
        both.refusal(
            &["--tool", tool, "--namespace", "mine"],
            &format!("Argument --namespace is not supported for {tool}"),
        );
    }
}

#[test]
fn pip() {
    let Some(both) = Both::new("pip") else { return };
    both.write(
        ".config/pip/pip.conf",
        "[global]\n# mine\nindex-url = http://127.0.0.1:9/simple\ntimeout = 5\n",
    );
    both.dry_run(&["--tool", "pip"]);
    both.login(&["--tool", "pip"]);
    let report = both.report("pip", &["config", "list"]);
    let url = both
        .endpoint("pypi")
        .replacen("//", &format!("//aws:{TOKEN}@"), 1);
    let expected = format!("global.index-url='{url}simple/'\nglobal.timeout='5'\n");
    assert!(report.ends_with(&expected), "{report}");
}

#[test]
fn pip_with_a_file_that_a_variable_names() {
    let Some(mut both) = Both::new("pip") else {
        return;
    };
    both.variables
        .push(("PIP_CONFIG_FILE", "own.conf".to_string()));
    both.login(&["--tool", "pip"]);
    let list = both.report("pip", &["config", "list"]);
    assert!(list.contains("global.index-url='http://aws:"), "{list}");
    let text = both.ours.read("project/own.conf").unwrap_or_default();
    assert!(text.contains(TOKEN), "{text}");
    // pip does not edit its files while the named one is there.
    both.write("project/own.conf", "[global]\ntimeout = 5\n");
    let (theirs, ours) = (
        both.theirs(&["--tool", "pip"]).0,
        both.ours(&["--tool", "pip"]).0,
    );
    assert_eq!((theirs.code, ours.code), (Some(255), Some(0)), "{ours:#?}");
    let list = both.run(&both.ours, "pip", &["config", "list"]);
    assert!(list.out.contains(TOKEN), "{list:#?}");
    assert!(list.out.contains("global.timeout='5'"), "{list:#?}");
}

/// All that Python's configparser, and so twine, reads out of the file.
const READ_PYPIRC: &str = "import configparser, json, os\n\
    parser = configparser.RawConfigParser()\n\
    parser.read(os.path.expanduser('~/.pypirc'))\n\
    print(json.dumps({name: dict(parser.items(name)) for name in parser.sections()}, indent=1))\n";

#[test]
fn twine() {
    for old in [
        None,
        Some(
            "# mine\n[distutils]\nindex-servers =\n    pypi\n    own\n\n[own]\nRepository: http://127.0.0.1:9/\nusername: me\npassword: 100%\n",
        ),
        Some(
            "[distutils]\nindex-servers=codeartifact\n\n[codeartifact]\nrepository = http://127.0.0.1:9/\nusername = me\npassword = old\n",
        ),
    ] {
        let Some(both) = Both::new("python3") else {
            return;
        };
        if let Some(old) = old {
            both.write(".pypirc", old);
        }
        both.dry_run(&["--tool", "twine"]);
        both.login(&["--tool", "twine"]);
        let read = both.report("python3", &["-c", READ_PYPIRC]);
        assert!(read.contains(TOKEN), "{read}");
        assert_eq!(
            read.contains("100%"),
            old.is_some_and(|old| old.contains("[own]"))
        );
        let mode = std::fs::metadata(both.ours.file(".pypirc"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn twine_where_awss_client_gives_up() {
    let Some(both) = Both::new("python3") else {
        return;
    };
    both.write(".pypirc", "[own]\nrepository = http://127.0.0.1:9/\n");
    let (theirs, _) = both.theirs(&["--tool", "twine"]);
    assert!(
        theirs.code == Some(255) && theirs.out.contains("is in an invalid state"),
        "{theirs:#?}"
    );
    let (ours, _) = both.ours(&["--tool", "twine"]);
    assert_eq!(ours.code, Some(0), "{ours:#?}");
    let ran = both.run(&both.ours, "python3", &["-c", READ_PYPIRC]);
    assert!(
        ran.out.contains(TOKEN) && ran.out.contains("127.0.0.1:9"),
        "{ran:#?}"
    );
}

fn nuget_config(name: &str, url: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <packageSources>\n    \
         <add key=\"other\" value=\"http://127.0.0.1:9/index.json\" />\n    \
         <add key=\"{name}\" value=\"{url}\" />\n  </packageSources>\n</configuration>\n"
    )
}

#[test]
fn nuget() {
    if installed("nuget").is_none() {
        return;
    }
    for (name, known) in [
        ("second", false),
        ("domain/repository", false),
        ("own", true),
    ] {
        let Some(both) = Both::new("nuget") else {
            return;
        };
        let url = match known {
            true => format!("{}v3/index.json", both.endpoint("nuget")),
            false => "http://127.0.0.1:9/second.json".to_string(),
        };
        both.write(".config/NuGet/NuGet.Config", &nuget_config(name, &url));
        both.dry_run(&["--tool", "nuget"]);
        both.login(&["--tool", "nuget"]);
        let sources = both.report("nuget", &["sources", "list", "-NonInteractive"]);
        assert!(sources.contains(&both.endpoint("nuget")), "{sources}");
        // mono encrypts the password; that both are the token shows when it is used.
        for home in [&both.theirs, &both.ours] {
            both.service.requests();
            both.run(home, "nuget", &["install", "Leaf", "-NonInteractive"]);
            let basic = format!("Basic {}", STANDARD.encode(format!("aws:{TOKEN}")));
            let asked = both.service.requests_with(&basic);
            assert!(!asked.is_empty(), "{name}: {}", home.path().display());
        }
    }
}

/// The commands that AWS's client ran, less its looking.
fn recorded(both: &Both) -> Vec<String> {
    let text = both.theirs.read("commands").unwrap_or_default();
    assert_eq!(both.ours.read("commands"), None, "ours runs nothing");
    text.lines()
        .filter(|line| !line.contains(" list "))
        .map(str::to_string)
        .collect()
}

#[test]
fn dotnet() {
    for (name, known) in [
        ("second", false),
        ("domain/repository", false),
        ("own", true),
    ] {
        let Some(both) = Both::with_recorder("dotnet") else {
            return;
        };
        let endpoint = both.endpoint("nuget");
        let url = match known {
            true => format!("{endpoint}v3/index.json"),
            false => "http://127.0.0.1:9/second.json".to_string(),
        };
        let file = ".nuget/NuGet/NuGet.Config";
        both.write(file, &nuget_config(name, &url));
        both.write(
            "listing",
            &format!("Registered Sources:\n  1.  other [Enabled]\n      http://127.0.0.1:9/index.json\n  2.  {name} [Enabled]\n      {url}\n"),
        );
        let text = both.dry_run(&["--tool", "dotnet"]);
        both.login(&["--tool", "dotnet"]);
        let commands = recorded(&both);
        assert_eq!(commands, [text.trim_end()]);
        // What the command says is what our file holds.
        let words: Vec<&str> = commands[0].split(' ').collect();
        let (source, key) = match words[2] {
            "add" => (words[4], words[6]),
            _ => (words[6], words[4]),
        };
        let config = both.ours.read(file).unwrap();
        let held = |wanted: &str| assert!(config.contains(wanted), "{wanted}: {config}");
        held(&format!("<add key=\"{key}\" value=\"{source}\""));
        held(&format!("<{}>", key.replace('/', "_x002F_")));
        held("<add key=\"Username\" value=\"aws\" />");
        held(&format!(
            "<add key=\"ClearTextPassword\" value=\"{TOKEN}\" />"
        ));
        assert!(commands[0].contains(&format!(
            "--password {TOKEN} --store-password-in-clear-text"
        )));
    }
}

#[test]
fn swift() {
    for scope in [None, Some("mine")] {
        let Some(both) = Both::with_recorder("swift") else {
            return;
        };
        both.write("project/Package.swift", "");
        both.write(".netrc", "machine other login me password mine\n");
        let mut arguments = vec!["--tool", "swift"];
        arguments.extend(scope.into_iter().flat_map(|scope| ["--namespace", scope]));
        both.dry_run(&arguments);
        both.login(&arguments);
        assert_eq!(both.ours.read(".netrc"), both.theirs.read(".netrc"));
        let endpoint = both.endpoint("swift");
        let option = scope
            .map(|scope| format!(" --scope {scope}"))
            .unwrap_or_default();
        assert_eq!(
            recorded(&both),
            [
                format!("swift package-registry set {endpoint}{option}"),
                format!("swift package-registry login {endpoint}login"),
            ]
        );
        // Where `swift package-registry` writes these, ours has.
        let read = |name: &str| -> serde_json::Value {
            serde_json::from_str(&both.ours.read(name).unwrap()).unwrap()
        };
        let file = ".swiftpm/configuration/registries.json";
        let registries = read(&format!("project/{file}"));
        let key = scope.unwrap_or("[default]");
        assert_eq!(
            registries["registries"][key]["url"], endpoint,
            "{registries}"
        );
        let users = read(file);
        let host = endpoint.split('/').nth(2).unwrap();
        let authentication = &users["authentication"][host];
        assert_eq!(authentication["type"], "token", "{users}");
        assert_eq!(
            authentication["loginAPIPath"], "/swift/repository/login",
            "{users}"
        );
    }
}
