//! What the external connections of a repository offer of a project, and its way in.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::filename::{self, id};
use super::index::{self, About, File, Files};
use super::metadata::{self, Metadata};
use crate::local::endpoint::Endpoint;
use crate::local::formats::offers;
use crate::local::formats::problem::Handled;
use crate::local::formats::{Invalid, Service};
use crate::local::ingestion::{Job, Outcome};
use crate::local::registry::Status;
use crate::local::registry::lookup::{Connected, PackageView};
use crate::local::registry::publish::{StagedAsset, Upload};
use crate::local::upstream::{Unavailable, Wanted};

/// Guide, "Availability of new package versions".
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// The most bytes an index may have.
const LARGEST_INDEX: usize = 64 << 20;

/// The most bytes that a metadata document may have.
const LARGEST_METADATA: usize = 8 << 20;

/// The files of a project that can be had.
pub(super) type Offers = offers::Offers<Arc<Vec<File>>>;

impl Offers {
    /// The files that are offered, each name from the first who offers it.
    pub(super) fn files(&self) -> impl Iterator<Item = (&Connected, &File)> {
        self.found
            .iter()
            .flat_map(|(connected, files)| files.iter().map(move |file| (connected, file)))
    }

    /// The first offer of a file.
    pub(super) fn file(&self, name: &str) -> Option<(&Connected, &File)> {
        self.files().find(|(_, file)| file.name == name)
    }

    /// The first connection that offers a version.
    pub(super) fn offering(&self, version: &str) -> Option<&Connected> {
        let mut files = self.files();
        let (connected, _) = files.find(|(_, file)| file.version == version)?;
        Some(connected)
    }
}

/// Asks the connections that a project may come from.
pub(super) async fn ask(service: &Service, view: &PackageView, project: &str) -> Offers {
    let mut offers = Offers::default();
    for connected in &view.connections {
        offers.take(connected, index(service, connected, project).await);
    }
    offers
}

async fn index(
    service: &Service,
    connected: &Connected,
    project: &str,
) -> Result<Option<Arc<Vec<File>>>, Unavailable> {
    let project = filename::normalized(project);
    let address = service.address(connected).await?;
    let url = address
        .join(&format!("{project}/"))
        .map_err(|error| Unavailable::Failed(error.to_string()))?;
    let wanted = Wanted {
        url: url.clone(),
        accept: "application/vnd.pypi.simple.v1+json, text/html; q=0.5",
        lifetime: LIFETIME,
        limit: LARGEST_INDEX,
    };
    service
        .upstream
        .document(wanted, move |text| index::parse(text, &url, &project))
        .await
}

/// The metadata of an offered file by itself; none when upstream does not have it.
pub(super) async fn metadata(service: &Service, file: &File) -> Handled<Option<Arc<Vec<u8>>>> {
    let Some(expected) = file.about.metadata_sha256.clone() else {
        return Ok(None);
    };
    let url = url::Url::parse(&format!("{}.metadata", file.url))
        .map_err(|_| Invalid::new("no address"))?;
    let wanted = Wanted {
        url,
        accept: "*/*",
        lifetime: LIFETIME,
        limit: LARGEST_METADATA,
    };
    let fetched = service.upstream.document(wanted, move |bytes| {
        if hex::encode(Sha256::digest(bytes)) == expected {
            Ok(bytes.to_vec())
        } else {
            Err(Invalid::new(
                "the hash of the upstream's metadata is not the one in its index",
            ))
        }
    });
    Ok(fetched.await?)
}

/// Brings a file in.
pub(super) async fn ingest(
    service: &Service,
    endpoint: &Endpoint,
    project: &str,
    connected: &Connected,
    file: &File,
) -> Handled<Outcome> {
    let url = url::Url::parse(&file.url).map_err(|_| Invalid::new("no address"))?;
    let (project, file) = (filename::normalized(project), file.clone());
    let job = Job {
        caller: endpoint.caller.clone(),
        asked: endpoint.repository.clone(),
        connected: connected.clone(),
        package: id(&project),
        version: file.version.clone(),
        asset: file.name.clone(),
        url,
        accept: Box::new(move |staged| accept(&project, &file, staged)),
    };
    Ok(service.ingestion.asset(job).await?)
}

/// Brings the other files of a version in, in the background (guide, "Requesting Python packages
/// from upstreams and external connections").
pub(super) fn follow(
    service: &Service,
    endpoint: &Endpoint,
    project: &str,
    version: &str,
    offers: &Offers,
    is_stored: impl Fn(&str) -> bool,
) {
    let others = offers
        .files()
        .filter(|(_, file)| file.version == version && !is_stored(&file.name));
    for (connected, file) in others {
        let name = format!("pypi {:?} {}", endpoint.repository, file.name);
        let (own, endpoint) = (service.clone(), endpoint.clone());
        let (project, connected, file) = (project.to_string(), connected.clone(), file.clone());
        let work = async move {
            // Whatever goes wrong is in the log, and told when a client asks.
            let _ = ingest(&own, &endpoint, &project, &connected, &file).await;
        };
        service.ingestion.later(name, Box::pin(work));
    }
}

/// Judges a file that has arrived, and puts together what is stored of it.
fn accept(project: &str, file: &File, staged: StagedAsset) -> Result<Upload, String> {
    let sha256 = hex::encode(staged.blob.hashes.sha256);
    if file
        .sha256
        .as_ref()
        .is_some_and(|promised| *promised != sha256)
    {
        return Err("the file's hash is not the one in the upstream's index".to_string());
    }
    // The index is what clients go by. An odd archive only has less to say.
    let metadata = look_into(project, &staged).unwrap_or_default();
    let about = About {
        metadata_sha256: metadata
            .as_deref()
            .and_then(|metadata| metadata_sha256(&file.name, metadata)),
        ..file.about.clone()
    };
    Ok(Upload {
        package: id(project),
        version: file.version.clone(),
        facts: metadata.map(|metadata| Metadata::parse(&metadata).facts()),
        document: Some(
            Files {
                files: [(file.name.clone(), about)].into(),
            }
            .render(),
        ),
        assets: vec![staged],
        join: Some(index::join),
        status: Status::Published,
        tags: Vec::new(),
    })
}

/// The metadata inside a file that was received.
///
/// # Errors
/// A sentence when it cannot be looked into.
pub(super) fn look_into(project: &str, staged: &StagedAsset) -> Result<Option<Vec<u8>>, Invalid> {
    let (_, kind) = filename::parse(&staged.name, project)
        .ok_or_else(|| Invalid::new("not a file of the project"))?;
    let file =
        std::fs::File::open(staged.blob.path()).map_err(|error| Invalid::new(error.to_string()))?;
    metadata::read(kind, std::io::BufReader::new(file), staged.blob.size)
}

/// The SHA-256 under which a wheel's metadata is offered by itself.
pub(super) fn metadata_sha256(file: &str, metadata: &[u8]) -> Option<String> {
    file.ends_with(".whl")
        .then(|| hex::encode(Sha256::digest(metadata)))
}
