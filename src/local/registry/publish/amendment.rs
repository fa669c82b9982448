//! New words about a version that is there: a deprecation, a yank. Its assets stay.

use super::revision::revision;
use crate::local::registry::event::{self, Change, Operation};
use crate::local::registry::refusal::{Answer, denied};
use crate::local::registry::{
    Caller, Context, PackageId, Registry, RepositoryId, Status, VersionFacts, lookup, origin,
    package, version,
};
use crate::local::store::repository::RepositoryRow;
use crate::local::store::version as rows;
use crate::local::store::{Writing, content};

/// What is said anew, and of which version.
struct Amendment {
    package: PackageId,
    version: String,
    /// None leaves what the version has.
    facts: Option<VersionFacts>,
    document: String,
}

/// The repository whose version is amended; none when it is to be left alone.
type Judge =
    fn(&Writing<'_>, &Context, &Caller, &RepositoryId, &Amendment) -> Answer<Option<RepositoryRow>>;

impl Registry {
    /// Replaces what an existing version of the repository itself says of itself: a deprecation, a
    /// yank. Its assets stay.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `AccessDeniedException` without `PublishPackageVersion`.
    pub async fn amend(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        version: &str,
        facts: Option<VersionFacts>,
        document: String,
    ) -> Answer<()> {
        let amendment = Amendment::of(package, version, facts, document);
        self.amend_where(caller, id, amendment, published).await
    }

    /// The same for a version that was ingested, when its public repository says something new of
    /// it. A version that does not follow upstream is left alone (guide, "Why is CodeArtifact not
    /// fetching the latest yanked metadata").
    ///
    /// # Errors
    /// `AccessDeniedException` without `ReadFromRepository`.
    pub async fn refresh(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        version: &str,
        facts: Option<VersionFacts>,
        document: String,
    ) -> Answer<()> {
        let amendment = Amendment::of(package, version, facts, document);
        self.amend_where(caller, id, amendment, following).await
    }

    async fn amend_where(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        amendment: Amendment,
        judge: Judge,
    ) -> Answer<()> {
        let (caller, id) = (caller.clone(), id.clone());
        self.write(move |writing, context| {
            match judge(writing, context, &caller, &id, &amendment)? {
                Some(repository) => amend(writing, context, &repository, &amendment),
                None => Ok(()),
            }
        })
        .await
    }
}

impl Amendment {
    fn of(
        package: &PackageId,
        version: &str,
        facts: Option<VersionFacts>,
        document: String,
    ) -> Amendment {
        Amendment {
            package: package.clone(),
            version: version.to_string(),
            facts,
            document,
        }
    }
}

/// The repository, for a caller who may publish to it.
fn published(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    id: &RepositoryId,
    amendment: &Amendment,
) -> Answer<Option<RepositoryRow>> {
    let action = "PublishPackageVersion";
    let package = &amendment.package;
    let place = package::authorized(writing, context, caller, id, package, action)?;
    Ok(Some(place.repository))
}

/// The repository, where its version follows upstream.
fn following(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    id: &RepositoryId,
    Amendment {
        package, version, ..
    }: &Amendment,
) -> Answer<Option<RepositoryRow>> {
    let repository = lookup::readable(writing, context, caller, id)?;
    let follows = version::find(writing, &repository, package, version)?
        .is_some_and(|row| origin::follows_upstream(package.format, &row, &repository));
    Ok(follows.then_some(repository))
}

fn amend(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    amendment: &Amendment,
) -> Answer<()> {
    let (package, document) = (&amendment.package, &amendment.document);
    let (package_row, row) = version::require(writing, repository, package, &amendment.version)?;
    let before = content::by_id(writing, row.content_id)?;
    let facts = amendment.facts.as_ref().unwrap_or(&before.facts);
    if *facts == before.facts && *document == before.document {
        return Ok(());
    }
    if row.status == Status::Disposed {
        return Err(denied(format!(
            "Version {} of package {package} is disposed of.",
            amendment.version
        )));
    }
    let revision = revision(&rows::assets(writing, row.id)?, facts, document)?;
    let content = content::insert(writing, facts, document)?;
    rows::update(writing, row.id, content, &revision, row.status)?;
    let change = Change {
        metadata_updated: true,
        ..Change::of(Operation::Updated, &row.version, row.status, &revision)
    };
    event::record(writing, context, repository, &package_row, package, &change)
}
