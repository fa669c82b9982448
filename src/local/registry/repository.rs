//! Repositories (guide, "Working with repositories").

use rusqlite::Connection;

use super::access::{self, Keys, Target};
use super::page::{Page, PageRequest};
use super::refusal::{Answer, Resource, conflict, invalid, not_found, quota};
use super::{
    Caller, Context, DomainId, Fault, Format, Registry, RepositoryId, arn, domain,
    external_connection, tag, upstream,
};
use crate::local::store::domain::DomainRow;
use crate::local::store::repository::{self as rows, RepositoryRow};
use crate::local::store::{self, Writing};

/// A repository with what is connected to it.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The stored row.
    pub row: RepositoryRow,
    /// Its ARN.
    pub arn: String,
    /// The names of its direct upstreams, in priority order.
    pub upstreams: Vec<String>,
    /// Its external connection and the format of that.
    pub external_connection: Option<(String, Format)>,
}

/// What a new repository is like.
#[derive(Clone, Debug, Default)]
pub struct NewRepository {
    /// What to say about it.
    pub description: Option<String>,
    /// The names of its direct upstreams, in priority order.
    pub upstreams: Vec<String>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// Which repositories to list.
#[derive(Clone, Debug, Default)]
pub struct RepositoryFilter {
    /// Only names that begin with this.
    pub prefix: Option<String>,
    /// Only those that this account has made.
    pub administrator: Option<String>,
}

/// The page size without one asked for (guide, "List repositories").
const DEFAULT_PAGE: usize = 50;

impl Registry {
    /// Creates a repository, administered by the caller's account.
    ///
    /// # Errors
    /// `ResourceNotFoundException` for the domain or an upstream, `ConflictException` when there
    /// is one of that name, `ServiceQuotaExceededException`.
    pub async fn create_repository(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        new: NewRepository,
    ) -> Answer<Repository> {
        self.create_repository_for(caller, &caller.account, id, new)
            .await
    }

    /// The same, administered by another account than the caller's, for a seed file.
    ///
    /// # Errors
    /// As [`Registry::create_repository`].
    pub(in crate::local) async fn create_repository_for(
        &self,
        caller: &Caller,
        administrator: &str,
        id: &RepositoryId,
        new: NewRepository,
    ) -> Answer<Repository> {
        let (caller, id, administrator) = (caller.clone(), id.clone(), administrator.to_string());
        self.write(move |writing, context| {
            create(writing, context, &caller, &administrator, &id, &new)
        })
        .await
    }

    /// Describes a repository.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub async fn describe_repository(
        &self,
        caller: &Caller,
        id: &RepositoryId,
    ) -> Answer<Repository> {
        let (caller, id) = (caller.clone(), id.clone());
        self.read(move |reading, context| {
            let (_, row) = authorized(reading, context, &caller, &id, "DescribeRepository")?;
            described(reading, context, row)
        })
        .await
    }

    /// Changes the description or the upstreams, where given.
    ///
    /// # Errors
    /// `ResourceNotFoundException` for an upstream, `ServiceQuotaExceededException` for too many,
    /// `ValidationException` for a circle.
    pub async fn update_repository(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        description: Option<String>,
        upstreams: Option<Vec<String>>,
    ) -> Answer<Repository> {
        let (caller, id) = (caller.clone(), id.clone());
        self.write(move |writing, context| {
            let (domain, row) = authorized(writing, context, &caller, &id, "UpdateRepository")?;
            if let Some(description) = &description {
                rows::set_description(writing, row.id, description)?;
            }
            if let Some(upstreams) = &upstreams {
                set_upstreams(writing, context, &caller, &domain, &row, upstreams)?;
            }
            described(writing, context, require_row(writing, &domain, &id)?)
        })
        .await
    }

