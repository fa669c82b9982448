//! Policies of domains and repositories, and of principals (guide, "Repository policies", "Domain
//! policies", "Interaction between repository and domain policies").

use codeartifact::local::auth::Principal;
use codeartifact::local::registry::policy::{Attachment, Policy};
use codeartifact::local::registry::quota::Quotas;
use serde_json::{Value, json};

use super::world::{ACCOUNT, REGION, World, generic, key_of, merge, principal, repository};

const OTHER_ACCOUNT: &str = "123456789012";

fn with_policy(mut principal: Principal, document: &Value) -> Principal {
    let policy = Policy::parse(&document.to_string(), Attachment::Identity).expect("a policy");
    principal.identity.policies = Some(vec![policy]);
    principal
}

fn statement(effect: &str, actions: &[&str], resource: &str, principal: Option<&str>) -> Value {
    let actions: Vec<String> = actions
        .iter()
        .map(|action| format!("codeartifact:{action}"))
        .collect();
    let mut statement = json!({"Effect": effect, "Action": actions, "Resource": resource});
    if let Some(principal) = principal {
        statement["Principal"] = json!({"AWS": principal});
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

fn root(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

async fn world(others: Vec<Principal>) -> World {
    let mut principals = vec![principal("alice", ACCOUNT)];
    principals.extend(others);
    World::with(principals, Quotas::default())
        .await
        .with_repositories(&["my_repo"])
        .await
}

async fn put_domain_policy(world: &World, document: &Value) {
    let members = json!({"domain": "my-domain", "policyDocument": document.to_string()});
    world.does("put-domain-permissions-policy", members).await;
}

async fn put_repository_policy(world: &World, document: &Value) {
    let members = repository("my_repo", json!({"policyDocument": document.to_string()}));
    world
        .does("put-repository-permissions-policy", members)
        .await;
}

/// What comes of a call by somebody else.
async fn outcome(
    world: &World,
    name: &str,
    command: &str,
    mut members: Value,
) -> Result<Value, String> {
    members["domainOwner"] = json!(ACCOUNT);
    let outcome = world.call_as(&key_of(name), command, members).await;
    outcome.map_err(|refused| {
        assert_eq!(
            (refused.status, refused.code.as_str()),
            (403, "AccessDeniedException")
        );
        refused.message().to_string()
    })
}

#[tokio::test]
async fn a_policy_is_set_read_replaced_and_deleted() {
    let world = world(Vec::new()).await;
    let resource = format!("arn:aws:codeartifact:{REGION}:{ACCOUNT}:");
    for (kind, members, arn) in [
        (
            "domain",
            json!({"domain": "my-domain"}),
            format!("{resource}domain/my-domain"),
        ),
        (
            "repository",
            repository("my_repo", json!({})),
            format!("{resource}repository/my-domain/my_repo"),
        ),
    ] {
        let with = |more: Value| {
            let mut members = members.clone();
            merge(&mut members, more);
            members
        };
        let command = |verb: &str| format!("{verb}-{kind}-permissions-policy");
        let refused = world.refuses(&command("get"), with(json!({}))).await;
        assert_eq!(refused.code, "ResourceNotFoundException");
        let document = statement(
            "Allow",
            &["ReadFromRepository"],
            "*",
            Some(&root(OTHER_ACCOUNT)),
        )
        .to_string();
        let put = world
            .does(&command("put"), with(json!({"policyDocument": document})))
            .await;
        assert_eq!(put["policy"]["resourceArn"], arn);
        assert_eq!(put["policy"]["document"], document);
        assert_eq!(world.does(&command("get"), with(json!({}))).await, put);
        let outdated = json!({"policyDocument": document, "policyRevision": "other"});
        let refused = world.refuses(&command("put"), with(outdated)).await;
        assert_eq!(refused.code, "ConflictException");
        let current =
            json!({"policyDocument": document, "policyRevision": put["policy"]["revision"]});
        let again = world.does(&command("put"), with(current)).await;
        assert_ne!(again["policy"]["revision"], put["policy"]["revision"]);
        let refused = world
            .refuses(
                &command("delete"),
                with(json!({"policyRevision": put["policy"]["revision"]})),
            )
            .await;
        assert_eq!(refused.code, "ConflictException");
        assert_eq!(world.does(&command("delete"), with(json!({}))).await, again);
        let refused = world.refuses(&command("delete"), with(json!({}))).await;
        assert_eq!(refused.code, "ResourceNotFoundException");
        let refused = world
            .refuses(&command("put"), with(json!({"policyDocument": "{}"})))
            .await;
        assert_eq!(refused.code, "ValidationException");
    }
}

#[tokio::test]
async fn another_account_needs_both_kinds_of_policies() {
    let allowed = statement("Allow", &["*"], "*", None);
    let world = world(vec![
        principal("bob", OTHER_ACCOUNT),
        with_policy(
            principal("carol", OTHER_ACCOUNT),
            &statement("Allow", &["List*"], "*", None),
        ),
        with_policy(principal("dave", "999999999999"), &allowed),
    ])
    .await;
    let list = async |name: &str| {
        outcome(
            &world,
            name,
            "list-packages",
            repository("my_repo", json!({})),
        )
        .await
    };
    let message = list("bob").await.unwrap_err();
    assert_eq!(
        message,
        format!(
            "User: arn:aws:iam::{OTHER_ACCOUNT}:user/bob is not authorized to perform: codeartifact:ListPackages on resource: arn:aws:codeartifact:{REGION}:{ACCOUNT}:repository/my-domain/my_repo because no resource-based policy allows the action"
        )
    );
    put_repository_policy(
        &world,
        &statement(
            "Allow",
            &["ListPackages", "DescribeRepository"],
            "*",
            Some(&root(OTHER_ACCOUNT)),
        ),
    )
    .await;
    assert!(list("bob").await.is_ok());
    assert!(list("carol").await.is_ok());
    assert!(list("dave").await.is_err());
    // Her own policies do not let carol describe.
    let describe = outcome(
        &world,
        "carol",
        "describe-repository",
        repository("my_repo", json!({})),
    )
    .await;
    assert!(describe.unwrap_err().contains("no identity-based policy"));
    assert!(
        outcome(
            &world,
            "bob",
            "describe-repository",
            repository("my_repo", json!({}))
        )
        .await
        .is_ok()
    );
}

#[tokio::test]
async fn in_the_same_account_either_policy_will_do() {
    let nothing = statement("Allow", &["ListDomains"], "*", None);
    let world = world(vec![with_policy(principal("bob", ACCOUNT), &nothing)]).await;
    let list = async || {
        outcome(
            &world,
            "bob",
            "list-packages",
            repository("my_repo", json!({})),
        )
        .await
    };
    assert!(list().await.is_err());
    put_domain_policy(
        &world,
        &statement(
            "Allow",
            &["ListPackages"],
            "*",
            Some(&format!("arn:aws:iam::{ACCOUNT}:user/bob")),
        ),
    )
    .await;
    assert!(list().await.is_ok());
}

#[tokio::test]
async fn a_deny_wins_also_over_an_administrator() {
    let world = world(Vec::new()).await;
    let deny = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "DenyRepositoryDeletion", "Action": ["codeartifact:DeleteRepository"],
            "Effect": "Deny", "Resource": "*", "Principal": "*",
        }],
    });
    put_domain_policy(&world, &deny).await;
    let refused = world
        .refuses("delete-repository", repository("my_repo", json!({})))
        .await;
    assert_eq!(refused.code, "AccessDeniedException");
    assert!(
        refused.message().contains("explicit deny"),
        "{}",
        refused.message()
    );
    // As the guide has it: except the one that shall go.
    let mut except = deny;
    let statement = except["Statement"][0].as_object_mut().unwrap();
    statement.remove("Resource");
    let arn = format!("arn:aws:codeartifact:{REGION}:{ACCOUNT}:repository/my-domain/my_repo");
    statement.insert("NotResource".to_string(), json!(arn));
    put_domain_policy(&world, &except).await;
    world
        .does("delete-repository", repository("my_repo", json!({})))
        .await;
}

