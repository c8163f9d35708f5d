//! Cloudflare Pages: `_headers` and `_redirects` next to the build, and a Pages Function for the
//! keys.
//!
//! Pages sends a 404 with `no-store`, regardless of the rules.

use super::file::{File, file};
use super::underscore_headers;
use crate::site::Site;

const HEADERS: &str = "\
# Cloudflare Pages: the headers of every response, then how long files may be cached. If two rules set the
# same header for a path, Pages joins their values with a comma, so no two rules here do.
";

const REDIRECTS: &str = "\
# Cloudflare Pages: the app's routes serve its document (200: no redirect, the address stays). The target
# /index.html would cause a redirect. Any other path that is not a file gets 404.html.
";

pub(super) fn render(site: &Site) -> Vec<File> {
    // Pages lets every origin read every file unless told otherwise.
    let more = ["! Access-Control-Allow-Origin"];
    let headers = underscore_headers::text(site, HEADERS, &more, site.cached_paths());
    let mut redirects = REDIRECTS.to_owned();
    for path in site.documents() {
        redirects += &format!("{path} {} 200\n", site.base);
    }
    let keys = site.keys_path();
    vec![
        file("_headers", headers),
        file("_redirects", redirects),
        file(format!("with-keys/functions{keys}.js"), keys_function(site)),
    ]
}

fn keys_function(site: &Site) -> String {
    format!(
        "\
// {path}: the issuer's keys from the page's own origin, in case the issuer no longer lets other origins read
// them. Cloudflare Pages runs the functions in functions/ beside the published folder.
export async function onRequestGet() {{
  const response = await fetch(\"{upstream}\", {{
    headers: {{ Accept: \"application/json\" }},
    redirect: \"manual\",
  }});
  return new Response(response.body, {{
    status: response.status === 200 ? 200 : 502,
    headers: {{
      \"Content-Type\": \"application/json\",
      \"Cache-Control\": response.headers.get(\"Cache-Control\") ?? \"no-cache\",
      \"X-Content-Type-Options\": \"nosniff\",
      \"Cross-Origin-Resource-Policy\": \"same-origin\",
    }},
  }});
}}
",
        path = site.keys_path(),
        upstream = site.keys_upstream(),
    )
}
