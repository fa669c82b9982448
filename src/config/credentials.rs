//! Where credentials come from, in the order of AWS CLI v2: keys in variables (unless
//! `--profile` names a profile), a role that the profile assumes, and then what else the
//! profile has, the container, the machine. Pure: what is said here is fetched elsewhere, and
//! only once a request is signed.

use std::path::PathBuf;

use super::Origin;
use super::aws::Profile;
use super::env::Env;
use crate::secret::Secret;

/// Where credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Keys as they stand in variables or a file.
    Keys(Keys),
    /// A role, assumed with other credentials.
    Role(Box<Role>),
    /// A role, assumed with a token in a file.
    WebIdentity(WebIdentity),
    /// A role of IAM Identity Center, with the token of `aws sso login`.
    SingleSignOn(SingleSignOn),
    /// A session of the console, begun by `aws login`.
    Login {
        /// The session, an ARN.
        session: String,
        /// The profile it stands in.
        profile: String,
    },
    /// What a command prints.
    Process(String),
    /// The container's endpoint, which variables name.
    Container,
    /// The instance's metadata service.
    Instance,
    /// Nowhere, as the settings contradict each other; why.
    Refused(String),
}

/// Long-term or temporary keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The access key's identifier.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret,
    /// The session's token, where the keys are temporary.
    pub session_token: Option<Secret>,
}

/// A role that is assumed; the members of STS's `AssumeRole`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The role.
    pub role_arn: String,
    /// Name of the session; made up when it is not set.
    pub session_name: Option<String>,
    /// What the role's owner asks for in addition.
    pub external_id: Option<String>,
    /// The device (MFA) whose code is asked for.
    pub mfa_serial: Option<String>,
    /// How long the credentials last, in seconds.
    pub duration_seconds: Option<i32>,
    /// Whose credentials assume the role.
    pub source: Source,
}

/// A role that is assumed with a token in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebIdentity {
    /// The role.
    pub role_arn: String,
    /// Name of the session; made up when it is not set.
    pub session_name: Option<String>,
    /// The file with the token.
    pub token_file: PathBuf,
}

/// A role of IAM Identity Center.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleSignOn {
    /// The profile it stands in.
    pub profile: String,
    /// The account.
    pub account_id: String,
    /// The role.
    pub role_name: String,
    /// Where people sign in.
    pub start_url: String,
    /// The Region of IAM Identity Center.
    pub region: String,
    /// Name of the `sso-session` section, where the profile has one.
    pub session: Option<String>,
}

/// What a role of IAM Identity Center takes, in the profile or in its `sso-session`.
const SINGLE_SIGN_ON_KEYS: [&str; 4] = [
    "sso_role_name",
    "sso_account_id",
    "sso_start_url",
    "sso_region",
];

/// Decides where credentials come from.
pub fn resolve(env: &Env, profile: &Profile) -> Source {
    Chooser {
        env,
        profile,
        visited: Vec::new(),
    }
    .choose()
    .unwrap_or_else(Source::Refused)
}

struct Chooser<'a> {
    env: &'a Env,
    profile: &'a Profile,
    visited: Vec<String>,
}

