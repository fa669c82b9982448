//! What the external connections of a repository offer of a package, and its way in.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use url::Url;

use super::entry::Entry;
use super::index::is_same;
use super::name::{asset, id};
use super::registration::{self, Page, Resources};
use super::upload;
use crate::local::endpoint::Endpoint;
use crate::local::formats::offers::Offers;
use crate::local::formats::problem::Handled;
use crate::local::formats::{Invalid, Service};
use crate::local::ingestion::{Job, Outcome};
use crate::local::registry::lookup::{Connected, PackageView};
use crate::local::registry::publish::{StagedAsset, Upload};
use crate::local::registry::{Format, Status};
use crate::local::upstream::{Unavailable, Wanted};

/// Guide, "Availability of new package versions": up to 30 minutes.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// How long the service index is taken for true.
const INDEX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The most bytes a document may have.
const LARGEST: usize = 64 << 20;

/// How many pages of a registration are fetched at a time.
const ABREAST: usize = 8;

/// The versions of a package as flat containers list them: all that a download needs.
pub(super) type Versions = Offers<Arc<Vec<String>>>;

/// The versions of a package as registrations describe them.
pub(super) type Entries = Offers<Vec<Arc<Vec<Entry>>>>;

impl Versions {
    /// The first offer of a version, and how upstream spells it.
    pub(super) fn version(&self, version: &str) -> Option<(&Connected, &str)> {
        let all = self.found.iter().flat_map(|(connected, versions)| {
            versions
                .iter()
                .map(move |version| (connected, version.as_str()))
        });
        all.into_iter()
            .find(|(_, offered)| is_same(offered, version))
    }

    /// All offered versions.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let lists = self.found.iter().map(|(_, versions)| versions);
        lists.flat_map(|versions| versions.iter().map(String::as_str))
    }
}

impl Entries {
    /// All offered versions.
    pub(super) fn all(&self) -> impl Iterator<Item = &Entry> {
        let pages = self.found.iter().flat_map(|(_, pages)| pages);
        pages.flat_map(|page| page.iter())
    }
}

/// Asks the connections which versions there are.
pub(super) async fn versions(service: &Service, view: &PackageView, package: &str) -> Versions {
    let mut offers = Offers::default();
    for connected in &view.connections {
        let answer = async {
            let address = resources(service, connected).await?;
            let url = join(&address.flat, &format!("{package}/index.json"))?;
            document(service, url, LIFETIME, registration::versions).await
        };
        offers.take(connected, answer.await);
    }
    offers
}

/// Asks the connections what the versions say of themselves.
pub(super) async fn entries(service: &Service, view: &PackageView, package: &str) -> Entries {
    let mut offers = Offers::default();
    for connected in &view.connections {
        offers.take(connected, registrations(service, connected, package).await);
    }
    offers
}

async fn registrations(
    service: &Service,
    connected: &Connected,
    package: &str,
) -> Result<Option<Vec<Arc<Vec<Entry>>>>, Unavailable> {
    let address = resources(service, connected).await?;
    let url = join(&address.registrations, &format!("{package}/index.json"))?;
    let (place, of) = (url.clone(), package.to_string());
    let read = move |bytes: &[u8]| registration::pages(bytes, &place, &of).map(shared);
    let Some(pages) = document(service, url, LIFETIME, read).await? else {
        return Ok(None);
    };
    let fetched = stream::iter(pages.iter().cloned()).map(|page| async {
        match page {
            SharedPage::Here(entries) => Ok(entries),
            SharedPage::There(url) => {
                let of = package.to_string();
                let read = move |bytes: &[u8]| registration::page(bytes, &of);
                let page = document(service, url.clone(), LIFETIME, read).await?;
                page.ok_or_else(|| {
                    Unavailable::Failed(format!(
                        "the upstream lacks a page of the registration of {package}"
                    ))
                })
            }
        }
    });
    fetched.buffered(ABREAST).try_collect().await.map(Some)
}

/// A page as it is kept: handing it on copies nothing.
#[derive(Clone)]
enum SharedPage {
    Here(Arc<Vec<Entry>>),
    There(Url),
}

