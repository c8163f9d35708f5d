//! Apache: an `.htaccess` in the folder of the build.

use std::fmt::Write as _;

use super::file::{File, escaped, file};
use crate::files::HASHED;
use crate::rules::Class;
use crate::site::{STRICT_TRANSPORT_SECURITY, Site, without_slash};

pub(super) fn render(site: &Site) -> Vec<File> {
    vec![file(".htaccess", text(site))]
}

fn text(site: &Site) -> String {
    let base = &site.base;
    let below = escaped(base.as_str());
    let mut headers = String::new();
    for header in site.headers() {
        let _ = writeln!(
            headers,
            "Header always set {} \"{}\"",
            header.name, header.value
        );
    }
    format!(
        r#"# Apache 2.4: .htaccess in the folder of the build. It requires mod_headers, mod_mime and mod_rewrite, and
# `AllowOverride FileInfo Options=Indexes,MultiViews` for that folder. If one of them is missing, Apache
# responds with 500 instead of leaving out the headers.

Options -Indexes -MultiViews

{headers}Header always set Strict-Transport-Security "{STRICT_TRANSPORT_SECURITY}" "expr=%{{HTTPS}} == 'on' || %{{HTTP:X-Forwarded-Proto}} == 'https'"

# How long a response may be cached, by the requested path and the status.
Header always set Cache-Control "{other}"
Header always set Cache-Control "{immutable}" "expr=%{{THE_REQUEST}} =~ m#^\w+ {below}([^? ]*/)?{hashed}[? ]# && %{{REQUEST_STATUS}} -lt 400"
Header always set Cache-Control "{callback}" "expr=%{{THE_REQUEST}} =~ m#^\w+ {callback_path}/?[? ]#"
Header always set Cache-Control "{missing}" "expr=%{{REQUEST_STATUS}} -ge 400"

# Some lists of media types are older than WebAssembly. The extensions of the precompressed files stand
# for an encoding, not for a type or a language.
AddType application/wasm .wasm
AddType text/javascript .js
AddType image/svg+xml .svg
AddType application/json .json
AddEncoding br .br
AddEncoding gzip .gz
RemoveType .br .gz
RemoveLanguage .br

RewriteEngine On
RewriteBase {base}

# Redirects http to https, unless a proxy that terminates TLS reports https.
RewriteCond %{{HTTPS}} !=on
RewriteCond %{{HTTP:X-Forwarded-Proto}} !=https
RewriteCond %{{HTTP_HOST}} !^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$
RewriteRule ^ https://%{{HTTP_HOST}}%{{REQUEST_URI}} [R=301,L,NE]

# The issuer's keys from the page's own origin, in case the issuer no longer lets other origins read them.
# Requires mod_proxy_http and mod_ssl, and `SSLProxyEngine on` in the configuration of the server:
# RewriteRule ^keys$ {upstream} [P,L]

# A route of the app, which has no extension: the document, without a redirect.
RewriteCond %{{REQUEST_FILENAME}} !-f
RewriteRule !\.[^/]*$ index.html
{dotted_callback}
# The precompressed .br and .gz files of the build.
RewriteCond %{{HTTP:Accept-Encoding}} \bbr\b
RewriteCond %{{DOCUMENT_ROOT}}{base}$1.br -f
RewriteRule ^(.+\.(?:html|js|css|wasm|svg|json))$ $1.br [L]
RewriteCond %{{HTTP:Accept-Encoding}} \bgzip\b
RewriteCond %{{DOCUMENT_ROOT}}{base}$1.gz -f
RewriteRule ^(.+\.(?:html|js|css|wasm|svg|json))$ $1.gz [L]
Header always merge Vary Accept-Encoding
"#,
        other = Class::Other.cache_control(),
        missing = Class::Missing.cache_control(),
        callback = Class::Callback.cache_control(),
        immutable = Class::Hashed.cache_control(),
        callback_path = escaped(without_slash(&site.callback())),
        dotted_callback = site.dotted_callback().map_or(String::new(), |path| {
            let name = base.strip(&path).unwrap_or_default();
            format!(
                "RewriteRule ^{}/?$ index.html\n",
                escaped(without_slash(name))
            )
        }),
        hashed = HASHED.replace("[^/]", "[^/? ]"),
        upstream = site.keys_upstream(),
    )
}