impl Chooser<'_> {
    fn choose(mut self) -> Result<Source, String> {
        let by_flag = self
            .profile
            .named()
            .is_some_and(|set| set.origin == Origin::Flag("--profile"));
        if !by_flag && let Some(keys) = self.environment()? {
            return Ok(keys);
        }
        let name = self.profile.selected().to_string();
        self.visited.push(name.clone());
        if self.is_role(&name) {
            return self.role(&name);
        }
        if let Some(source) = self.of_profile(&name, !by_flag)? {
            return Ok(source);
        }
        Ok(self.container().unwrap_or(Source::Instance))
    }

    fn get(&self, profile: &str, key: &str) -> Option<String> {
        self.profile.get_from(profile, key).map(str::to_string)
    }

    fn environment(&self) -> Result<Option<Source>, String> {
        let Some(access_key_id) = self.env.var("AWS_ACCESS_KEY_ID") else {
            return Ok(None);
        };
        let secret = self
            .env
            .var("AWS_SECRET_ACCESS_KEY")
            .ok_or_else(|| partial("env", "AWS_SECRET_ACCESS_KEY"))?;
        let token = ["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"]
            .iter()
            .find_map(|name| self.env.var(name));
        Ok(Some(Source::Keys(Keys {
            access_key_id: access_key_id.to_string(),
            secret_access_key: Secret::new(secret),
            session_token: token.map(Secret::new),
        })))
    }

    fn container(&self) -> Option<Source> {
        [
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ]
        .iter()
        .any(|name| self.env.var(name).is_some())
        .then_some(Source::Container)
    }

    fn is_role(&self, name: &str) -> bool {
        self.get(name, "role_arn").is_some() && self.get(name, "web_identity_token_file").is_none()
    }

    fn has_keys(&self, name: &str) -> bool {
        ["aws_access_key_id", "aws_secret_access_key"]
            .iter()
            .any(|key| self.get(name, key).is_some())
    }

    fn role(&mut self, name: &str) -> Result<Source, String> {
        let source = match (
            self.get(name, "credential_source"),
            self.get(name, "source_profile"),
        ) {
            (Some(_), Some(_)) => {
                return Err(format!(
                    "The profile \"{name}\" contains both source_profile and credential_source."
                ));
            }
            (None, None) => {
                return Err(partial(
                    "assume-role",
                    "source_profile or credential_source",
                ));
            }
            (Some(source), None) => self.named_source(&source, name)?,
            (None, Some(source)) => self.source_profile(&source, name)?,
        };
        Ok(Source::Role(Box::new(Role {
            role_arn: self.get(name, "role_arn").unwrap_or_default(),
            session_name: self.get(name, "role_session_name"),
            external_id: self.get(name, "external_id"),
            mfa_serial: self.get(name, "mfa_serial"),
            // What is no number is passed over, as by the reference.
            duration_seconds: self
                .get(name, "duration_seconds")
                .and_then(|seconds| seconds.trim().parse().ok()),
            source,
        })))
    }

    fn named_source(&self, source: &str, name: &str) -> Result<Source, String> {
        let found = match source {
            "Environment" => self.environment()?,
            "EcsContainer" => self.container(),
            "Ec2InstanceMetadata" => Some(Source::Instance),
            _ => {
                return Err(format!(
                    "The credential source \"{source}\" referenced in profile \"{name}\" is not valid."
                ));
            }
        };
        found.ok_or_else(|| {
            retrieval(
                source,
                &format!("No credentials found in credential_source referenced in profile {name}"),
            )
        })
    }

    fn source_profile(&mut self, source: &str, parent: &str) -> Result<Source, String> {
        if !self.profile.exists(source) {
            return Err(format!(
                "The source_profile \"{source}\" referenced in the profile \"{parent}\" does not exist."
            ));
        }
        // A profile may be its own source, for its keys.
        let is_own_source = source == parent && self.has_keys(source);
        if self.visited.iter().any(|name| name == source) && !is_own_source {
            return Err(format!(
                "Infinite loop in credential configuration detected. Attempting to load from \
                 profile {source} which has already been visited. Visited profiles: {}",
                self.visited.join(", ")
            ));
        }
        self.visited.push(source.to_string());
        if self.is_role(source) && !self.has_keys(source) {
            return self.role(source);
        }
        self.of_profile(source, false)?
            .ok_or_else(|| format!("The source profile \"{source}\" must have credentials."))
    }

    /// What a profile has besides a role with a source.
    fn of_profile(&self, name: &str, with_variables: bool) -> Result<Option<Source>, String> {
        if let Some(source) = self.web_identity(name, with_variables)? {
            return Ok(Some(source));
        }
        if let Some(source) = self.single_sign_on(name)? {
            return Ok(Some(source));
        }
        if let Some(access_key_id) = self.get(name, "aws_access_key_id") {
            let secret = self.get(name, "aws_secret_access_key");
            let token = self
                .get(name, "aws_security_token")
                .or_else(|| self.get(name, "aws_session_token"));
            return Ok(Some(Source::Keys(Keys {
                access_key_id,
                secret_access_key: secret
                    .map(Secret::new)
                    .ok_or_else(|| partial("shared-credentials-file", "aws_secret_access_key"))?,
                session_token: token.map(Secret::new),
            })));
        }
        if let Some(session) = self.get(name, "login_session") {
            let profile = name.to_string();
            return Ok(Some(Source::Login { session, profile }));
        }
        Ok(self.get(name, "credential_process").map(Source::Process))
    }

    fn web_identity(&self, name: &str, with_variables: bool) -> Result<Option<Source>, String> {
        let read = |variable: &str, key: &str| {
            let from_variable = self.env.var(variable).filter(|_| with_variables);
            from_variable
                .map(str::to_string)
                .or_else(|| self.get(name, key))
        };
        let Some(file) = read("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") else {
            return Ok(None);
        };
        let role_arn = read("AWS_ROLE_ARN", "role_arn").ok_or(
            "The provided profile or the current environment is configured to assume role with \
             web identity but has no role ARN configured. Ensure that the profile has the role_arn\
             configuration set or the AWS_ROLE_ARN env var is set.",
        )?;
        Ok(Some(Source::WebIdentity(WebIdentity {
            role_arn,
            session_name: read("AWS_ROLE_SESSION_NAME", "role_session_name"),
            token_file: self.env.current_dir().join(file),
        })))
    }

    fn single_sign_on(&self, name: &str) -> Result<Option<Source>, String> {
        if self.get(name, "sso_role_name").is_none() && self.get(name, "sso_account_id").is_none() {
            return Ok(None);
        }
        let session = self.get(name, "sso_session");
        let of_session = |key: &str| match &session {
            None => Ok(None),
            Some(session) => self
                .profile
                .sso_session(session, key)
                .ok_or_else(|| format!("The specified sso-session does not exist: \"{session}\"")),
        };
        let mut missing = Vec::new();
        let mut values = Vec::new();
        for key in SINGLE_SIGN_ON_KEYS {
            match (self.get(name, key), of_session(key)?) {
                (Some(own), Some(other)) if own != other => {
                    return Err(format!(
                        "The value for {key} is inconsistent between profile ({own}) and \
                         sso-session ({other})."
                    ));
                }
                (Some(value), _) => values.push(value),
                (None, Some(value)) => values.push(value.to_string()),
                (None, None) => missing.push(key),
            }
        }
        let Ok([role_name, account_id, start_url, region]) = <[String; 4]>::try_from(values) else {
            return Err(format!(
                "The profile \"{name}\" is configured to use SSO but is missing required \
                 configuration: {}",
                missing.join(", ")
            ));
        };
        Ok(Some(Source::SingleSignOn(SingleSignOn {
            profile: name.to_string(),
            account_id,
            role_name,
            start_url,
            region,
            session,
        })))
    }
}

