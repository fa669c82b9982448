//! Package managers that are small scripts in a folder of their own.

use std::os::unix::fs::PermissionsExt;

use super::*;

/// A home folder with programs in it.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new() -> Machine {
        Machine {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.folder.path().join(name);
        // Renamed into place: a file that is open for writing cannot be run.
        let aside = path.with_extension("new");
        let mut file = std::fs::File::create(&aside).unwrap();
        std::io::Write::write_all(
            &mut file,
            format!(
                "#!/bin/sh\necho \"$@\" >> {}/asked\n{script}\n",
                self.folder.path().display()
            )
            .as_bytes(),
        )
        .unwrap();
        file.set_permissions(PermissionsExt::from_mode(0o755))
            .unwrap();
        drop(file);
        std::fs::rename(aside, path).unwrap();
    }

    fn external(&self, explicit: &[&str], variables: &[(&str, &str)]) -> External {
        let folder = self.folder.path();
        let path = format!("{}:/usr/bin:/bin", folder.display());
        let variables = variables.iter().copied().chain([("PATH", path.as_str())]);
        let env = Env::made_up(Platform::Linux, folder, folder, variables);
        let explicit = explicit
            .iter()
            .map(|text| parse_assignment(text).unwrap())
            .collect();
        External::new(explicit, env)
    }

    fn asked(&self) -> usize {
        let asked = std::fs::read_to_string(self.folder.path().join("asked"));
        asked.unwrap_or_default().lines().count()
    }
}

async fn address(external: &External, name: &str) -> String {
    external.address(name).await.unwrap().to_string()
}

#[tokio::test]
async fn what_the_user_says_counts_first() {
    let machine = Machine::new();
    machine.program("npm", "echo https://registry.example.test/");
    let external = machine.external(&["public:npmjs=http://127.0.0.1:4873/npm"], &[]);
    assert_eq!(
        address(&external, "public:npmjs").await,
        "http://127.0.0.1:4873/npm/"
    );
    assert_eq!(machine.asked(), 0);
}

#[tokio::test]
async fn npm_is_asked_once() {
    let machine = Machine::new();
    machine.program(
        "npm",
        "echo https://mirror.example.test/repository/npm; echo 'npm warn' >&2",
    );
    let external = machine.external(&[], &[]);
    for _ in 0..2 {
        assert_eq!(
            address(&external, "public:npmjs").await,
            "https://mirror.example.test/repository/npm/"
        );
    }
    assert_eq!(machine.asked(), 1);
}

#[tokio::test]
async fn an_endpoint_that_somebody_logged_in_to_is_not_an_upstream() {
    let machine = Machine::new();
    machine.program(
        "npm",
        "if [ -n \"$npm_config_userconfig\" ]; then echo https://built-in.example.test/; \
         else echo http://127.0.0.1:4455/npm/my_domain/my_repo/; fi",
    );
    let external = machine.external(
        &[],
        &[("npm_config_registry", "http://127.0.0.1:4455/npm/a/b/")],
    );
    assert_eq!(
        address(&external, "public:npmjs").await,
        "https://built-in.example.test/"
    );
}

#[tokio::test]
async fn pip_is_asked_in_the_same_way() {
    let machine = Machine::new();
    machine.program(
        "pip",
        "echo \"  -i, --index-url <url>  Base URL (default ${PIP_INDEX_URL:-https://built-in.example.test/simple}). More\"",
    );
    let external = machine.external(
        &[],
        &[("PIP_INDEX_URL", "https://mirror.example.test/simple/")],
    );
    assert_eq!(
        address(&external, "public:pypi").await,
        "https://mirror.example.test/simple/"
    );
    let external = machine.external(
        &[],
        &[(
            "PIP_INDEX_URL",
            "https://a.d.codeartifact.eu-west-1.amazonaws.com/pypi/a/simple/",
        )],
    );
    assert_eq!(
        address(&external, "public:pypi").await,
        "https://built-in.example.test/simple/"
    );
}

#[tokio::test]
async fn cargo_gives_its_index_away() {
    let machine = Machine::new();
    machine.program(
        "cargo",
        "echo 'error: download of config.json failed' >&2; \
         echo '  failed to download from `https://index.example.test/config.json`' >&2; exit 101",
    );
    let external = machine.external(&[], &[]);
    assert_eq!(
        address(&external, "public:crates-io").await,
        "https://index.example.test/"
    );
}

#[tokio::test]
async fn gem_and_bundler_tell_the_source() {
    let gem = |configured: &str| {
        format!(
            "echo '*** CURRENT SOURCES ***'; echo; \
             case \"$*\" in *--norc*) echo https://built-in.example.test/;; *) echo {configured};; esac"
        )
    };
    let machine = Machine::new();
    machine.program("gem", &gem("https://mirror.example.test/gems"));
    let external = machine.external(&[], &[]);
    assert_eq!(
        address(&external, "public:ruby-gems-org").await,
        "https://mirror.example.test/gems/"
    );
    // Logged in, or not set up at all: what is built in, or what Bundler has for it.
    for configured in [
        "http://aws:token@127.0.0.1:4455/ruby/my_repo/",
        "https://built-in.example.test/",
    ] {
        let machine = Machine::new();
        machine.program("gem", &gem(configured));
        let external = machine.external(&[], &[]);
        assert_eq!(
            address(&external, "public:ruby-gems-org").await,
            "https://built-in.example.test/"
        );
        machine.program(
            "bundle",
            "case $4 in mirror.all) echo mirror.all=https://all.example.test/;; esac",
        );
        let external = machine.external(&[], &[]);
        assert_eq!(
            address(&external, "public:ruby-gems-org").await,
            "https://all.example.test/"
        );
    }
}