fn shared(pages: Vec<Page>) -> Vec<SharedPage> {
    let pages = pages.into_iter().map(|page| match page {
        Page::Here(entries) => SharedPage::Here(Arc::new(entries)),
        Page::There(url) => SharedPage::There(url),
    });
    pages.collect()
}

/// Upstream's service index. The connection's address may be that of the index itself, as clients
/// have it, or of the folder that `v3/index.json` is in.
async fn resources(
    service: &Service,
    connected: &Connected,
) -> Result<Arc<Resources>, Unavailable> {
    let address = service.address(connected).await?;
    let url = match address.as_str().strip_suffix(".json/") {
        Some(index) => join(&address, &format!("{index}.json"))?,
        None => join(&address, "v3/index.json")?,
    };
    let place = url.clone();
    let read = move |bytes: &[u8]| registration::resources(bytes, &place);
    let found = document(service, url, INDEX_LIFETIME, read).await?;
    found.ok_or_else(|| Unavailable::Failed("the upstream has no service index".to_string()))
}

async fn document<T: Send + Sync + 'static>(
    service: &Service,
    url: Url,
    lifetime: Duration,
    parse: impl FnOnce(&[u8]) -> Result<T, Invalid> + Send + 'static,
) -> Result<Option<Arc<T>>, Unavailable> {
    let wanted = Wanted {
        url,
        accept: "application/json, */*",
        lifetime,
        limit: LARGEST,
    };
    service.upstream.document(wanted, parse).await
}

fn join(address: &Url, path: &str) -> Result<Url, Unavailable> {
    address
        .join(path)
        .map_err(|error| Unavailable::Failed(error.to_string()))
}

/// The folder of a version in upstream's flat container, as a URL.
async fn folder(
    service: &Service,
    connected: &Connected,
    package: &str,
    offered: &str,
) -> Result<Url, Unavailable> {
    let address = resources(service, connected).await?;
    let version = Format::Nuget.normalize_version(offered).to_lowercase();
    join(&address.flat, &format!("{package}/{version}/"))
}

/// The nuspec of an offered version.
pub(super) async fn nuspec(
    service: &Service,
    connected: &Connected,
    package: &str,
    offered: &str,
) -> Handled<Option<Arc<Vec<u8>>>> {
    let folder = folder(service, connected, package, offered).await?;
    let url = join(&folder, &format!("{package}.nuspec"))?;
    let read = |bytes: &[u8]| Ok(bytes.to_vec());
    Ok(document(service, url, LIFETIME, read).await?)
}

/// Brings a package in.
pub(super) async fn ingest(
    service: &Service,
    endpoint: &Endpoint,
    connected: &Connected,
    package: &str,
    offered: &str,
) -> Handled<Outcome> {
    let folder = folder(service, connected, package, offered).await?;
    let version = Format::Nuget.normalize_version(offered);
    let file = asset(package, &version);
    let url = join(&folder, &file)?;
    let of = package.to_string();
    let job = Job {
        caller: endpoint.caller.clone(),
        asked: endpoint.repository.clone(),
        connected: connected.clone(),
        package: id(package),
        version: version.clone(),
        asset: file,
        url,
        accept: Box::new(move |staged| accept(&of, &version, staged)),
    };
    Ok(service.ingestion.asset(job).await?)
}

/// Judges a package that has arrived, and puts together what is stored of it.
fn accept(package: &str, version: &str, staged: StagedAsset) -> Result<Upload, String> {
    let file = std::fs::File::open(staged.blob.path()).map_err(|error| error.to_string())?;
    let contents = upload::look_into(std::io::BufReader::new(file), staged.blob.size)
        .map_err(|refusal| refusal.to_string())?;
    if !contents.id.eq_ignore_ascii_case(package) || !is_same(&contents.version, version) {
        return Err(format!(
            "the package is {} {}, not {package} {version}",
            contents.id, contents.version
        ));
    }
    Ok(Upload {
        package: id(package),
        // As its author writes it: in the flat container all is in lower case.
        version: contents.version,
        assets: vec![staged],
        facts: Some(contents.facts),
        document: Some(contents.document),
        join: None,
        status: Status::Published,
        tags: Vec::new(),
    })
}
