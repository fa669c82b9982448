//! Principals of a seed file, with the real `aws` as their client: who may do what, at the API and
//! at the package endpoints, by the guide's own policies ("Identity-based policy examples", "Using
//! tags to control access to CodeArtifact resources", "Domain policies", "Repository policies").

use codeartifact::local::Double;
use codeartifact::local::seed::Seed;

use super::aws::Aws;
use super::world::{ACCOUNT, REGION, World, key_of};
use crate::support::installed::installed;

const OTHER_ACCOUNT: &str = "123456789012";
const DOMAIN: &str = "--domain my_domain --domain-owner 111122223333";

/// What `AWSCodeArtifactAdminAccess` says.
const ADMINISTRATION: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Action":["codeartifact:*"],"Effect":"Allow","Resource":"*"},
    {"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*",
     "Condition":{"StringEquals":{"sts:AWSServiceName":"codeartifact.amazonaws.com"}}}]}"#;

/// What Maven uploads at the end of a publication.
const METADATA: &str = "<metadata><groupId>com.example</groupId><artifactId>app</artifactId>\
    <versioning><versions><version>1.0</version></versions></versioning></metadata>";

/// A principal of the file.
fn principal(name: &str, account: &str, policies: &[&str], more: &str) -> String {
    let key = key_of(name);
    format!(
        "[[principal]]\narn = \"arn:aws:iam::{account}:user/{name}\"\naccess_key_id = \"{}\"\n\
         secret_access_key = \"{}\"\npolicies = [{}]\n{more}\n",
        key.id,
        key.secret,
        policies
            .iter()
            .map(|policy| format!("'''{policy}'''"))
            .collect::<Vec<_>>()
            .join(", "),
    )
}

/// A service with the principals, and a domain with what follows it in the file.
async fn world(principals: &[String], domain: &str) -> World {
    let text = format!(
        "{}[[domain]]\nname = \"my_domain\"\n{domain}",
        principals.concat()
    )
    .replace("my_domain", "my-domain");
    World::double(Double {
        seed: Some(Seed::parse(&text).expect("a seed")),
        ..Double::default()
    })
    .await
}

/// The client of a principal.
struct Somebody(Aws);

impl Somebody {
    fn called(world: &World, name: &str) -> Somebody {
        Somebody(Aws::new(&world.service.base_url, &key_of(name)))
    }

    async fn may(&self, line: &str) -> serde_json::Value {
        self.0.run(&line.replace("my_domain", "my-domain")).await
    }

    /// The command is refused, and the message names the action and the resource.
    async fn may_not(&self, line: &str, action: &str, resource: &str) -> String {
        let said = self.0.says(&line.replace("my_domain", "my-domain")).await;
        let message = said.failed();
        assert!(
            message.contains("(AccessDeniedException) when calling the"),
            "{message}"
        );
        let named = format!(
            "is not authorized to perform: {action} on resource: {}",
            resource.replace("my_domain", "my-domain")
        );
        assert!(message.contains(&named), "{message}\n{named}");
        message
    }

    async fn token(&self) -> String {
        let answer = self.may(&format!("get-authorization-token {DOMAIN}")).await;
        answer["authorizationToken"].as_str().unwrap().to_string()
    }
}

/// Sends a package manager's request; gives the status and the text.
async fn at_endpoint(world: &World, token: &str, method: &str, path: &str) -> (u16, String) {
    let url = format!("{}/d/my-domain-{ACCOUNT}/{path}", world.base());
    let headers = vec![("authorization".to_string(), format!("Bearer {token}"))];
    let body = match method {
        "PUT" if path.ends_with("/maven-metadata.xml") => METADATA.as_bytes().to_vec(),
        "PUT" => b"bytes".to_vec(),
        _ => Vec::new(),
    };
    let answer = world.request(method, &url, headers, body).await;
    (answer.status, String::from_utf8(answer.body).unwrap())
}

fn arn(resource: &str) -> String {
    format!("arn:aws:codeartifact:{REGION}:{ACCOUNT}:{resource}")
}