#[tokio::test]
async fn maven_and_gradle_tell_theirs() {
    let machine = Machine::new();
    machine.program(
        "gradle",
        "case $(cat build.gradle) in *google*) echo address=https://google.example.test/m2/;; *) exit 1;; esac",
    );
    let external = machine.external(&[], &[]);
    assert_eq!(
        address(&external, "public:maven-googleandroid").await,
        "https://google.example.test/m2/"
    );
    // An installation, found by its program, and the model in it.
    let installation = machine.folder.path().join("maven");
    for folder in ["bin", "lib"] {
        std::fs::create_dir_all(installation.join(folder)).unwrap();
    }
    let model = "<project><repositories><repository><id>central</id><url>https://central.example.test/m2</url></repository></repositories></project>";
    let mut library = zip::ZipWriter::new(
        std::fs::File::create(installation.join("lib/maven-model-builder-3.x.jar")).unwrap(),
    );
    let options = zip::write::SimpleFileOptions::default();
    library
        .start_file("org/apache/maven/model/pom-4.0.0.xml", options)
        .unwrap();
    std::io::Write::write_all(&mut library, model.as_bytes()).unwrap();
    library.finish().unwrap();
    std::fs::File::create(installation.join("bin/mvn")).unwrap();
    std::os::unix::fs::symlink(
        installation.join("bin/mvn"),
        machine.folder.path().join("mvn"),
    )
    .unwrap();
    let external = machine.external(&[], &[]);
    assert_eq!(
        address(&external, "public:maven-central").await,
        "https://central.example.test/m2/"
    );
    // The user's settings count before it.
    let settings = machine.folder.path().join(".m2");
    std::fs::create_dir_all(&settings).unwrap();
    let mut file = std::fs::File::create(settings.join("settings.xml")).unwrap();
    std::io::Write::write_all(
        &mut file,
        b"<settings><mirrors><mirror><mirrorOf>*</mirrorOf><url>https://mirror.example.test/all</url></mirror></mirrors></settings>",
    )
    .unwrap();
    let external = machine.external(&[], &[]);
    for name in ["public:maven-central", "public:maven-commonsware"] {
        assert_eq!(
            address(&external, name).await,
            "https://mirror.example.test/all/"
        );
    }
}

#[tokio::test]
async fn a_machine_without_package_managers_says_what_to_do() {
    let machine = Machine::new();
    let env = Env::made_up(
        Platform::Linux,
        machine.folder.path(),
        "/",
        [("PATH", "/nowhere")],
    );
    let external = External::new(BTreeMap::new(), env);
    for name in [
        "public:npmjs",
        "public:pypi",
        "public:crates-io",
        "public:ruby-gems-org",
        "public:maven-clojars",
    ] {
        let sentence = external.address(name).await.unwrap_err();
        assert!(
            sentence.ends_with(&format!("give it with `--external {name}=URL`")),
            "{sentence}"
        );
    }
}

#[test]
fn an_assignment_needs_a_name_and_an_address() {
    assert_eq!(
        parse_assignment("a=http://h/x").unwrap(),
        ("a".to_string(), Url::parse("http://h/x/").unwrap())
    );
    for text in [
        "a",
        "a=",
        "a=b",
        "a=file:///etc",
        "a=http://h/?q",
        "a=http://",
    ] {
        assert!(parse_assignment(text).is_err(), "{text}");
    }
}

#[tokio::test]
async fn nuget_is_asked_in_an_empty_home() {
    let machine = Machine::new();
    machine.program(
        "nuget",
        "if [ -e \"$HOME/nuget\" ]; then echo 'E https://wrong.example.test/v3/index.json'; \
         else echo 'E https://built-in.example.test/v3/index.json'; fi",
    );
    let external = machine.external(&[], &[]);
    assert_eq!(
        address(&external, "public:nuget-org").await,
        "https://built-in.example.test/v3/index.json/"
    );
    let folder = machine.folder.path().join(".config/NuGet");
    std::fs::create_dir_all(&folder).unwrap();
    let mut file = std::fs::File::create(folder.join("NuGet.Config")).unwrap();
    let sources = "<configuration><packageSources><add key='m' value='https://mirror.example.test/v3/index.json'/></packageSources></configuration>";
    std::io::Write::write_all(&mut file, sources.as_bytes()).unwrap();
    let external = machine.external(&[], &[]);
    assert_eq!(
        address(&external, "public:nuget-org").await,
        "https://mirror.example.test/v3/index.json/"
    );
    assert_eq!(machine.asked(), 1);
}
