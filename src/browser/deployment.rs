//! A look at the host that serves the page, as far as a page can have one. Nothing here touches the
//! session: the requests are the page's own, without a token, and their answers are kept nowhere.

use super::{clock, config_file, deadline::Deadline, document, key_set, location};
use crate::{
    clock::Deviation,
    config::Config,
    deployment::{Answer, Clocks, Seen, origins},
    jose::JwkSet,
    session::KeySetFailure,
    web_url::WebUrl,
};
use gloo_net::http::{Method, RequestBuilder};
use web_sys::{ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect};

const DEADLINE_MILLIS: u32 = 10_000;
/// A route that is no file.
const ROUTE: &str = "connection";

/// Asks for everything, one after the other.
pub async fn look(config: Option<&Config>) -> Seen {
    let base = location::base_url();
    let callback = config.map_or_else(
        || Config::default_redirect_uri(&base),
        |config| config.client.redirect_uri.clone(),
    );
    let hashed = match document::webassembly() {
        // It is large, and here already: its headers are enough.
        Some(path) => ask(Method::HEAD, &path).await,
        None => None,
    };
    Seen {
        document: ask(Method::GET, &base).await,
        meta_policy: document::meta_policy(),
        route: ask(Method::GET, &format!("{base}{ROUTE}")).await,
        callback: ask(Method::GET, &callback).await,
        config: ask(Method::GET, &config_file::url()).await,
        hashed,
        origins: config.map_or_else(Vec::new, |config| origins(config, &base)),
        keys: match config {
            Some(config) => Some(keys(&config.jwks_uri).await),
            None => None,
        },
        is_loopback: WebUrl::parse(&base).is_some_and(|url| url.is_loopback()),
        clocks: match (clock::is_certain(), clock::deviation()) {
            (false, _) => Clocks::Unknown,
            (true, None) => Clocks::Agree,
            (true, Some(Deviation::Computer(seconds) | Deviation::Host(seconds))) => {
                Clocks::Apart(seconds)
            }
        },
    }
}

/// The head of an answer of the page's own host; a redirect is none.
async fn ask(method: Method, url: &str) -> Option<Answer> {
    let deadline = Deadline::after_millis(DEADLINE_MILLIS);
    let response = RequestBuilder::new(url)
        .method(method)
        .abort_signal(deadline.signal().as_ref())
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::SameOrigin)
        .redirect(RequestRedirect::Manual)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .send()
        .await
        .ok()?;
    Some(Answer {
        status: response.status(),
        headers: response.headers().entries().collect(),
    })
}

async fn keys(jwks_uri: &str) -> Result<(), &'static str> {
    let fetched = key_set::fetch(jwks_uri).await;
    let set = fetched.and_then(|(text, _)| JwkSet::parse(&text).map_err(KeySetFailure::Document));
    set.map(|_| ()).map_err(|failure| failure.code())
}