#[tokio::test]
async fn somebody_may_read_the_repositories_whose_names_end_with_test() {
    if installed("aws").is_none() {
        return;
    }
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["codeartifact:List*","codeartifact:Describe*","codeartifact:Get*","codeartifact:Read*"],
         "Resource":"arn:aws:codeartifact:*:*:repository/*/*test"},
        {"Effect":"Allow","Action":["codeartifact:List*","codeartifact:Describe*"],
         "Resource":"arn:aws:codeartifact:*:*:package/*/*test/*/*/*"},
        {"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*",
         "Condition":{"StringEquals":{"sts:AWSServiceName":"codeartifact.amazonaws.com"}}},
        {"Effect":"Allow","Action":"codeartifact:GetAuthorizationToken","Resource":"*"}]}"#;
    let world = world(
        &[principal("bob", ACCOUNT, &[policy], "")],
        "[[domain.repository]]\nname = \"my-test\"\n[[domain.repository]]\nname = \"my-other\"\n",
    )
    .await;
    let alice = Somebody::called(&world, "alice");
    alice.0.home.write("asset", "hello");
    let hash = super::world::sha256(b"hello");
    let version = |repository: &str| {
        format!(
            "{DOMAIN} --repository {repository} --format generic --namespace ns --package p --package-version 1"
        )
    };
    for repository in ["my-test", "my-other"] {
        alice
            .may(&format!(
                "publish-package-version {} --asset-content asset --asset-name a --asset-sha256 {hash}",
                version(repository)
            ))
            .await;
    }
    let bob = Somebody::called(&world, "bob");
    bob.may(&format!(
        "describe-repository {DOMAIN} --repository my-test"
    ))
    .await;
    bob.may(&format!("describe-package-version {}", version("my-test")))
        .await;
    bob.may_not(
        &format!("describe-repository {DOMAIN} --repository my-other"),
        "codeartifact:DescribeRepository",
        &arn("repository/my_domain/my-other because no identity-based policy"),
    )
    .await;
    bob.may_not(
        &format!("describe-package-version {}", version("my-other")),
        "codeartifact:DescribePackageVersion",
        &arn("package/my_domain/my-other/generic/ns/p"),
    )
    .await;
    bob.may_not(
        &format!("delete-repository {DOMAIN} --repository my-test"),
        "codeartifact:DeleteRepository",
        &arn("repository/my_domain/my-test"),
    )
    .await;
    let token = bob.token().await;
    assert_eq!(
        at_endpoint(&world, &token, "GET", "npm/my-test/absent")
            .await
            .0,
        404
    );
    let (status, text) = at_endpoint(&world, &token, "GET", "npm/my-other/absent").await;
    assert_eq!(status, 403);
    let named = format!(
        "codeartifact:ReadFromRepository on resource: {}",
        arn("repository/my-domain/my-other")
    );
    assert!(text.contains(&named), "{text}");
    let (status, text) = at_endpoint(
        &world,
        &token,
        "PUT",
        "maven/my-test/com/example/app/1.0/app-1.0.jar",
    )
    .await;
    assert_eq!(status, 403);
    let named = format!(
        "codeartifact:PublishPackageVersion on resource: {}",
        arn("package/my-domain/my-test/maven/com.example/app")
    );
    assert!(text.contains(&named), "{text}");
}

