//! Sessions that a person has begun: `aws sso login` (IAM Identity Center) and `aws login` (the
//! console). Their tokens are read, and renewed where they can be, by the SDK; what has expired
//! is told with the command that begins it anew.

use aws_config::login::LoginCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sso::SsoCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_types::region::Region;
use serde_json::{Value, json};

use super::cache::{key, python_text};
use crate::config::credentials::{SingleSignOn, retrieval};
use crate::error::{Error, Result};
use crate::sdk::failure;

/// Name of the role's file in the cache.
pub(super) fn cache_key(role: &SingleSignOn) -> String {
    let (name, value) = match &role.session {
        Some(session) => ("sessionName", session),
        None => ("startUrl", &role.start_url),
    };
    key(&format!(
        "{{\"accountId\":{},\"roleName\":{},\"{name}\":{}}}",
        python_text(&role.account_id),
        python_text(&role.role_name),
        python_text(value)
    ))
}

/// Exchanges the session's token for credentials of the role.
pub(super) async fn single_sign_on(config: &ProviderConfig, role: &SingleSignOn) -> Result<Value> {
    let mut provider = SsoCredentialsProvider::builder()
        .configure(config)
        .account_id(&role.account_id)
        .role_name(&role.role_name)
        .start_url(&role.start_url)
        .region(Region::new(role.region.clone()));
    provider.set_session_name(role.session.clone());
    let credentials = provider
        .build()
        .provide_credentials()
        .await
        .map_err(|error| {
            let why = single_sign_on_sentence(role, &failure::chain(&error));
            Error::other(why).hint(format!(
                "Run `{}`, which begins the session anew",
                command("aws sso login", &role.profile)
            ))
        })?;
    let expiry = credentials
        .expiry()
        .and_then(|time| jiff::Timestamp::try_from(time).ok());
    Ok(json!({
        "ProviderType": "sso",
        "Credentials": {
            "AccessKeyId": credentials.access_key_id(),
            "SecretAccessKey": credentials.secret_access_key(),
            "SessionToken": credentials.session_token(),
            "Expiration": expiry.map(|time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            "AccountId": role.account_id,
        },
    }))
}

fn single_sign_on_sentence(role: &SingleSignOn, why: &str) -> String {
    if why.contains("failed to load") || why.contains("failed to read") {
        let name = role.session.as_deref().unwrap_or(&role.start_url);
        return format!("Error loading SSO Token: Token for {name} does not exist");
    }
    if role.session.is_some() && why.contains("expired") {
        return "Error when retrieving token from sso: Token has expired and refresh failed"
            .to_string();
    }
    if why.contains("Unauthorized") || why.contains("expired") {
        return "The SSO session associated with this profile has expired or is otherwise invalid. \
                To refresh this SSO session run aws sso login with the corresponding profile."
            .to_string();
    }
    retrieval("sso", why)
}

/// Takes the credentials of a console session, renewed if need be.
pub(super) async fn login(
    config: &ProviderConfig,
    session: &str,
    profile: &str,
) -> Result<Credentials> {
    let provider = LoginCredentialsProvider::builder(session)
        .configure(config)
        .build();
    provider.provide_credentials().await.map_err(|error| {
        let why = login_sentence(session, &failure::chain(&error));
        Error::other(why).hint(format!(
            "Run `{}`, which begins the session anew",
            command("aws login", profile)
        ))
    })
}

fn login_sentence(session: &str, why: &str) -> String {
    if why.contains("failed to read") {
        return format!(
            "Error loading login session token: Unable to load a existing login session for \
             session {session}, Please reauthenticate with 'aws login'."
        );
    }
    if why.contains("session has expired") || why.contains("is expired") {
        return "Your session has expired. Please reauthenticate using 'aws login'.".to_string();
    }
    if why.contains("change in your password") {
        return "Unable to refresh login credentials because of a change in your password. Please \
                reauthenticate with your new password using 'aws login'."
            .to_string();
    }
    format!("Error loading login session token: {why}")
}

/// The command for this profile, as a person types it.
fn command(command: &str, profile: &str) -> String {
    match profile {
        "default" => command.to_string(),
        name => format!("{command} --profile {}", quoted(name)),
    }
}

fn quoted(name: &str) -> String {
    shlex::try_quote(name).map_or_else(|_| name.to_string(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(session: Option<&str>) -> SingleSignOn {
        SingleSignOn {
            profile: "p".to_string(),
            account_id: "111122223333".to_string(),
            role_name: "dev".to_string(),
            start_url: "https://d-1.awsapps.com/start".to_string(),
            region: "us-west-2".to_string(),
            session: session.map(str::to_string),
        }
    }

    #[test]
    fn files_are_named_as_by_the_reference() {
        // Made with hashlib.sha1(json.dumps(…, sort_keys=True, separators=(',', ':')).encode()).
        assert_eq!(
            cache_key(&role(Some("my"))),
            "acfd08b9db319d96fb91b8f427b70a692ac6faf4"
        );
        assert_eq!(
            cache_key(&role(None)),
            "e3df1b903a52d83c7ed30996b8c7ffd4ac7f60d9"
        );
    }

    #[test]
    fn commands_are_typed_as_they_stand() {
        assert_eq!(command("aws login", "default"), "aws login");
        assert_eq!(command("aws login", "a b"), "aws login --profile 'a b'");
    }
}
