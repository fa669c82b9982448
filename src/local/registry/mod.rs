//! The rules of the service, a file for each noun. Knows no HTTP and no package format's
//! documents; reads and writes the store.
//!
//! A rule is a plain function of one transaction, so that what it looked at still holds when it
//! writes. The methods of [`Registry`] are those functions, run away from the asynchronous threads.
//!
//! Package formats come in through [`publish::Upload`], [`lookup`] and [`asset`].

pub mod access;
pub mod arn;
pub mod asset;
pub mod batch;
pub mod caller;
pub mod catalogue;
pub mod connecting;
pub mod copy;
pub mod domain;
pub mod event;
pub mod external_connection;
pub mod format;
pub mod group;
pub mod lookup;
mod origin;
pub mod package;
mod package_metadata;
pub mod page;
pub mod permission;
pub mod policy;
pub mod publish;
pub mod quota;
pub mod refusal;
pub mod repository;
pub mod snapshot;
mod tag;
pub mod tagging;
pub mod token;
pub mod upstream;
pub mod version;

use std::sync::Arc;

pub use caller::Caller;
pub use format::{Format, PackageId};
pub use refusal::Answer;

pub use crate::api::fault::{Fault, FaultKind};
pub use crate::local::store::content::{Dependency, License, VersionFacts};
pub use crate::local::store::version::{Origin, Status};

use crate::local::clock::Clock;
use crate::local::store::{Reading, Store, Stored, Writing, event as settings};
use page::Tokens;
use quota::Quotas;

/// The registry: a store and the rules for it. Clones are the same registry.
#[derive(Clone)]
pub struct Registry {
    store: Store,
    context: Arc<Context>,
}

/// What the rules need to know besides the store.
pub(in crate::local) struct Context {
    pub(in crate::local) clock: Clock,
    pub(in crate::local) region: String,
    pub(in crate::local) quotas: Quotas,
    pub(in crate::local) tokens: Tokens,
}

/// Which domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DomainId {
    /// The account that owns it.
    pub owner: String,
    /// Its name.
    pub name: String,
}

/// Which repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RepositoryId {
    /// Its domain.
    pub domain: DomainId,
    /// Its name.
    pub name: String,
}

impl Registry {
    /// The registry of that store, in that region.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(
        store: Store,
        region: &str,
        clock: Clock,
        quotas: Quotas,
    ) -> Stored<Registry> {
        let key = store.write(page_key).await?;
        Ok(Registry::with(store, region, clock, quotas, key))
    }

    /// The registry of a store that is only read.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn open_to_read(store: Store, region: &str) -> Stored<Registry> {
        // Its page tokens are nobody else's business.
        let key = random()?;
        let (clock, quotas) = (Clock::default(), Quotas::default());
        Ok(Registry::with(store, region, clock, quotas, key))
    }

    fn with(store: Store, region: &str, clock: Clock, quotas: Quotas, key: [u8; 32]) -> Registry {
        Registry {
            store,
            context: Arc::new(Context {
                clock,
                region: region.to_string(),
                quotas,
                tokens: Tokens::new(key),
            }),
        }
    }

    /// Deletes all domains and what is in them, tokens and events included.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::local) async fn reset(&self) -> Answer<()> {
        Ok(self.store.empty().await?)
    }

    /// The region that the service plays.
    pub fn region(&self) -> &str {
        &self.context.region
    }

    /// The service's clock.
    pub fn clock(&self) -> &Clock {
        &self.context.clock
    }

    /// The quotas in force.
    pub fn quotas(&self) -> &Quotas {
        &self.context.quotas
    }

    /// The store below.
    pub(in crate::local) fn store(&self) -> &Store {
        &self.store
    }

    async fn read<T: Send + 'static>(
        &self,
        rule: impl FnOnce(&Reading<'_>, &Context) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let context = Arc::clone(&self.context);
        self.store
            .read(move |reading| rule(reading, &context))
            .await
    }

    async fn write<T: Send + 'static>(
        &self,
        rule: impl FnOnce(&Writing<'_>, &Context) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let context = Arc::clone(&self.context);
        self.store
            .write(move |writing| rule(writing, &context))
            .await
    }
}

/// The key of the page tokens: made once, so that tokens survive a restart.
fn page_key(writing: &Writing<'_>) -> Stored<[u8; 32]> {
    if let Some(key) = settings::setting(writing, "page-key")?
        && let Ok(key) = <[u8; 32]>::try_from(key.as_slice())
    {
        return Ok(key);
    }
    let key = random()?;
    settings::set_setting(writing, "page-key", &key)?;
    Ok(key)
}

/// Random bytes from the operating system.
pub(in crate::local) fn random<const N: usize>() -> Stored<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| crate::local::store::Failure::new("random numbers", error))?;
    Ok(bytes)
}