#[tokio::test]
async fn another_account_is_let_in_by_domain_and_repository() {
    if installed("aws").is_none() {
        return;
    }
    let world = world(
        &[
            principal("bob", OTHER_ACCOUNT, &[ADMINISTRATION], ""),
            principal("carol", OTHER_ACCOUNT, &[], ""),
        ],
        "[[domain.repository]]\nname = \"my_repo\"\n",
    )
    .await;
    let alice = Somebody::called(&world, "alice");
    let (bob, carol) = (
        Somebody::called(&world, "bob"),
        Somebody::called(&world, "carol"),
    );
    let token = format!("get-authorization-token {DOMAIN}");
    let refused = bob
        .may_not(
            &token,
            "codeartifact:GetAuthorizationToken",
            &arn("domain/my_domain"),
        )
        .await;
    assert!(refused.contains("no resource-based policy"), "{refused}");
    // The guide's policy of a domain, and of a repository for one package.
    alice.0.home.write(
        "domain.json",
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"BasicDomainPolicy","Action":[
            "codeartifact:GetDomainPermissionsPolicy","codeartifact:ListRepositoriesInDomain",
            "codeartifact:GetAuthorizationToken","codeartifact:DescribeDomain","codeartifact:CreateRepository"],
            "Effect":"Allow","Resource":"*","Principal":{"AWS":"arn:aws:iam::123456789012:root"}}]}"#,
    );
    alice
        .may(&format!(
            "put-domain-permissions-policy {DOMAIN} --policy-document file://domain.json"
        ))
        .await;
    bob.may(&format!("describe-domain {DOMAIN}")).await;
    let said = carol
        .may_not(&token, "sts:GetServiceBearerToken", "*")
        .await;
    assert!(said.contains("no identity-based policy"), "{said}");
    let token = bob.token().await;
    let jar = "maven/my_repo/com/example/app/1.0/app-1.0.jar";
    let metadata = "maven/my_repo/com/example/app/maven-metadata.xml";
    assert_eq!(at_endpoint(&world, &token, "GET", jar).await.0, 403);
    assert_eq!(at_endpoint(&world, &token, "PUT", jar).await.0, 403);
    alice.0.home.write(
        "repository.json",
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Action":"codeartifact:ReadFromRepository","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::123456789012:user/bob"}},"Resource":"*"}},
            {{"Action":["codeartifact:PublishPackageVersion"],"Effect":"Allow",
              "Principal":{{"AWS":"arn:aws:iam::123456789012:root"}},"Resource":"{}"}}]}}"#,
            arn("package/my-domain/my_repo/maven/com.example/app")
        ),
    );
    alice
        .may(&format!(
            "put-repository-permissions-policy {DOMAIN} --repository my_repo --policy-document file://repository.json"
        ))
        .await;
    assert_eq!(at_endpoint(&world, &token, "PUT", jar).await.0, 201);
    let other = "maven/my_repo/com/example/other/1.0/other-1.0.jar";
    assert_eq!(at_endpoint(&world, &token, "PUT", other).await.0, 403);
    // "To grant permission to publish Maven package versions, add codeartifact:PutPackageMetadata".
    let (status, text) = at_endpoint(&world, &token, "PUT", metadata).await;
    assert_eq!(status, 403, "{text}");
    assert!(text.contains("codeartifact:PutPackageMetadata"), "{text}");
    let version = format!(
        "describe-package-version {DOMAIN} --repository my_repo --format maven --namespace com.example --package app --package-version 1.0"
    );
    let version = alice.may(&version).await;
    assert_eq!(version["packageVersion"]["status"], "Unfinished");
    // Whoever makes a repository administers it.
    let made = bob
        .may(&format!("create-repository {DOMAIN} --repository bobs"))
        .await;
    assert_eq!(made["repository"]["administratorAccount"], OTHER_ACCOUNT);
    bob.may(&format!("describe-repository {DOMAIN} --repository bobs"))
        .await;
    bob.may_not(
        &format!("create-repository {DOMAIN} --repository tagged --tags key=a,value=b"),
        "codeartifact:TagResource",
        &arn("domain/my_domain"),
    )
    .await;
    // "You cannot grant permissions to another AWS account to update the resource policy on a domain".
    bob.0
        .home
        .write("domain.json", alice.0.home.read("domain.json"));
    bob.may_not(
        &format!("put-domain-permissions-policy {DOMAIN} --policy-document file://domain.json"),
        "codeartifact:PutDomainPermissionsPolicy",
        &arn("domain/my_domain"),
    )
    .await;
}

