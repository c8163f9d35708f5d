//! Absolute `http` and `https` URLs, parsed as strictly as a browser does, and spelled as a browser
//! does.

use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use std::net::{Ipv4Addr, Ipv6Addr};

/// An absolute `http` or `https` URL.
///
/// ```
/// use cc_connect_core::web_url::WebUrl;
///
/// let url = WebUrl::parse("HTTPS://As.Example:443/authorize?tenant=1").unwrap();
/// assert_eq!(url.origin(), "https://as.example");
/// assert_eq!(url.query(), Some("tenant=1"));
/// assert_eq!(url.host(), "As.Example");
/// assert!(url.has_query() && !url.has_fragment() && !url.has_userinfo());
/// assert!(WebUrl::parse("//as.example").is_none());
///
/// assert!(WebUrl::parse("http://as.example").unwrap().is_plain());
/// let local = WebUrl::parse("http://localhost:8080").unwrap();
/// assert!(local.is_loopback() && !local.is_plain());
/// ```
#[derive(Clone, Debug)]
pub struct WebUrl<'a> {
    text: &'a str,
    uri: Uri,
}

impl<'a> WebUrl<'a> {
    /// Parses a URL; `None` if it is not an absolute `http` or `https` URL with a host.
    pub fn parse(text: &'a str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        // `http::Uri` accepts what a browser parses differently or not at all.
        let odd = text.contains(['\\', ' ', '"', '<', '>']) || !text.is_ascii();
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        let url = Self { text, uri };
        (web && !odd && url.has_valid_authority()).then_some(url)
    }

    /// Whether requests to it cross the network unencrypted.
    pub fn is_plain(&self) -> bool {
        self.uri.scheme_str() == Some("http") && !self.is_loopback()
    }

    /// Whether it is this machine, where plain http does not cross the network.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host.eq_ignore_ascii_case("localhost")
            || host == "[::1]"
            || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Whether it has a user name or a password.
    pub fn has_userinfo(&self) -> bool {
        self.authority().contains('@')
    }

    /// Whether it has a query.
    pub fn has_query(&self) -> bool {
        self.query().is_some()
    }

    /// The query, without its question mark.
    pub fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    /// Whether it has a fragment, which `http::Uri` drops.
    pub fn has_fragment(&self) -> bool {
        self.text.contains('#')
    }

    /// The host as written: its case is kept, and an IPv6 address has its brackets.
    pub fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }

    /// Scheme, host and port
    /// ([RFC 6454 §4](https://www.rfc-editor.org/rfc/rfc6454.html#section-4)), normalized for
    /// comparison.
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

    /// Whether the authority, after any userinfo, is a host with an optional port.
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

/// What a browser percent-encodes in a path: the [path percent-encode set].
///
/// [path percent-encode set]: https://url.spec.whatwg.org/#path-percent-encode-set
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// An address as a browser spells it in its address bar, according to the [URL Standard], which
/// normalizes upper case in the host, a default port, dot segments and backslashes.
///
/// ```
/// use cc_connect_core::web_url::Spelling;
///
/// let spelling = Spelling::parse("HTTPS://App.Example:443/a/../Callback").unwrap();
/// assert_eq!(spelling.origin.as_deref(), Some("https://app.example"));
/// assert_eq!(spelling.path, "/Callback");
/// ```
///
/// [URL Standard]: https://url.spec.whatwg.org/#concept-basic-url-parser
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// Scheme, host and port; `None` if the host is not ASCII, which would take Unicode tables to
    /// normalize.
    pub origin: Option<String>,
    /// The path: at least a slash.
    pub path: String,
    /// Whether it has a user name or a password.
    pub has_userinfo: bool,
    /// Whether it has a query.
    pub has_query: bool,
    /// Whether it has a fragment.
    pub has_fragment: bool,
}

