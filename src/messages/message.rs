//! A message, and the texts of an error by its code.

use crate::words::{self, ERROR_NAMES, Names, Word, fill};

/// A message: a title and the paragraphs below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What happened, in a few words.
    pub title: String,
    /// What that means, what was lost and what to do, one paragraph each.
    pub paragraphs: Vec<String>,
}

/// Values by name, which take the places of `{name}` in a text.
pub(super) type Values<'a> = &'a [(&'a str, &'a str)];

/// Paragraphs that many messages end with, by the name that stands for them.
const SHARED: [(&str, Word); 12] = [
    ("again", words::NEXT_AGAIN),
    ("check-blockers", words::NEXT_CHECK_BLOCKERS),
    ("check-network", words::NEXT_CHECK_NETWORK),
    ("connect-again", words::NEXT_CONNECT_AGAIN),
    ("erased", words::NEXT_ERASED),
    ("for-deployer", words::NEXT_FOR_DEPLOYER),
    ("id-token-erased", words::NEXT_ID_TOKEN_ERASED),
    ("kept", words::NEXT_KEPT),
    ("nothing-lost", words::NEXT_NOTHING_LOST),
    ("out-of-date", words::NEXT_OUT_OF_DATE),
    ("tell", words::NEXT_TELL),
    ("wait-a-minute", words::NEXT_WAIT_A_MINUTE),
];

/// Codes that share the texts of another.
const SAME: [(&str, &str); 19] = [
    ("api_conflict", "api_unexpected"),
    ("api_invalid", "api_unexpected"),
    ("audience_missing", "claim_missing"),
    ("client_missing", "claim_missing"),
    ("expiry_missing", "claim_missing"),
    ("issued_at_missing", "claim_missing"),
    ("issuer_missing", "claim_missing"),
    ("platform_user_id_missing", "claim_missing"),
    ("subject_missing", "claim_missing"),
    ("consent_required", "login_required"),
    ("interaction_required", "login_required"),
    ("insufficient_scope", "invalid_grant"),
    ("invalid_token", "invalid_grant"),
    ("invalid_client", "unauthorized_client"),
    ("unsupported_grant_type", "unauthorized_client"),
    ("unsupported_response_mode", "unsupported_response_type"),
    (
        "id_token_authorized_party_mismatch",
        "id_token_other_audience",
    ),
    (
        "id_token_authorized_party_missing",
        "id_token_other_audience",
    ),
    ("id_token_nonce_missing", "id_token_nonce_mismatch"),
];

impl Message {
    /// A message of a title and paragraphs.
    pub fn new(title: Word, paragraphs: &[Word]) -> Self {
        Self {
            title: title.text().to_owned(),
            paragraphs: paragraphs
                .iter()
                .map(|word| word.text().to_owned())
                .collect(),
        }
    }

    /// Like `new`, with a first paragraph that is already formatted.
    pub fn beginning(title: Word, first: String, next: &[Word]) -> Self {
        let mut message = Self::new(title, next);
        message.paragraphs.insert(0, first);
        message
    }

    /// The message for an error's code; a generic one if the code has no texts.
    pub fn for_code(code: &str, values: Values<'_>) -> Self {
        Self::named(ERROR_NAMES, code, values).unwrap_or_else(|| {
            let next = [words::NEXT_NOTHING_LOST, words::NEXT_TELL];
            Self::new(words::NOT_MADE_UNFORESEEN, &next)
        })
    }

    /// The message whose texts have this name.
    pub(super) fn named(names: Names, code: &str, values: Values<'_>) -> Option<Self> {
        let same = SAME.iter().find(|(one, _)| *one == code);
        let code = same.map_or(code, |(_, other)| other);
        let title = names.find(code, "")?;
        let what = names.find(code, ".what")?;
        let mut all = SHARED.map(|(name, word)| (name, word.text())).to_vec();
        all.extend(values);
        Some(Self {
            title: title.text().to_owned(),
            paragraphs: what
                .text()
                .split('\n')
                .map(|line| fill(line, &all))
                .collect(),
        })
    }

    /// This message without the paragraphs that say a value which is not known. No value has been
    /// filled in that may have braces of its own.
    pub(super) fn without_unknown(mut self) -> Self {
        self.paragraphs.retain(|text| !text.contains('{'));
        self
    }

    /// This message with a last paragraph added.
    pub(super) fn ending(mut self, last: String) -> Self {
        self.paragraphs.push(last);
        self
    }

    /// The first paragraph: what happened.
    pub(super) fn into_first(self) -> String {
        self.paragraphs.into_iter().next().unwrap_or_default()
    }
}