#[tokio::test]
async fn an_organization_is_let_in_by_its_id() {
    if installed("aws").is_none() {
        return;
    }
    let policy = r#"{"Version":"2012-10-17","Statement":{"Sid":"DomainPolicyForOrganization","Effect":"Allow","Principal":"*",
        "Action":["codeartifact:GetDomainPermissionsPolicy","codeartifact:DescribeDomain"],"Resource":"*",
        "Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-xxxxxxxxxxx"]}}}}"#;
    let attributes = |id: &str| format!("attributes = {{ \"aws:PrincipalOrgID\" = \"{id}\" }}");
    let world = world(
        &[
            principal(
                "bob",
                OTHER_ACCOUNT,
                &[ADMINISTRATION],
                &attributes("o-xxxxxxxxxxx"),
            ),
            principal(
                "carol",
                "999999999999",
                &[ADMINISTRATION],
                &attributes("o-other"),
            ),
        ],
        &format!("policy = '''{policy}'''\n"),
    )
    .await;
    let describe = format!("describe-domain {DOMAIN}");
    Somebody::called(&world, "bob").may(&describe).await;
    Somebody::called(&world, "carol")
        .may_not(
            &describe,
            "codeartifact:DescribeDomain",
            &arn("domain/my_domain"),
        )
        .await;
}

#[tokio::test]
async fn tokens_last_as_long_as_policies_let() {
    if installed("aws").is_none() {
        return;
    }
    let policy = |condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"codeartifact:*","Resource":"*"}},
            {{"Sid":"sts","Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*",
              "Condition":{{{condition},"StringEquals":{{"sts:AWSServiceName":"codeartifact.amazonaws.com"}}}}}}]}}"#
        )
    };
    let exactly = policy(r#""NumericEquals":{"sts:DurationSeconds":43200}"#);
    let between = policy(r#""NumericLessThanEquals":{"sts:DurationSeconds":3600}"#);
    let world = world(
        &[
            principal("bob", ACCOUNT, &[&exactly], ""),
            principal("carol", ACCOUNT, &[&between], ""),
        ],
        "",
    )
    .await;
    let (bob, carol) = (
        Somebody::called(&world, "bob"),
        Somebody::called(&world, "carol"),
    );
    let token =
        |seconds: u32| format!("get-authorization-token {DOMAIN} --duration-seconds {seconds}");
    for (somebody, seconds, is_allowed) in [
        (&bob, 43200, true),
        (&bob, 3600, false),
        (&carol, 900, true),
        (&carol, 3600, true),
        (&carol, 0, true),
        (&carol, 3601, false),
    ] {
        let said = somebody
            .0
            .says(&token(seconds).replace("my_domain", "my-domain"))
            .await;
        assert_eq!(said.code == Some(0), is_allowed, "{seconds}: {said:?}");
        if !is_allowed {
            let message = said.failed();
            assert!(
                message.contains("AccessDeniedException")
                    && message.contains("sts:GetServiceBearerToken"),
                "{message}"
            );
        }
    }
}

/// The guide's four examples of tags in policies.
const BY_REQUEST: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Deny","Action":"codeartifact:CreateRepository","Resource":"*",
     "Condition":{"Null":{"aws:RequestTag/costcenter":"true"}}},
    {"Effect":"Deny","Action":"codeartifact:CreateRepository","Resource":"*",
     "Condition":{"ForAnyValue:StringNotEquals":{"aws:RequestTag/costcenter":["1","2"]}}}]}"#;
const BY_RESOURCE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":[
    "codeartifact:TagResource","codeartifact:DescribeDomain","codeartifact:DescribeRepository",
    "codeartifact:UpdateRepository","codeartifact:ReadFromRepository","codeartifact:ListPackages"],
    "Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Key1":["Value1","Value2"]}}}]}"#;
const ALLOWED_BY_RESOURCE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[
    "codeartifact:UpdateRepository","codeartifact:DeleteRepository","codeartifact:ListPackages"],
    "Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Key1":"Value1"}}}]}"#;
