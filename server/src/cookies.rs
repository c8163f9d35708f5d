//! The two cookies. Neither has content: each is a random secret.
//!
//! The session's cookie is set in one place, the callback, and is never renewed or rewritten. It is
//! `Strict`: only the page's own requests have it, so the callback, which another site leads to, has
//! not. The attempt's cookie is `Lax` for that reason, and lives as long as an authorization may
//! take.
//!
//! The prefix `__Host-Http-` keeps a script, a plain connection and a sibling domain from setting
//! them ([RFC 6265bis §4.1.3](https://www.ietf.org/archive/id/draft-ietf-httpbis-rfc6265bis-22.html#name-cookie-name-prefixes)).
//! On this machine without TLS, and only there, they have neither prefix nor `Secure`: not every
//! browser would keep them.

use http::{HeaderMap, HeaderValue, header};
use std::time::Duration;
use zeroize::Zeroizing;

/// How the cookies are called, and what is set.
#[derive(Clone, Debug)]
pub(crate) struct Cookies {
    is_plain_loopback: bool,
    /// How long a session lives at most.
    session_age: Duration,
    /// How long an authorization may take.
    attempt_age: Duration,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The connection of this browser.
    Session,
    /// What binds this browser's authorizations to it.
    Attempt,
}

impl Cookies {
    /// For an origin that is plain `http` on this machine, or is not.
    pub(crate) fn new(
        is_plain_loopback: bool,
        session_age: Duration,
        attempt_age: Duration,
    ) -> Self {
        Self {
            is_plain_loopback,
            session_age,
            attempt_age,
        }
    }

    /// The cookie's name.
    pub(crate) fn name(&self, kind: Kind) -> &'static str {
        match (kind, self.is_plain_loopback) {
            (Kind::Session, false) => "__Host-Http-cc-session",
            (Kind::Session, true) => "cc-session",
            (Kind::Attempt, false) => "__Host-Http-cc-attempt",
            (Kind::Attempt, true) => "cc-attempt",
        }
    }

    /// The cookie's value in a request; `None` if it has none, or different ones: with the prefix a
    /// browser has one at most.
    pub(crate) fn get(&self, headers: &HeaderMap, kind: Kind) -> Option<Zeroizing<String>> {
        let name = self.name(kind);
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter_map(|(found, value)| (found == name).then_some(value));
        let value = values.next()?;
        values
            .all(|other| other == value)
            .then(|| Zeroizing::new(value.to_owned()))
    }

    /// `Set-Cookie` with this value.
    pub(crate) fn set(&self, kind: Kind, value: &str) -> HeaderValue {
        let age = match kind {
            Kind::Session => self.session_age,
            Kind::Attempt => self.attempt_age,
        };
        self.header(kind, value, age)
    }

    /// `Set-Cookie` that removes it.
    pub(crate) fn clear(&self, kind: Kind) -> HeaderValue {
        self.header(kind, "", Duration::ZERO)
    }

    fn header(&self, kind: Kind, value: &str, age: Duration) -> HeaderValue {
        let same_site = match kind {
            Kind::Session => "Strict",
            Kind::Attempt => "Lax",
        };
        let secure = if self.is_plain_loopback {
            ""
        } else {
            " Secure;"
        };
        let text = Zeroizing::new(format!(
            "{}={value}; Path=/;{secure} HttpOnly; SameSite={same_site}; Max-Age={}",
            self.name(kind),
            age.as_secs(),
        ));
        let mut header = HeaderValue::from_str(&text).expect("a secret is base64url");
        header.set_sensitive(true);
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn cookies(is_plain_loopback: bool) -> Cookies {
        let day = Duration::from_secs(86_400);
        Cookies::new(is_plain_loopback, 30 * day, Duration::from_secs(600))
    }

    #[test]
    fn what_is_set_is_this() {
        for (is_plain_loopback, kind, expected) in [
            (
                false,
                Kind::Session,
                "__Host-Http-cc-session={}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=2592000",
            ),
            (
                false,
                Kind::Attempt,
                "__Host-Http-cc-attempt={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600",
            ),
            (
                true,
                Kind::Session,
                "cc-session={}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000",
            ),
            (
                true,
                Kind::Attempt,
                "cc-attempt={}; Path=/; HttpOnly; SameSite=Lax; Max-Age=600",
            ),
        ] {
            let header = cookies(is_plain_loopback).set(kind, SECRET);
            assert_eq!(header, expected.replace("{}", SECRET));
            assert!(header.is_sensitive());
        }
        assert_eq!(
            cookies(false).clear(Kind::Session),
            "__Host-Http-cc-session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"
        );
    }

    #[test]
    fn only_one_value_counts() {
        let get = |headers: &[&str]| {
            let headers = headers.iter().map(|value| {
                let value = HeaderValue::from_str(value).expect("ASCII");
                (header::COOKIE, value)
            });
            let value = cookies(false).get(&headers.collect(), Kind::Session);
            value.map(|value| value.to_string())
        };
        assert_eq!(get(&[]), None);
        assert_eq!(get(&["cc-session=a"]), None);
        assert_eq!(
            get(&["a=b; __Host-Http-cc-session=s; c=d"]).as_deref(),
            Some("s")
        );
        assert_eq!(
            get(&["a=b", "__Host-Http-cc-session=s"]).as_deref(),
            Some("s")
        );
        let twice = "__Host-Http-cc-session=s; __Host-Http-cc-session=";
        assert_eq!(get(&[&format!("{twice}s")]).as_deref(), Some("s"));
        assert_eq!(get(&[&format!("{twice}t")]), None);
    }
}
