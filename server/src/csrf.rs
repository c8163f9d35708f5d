//! Who may ask: only the page's own scripts
//! ([RFC 10017 §6.1.3.3](https://www.rfc-editor.org/info/rfc10017)).
//!
//! `SameSite` alone does not tell a sibling domain from the page. So every request of the page's
//! scripts, those that only read included, has a header that no form and no link can send, and that
//! a script of another origin may send only if CORS allows it, which nothing here does.

use http::{HeaderMap, Method, header};

/// The header's name: `X-CC-Connect`.
pub(crate) const HEADER: &str = "x-cc-connect";
/// The header's value.
pub(crate) const VALUE: &str = "1";

const FETCH_SITE: &str = "sec-fetch-site";

/// Whether a request comes from a script of the page at `origin`.
pub(crate) fn is_own(method: &Method, headers: &HeaderMap, origin: &str) -> bool {
    // Present once, with exactly this value; `None` if it is absent.
    let is_only = |name: &str, expected: &str| {
        let mut values = headers.get_all(name).iter();
        let first = values.next()?;
        Some(first == expected && values.next().is_none())
    };
    let origin_may_be_absent = method == Method::GET || method == Method::HEAD;
    is_only(HEADER, VALUE) == Some(true)
        && is_only(FETCH_SITE, "same-origin") != Some(false)
        && match is_only(header::ORIGIN.as_str(), origin) {
            Some(is_own) => is_own,
            None => origin_may_be_absent,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    const PAGE: &str = "https://connect.example.com";

    #[test]
    fn only_the_pages_own_scripts_may_ask() {
        let own = (HEADER, VALUE);
        let from_page = ("origin", PAGE);
        for (method, headers, expected) in [
            (Method::GET, &[own][..], true),
            (Method::HEAD, &[own], true),
            (Method::GET, &[own, from_page], true),
            (Method::GET, &[own, (FETCH_SITE, "same-origin")], true),
            (Method::POST, &[own, from_page], true),
            (
                Method::DELETE,
                &[own, from_page, (FETCH_SITE, "same-origin")],
                true,
            ),
            (Method::GET, &[], false),
            (Method::POST, &[from_page], false),
            (Method::POST, &[own], false),
            (Method::GET, &[(HEADER, "2")], false),
            (Method::GET, &[own, own], false),
            (Method::POST, &[own, from_page, from_page], false),
            (
                Method::GET,
                &[own, ("origin", "https://other.example.com")],
                false,
            ),
            (
                Method::POST,
                &[own, ("origin", "https://connect.example.com.evil")],
                false,
            ),
            (Method::POST, &[own, ("origin", "null")], false),
            (
                Method::POST,
                &[own, ("origin", "http://connect.example.com")],
                false,
            ),
            (Method::GET, &[own, (FETCH_SITE, "same-site")], false),
            (Method::GET, &[own, (FETCH_SITE, "cross-site")], false),
            (Method::GET, &[own, (FETCH_SITE, "none")], false),
            (
                Method::POST,
                &[own, from_page, (FETCH_SITE, "cross-site")],
                false,
            ),
        ] {
            let headers: Vec<_> = headers.to_vec();
            let mut map = HeaderMap::new();
            for (name, value) in &headers {
                let value = HeaderValue::from_static(value);
                map.append(HeaderName::from_static(name), value);
            }
            assert_eq!(
                is_own(&method, &map, PAGE),
                expected,
                "{method} {headers:?}"
            );
        }
    }
}