#[tokio::test]
async fn no_owner_locks_himself_out() {
    let world = world(Vec::new()).await;
    let deny_all = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*"}],
    });
    put_repository_policy(&world, &deny_all).await;
    let refused = world
        .refuses("list-packages", repository("my_repo", json!({})))
        .await;
    assert_eq!(refused.code, "AccessDeniedException");
    put_repository_policy(
        &world,
        &statement("Allow", &["*"], "*", Some(&root(ACCOUNT))),
    )
    .await;
    put_domain_policy(&world, &deny_all).await;
    let refused = world
        .refuses("describe-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(refused.code, "AccessDeniedException");
    // The domain's policy counts when the repository's is put.
    let members = repository("my_repo", json!({"policyDocument": deny_all.to_string()}));
    assert_eq!(
        world
            .refuses("put-repository-permissions-policy", members)
            .await
            .code,
        "AccessDeniedException"
    );
    put_domain_policy(
        &world,
        &statement("Allow", &["*"], "*", Some(&root(ACCOUNT))),
    )
    .await;
    world
        .does("describe-domain", json!({"domain": "my-domain"}))
        .await;
}

#[tokio::test]
async fn another_account_may_be_let_make_repositories() {
    let world = world(vec![principal("bob", OTHER_ACCOUNT)]).await;
    let create = async || {
        outcome(
            &world,
            "bob",
            "create-repository",
            repository("bobs", json!({})),
        )
        .await
    };
    assert!(create().await.is_err());
    put_domain_policy(
        &world,
        &statement(
            "Allow",
            &["CreateRepository"],
            "*",
            Some(&root(OTHER_ACCOUNT)),
        ),
    )
    .await;
    let created = create().await.unwrap();
    assert_eq!(created["repository"]["administratorAccount"], OTHER_ACCOUNT);
    assert_eq!(created["repository"]["domainOwner"], ACCOUNT);
    // Who administers a repository needs no resource policy for it.
    assert!(
        outcome(
            &world,
            "bob",
            "list-packages",
            repository("bobs", json!({}))
        )
        .await
        .is_ok()
    );
    assert!(
        outcome(
            &world,
            "bob",
            "list-packages",
            repository("my_repo", json!({}))
        )
        .await
        .is_err()
    );
    let listed = world
        .call_as(&key_of("bob"), "list-repositories", json!({}))
        .await
        .unwrap();
    assert_eq!(listed["repositories"][0]["name"], "bobs");
}

