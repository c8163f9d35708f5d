//! Adapts the rendered configuration files to this machine.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use cc_connect_hosting::File;

use crate::stage::Stage;

/// The contents of the file with this name.
fn text<'a>(files: &'a [File], name: &str) -> &'a str {
    let file = files.iter().find(|file| file.path == name);
    &file.unwrap_or_else(|| panic!("there is no {name}")).text
}

/// `text` with the section that begins with `start` enabled: comment marks are removed up to the
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

/// `text`, with each line replaced by what `change` returns; a line is removed if that is `None`.
fn edited(text: &str, change: impl FnMut(&str) -> Option<String>) -> String {
    text.lines()
        .filter_map(change)
        .map(|line| line + "\n")
        .collect()
}

pub(crate) fn nginx(stage: &Stage, program: PathBuf, files: &[File], brotli: bool) -> Command {
    let text = text(files, "cc-connect.conf");
    let root = stage.root();
    // There is no certificate here: https becomes a second port, and the rest is unchanged.
    let site = edited(&switched_on(text, "# location = "), |line| {
        match line.trim() {
            "listen 80;" => Some(format!("listen 127.0.0.1:{};", stage.plain_port)),
            "listen 443 ssl;" => Some(format!("listen 127.0.0.1:{};", stage.port)),
            "root /var/www/cc-connect;" => Some(format!("root {};", root.display())),
            "# brotli_static on;" if brotli => Some("brotli_static on;".to_owned()),
            // There may be no nameserver here: the address stands in for the name.
            other if other.starts_with("set $cc_connect_keys localhost") => {
                Some(line.replace("localhost", "127.0.0.1"))
            }
            other if other.starts_with("listen [::]") || other.starts_with("ssl_") => None,
            _ => Some(line.to_owned()),
        }
    });
    let site = stage.write("cc-connect.conf", &site);
    let folder = stage.path("");
    let folder = folder.display();
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
    let mut command = Command::new(program);
    command.args(["-e", "stderr", "-c"]).arg(main);
    command
}

pub(crate) fn caddy(stage: &Stage, program: PathBuf, files: &[File]) -> Command {
    let text = text(files, "Caddyfile");
    let root = stage.root();
    let site = edited(&switched_on(text, "# handle "), |line| match line.trim() {
        // Any host name, but only on a loopback address.
        "connect.example.com {" => Some(format!("http://:{} {{\n\tbind 127.0.0.1", stage.port)),
        "root * /var/www/cc-connect" => Some(format!("root * {}", root.display())),
        _ => Some(line.to_owned()),
    });
    let options = "{\n\tadmin off\n\tauto_https off\n}\n";
    let file = stage.write("Caddyfile", &format!("{options}{site}"));
    let mut command = Command::new(program);
    command
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(file);
    command
}

pub(crate) fn apache(stage: &Stage, program: PathBuf, files: &[File]) -> Command {
    let text = text(files, ".htaccess");
    fs::write(
        stage.dist().join(".htaccess"),
        switched_on(text, "# RewriteRule "),
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
    let folder = stage.path("");
    let folder = folder.display();
    let root = stage.root();
    let root = root.display();
    // Debian's defaults: compression on the fly, and a media type for .gz files.
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
    let mut command = Command::new(program);
    command.args(["-DFOREGROUND", "-f"]).arg(main);
    command
}

/// The compatibility date for Cloudflare's runtime.
const COMPATIBLE_WITH: &str = "2026-04-01";

pub(crate) fn wrangler(stage: &Stage, program: PathBuf, files: &[File]) -> Command {
    for file in files {
        let path = match file.path.strip_prefix("with-keys/") {
            // Outside the published folder.
            Some(function) => stage.path(function),
            None if file.path.starts_with('_') => stage.root().join(&file.path),
            None => stage.dist().join(&file.path),
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).expect("it can be made");
        }
        fs::write(path, &file.text).expect("it can be written");
    }
    let mut command = Command::new(program);
    command
        .args(["pages", "dev", "root", "--ip", "127.0.0.1", "--port"])
        .arg(stage.port.to_string())
        .args(["--compatibility-date", COMPATIBLE_WITH])
        .args(["--inspector-port", "0"])
        .arg("--show-interactive-dev-session=false")
        .env("WRANGLER_SEND_METRICS", "false")
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    command
}

pub(crate) fn superstatic(stage: &Stage, program: PathBuf, files: &[File]) -> Command {
    let public = if stage.base().is_root() {
        "dist"
    } else {
        "public"
    };
    let from = format!("\"public\": \"{public}\"");
    let text = text(files, "firebase.json");
    assert!(text.contains(&from), "{text}");
    let text = text.replace(&from, "\"public\": \"root\"");
    stage.write("firebase.json", &text);
    let mut command = Command::new(program);
    command
        .args([
            "serve",
            ".",
            "--compression",
            "--host",
            "127.0.0.1",
            "--port",
        ])
        .arg(stage.port.to_string());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_is_switched_on_and_no_other() {
        let text =
            "# a comment\n    # location = /keys {\n    #     proxy_pass x;\n    # }\n}\n# more\n";
        assert_eq!(
            switched_on(text, "# location = "),
            "# a comment\n    location = /keys {\n        proxy_pass x;\n    }\n}\n# more\n"
        );
    }
}