    /// Deletes a repository with all that is in it; what others have retained from it stays.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub async fn delete_repository(
        &self,
        caller: &Caller,
        id: &RepositoryId,
    ) -> Answer<Repository> {
        let (caller, id) = (caller.clone(), id.clone());
        self.write(move |writing, context| {
            let (_, row) = authorized(writing, context, &caller, &id, "DeleteRepository")?;
            let repository = described(writing, context, row)?;
            store::tag::delete_all(writing, &repository.arn)?;
            rows::delete(writing, repository.row.id)?;
            Ok(repository)
        })
        .await
    }

    /// A page of the repositories that the caller's account administers.
    ///
    /// # Errors
    /// `ValidationException` for a token of another request.
    pub async fn list_repositories(
        &self,
        caller: &Caller,
        prefix: Option<String>,
        page: PageRequest,
    ) -> Answer<Page<Repository>> {
        let caller = caller.clone();
        self.read(move |reading, context| {
            access::check(
                reading,
                &context.region,
                &caller,
                "ListRepositories",
                Target::Account,
                Keys::new(),
            )?;
            let cursor = context.tokens.cursor::<(String, String, String)>(
                &("ListRepositories", &caller.account, &prefix),
                &page,
                DEFAULT_PAGE,
            )?;
            let after = cursor.after.as_ref();
            let found = rows::list_of_account(
                reading,
                &caller.account,
                prefix.as_deref().unwrap_or(""),
                after.map(|(owner, domain, name)| (owner.as_str(), domain.as_str(), name.as_str())),
                cursor.fetch(),
            )?;
            let page = cursor.page(found, |row| {
                (
                    row.domain_owner.clone(),
                    row.domain_name.clone(),
                    row.name.clone(),
                )
            });
            all_described(reading, context, page)
        })
        .await
    }

    /// A page of the domain's repositories.
    ///
    /// # Errors
    /// `ResourceNotFoundException` for the domain, `ValidationException` for a token of another request.
    pub async fn list_repositories_in_domain(
        &self,
        caller: &Caller,
        id: &DomainId,
        filter: RepositoryFilter,
        page: PageRequest,
    ) -> Answer<Page<Repository>> {
        let (caller, id) = (caller.clone(), id.clone());
        self.read(move |reading, context| {
            let domain =
                domain::authorized(reading, context, &caller, &id, "ListRepositoriesInDomain")?;
            let cursor = context.tokens.cursor::<String>(
                &(
                    "ListRepositoriesInDomain",
                    &id.owner,
                    &id.name,
                    &filter.prefix,
                    &filter.administrator,
                ),
                &page,
                DEFAULT_PAGE,
            )?;
            let found = rows::list_in_domain(
                reading,
                domain.id,
                filter.prefix.as_deref().unwrap_or(""),
                filter.administrator.as_deref(),
                cursor.after.as_deref(),
                cursor.fetch(),
            )?;
            let page = cursor.page(found, |row| row.name.clone());
            all_described(reading, context, page)
        })
        .await
    }

    /// Makes sure that the caller may learn the repository's endpoint.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub async fn check_repository_endpoint(
        &self,
        caller: &Caller,
        id: &RepositoryId,
    ) -> Answer<()> {
        let (caller, id) = (caller.clone(), id.clone());
        self.read(move |reading, context| {
            authorized(reading, context, &caller, &id, "GetRepositoryEndpoint").map(drop)
        })
        .await
    }
}

/// There is no such repository.
fn missing(id: &RepositoryId) -> Fault {
    not_found(
        Resource::Repository,
        &id.name,
        format!(
            "Repository not found. Repository: {}, domain: {}, domain owner: {}",
            id.name, id.domain.name, id.domain.owner
        ),
    )
}

fn require_row(
    connection: &Connection,
    domain: &DomainRow,
    id: &RepositoryId,
) -> Answer<RepositoryRow> {
    rows::find(connection, domain.id, &id.name)?.ok_or_else(|| missing(id))
}

/// The repository and its domain, whether the caller may see them or not.
pub(super) fn require(
    connection: &Connection,
    id: &RepositoryId,
) -> Answer<(DomainRow, RepositoryRow)> {
    let domain = domain::require(connection, &id.domain)?;
    let row = require_row(connection, &domain, id)?;
    Ok((domain, row))
}

/// The repository and its domain, for an action that the caller may do on the repository.
pub(super) fn authorized(
    connection: &Connection,
    context: &Context,
    caller: &Caller,
    id: &RepositoryId,
    action: &str,
) -> Answer<(DomainRow, RepositoryRow)> {
    let (domain, row) = require(connection, id)?;
    access::check(
        connection,
        &context.region,
        caller,
        action,
        Target::Repository(&domain, &row),
        Keys::new(),
    )?;
    Ok((domain, row))
}

