//! Events: one document for each change of a package version (guide, "CodeArtifact event format
//! and example").

use serde_json::json;

use super::refusal::Answer;
use super::{Context, PackageId, Registry, Status, arn, random};
use crate::local::store::package::PackageRow;
use crate::local::store::repository::RepositoryRow;
use crate::local::store::{self, Writing, package};

/// The setting that holds the number of the last event that was posted.
const POSTED: &str = "posted-events";

/// What happened to a package version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// It came into the repository.
    Created,
    /// It changed.
    Updated,
    /// It left the repository.
    Deleted,
}

/// A change of a package version.
#[derive(Clone, Debug)]
pub(super) struct Change<'a> {
    pub(super) operation: Operation,
    pub(super) version: &'a str,
    pub(super) status: Status,
    pub(super) revision: &'a str,
    pub(super) assets_added: usize,
    pub(super) assets_removed: usize,
    pub(super) assets_updated: usize,
    pub(super) metadata_updated: bool,
    pub(super) status_changed: bool,
}

impl<'a> Change<'a> {
    /// A change that left the version like this; what it did is still to be said.
    pub(super) fn of(
        operation: Operation,
        version: &'a str,
        status: Status,
        revision: &'a str,
    ) -> Change<'a> {
        Change {
            operation,
            version,
            status,
            revision,
            assets_added: 0,
            assets_removed: 0,
            assets_updated: 0,
            metadata_updated: false,
            status_changed: false,
        }
    }

    /// A version came, with so many assets.
    pub(super) fn created(
        version: &'a str,
        status: Status,
        revision: &'a str,
        assets_added: usize,
    ) -> Change<'a> {
        Change {
            assets_added,
            metadata_updated: true,
            status_changed: true,
            ..Change::of(Operation::Created, version, status, revision)
        }
    }
}

impl Registry {
    /// The events after the one numbered `after`, oldest first, with their numbers.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn events(&self, after: i64, limit: usize) -> Answer<Vec<(i64, String)>> {
        self.read(move |reading, _| Ok(store::event::list(reading, after, limit)?))
            .await
    }

    /// The number of the last event that was posted.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::local) async fn posted_events(&self) -> Answer<i64> {
        self.read(|reading, _| {
            let bytes = store::event::setting(reading, POSTED)?.unwrap_or_default();
            Ok(<[u8; 8]>::try_from(bytes).map_or(0, i64::from_le_bytes))
        })
        .await
    }

    /// Remembers the number of the last event that was posted.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::local) async fn set_posted_events(&self, number: i64) -> Answer<()> {
        self.write(move |writing, _| {
            Ok(store::event::set_setting(
                writing,
                POSTED,
                &number.to_le_bytes(),
            )?)
        })
        .await
    }
}

/// Writes the event of a change, in the same transaction: for the domain's owner, and for the
/// repository's administrator where that is another account.
pub(super) fn record(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    row: &PackageRow,
    package: &PackageId,
    change: &Change<'_>,
) -> Answer<()> {
    let sequence = package::next_sequence(writing, row.id)?;
    let mut accounts = vec![&repository.domain_owner];
    if repository.administrator != repository.domain_owner {
        accounts.push(&repository.administrator);
    }
    for account in accounts {
        let document = document(context, repository, package, change, sequence, account)?;
        store::event::insert(writing, &document.to_string())?;
    }
    Ok(())
}

fn document(
    context: &Context,
    repository: &RepositoryRow,
    package: &PackageId,
    change: &Change<'_>,
    sequence: i64,
    account: &str,
) -> Answer<serde_json::Value> {
    let arn = arn::package(&context.region, repository, package);
    // Another repository may have had this name before, so that account, ARN and number do not tell.
    let deduplication = random::<32>()?;
    let time = jiff::Timestamp::from_millisecond(context.clock.now()).unwrap_or_default();
    Ok(json!({
        "version": "0",
        "id": identifier()?,
        "detail-type": "CodeArtifact Package Version State Change",
        "source": "aws.codeartifact",
        "account": account,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": context.region,
        "resources": [arn],
        "detail": {
            "domainName": repository.domain_name,
            "domainOwner": repository.domain_owner,
            "repositoryName": repository.name,
            "repositoryAdministrator": repository.administrator,
            "packageFormat": package.format.as_str(),
            "packageNamespace": package.namespace,
            "packageName": package.name,
            "packageVersion": change.version,
            "packageVersionState": change.status.as_str(),
            "packageVersionRevision": change.revision,
            "changes": {
                "assetsAdded": change.assets_added,
                "assetsRemoved": change.assets_removed,
                "metadataUpdated": change.metadata_updated,
                "assetsUpdated": change.assets_updated,
                "statusChanged": change.status_changed,
            },
            "operationType": match change.operation {
                Operation::Created => "Created",
                Operation::Updated => "Updated",
                Operation::Deleted => "Deleted",
            },
            "sequenceNumber": sequence,
            "eventDeduplicationId": base64::Engine::encode(
                &base64::engine::general_purpose::STANDARD,
                deduplication,
            ),
        },
    }))
}

/// A random UUID.
fn identifier() -> Answer<String> {
    let mut bytes = random::<16>()?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text = hex::encode(bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &text[range]);
    Ok(parts.join("-"))
}
