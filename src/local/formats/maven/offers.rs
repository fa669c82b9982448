//! What the external connections of a repository offer of a module, and its way in.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::metadata::{self, Metadata};
use super::path::{Checksum, METADATA, Module};
use super::pom;
use crate::local::endpoint::Endpoint;
use crate::local::formats::offers;
use crate::local::formats::problem::Handled;
use crate::local::formats::{Invalid, Service};
use crate::local::ingestion::{Job, Outcome};
use crate::local::registry::lookup::{Connected, PackageView};
use crate::local::registry::publish::{StagedAsset, Upload};
use crate::local::registry::{Origin, Status};
use crate::local::upstream::{Unavailable, Wanted};

/// Guide, "Availability of new package versions": at most once every 3 hours.
const LIFETIME: Duration = Duration::from_secs(3 * 60 * 60);

/// The most bytes that metadata may have.
const LARGEST_METADATA: usize = 16 << 20;

/// The most bytes of a checksum file: some have the file's name behind the digits.
const LARGEST_CHECKSUM: usize = 4096;

/// How the names of the files end that most versions have.
const STANDARD_ENDINGS: [&str; 4] = [".pom", ".jar", "-sources.jar", "-javadoc.jar"];

/// The largest POM that is read.
pub(super) const LARGEST_POM: u64 = 8 << 20;

/// All metadata that can be had.
pub(super) type Offers = offers::Offers<Arc<Metadata>>;

impl Offers {
    /// The versions that are offered.
    pub(super) fn versions(&self) -> impl Iterator<Item = &str> {
        self.found
            .iter()
            .flat_map(|(_, found)| found.versions.iter().map(String::as_str))
    }

    /// The first connection that offers a version.
    pub(super) fn offering(&self, version: &str) -> Option<&Connected> {
        let mut found = self.found.iter();
        let has = |versions: &[String]| versions.iter().any(|offered| offered == version);
        let (connected, _) = found.find(|(_, found)| has(&found.versions))?;
        Some(connected)
    }
}

/// Asks the connections for a module's metadata.
pub(super) async fn ask(service: &Service, view: &PackageView, module: &Module) -> Offers {
    let mut offers = Offers::default();
    for connected in &view.connections {
        offers.take(connected, list(service, connected, module).await);
    }
    offers
}

async fn list(
    service: &Service,
    connected: &Connected,
    module: &Module,
) -> Result<Option<Arc<Metadata>>, Unavailable> {
    let address = service.address(connected).await?;
    let document = wanted(
        &address,
        &format!("{}{METADATA}", module.folder()),
        LARGEST_METADATA,
    )?;
    service.upstream.document(document, metadata::parse).await
}

fn wanted(address: &Url, path: &str, limit: usize) -> Result<Wanted, Unavailable> {
    let url = address
        .join(path)
        .map_err(|error| Unavailable::Failed(error.to_string()))?;
    Ok(Wanted {
        url,
        accept: "*/*",
        lifetime: LIFETIME,
        limit,
    })
}

/// A checksum as upstream publishes it, in lower case; none when it does not.
async fn checksum(
    service: &Service,
    address: &Url,
    path: &str,
    kind: Checksum,
) -> Result<Option<Arc<String>>, Unavailable> {
    let document = wanted(
        address,
        &format!("{path}.{}", kind.extension()),
        LARGEST_CHECKSUM,
    )?;
    let read = |bytes: &[u8]| -> Result<String, Invalid> {
        let text = String::from_utf8_lossy(bytes);
        Ok(text
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase())
    };
    service.upstream.document(document, read).await
}

/// The connections that a file of a version may come from: of a version that is stored only the
/// one it came from (guide, "Checking asset origins").
fn sources<'a>(view: &'a PackageView, version: &str) -> impl Iterator<Item = &'a Connected> {
    let origin = view
        .versions
        .iter()
        .find(|found| found.version == version)
        .map(|found| &found.origin);
    view.connections
        .iter()
        .filter(move |connected| match origin {
            None => true,
            Some(Origin::External { connection }) => *connection == connected.connection,
            Some(Origin::Internal { .. }) => false,
        })
}

/// A file's checksum as the first connection has it.
pub(super) async fn offered_checksum(
    service: &Service,
    view: &PackageView,
    module: &Module,
    (version, file): (&str, &str),
    kind: Checksum,
) -> Handled<Option<String>> {
    for connected in sources(view, version) {
        let address = service.address(connected).await?;
        let path = format!("{}{version}/{file}", module.folder());
        if let Some(found) = checksum(service, &address, &path, kind).await? {
            return Ok(Some(found.to_string()));
        }
    }
    Ok(None)
}

