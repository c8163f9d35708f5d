//! Cloudflare Pages: `_headers` and `_redirects` next to the build, and a Pages Function for the
//! keys.
//!
//! Whatever a rule says about a path, Pages itself sends a 404 with `no-store`.

use super::{File, file, underscore_headers};
use crate::site::Site;

const HEADERS: &str = "\
# Cloudflare Pages: the headers of every answer, then what may be cached for how long. Two rules for one
# header are joined with a comma there, so that none of them may meet another.
";

const REDIRECTS: &str = "\
# Cloudflare Pages: the app's routes are answered with its document (200: no redirect, the address stays).
# To name /index.html instead would be a redirect. What is neither a file nor one of these gets 404.html.
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
// {path}: the issuer's keys from the page's own origin, for the day the issuer lets no other page read them.
// Cloudflare Pages runs what lies in functions/ beside the folder that is published.
export async function onRequestGet() {{
  const answer = await fetch(\"{upstream}\", {{
    headers: {{ Accept: \"application/json\" }},
    redirect: \"manual\",
  }});
  return new Response(answer.body, {{
    status: answer.status === 200 ? 200 : 502,
    headers: {{
      \"Content-Type\": \"application/json\",
      \"Cache-Control\": answer.headers.get(\"Cache-Control\") ?? \"no-cache\",
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
