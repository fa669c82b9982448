//! Policies: what a document says about a request (guide, "Identity and Access Management").
//!
//! A [`Policy`] is read once, and then asked about any number of [`Request`]s. It says allow,
//! deny or nothing; `registry::access` puts the answers of several policies together. This room
//! knows neither domains nor repositories.

mod condition;
mod pattern;

use serde_json::{Map, Value};

use condition::Condition;

/// What a policy says about a request it speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It may be done.
    Allow,
    /// It must not be done, whatever else is allowed.
    Deny,
}

/// What a caller wants to do, as policies see it.
pub struct Request<'a> {
    /// The caller's ARN.
    pub principal: &'a str,
    /// The caller's account.
    pub account: &'a str,
    /// The action, such as `codeartifact:ListPackages`.
    pub action: &'a str,
    /// The ARN of the resource.
    pub resource: &'a str,
    /// The values of condition keys, such as `aws:PrincipalOrgID`. Keys are compared without case.
    pub keys: &'a [(String, String)],
}

impl Request<'_> {
    /// The values of a condition key; none when the request does not have it.
    fn values(&self, key: &str) -> Vec<&str> {
        self.keys
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

/// A policy document that has been read.
#[derive(Clone, Debug)]
pub struct Policy {
    statements: Vec<Statement>,
}

#[derive(Clone, Debug)]
struct Statement {
    effect: Effect,
    principals: Option<Choice>,
    actions: Choice,
    resources: Choice,
    conditions: Vec<Condition>,
}

/// A list of patterns, or all but a list of patterns.
#[derive(Clone, Debug)]
struct Choice {
    patterns: Vec<String>,
    inverted: bool,
}

/// Where a document is to be attached, which decides whether it names principals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// To a user or role.
    Identity,
    /// To a domain or repository.
    Resource,
}

impl Policy {
    /// Reads a document.
    ///
    /// # Errors
    /// A sentence about the first thing that no policy may say.
    pub fn parse(document: &str, attachment: Attachment) -> Result<Policy, String> {
        let document: Value =
            serde_json::from_str(document).map_err(|error| format!("it is not JSON: {error}"))?;
        let document = document.as_object().ok_or("it is not a JSON object")?;
        only_members(document, &["Version", "Id", "Statement"])?;
        match document.get("Version").map(Value::as_str) {
            None | Some(Some("2012-10-17" | "2008-10-17")) => {}
            Some(_) => return Err("its `Version` is not `2012-10-17`".to_string()),
        }
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(statement @ Value::Object(_)) => vec![statement],
            _ => return Err("it has no `Statement`".to_string()),
        };
        let statements: Result<Vec<_>, _> = statements
            .into_iter()
            .map(|statement| Statement::parse(statement, attachment))
            .collect();
        Ok(Policy {
            statements: statements?,
        })
    }

    /// What the policy says about the request; nothing when no statement speaks of it.
    pub fn evaluate(&self, request: &Request<'_>) -> Option<Effect> {
        let mut effect = None;
        for statement in &self.statements {
            if statement.speaks_of(request) {
                match statement.effect {
                    Effect::Deny => return Some(Effect::Deny),
                    Effect::Allow => effect = Some(Effect::Allow),
                }
            }
        }
        effect
    }
}

impl Statement {
    fn parse(statement: &Value, attachment: Attachment) -> Result<Statement, String> {
        let statement = statement
            .as_object()
            .ok_or("a statement is not a JSON object")?;
        only_members(
            statement,
            &[
                "Sid",
                "Effect",
                "Principal",
                "NotPrincipal",
                "Action",
                "NotAction",
                "Resource",
                "NotResource",
                "Condition",
            ],
        )?;
        let effect = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => {
                return Err("the `Effect` of a statement is neither `Allow` nor `Deny`".to_string());
            }
        };
        let principals = choice(statement, "Principal", "NotPrincipal", principal_patterns)?;
        match (attachment, &principals) {
            (Attachment::Resource, None) => {
                return Err("a statement has no `Principal`".to_string());
            }
            (Attachment::Identity, Some(_)) => {
                return Err("a statement of an identity-based policy has a `Principal`".to_string());
            }
            _ => {}
        }
        let actions = choice(statement, "Action", "NotAction", texts)?
            .ok_or("a statement has no `Action`")?;
        if let Some(action) = actions
            .patterns
            .iter()
            .find(|action| !action.contains(':') && *action != "*")
        {
            return Err(format!("the action `{action}` does not name a service"));
        }
        Ok(Statement {
            effect,
            principals,
            actions,
            resources: choice(statement, "Resource", "NotResource", texts)?
                .ok_or("a statement has no `Resource`")?,
            conditions: match statement.get("Condition") {
                None => Vec::new(),
                Some(conditions) => Condition::parse_all(conditions)?,
            },
        })
    }

    fn speaks_of(&self, request: &Request<'_>) -> bool {
        self.actions
            .covers(|pattern| pattern::matches_ignoring_case(pattern, request.action))
            && self.resources.covers(|pattern| {
                pattern::matches(&pattern::with_variables(pattern, request), request.resource)
            })
            && self.principals.as_ref().is_none_or(|principals| {
                principals.covers(|pattern| is_principal(pattern, request))
            })
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(request))
    }
}

