//! The addresses of repositories: how they are written, and how they are read.
//!
//! The path form `http://127.0.0.1:PORT/d/my-domain-111122223333/npm/my-repo/` reaches the service
//! from every client. The host form `http://my-domain-111122223333.d.codeartifact.REGION.localhost:PORT/npm/my-repo/`
//! is for helpers that read domain and account out of the host name. Both are always answered.

use crate::local::registry::{DomainId, Format, RepositoryId};

/// Which form GetRepositoryEndpoint answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndpointStyle {
    /// The domain in the path.
    #[default]
    Path,
    /// The domain in the host name.
    Host,
}

/// Writes and reads the addresses of repositories.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// `http` or `https`.
    pub scheme: &'static str,
    /// Host and port that clients of the path form use.
    pub authority: String,
    /// The port, for the host form.
    pub port: u16,
    /// The region that the service plays.
    pub region: String,
    /// The form to write.
    pub style: EndpointStyle,
}

/// A package request's address: the repository, the format, and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The repository.
    pub repository: RepositoryId,
    /// The format.
    pub format: Format,
    /// The path up to and with the slash behind the repository, as the client wrote it.
    pub base: String,
    /// The path beneath the repository, with a slash in front, as the client wrote it.
    pub rest: String,
}

impl Endpoints {
    /// The base address of the service.
    pub fn base(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    /// The address of a repository for a format, with a slash at its end.
    pub fn repository(&self, id: &RepositoryId, format: Format) -> String {
        let domain = format!("{}-{}", id.domain.name, id.domain.owner);
        match self.style {
            EndpointStyle::Path => format!("{}/d/{domain}/{format}/{}/", self.base(), id.name),
            EndpointStyle::Host => format!(
                "{}://{domain}.d.codeartifact.{}.localhost:{}/{format}/{}/",
                self.scheme, self.region, self.port, id.name
            ),
        }
    }

    /// Reads the address of a package request; nothing when it is none.
    pub fn read(&self, host: &str, path: &str) -> Option<Address> {
        let (prefix, domain, below) = match self.domain_in_host(host) {
            Some(domain) => (String::new(), domain, path.strip_prefix('/')?),
            None => {
                let (domain, below) = path.strip_prefix("/d/")?.split_once('/')?;
                (format!("/d/{domain}"), domain, below)
            }
        };
        let (name, owner) = domain.rsplit_once('-')?;
        if name.is_empty() || owner.len() != 12 || !owner.bytes().all(|byte| byte.is_ascii_digit())
        {
            return None;
        }
        let (format, below) = below.split_once('/')?;
        let (repository, rest) = below.split_once('/').unwrap_or((below, ""));
        if repository.is_empty() {
            return None;
        }
        Some(Address {
            repository: RepositoryId {
                domain: DomainId {
                    owner: owner.to_string(),
                    name: name.to_string(),
                },
                name: repository.to_string(),
            },
            format: Format::from_name(format)?,
            base: format!("{prefix}/{format}/{repository}/"),
            rest: format!("/{rest}"),
        })
    }

    fn domain_in_host<'a>(&self, host: &'a str) -> Option<&'a str> {
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        let domain = host.strip_suffix(".localhost")?;
        domain
            .strip_suffix(&self.region)?
            .strip_suffix(".d.codeartifact.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(style: EndpointStyle) -> Endpoints {
        Endpoints {
            scheme: "http",
            authority: "127.0.0.1:4566".to_string(),
            port: 4566,
            region: "us-west-2".to_string(),
            style,
        }
    }

    fn repository() -> RepositoryId {
        RepositoryId {
            domain: DomainId {
                owner: "111122223333".to_string(),
                name: "my-domain".to_string(),
            },
            name: "my-repo".to_string(),
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        for style in [EndpointStyle::Path, EndpointStyle::Host] {
            let endpoints = endpoints(style);
            let url = url::Url::parse(&endpoints.repository(&repository(), Format::Npm)).unwrap();
            let host = format!("{}:4566", url.host_str().unwrap());
            let path = format!("{}@types%2fnode/-/x.tgz", url.path());
            let address = endpoints.read(&host, &path).unwrap();
            assert_eq!(address.repository, repository());
            assert_eq!(address.format, Format::Npm);
            assert_eq!(address.rest, "/@types%2fnode/-/x.tgz");
            assert_eq!(address.base, url.path());
        }
    }

    #[test]
    fn the_slash_behind_the_repository_may_be_missing() {
        let address = endpoints(EndpointStyle::Path)
            .read("127.0.0.1:4566", "/d/my-domain-111122223333/npm/my-repo")
            .unwrap();
        assert_eq!(address.rest, "/");
        assert_eq!(address.base, "/d/my-domain-111122223333/npm/my-repo/");
    }

    #[test]
    fn other_paths_are_no_addresses() {
        for path in [
            "/",
            "/v1/domain",
            "/d/my-domain/npm/r/",
            "/d/my-domain-111122223333/conda/r/",
            "/d/my-domain-111122223333/npm/",
            "/d/-111122223333/npm/r/",
            "/d/my-domain-11112222333x/npm/r/",
        ] {
            assert_eq!(
                endpoints(EndpointStyle::Path).read("127.0.0.1:4566", path),
                None,
                "{path}"
            );
        }
    }
}
