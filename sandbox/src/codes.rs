//! Authorization codes, between the permission page and the token endpoint.

use crate::{allowed::Allowed, random, scenario::Scenario};
use std::collections::HashMap;

/// How long a code is valid, in seconds.
const LIFETIME: i64 = 300;
/// How long a code is remembered: a second use should be noticed.
const REMEMBERED: i64 = 86_400;
/// How many codes are remembered.
const MAX: usize = 1000;

/// A code that was given out, and what it stands for.
pub(crate) struct Code {
    pub(crate) allowed: Allowed,
    /// The one of the authorization request, to be repeated.
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    /// What goes wrong with it.
    pub(crate) scenario: Scenario,
    pub(crate) issued_at: i64,
    /// How many good requests came with it.
    pub(crate) tries: u32,
    pub(crate) used: bool,
    /// The connection that can be refreshed which came of it.
    pub(crate) connection: Option<u64>,
}

impl Code {
    pub(crate) fn has_expired(&self, now: i64) -> bool {
        now - self.issued_at >= LIFETIME
    }
}

/// All of them.
#[derive(Default)]
pub(crate) struct Codes(HashMap<String, Code>);

impl Codes {
    /// Gives out an unguessable name for it.
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