impl Choice {
    fn covers(&self, matches: impl Fn(&str) -> bool) -> bool {
        self.patterns.iter().any(|pattern| matches(pattern)) != self.inverted
    }
}

/// Whether the principal of a statement is the caller: everybody, the caller's account, the caller
/// itself, or the role which the caller has assumed.
fn is_principal(pattern: &str, request: &Request<'_>) -> bool {
    pattern == "*"
        || pattern == request.account
        || pattern == request.principal
        || pattern
            .strip_prefix("arn:aws:iam::")
            .is_some_and(|rest| rest.strip_suffix(":root") == Some(request.account))
        || assumed_role(request.principal).is_some_and(|role| role == pattern)
}

/// The ARN of the role behind the ARN of a session.
fn assumed_role(session: &str) -> Option<String> {
    let (account, path) = session
        .strip_prefix("arn:aws:sts::")?
        .split_once(":assumed-role/")?;
    let (role, _session) = path.rsplit_once('/')?;
    Some(format!("arn:aws:iam::{account}:role/{role}"))
}

fn choice(
    statement: &Map<String, Value>,
    name: &str,
    not_name: &str,
    read: fn(&Value) -> Option<Vec<String>>,
) -> Result<Option<Choice>, String> {
    let (value, name, inverted) = match (statement.get(name), statement.get(not_name)) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(format!("a statement has both `{name}` and `{not_name}`"));
        }
        (Some(value), None) => (value, name, false),
        (None, Some(value)) => (value, not_name, true),
    };
    match read(value) {
        Some(patterns) if !patterns.is_empty() => Ok(Some(Choice { patterns, inverted })),
        _ => Err(format!("the `{name}` of a statement cannot be understood")),
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(texts) => texts
            .iter()
            .map(|text| text.as_str().map(str::to_string))
            .collect(),
        _ => None,
    }
}

fn principal_patterns(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(all) if all == "*" => Some(vec![all.clone()]),
        Value::Object(kinds) => {
            let mut patterns = Vec::new();
            for (kind, names) in kinds {
                match kind.as_str() {
                    "AWS" => patterns.extend(texts(names)?),
                    // Nobody who calls this service is one of these; the statement still is valid.
                    "Service" | "Federated" | "CanonicalUser" => {
                        texts(names)?;
                        patterns.push(String::new());
                    }
                    _ => return None,
                }
            }
            Some(patterns)
        }
        _ => None,
    }
}

