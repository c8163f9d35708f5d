//! Authorization codes, between the permission page and the token endpoint.

use crate::{allowed::Allowed, random, scenario::Scenario};
use std::collections::HashMap;

/// How long a code is valid, in seconds.
const LIFETIME: i64 = 300;
/// How long a code is remembered, so that a second use is detected.
const REMEMBERED: i64 = 86_400;
/// How many codes are remembered.
const MAX: usize = 50_000;

/// An issued code, and what it was issued for.
pub(crate) struct Code {
    pub(crate) allowed: Allowed,
    /// From the authorization request; the token request must repeat it.
    pub(crate) redirect_uri: String,
    /// `None` without PKCE, which an application with a secret may leave out.
    pub(crate) challenge: Option<String>,
    /// What goes wrong when it is exchanged.
    pub(crate) scenario: Scenario,
    pub(crate) issued_at: i64,
    /// The number of valid token requests with it.
    pub(crate) tries: u32,
    pub(crate) used: bool,
    /// The refreshable connection that resulted from it.
    pub(crate) connection: Option<u64>,
}

impl Code {
    pub(crate) fn has_expired(&self, now: i64) -> bool {
        now - self.issued_at >= LIFETIME
    }
}

/// All issued codes.
#[derive(Default)]
pub(crate) struct Codes(HashMap<String, Code>);

impl Codes {
    /// Stores it under an unguessable value.
    pub(crate) fn issue(&mut self, code: Code) -> String {
        let now = code.issued_at;
        self.0.retain(|_, known| now - known.issued_at < REMEMBERED);
        if self.0.len() >= MAX {
            self.0.clear();
        }
        let name = random::text(32);
        self.0.insert(name.clone(), code);
        name
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Code> {
        self.0.get_mut(name)
    }
}
