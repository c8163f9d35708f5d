//! Absolute `http` and `https` URLs, read as strictly as a browser reads them.

use http::Uri;

/// An absolute web address.
#[derive(Clone, Debug)]
pub struct WebUrl<'a> {
    text: &'a str,
    uri: Uri,
}

impl<'a> WebUrl<'a> {
    /// Reads an address; `None` if it is not an absolute `http` or `https` URL with a host.
    pub fn parse(text: &'a str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        // `http::Uri` lets pass what a browser reads otherwise or not at all.
        let odd = text.contains(['\\', ' ', '"', '<', '>']) || !text.is_ascii();
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        let url = Self { text, uri };
        (web && !odd && url.has_valid_authority()).then_some(url)
    }

    /// Whether what is sent there crosses the network unencrypted.
    pub fn is_plain(&self) -> bool {
        self.uri.scheme_str() == Some("http") && !self.is_loopback()
    }

    /// Whether it is this machine itself, where plain http crosses no wire.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host.eq_ignore_ascii_case("localhost")
            || host == "[::1]"
            || host
                .parse::<std::net::Ipv4Addr>()
                .is_ok_and(|ip| ip.is_loopback())
    }

    /// Whether a user name or a password stands in it.
    pub fn has_userinfo(&self) -> bool {
        self.authority().contains('@')
    }

    /// Whether it has a query.
    pub fn has_query(&self) -> bool {
        self.uri.query().is_some()
    }

    /// Whether it has a fragment, which `http::Uri` drops.
    pub fn has_fragment(&self) -> bool {
        self.text.contains('#')
    }

    /// The host, as written.
    pub fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }

    /// Scheme, host and port ([RFC 6454 §4](https://www.rfc-editor.org/rfc/rfc6454.html#section-4)),
    /// in the one spelling that can be compared.
    pub fn origin(&self) -> String {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let host = self.host().to_ascii_lowercase();
        match (scheme, self.uri.port_u16()) {
            (_, None) | ("http", Some(80)) | ("https", Some(443)) => format!("{scheme}://{host}"),
            (_, Some(port)) => format!("{scheme}://{host}:{port}"),
        }
    }

    fn authority(&self) -> &str {
        self.uri
            .authority()
            .map_or("", |authority| authority.as_str())
    }

    /// Whether the authority is a host and perhaps a port, after whatever stands before an `@`.
    fn has_valid_authority(&self) -> bool {
        let host = self.host();
        let authority = self.authority();
        let after_userinfo = authority
            .rsplit_once('@')
            .map_or(authority, |(_, rest)| rest);
        !host.is_empty()
            && match after_userinfo.strip_prefix(host) {
                Some("") => true,
                Some(port) => port
                    .strip_prefix(':')
                    .is_some_and(|port| port.parse::<u16>().is_ok()),
                None => false,
            }
    }
}
