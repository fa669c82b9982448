//! Amazon Resource Names (guide, "AWS CodeArtifact resources and operations").

use super::format::PackageId;
use crate::local::store::repository::RepositoryRow;

/// The ARN of a domain.
pub fn domain(region: &str, owner: &str, domain: &str) -> String {
    format!("arn:aws:codeartifact:{region}:{owner}:domain/{domain}")
}

/// The ARN of a repository.
pub fn repository(region: &str, repository: &RepositoryRow) -> String {
    format!(
        "arn:aws:codeartifact:{region}:{}:repository/{}/{}",
        repository.domain_owner, repository.domain_name, repository.name
    )
}

/// The ARN of a package in a repository.
pub fn package(region: &str, repository: &RepositoryRow, package: &PackageId) -> String {
    format!(
        "arn:aws:codeartifact:{region}:{}:package/{}/{}{}",
        repository.domain_owner,
        repository.domain_name,
        repository.name,
        package.path()
    )
}

/// The ARN of a package group, its pattern encoded (guide, "Package group ARNs"). The example of
/// the root group, `/*` as `%2a`, shows that the pattern's own first slash is the one in the ARN.
pub fn package_group(region: &str, owner: &str, domain: &str, pattern: &str) -> String {
    let encoded = pattern
        .replace('%', "%25")
        .replace('*', "%2a")
        .replace('$', "%24");
    format!("arn:aws:codeartifact:{region}:{owner}:package-group/{domain}{encoded}")
}

/// A resource of this service that an ARN names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A domain.
    Domain {
        /// The account.
        owner: String,
        /// The name.
        domain: String,
    },
    /// A repository.
    Repository {
        /// The account that owns the domain.
        owner: String,
        /// The domain's name.
        domain: String,
        /// The repository's name.
        repository: String,
    },
    /// A package group.
    PackageGroup {
        /// The account that owns the domain.
        owner: String,
        /// The domain's name.
        domain: String,
        /// The pattern, decoded.
        pattern: String,
    },
}

/// Reads the ARN of something that can have tags; nothing for any other text.
pub fn parse(region: &str, arn: &str) -> Option<Named> {
    let rest = arn.strip_prefix("arn:aws:codeartifact:")?;
    let rest = rest.strip_prefix(region)?.strip_prefix(':')?;
    let (owner, resource) = rest.split_once(':')?;
    let (kind, path) = resource.split_once('/')?;
    let owner = owner.to_string();
    match kind {
        "domain" => Some(Named::Domain {
            owner,
            domain: path.to_string(),
        }),
        "repository" => {
            let (domain, repository) = path.split_once('/')?;
            Some(Named::Repository {
                owner,
                domain: domain.to_string(),
                repository: repository.to_string(),
            })
        }
        "package-group" => {
            let (domain, pattern) = path.split_once('/')?;
            let pattern = pattern
                .replace("%2a", "*")
                .replace("%24", "$")
                .replace("%25", "%");
            Some(Named::PackageGroup {
                owner,
                domain: domain.to_string(),
                pattern: format!("/{pattern}"),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_group_is_encoded_as_the_guide_says() {
        assert_eq!(
            package_group("us-east-1", "111122223333", "my_domain", "/*"),
            "arn:aws:codeartifact:us-east-1:111122223333:package-group/my_domain/%2a"
        );
    }

    #[test]
    fn a_group_is_found_by_its_arn() {
        for pattern in ["/*", "/npm/space/any%thing$", "/npm/scope/anycompany~"] {
            let arn = package_group("us-east-1", "111122223333", "d1", pattern);
            let named = Named::PackageGroup {
                owner: "111122223333".into(),
                domain: "d1".into(),
                pattern: pattern.into(),
            };
            assert_eq!(parse("us-east-1", &arn), Some(named), "{pattern}");
        }
    }

    #[test]
    fn another_region_or_service_is_not_ours() {
        assert_eq!(
            parse("us-east-1", "arn:aws:codeartifact:us-east-2:1:domain/d"),
            None
        );
        assert_eq!(parse("us-east-1", "arn:aws:s3:us-east-1:1:domain/d"), None);
    }
}
