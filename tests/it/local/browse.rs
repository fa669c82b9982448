//! The page for people who would rather look than read.

use serde_json::{Value, json};

use super::double::seeded;
use super::world::{ACCOUNT, World, merge};
use crate::support::home::Home;
use crate::support::installed::installed;

/// A page and its status.
async fn look(world: &World, path: &str) -> (u16, String) {
    let url = format!("{}{path}", world.base());
    let answer = world.request("GET", &url, Vec::new(), Vec::new()).await;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("cache-control"), "no-store");
    (answer.status, String::from_utf8(answer.body).unwrap())
}

#[tokio::test]
async fn a_page_shows_domains_repositories_and_packages() {
    let world = seeded().await;
    world
        .publishes("my-repo", "1.0.0", "asset.txt", b"1", false)
        .await
        .unwrap();
    let (status, page) = look(&world, "/").await;
    assert_eq!(status, 200);
    assert!(
        page.contains(&format!("/browse?owner={ACCOUNT}&amp;domain=my-domain")),
        "{page}"
    );
    let domain = format!("/browse?owner={ACCOUNT}&domain=my-domain");
    let (_, page) = look(&world, &domain).await;
    for part in [
        "<svg",
        "my-repo → between, priority 1",
        "npm-store → public:npmjs",
        "for the tests",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let (_, page) = look(&world, &format!("{domain}&repository=my-repo")).await;
    assert!(page.contains("my-ns/my-package"), "{page}");
    let (_, page) = look(
        &world,
        &format!("{domain}&repository=my-repo&format=generic&namespace=my-ns&package=my-package"),
    )
    .await;
    assert!(
        page.contains("1.0.0") && page.contains("Published"),
        "{page}"
    );
    let (status, page) = look(&world, &format!("{domain}&repository=%3Cscript%3E")).await;
    assert_eq!(status, 404);
    assert!(!page.contains("<script>"), "{page}");
    // A foreign page whose name was made to point here sees nothing.
    let url = format!("{}/", world.base());
    let headers = vec![("host".to_string(), "attacker.example.test".to_string())];
    assert_eq!(
        world.request("GET", &url, headers, Vec::new()).await.status,
        404
    );
}

/// The page of a package group; the one of the empty pattern shows all of them.
fn group_page(pattern: &str) -> String {
    let pattern: String = url::form_urlencoded::byte_serialize(pattern.as_bytes()).collect();
    format!("/browse?owner={ACCOUNT}&domain=my-domain&group={pattern}")
}

/// Adds a package group below.
async fn add_group(world: &World, pattern: &str, more: Value) {
    let mut members = json!({"domain": "my-domain", "packageGroup": pattern});
    merge(&mut members, more);
    world.does("create-package-group", members).await;
}

/// Adds a package without versions.
async fn add_package(world: &World, name: &str) {
    let members = json!({
        "domain": "my-domain", "repository": "my-repo", "format": "npm", "package": name,
        "restrictions": {"publish": "ALLOW", "upstream": "BLOCK"},
    });
    world
        .does("put-package-origin-configuration", members)
        .await;
}

#[tokio::test]
async fn package_groups_are_a_tree() {
    let world = seeded().await;
    for pattern in ["/npm/*", "/npm//web-*", "/npm//web-helper$", "/pypi/*"] {
        add_group(&world, pattern, json!({})).await;
    }
    let (_, page) = look(&world, &format!("/browse?owner={ACCOUNT}&domain=my-domain")).await;
    assert!(page.contains(">Package groups</a>"), "{page}");
    let (status, page) = look(&world, &group_page("")).await;
    assert_eq!(status, 200);
    // The tree, with what each group sets itself.
    let shape: String = page
        .split("<main>")
        .nth(1)
        .unwrap()
        .split_inclusive('>')
        .filter_map(|piece| {
            let (text, tag) = piece.split_once('<')?;
            match tag {
                "ul>" => Some(format!("{}(", text.trim())),
                "/ul>" => Some(")".to_string()),
                "/li>" => Some(format!("{};", text.trim())),
                "/a>" => Some(format!("{text} ")),
                _ => None,
            }
        })
        .collect();
    let expected = "/* EXTERNAL_UPSTREAM ALLOW, INTERNAL_UPSTREAM ALLOW, PUBLISH ALLOW(\
                    /npm/* (/npm//web-* (/npm//web-helper$ ;);\
                    /npm/my-scope~ EXTERNAL_UPSTREAM BLOCK, PUBLISH ALLOW_SPECIFIC_REPOSITORIES;);\
                    /pypi/* ;);)";
    assert!(shape.contains(expected), "{shape}\n{page}");
}

#[tokio::test]
async fn a_package_group_says_where_its_origin_controls_come_from() {
    let world = seeded().await;
    add_group(&world, "/npm/my-scope/web~", json!({})).await;
    let (status, page) = look(&world, &group_page("/npm/my-scope/web~")).await;
    assert_eq!(status, 200);
    let link = |pattern: &str| {
        let to = group_page(pattern).replace('&', "&amp;");
        format!("<a href=\"{to}\">{pattern}</a>")
    };
    let repository = format!(
        "<a href=\"/browse?owner={ACCOUNT}&amp;domain=my-domain&amp;repository=my-repo\">my-repo</a>"
    );
    let scope = link("/npm/my-scope~");
    for row in [
        format!(
            "<td>PUBLISH</td><td>INHERIT</td><td>ALLOW_SPECIFIC_REPOSITORIES</td><td>{scope}</td><td>{repository}</td>"
        ),
        format!(
            "<td>EXTERNAL_UPSTREAM</td><td>INHERIT</td><td>BLOCK</td><td>{scope}</td><td></td>"
        ),
        format!(
            "<td>INTERNAL_UPSTREAM</td><td>INHERIT</td><td>ALLOW</td><td>{}</td><td></td>",
            link("/*")
        ),
    ] {
        assert!(page.contains(&row), "{row}: {page}");
    }
    assert!(page.contains(&format!("Below {scope}")), "{page}");
    let (_, page) = look(&world, &group_page("/npm/my-scope~")).await;
    assert!(page.contains("web@example.test"), "{page}");
    assert!(page.contains(&link("/npm/my-scope/web~")), "{page}");
    let (status, _) = look(&world, &group_page("/npm/absent/*")).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn the_packages_of_a_group_come_in_pages() {
    let world = seeded().await;
    add_group(&world, "/npm//web-helper$", json!({})).await;
    for number in 0..120 {
        add_package(&world, &format!("package-{number:03}")).await;
    }
    add_package(&world, "Web_Helper").await;
    let (_, page) = look(&world, &group_page("/*")).await;
    assert!(page.contains("package-000") && page.contains("package-099"));
    assert!(!page.contains("package-100"), "{page}");
    let (_, next) = page.split_once("<p><a href=\"").expect("another page");
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    let (_, page) = look(&world, &next).await;
    assert!(page.contains("package-100") && page.contains("package-119"));
    assert!(
        !page.contains("Next page") && !page.contains("Web_Helper"),
        "{page}"
    );
    let (_, page) = look(&world, &group_page("/npm//web-helper$")).await;
    assert!(
        page.contains("<td>Web_Helper</td><td>a variation, blocked</td>"),
        "{page}"
    );
    let package = format!(
        "/browse?owner={ACCOUNT}&domain=my-domain&repository=my-repo&format=npm&namespace=&package=Web_Helper"
    );
    let (_, page) = look(&world, &package).await;
    assert!(
        page.contains(">/npm//web-helper$</a> (a variation"),
        "{page}"
    );
}

/// Names and words that would do something in a page that believed them.
async fn hostile() -> World {
    let world = seeded().await;
    let trap = "<img src=x onerror=\"document.title='taken'\">'&";
    let more = json!({"contactInfo": trap, "description": trap});
    add_group(&world, "/npm//\"><script>document.title='taken'<$", more).await;
    add_group(&world, "/npm//<script>document.title='taken'*", json!({})).await;
    add_package(&world, "<script>document.title='taken'").await;
    world
}

#[tokio::test]
async fn hostile_names_stay_texts() {
    let world = hostile().await;
    for pattern in ["", "/*", "/npm//<script>document.title='taken'*"] {
        let (status, page) = look(&world, &group_page(pattern)).await;
        assert_eq!(status, 200);
        assert!(page.contains("&lt;script&gt;"), "{page}");
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_browser_shows_the_pages_as_they_are_meant() {
    let Some(browser) = installed("chromium") else {
        return;
    };
    let world = hostile().await;
    let domain = format!("/browse?owner={ACCOUNT}&domain=my-domain");
    let home = Home::new();
    for (path, title) in [
        ("/".to_string(), "Domains"),
        (domain, "Domain my-domain"),
        (group_page(""), "Package groups of my-domain"),
        (group_page("/*"), "Package group /*"),
    ] {
        let url = format!("{}{path}", world.base());
        let shown = home
            .run(
                ".",
                browser.to_str().unwrap(),
                &[
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--enable-logging=stderr",
                    "--dump-dom",
                    &url,
                ],
            )
            .await;
        // A style sheet that the policy does not let through is told of on the console.
        assert!(!shown.errors.contains("CONSOLE"), "{path}: {shown:#?}");
        let page = shown.succeeded();
        assert!(page.contains(&format!("<title>{title}</title>")), "{page}");
        assert!(!page.contains("<img"), "{page}");
    }
}
