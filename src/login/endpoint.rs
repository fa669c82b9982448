//! A repository endpoint, checked once, so that it can be written into any file.

use std::fmt;

use url::{Host, Url};

use super::Malformed;

/// A repository endpoint such as
/// `https://my_domain-111122223333.d.codeartifact.us-west-2.amazonaws.com/npm/my_repo/`.
///
/// The service answers with it, so it is somebody else's text: only addresses made of
/// characters that mean nothing to any configuration syntax are let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
}

impl Endpoint {
    /// Checks and takes an address. It ends with a slash afterwards, as all clients need it
    /// (user guide, "Configuring npm without using the login command").
    pub fn parse(text: &str) -> Result<Endpoint, Malformed> {
        let refuse = |reason: &str| Malformed::new(format!("the repository endpoint {reason}"));
        let mut url = Url::parse(text.trim()).map_err(|_| refuse("is not a URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("is neither https nor http"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(refuse("names no host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("carries credentials"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("carries a query or a fragment"));
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/%[]".contains(c);
        if !url.as_str().chars().all(plain) {
            return Err(refuse(
                "has characters that a repository endpoint cannot have",
            ));
        }
        Ok(Endpoint { url })
    }

    /// The address, ending with a slash.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// An address under this one.
    pub fn join(&self, tail: &str) -> String {
        format!("{}{tail}", self.url)
    }

    /// An address under this one with the user name `aws` and the token in it.
    pub fn with_token(&self, token: &str, tail: &str) -> String {
        let token = escaped_token(token);
        format!(
            "{}://aws:{token}@{}{tail}",
            self.url.scheme(),
            self.without_scheme()
        )
    }

    /// Host, port and path without the scheme: npm's key of a registry, less its slashes.
    pub fn without_scheme(&self) -> &str {
        let start = self.url.scheme().len() + "://".len();
        &self.url.as_str()[start..]
    }

    /// The host alone, without a port: netrc's key.
    pub fn host(&self) -> String {
        match self.url.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        }
    }

    /// The host, and the port where it is not the scheme's own.
    pub fn host_and_port(&self) -> &str {
        let rest = self.without_scheme();
        rest.find('/').map_or(rest, |slash| &rest[..slash])
    }

    /// The path, beginning and ending with a slash.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// Whether the address is unencrypted, which some clients only use when told to.
    pub fn is_http(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// The names in an address of the service's own making: AWS's, whose host begins with
    /// domain and owner, or the local service's, whose path does.
    pub fn names(&self) -> Option<Names<'_>> {
        let host = self.url.host_str()?;
        let mut path = self.url.path_segments()?;
        let (first, region) = match host.split_once(".d.codeartifact.") {
            Some((first, rest)) => (first, rest.split_once('.').map(|(region, _)| region)),
            None if path.next() == Some("d") => (path.next()?, None),
            None => return None,
        };
        let (domain, owner) = first.rsplit_once('-')?;
        let is_account = owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
        let names = Names {
            domain,
            owner,
            region,
            format: path.next()?,
            repository: path.next()?,
        };
        (is_account && !domain.is_empty() && !names.repository.is_empty()).then_some(names)
    }

    /// Whether another address, perhaps with credentials in it or with something after this
    /// one's path, leads to this repository.
    pub fn contains(&self, other: &str) -> bool {
        let Ok(mut other) = Url::parse(other.trim()) else {
            return false;
        };
        // Neither fails for an address that has a host.
        let _ = other.set_username("");
        let _ = other.set_password(None);
        let other = other.as_str();
        other.starts_with(self.as_str()) || other == self.as_str().trim_end_matches('/')
    }
}

/// What an address of the service's own making names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names<'a> {
    /// The domain.
    pub domain: &'a str,
    /// The account that owns the domain.
    pub owner: &'a str,
    /// The Region, which only AWS's addresses name.
    pub region: Option<&'a str>,
    /// The package format, in the service's spelling.
    pub format: &'a str,
    /// The repository.
    pub repository: &'a str,
}

/// The token as it stands in an address: RFC 3986 wants its slashes escaped, and some clients
/// take a plus sign for a blank.
pub fn escaped_token(token: &str) -> String {
    token.replace('/', "%2F").replace('+', "%2B")
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_every_spelling_that_clients_need() {
        let endpoint = Endpoint::parse("http://127.0.0.1:8080/npm/my_repo").expect("is fine");
        assert_eq!(endpoint.as_str(), "http://127.0.0.1:8080/npm/my_repo/");
        assert_eq!(endpoint.without_scheme(), "127.0.0.1:8080/npm/my_repo/");
        assert_eq!(endpoint.host(), "127.0.0.1");
        assert_eq!(endpoint.host_and_port(), "127.0.0.1:8080");
        assert_eq!(
            endpoint.with_token("a/b+c=", "simple/"),
            "http://aws:a%2Fb%2Bc=@127.0.0.1:8080/npm/my_repo/simple/"
        );
    }

    #[test]
    fn refuses_what_could_break_a_file() {
        for text in [
            "",
            "ftp://host.test/",
            "https://user:secret@host.test/",
            "https://host.test/?a=b",
            "https://host.test/a$b/",
            "https://host.test/a'b/",
            "https://host.test/a;b/",
            "file:///etc/passwd",
        ] {
            assert!(Endpoint::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_line_break_does_not_survive() {
        let endpoint = Endpoint::parse("https://host.test/a\nb/").expect("URL drops line breaks");
        assert_eq!(endpoint.as_str(), "https://host.test/ab/");
    }

    #[test]
    fn reads_domain_and_repository_out_of_the_services_addresses() {
        let names = |text: &str| {
            let endpoint = Endpoint::parse(text).expect("is fine");
            endpoint.names().map(|names| {
                let region = names.region.map(str::to_string);
                let (domain, owner) = (names.domain.to_string(), names.owner.to_string());
                (domain, owner, region, names.repository.to_string())
            })
        };
        let expected = |region: Option<&str>| {
            let region = region.map(str::to_string);
            Some(("my-d".into(), "111122223333".into(), region, "r".into()))
        };
        let aws = "my-d-111122223333.d.codeartifact.us-west-2";
        assert_eq!(
            names(&format!("https://{aws}.amazonaws.com/npm/r/")),
            expected(Some("us-west-2"))
        );
        assert_eq!(
            names(&format!("https://{aws}.on.aws/pypi/r/simple/")),
            expected(Some("us-west-2"))
        );
        assert_eq!(
            names("http://127.0.0.1:1/d/my-d-111122223333/npm/r/"),
            expected(None)
        );
        for other in [
            "https://host.test/npm/r/",
            "https://host.test/d/a-1/npm/r/",
            "https://a.d.codeartifact.us-west-2.amazonaws.com/npm/r/",
            "http://127.0.0.1:1/d/my-d-111122223333/npm/",
        ] {
            assert_eq!(names(other), None, "{other}");
        }
    }

    #[test]
    fn knows_its_own_addresses_again() {
        let endpoint = Endpoint::parse("https://host.test/pypi/repo/").expect("is fine");
        assert!(endpoint.contains("https://aws:token@host.test/pypi/repo/simple/"));
        assert!(endpoint.contains("https://host.test/pypi/repo"));
        assert!(!endpoint.contains("https://host.test/pypi/repository/"));
        assert!(!endpoint.contains("nonsense"));
    }
}
