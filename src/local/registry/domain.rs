//! Domains (guide, "Working with domains").

use rusqlite::Connection;

use super::access::{self, Target};
use super::page::{Page, PageRequest};
use super::refusal::{Answer, Resource, conflict, invalid, not_found, quota};
use super::{Caller, Context, DomainId, Fault, Registry, arn, group, random, tag};
use crate::local::store::domain::{self as rows, DomainRow};
use crate::local::store::{self, Writing};

/// A domain with what is counted about it.
#[derive(Clone, Debug)]
pub struct Domain {
    /// The stored row.
    pub row: DomainRow,
    /// Its ARN.
    pub arn: String,
    /// How many repositories it has.
    pub repository_count: u64,
}

impl Registry {
    /// Creates a domain in the caller's account.
    ///
    /// # Errors
    /// `ConflictException` when there is one of that name, `ServiceQuotaExceededException` when
    /// there are too many, `ValidationException` for a key that is none.
    pub async fn create_domain(
        &self,
        caller: &Caller,
        name: &str,
        encryption_key: Option<&str>,
        tags: Vec<(String, String)>,
    ) -> Answer<Domain> {
        let caller = caller.clone();
        let id = DomainId {
            owner: caller.account.clone(),
            name: name.to_string(),
        };
        let encryption_key = encryption_key.map(str::to_string);
        self.write(move |writing, context| {
            create(
                writing,
                context,
                &caller,
                &id,
                encryption_key.as_deref(),
                &tags,
            )
        })
        .await
    }

    /// Describes a domain.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub async fn describe_domain(&self, caller: &Caller, id: &DomainId) -> Answer<Domain> {
        let (caller, id) = (caller.clone(), id.clone());
        self.read(move |reading, context| {
            let row = authorized(reading, context, &caller, &id, "DescribeDomain")?;
            described(reading, context, row)
        })
        .await
    }

    /// Deletes a domain without repositories. One that is not there is as good as deleted: the
    /// operation has no `ResourceNotFoundException`.
    ///
    /// # Errors
    /// `ConflictException` when the domain has repositories.
    pub async fn delete_domain(&self, caller: &Caller, id: &DomainId) -> Answer<Option<Domain>> {
        let (caller, id) = (caller.clone(), id.clone());
        self.write(move |writing, context| delete(writing, context, &caller, &id))
            .await
    }

    /// A page of the domains in the caller's account, those that its policies let it list (guide,
    /// "Allow a user to get information about specific domains").
    ///
    /// # Errors
    /// `ValidationException` for a token of another request, `AccessDeniedException` when no policy
    /// speaks of listing.
    pub async fn list_domains(&self, caller: &Caller, page: PageRequest) -> Answer<Page<Domain>> {
        let caller = caller.clone();
        self.read(move |reading, context| list(reading, context, &caller, &page))
            .await
    }

    /// All domains of all accounts, by owner and name.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::local) async fn all_domains(&self) -> Answer<Vec<DomainId>> {
        self.read(|reading, _| {
            let rows = rows::all(reading)?;
            let id = |row: DomainRow| DomainId {
                owner: row.owner,
                name: row.name,
            };
            Ok(rows.into_iter().map(id).collect())
        })
        .await
    }
}

/// There is no such domain.
pub(super) fn missing(name: &str, owner: &str) -> Fault {
    not_found(
        Resource::Domain,
        name,
        format!("Domain not found. Domain: {name}, owner: {owner}"),
    )
}

/// The domain, whether the caller may see it or not.
pub(super) fn require(connection: &Connection, id: &DomainId) -> Answer<DomainRow> {
    rows::find(connection, &id.owner, &id.name)?.ok_or_else(|| missing(&id.name, &id.owner))
}

/// The domain, for an action that the caller may do on it.
pub(super) fn authorized(
    connection: &Connection,
    context: &Context,
    caller: &Caller,
    id: &DomainId,
    action: &str,
) -> Answer<DomainRow> {
    let row = require(connection, id)?;
    access::check(
        connection,
        &context.region,
        caller,
        action,
        Target::Domain(&row),
        Vec::new(),
    )?;
    Ok(row)
}

fn list(
    connection: &Connection,
    context: &Context,
    caller: &Caller,
    page: &PageRequest,
) -> Answer<Page<Domain>> {
    let action = "ListDomains";
    let may_list = |row: &DomainRow| {
        let arn = arn::domain(&context.region, &row.owner, &row.name);
        access::identity_allows(caller, &context.region, action, &arn)
    };
    let request = (action, &caller.account);
    let cursor = context.tokens.cursor::<String>(&request, page, 1000)?;
    // An account has few domains: its quota is ten.
    let mut found = rows::list(
        connection,
        &caller.account,
        cursor.after.as_deref(),
        usize::MAX >> 1,
    )?;
    found.retain(may_list);
    if found.is_empty() {
        // Nothing there, or nothing for this caller: who may list anything may see nothing.
        access::check(
            connection,
            &context.region,
            caller,
            action,
            Target::Account,
            Vec::new(),
        )?;
    }
    found.truncate(cursor.fetch());
    let page = cursor.page(found, |row| row.name.clone());
    Ok(Page {
        items: page
            .items
            .into_iter()
            .map(|row| described(connection, context, row))
            .collect::<Answer<_>>()?,
        next_token: page.next_token,
    })
}

