//! Where settings come from: flag, then variable, then profile, then default. Each value
//! remembers where it was set, so that a message can say so.
//!
//! [`Settings::resolve`] is pure: it is given the flags, the surroundings and the profile.

pub mod aws;
pub mod credentials;
pub mod env;
pub mod metadata;
pub mod project;
mod strict;
pub mod zone;

use std::fmt;
use std::path::PathBuf;

use crate::error::{Error, Kind, Result};
use aws::Profile;
use credentials::Source;
use env::Env;
use metadata::Metadata;

/// Where a value was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is the default.
    Default,
    /// A flag of the command line.
    Flag(&'static str),
    /// A variable of the environment.
    Variable(&'static str),
    /// The project's file.
    Project(PathBuf),
    /// A key of the profile.
    Profile {
        /// Name of the profile.
        profile: String,
        /// The key.
        key: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("the default"),
            Origin::Flag(flag) => write!(f, "`{flag}`"),
            Origin::Variable(name) => write!(f, "the variable `{name}`"),
            Origin::Project(path) => write!(f, "`{}`", path.display()),
            Origin::Profile { profile, key } => write!(f, "`{key}` in the profile `{profile}`"),
        }
    }
}

/// A value and where it was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T> {
    /// The value.
    pub value: T,
    /// Where it was set.
    pub origin: Origin,
}

/// What the global flags say, as plain values.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--region`
    pub region: Option<String>,
    /// `--profile`
    pub profile: Option<String>,
    /// `--endpoint-url`
    pub endpoint_url: Option<String>,
    /// `--output`
    pub output: Option<String>,
    /// `--query`
    pub query: Option<String>,
    /// `--no-sign-request`
    pub no_sign_request: bool,
    /// `--no-verify-ssl`
    pub no_verify_ssl: bool,
    /// `--ca-bundle`
    pub ca_bundle: Option<String>,
    /// `--cli-connect-timeout`, in seconds; 0 waits without end.
    pub connect_timeout: Option<u64>,
    /// `--cli-read-timeout`, in seconds; 0 waits without end.
    pub read_timeout: Option<u64>,
    /// `--cli-binary-format`
    pub binary_format: Option<String>,
}

/// How the service is reached and how answers are printed, decided once a command.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The Region; what is `None` here, the SDK may still learn from the machine it runs on.
    pub region: Option<Set<String>>,
    /// The profile, where one was named.
    pub profile: Option<Set<String>>,
    /// The endpoint of the service, where it is not AWS's own.
    pub endpoint_url: Option<Set<String>>,
    /// Name of the output format.
    pub output: Set<String>,
    /// The JMESPath expression that picks from the answer.
    pub query: Option<String>,
    /// Requests are not signed.
    pub no_sign_request: bool,
    /// The service's certificate is not checked.
    pub no_verify_ssl: bool,
    /// File with the certificates to trust instead of the system's.
    pub ca_bundle: Option<Set<String>>,
    /// Seconds to wait for a connection; 0 waits without end.
    pub connect_timeout: u64,
    /// Seconds to wait for an answer to begin; 0 waits without end.
    pub read_timeout: u64,
    /// How failed requests are repeated.
    pub retries: Retries,
    /// Where credentials come from.
    pub credentials: Source,
    /// The folder in which AWS CLI keeps temporary credentials.
    pub credentials_cache: Option<PathBuf>,
    /// The endpoint of STS, where it is not AWS's own.
    pub sts_endpoint_url: Option<String>,
    /// How the machine's metadata service is asked.
    pub metadata: Metadata,
    /// The endpoints that comply with FIPS 140.
    pub use_fips: bool,
    /// The endpoints that speak IPv6 as well.
    pub use_dual_stack: bool,
    /// The application's name in the user agent.
    pub app_id: Option<String>,
    /// How bytes are written in documents: `base64` or `raw-in-base64-out`.
    pub binary_format: String,
    /// How points in time are printed.
    pub timestamp_format: TimestampFormat,
    /// The profile's `cli_pager`; empty means none.
    pub pager: Option<String>,
}

