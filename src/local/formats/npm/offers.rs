//! What the external connections of a repository offer of a package, and its way in.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::index::Form;
use super::name::PackageName;
use super::packument::{Upstream, UpstreamVersion};
use super::{ASSET, manifest, tarball};
use crate::local::endpoint::Endpoint;
use crate::local::formats::Service;
use crate::local::formats::offers;
use crate::local::formats::problem::Handled;
use crate::local::ingestion::{Job, Outcome};
use crate::local::registry::lookup::{Connected, PackageView};
use crate::local::registry::publish::{StagedAsset, Upload};
use crate::local::registry::{PackageId, Status};
use crate::local::upstream::{Unavailable, Wanted};

/// Guide, "Availability of new package versions".
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// The most bytes a packument may have; the largest public ones have some forty million.
const LARGEST: usize = 128 << 20;

/// What one connection offers.
pub(super) type Offer = (Connected, Arc<Upstream>);

/// The packuments that can be had.
pub(super) type Offers = offers::Offers<Arc<Upstream>>;

impl Offers {
    /// The first offer of a version, in search order.
    pub(super) fn version(&self, version: &str) -> Option<(&Offer, &UpstreamVersion)> {
        self.found.iter().find_map(|offer| {
            let (_, package) = offer;
            Some((offer, package.version(version)?))
        })
    }
}

/// Asks the connections that a package may come from.
pub(super) async fn ask(
    service: &Service,
    view: &PackageView,
    package: &PackageName,
    form: Form,
) -> Offers {
    let mut offers = Offers::default();
    for connected in &view.connections {
        offers.take(
            connected,
            packument(service, connected, package, form).await,
        );
    }
    offers
}

async fn packument(
    service: &Service,
    connected: &Connected,
    package: &PackageName,
    form: Form,
) -> Result<Option<Arc<Upstream>>, Unavailable> {
    let address = service.address(connected).await?;
    let url = address
        .join(&package.in_path())
        .map_err(|error| Unavailable::Failed(error.to_string()))?;
    let wanted = Wanted {
        url,
        accept: match form {
            Form::Full => "application/json",
            Form::Abbreviated => {
                "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"
            }
        },
        lifetime: LIFETIME,
        limit: LARGEST,
    };
    let package = package.clone();
    service
        .upstream
        .document(wanted, move |text| Upstream::parse(text, &package))
        .await
}

/// Brings a version's tarball in.
pub(super) async fn ingest(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageName,
    (connected, offered): &Offer,
    version: &UpstreamVersion,
) -> Handled<Outcome> {
    let address = service.address(connected).await?;
    // Relative in some registries.
    let url = address.join(&version.tarball).map_err(|_| {
        Unavailable::Failed("the upstream gives no address for the tarball".to_string())
    })?;
    let (of, from, wanted) = (
        package.clone(),
        Arc::clone(offered),
        version.version.clone(),
    );
    let job = Job {
        caller: endpoint.caller.clone(),
        asked: endpoint.repository.clone(),
        connected: connected.clone(),
        package: id(package),
        version: version.version.clone(),
        asset: ASSET.to_string(),
        url,
        accept: Box::new(move |staged| match from.version(&wanted) {
            Some(version) => accept(&of, version, staged),
            None => Err("the version is gone".to_string()),
        }),
    };
    Ok(service.ingestion.asset(job).await?)
}

/// Judges a tarball that has arrived, and puts together what is stored of it.
fn accept(
    package: &PackageName,
    version: &UpstreamVersion,
    staged: StagedAsset,
) -> Result<Upload, String> {
    let hashes = staged.blob.hashes.clone();
    if !version.integrity.matches(&hashes) {
        return Err("the tarball's hash is not the one that the upstream gives".to_string());
    }
    let file = std::fs::File::open(staged.blob.path()).map_err(|error| error.to_string())?;
    // The packument is what clients resolve by. An odd tarball only has less to say.
    let contents =
        tarball::read(std::io::BufReader::new(file), staged.blob.size).unwrap_or_default();
    let mut merged = contents.manifest;
    let offered: Map<String, Value> =
        serde_json::from_str(&version.document).map_err(|error| error.to_string())?;
    merged.extend(offered);
    if contents.has_shrinkwrap {
        merged.insert("_hasShrinkwrap".to_string(), Value::Bool(true));
    }
    Ok(Upload {
        package: id(package),
        version: version.version.clone(),
        facts: Some(manifest::facts(&merged, package.bare(), contents.readme)),
        document: Some(manifest::stored(
            merged,
            package.as_str(),
            &version.version,
            &hashes,
        )),
        assets: vec![staged],
        join: None,
        status: Status::Published,
        tags: Vec::new(),
    })
}

/// The registry's name for the package.
pub(super) fn id(package: &PackageName) -> PackageId {
    PackageId::new(
        crate::local::registry::Format::Npm,
        package.scope(),
        package.bare(),
    )
}
