//! Roles that STS lends: with other credentials, perhaps with the code of a device (MFA), or
//! with a token from a file. The answers have the form of AWS CLI's cache.

use std::io::BufRead;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::types;
use serde_json::{Value, json};

use super::Sts;
use super::cache::{key, python_text};
use crate::config::credentials::{Role, WebIdentity};
use crate::error::{Error, Kind, Result};
use crate::sdk::failure;

/// What is larger, in bytes, is no token.
const LARGEST_TOKEN: u64 = 1 << 20;

impl Sts {
    fn client(&self, credentials: Option<Credentials>) -> aws_sdk_sts::Client {
        let mut config = aws_sdk_sts::config::Builder::from(&self.shared);
        if let Some(url) = &self.endpoint_url {
            config = config
                .endpoint_url(url)
                .use_fips(false)
                .use_dual_stack(false);
        }
        config = match credentials {
            Some(credentials) => config.credentials_provider(credentials),
            None => config.allow_no_auth(),
        };
        aws_sdk_sts::Client::from_conf(config.build())
    }
}

/// Assumes a role. A code is asked for last, so that nobody types one in vain.
pub(super) async fn assume(sts: &Sts, role: &Role, own: Credentials) -> Result<Value> {
    let code = role.mfa_serial.as_deref().map(ask).transpose()?;
    let answer = sts
        .client(Some(own))
        .assume_role()
        .role_arn(&role.role_arn)
        .role_session_name(session_name(role.session_name.as_deref()))
        .set_external_id(role.external_id.clone())
        .set_duration_seconds(role.duration_seconds)
        .set_serial_number(role.mfa_serial.clone())
        .set_token_code(code)
        .send()
        .await
        .map_err(|error| explain("AssumeRole", error))?;
    Ok(kept(answer.credentials(), answer.assumed_role_user()))
}

/// Assumes a role with the token in a file, as the pods of a cluster do.
pub(super) async fn assume_with_token(sts: &Sts, identity: &WebIdentity) -> Result<Value> {
    let file = &identity.token_file;
    let unreadable = |why: &str| {
        Error::other(format!(
            "The token in `{}` (web identity) cannot be read: {why}",
            file.display()
        ))
    };
    let size = std::fs::metadata(file)
        .map_err(|error| unreadable(&error.to_string()))?
        .len();
    if size > LARGEST_TOKEN {
        return Err(unreadable("it is too large for a token"));
    }
    let token = std::fs::read_to_string(file).map_err(|error| unreadable(&error.to_string()))?;
    let answer = sts
        .client(None)
        .assume_role_with_web_identity()
        .role_arn(&identity.role_arn)
        .role_session_name(session_name(identity.session_name.as_deref()))
        .web_identity_token(token)
        .send()
        .await
        .map_err(|error| explain("AssumeRoleWithWebIdentity", error))?;
    Ok(kept(answer.credentials(), answer.assumed_role_user()))
}

/// The name of the session, made up like AWS CLI's where it is not set.
fn session_name(set: Option<&str>) -> String {
    set.map_or_else(
        || {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            format!("codeartifact-session-{}", now.unwrap_or_default().as_secs())
        },
        str::to_string,
    )
}

fn kept(credentials: Option<&types::Credentials>, user: Option<&types::AssumedRoleUser>) -> Value {
    let Some(credentials) = credentials else {
        return Value::Null;
    };
    let mut kept = json!({"Credentials": {
        "AccessKeyId": credentials.access_key_id(),
        "SecretAccessKey": credentials.secret_access_key(),
        "SessionToken": credentials.session_token(),
        "Expiration": credentials.expiration().to_string(),
    }});
    if let Some(user) = user {
        kept["AssumedRoleUser"] =
            json!({"AssumedRoleId": user.assumed_role_id(), "Arn": user.arn()});
        if let Some(account) = user.arn().split(':').nth(4) {
            kept["Credentials"]["AccountId"] = account.into();
        }
    }
    kept
}