/// How failed requests are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// The pace adapts to a service that says it is asked too much.
    pub adaptive: bool,
    /// Requests that are made at most; at least 1.
    pub attempts: u32,
}

/// AWS CLI's default number of attempts.
const ATTEMPTS: u32 = 3;

impl Retries {
    /// Reads mode and number, in the words of the reference where they are wrong.
    fn resolve(mode: Option<&str>, attempts: Option<&str>) -> Result<Retries> {
        let adaptive = match mode {
            None | Some("standard") => false,
            Some("adaptive") => true,
            Some(other) => {
                return Err(Error::other(format!(
                    "Invalid value provided to \"mode\": \"{other}\" must be one of: \"standard\" or \"adaptive\""
                )));
            }
        };
        let Some(text) = attempts else {
            return Ok(Retries {
                adaptive,
                attempts: ATTEMPTS,
            });
        };
        let number: i64 = text.trim().parse().map_err(|_| {
            Error::other(format!("invalid literal for int() with base 10: '{text}'"))
        })?;
        match u32::try_from(number) {
            Ok(attempts) if attempts > 0 => Ok(Retries { adaptive, attempts }),
            _ => Err(Error::other(format!(
                "Value provided to \"max_attempts\": {number} must be an integer greater than or equal to one."
            ))),
        }
    }
}

/// Refuses what is no Region's name, before it becomes part of a host's.
fn valid_region(set: Set<String>) -> Result<Set<String>> {
    let name = &set.value;
    if is_region(name) {
        return Ok(set);
    }
    Err(Error::other(format!(
        "Provided region_name '{name}' doesn't match a supported format."
    )))
}

/// Whether a text can be a Region's name.
fn is_region(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.bytes().all(|byte| byte.is_ascii_digit())
}

/// How points in time are printed: the profile's `cli_timestamp_format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// ISO 8601 in the local zone.
    Iso8601,
    /// As the service sends them.
    Wire,
}

impl TimestampFormat {
    fn resolve(name: Option<&str>) -> Result<TimestampFormat> {
        match name {
            None | Some("iso8601") => Ok(TimestampFormat::Iso8601),
            Some("wire") => Ok(TimestampFormat::Wire),
            Some(other) => Err(Error::occurred(
                Kind::Configuration,
                "Configuration",
                "",
                format!(
                    "Unknown cli_timestamp_format value: {other}, valid values are \"wire\" or \"iso8601\""
                ),
            )),
        }
    }
}

/// AWS CLI's default for both timeouts, in seconds.
const TIMEOUT: u64 = 60;

