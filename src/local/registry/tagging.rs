//! Tagging domains, repositories and package groups by their ARNs (guide, "Tagging resources").

use rusqlite::Connection;

use super::access::{self, Keys, Target};
use super::arn::Named;
use super::refusal::{Answer, Resource, invalid, not_found};
use super::tag::{pairs, set_all};
use super::{Caller, Context, DomainId, Registry, arn, domain};
use crate::local::store::domain::DomainRow;
use crate::local::store::repository::RepositoryRow;
use crate::local::store::{group, repository, tag as rows};

impl Registry {
    /// Adds tags to a resource, replacing the values of those it has.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, and `ServiceQuotaExceededException` for too many tags.
    pub async fn tag_resource(
        &self,
        caller: &Caller,
        arn: &str,
        tags: Vec<(String, String)>,
    ) -> Answer<()> {
        let (caller, arn) = (caller.clone(), arn.to_string());
        self.write(move |writing, context| {
            let keys = access::request_tag_keys(pairs(&tags));
            find(writing, context, &arn)?.check(writing, context, &caller, "TagResource", keys)?;
            set_all(writing, context, &arn, &tags)
        })
        .await
    }

    /// Removes tags from a resource; those it does not have do not matter.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub async fn untag_resource(
        &self,
        caller: &Caller,
        arn: &str,
        keys: Vec<String>,
    ) -> Answer<()> {
        let (caller, arn) = (caller.clone(), arn.to_string());
        self.write(move |writing, context| {
            let names = access::tag_name_keys(keys.iter().map(String::as_str));
            find(writing, context, &arn)?.check(
                writing,
                context,
                &caller,
                "UntagResource",
                names,
            )?;
            for key in &keys {
                rows::delete(writing, &arn, key)?;
            }
            Ok(())
        })
        .await
    }

    /// The tags of a resource, by key.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub async fn list_tags(&self, caller: &Caller, arn: &str) -> Answer<Vec<(String, String)>> {
        let (caller, arn) = (caller.clone(), arn.to_string());
        self.read(move |reading, context| {
            find(reading, context, &arn)?.check(
                reading,
                context,
                &caller,
                "ListTagsForResource",
                Keys::new(),
            )?;
            Ok(rows::list(reading, &arn)?)
        })
        .await
    }
}

/// A resource that has tags.
enum Tagged {
    Domain(DomainRow),
    Repository(DomainRow, RepositoryRow),
    PackageGroup(DomainRow, String),
}

impl Tagged {
    fn check(
        &self,
        connection: &Connection,
        context: &Context,
        caller: &Caller,
        action: &str,
        keys: Keys,
    ) -> Answer<()> {
        let target = match self {
            Tagged::Domain(domain) => Target::Domain(domain),
            Tagged::Repository(domain, repository) => Target::Repository(domain, repository),
            Tagged::PackageGroup(domain, pattern) => Target::PackageGroup(domain, pattern),
        };
        access::check(connection, &context.region, caller, action, target, keys)
    }
}

fn find(connection: &Connection, context: &Context, arn: &str) -> Answer<Tagged> {
    let named = arn::parse(&context.region, arn).ok_or_else(|| {
        invalid(format!(
            "`{arn}` is not the ARN of a domain, a repository or a package group in this Region."
        ))
    })?;
    let missing = |resource| not_found(resource, arn, format!("Resource not found. Arn: {arn}"));
    let domain = |owner, domain| {
        domain::require(
            connection,
            &DomainId {
                owner,
                name: domain,
            },
        )
    };
    match named {
        Named::Domain {
            owner,
            domain: name,
        } => Ok(Tagged::Domain(domain(owner, name)?)),
        Named::Repository {
            owner,
            domain: name,
            repository,
        } => {
            let domain = domain(owner, name)?;
            let row = repository::find(connection, domain.id, &repository)?
                .ok_or_else(|| missing(Resource::Repository))?;
            Ok(Tagged::Repository(domain, row))
        }
        Named::PackageGroup {
            owner,
            domain: name,
            pattern,
        } => {
            let domain = domain(owner, name)?;
            group::find(connection, domain.id, &pattern)?
                .ok_or_else(|| missing(Resource::Domain))?;
            Ok(Tagged::PackageGroup(domain, pattern))
        }
    }
}