fn described(connection: &Connection, context: &Context, row: DomainRow) -> Answer<Domain> {
    Ok(Domain {
        arn: arn::domain(&context.region, &row.owner, &row.name),
        repository_count: rows::repository_count(connection, row.id)?,
        row,
    })
}

fn create(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    id: &DomainId,
    encryption_key: Option<&str>,
    tags: &[(String, String)],
) -> Answer<Domain> {
    let new = DomainRow {
        id: 0,
        owner: id.owner.clone(),
        name: id.name.clone(),
        encryption_key: match encryption_key {
            Some(key) => key_arn(context, &id.owner, key)?,
            None => default_key(writing, context, &id.owner)?,
        },
        created: context.clock.now(),
        asset_size: 0,
        policy: None,
    };
    let target = Target::Domain(&new);
    tag::check_creation(writing, context, caller, "CreateDomain", target, tags)?;
    if rows::find(writing, &id.owner, &id.name)?.is_some() {
        return Err(conflict(
            Resource::Domain,
            &id.name,
            format!(
                "Domain already exists. Domain: {}, owner: {}",
                id.name, id.owner
            ),
        ));
    }
    let limit = context.quotas.domains_per_account;
    if rows::count(writing, &id.owner)? >= limit {
        return Err(quota(
            Resource::Domain,
            &id.name,
            format!("Account {} has {limit} domains already.", id.owner),
        ));
    }
    let key = rows::insert(
        writing,
        &id.owner,
        &id.name,
        &new.encryption_key,
        new.created,
    )?;
    group::create_root(writing, context, key)?;
    tag::set_all(
        writing,
        context,
        &arn::domain(&context.region, &id.owner, &id.name),
        tags,
    )?;
    described(writing, context, DomainRow { id: key, ..new })
}

fn delete(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    id: &DomainId,
) -> Answer<Option<Domain>> {
    let Some(row) = rows::find(writing, &id.owner, &id.name)? else {
        return Ok(None);
    };
    access::check(
        writing,
        &context.region,
        caller,
        "DeleteDomain",
        Target::Domain(&row),
        Vec::new(),
    )?;
    let domain = described(writing, context, row)?;
    if domain.repository_count > 0 {
        return Err(conflict(
            Resource::Domain,
            &id.name,
            format!(
                "Domain cannot be deleted because it contains {} repositories. Domain: {}",
                domain.repository_count, id.name
            ),
        ));
    }
    store::tag::delete_all(writing, &domain.arn)?;
    let groups = arn::package_group(&context.region, &id.owner, &id.name, "/");
    store::tag::delete_below(writing, &groups)?;
    rows::delete(writing, domain.row.id)?;
    Ok(Some(domain))
}

/// The ARN of the key that was asked for: by ARN, by alias or by its own name.
fn key_arn(context: &Context, owner: &str, key: &str) -> Answer<String> {
    let own = |name: &str| format!("arn:aws:kms:{}:{owner}:{name}", context.region);
    if key.starts_with("arn:") {
        let mut parts = key.splitn(6, ':').skip(2);
        let is_key = parts.next() == Some("kms")
            && parts.next() == Some(&context.region)
            && parts.next().is_some_and(|account| account.len() == 12)
            && parts
                .next()
                .is_some_and(|name| name.starts_with("key/") || name.starts_with("alias/"));
        return if is_key {
            Ok(key.to_string())
        } else {
            let mut fault = invalid(format!(
                "`{key}` is not the ARN of a KMS key in this Region."
            ));
            fault.reason = Some("ENCRYPTION_KEY_ERROR");
            Err(fault)
        };
    }
    Ok(if key.starts_with("alias/") {
        own(key)
    } else {
        own(&format!("key/{key}"))
    })
}

/// The ARN of the account's own key for this service: made up once, then always the same.
fn default_key(writing: &Writing<'_>, context: &Context, owner: &str) -> Answer<String> {
    let name = format!("key-of-{owner}");
    let bytes = match store::event::setting(writing, &name)? {
        Some(bytes) => bytes,
        None => {
            let bytes = random::<16>()?.to_vec();
            store::event::set_setting(writing, &name, &bytes)?;
            bytes
        }
    };
    let text = hex::encode(bytes);
    let uuid: Vec<&str> = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)]
        .into_iter()
        .filter_map(|(start, end)| text.get(start..end))
        .collect();
    Ok(format!(
        "arn:aws:kms:{}:{owner}:key/{}",
        context.region,
        uuid.join("-")
    ))
}