impl Settings {
    /// Decides every setting.
    pub fn resolve(flags: Overrides, env: &Env, profile: &Profile) -> Result<Settings> {
        let from = Sources { env, profile };
        Ok(Settings {
            region: flags
                .region
                .map(|value| flag("--region", value))
                .or_else(|| from.pick(&["AWS_REGION", "AWS_DEFAULT_REGION"], "region"))
                .map(valid_region)
                .transpose()?,
            retries: Retries::resolve(
                from.text(&["AWS_RETRY_MODE"], "retry_mode"),
                from.text(&["AWS_MAX_ATTEMPTS"], "max_attempts"),
            )?,
            endpoint_url: match flags.endpoint_url {
                Some(value) => Some(flag("--endpoint-url", valid_url(value)?)),
                None => from.endpoint_url("AWS_ENDPOINT_URL_CODEARTIFACT", "codeartifact"),
            },
            output: flags
                .output
                .map(|value| flag("--output", value))
                .or_else(|| from.pick(&["AWS_DEFAULT_OUTPUT"], "output"))
                .unwrap_or_else(|| Set {
                    value: "json".to_string(),
                    origin: Origin::Default,
                }),
            ca_bundle: flags
                .ca_bundle
                .map(|value| flag("--ca-bundle", value))
                .or_else(|| from.pick(&["AWS_CA_BUNDLE"], "ca_bundle")),
            profile: profile.named().cloned(),
            credentials: credentials::resolve(env, profile),
            credentials_cache: env.home().map(|home| home.join(".aws/cli/cache")),
            sts_endpoint_url: from
                .endpoint_url("AWS_ENDPOINT_URL_STS", "sts")
                .map(|set| set.value),
            metadata: Metadata::resolve(&from),
            use_fips: from.is_on("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
            use_dual_stack: from.is_on("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
            app_id: from
                .text(&["AWS_SDK_UA_APP_ID"], "sdk_ua_app_id")
                .map(str::to_string),
            query: flags.query,
            no_sign_request: flags.no_sign_request,
            no_verify_ssl: flags.no_verify_ssl,
            binary_format: binary_format(
                flags
                    .binary_format
                    .or_else(|| profile.get("cli_binary_format").map(str::to_string)),
            )?,
            timestamp_format: TimestampFormat::resolve(profile.get("cli_timestamp_format"))?,
            pager: profile.get("cli_pager").map(str::to_string),
            connect_timeout: flags.connect_timeout.unwrap_or(TIMEOUT),
            read_timeout: flags.read_timeout.unwrap_or(TIMEOUT),
        })
    }
}

/// How bytes stand in documents; any other name is refused, whatever the command.
fn binary_format(name: Option<String>) -> Result<String> {
    const NAMES: [&str; 2] = ["base64", "raw-in-base64-out"];
    match name {
        None => Ok(NAMES[0].to_string()),
        Some(name) if NAMES.contains(&name.as_str()) => Ok(name),
        Some(name) => Err(Error::other(format!(
            "Unknown cli_binary_format value: {name}, valid values are {}",
            NAMES.map(|name| format!("\"{name}\"")).join(" or ")
        ))),
    }
}

fn flag<T>(name: &'static str, value: T) -> Set<T> {
    Set {
        value,
        origin: Origin::Flag(name),
    }
}

fn valid_url(text: String) -> Result<String> {
    match url::Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(text),
        _ => Err(Error::parameter(format!(
            "Bad value for --endpoint-url \"{text}\": scheme is missing.  Must be of the form http://<hostname>/ or https://<hostname>/"
        ))),
    }
}

struct Sources<'a> {
    env: &'a Env,
    profile: &'a Profile,
}

