//! gem and Bundler.

use std::time::Duration;

use codeartifact::local::registry::Format;

use crate::support::fixture::Fixture;
use crate::support::gems::{Offered, file, gem};
use crate::support::home::{Home, Said};
use crate::support::installed::installed;
use crate::support::local::{Local, Setup};

async fn service(fixture: &Fixture) -> Local {
    fixture.offer_gems(&[
        ("leaf", "1.1.0", "ruby", &[]),
        ("leaf", "1.2.0", "ruby", &[]),
        ("leaf", "2.0.0.rc1", "ruby", &[]),
        ("tree", "3.0.0", "ruby", &[("leaf", ">= 1")]),
    ]);
    let local = Setup::new()
        .external("public:ruby-gems-org", &fixture.url)
        .patience(Duration::from_secs(5))
        .start()
        .await;
    local
        .repository("gems-store", &[], Some("public:ruby-gems-org"))
        .await;
    local.repository("my-repo", &["gems-store"], None).await;
    local.repository("private", &[], None).await;
    local
}

/// A home with gems and Bundler's settings of its own.
fn home() -> Home {
    let mut home = Home::new();
    for (name, folder) in [
        ("GEM_HOME", "gems"),
        ("GEM_SPEC_CACHE", "specs"),
        ("BUNDLE_USER_HOME", ".bundle"),
    ] {
        let path = home.path(folder).display().to_string();
        home.set(name, path);
    }
    home.set("BUNDLE_SILENCE_ROOT_WARNING", "true");
    home
}

fn has_gem(home: &Home, gem: &str) -> bool {
    home.has(&format!("gems/specifications/{gem}.gemspec"))
}

async fn install(home: &Home, arguments: &[&str]) -> Said {
    let arguments = [&["install", "--no-document"], arguments].concat();
    home.run(".", "gem", &arguments).await
}

