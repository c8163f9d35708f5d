//! What `cc-connect-server` serves besides the build.

use crate::rules::Header;

/// The `config.json` of a page with a server.
pub const fn server_config() -> &'static str {
    r#"{"server": true}"#
}

/// The headers of every answer that is no file of the build: JSON for the page's scripts, or a
/// redirect. It is never stored, and shows and runs nothing should a browser take it for a page.
pub fn answer_headers() -> Vec<Header> {
    [
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    .map(|(name, value)| Header {
        name,
        value: value.to_owned(),
    })
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn its_config_is_read_as_one() {
        let settings = Settings::parse(server_config()).expect("it is right");
        assert!(settings.has_server);
    }

    #[test]
    fn each_header_is_there_once() {
        let mut names: Vec<_> = answer_headers().iter().map(|header| header.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), answer_headers().len());
    }
}