const ALLOWED_BY_REQUEST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[
    "codeartifact:CreateRepository","codeartifact:TagResource"],
    "Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/Key1":"Value1"}}}]}"#;

#[tokio::test]
async fn tags_decide_as_in_the_guides_examples() {
    if installed("aws").is_none() {
        return;
    }
    let world = world(
        &[
            principal("bob", ACCOUNT, &[ADMINISTRATION, BY_REQUEST], ""),
            principal("carol", ACCOUNT, &[ADMINISTRATION, BY_RESOURCE], ""),
            principal("dave", ACCOUNT, &[ALLOWED_BY_RESOURCE], ""),
            principal("erin", ACCOUNT, &[ALLOWED_BY_REQUEST], ""),
        ],
        "[[domain.repository]]\nname = \"tagged\"\ntags = { Key1 = \"Value1\" }\n\
         [[domain.repository]]\nname = \"plain\"\n",
    )
    .await;
    let bob = Somebody::called(&world, "bob");
    let create =
        |name: &str, tags: &str| format!("create-repository {DOMAIN} --repository {name}{tags}");
    for tags in ["", " --tags key=costcenter,value=3"] {
        let said = bob
            .may_not(
                &create("bobs", tags),
                "codeartifact:CreateRepository",
                &arn("domain/my_domain with an explicit deny"),
            )
            .await;
        assert!(said.contains("identity-based"), "{said}");
    }
    bob.may(&create("bobs", " --tags key=costcenter,value=2"))
        .await;

    let list = |name: &str| format!("list-packages {DOMAIN} --repository {name}");
    let carol = Somebody::called(&world, "carol");
    carol.may(&list("plain")).await;
    let tagged = arn("repository/my_domain/tagged");
    carol
        .may_not(&list("tagged"), "codeartifact:ListPackages", &tagged)
        .await;
    let token = carol.token().await;
    assert_eq!(
        at_endpoint(&world, &token, "GET", "npm/plain/absent")
            .await
            .0,
        404
    );
    assert_eq!(
        at_endpoint(&world, &token, "GET", "npm/tagged/absent")
            .await
            .0,
        403
    );

    let dave = Somebody::called(&world, "dave");
    dave.may(&list("tagged")).await;
    dave.may_not(
        &list("plain"),
        "codeartifact:ListPackages",
        &arn("repository/my_domain/plain"),
    )
    .await;

    let erin = Somebody::called(&world, "erin");
    erin.may(&create("erins", " --tags key=Key1,value=Value1"))
        .await;
    erin.may_not(
        &create("other", " --tags key=Key1,value=Value2"),
        "codeartifact:CreateRepository",
        &arn("domain/my_domain"),
    )
    .await;
}

#[tokio::test]
async fn temporary_credentials_come_with_their_session() {
    if installed("aws").is_none() {
        return;
    }
    let session = "session_token = \"the-session\"\nsession_ends = \"2100-01-01T00:00:00Z\"";
    let file = principal("bob", ACCOUNT, &[ADMINISTRATION], session).replace(
        &format!("arn:aws:iam::{ACCOUNT}:user/bob"),
        &format!("arn:aws:sts::{ACCOUNT}:assumed-role/build/bob"),
    );
    let world = world(&[file], "").await;
    let without = Somebody::called(&world, "bob");
    let describe = format!("describe-domain {DOMAIN}").replace("my_domain", "my-domain");
    let said = without.0.says(&describe).await.failed();
    assert!(said.contains("UnrecognizedClientException"), "{said}");
    let mut with = Somebody::called(&world, "bob");
    with.0.home.set("AWS_SESSION_TOKEN", "the-session");
    with.may(&describe).await;
    let token = format!("get-authorization-token {DOMAIN} --duration-seconds 0");
    with.may(&token).await;
    // The session ends, and so do its tokens' maker and its calls.
    world.wait(std::time::Duration::from_secs(100 * 366 * 86400));
    let said = with.0.says(&describe).await.failed();
    assert!(said.contains("ExpiredTokenException"), "{said}");
}
