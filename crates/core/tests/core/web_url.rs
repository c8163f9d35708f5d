//! Parsing absolute web addresses as browsers do.

use cc_connect_core::web_url::{Spelling, WebUrl};
use proptest::prelude::*;
use url::Url;

/// Rule (The page): URLs are parsed as a browser parses them
#[test]
fn addresses_and_their_parts() {
    for (text, host, origin) in [
        ("https://a.example", "a.example", "https://a.example"),
        ("https://a.example/x?y#z", "a.example", "https://a.example"),
        ("HTTPS://A.Example/X", "A.Example", "https://a.example"),
        ("https://a.example:443/", "a.example", "https://a.example"),
        ("https://a.example:80/", "a.example", "https://a.example:80"),
        ("http://a.example:80/", "a.example", "http://a.example"),
        ("http://a.example:443/", "a.example", "http://a.example:443"),
        (
            "https://a.example:8443/",
            "a.example",
            "https://a.example:8443",
        ),
        ("https://a.example:0443/", "a.example", "https://a.example"),
        ("https://a.example:0/", "a.example", "https://a.example:0"),
        (
            "https://a.example:65535/",
            "a.example",
            "https://a.example:65535",
        ),
        ("http://[::1]:8081/", "[::1]", "http://[::1]:8081"),
        ("https://user@a.example/", "a.example", "https://a.example"),
        (
            "https://a.example:1@b.example:2/",
            "b.example",
            "https://b.example:2",
        ),
    ] {
        let url = WebUrl::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(url.host(), host, "{text}");
        assert_eq!(url.origin(), origin, "{text}");
        let browser = Url::parse(text).unwrap();
        assert_eq!(browser.origin().ascii_serialization(), origin, "{text}");
    }
}

/// Rule (The page): URLs are parsed as a browser parses them
#[test]
fn what_is_no_absolute_web_address() {
    for text in [
        "",
        "/",
        "*",
        "a.example",
        "a.example:443",
        "//a.example/",
        "/callback",
        "https:",
        "https:/a.example/",
        "https:a.example",
        "https://",
        "https:///callback",
        "https://:443/",
        "https://user@:443/",
        "https://user@/",
        "https://a.example:/",
        "https://a.example:b/",
        "https://a.example:-1/",
        "https://a.example:65536/",
        "https://a.example:99999/",
        "https://a.example:80:80/",
        "https://[::1/",
        "https://[::1]x/",
        "https://[::1]:x/",
        "ftp://a.example/",
        "ws://a.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "httpss://a.example/",
        "http+unix://a.example/",
    ] {
        assert!(WebUrl::parse(text).is_none(), "{text}");
    }
}

/// Any one of these is enough: a browser would interpret or encode it differently.
#[test]
fn odd_characters_are_refused() {
    for odd in [
        "\\", " ", "\"", "<", ">", "é", "\u{200b}", "\t", "\n", "\0", "\u{7f}",
    ] {
        for text in [
            format!("https://a.example/{odd}"),
            format!("https://a.example/?{odd}"),
            format!("https://a.example/x{odd}y"),
            format!("https://a.example{odd}/"),
            format!("https://a.example{odd}@b.example/"),
            format!("{odd}https://a.example/"),
        ] {
            assert!(WebUrl::parse(&text).is_none(), "{text:?}");
        }
    }
}

#[test]
fn only_this_machine_needs_no_encryption() {
    for (host, loopback) in [
        ("localhost", true),
        ("LocalHost", true),
        ("127.0.0.1", true),
        ("127.1.2.3", true),
        ("[::1]", true),
        ("localhost.evil.example", false),
        ("evil-localhost", false),
        ("localhost.", false),
        ("127.0.0.1.evil.example", false),
        ("128.0.0.1", false),
        ("0.0.0.0", false),
        ("10.0.0.1", false),
        ("[::2]", false),
        ("[::ffff:127.0.0.1]", false),
        ("a.example", false),
    ] {
        for port in ["", ":8080"] {
            let plain = format!("http://{host}{port}/");
            let url = WebUrl::parse(&plain).unwrap_or_else(|| panic!("{plain}"));
            assert_eq!(url.is_loopback(), loopback, "{plain}");
            assert_eq!(url.is_plain(), !loopback, "{plain}");
            let encrypted = format!("https://{host}{port}/");
            let url = WebUrl::parse(&encrypted).unwrap();
            assert_eq!(url.is_loopback(), loopback, "{encrypted}");
            assert!(!url.is_plain(), "{encrypted}");
        }
    }
    // The user name is not the host.
    let url = WebUrl::parse("http://localhost@evil.example/").unwrap();
    assert!(url.is_plain() && url.has_userinfo());
}

#[test]
fn what_stands_beside_host_and_path() {
    for (text, userinfo, query, fragment) in [
        ("https://a.example/", false, false, false),
        ("https://a@b.example/", true, false, false),
        ("https://@b.example/", true, false, false),
        ("https://a:b@c.example/", true, false, false),
        ("https://a.example/@b", false, false, false),
        ("https://a.example?", false, true, false),
        ("https://a.example/?x", false, true, false),
        ("https://a.example/#", false, false, true),
        ("https://a.example/#x?y", false, false, true),
        ("https://a.example/?x#y", false, true, true),
    ] {
        let url = WebUrl::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(url.has_userinfo(), userinfo, "{text}");
        assert_eq!(url.has_query(), query, "{text}");
        assert_eq!(url.has_fragment(), fragment, "{text}");
    }
}

