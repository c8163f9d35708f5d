//! The files for nginx, Caddy and Apache, read by these servers themselves: a build behind each of
//! them on a port of this machine, under `/` and under `/app/`, and the doctor has nothing to say.
//!
//! The servers are not everywhere, so that these tests are asked for by name:
//! `cargo test -p xtask -- --ignored real_servers`. They fail where a server is missing. On Debian:
//! `apt-get install nginx-light caddy apache2`. With `CC_CONNECT_DIST` and `CC_CONNECT_DIST_APP`, as for
//! the end-to-end tests, it is these builds that are served instead of made-up ones.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use cc_connect_hosting::{Base, is_hashed};
use tempfile::TempDir;
use url::Url;

use super::client::{Answer, Client};
use super::finding::{Finding, Level};
use super::look::{Place, Seen};
use super::test_host::{Asked, KEYS, Reply, TestHost, files};
use crate::build;
use crate::child::Running;
use crate::loopback;
use crate::tools::find;

const STARTED: Duration = Duration::from_secs(20);

/// A build that a server can serve, with the hosts' files for it.
struct Stage {
    folder: TempDir,
    base: Base,
    port: u16,
    plain_port: u16,
    _issuer: TestHost,
}

impl Stage {
    fn set(base: &str) -> Self {
        let issuer = TestHost::start("/keys", |_| {
            |_: &Asked| {
                let mut reply = Reply::new(200, "application/json", KEYS);
                reply.set("Access-Control-Allow-Origin", "*");
                reply.set("Cache-Control", "max-age=3600");
                reply.set("Set-Cookie", "a=b");
                reply
            }
        });
        let stage = Self {
            folder: tempfile::tempdir().expect("there is a place for temporary files"),
            base: base.parse().expect("it is a path"),
            port: free_port(),
            plain_port: free_port(),
            _issuer: issuer,
        };
        // The servers' workers are other users.
        let readable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(stage.folder.path(), readable).expect("it is ours");
        let dist = stage.dist();
        fs::create_dir_all(&dist).expect("it can be made");
        match built(base) {
            Some(folder) => copy(&folder, &dist),
            None => {
                for (name, _, text) in files(base) {
                    fs::write(dist.join(name), text).expect("it can be written");
                }
            }
        }
        let config = format!(
            r#"{{"client_id": "k", "redirect_uri": "http://127.0.0.1:{}{base}callback", "jwks_uri": "{}"}}"#,
            stage.port, stage._issuer.url
        );
        fs::write(dist.join("config.json"), config).expect("it can be written");
        build::finish(&dist, &stage.path("deploy"), &stage.base).expect("it is a build");
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder that the server serves.
    fn root(&self) -> PathBuf {
        self.path("root")
    }

    /// The folder of the build in it.
    fn dist(&self) -> PathBuf {
        self.root().join(self.base.folder())
    }

    /// A file of the hosts'.
    fn deployed(&self, name: &str) -> String {
        fs::read_to_string(self.path("deploy").join(name)).expect("it was written")
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("it can be written");
        path
    }

    fn url(&self) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}{}", self.port, self.base)).expect("it is a URL")
    }

    fn place(&self) -> Place {
        Place::parse(self.url().as_str()).expect("it is an address")
    }

    /// Starts a server and waits until it answers.
    fn start(&self, name: &'static str, command: &mut Command) -> Running {
        let log = fs::File::create(self.path("log")).expect("it can be made");
        command
            .env("HOME", self.folder.path())
            .env("XDG_DATA_HOME", self.folder.path())
            .env("XDG_CONFIG_HOME", self.folder.path())
            .stdout(Stdio::null())
            .stderr(log);
        let mut running = Running::start(name, command).expect("it starts");
        let since = Instant::now();
        while loopback::status(self.port).is_none() {
            let ended = running.status().expect("it can be asked");
            let log = || fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(ended.is_none(), "{name} ended: {}", log());
            assert!(
                since.elapsed() < STARTED,
                "{name} does not answer: {}",
                log()
            );
            sleep(Duration::from_millis(50));
        }
        running
    }

    /// The doctor has nothing to say, and some more that a person would not ask about.
    fn assert_right(&self, place: Place, encoding: &str) {
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
        if !self.base.is_root() {
            let bare = self.base.as_str().trim_end_matches('/');
            let answer = client.plain(&url(bare)).expect("it answers");
            assert_eq!(answer.status.as_u16(), 301);
            let to = answer.header("location").expect("it says where");
            assert_eq!(url(&to).path(), self.base.as_str());
        }
        for asset in seen.assets.iter().filter(|asset| is_hashed(&asset.path)) {
            let compressed = asset.fetched.as_ref().expect("it answers");
            let plain = get(&asset.path);
            assert_eq!(plain.header("content-encoding"), None, "{}", asset.path);
            let name = self
                .base
                .strip(&asset.path)
                .expect("it lies below the base");
            let content = fs::read(self.dist().join(name)).expect("it can be read");
            assert!(plain.body == content, "{}", asset.path);
            if content.len() > 1_024 {
                assert_eq!(
                    compressed.header("content-encoding").as_deref(),
                    Some(encoding)
                );
                assert!(decoded(compressed) == content, "{}", asset.path);
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

/// `text` with the part switched on that begins with `start`: its comment marks are taken away, up to the
/// first line without one.
fn switched_on(text: &str, start: &str) -> String {
    let mut inside = false;
    edited(text, |line| {
        let inner = line.trim_start();
        inside = inner.starts_with(start) || (inside && inner.starts_with("# "));
        Some(if inside {
            line.replacen("# ", "", 1)
        } else {
            line.to_owned()
        })
    })
}

fn decoded(answer: &Answer) -> Vec<u8> {
    let mut content = Vec::new();
    let read = match answer.header("content-encoding").as_deref() {
        Some("br") => brotli::BrotliDecompress(&mut answer.body.as_slice(), &mut content).is_ok(),
        Some("gzip") => flate2::read::GzDecoder::new(answer.body.as_slice())
            .read_to_end(&mut content)
            .is_ok(),
        _ => false,
    };
    assert!(read, "{} is not what it says", answer.url);
    content
}

/// The release build for this base, if it is named.
fn built(base: &str) -> Option<PathBuf> {
    let variable = if base == "/" {
        "CC_CONNECT_DIST"
    } else {
        "CC_CONNECT_DIST_APP"
    };
    Some(PathBuf::from(std::env::var_os(variable)?))
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("it is there") {
        let path = entry.expect("it can be read").path();
        let to = to.join(path.file_name().unwrap_or(OsStr::new("")));
        if path.is_dir() {
            fs::create_dir_all(&to).expect("it can be made");
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("it can be copied");
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("it is bound").port()
}

fn need(program: &str, package: &str) -> PathBuf {
    let elsewhere = Path::new("/usr/sbin").join(program);
    find(program)
        .or_else(|| elsewhere.is_file().then_some(elsewhere))
        .unwrap_or_else(|| {
            panic!("{program} IS MISSING: nothing was tested. `apt-get install {package}`")
        })
}

/// `text`, with lines changed as `change` says; none takes a line out.
fn edited(text: &str, change: impl FnMut(&str) -> Option<String>) -> String {
    text.lines()
        .filter_map(change)
        .map(|line| line + "\n")
        .collect()
}

fn nginx(base: &str, brotli: bool) {
    let nginx = need("nginx", "nginx-light");
    let stage = Stage::set(base);
    let root = stage.root();
    // No certificate here: what is https there is another port, and the rest stays as it is.
    let site = edited(
        &switched_on(&stage.deployed("nginx/cc-connect.conf"), "# location = "),
        |line| match line.trim() {
            "listen 80;" => Some(format!("listen 127.0.0.1:{};", stage.plain_port)),
            "listen 443 ssl;" => Some(format!("listen 127.0.0.1:{};", stage.port)),
            "root /var/www/cc-connect;" => Some(format!("root {};", root.display())),
            "# brotli_static on;" if brotli => Some("brotli_static on;".to_owned()),
            other if other.starts_with("listen [::]") || other.starts_with("ssl_") => None,
            _ => Some(line.to_owned()),
        },
    );
    let site = stage.write("cc-connect.conf", &site);
    let folder = stage.folder.path().display();
    let module = if brotli {
        "load_module modules/ngx_http_brotli_static_module.so;\n"
    } else {
        ""
    };
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("    {name}_temp_path {folder}/{name};\n"))
        .collect();
    let main = stage.write(
        "nginx.conf",
        &format!(
            "{module}daemon off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n    \
             include /etc/nginx/mime.types;\n    access_log off;\n{temporary}    include {};\n}}\n",
            site.display()
        ),
    );
    let _running = stage.start(
        "nginx",
        Command::new(nginx)
            .arg("-e")
            .arg("stderr")
            .arg("-c")
            .arg(main),
    );
    // As if it were on the internet: it is redirected from the other port.
    let mut plain = stage.url();
    plain
        .set_port(Some(stage.plain_port))
        .expect("it has a host");
    let place = Place {
        public: true,
        plain: Some(plain),
        ..stage.place()
    };
    stage.assert_right(place, if brotli { "br" } else { "gzip" });
    stage.assert_passes_keys_on_as_they_are();
}

#[test]
#[ignore = "takes nginx"]
fn nginx_at_the_root() {
    nginx("/", false);
}

#[test]
#[ignore = "takes nginx"]
fn nginx_below_app() {
    nginx("/app/", false);
}

#[test]
#[ignore = "takes nginx with its brotli module: libnginx-mod-http-brotli-static"]
fn nginx_with_brotli() {
    nginx("/app/", true);
}

fn caddy(base: &str) {
    let caddy = need("caddy", "caddy");
    let stage = Stage::set(base);
    let root = stage.root();
    let site = edited(
        &switched_on(&stage.deployed("caddy/Caddyfile"), "# handle "),
        |line| match line.trim() {
            "connect.example.com {" => Some(format!("http://127.0.0.1:{} {{", stage.port)),
            "root * /var/www/cc-connect" => Some(format!("root * {}", root.display())),
            _ => Some(line.to_owned()),
        },
    );
    let options = "{\n\tadmin off\n\tauto_https off\n}\n";
    let file = stage.write("Caddyfile", &format!("{options}{site}"));
    let mut command = Command::new(caddy);
    command
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(file);
    let _running = stage.start("caddy", &mut command);
    stage.assert_right(stage.place(), "br");
    stage.assert_passes_keys_on_as_they_are();
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
    let apache = need("apache2", "apache2");
    let stage = Stage::set(base);
    fs::write(
        stage.dist().join(".htaccess"),
        switched_on(&stage.deployed("apache/.htaccess"), "# RewriteRule "),
    )
    .expect("it can be written");
    let modules: String = [
        "mpm_event",
        "authz_core",
        "dir",
        "headers",
        "mime",
        "rewrite",
        "proxy",
        "proxy_http",
        "deflate",
        "filter",
    ]
    .iter()
    .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
    .collect();
    let folder = stage.folder.path().display();
    let root = stage.root();
    let root = root.display();
    // As Debian has it: compressing on the way, and an opinion on what .gz means.
    let main = stage.write(
        "apache.conf",
        &format!(
            "ServerRoot {folder}\nServerName localhost\nPidFile {folder}/pid\nErrorLog {folder}/error\n\
             {modules}Listen 127.0.0.1:{}\nTypesConfig /etc/mime.types\nAddType application/x-gzip .gz .tgz\n\
             AddOutputFilterByType DEFLATE text/html text/css text/javascript application/json\n\
             DocumentRoot {root}\n<Directory {root}>\n\
             AllowOverride FileInfo Options=Indexes,MultiViews\nRequire all granted\n</Directory>\n",
            stage.port
        ),
    );
    let mut command = Command::new(apache);
    command.args(["-DFOREGROUND", "-f"]).arg(main);
    let _running = stage.start("apache2", &mut command);
    stage.assert_right(stage.place(), "br");
    stage.assert_passes_keys_on();
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
