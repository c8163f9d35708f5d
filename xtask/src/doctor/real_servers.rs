//! The files for nginx, Caddy and Apache, read by these servers themselves: a build behind each of
//! them on a port of this machine, under `/` and under `/app/`, and the doctor has nothing to say.
//!
//! The servers are not everywhere, so that these tests are asked for by name:
//! `cargo test -p xtask -- --ignored real_servers`, as `cargo xtask test` does where it has them. They
//! fail where a server is missing. On Debian: `apt-get install nginx-light caddy apache2`. With
//! `CC_CONNECT_DIST` and `CC_CONNECT_DIST_APP`, as for the end-to-end tests, it is these builds that are
//! served instead of made-up ones.

use std::fs;
use std::path::{Path, PathBuf};

use cc_connect_hosting::is_hashed;
use cc_connect_servers::{Program, Server, Stage};
use url::Url;

use super::client::Client;
use super::finding::{Finding, Level};
use super::look::{Place, Seen};
use super::test_host::{Asked, KEYS, Reply, TestHost, files};
use crate::build;
use crate::workspace;

/// A build behind a server, with the hosts' files for it.
struct Deployed {
    server: Server,
    _issuer: TestHost,
}

impl Deployed {
    fn by(program: Program, base: &str) -> Self {
        let issuer = TestHost::start("/keys", |_| {
            |_: &Asked| {
                let mut reply = Reply::new(200, "application/json", KEYS);
                reply.set("Access-Control-Allow-Origin", "*");
                reply.set("Cache-Control", "max-age=3600");
                reply.set("Set-Cookie", "a=b");
                reply
            }
        });
        let stage = Stage::new(base.parse().expect("it is a path"));
        let dist = stage.dist();
        match built(base) {
            Some(folder) => stage.put(&folder),
            None => {
                for (name, _, text) in files(base) {
                    fs::write(dist.join(name), text).expect("it can be written");
                }
            }
        }
        let config = format!(
            r#"{{"client_id": "k", "redirect_uri": "http://127.0.0.1:{}{base}callback", "jwks_uri": "{}"}}"#,
            stage.port, issuer.url
        );
        fs::write(dist.join("config.json"), config).expect("it can be written");
        let deploy = stage.path("deploy");
        build::finish(&dist, &deploy, stage.base()).expect("it is a build");
        let file = deploy.join(program.host().folder()).join(program.file());
        let text = fs::read_to_string(file).expect("it was written");
        Self {
            server: stage.start(program, &text),
            _issuer: issuer,
        }
    }

    fn at(&self, port: u16) -> Url {
        let base = self.server.stage.base();
        Url::parse(&format!("http://127.0.0.1:{port}{base}")).expect("it is a URL")
    }

    fn url(&self) -> Url {
        self.at(self.server.stage.port)
    }

    fn place(&self) -> Place {
        Place::parse(self.url().as_str()).expect("it is an address")
    }

    /// The doctor has nothing to say, and some more that a person would not ask about.
    fn assert_right(&self, place: Place, encoding: &str) {
        let stage = &self.server.stage;
        let client = Client::new();
        let seen = Seen::look(&client, place).expect("it answers");
        let mut troubles: Vec<Finding> = super::findings(&seen);
        troubles.retain(|finding| finding.level != Level::Right);
        assert!(troubles.is_empty(), "{troubles:#?}");

        let url = |name: &str| self.url().join(name).expect("it is a path");
        let get = |name: &str| client.plain(&url(name)).expect("it answers");
        let deep = get("no/such/page");
        assert!(deep.is_ok() && deep.body == seen.index.body);
        let missing = get("nothing.txt");
        assert_eq!(missing.status.as_u16(), 404);
        assert_eq!(missing.header("cache-control").as_deref(), Some("no-store"));
        if !stage.base().is_root() {
            let bare = stage.base().as_str().trim_end_matches('/');
            let answer = client.plain(&url(bare)).expect("it answers");
            assert_eq!(answer.status.as_u16(), 301);
            let to = answer.header("location").expect("it says where");
            assert_eq!(url(&to).path(), stage.base().as_str());
        }
        for asset in seen.assets.iter().filter(|asset| is_hashed(&asset.path)) {
            let compressed = asset.fetched.as_ref().expect("it answers");
            let plain = get(&asset.path);
            assert_eq!(plain.header("content-encoding"), None, "{}", asset.path);
            let name = stage.base().strip(&asset.path);
            let name = name.expect("it lies below the base");
            let content = fs::read(stage.dist().join(name)).expect("it can be read");
            assert!(plain.body == content, "{}", asset.path);
            if content.len() > 1_024 {
                assert_eq!(
                    compressed.header("content-encoding").as_deref(),
                    Some(encoding)
                );
                assert!(compressed.content() == Some(content), "{}", asset.path);
                let vary = compressed.header("vary").unwrap_or_default();
                let vary = vary.to_ascii_lowercase();
                assert!(vary.contains("accept-encoding"), "{vary}");
            }
        }
        // What is asked for anew and has not changed keeps its headers.
        let tag = seen.index.header("etag").expect("it has one");
        let again = client
            .get(&self.url(), &[("If-None-Match", &tag)])
            .expect("it answers");
        assert_eq!(again.status.as_u16(), 304);
        assert_eq!(again.header("cache-control").as_deref(), Some("no-cache"));
    }

