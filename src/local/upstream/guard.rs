//! Which addresses a request may go to.
//!
//! Upstream documents name further addresses: tarballs, redirects. Those are hostile text. None of
//! them may lead to this machine itself or to its link-local neighbours (where clouds keep their
//! credentials), unless an external connection was set up with that very address. Names are
//! judged once more when they are resolved, so that no name can stand for such an address.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use url::{Host, Url};

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 5;

/// The addresses that external connections were set up with.
#[derive(Clone, Default)]
pub(super) struct Guard(Arc<RwLock<HashSet<(String, u16)>>>);

impl Guard {
    /// Lets requests go to the address of an external connection.
    pub(super) fn allow(&self, url: &Url) {
        if let Some(address) = address(url) {
            self.0
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(address);
        }
    }

    fn is_own(&self, url: &Url) -> bool {
        let own = self.0.read().unwrap_or_else(PoisonError::into_inner);
        address(url).is_some_and(|address| own.contains(&address))
    }

    fn is_own_host(&self, name: &str) -> bool {
        let own = self.0.read().unwrap_or_else(PoisonError::into_inner);
        own.iter().any(|(host, _)| host == name)
    }

    /// Why a request must not go to this address, if so.
    pub(super) fn objection(&self, url: &Url) -> Option<&'static str> {
        if !matches!(url.scheme(), "http" | "https") {
            return Some("is neither http nor https");
        }
        let inward = match url.host() {
            None => return Some("has no host"),
            Some(Host::Ipv4(ip)) => is_inward(ip.into()),
            Some(Host::Ipv6(ip)) => is_inward(ip.into()),
            Some(Host::Domain(name)) => is_localhost(name),
        };
        (inward && !self.is_own(url)).then_some("leads to this machine or its neighbours")
    }

    /// The redirects that are followed.
    pub(super) fn redirects(&self) -> Policy {
        let guard = self.clone();
        Policy::custom(move |attempt| {
            if attempt.previous().len() > MOST_REDIRECTS {
                return attempt.error("too many redirects");
            }
            match guard.objection(attempt.url()) {
                None => attempt.follow(),
                Some(objection) => {
                    attempt.error(format!("it redirects to an address that {objection}"))
                }
            }
        })
    }
}

fn address(url: &Url) -> Option<(String, u16)> {
    Some((url.host_str()?.to_string(), url.port_or_known_default()?))
}

/// `localhost` stands for this machine by definition (RFC 6761); the trailing dot is legal.
fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn is_inward(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || ip.is_broadcast()
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(mapped) => is_inward(mapped.into()),
            None => ip.is_loopback() || ip.is_unspecified() || ip.is_unicast_link_local(),
        },
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_string();
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            // `localhost` itself was judged with the address; a proxy may well live there.
            let any = is_localhost(&host) || guard.is_own_host(&host);
            let outward: Vec<SocketAddr> = found
                .filter(|found| any || !is_inward(found.ip()))
                .collect();
            if outward.is_empty() {
                return Err(format!("`{host}` stands for no address that may be used").into());
            }
            Ok(Box::new(outward.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objection(guard: &Guard, url: &str) -> Option<&'static str> {
        guard.objection(&Url::parse(url).unwrap())
    }

    #[test]
    fn inward_addresses_are_refused_in_any_spelling() {
        let guard = Guard::default();
        for url in [
            "http://127.0.0.1/",
            "http://127.9.9.9/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[fe80::1]/",
            "http://169.254.169.254/",
            "https://localhost/",
            "http://LOCALHOST./",
            "http://a.localhost/",
            "file:///etc/passwd",
            "ftp://example.test/",
        ] {
            assert!(objection(&guard, url).is_some(), "{url}");
        }
        for url in [
            "https://example.test/",
            "http://192.0.2.1:8080/",
            "http://[2001:db8::1]/",
        ] {
            assert_eq!(objection(&guard, url), None, "{url}");
        }
    }

    #[test]
    fn a_connection_may_live_on_this_machine() {
        let guard = Guard::default();
        guard.allow(&Url::parse("http://127.0.0.1:4873/npm/").unwrap());
        assert_eq!(
            objection(&guard, "http://127.0.0.1:4873/a/-/a-1.0.0.tgz"),
            None
        );
        assert!(objection(&guard, "http://127.0.0.1:4874/").is_some());
        assert!(objection(&guard, "http://127.0.0.2:4873/").is_some());
    }
}
