//! What the external connections of a repository offer of a crate, and its way in.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::index::{self, Line};
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

/// The most bytes an index file may have.
const LARGEST: usize = 32 << 20;

/// The index lines of a crate that can be had.
pub(super) type Offers = offers::Offers<Arc<Vec<Line>>>;

impl Offers {
    /// All offered versions.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&Connected, &Line)> {
        self.found
            .iter()
            .flat_map(|(connected, lines)| lines.iter().map(move |line| (connected, line)))
    }

    /// The first offer of a version.
    pub(super) fn version(&self, version: &str) -> Option<(&Connected, &Line)> {
        self.lines().find(|(_, line)| line.version == version)
    }
}

/// Asks the connections that a crate may come from. Its name may be given in lower case.
pub(super) async fn ask(service: &Service, view: &PackageView, wanted: &str) -> Offers {
    let mut offers = Offers::default();
    for connected in &view.connections {
        offers.take(connected, lines(service, connected, wanted).await);
    }
    offers
}

async fn lines(
    service: &Service,
    connected: &Connected,
    wanted: &str,
) -> Result<Option<Arc<Vec<Line>>>, Unavailable> {
    let url = join(
        &service.address(connected).await?,
        &name::index_path(wanted),
    )?;
    let document = Wanted {
        url,
        accept: "text/plain, */*",
        lifetime: LIFETIME,
        limit: LARGEST,
    };
    let wanted = wanted.to_string();
    service
        .upstream
        .document(document, move |bytes| index::parse(bytes, &wanted))
        .await
}

fn join(address: &Url, path: &str) -> Result<Url, Unavailable> {
    address
        .join(path)
        .map_err(|error| Unavailable::Failed(error.to_string()))
}

/// Brings a crate file in.
pub(super) async fn ingest(
    service: &Service,
    endpoint: &Endpoint,
    connected: &Connected,
    line: &Line,
) -> Handled<Outcome> {
    let address = service.address(connected).await?;
    let configuration = Wanted {
        url: join(&address, "config.json")?,
        accept: "application/json, */*",
        lifetime: LIFETIME,
        limit: 1 << 20,
    };
    let template = service
        .upstream
        .document(configuration, index::download_template)
        .await?;
    let template = template
        .ok_or_else(|| Unavailable::Failed("the upstream has no config.json".to_string()))?;
    let url = join(&address, &index::download_address(&template, line))?;
    let line = line.clone();
    let job = Job {
        caller: endpoint.caller.clone(),
        asked: endpoint.repository.clone(),
        connected: connected.clone(),
        package: id(&line.name),
        version: line.version.clone(),
        asset: name::asset(&line.name, &line.version),
        url,
        accept: Box::new(move |staged| accept(&line, staged)),
    };
    Ok(service.ingestion.asset(job).await?)
}

/// Judges a crate file that has arrived, and puts together what is stored of it.
fn accept(line: &Line, staged: StagedAsset) -> Result<Upload, String> {
    if hex::encode(staged.blob.hashes.sha256) != line.checksum {
        return Err("the crate file's hash is not the one in the upstream's index".to_string());
    }
    let file = std::fs::File::open(staged.blob.path()).map_err(|error| error.to_string())?;
    // The index is what clients go by. An odd archive only has less to say.
    let contents = upload::look_into(
        std::io::BufReader::new(file),
        staged.blob.size,
        &line.name,
        &line.version,
    );
    let mut facts = contents.unwrap_or_default().facts;
    let entries: Value = serde_json::from_str(&line.text).unwrap_or_default();
    facts.dependencies =
        upload::dependencies(entries["deps"].as_array().map_or(&[], Vec::as_slice));
    Ok(Upload {
        package: id(&line.name),
        version: line.version.clone(),
        assets: vec![staged],
        facts: Some(facts),
        document: Some(line.text.clone()),
        join: None,
        status: Status::Published,
        tags: Vec::new(),
    })
}