pub(super) fn described(
    connection: &Connection,
    context: &Context,
    row: RepositoryRow,
) -> Answer<Repository> {
    Ok(Repository {
        arn: arn::repository(&context.region, &row),
        upstreams: rows::upstreams(connection, row.id)?
            .into_iter()
            .map(|upstream| upstream.name)
            .collect(),
        external_connection: rows::external_connection(connection, row.id)?
            .and_then(|name| external_connection::format_of(&name).map(|format| (name, format))),
        row,
    })
}

fn all_described(
    connection: &Connection,
    context: &Context,
    page: Page<RepositoryRow>,
) -> Answer<Page<Repository>> {
    Ok(Page {
        items: page
            .items
            .into_iter()
            .map(|row| described(connection, context, row))
            .collect::<Answer<_>>()?,
        next_token: page.next_token,
    })
}

fn create(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    administrator: &str,
    id: &RepositoryId,
    new: &NewRepository,
) -> Answer<Repository> {
    let domain = domain::require(writing, &id.domain)?;
    // To create a repository is an action on the domain (guide, "Enable cross-account access").
    let (action, target) = ("CreateRepository", Target::Domain(&domain));
    tag::check_creation(writing, context, caller, action, target, &new.tags)?;
    if rows::find(writing, domain.id, &id.name)?.is_some() {
        return Err(conflict(
            Resource::Repository,
            &id.name,
            format!(
                "Repository already exists. Repository: {}, domain: {}",
                id.name, id.domain.name
            ),
        ));
    }
    let limit = context.quotas.repositories_per_domain;
    if store::domain::repository_count(writing, domain.id)? >= limit {
        return Err(quota(
            Resource::Domain,
            &id.domain.name,
            format!(
                "Domain {} has {limit} repositories already.",
                id.domain.name
            ),
        ));
    }
    let created = context.clock.now();
    rows::insert(
        writing,
        domain.id,
        &id.name,
        administrator,
        new.description.as_deref(),
        created,
    )?;
    let row = require_row(writing, &domain, id)?;
    set_upstreams(writing, context, caller, &domain, &row, &new.upstreams)?;
    tag::set_all(
        writing,
        context,
        &arn::repository(&context.region, &row),
        &new.tags,
    )?;
    described(writing, context, row)
}

/// Replaces the upstreams (guide, "Add or remove upstream repositories").
fn set_upstreams(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    domain: &DomainRow,
    row: &RepositoryRow,
    names: &[String],
) -> Answer<()> {
    let limit = context.quotas.direct_upstreams;
    if names.len() > limit {
        return Err(quota(
            Resource::Repository,
            &row.name,
            format!("A repository cannot have more than {limit} direct upstream repositories."),
        ));
    }
    if !names.is_empty() && rows::external_connection(writing, row.id)?.is_some() {
        return Err(conflict(
            Resource::Repository,
            &row.name,
            format!(
                "Repository {} has an external connection; it can have an external connection or upstream repositories, but not both.",
                row.name
            ),
        ));
    }
    let already = rows::upstream_ids(writing, row.id)?;
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        let upstream = require_row(
            writing,
            domain,
            &RepositoryId {
                domain: DomainId {
                    owner: domain.owner.clone(),
                    name: domain.name.clone(),
                },
                name: name.clone(),
            },
        )?;
        if ids.contains(&upstream.id) {
            return Err(invalid(format!(
                "Upstream repository {name} is there twice."
            )));
        }
        if !already.contains(&upstream.id) {
            let target = Target::Repository(domain, &upstream);
            let action = "AssociateWithDownstreamRepository";
            access::check(
                writing,
                &context.region,
                caller,
                action,
                target,
                Keys::new(),
            )?;
        }
        if upstream::reaches(writing, upstream.id, row.id)? {
            return Err(invalid(format!(
                "Upstream repository {name} would make a circle: {} is {name} or one of its upstream repositories.",
                row.name
            )));
        }
        ids.push(upstream.id);
    }
    Ok(rows::set_upstreams(writing, row.id, &ids)?)
}
