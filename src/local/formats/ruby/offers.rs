//! What the external connections of a repository offer of a gem, and its way in.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::index::{self, Entry, Files};
use super::name::{self, id};
use super::upload;
use crate::local::endpoint::Endpoint;
use crate::local::formats::Service;
use crate::local::formats::offers;
use crate::local::formats::problem::Handled;
use crate::local::ingestion::{Job, Outcome};
use crate::local::registry::Status;
use crate::local::registry::lookup::{Connected, PackageView};
use crate::local::registry::publish::{StagedAsset, Upload};
use crate::local::upstream::{Unavailable, Wanted};

/// As for the other formats whose public repository is synchronised (guide, "Availability of new
/// package versions").
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// The most bytes an index of a gem may have.
const LARGEST: usize = 32 << 20;

/// The index entries of a gem that can be had.
pub(super) type Offers = offers::Offers<Arc<Vec<Entry>>>;

impl Offers {
    /// All offered files.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Connected, &Entry)> {
        self.found
            .iter()
            .flat_map(|(connected, entries)| entries.iter().map(move |entry| (connected, entry)))
    }

    /// The first connection that offers a version, for any platform.
    pub(super) fn offering(&self, version: &str) -> Option<&Connected> {
        let mut entries = self.entries();
        let (connected, _) = entries.find(|(_, entry)| entry.version == version)?;
        Some(connected)
    }

    /// The first offer of a version for a platform.
    pub(super) fn file(&self, version: &str, platform: &str) -> Option<(&Connected, &Entry)> {
        self.entries()
            .find(|(_, entry)| entry.version == version && entry.about.platform == platform)
    }
}

/// Asks the connections that a gem may come from.
pub(super) async fn ask(service: &Service, view: &PackageView, gem: &str) -> Offers {
    let mut offers = Offers::default();
    for connected in &view.connections {
        offers.take(connected, entries(service, connected, gem).await);
    }
    offers
}

async fn entries(
    service: &Service,
    connected: &Connected,
    gem: &str,
) -> Result<Option<Arc<Vec<Entry>>>, Unavailable> {
    let document = Wanted {
        url: join(&service.address(connected).await?, &format!("info/{gem}"))?,
        accept: "text/plain, */*",
        lifetime: LIFETIME,
        limit: LARGEST,
    };
    service.upstream.document(document, index::parse).await
}

fn join(address: &Url, path: &str) -> Result<Url, Unavailable> {
    address
        .join(path)
        .map_err(|error| Unavailable::Failed(error.to_string()))
}

/// Brings a file in.
pub(super) async fn ingest(
    service: &Service,
    endpoint: &Endpoint,
    gem: &str,
    connected: &Connected,
    entry: &Entry,
) -> Handled<Outcome> {
    let file = name::file(gem, &entry.version, &entry.about.platform);
    let address = service.address(connected).await?;
    let (gem, entry) = (gem.to_string(), entry.clone());
    let job = Job {
        caller: endpoint.caller.clone(),
        asked: endpoint.repository.clone(),
        connected: connected.clone(),
        package: id(&gem),
        version: entry.version.clone(),
        url: join(&address, &format!("gems/{file}"))?,
        asset: file,
        accept: Box::new(move |staged| accept(&gem, &entry, staged)),
    };
    Ok(service.ingestion.asset(job).await?)
}

/// Judges a file that has arrived, and puts together what is stored of it.
fn accept(gem: &str, entry: &Entry, staged: StagedAsset) -> Result<Upload, String> {
    let sha256 = hex::encode(staged.blob.hashes.sha256);
    if entry
        .sha256
        .as_ref()
        .is_some_and(|promised| *promised != sha256)
    {
        return Err("the gem's hash is not the one in the upstream's index".to_string());
    }
    // The index is what clients go by. An odd archive only has less to say.
    let facts = look_into(&staged).ok().map(|found| found.facts);
    Ok(Upload {
        package: id(gem),
        version: entry.version.clone(),
        document: Some(Files::one(&staged.name, entry.about.clone()).render()),
        assets: vec![staged],
        facts,
        join: Some(index::join),
        status: Status::Published,
        tags: Vec::new(),
    })
}

/// What a gem that was received says of itself.
///
/// # Errors
/// A sentence when it cannot be looked into.
pub(super) fn look_into(
    staged: &StagedAsset,
) -> Result<super::gemspec::Gem, crate::local::formats::Invalid> {
    let file = std::fs::File::open(staged.blob.path())
        .map_err(|error| crate::local::formats::Invalid::new(error.to_string()))?;
    upload::look_into(std::io::BufReader::new(file), staged.blob.size)
}
