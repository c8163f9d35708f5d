//! A server on SQLite, the sandbox, and the lines that the server logs.

use crate::browser::Browser;
use cc_connect_sandbox::{Options, Sandbox, start};
use cc_connect_server::{Config, Server};
use std::{
    fs,
    io::Write,
    path::Path,
    sync::{Arc, Mutex, OnceLock},
};
use tempfile::TempDir;
use tracing_subscriber::fmt::MakeWriter;

/// The page's origin. Nothing listens there: tests send to the server's true address.
pub(crate) const ORIGIN: &str = "http://localhost:8080";
pub(crate) const CLIENT_ID: &str = Options::CONFIDENTIAL_CLIENT_ID;
pub(crate) const DOCUMENT: &str = "<!doctype html><title>CC Connect</title>";
pub(crate) const STYLE: &str = "main-0123456789abcdef.css";

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
    pub(crate) config: Config,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    /// With more lines in the configuration.
    pub(crate) async fn with(lines: &str) -> Self {
        Self::at(ORIGIN, lines).await
    }

    /// At another origin.
    pub(crate) async fn at(origin: &str, lines: &str) -> Self {
        log();
        let options = Options {
            port: 0,
            requests_per_second: 0,
            ..Options::default()
        };
        let sandbox = start(options).await.expect("a free port");
        sandbox.register_redirect_uri(CLIENT_ID, &format!("{origin}/callback"));
        let folder = tempfile::tempdir().expect("a folder");
        write_build(&folder.path().join("dist"));
        let secret = sandbox.client_secret(CLIENT_ID).expect("it has a secret");
        let write = |name: &str, text: &str| {
            fs::write(folder.path().join(name), text).expect("it can be written");
        };
        write("secret", &format!("{secret}\n"));
        write("key", &cc_connect_server::config::new_key());
        let database = match lines.contains("database = ") {
            true => "",
            false => "database = \"sqlite:cc.db\"\n",
        };
        let text = format!(
            "origin = \"{origin}\"\nclient_secret_file = \"secret\"\n\
             keys = [{{ id = \"one\", file = \"key\" }}]\ndist = \"dist\"\n\
             {database}listen = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
             {}\n{lines}\n",
            sandbox.config_toml(CLIENT_ID)
        );
        let config = Config::parse(&text, folder.path(), &|_| None);
        let config = config.unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"));
        let server = Server::start(config.clone(), &|_| None).await;
        Self {
            sandbox,
            server: server.unwrap_or_else(|error| panic!("{error}")),
            folder,
            config,
        }
    }

    pub(crate) fn browser(&self) -> Browser {
        let origin = self.config.origin.as_str();
        Browser::new(self.server.address(), origin, self.sandbox.origin())
    }

    /// A browser that is connected.
    pub(crate) async fn connected(&self) -> Browser {
        let mut browser = self.browser();
        browser.connect().await;
        browser
    }

    /// An address of the second listener.
    pub(crate) fn admin(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.admin())
    }
}

fn write_build(dist: &Path) {
    fs::create_dir_all(dist.join("lang")).expect("the folder can be made");
    for (name, bytes) in [
        ("index.html", DOCUMENT.as_bytes()),
        ("index.html.br", b"compressed with brotli"),
        ("index.html.gz", b"compressed with gzip"),
        (STYLE, b"body{}"),
        ("lang/de.json", b"{}"),
        (
            "config.json",
            b"{\"client_id\": \"of a page without a server\"}",
        ),
    ] {
        fs::write(dist.join(name), bytes).expect("it can be written");
    }
}

/// Everything that was logged by this process, by all tests.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("nobody panics")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The log. Every level of every crate is in it, which is more than the program ever logs.
pub(crate) fn log() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let lines = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(log.clone())
            .finish();
        tracing::subscriber::set_global_default(lines).expect("there is none yet");
        log
    })
    .clone()
}
