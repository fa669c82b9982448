//! Connecting repositories to public ones (guide, "Connect a CodeArtifact repository to a public
//! repository").

use super::external_connection::format_of;
use super::refusal::{Answer, Resource, conflict, not_found};
use super::repository::{Repository, authorized, described};
use super::{Caller, Registry, RepositoryId};
use crate::local::store::repository as rows;

impl Registry {
    /// Connects a repository to a public one.
    ///
    /// # Errors
    /// `ResourceNotFoundException` for a connection that there is not, `ConflictException` when the
    /// repository has a connection or upstreams already.
    pub async fn associate_external_connection(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        connection: &str,
    ) -> Answer<Repository> {
        let (caller, id, connection) = (caller.clone(), id.clone(), connection.to_string());
        self.write(move |writing, context| {
            let (_, row) = authorized(writing, context, &caller, &id, "AssociateExternalConnection")?;
            if format_of(&connection).is_none() {
                return Err(not_found(
                    Resource::Repository,
                    &row.name,
                    format!("External connection not found. External connection: {connection}"),
                ));
            }
            if let Some(present) = rows::external_connection(writing, row.id)? {
                return Err(conflict(
                    Resource::Repository,
                    &row.name,
                    format!("Repository {} has the external connection {present} already; it can have only one.", row.name),
                ));
            }
            if !rows::upstream_ids(writing, row.id)?.is_empty() {
                return Err(conflict(
                    Resource::Repository,
                    &row.name,
                    format!("Repository {} has upstream repositories; it can have an external connection or upstream repositories, but not both.", row.name),
                ));
            }
            rows::set_external_connection(writing, row.id, Some(&connection))?;
            described(writing, context, row)
        })
        .await
    }

    /// Disconnects a repository from a public one; what was fetched stays.
    ///
    /// # Errors
    /// `ResourceNotFoundException` when it has no such connection.
    pub async fn disassociate_external_connection(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        connection: &str,
    ) -> Answer<Repository> {
        let (caller, id, connection) = (caller.clone(), id.clone(), connection.to_string());
        self.write(move |writing, context| {
            let (_, row) = authorized(
                writing,
                context,
                &caller,
                &id,
                "DisassociateExternalConnection",
            )?;
            if rows::external_connection(writing, row.id)?.as_deref() != Some(&connection) {
                return Err(not_found(
                    Resource::Repository,
                    &row.name,
                    format!(
                        "Repository {} does not have the external connection {connection}.",
                        row.name
                    ),
                ));
            }
            rows::set_external_connection(writing, row.id, None)?;
            described(writing, context, row)
        })
        .await
    }
}
