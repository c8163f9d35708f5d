//! All requests of the doctor; the findings are derived later.

use anyhow::{Context, Result, bail};
use cc_connect_hosting::{
    Base, CALLBACK, Document, Files, Host, ROUTES, Settings, Site, is_hashed, with_hash,
};
use url::Url;

use super::client::{Client, Fetched, Response};

/// No build has a file of this hash.
const NOBODYS_HASH: &str = "0000000000000000";

/// The deployment to examine, and how strictly.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The app's address, with a slash at the end.
    pub(crate) url: Url,
    pub(crate) base: Base,
    /// Whether it has to be https: everywhere but on this machine.
    pub(crate) public: bool,
    /// The same address over plain http, where https is required.
    pub(crate) plain: Option<Url>,
}

impl Place {
    /// Reads what a user typed.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut url = Url::parse(text).with_context(|| {
            format!("{text:?} is not the address of a page, such as https://connect.example.com/")
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            bail!("{text:?} is not the address of a page: it has to begin with https://");
        }
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            // A user copies the address of a page of the app, or leaves out the last slash.
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        let base = url.path().parse()?;
        let public = !is_loopback(&url);
        let plain = (public && url.scheme() == "https").then(|| {
            let mut plain = url.clone();
            // These cannot fail for a URL with a host.
            let _ = plain.set_port(None);
            let _ = plain.set_scheme("http");
            plain
        });
        Ok(Self {
            url,
            base,
            public,
            plain,
        })
    }

    /// The address of `name`, which is relative to the base.
    pub(crate) fn join(&self, name: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&self.base.join(name));
        url
    }

    /// `https://connect.example.com`
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A file that a first visit loads.
#[derive(Clone, Debug)]
pub(crate) struct Asset {
    /// As named in the document.
    pub(crate) named: String,
    pub(crate) path: String,
    pub(crate) fetched: Fetched,
}

impl Asset {
    pub(crate) fn extension(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }
}

/// The responses of a deployment.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) place: Place,
    pub(crate) index: Response,
    pub(crate) document: Document,
    /// The routes of the app besides the base.
    pub(crate) routes: Vec<(Url, Fetched)>,
    /// The redirection endpoint, without and with a query.
    pub(crate) callbacks: Vec<(Url, Fetched)>,
    pub(crate) config: Fetched,
    /// The contents of `config.json`, if valid.
    pub(crate) settings: Option<Settings>,
    pub(crate) assets: Vec<Asset>,
    /// For each hashed file of a first visit, a request with another hash that does not exist.
    pub(crate) missing: Vec<Fetched>,
    pub(crate) keys: Option<Fetched>,
    /// The response over plain http, if that is checked.
    pub(crate) plain: Option<Fetched>,
}

impl Seen {
    /// Requests everything; an error if not even the document's address responds.
    pub(crate) fn fetch(client: &Client, place: Place) -> Result<Self> {
        let index = client
            .plain(&place.url)
            .map_err(|problem| anyhow::anyhow!("{} does not respond: {problem}", place.url))?;
        let document = Document::parse(&index.text());
        let config = client.plain(&place.join("config.json"));
        let settings = config
            .as_ref()
            .ok()
            .filter(|response| response.is_ok())
            .and_then(|response| Settings::parse(&response.text()).ok());
        let fetched = |url: Url| {
            let response = client.plain(&url);
            (url, response)
        };
        let routes = ROUTES.map(|route| fetched(place.join(route))).into();
        let callback = settings
            .as_ref()
            .and_then(|settings| settings.redirect_uri.clone())
            .filter(|url| url.origin() == place.url.origin())
            .unwrap_or_else(|| place.join(CALLBACK));
        let mut with_query = callback.clone();
        with_query.set_query(Some("state=doctor"));
        let callbacks = vec![fetched(callback), fetched(with_query)];
        let names = document.assets();
        let assets: Vec<_> = names
            .into_iter()
            .filter_map(|path| {
                let url = place.url.join(path).ok()?;
                Some(Asset {
                    named: path.to_owned(),
                    path: url.path().to_owned(),
                    fetched: client.compressed(&url),
                })
            })
            .collect();
        let missing = assets
            .iter()
            .filter(|asset| is_hashed(&asset.path))
            .filter_map(|asset| with_hash(&asset.path, NOBODYS_HASH))
            .filter_map(|path| place.url.join(&path).ok())
            .map(|url| client.plain(&url))
            .collect();
        let keys = settings.as_ref().map(|settings| {
            let origin = place.origin();
            let headers = [("Origin", origin.as_str()), ("Accept", "application/json")];
            client.get(&settings.jwks_uri, &headers)
        });
        let plain = place.plain.as_ref().map(|url| client.plain(url));
        Ok(Self {
            index,
            document,
            routes,
            callbacks,
            config,
            settings,
            assets,
            missing,
            keys,
            plain,
            place,
        })
    }

    /// The expected serving rules, according to the deployment's own `config.json`.
    pub(crate) fn site(&self) -> Site {
        Site {
            base: self.place.base.clone(),
            settings: self.settings.clone().unwrap_or_default(),
            files: Files::Usual,
        }
    }

    /// Every response of the host itself.
    pub(crate) fn responses(&self) -> impl Iterator<Item = &Response> {
        let assets = self.assets.iter().map(|asset| &asset.fetched);
        self.documents()
            .chain(self.config.iter())
            .chain(assets.filter_map(|fetched| fetched.as_ref().ok()))
    }

    /// The responses that are documents.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Response> {
        let others = self.routes.iter().chain(&self.callbacks);
        [&self.index]
            .into_iter()
            .chain(others.filter_map(|(_, fetched)| fetched.as_ref().ok()))
    }

    /// The host, as far as it can be guessed.
    pub(crate) fn host(&self) -> Option<Host> {
        let headers = &self.index.headers;
        Host::recognize(|name| headers.get(name).and_then(|value| value.to_str().ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_its_user_means_it() {
        let cases = [
            (
                "https://a.example",
                "https://a.example/",
                true,
                Some("http://a.example/"),
            ),
            (
                "https://a.example:8443/app?x#y",
                "https://a.example:8443/app/",
                true,
                Some("http://a.example/app/"),
            ),
            ("http://a.example/", "http://a.example/", true, None),
            (
                "http://localhost:8080/",
                "http://localhost:8080/",
                false,
                None,
            ),
            (
                "http://127.0.0.1:80/app/",
                "http://127.0.0.1/app/",
                false,
                None,
            ),
            ("http://[::1]:8080/", "http://[::1]:8080/", false, None),
        ];
        for (text, url, public, plain) in cases {
            let place = Place::parse(text).expect("it is an address");
            assert_eq!(place.url.as_str(), url);
            assert_eq!(place.public, public, "{text}");
            assert_eq!(place.plain.as_ref().map(Url::as_str), plain, "{text}");
        }
        for text in [
            "a.example",
            "/app/",
            "file:///app/",
            "https://a.example/a%20b/",
        ] {
            assert!(Place::parse(text).is_err(), "{text}");
        }
    }
}