#[tokio::test]
async fn packages_are_resources_of_their_own() {
    let allow = |resource: &str| statement("Allow", &["DescribePackageVersion"], resource, None);
    let arn =
        format!("arn:aws:codeartifact:{REGION}:{ACCOUNT}:package/my-domain/my_repo/generic/my-ns/");
    let world = world(vec![
        with_policy(
            principal("bob", ACCOUNT),
            &allow(&format!("{arn}my-package")),
        ),
        with_policy(principal("carol", ACCOUNT), &allow(&format!("{arn}other*"))),
    ])
    .await;
    world
        .publishes("my_repo", "1.0.0", "asset", b"1", false)
        .await
        .unwrap();
    let version = generic("my_repo", json!({"packageVersion": "1.0.0"}));
    assert!(
        outcome(&world, "bob", "describe-package-version", version.clone())
            .await
            .is_ok()
    );
    assert!(
        outcome(&world, "carol", "describe-package-version", version)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_token_needs_sts_as_well_and_may_be_limited_in_time() {
    let policy = |seconds: u64| {
        json!({
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"},
                {
                    "Sid": "sts", "Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": "*",
                    "Condition": {
                        "NumericLessThanEquals": {"sts:DurationSeconds": seconds},
                        "StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"},
                    },
                },
            ],
        })
    };
    let world = world(vec![
        with_policy(principal("bob", ACCOUNT), &policy(3600)),
        with_policy(
            principal("carol", ACCOUNT),
            &statement("Allow", &["*"], "*", None),
        ),
    ])
    .await;
    let token = async |name: &str, seconds: u64| {
        let members = json!({"domain": "my-domain", "durationSeconds": seconds});
        outcome(&world, name, "get-authorization-token", members)
            .await
            .map(drop)
    };
    assert!(token("bob", 900).await.is_ok());
    assert!(
        token("bob", 3601)
            .await
            .unwrap_err()
            .contains("sts:GetServiceBearerToken")
    );
    assert!(
        token("carol", 900)
            .await
            .unwrap_err()
            .contains("sts:GetServiceBearerToken")
    );
}