fn explain<E>(operation: &str, error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let told = match &error {
        SdkError::ServiceError(fault) => {
            let fault = fault.err();
            let code = fault.code().unwrap_or("Unknown");
            let call = format!(" when calling the {operation} operation");
            Error::occurred(
                Kind::Service,
                code,
                &call,
                fault.message().unwrap_or_default(),
            )
        }
        other => Error::other(format!("STS cannot be asked: {}", failure::chain(other))),
    };
    told.caused_by(error)
}

/// Asks for the code, on the terminal if there is one, so that a pipe into the program stays
/// whole; otherwise the code is the next line of standard input, as with AWS CLI.
fn ask(serial: &str) -> Result<String> {
    match rpassword::prompt_password(format!("Enter MFA code for {serial}: ")) {
        Ok(code) => return Ok(code.trim().to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
            return Err(Error::new(Kind::Interrupted, "Interrupted"));
        }
        // There is no terminal.
        Err(_) => {}
    }
    let mut line = String::new();
    // What cannot be read is as good as nothing.
    let _ = std::io::stdin().lock().read_line(&mut line);
    let code = line.trim();
    if code.is_empty() {
        return Err(Error::other(format!(
            "The role asks for the code of the device `{serial}`, and there is no terminal to ask on"
        ))
        .hint("Run any command with this profile on a terminal: the credentials are kept until they expire")
        .hint("Or hand in the code as a line of standard input"));
    }
    Ok(code.to_string())
}

/// Name of the role's file in the cache: the hash of the request, without the session's name
/// where that is made up, in the JSON that Python writes.
pub(super) fn cache_key(role: &Role) -> String {
    let seconds = role.duration_seconds.map(|seconds| seconds.to_string());
    named([
        ("DurationSeconds", seconds),
        ("ExternalId", role.external_id.as_deref().map(python_text)),
        ("RoleArn", Some(python_text(&role.role_arn))),
        (
            "RoleSessionName",
            role.session_name.as_deref().map(python_text),
        ),
        ("SerialNumber", role.mfa_serial.as_deref().map(python_text)),
    ])
}

/// As [`cache_key`], for a role that a token is for.
pub(super) fn web_identity_cache_key(identity: &WebIdentity) -> String {
    named([
        ("RoleArn", Some(python_text(&identity.role_arn))),
        (
            "RoleSessionName",
            identity.session_name.as_deref().map(python_text),
        ),
    ])
}

fn named<const N: usize>(members: [(&str, Option<String>); N]) -> String {
    let members: Vec<String> = members
        .into_iter()
        .filter_map(|(name, value)| Some(format!("\"{name}\": {}", value?)))
        .collect();
    key(&format!("{{{}}}", members.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::credentials::Source;

    fn role() -> Role {
        Role {
            role_arn: "arn:aws:iam::111122223333:role/x".to_string(),
            mfa_serial: Some("arn:aws:iam::111122223333:mfa/me".to_string()),
            external_id: None,
            session_name: None,
            duration_seconds: None,
            source: Source::Instance,
        }
    }

    #[test]
    fn files_are_named_as_by_the_reference() {
        // Made with hashlib.sha1(json.dumps(…, sort_keys=True).encode()).hexdigest().
        assert_eq!(
            cache_key(&role()),
            "c4eb3987939760ba7cf40bd838ea7eaeee8665bf"
        );
        let full = Role {
            external_id: Some("ü".to_string()),
            session_name: Some("s".to_string()),
            duration_seconds: Some(900),
            ..role()
        };
        assert_eq!(cache_key(&full), "82d0ada52cfa5de132551fccab29cfb47d624006");
        let identity = WebIdentity {
            role_arn: "arn:aws:iam::111122223333:role/x".to_string(),
            session_name: None,
            token_file: "/token".into(),
        };
        assert_eq!(
            web_identity_cache_key(&identity),
            "64188084a9fc07f8f5978f7f4f214ddfdc2a2328"
        );
    }
}