impl Spelling {
    /// Parses an address as leniently as a browser; `None` if even that does not yield an `http` or
    /// `https` URL.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(|c: char| c <= ' ');
        let text: String = text
            .chars()
            .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
            .collect();
        let (scheme, rest) = text.split_once(':')?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port: u16 = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let rest = rest.trim_start_matches(['/', '\\']);
        let (rest, fragment) = split(rest, '#');
        let (rest, query) = split(rest, '?');
        let end = rest.find(['/', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (userinfo, authority) = match authority.rsplit_once('@') {
            Some((userinfo, rest)) => (Some(userinfo), rest),
            None => (None, authority),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => (authority, ""),
        };
        let port = match port {
            "" => default_port,
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
            _ => return None,
        };
        Some(Self {
            origin: spell_host(host)?.map(|host| match port {
                port if port == default_port => format!("{scheme}://{host}"),
                port => format!("{scheme}://{host}:{port}"),
            }),
            path: spell_path(path),
            has_userinfo: userinfo.is_some(),
            has_query: query.is_some(),
            has_fragment: fragment.is_some(),
        })
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// `Some(None)` if it is not ASCII
/// ([host parsing](https://url.spec.whatwg.org/#concept-host-parser)).
fn spell_host(host: &str) -> Option<Option<String>> {
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        // The standard library and browsers differ only for IPv4-mapped addresses.
        return Some(Some(match (address.to_ipv4_mapped(), address.segments()) {
            (Some(_), [.., high, low]) => format!("[::ffff:{high:x}:{low:x}]"),
            _ => format!("[{address}]"),
        }));
    }
    let host = percent_decode_str(host).decode_utf8().ok()?;
    if !host.is_ascii() {
        return Some(None);
    }
    let forbidden = |c: char| c <= ' ' || "#/:<>?@[\\]^|%\x7f".contains(c);
    if host.is_empty() || host.contains(forbidden) {
        return None;
    }
    let host = host.to_ascii_lowercase();
    Some(Some(match ends_in_a_number(&host) {
        true => spell_ipv4(&host)?.to_string(),
        false => host,
    }))
}

fn ends_in_a_number(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    let digits = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    digits || ipv4_number(last).is_some()
}

/// One to four numbers, of which the last fills the bytes the others leave
/// ([IPv4 parser](https://url.spec.whatwg.org/#concept-ipv4-parser)).
fn spell_ipv4(host: &str) -> Option<Ipv4Addr> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let numbers: Vec<u32> = host.split('.').map(ipv4_number).collect::<Option<_>>()?;
    let (last, first) = numbers.split_last()?;
    let free = 4_usize.checked_sub(first.len()).filter(|free| *free > 0)?;
    if first.iter().any(|number| *number > 255) || u64::from(*last) >= 1 << (8 * free) {
        return None;
    }
    let first = (0..)
        .zip(first)
        .map(|(index, number)| number << (24 - 8 * index));
    Some(Ipv4Addr::from(first.sum::<u32>() + last))
}

/// Decimal, octal (`0177`) or hexadecimal (`0x7f`).
fn ipv4_number(text: &str) -> Option<u32> {
    let (digits, radix) = if let Some(digits) = text.strip_prefix("0x") {
        (digits, 16)
    } else if let Some(digits) = text.strip_prefix('0').filter(|digits| !digits.is_empty()) {
        (digits, 8)
    } else {
        (text, 10)
    };
    match digits {
        "" if radix == 16 => Some(0),
        // The standard library would accept a sign, too.
        _ if digits.chars().all(|digit| digit.is_digit(radix)) => {
            u32::from_str_radix(digits, radix).ok()
        }
        _ => None,
    }
}

fn spell_path(path: &str) -> String {
    let mut segments: Vec<String> = Vec::new();
    let mut written = path.split(['/', '\\']).skip(1).peekable();
    while let Some(segment) = written.next() {
        let is_last = written.peek().is_none();
        match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
            ".." => {
                segments.pop();
                if is_last {
                    segments.push(String::new());
                }
            }
            "." if is_last => segments.push(String::new()),
            "." => {}
            _ => segments.push(utf8_percent_encode(segment, PATH).to_string()),
        }
    }
    format!("/{}", segments.join("/"))
}

/// Whether two absolute paths of a host mean the same page. Hosts and users add or drop the
/// trailing slash, `index.html` and doubled slashes; some hosts ignore case or change it.
///
/// ```
/// use cc_connect_core::web_url::same_page;
///
/// assert!(same_page("/app/callback", "/App//callback/index.html"));
/// assert!(!same_page("/callback", "/app/callback"));
/// ```
pub fn same_page(one: &str, other: &str) -> bool {
    let (one, other) = (segments(one), segments(other));
    one.len() == other.len()
        && one
            .iter()
            .zip(&other)
            .all(|(one, other)| one.eq_ignore_ascii_case(other))
}

fn segments(path: &str) -> Vec<&str> {
    let mut segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if segments
        .last()
        .is_some_and(|last| last.eq_ignore_ascii_case("index.html"))
    {
        segments.pop();
    }
    segments
}
