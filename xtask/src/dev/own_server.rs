//! The app behind its own server: `cargo xtask dev --server`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use crate::arguments::Dev;
use crate::child::{self, Running};
use crate::workspace;

/// Its settings, secrets and database, which stay from one run to the next.
const FOLDER: &str = "target/dev-server";
/// The sandbox's registration with a secret.
const CLIENT_ID: &str = "b81d4f06-93e7-4a2c-8f5d-60c7e2a91b3f";
/// How long Trunk may take to replace the files of a build.
const SETTLING: Duration = Duration::from_millis(500);

/// Everything the server needs, and when the build that it serves was made.
pub(super) struct OwnServer {
    folder: PathBuf,
    /// The build's folder, from the root.
    dist: &'static str,
    secret: String,
    built: Option<SystemTime>,
}

impl OwnServer {
    /// Builds the server, which is to serve the build in `dist`, and writes its settings and what
    /// secrets are missing.
    pub(super) fn prepare(options: &Dev, dist: &'static str) -> Result<Self> {
        let mut build = server("build");
        child::run(build.args(workspace::locked()))
            .context("the server could not be built; see the errors above")?;
        let folder = workspace::root().join(FOLDER);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        write(&folder.join("server.toml"), &settings(options, dist))?;
        keep_secret(&folder.join("master-key"))?;
        let secret = keep_secret(&folder.join("client-secret"))?;
        Ok(Self {
            folder,
            dist,
            secret: secret.trim().to_owned(),
            built: None,
        })
    }

    /// The secret that the sandbox has to know it by.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// Whether there is another build than the one that it was started with.
    pub(super) fn is_outdated(&self) -> bool {
        built(self.dist).is_some_and(|built| {
            self.built != Some(built) && built.elapsed().is_ok_and(|since| since > SETTLING)
        })
    }

    /// Starts it. It reads the build once, so another build takes another start.
    pub(super) fn start(&mut self) -> Result<Running> {
        self.built = built(self.dist);
        let mut command = server("run");
        command.args(["--quiet", "--", "--config"]);
        command.arg(self.folder.join("server.toml"));
        Running::start("the server", &mut command)
    }
}

fn server(subcommand: &str) -> Command {
    let mut cargo = workspace::cargo(subcommand);
    cargo.args(["--package", "cc-connect-server"]);
    cargo
}

/// When the present build was made.
fn built(dist: &str) -> Option<SystemTime> {
    let document = workspace::root().join(dist).join("index.html");
    fs::metadata(document).ok()?.modified().ok()
}

/// The secret in `file`, made if there is none.
fn keep_secret(file: &Path) -> Result<String> {
    if !file.exists() {
        let key = child::output(server("run").args(["--quiet", "--", "new-key"]));
        write(file, &key.context("the server could make no key")?)?;
    }
    fs::read_to_string(file).with_context(|| file.display().to_string())
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| file.display().to_string())
}

/// The server's configuration: Constant Contact is the sandbox.
fn settings(options: &Dev, dist: &str) -> String {
    let (port, sandbox) = (options.port, options.sandbox_port);
    let sandbox = format!("http://localhost:{sandbox}");
    let issuer = format!("{sandbox}/oauth2/aus1lm3ry9mF7x2Ja0h8");
    format!(
        "origin = \"http://localhost:{port}\"
listen = \"127.0.0.1:{port}\"
admin = \"127.0.0.1:0\"
dist = \"../../{dist}\"
database = \"sqlite:cc.db\"
client_id = \"{CLIENT_ID}\"
client_secret_file = \"client-secret\"
keys = [{{ id = \"dev\", file = \"master-key\" }}]
authorization_endpoint = \"{sandbox}/oauth2/default/v1/authorize\"
token_endpoint = \"{sandbox}/oauth2/default/v1/token\"
issuer = \"{issuer}\"
jwks_uri = \"{issuer}/v1/keys\"
audience = \"{sandbox}/v3\"
api_base_url = \"{sandbox}/v3\"
"
    )
}
