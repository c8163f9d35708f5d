//! The application's own server, in this process, with its files in a folder of its own.

use cc_connect_sandbox::Sandbox;
use cc_connect_server::{Config, Server, config};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tempfile::TempDir;

/// A running server on SQLite.
pub struct OwnServer {
    server: Mutex<Option<Server>>,
    config: Config,
    origin: String,
    /// Removed when it is dropped.
    folder: TempDir,
}

impl OwnServer {
    /// Serves the build in `dist` for this application of the sandbox's.
    pub(crate) async fn start(dist: &Path, sandbox: &Sandbox, client_id: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let write = |name: &str, text: &str| {
            fs::write(folder.path().join(name), text).expect("it can be written");
        };
        let secret = sandbox.client_secret(client_id);
        write("secret", &secret.expect("the application has a secret"));
        write("key", &config::new_key());
        let port = free_port();
        let origin = format!("http://localhost:{port}");
        let text = format!(
            "origin = \"{origin}\"\nlisten = \"127.0.0.1:{port}\"\nadmin = \"127.0.0.1:0\"\n\
             client_secret_file = \"secret\"\nkeys = [{{ id = \"one\", file = \"key\" }}]\n\
             database = \"sqlite:cc.db\"\ndist = {:?}\ninbound = {{ per_second = 0 }}\n{}",
            dist.display().to_string(),
            sandbox.config_toml(client_id),
        );
        let config = Config::parse(&text, folder.path(), &|_| None);
        let config = config.unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"));
        let this = Self {
            server: Mutex::default(),
            config,
            origin,
            folder,
        };
        this.start_again().await;
        this
    }

    /// `http://localhost:PORT`
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Stops it: its port refuses connections.
    pub async fn stop(&self) {
        let server = self.server().take();
        server.expect("it runs").stop().await;
    }

    /// Starts it on the same files, as after [`stop`](Self::stop).
    pub async fn start_again(&self) {
        let server = Server::start(self.config.clone(), &|_| None).await;
        *self.server() = Some(server.unwrap_or_else(|error| panic!("{error}")));
    }

    /// Lets time pass for it.
    pub(crate) fn pass(&self, seconds: i64) {
        if let Some(server) = &*self.server() {
            server.pass(seconds);
        }
    }

    /// Everything that it has stored.
    pub fn stored(&self) -> Vec<u8> {
        let files = fs::read_dir(self.folder.path()).expect("the folder is there");
        let files = files.filter_map(Result::ok).map(|file| file.path());
        let of_database = |path: &Path| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().starts_with("cc.db")
        };
        files
            .filter(|path| of_database(path))
            .flat_map(|path| fs::read(path).expect("it can be read"))
            .collect()
    }

    fn server(&self) -> std::sync::MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A port that nobody uses at the moment: the server's origin has to be known before it starts.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("it is bound").port()
}