/// Brings a file in from the first connection that has it; and with the first file of a version
/// those that most versions have.
pub(super) async fn ingest(
    service: &Service,
    endpoint: &Endpoint,
    view: &PackageView,
    module: &Module,
    version: &str,
    file: &str,
) -> Handled<Outcome> {
    for connected in sources(view, version) {
        let address = service.address(connected).await?;
        let path = format!("{}{version}/{file}", module.folder());
        let promised = checksum(service, &address, &path, Checksum::Sha1).await?;
        let place = (module, version, file);
        match bring(service, endpoint, connected, place, promised).await? {
            Outcome::Missing => {}
            brought => {
                if view.versions.iter().all(|found| found.version != version) {
                    let name = format!("maven {:?} {} {version}", endpoint.repository, module.id());
                    let siblings = bring_siblings(
                        service.clone(),
                        endpoint.clone(),
                        connected.clone(),
                        module.clone(),
                        version.to_string(),
                        file.to_string(),
                    );
                    service.ingestion.later(name, Box::pin(siblings));
                }
                return Ok(brought);
            }
        }
    }
    Ok(Outcome::Missing)
}

/// Brings in the other files that a version is likely to have (guide, "Importing standard asset
/// names"), while the client goes on with the one it asked for. One that fails is asked for again
/// when a client wants it.
async fn bring_siblings(
    service: Service,
    endpoint: Endpoint,
    connected: Connected,
    module: Module,
    version: String,
    asked: String,
) {
    let Ok(address) = service.address(&connected).await else {
        return;
    };
    let stem = format!("{}-{version}", module.artifact);
    for ending in STANDARD_ENDINGS {
        let file = format!("{stem}{ending}");
        if file == asked {
            continue;
        }
        let path = format!("{}{version}/{file}", module.folder());
        // Its checksum is a small question for whether it is there.
        if let Ok(Some(promised)) = checksum(&service, &address, &path, Checksum::Sha1).await {
            let place = (&module, version.as_str(), file.as_str());
            let _ = bring(&service, &endpoint, &connected, place, Some(promised)).await;
        }
    }
}

async fn bring(
    service: &Service,
    endpoint: &Endpoint,
    connected: &Connected,
    (module, version, file): (&Module, &str, &str),
    promised: Option<Arc<String>>,
) -> Handled<Outcome> {
    let url = service
        .address(connected)
        .await?
        .join(&format!("{}{version}/{file}", module.folder()))
        .map_err(|error| Unavailable::Failed(error.to_string()))?;
    let (of, wanted) = (module.clone(), version.to_string());
    let job = Job {
        caller: endpoint.caller.clone(),
        asked: endpoint.repository.clone(),
        connected: connected.clone(),
        package: module.id(),
        version: version.to_string(),
        asset: file.to_string(),
        url,
        accept: Box::new(move |staged| accept(&of, wanted, staged, promised.as_deref())),
    };
    Ok(service.ingestion.asset(job).await?)
}

/// Judges a file that has arrived, and puts together what is stored of it.
fn accept(
    module: &Module,
    version: String,
    staged: StagedAsset,
    promised: Option<&String>,
) -> Result<Upload, String> {
    if promised.is_some_and(|promised| *promised != hex::encode(staged.blob.hashes.sha1)) {
        return Err("the file's SHA-1 is not the one that the upstream gives".to_string());
    }
    // An odd POM only has less to say.
    let pom = read_pom(&staged).ok().flatten();
    Ok(Upload {
        package: module.id(),
        version,
        assets: vec![staged],
        facts: pom.as_ref().map(pom::facts),
        document: None,
        join: None,
        status: Status::Published,
        tags: Vec::new(),
    })
}

/// The POM that was received; none when the file is another one.
///
/// # Errors
/// A sentence when it cannot be read.
pub(super) fn read_pom(
    staged: &StagedAsset,
) -> Result<Option<crate::local::formats::xml::Element>, Invalid> {
    let is_pom = std::path::Path::new(&staged.name)
        .extension()
        .is_some_and(|extension| extension == "pom");
    if !is_pom {
        return Ok(None);
    }
    let unreadable = |error: std::io::Error| Invalid::new(error.to_string());
    let mut file = std::fs::File::open(staged.blob.path()).map_err(unreadable)?;
    let bytes = crate::local::formats::archive::read_at_most(&mut file, LARGEST_POM)?;
    pom::parse(&bytes).map(Some)
}