fn partial(provider: &str, missing: &str) -> String {
    format!("Partial credentials found in {provider}, missing: {missing}")
}

/// AWS CLI v2's sentence for credentials that a source did not give.
pub fn retrieval(provider: &str, why: &str) -> String {
    format!("Error when retrieving credentials from {provider}: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::Platform;

    fn source(variables: &[(&str, &str)], flag: Option<&str>, config: &str) -> Source {
        let env = Env::made_up(
            Platform::Linux,
            "/home/me",
            "/work",
            variables.iter().copied(),
        );
        let profile = Profile::parse(config, flag, &env).unwrap();
        resolve(&env, &profile)
    }

    fn key(source: &Source) -> &str {
        match source {
            Source::Keys(keys) => &keys.access_key_id,
            other => panic!("{other:?}"),
        }
    }

    const KEYS: [(&str, &str); 2] = [
        ("AWS_ACCESS_KEY_ID", "AKIDVARIABLE"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
    ];
    const BASE: &str = "[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s\n";

    #[test]
    fn a_flag_comes_before_keys_in_variables_and_a_variable_after() {
        assert_eq!(key(&source(&KEYS, Some("base"), BASE)), "AKIDBASE");
        let with_name = [KEYS[0], KEYS[1], ("AWS_PROFILE", "base")];
        assert_eq!(key(&source(&with_name, None, BASE)), "AKIDVARIABLE");
        assert_eq!(key(&source(&with_name[2..], None, BASE)), "AKIDBASE");
    }

    #[test]
    fn roles_build_on_each_other() {
        let config = format!(
            "{BASE}[profile inner]\nrole_arn = arn:inner\nsource_profile = base\n\
             [profile outer]\nrole_arn = arn:outer\nsource_profile = inner\nexternal_id = e\n\
             role_session_name = n\nduration_seconds = 900\nmfa_serial = m\n"
        );
        let Source::Role(outer) = source(&[], Some("outer"), &config) else {
            panic!("is a role");
        };
        assert_eq!(outer.role_arn, "arn:outer");
        assert_eq!(outer.external_id.as_deref(), Some("e"));
        assert_eq!(outer.session_name.as_deref(), Some("n"));
        assert_eq!(outer.mfa_serial.as_deref(), Some("m"));
        assert_eq!(outer.duration_seconds, Some(900));
        let Source::Role(inner) = &outer.source else {
            panic!("is a role");
        };
        assert_eq!(inner.role_arn, "arn:inner");
        assert_eq!(key(&inner.source), "AKIDBASE");
    }

    #[test]
    fn a_role_may_name_where_its_keys_are() {
        let of = |name: &str, variables: &[(&str, &str)]| {
            let config = format!("[profile p]\nrole_arn = r\ncredential_source = {name}\n");
            match source(variables, Some("p"), &config) {
                Source::Role(role) => role.source,
                other => other,
            }
        };
        assert_eq!(key(&of("Environment", &KEYS)), "AKIDVARIABLE");
        assert_eq!(of("Ec2InstanceMetadata", &[]), Source::Instance);
        let uri = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/");
        assert_eq!(of("EcsContainer", &[uri]), Source::Container);
        for name in ["Environment", "EcsContainer", "Elsewhere"] {
            assert!(matches!(of(name, &[]), Source::Refused(_)), "{name}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused_in_the_words_of_the_reference() {
        for (config, words) in [
            (
                "[profile p]\nrole_arn = r\n",
                "Partial credentials found in assume-role, missing: source_profile or credential_source",
            ),
            (
                "[profile p]\nrole_arn = r\nsource_profile = p\ncredential_source = Environment\n",
                "contains both source_profile and credential_source.",
            ),
            (
                "[profile p]\nrole_arn = r\nsource_profile = q\n",
                "The source_profile \"q\" referenced in the profile \"p\" does not exist.",
            ),
            (
                "[profile p]\nrole_arn = r\nsource_profile = q\n[profile q]\nregion = a\n",
                "The source profile \"q\" must have credentials.",
            ),
            (
                "[profile p]\nrole_arn = r\nsource_profile = q\n[profile q]\nrole_arn = r\nsource_profile = p\n",
                "Infinite loop in credential configuration detected.",
            ),
            (
                "[profile p]\naws_access_key_id = a\n",
                "missing: aws_secret_access_key",
            ),
            (
                "[profile p]\nsso_role_name = r\nsso_region = a\n",
                "missing required configuration: sso_account_id, sso_start_url",
            ),
            (
                "[profile p]\nsso_role_name = r\nsso_account_id = 1\nsso_session = s\n",
                "The specified sso-session does not exist: \"s\"",
            ),
            (
                "[profile p]\nsso_role_name = r\nsso_account_id = 1\nsso_session = s\nsso_region = a\n\
                 [sso-session s]\nsso_region = b\nsso_start_url = u\n",
                "The value for sso_region is inconsistent",
            ),
            (
                "[profile p]\nweb_identity_token_file = f\n",
                "has no role ARN configured",
            ),
        ] {
            match source(&[], Some("p"), config) {
                Source::Refused(why) => assert!(why.contains(words), "{why}"),
                other => panic!("{config}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_other_kinds() {
        let of = |config: &str| source(&[], Some("p"), config);
        assert!(matches!(
            of("[profile p]\nsso_role_name = r\nsso_account_id = 1\nsso_session = s\n\
                [sso-session s]\nsso_region = b\nsso_start_url = u\n"),
            Source::SingleSignOn(SingleSignOn { region, session: Some(_), .. }) if region == "b"
        ));
        assert!(matches!(
            of("[profile p]\nlogin_session = arn\n"),
            Source::Login { profile, .. } if profile == "p"
        ));
        assert_eq!(
            of("[profile p]\ncredential_process = cmd --x\n"),
            Source::Process("cmd --x".to_string())
        );
        assert!(matches!(
            of("[profile p]\nrole_arn = r\nweb_identity_token_file = f\n"),
            Source::WebIdentity(WebIdentity { token_file, .. }) if token_file == *"/work/f"
        ));
        assert_eq!(of("[profile p]\nregion = a\n"), Source::Instance);
        let variables = [
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
            ("AWS_ROLE_ARN", "arn"),
        ];
        let config = "[profile p]\nregion = a\n";
        assert!(matches!(
            source(&variables, None, config),
            Source::WebIdentity(_)
        ));
        assert_eq!(source(&variables, Some("p"), config), Source::Instance);
    }
}
