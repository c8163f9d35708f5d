//! nginx: one file for `conf.d/`.
//!
//! A location with its own `add_header` loses those of the server. So no location has one: the one
//! header that differs takes its value from a map.

use std::fmt::Write as _;

use super::file::{File, commented, escaped, file};
use crate::files::HASHED;
use crate::rules::Class;
use crate::site::{Site, without_slash};

pub(super) fn render(site: &Site) -> Vec<File> {
    vec![file("cc-connect.conf", text(site))]
}

fn text(site: &Site) -> String {
    let base = &site.base;
    let below = escaped(base.as_str());
    let index = base.join("index.html");
    let mut headers = String::new();
    for header in site.https_headers() {
        let _ = writeln!(
            headers,
            "    add_header {} \"{}\" always;",
            header.name, header.value
        );
    }
    let redirect = if base.is_root() {
        String::new()
    } else {
        let path = base.as_str().trim_end_matches('/');
        format!("    location = {path} {{\n        return 301 {base};\n    }}\n")
    };
    let upstream = site.keys_upstream();
    let host = upstream.host_str().unwrap_or_default();
    let authority = match upstream.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let keys = commented(
        "#",
        &format!(
            "    location = {path} {{
        # Headers added here replace those of the server; Cache-Control is the issuer's.
        add_header X-Content-Type-Options \"nosniff\" always;
        add_header Cross-Origin-Resource-Policy \"same-origin\" always;
        # With a variable, nginx resolves the name again when its address may have changed, instead of once
        # at the start. Without systemd-resolved, use the nameserver in /etc/resolv.conf.
        resolver 127.0.0.53;
        set $cc_connect_keys {authority};
        proxy_pass {scheme}://$cc_connect_keys{upstream_path};
        proxy_pass_request_headers off;
        proxy_set_header Host {host};
        proxy_set_header Accept application/json;
        proxy_hide_header Set-Cookie;
        proxy_ssl_server_name on;
        proxy_ssl_name {host};
        proxy_ssl_verify on;
        proxy_ssl_verify_depth 4;
        proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
    }}
",
            path = site.keys_path(),
            scheme = upstream.scheme(),
            upstream_path = upstream.path(),
        ),
    );
    format!(
        r#"# nginx: /etc/nginx/conf.d/cc-connect.conf. Change the host name, the certificate and the root.

# How long a response may be cached, by its status and the requested path.
map "$status $request_uri" $cc_connect_cache_control {{
    default "{other}";
    "~^[45]" "{missing}";
    "~^\d+ {callback_path}/?(?:\?|$)" "{callback}";
    "~^(?:200|206|304) {below}(?:[^?]*/)?{hashed}(?:\?|$)" "{immutable}";
}}

server {{
    listen 80;
    listen [::]:80;
    server_name connect.example.com;
    return 301 https://$host$request_uri;
}}

server {{
    listen 443 ssl;
    listen [::]:443 ssl;
    server_name connect.example.com;
    ssl_certificate /etc/letsencrypt/live/connect.example.com/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/connect.example.com/privkey.pem;
    server_tokens off;

    # The build is in this folder{in_folder}.
    root /var/www/cc-connect;

{headers}    add_header Cache-Control $cc_connect_cache_control always;

    # The precompressed .gz files of the build. For the .br files install Debian's
    # libnginx-mod-http-brotli-static, or another build of ngx_brotli, and uncomment `brotli_static on;`.
    gzip_static on;
    gzip_vary on;
    # brotli_static on;

    # A route of the app: the document, without a redirect.
    location {base} {{
        try_files $uri {index};
    }}
    # A path with an extension is a file or does not exist.
    location ~ ^{below}.*\.[^/]*$ {{
        try_files $uri =404;
    }}
    # Some lists of media types are older than WebAssembly.
    location ~ ^{below}.*\.wasm$ {{
        types {{
            application/wasm wasm;
        }}
        try_files $uri =404;
    }}
{dotted_callback}{redirect}
    # The issuer's keys from the page's own origin, in case the issuer no longer lets other origins read them:
{keys}}}
"#,
        other = Class::Other.cache_control(),
        missing = Class::Missing.cache_control(),
        callback = Class::Callback.cache_control(),
        immutable = Class::Hashed.cache_control(),
        callback_path = escaped(without_slash(&site.callback())),
        dotted_callback = site.dotted_callback().map_or(String::new(), |path| format!(
            "    location = {path} {{\n        try_files {index} =404;\n    }}\n"
        )),
        hashed = HASHED.replace("[^/]", "[^/?]"),
        in_folder = if base.is_root() {
            String::new()
        } else {
            format!("'s subfolder {}", base.folder())
        },
    )
}
