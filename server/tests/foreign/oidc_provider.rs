//! [`oidc-provider`](https://github.com/panva/node-oidc-provider), in the version of the lock file.

use reqwest::{
    Client, StatusCode,
    header::{COOKIE, LOCATION, SET_COOKIE},
    redirect::Policy,
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

const FILES: [&str; 3] = ["package.json", "package-lock.json", "server.mjs"];
/// Navigations from the authorization request to the response.
const MOST_REDIRECTS: usize = 8;

/// The running authorization server, with its API. It ends with this value, or this process.
pub(crate) struct Provider {
    node: Child,
    pub(crate) origin: String,
}

impl Provider {
    /// `None`, and a word about it, if it cannot be installed.
    pub(crate) fn start(
        client_id: &str,
        client_secret: &str,
        redirect_uri: &str,
        rotates: bool,
    ) -> Option<Self> {
        static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
        let folder = FOLDER.get_or_init(install);
        if folder.is_none() {
            assert!(env::var_os("CC_CONNECT_REQUIRE_ALL").is_none());
        }
        let settings = json!({
            "client_id": client_id,
            "client_secret": client_secret,
            "redirect_uri": redirect_uri,
            "rotates": rotates,
        });
        let mut node = Command::new("node")
            .args(["server.mjs", &settings.to_string()])
            .current_dir(folder.as_ref()?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("npm has been run, so there is a node");
        let output = node.stdout.take().expect("it is piped");
        let origin = BufReader::new(output).lines().next();
        let origin = origin.expect("it listens").expect("a line");
        Some(Self { node, origin })
    }

    /// Goes where the server sends a browser. Returns the address that it comes back to.
    pub(crate) async fn authorize(&self, uri: &str, redirect_uri: &str) -> String {
        let http = Client::builder().redirect(Policy::none()).no_proxy();
        let http = http.build().expect("a client");
        let mut cookies = BTreeMap::new();
        let mut next = uri.to_owned();
        for _ in 0..MOST_REDIRECTS {
            let pairs: Vec<_> = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let request = http.get(&next).header(COOKIE, pairs.join("; "));
            let response = request.send().await.expect("a response");
            for cookie in response.headers().get_all(SET_COOKIE) {
                let cookie = cookie.to_str().expect("ASCII");
                let (name, rest) = cookie.split_once('=').expect("a value");
                let value = rest.split(';').next().unwrap_or_default();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            assert_eq!(response.status(), StatusCode::SEE_OTHER, "{next}");
            let location = response.headers()[LOCATION].to_str().expect("ASCII");
            if location.starts_with(redirect_uri) {
                return location.to_owned();
            }
            next = match location.starts_with('/') {
                true => format!("{}{location}", self.origin),
                false => location.to_owned(),
            };
        }
        panic!("too many redirects: {next}");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

/// Installs it below `target`, once for each lock file.
fn install() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign/oidc-provider");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc-provider");
    let lock = |folder: &Path| fs::read(folder.join("node_modules/.for")).ok();
    let wanted = fs::read(source.join("package-lock.json")).ok();
    fs::create_dir_all(&folder).expect("the folder can be made");
    for file in FILES {
        fs::copy(source.join(file), folder.join(file)).expect("it can be copied");
    }
    if lock(&folder) == wanted {
        return Some(folder);
    }
    let installed = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&folder)
        .output();
    let is_installed = installed.is_ok_and(|output| output.status.success());
    if !is_installed {
        eprintln!("skipped: npm is missing, or cannot install oidc-provider");
        return None;
    }
    let marker = folder.join("node_modules/.for");
    fs::write(marker, wanted?).expect("it can be written");
    Some(folder)
}
