//! Netlify: `_headers` and `_redirects` next to the build.

use super::file::{File, file};
use super::underscore_headers;
use crate::site::Site;

const HEADERS: &str = "\
# Netlify: the headers of every response, then how long files may be cached.
";

const REDIRECTS: &str = "\
# Netlify: the app's routes serve its document (200: no redirect, the address stays). Any other path that is
# not a file gets 404.html.
";

pub(super) fn render(site: &Site) -> Vec<File> {
    let base = &site.base;
    let index = base.join("index.html");
    let mut redirects = format!(
        "# The issuer's keys from the page's own origin, in case the issuer no longer lets other \
         origins read them:\n# {} {} 200\n{REDIRECTS}",
        site.keys_path(),
        site.keys_upstream()
    );
    for path in site.documents() {
        redirects += &format!("{path} {index} 200\n");
    }
    if !base.is_root() {
        // By default Netlify looks for a 404.html only at the root.
        redirects += &format!("{base}* {base}404.html 404\n");
    }
    let cached = site.cached_paths_whatever_the_status();
    vec![
        file(
            "_headers",
            underscore_headers::text(site, HEADERS, &[], cached),
        ),
        file("_redirects", redirects),
    ]
}
