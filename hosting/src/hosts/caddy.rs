//! Caddy: a Caddyfile. Caddy takes care of certificates and the redirect to https automatically.

use std::fmt::Write as _;

use super::file::{File, commented, escaped, file};
use crate::files::HASHED;
use crate::rules::Class;
use crate::site::{Site, without_slash};

pub(super) fn render(site: &Site) -> Vec<File> {
    vec![file("Caddyfile", text(site))]
}

fn text(site: &Site) -> String {
    let base = &site.base;
    let below = escaped(base.as_str());
    let mut headers = String::new();
    for header in site.https_headers() {
        let _ = writeln!(headers, "\t\t\t{} \"{}\"", header.name, header.value);
    }
    let redirect = if base.is_root() {
        String::new()
    } else {
        format!(
            "\n\t\tredir {} {base} 301\n",
            base.as_str().trim_end_matches('/')
        )
    };
    let upstream = site.keys_upstream();
    let keys = commented(
        "#",
        &format!(
            "\t\thandle {path} {{
\t\t\trewrite * {upstream_path}
\t\t\treverse_proxy {origin} {{
\t\t\t\theader_up Host {{upstream_hostport}}
\t\t\t\theader_up -Cookie
\t\t\t\theader_up -Authorization
\t\t\t\theader_down -Set-Cookie
\t\t\t}}
\t\t}}
",
            path = site.keys_path(),
            upstream_path = upstream.path(),
            origin = upstream.origin().ascii_serialization(),
        ),
    );
    format!(
        r#"# Caddy: /etc/caddy/Caddyfile. Change the host name and the root.

connect.example.com {{
	# The build is in this folder{in_folder}.
	root * /var/www/cc-connect

	# `route` keeps the order of the directives below.
	route {{
		# The issuer's keys from the page's own origin, in case the issuer no longer lets other origins read them:
{keys}
		header {{
{headers}			Cache-Control "{other}"
		}}
		# Separate: removing a header waits for the response, and so would the rest of its block.
		header -Server
		@hashed {{
			path_regexp `^{below}(.*/)?{HASHED}$`
			file
		}}
		header @hashed Cache-Control "{immutable}"
		@callback path_regexp `^{callback_path}/?$`
		header @callback Cache-Control "{callback}"
{redirect}
		# A route of the app, which has no extension: the document, without a redirect.
		@route path_regexp `^{below}([^/]*/)*[^./]*$`
		rewrite @route {index}
{dotted_callback}
		# A path with an extension but without a file.
		@missing not file
		header @missing Cache-Control "{missing}"

		# With the precompressed .br and .gz files of the build.
		file_server {{
			precompressed br gzip
		}}
	}}
}}
"#,
        other = Class::Other.cache_control(),
        missing = Class::Missing.cache_control(),
        callback = Class::Callback.cache_control(),
        immutable = Class::Hashed.cache_control(),
        callback_path = escaped(without_slash(&site.callback())),
        dotted_callback = site.dotted_callback().map_or(String::new(), |_| format!(
            "\t\trewrite @callback {}\n",
            base.join("index.html")
        )),
        index = base.join("index.html"),
        in_folder = if base.is_root() {
            String::new()
        } else {
            format!("'s subfolder {}", base.folder())
        },
    )
}