    /// The issuer's keys come from the page's own origin.
    fn assert_passes_keys_on(&self) {
        let url = self.url().join("keys").expect("it is a path");
        let answer = Client::new().plain(&url).expect("it answers");
        assert!(answer.is_ok(), "{}", answer.status);
        assert_eq!(answer.text(), KEYS);
        assert_eq!(answer.media_type(), "application/json");
    }

    /// They hold for as long as the issuer says, and its cookies stay outside.
    fn assert_passes_keys_on_as_they_are(&self) {
        self.assert_passes_keys_on();
        let url = self.url().join("keys").expect("it is a path");
        let answer = Client::new().plain(&url).expect("it answers");
        assert_eq!(
            answer.header("cache-control").as_deref(),
            Some("max-age=3600")
        );
        assert_eq!(answer.header("set-cookie"), None);
    }
}

/// The release build for this base, if it is named. A relative path is one of the repository's.
fn built(base: &str) -> Option<PathBuf> {
    let variable = if base == "/" {
        "CC_CONNECT_DIST"
    } else {
        "CC_CONNECT_DIST_APP"
    };
    let folder = std::env::var_os(variable)?;
    Some(workspace::root().join(Path::new(&folder)))
}

fn nginx(base: &str, program: Program, encoding: &str) {
    let deployed = Deployed::by(program, base);
    // As if it were on the internet: it is redirected from the other port.
    let place = Place {
        public: true,
        plain: Some(deployed.at(deployed.server.stage.plain_port)),
        ..deployed.place()
    };
    deployed.assert_right(place, encoding);
    deployed.assert_passes_keys_on_as_they_are();
}

#[test]
#[ignore = "takes nginx"]
fn nginx_at_the_root() {
    nginx("/", Program::Nginx, "gzip");
}

#[test]
#[ignore = "takes nginx"]
fn nginx_below_app() {
    nginx("/app/", Program::Nginx, "gzip");
}

#[test]
#[ignore = "takes nginx with its brotli module: libnginx-mod-http-brotli-static"]
fn nginx_with_brotli() {
    nginx("/app/", Program::NginxWithBrotli, "br");
}

fn caddy(base: &str) {
    let deployed = Deployed::by(Program::Caddy, base);
    deployed.assert_right(deployed.place(), "br");
    deployed.assert_passes_keys_on_as_they_are();
}

#[test]
#[ignore = "takes Caddy"]
fn caddy_at_the_root() {
    caddy("/");
}

#[test]
#[ignore = "takes Caddy"]
fn caddy_below_app() {
    caddy("/app/");
}

fn apache(base: &str) {
    let deployed = Deployed::by(Program::Apache, base);
    deployed.assert_right(deployed.place(), "br");
    deployed.assert_passes_keys_on();
}

#[test]
#[ignore = "takes Apache"]
fn apache_at_the_root() {
    apache("/");
}

#[test]
#[ignore = "takes Apache"]
fn apache_below_app() {
    apache("/app/");
}