impl<'a> Sources<'a> {
    /// A value whose origin nobody asks for.
    fn text(&self, variables: &[&str], key: &str) -> Option<&'a str> {
        let variable = variables.iter().find_map(|name| self.env.var(name));
        variable.or_else(|| self.profile.get(key))
    }

    /// A switch, as AWS CLI reads it: `true` in any spelling, everything else is off.
    fn is_on(&self, variable: &str, key: &str) -> bool {
        self.text(&[variable], key)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn pick(&self, variables: &[&'static str], key: &str) -> Option<Set<String>> {
        self.variable(variables).or_else(|| self.key(key))
    }

    fn variable(&self, names: &[&'static str]) -> Option<Set<String>> {
        names.iter().find_map(|name| {
            Some(Set {
                value: self.env.var(name)?.to_string(),
                origin: Origin::Variable(name),
            })
        })
    }

    fn key(&self, key: &str) -> Option<Set<String>> {
        Some(Set {
            value: self.profile.get(key)?.to_string(),
            origin: self.profile.origin(key),
        })
    }

    /// AWS SDKs and tools reference guide, "Service-specific endpoints": the service's own
    /// variable, the general one, the profile's `services` section, the profile's general key.
    fn endpoint_url(&self, variable: &'static str, service: &str) -> Option<Set<String>> {
        let ignored = self
            .pick(
                &["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"],
                "ignore_configured_endpoint_urls",
            )
            .is_some_and(|set| set.value.eq_ignore_ascii_case("true"));
        if ignored {
            return None;
        }
        self.variable(&[variable, "AWS_ENDPOINT_URL"])
            .or_else(|| {
                Some(Set {
                    value: self.profile.service(service, "endpoint_url")?.to_string(),
                    origin: self.profile.origin("services"),
                })
            })
            .or_else(|| self.key("endpoint_url"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use env::Platform;

    fn resolve(variables: &[(&str, &str)], config: &str, flags: Overrides) -> Settings {
        let env = Env::made_up(Platform::Linux, "/home/me", "/", variables.iter().copied());
        let profile = Profile::parse(config, flags.profile.as_deref(), &env).unwrap();
        Settings::resolve(flags, &env, &profile).unwrap()
    }

    #[test]
    fn flag_beats_variable_beats_profile() {
        let config = "[default]\nregion = eu-west-1\n";
        let variables = [
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-2"),
        ];
        let region =
            |variables: &[(&str, &str)], flags| resolve(variables, config, flags).region.unwrap();
        let flags = Overrides {
            region: Some("us-west-2".to_string()),
            ..Overrides::default()
        };
        assert_eq!(region(&variables, flags).value, "us-west-2");
        assert_eq!(
            region(&variables, Overrides::default()).origin,
            Origin::Variable("AWS_REGION")
        );
        assert_eq!(
            region(&variables[1..], Overrides::default()).value,
            "us-east-2"
        );
        let from_profile = region(&[], Overrides::default());
        assert_eq!(from_profile.value, "eu-west-1");
        assert_eq!(
            from_profile.origin.to_string(),
            "`region` in the profile `default`"
        );
    }

    #[test]
    fn retries_are_read_in_the_words_of_the_reference() {
        let read = |mode: Option<&str>, attempts: Option<&str>| {
            Retries::resolve(mode, attempts).map_err(|error| error.message)
        };
        let retries = |adaptive, attempts| Ok(Retries { adaptive, attempts });
        assert_eq!(read(None, None), retries(false, 3));
        assert_eq!(read(Some("adaptive"), Some(" 5 ")), retries(true, 5));
        assert!(
            read(Some("legacy"), None)
                .unwrap_err()
                .contains("\"legacy\" must be one of")
        );
        assert!(read(None, Some("x")).unwrap_err().ends_with("base 10: 'x'"));
        for number in ["0", "-1"] {
            assert!(
                read(None, Some(number))
                    .unwrap_err()
                    .contains("greater than or equal")
            );
        }
    }

    #[test]
    fn what_is_no_region_is_refused() {
        let read = |name: &str| valid_region(flag("--region", name.to_string())).is_ok();
        for name in ["us-west-2", "eu-isoe-west-1", "Test1"] {
            assert!(read(name), "{name}");
        }
        for name in ["", "bad region", "-a", "a-", "12", "a.b", "x/y"] {
            assert!(!read(name), "{name}");
        }
    }

    #[test]
    fn endpoints_in_their_order() {
        let config = "[profile p]\nservices = s\nendpoint_url = http://general\n\
                      [services s]\ncodeartifact =\n  endpoint_url = http://service\n";
        let url = |variables: &[(&str, &str)], config: &str| {
            let flags = Overrides {
                profile: Some("p".to_string()),
                ..Overrides::default()
            };
            resolve(variables, config, flags)
                .endpoint_url
                .map(|set| set.value)
        };
        assert_eq!(url(&[], config).as_deref(), Some("http://service"));
        assert_eq!(
            url(&[("AWS_ENDPOINT_URL", "http://variable")], config).as_deref(),
            Some("http://variable")
        );
        assert_eq!(
            url(&[], "[profile p]\nendpoint_url = http://general\n").as_deref(),
            Some("http://general")
        );
        assert_eq!(
            url(&[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")], config),
            None
        );
    }
}