fn only_members(object: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("no policy has the member `{name}`")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(policy: &str, action: &str, resource: &str, keys: &[(&str, &str)]) -> Option<Effect> {
        let keys: Vec<(String, String)> = keys
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        let attachment = if policy.contains("rincipal\":") {
            Attachment::Resource
        } else {
            Attachment::Identity
        };
        Policy::parse(policy, attachment)
            .unwrap()
            .evaluate(&Request {
                principal: "arn:aws:iam::123456789012:user/bob",
                account: "123456789012",
                action,
                resource,
                keys: &keys,
            })
    }

    fn statement(members: &str) -> String {
        format!(r#"{{"Version": "2012-10-17", "Statement": [{{{members}}}]}}"#)
    }

    #[test]
    fn an_account_or_one_of_its_users_is_a_principal() {
        for (principal, effect) in [
            (
                r#"{"AWS": "arn:aws:iam::123456789012:root"}"#,
                Some(Effect::Allow),
            ),
            (
                r#"{"AWS": "arn:aws:iam::123456789012:user/bob"}"#,
                Some(Effect::Allow),
            ),
            (
                r#"{"AWS": ["444455556666", "123456789012"]}"#,
                Some(Effect::Allow),
            ),
            (r#""*""#, Some(Effect::Allow)),
            (r#"{"AWS": "arn:aws:iam::123456789012:user/alice"}"#, None),
            (r#"{"AWS": "arn:aws:iam::444455556666:root"}"#, None),
            (r#"{"Service": "codebuild.amazonaws.com"}"#, None),
        ] {
            let policy = statement(&format!(
                r#""Effect": "Allow", "Principal": {principal}, "Action": "codeartifact:ReadFromRepository", "Resource": "*""#
            ));
            let said = ask(&policy, "codeartifact:ReadFromRepository", "arn:aws:x", &[]);
            assert_eq!(said, effect, "{principal}");
        }
    }

    #[test]
    fn actions_and_resources_have_wildcards() {
        let policy = statement(
            r#""Effect": "Allow", "Action": ["codeartifact:List*", "codeartifact:describe?omain"], "Resource": "arn:aws:codeartifact:*:*:repository/*/*test""#,
        );
        let test = "arn:aws:codeartifact:us-west-2:1:repository/d1/unit-test";
        assert_eq!(
            ask(&policy, "codeartifact:ListPackages", test, &[]),
            Some(Effect::Allow)
        );
        assert_eq!(
            ask(&policy, "codeartifact:DescribeDomain", test, &[]),
            Some(Effect::Allow)
        );
        assert_eq!(ask(&policy, "codeartifact:DeletePackage", test, &[]), None);
        let other = "arn:aws:codeartifact:us-west-2:1:repository/d1/live";
        assert_eq!(ask(&policy, "codeartifact:ListPackages", other, &[]), None);
    }

    #[test]
    fn a_deny_wins_over_any_allow() {
        let policy = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Action": "codeartifact:DeleteRepository", "NotResource": "arn:keep", "Principal": "*"},
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]}"#;
        assert_eq!(
            ask(policy, "codeartifact:DeleteRepository", "arn:other", &[]),
            Some(Effect::Deny)
        );
        assert_eq!(
            ask(policy, "codeartifact:DeleteRepository", "arn:keep", &[]),
            Some(Effect::Allow)
        );
    }

    #[test]
    fn the_guides_tag_conditions_hold() {
        let untagged = statement(
            r#""Effect": "Deny", "Action": "codeartifact:CreateRepository", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/costcenter": "true"}}"#,
        );
        let create = "codeartifact:CreateRepository";
        assert_eq!(ask(&untagged, create, "r", &[]), Some(Effect::Deny));
        assert_eq!(
            ask(
                &untagged,
                create,
                "r",
                &[("aws:RequestTag/costcenter", "1")]
            ),
            None
        );
        let elsewhere = statement(
            r#""Effect": "Deny", "Action": "codeartifact:CreateRepository", "Resource": "*", "Condition": {"ForAnyValue:StringNotEquals": {"aws:RequestTag/costcenter": ["1", "2"]}}"#,
        );
        assert_eq!(
            ask(
                &elsewhere,
                create,
                "r",
                &[("aws:RequestTag/costcenter", "2")]
            ),
            None
        );
        assert_eq!(
            ask(
                &elsewhere,
                create,
                "r",
                &[("aws:RequestTag/costcenter", "3")]
            ),
            Some(Effect::Deny)
        );
    }

    #[test]
    fn a_token_may_be_limited_in_time() {
        let policy = statement(
            r#""Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": "*", "Condition": {"NumericLessThanEquals": {"sts:DurationSeconds": 3600}, "StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}"#,
        );
        let ask = |seconds| {
            ask(
                &policy,
                "sts:GetServiceBearerToken",
                "r",
                &[
                    ("sts:DurationSeconds", seconds),
                    ("sts:AWSServiceName", "codeartifact.amazonaws.com"),
                ],
            )
        };
        assert_eq!(ask("900"), Some(Effect::Allow));
        assert_eq!(ask("3600"), Some(Effect::Allow));
        assert_eq!(ask("3601"), None);
    }

    #[test]
    fn an_assumed_role_is_its_role() {
        let session = "arn:aws:sts::123456789012:assumed-role/team/builder/job-7";
        assert_eq!(
            assumed_role(session).as_deref(),
            Some("arn:aws:iam::123456789012:role/team/builder")
        );
    }

    #[test]
    fn what_no_policy_may_say_is_refused() {
        for (document, attachment, part) in [
            ("nonsense", Attachment::Resource, "not JSON"),
            ("[]", Attachment::Resource, "not a JSON object"),
            (
                r#"{"Version": "2012-10-17"}"#,
                Attachment::Resource,
                "no `Statement`",
            ),
            (
                r#"{"Version": "1999-01-01", "Statement": []}"#,
                Attachment::Resource,
                "`Version`",
            ),
            (
                &statement(r#""Effect": "Perhaps""#),
                Attachment::Resource,
                "`Effect`",
            ),
            (
                &statement(r#""Effect": "Allow", "Action": "a:b", "Resource": "*""#),
                Attachment::Resource,
                "`Principal`",
            ),
            (
                &statement(
                    r#""Effect": "Allow", "Principal": "*", "Action": "a:b", "Resource": "*""#,
                ),
                Attachment::Identity,
                "`Principal`",
            ),
            (
                &statement(r#""Effect": "Allow", "Action": "List", "Resource": "*""#),
                Attachment::Identity,
                "`List`",
            ),
            (
                &statement(
                    r#""Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"Sounds": {"a": "b"}}"#,
                ),
                Attachment::Identity,
                "`Sounds`",
            ),
        ] {
            let error = Policy::parse(document, attachment).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
