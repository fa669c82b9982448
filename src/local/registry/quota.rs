//! The quotas of the guide ("Quotas in AWS CodeArtifact"), which a test may lower.

/// Most of everything. Request rates are the server's matter.
#[derive(Clone, Debug)]
pub struct Quotas {
    /// Largest asset, in bytes.
    pub asset_size: u64,
    /// Most assets of a package version.
    pub assets_per_version: usize,
    /// Most direct upstreams of a repository.
    pub direct_upstreams: usize,
    /// Most domains of an account.
    pub domains_per_account: u64,
    /// Most repositories of a domain.
    pub repositories_per_domain: u64,
    /// Most repositories looked through for a package.
    pub repositories_searched: usize,
    /// Most tags of a resource.
    pub tags_per_resource: usize,
}

impl Default for Quotas {
    fn default() -> Quotas {
        Quotas {
            asset_size: 5 << 30,
            assets_per_version: 150,
            direct_upstreams: 10,
            domains_per_account: 10,
            repositories_per_domain: 1000,
            repositories_searched: 25,
            tags_per_resource: 50,
        }
    }
}