async fn push(home: &Home, local: &Local, repository: &str, offered: Offered<'_>) -> Said {
    home.write(&file(offered), gem(offered));
    let host = local.endpoint(Format::Ruby, repository);
    let name = file(offered);
    let arguments = [
        "push",
        "--key",
        "codeartifact_api_key",
        "--host",
        &host,
        &name,
    ];
    home.run(".", "gem", &arguments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn gem_installs_pushes_and_is_refused() {
    if installed("gem").is_none() {
        return;
    }
    let fixture = Fixture::start().await;
    let local = service(&fixture).await;
    let mut home = home();
    home.login(&local, "gem", "my-repo", &[]).await;
    install(&home, &["tree"]).await.succeeded();
    assert!(has_gem(&home, "tree-3.0.0") && has_gem(&home, "leaf-1.2.0"));
    install(&home, &["leaf", "--pre"]).await.succeeded();
    assert!(has_gem(&home, "leaf-2.0.0.rc1"));
    let refusal = install(&home, &["nobody"]).await.failed();
    assert!(
        refusal.contains("Could not find a valid gem 'nobody'"),
        "{refusal}"
    );

    // Built by gem itself.
    home.write(
        "own/own.gemspec",
        "Gem::Specification.new do |s|\n  s.name = 'own'\n  s.version = '1.0.0'\n  s.summary = 'Mine'\n  s.authors = ['Me']\n  s.homepage = 'https://example.test'\n  s.license = 'MIT'\n  s.files = ['lib/own.rb', 'README.md']\n  s.required_ruby_version = '>= 2.7'\n  s.add_dependency 'tree', '~> 3.0', '>= 3.0.0'\n  s.add_development_dependency 'leaf'\nend\n",
    );
    home.write("own/lib/own.rb", "module Own; end\n");
    home.write("own/README.md", "# Own\n");
    home.run("own", "gem", &["build", "own.gemspec"])
        .await
        .succeeded();
    let host = local.endpoint(Format::Ruby, "my-repo");
    let host = host.trim_end_matches('/');
    let arguments = [
        "push",
        "--key",
        "codeartifact_api_key",
        "--host",
        host,
        "own-1.0.0.gem",
    ];
    let said = home.run("own", "gem", &arguments).await.succeeded();
    assert!(
        said.contains("Successfully registered gem: own (1.0.0)"),
        "{said}"
    );
    home.run("own", "gem", &arguments).await.succeeded();
    install(&home, &["own"]).await.succeeded();
    assert!(has_gem(&home, "own-1.0.0"));

    // The same version with other contents, and one that is public.
    let other = ("own", "1.0.0", "ruby", &[][..]);
    let refusal = push(&home, &local, "my-repo", other).await.failed();
    assert!(
        refusal.contains("already exists with different content"),
        "{refusal}"
    );
    let refusal = push(&home, &local, "my-repo", ("leaf", "1.1.0", "ruby", &[]))
        .await
        .failed();
    assert!(refusal.contains("external connection"), "{refusal}");

    // Everything once more, without the public repository.
    fixture.fail(Some(500));
    let mut again = self::home();
    again.login(&local, "gem", "my-repo", &[]).await;
    install(&again, &["own"]).await.succeeded();
    assert!(has_gem(&again, "leaf-1.2.0"));

    let settings = home.read(".gemrc").replace(&local.token, "wrong");
    let stranger = self::home();
    let (start, rest) = settings.split_once("aws:").unwrap();
    let (_, end) = rest.split_once('@').unwrap();
    stranger.write(".gemrc", format!("{start}aws:wrong@{end}"));
    let refusal = install(&stranger, &["tree"]).await.failed();
    assert!(refusal.contains("401"), "{refusal}");
    stranger.write(".gem/credentials", ":codeartifact_api_key: Bearer wrong\n");
    stranger
        .run(".", "chmod", &["0600", ".gem/credentials"])
        .await
        .succeeded();
    let refusal = push(&stranger, &local, "my-repo", other).await.failed();
    assert!(refusal.contains("not valid for this domain"), "{refusal}");

    let program = env!("CARGO_BIN_EXE_codeartifact");
    home.run(".", program, &["logout", "--tool", "gem"])
        .await
        .succeeded();
    let refusal = push(&home, &local, "my-repo", other).await.failed();
    assert!(refusal.contains("No such API key"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gem_takes_the_file_for_its_platform_and_yanks() {
    if installed("gem").is_none() {
        return;
    }
    let local = service(&Fixture::start().await).await;
    let mut home = home();
    home.login(&local, "gem", "private", &["--push"]).await;
    let platform = home
        .run(".", "ruby", &["-e", "print Gem::Platform.local.to_s"])
        .await
        .succeeded();
    for offered in [
        ("own", "1.0.0", "ruby", &[][..]),
        ("own", "1.0.0", "java", &[]),
        ("own", "1.0.0", platform.as_str(), &[]),
        ("own", "0.9.0", "ruby", &[]),
    ] {
        push(&home, &local, "private", offered).await.succeeded();
    }
    install(&home, &["own"]).await.succeeded();
    assert!(has_gem(&home, &format!("own-1.0.0-{platform}")));
    let version = ["-e", "require 'own'; print VERSION_OF_OWN"];
    let loaded = home.run(".", "ruby", &version).await.succeeded();
    assert_eq!(loaded, format!("1.0.0 {platform}"));

    // The lists of everything, as Ruby itself reads them.
    let host = local.endpoint(Format::Ruby, "private");
    let source = host.replace("http://", &format!("http://aws:{}@", local.token));
    let script = "require 'rubygems/remote_fetcher'; require 'zlib'; require 'stringio'; \
        f = Gem::RemoteFetcher.fetcher; \
        %w[specs latest_specs prerelease_specs].each { |l| p Marshal.load(f.fetch_path(URI(ARGV[0] + l + '.4.8.gz'))).map { |n, v, p| [n, v.to_s, p] }.sort }; \
        s = Marshal.load(Gem::Util.inflate(f.fetch_path(URI(ARGV[0] + 'quick/Marshal.4.8/own-1.0.0-java.gemspec.rz')))); \
        p [s.class, s.full_name, s.required_ruby_version.to_s, s.dependencies]; \
        p Marshal.load(f.fetch_path(URI(ARGV[0] + 'api/v1/dependencies?gems=own'))).map { |h| [h[:number], h[:platform]] }.sort";
    let read = home
        .run(".", "ruby", &["-e", script, &source])
        .await
        .succeeded();
    let lines: Vec<&str> = read.lines().collect();
    let own = |version: &str, platform: &str| format!("[\"own\", \"{version}\", \"{platform}\"]");
    assert_eq!(
        lines[0],
        format!(
            "[{}, {}, {}, {}]",
            own("0.9.0", "ruby"),
            own("1.0.0", "java"),
            own("1.0.0", "ruby"),
            own("1.0.0", &platform)
        )
    );
    assert_eq!(
        lines[1],
        format!(
            "[{}, {}, {}]",
            own("1.0.0", "java"),
            own("1.0.0", "ruby"),
            own("1.0.0", &platform)
        )
    );
    assert_eq!(
        lines[2..4],
        [
            "[]",
            "[Gem::Specification, \"own-1.0.0-java\", \">= 0\", []]"
        ]
    );
    assert!(
        lines[4].starts_with("[[\"0.9.0\", \"ruby\"], [\"1.0.0\", \"java\"]"),
        "{read}"
    );

    // With what `login --push` has set.
    home.write("other-1.0.gem", gem(("other", "1.0", "ruby", &[])));
    home.run(".", "gem", &["push", "other-1.0.gem"])
        .await
        .succeeded();

    for platform in [platform.as_str(), "ruby"] {
        let arguments = [
            "yank",
            "own",
            "-v",
            "1.0.0",
            "--key",
            "codeartifact_api_key",
            "--host",
            &host,
            "--platform",
            platform,
        ];
        let said = home.run(".", "gem", &arguments).await.succeeded();
        assert!(
            said.contains("Successfully deleted gem: own (1.0.0"),
            "{said}"
        );
    }
    let mut again = self::home();
    again.login(&local, "gem", "private", &[]).await;
    install(&again, &["own"]).await.succeeded();
    assert!(has_gem(&again, "own-0.9.0"));
}

fn gemfile(home: &Home, local: &Local, repository: &str, gems: &str) {
    let endpoint = local.endpoint(Format::Ruby, repository);
    home.write("project/Gemfile", format!("source \"{endpoint}\"\n{gems}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bundler_installs_and_is_refused() {
    if installed("bundle").is_none() {
        return;
    }
    let fixture = Fixture::start().await;
    let local = service(&fixture).await;
    let mut home = home();
    home.login(&local, "bundler", "my-repo", &[]).await;
    gemfile(&home, &local, "my-repo", "gem \"tree\"\n");
    home.run("project", "bundle", &["install"])
        .await
        .succeeded();
    let lock = home.read("project/Gemfile.lock");
    assert!(
        lock.contains("    leaf (1.2.0)\n    tree (3.0.0)\n"),
        "{lock}"
    );
    assert!(has_gem(&home, "leaf-1.2.0"));
    gemfile(&home, &local, "my-repo", "gem \"leaf\", \">= 2.0.0.rc\"\n");
    home.run("project", "bundle", &["update", "--all"])
        .await
        .succeeded();
    assert!(has_gem(&home, "leaf-2.0.0.rc1"));

    // Without the public repository, and without the gems and Bundler's copies of the index.
    fixture.fail(Some(500));
    let mut again = self::home();
    again.login(&local, "bundler", "my-repo", &[]).await;
    gemfile(&again, &local, "my-repo", "gem \"tree\"\n");
    again.write("project/Gemfile.lock", &lock);
    again
        .run("project", "bundle", &["install"])
        .await
        .succeeded();
    assert!(has_gem(&again, "tree-3.0.0"));

    let program = env!("CARGO_BIN_EXE_codeartifact");
    again
        .run(".", program, &["logout", "--tool", "bundler"])
        .await
        .succeeded();
    gemfile(&again, &local, "my-repo", "gem \"leaf\", \"1.1.0\"\n");
    let refusal = again.run("project", "bundle", &["install"]).await.failed();
    assert!(refusal.contains("Authentication is required"), "{refusal}");
    let endpoint = local.endpoint(Format::Ruby, "my-repo");
    again
        .run(".", "bundle", &["config", &endpoint, "aws:wrong"])
        .await
        .succeeded();
    let refusal = again.run("project", "bundle", &["install"]).await.failed();
    assert!(refusal.contains("Bad username or password"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bundler_uses_the_compact_index() {
    if installed("bundle").is_none() {
        return;
    }
    let local = service(&Fixture::start().await).await;
    let mut home = home();
    home.login(&local, "bundler", "private", &[]).await;
    home.login(&local, "gem", "private", &[]).await;
    for offered in [
        ("own", "1.0.0", "ruby", &[("Other.gem", ">= 1")][..]),
        ("Other.gem", "1.0.0", "ruby", &[]),
    ] {
        push(&home, &local, "private", offered).await.succeeded();
    }
    gemfile(&home, &local, "private", "gem \"own\"\n");
    let said = home
        .run("project", "bundle", &["install", "--verbose"])
        .await
        .succeeded();
    assert!(
        said.contains("/private/versions") && !said.contains("api/v1/dependencies"),
        "{said}"
    );
    assert!(has_gem(&home, "Other.gem-1.0.0"));
    // What was added is asked for as a part, and understood.
    push(&home, &local, "private", ("own", "1.1.0", "ruby", &[]))
        .await
        .succeeded();
    home.run("project", "bundle", &["update", "--all"])
        .await
        .succeeded();
    let lock = home.read("project/Gemfile.lock");
    assert!(
        lock.contains("    own (1.1.0)\n") && !lock.contains("Other"),
        "{lock}"
    );
    // The full index, which older versions need for many gems.
    let mut full = self::home();
    full.login(&local, "bundler", "private", &[]).await;
    gemfile(&full, &local, "private", "gem \"own\", \"1.0.0\"\n");
    full.run("project", "bundle", &["install", "--full-index"])
        .await
        .succeeded();
    assert!(has_gem(&full, "Other.gem-1.0.0"));
}
