//! GitHub Pages: no headers. What a `<meta>` can express goes into the document.

use super::file::{File, file};
use crate::site::Site;

/// The policy as a line of the document's head.
pub(super) fn meta(site: &Site) -> String {
    // No character of a policy is special in a double-quoted HTML attribute.
    format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">",
        site.meta_policy()
    )
}

/// The name of the file that GitHub Pages serves for the path `name`.
pub(super) fn file_for(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or_default();
    if last.is_empty() {
        format!("{name}index.html")
    } else if last.contains('.') {
        name.to_owned()
    } else {
        format!("{name}.html")
    }
}

pub(super) fn render(site: &Site) -> Vec<File> {
    vec![
        file("policy.html", format!("{}\n", meta(site))),
        // Without it GitHub runs the files through Jekyll first.
        file(".nojekyll", String::new()),
    ]
}
