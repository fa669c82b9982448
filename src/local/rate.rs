//! The guide's quotas of requests a second ("Quotas in AWS CodeArtifact"), for who asks for them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::clock::Clock;

/// Requests a second, by operation.
const OPERATIONS: &[(&str, f64)] = &[
    ("CopyPackageVersions", 5.0),
    ("GetAuthorizationToken", 40.0),
    ("GetPackageVersionAsset", 50.0),
    ("ListPackageVersionAssets", 200.0),
    ("ListPackageVersions", 200.0),
    ("ListPackages", 200.0),
    ("PublishPackageVersion", 10.0),
];
/// Reading requests a second from one account.
const READS: f64 = 800.0;
/// Writing requests a second from one account.
const WRITES: f64 = 100.0;
/// Requests a second with one token.
const BY_TOKEN: f64 = 1200.0;
/// Requests a second without a token, from one address.
const WITHOUT_TOKEN: f64 = 600.0;

/// Counts requests.
pub struct Rates {
    clock: Clock,
    buckets: Mutex<HashMap<String, Bucket>>,
}

/// Fills with its rate, up to one second's worth; a request takes one out.
struct Bucket {
    left: f64,
    at: i64,
}

impl Rates {
    /// Nothing counted so far.
    pub fn new(clock: Clock) -> Rates {
        Rates {
            clock,
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Counts a call of the API; false when it is one too many.
    pub fn allow_operation(&self, account: &str, operation: &str) -> bool {
        let own = OPERATIONS.iter().find(|(name, _)| *name == operation);
        own.is_none_or(|(name, rate)| self.take(format!("{account} {name}"), *rate, 1.0))
            && self.allow_account(account, is_reading(operation), 1.0)
    }

    /// Counts a request to a package endpoint as that many; false when it is too much.
    pub fn allow_package(
        &self,
        account: &str,
        token: &str,
        reading: bool,
        requests: usize,
    ) -> bool {
        let requests = requests as f64;
        self.take(format!("token {token}"), BY_TOKEN, requests)
            && self.allow_account(account, reading, requests)
    }

    /// Counts a request without a valid token; false when it is one too many.
    pub fn allow_stranger(&self, address: &str) -> bool {
        self.take(format!("address {address}"), WITHOUT_TOKEN, 1.0)
    }

    fn allow_account(&self, account: &str, reading: bool, requests: f64) -> bool {
        if reading {
            self.take(format!("{account} reads"), READS, requests)
        } else {
            self.take(format!("{account} writes"), WRITES, requests)
        }
    }

    fn take(&self, name: String, rate: f64, requests: f64) -> bool {
        let now = self.clock.now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        // A full bucket tells nothing: forgetting those keeps the map as small as the traffic.
        if buckets.len() > 10_000 {
            buckets.retain(|_, bucket| now - bucket.at < 1000);
        }
        let bucket = buckets.entry(name).or_insert(Bucket {
            left: rate,
            at: now,
        });
        let passed = (now - bucket.at).max(0) as f64 / 1000.0;
        bucket.left = (bucket.left + passed * rate).min(rate);
        bucket.at = now;
        if bucket.left < requests {
            return false;
        }
        bucket.left -= requests;
        true
    }
}

fn is_reading(operation: &str) -> bool {
    ["Describe", "Get", "List"]
        .iter()
        .any(|verb| operation.starts_with(verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_may_count_as_many() {
        let rates = Rates::new(Clock::default());
        let allowed = |requests| rates.allow_package("1", "token", true, requests);
        assert!(allowed(500));
        assert!(!allowed(500));
        assert!(allowed(1));
    }

    #[test]
    fn a_second_has_so_many_requests() {
        let clock = Clock::default();
        let rates = Rates::new(clock.clone());
        let copies = (0..20)
            .filter(|_| rates.allow_operation("1", "CopyPackageVersions"))
            .count();
        // The machine's clock goes on meanwhile, so one more may have come in.
        assert!((5..=6).contains(&copies), "{copies}");
        assert!(rates.allow_operation("2", "CopyPackageVersions"));
        assert!(rates.allow_operation("1", "ListPackages"));
        clock.advance(1000);
        assert!(rates.allow_operation("1", "CopyPackageVersions"));
    }
}
