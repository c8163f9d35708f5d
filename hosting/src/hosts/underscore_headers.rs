//! The `_headers` file of Cloudflare Pages and Netlify.
//!
//! If several rules match a path, Cloudflare joins the values of a header with commas. So no two
//! rules that can match the same path set the same header.

use std::fmt::Write as _;

use crate::rules::Class;
use crate::site::Site;

/// The file. `more` are lines for the rule that matches every path, `cached` the rules for some
/// paths.
pub(super) fn text(
    site: &Site,
    introduction: &str,
    more: &[&str],
    cached: Vec<(String, Class)>,
) -> String {
    let mut text = introduction.to_owned();
    let _ = writeln!(text, "{}*", site.base);
    for header in site.https_headers() {
        let _ = writeln!(text, "  {}: {}", header.name, header.value);
    }
    for line in more {
        let _ = writeln!(text, "  {line}");
    }
    for (path, class) in cached {
        let _ = write!(text, "{path}\n  Cache-Control: {}\n", class.cache_control());
    }
    text
}
