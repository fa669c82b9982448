//! Events, posted to an address as they happen.

use std::time::Duration;

use url::Url;

use super::registry::Registry;
use super::upstream::Log;

/// How often the store is asked for new events.
const PAUSE: Duration = Duration::from_millis(200);
/// How long to wait after an event could not be delivered.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many events are read together.
const BATCH: usize = 100;

/// Posts every event as JSON, in order, each until it is taken, for as long as the service runs.
/// What has been taken is remembered: a service that is started again goes on after it.
pub(super) async fn post_events(registry: Registry, url: Url, log: Log) {
    let Ok(client) = client() else {
        return log("events cannot be posted: there is no HTTP client");
    };
    loop {
        match post_new(&registry, &client, &url).await {
            Ok(0) => tokio::time::sleep(PAUSE).await,
            Ok(_) => {}
            Err(error) => {
                log(&format!(
                    "an event was not taken and is posted again: {error}"
                ));
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

fn client() -> reqwest::Result<reqwest::Client> {
    // Another part of the program may have installed it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

async fn post_new(
    registry: &Registry,
    client: &reqwest::Client,
    url: &Url,
) -> Result<usize, String> {
    let text = |fault: super::registry::Fault| fault.message;
    let posted = registry.posted_events().await.map_err(text)?;
    let events = registry.events(posted, BATCH).await.map_err(text)?;
    for (number, document) in &events {
        client
            .post(url.clone())
            .header("content-type", "application/json")
            .body(document.clone())
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| error.without_url().to_string())?;
        registry.set_posted_events(*number).await.map_err(text)?;
    }
    Ok(events.len())
}
