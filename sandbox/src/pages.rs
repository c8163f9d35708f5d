//! The HTML of the sandbox's pages. No script anywhere.

mod index;
mod permission;
mod sign_in;

pub(crate) use index::index;
pub(crate) use permission::{Permission, permission};
pub(crate) use sign_in::sign_in;

use std::fmt::{self, Display};

/// Text made harmless for an element's content and for a quoted attribute.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

/// The frame around every page. `class` is `card` for the narrow ones.
fn layout(title: &str, class: &str, main: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Sandbox</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/sandbox.css">
</head>
<body>
<p class="banner"><strong>Sandbox</strong> This stands in for Constant Contact on this computer. Nothing here is real.</p>
<main class="{class}">
{main}</main>
</body>
</html>
"#,
        title = Text(title)
    )
}

/// An error message above a form.
fn alert(problem: Option<&str>) -> String {
    problem.map_or_else(String::new, |problem| {
        format!("<p class=\"alert\" role=\"alert\">{}</p>\n", Text(problem))
    })
}

/// The page for a request that cannot be answered to the application.
pub(crate) fn refusal(message: &str) -> String {
    layout(
        "400 Bad Request",
        "card",
        &format!(
            "<h1>400 Bad Request</h1>\n\
             <p>Your request resulted in an error.</p>\n\
             <p class=\"alert\" role=\"alert\">{}</p>\n",
            Text(message)
        ),
    )
}

/// The page for an address under `/oauth2` that is none.
pub(crate) fn not_found() -> String {
    layout(
        "404 Page Not Found",
        "card",
        "<h1>404 Page Not Found</h1>\n<p>Sorry, there is nothing at this address.</p>\n",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(
            Text(r#"<a href='x' title="y">&"#).to_string(),
            "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;"
        );
    }
}
