//! Versions from public repositories (guide, "Package retention in intermediate repositories").

use super::acceptance::{Presence, accept};
use super::retention::retain;
use super::upload::{Publication, Upload};
use crate::local::registry::lookup::{self, Connected};
use crate::local::registry::package::{self, FirstVersion};
use crate::local::registry::refusal::Answer;
use crate::local::registry::{Caller, Context, Origin, Registry, RepositoryId, upstream};
use crate::local::store::Writing;

impl Registry {
    /// Takes in an upload from a public repository: into the repository that has the external
    /// connection, and, when that is another one, into the repository that was asked (guide,
    /// "Package retention in intermediate repositories"). Assets that are there already stay.
    ///
    /// # Errors
    /// `ResourceNotFoundException` when the connection is gone or origin controls block it now.
    pub async fn ingest(
        &self,
        caller: &Caller,
        asked: &RepositoryId,
        connected: &Connected,
        upload: Upload,
    ) -> Answer<Publication> {
        let (caller, asked, connected) = (caller.clone(), asked.clone(), connected.clone());
        self.keep_and_write(upload, move |writing, context, upload| {
            ingest(writing, context, &caller, &asked, &connected, upload)
        })
        .await
    }
}

fn ingest(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    asked: &RepositoryId,
    connected: &Connected,
    upload: &Upload,
) -> Answer<Publication> {
    let package = &upload.package;
    let requested = lookup::readable(writing, context, caller, asked)?;
    // Asked anew: what was allowed when the fetch began may be blocked by now.
    let steps = upstream::search_order(writing, context, &requested, package)?;
    let step = steps.into_iter().find(|step| {
        lookup::id_of(&step.repository) == connected.repository
            && step.connection.as_deref() == Some(&connected.connection)
    });
    let Some(step) = step else {
        return Err(package::missing(&requested, package));
    };
    let first = FirstVersion::Ingested;
    let row = package::find_or_create(writing, &step.repository, package, first)?;
    let origin = Origin::External {
        connection: connected.connection.clone(),
    };
    let publication = accept(
        writing,
        context,
        &step.repository,
        &row,
        upload,
        &origin,
        Presence::MayDiffer,
    )?;
    if step.repository.id != requested.id {
        retain(writing, context, asked, package, &upload.version)?;
    }
    Ok(publication)
}