/// A browser's spelling of the address, without query, fragment and user name.
fn spelled(text: &str) -> Option<String> {
    let spelling = Spelling::parse(text)?;
    Some(format!("{}{}", spelling.origin?, spelling.path))
}

fn by_browser(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(())?;
    url.set_query(None);
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url.into())
}

/// C4: hosts in every form that browsers accept.
///
/// Rule (The request): The redirect URI is spelled as browsers spell it, so that the address bar
/// shows the same
#[test]
fn hosts_are_spelled_as_browsers_do() {
    for host in [
        "127.1",
        "127.0.1",
        "1",
        "0",
        "00",
        "0x",
        "0x7f.1",
        "0X7F.0.0.1",
        "0177.0.0.01",
        "2130706433",
        "4294967295",
        "4294967296",
        "256.0.0.1",
        "1.256.0.1",
        "1.2.65535",
        "1.2.65536",
        "1.16777215",
        "1.16777216",
        "1.2.3.4.5",
        "1.2.3.4.",
        "1.2.3..",
        "1..2",
        "08.0.0.1",
        "0x7g.1",
        "a.1",
        "1.a",
        "a.0x1",
        "a.0xg",
        ".1",
        "1.+1",
        "%31%32%37.1",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::FFFF:127.0.0.1]",
        "[::127.0.0.1]",
        "[1:0:0:2:0:0:0:3]",
        "[1:0:2:3:4:5:6:7]",
        "[1::2::3]",
        "[::1",
        "::1",
        "[::1]x",
        "a.example",
        "A.EXAMPLE",
        "a.example.",
        "a..example",
        "a_b.example",
        "a-.example",
        "a%2eexample",
        "a%20b",
        "a%25b",
        "a%",
        "%ff",
        "a b",
        "a<b",
        "a|b",
        "",
        ".",
    ] {
        for text in [format!("http://{host}/"), format!("https://{host}:8443/x")] {
            assert_eq!(spelled(&text), by_browser(&text), "{text}");
        }
    }
    // Spelling these takes Unicode tables.
    for host in [
        "bücher.example",
        "b%C3%BCcher.example",
        "ａ.example",
        "a。example",
    ] {
        let spelling = Spelling::parse(&format!("https://{host}/x")).unwrap();
        assert_eq!(
            (spelling.origin, spelling.path.as_str()),
            (None, "/x"),
            "{host}"
        );
    }
}

proptest! {
    /// The same address as a browser's, or none, however it is written.
    ///
    /// Rule (The request): The redirect URI is spelled as browsers spell it, so that the address
    /// bar shows the same
    #[test]
    fn a_spelling_is_a_browsers(
        text in "[ \\t]?(https?|HTTP|ftp|h)(://|:/|:\\\\|:)([a-z]{0,2}(:[a-z]{0,2})?@)?([a-zA-Z0-9.%_-]{0,9}|[0-9.x]{1,9}|\\[[0-9a-f:.]{1,12}\\])(:[0-9]{0,6})?([/\\\\](\\.|\\.\\.|%2[eE]|[!-\\]_-~]{0,3}|[é\\t])){0,5}(\\?[!-~]{0,3})?(#[!-~]{0,3})?"
    ) {
        // Internationalized names need Unicode tables, which a browser consults.
        prop_assume!(!text.to_lowercase().contains("xn--"));
        if Spelling::parse(&text).is_none_or(|spelling| spelling.origin.is_some()) {
            prop_assert_eq!(spelled(&text), by_browser(&text), "{:?}", text);
        }
        if let (Some(spelling), Ok(url)) = (Spelling::parse(&text), Url::parse(&text)) {
            prop_assert_eq!(spelling.has_query, url.query().is_some());
            prop_assert_eq!(spelling.has_fragment, url.fragment().is_some());
            if !url.username().is_empty() || url.password().is_some() {
                prop_assert!(spelling.has_userinfo);
            }
        }
    }

    /// A browser resolves every accepted address to the same place.
    ///
    /// Rule (The page): URLs are parsed as a browser parses them
    #[test]
    fn a_browser_reads_the_same(
        text in "https?://([a-z]{1,3}(:[a-z0-9]{0,2})?@)?([a-zA-Z][a-zA-Z0-9.-]{0,8}|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]{0,6})?(/[!-~]{0,6})?(\\?[!-~]{0,4})?(#[!-~]{0,4})?"
    ) {
        if let Some(url) = WebUrl::parse(&text)
            && let Ok(browser) = Url::parse(&text)
        {
            prop_assert_eq!(url.origin(), browser.origin().ascii_serialization());
            prop_assert_eq!(url.has_query(), browser.query().is_some());
            prop_assert_eq!(url.has_fragment(), browser.fragment().is_some());
            if !browser.username().is_empty() || browser.password().is_some() {
                prop_assert!(url.has_userinfo());
            }
        }
    }
}