#[tokio::test]
async fn resource_tags_decide_where_a_policy_says_so() {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": ["codeartifact:UpdateRepository", "codeartifact:ListPackages"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/Key1": "Value1"}},
        }],
    });
    let world = world(vec![with_policy(principal("bob", ACCOUNT), &policy)]).await;
    let list = async || {
        outcome(
            &world,
            "bob",
            "list-packages",
            repository("my_repo", json!({})),
        )
        .await
    };
    assert!(list().await.is_err());
    let arn = format!("arn:aws:codeartifact:{REGION}:{ACCOUNT}:repository/my-domain/my_repo");
    let tags = json!({"resourceArn": arn, "tags": [{"key": "Key1", "value": "Value1"}]});
    world.does("tag-resource", tags).await;
    assert!(list().await.is_ok());
}

#[tokio::test]
async fn an_upstream_needs_the_permission_of_its_own_repository() {
    let world = world(vec![principal("bob", OTHER_ACCOUNT)]).await;
    put_domain_policy(
        &world,
        &statement(
            "Allow",
            &["CreateRepository"],
            "*",
            Some(&root(OTHER_ACCOUNT)),
        ),
    )
    .await;
    let upstreams = json!({"upstreams": [{"repositoryName": "my_repo"}]});
    let create = async || {
        outcome(
            &world,
            "bob",
            "create-repository",
            repository("bobs", upstreams.clone()),
        )
        .await
    };
    assert!(
        create()
            .await
            .unwrap_err()
            .contains("AssociateWithDownstreamRepository")
    );
    put_repository_policy(
        &world,
        &statement(
            "Allow",
            &["AssociateWithDownstreamRepository"],
            "*",
            Some(&root(OTHER_ACCOUNT)),
        ),
    )
    .await;
    assert!(create().await.is_ok());
}

#[tokio::test]
async fn domains_are_listed_as_far_as_policies_let() {
    let prefix = format!("arn:aws:codeartifact:{REGION}:{ACCOUNT}:domain/my*");
    let world = world(vec![
        with_policy(
            principal("bob", ACCOUNT),
            &statement("Allow", &["ListDomains"], &prefix, None),
        ),
        with_policy(
            principal("carol", ACCOUNT),
            &statement("Allow", &["DescribeDomain"], "*", None),
        ),
    ])
    .await;
    world
        .does("create-domain", json!({"domain": "other-domain"}))
        .await;
    let listed = world
        .call_as(&key_of("bob"), "list-domains", json!({}))
        .await
        .unwrap();
    assert_eq!(listed["domains"].as_array().unwrap().len(), 1);
    assert_eq!(listed["domains"][0]["name"], "my-domain");
    let refused = world
        .call_as(&key_of("carol"), "list-domains", json!({}))
        .await
        .unwrap_err();
    assert_eq!(refused.code, "AccessDeniedException");
}

#[tokio::test]
async fn the_way_of_a_request_may_be_a_condition() {
    let policy = |condition: Value| {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow", "Action": "codeartifact:*", "Resource": "*", "Condition": condition,
            }],
        })
    };
    let names = ["bob", "carol", "dave", "erin", "frank"];
    let conditions = [
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}),
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"DateGreaterThan": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}}),
        json!({"StringEquals": {"aws:username": "frank", "aws:PrincipalAccount": ACCOUNT}}),
    ];
    let principals = names.iter().zip(conditions);
    let principals = principals
        .map(|(name, condition)| with_policy(principal(name, ACCOUNT), &policy(condition)))
        .collect();
    let world = world(principals).await;
    for (name, is_allowed) in names.iter().zip([false, true, false, true, true]) {
        let members = repository("my_repo", json!({}));
        let described = outcome(&world, name, "describe-repository", members).await;
        assert_eq!(described.is_ok(), is_allowed, "{name}: {described:?}");
    }
}
