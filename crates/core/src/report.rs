//! The report of a verification: every check by name, with the section that requires it, its
//! outcome, and what was found. It explains a verdict and is not one: only
//! [`VerifiedAccessToken::verify`](crate::session::VerifiedAccessToken::verify) makes a token
//! usable.

use crate::time::Timestamp;
use std::fmt;

/// A section of a standard, with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name, such as `RFC 7519 §4.1.4`.
    pub label: &'static str,
    /// Its address, up to the fragment that names the section.
    pub url: &'static str,
}

macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $label:literal, $url:literal;)*) => {
        /// A check of a token.
        ///
        /// ```
        /// use cc_connect_core::report::CheckName;
        ///
        /// assert_eq!(CheckName::Expiry.as_str(), "exp");
        /// assert_eq!(CheckName::parse("exp"), Some(CheckName::Expiry));
        /// assert_eq!(CheckName::Expiry.section().label, "RFC 7519 §4.1.4");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum CheckName {
            $($(#[$doc])* $variant,)*
        }

        impl CheckName {
            /// Every check that there is: those of every JWT, then those of an access token from
            /// Constant Contact, then those of an ID token.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name, such as `signature` or `exp`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The section that requires the check.
            pub const fn section(self) -> Section {
                match self {
                    $(Self::$variant => Section { label: $label, url: $url },)*
                }
            }
        }
    };
}

checks! {
    /// The text is a JWS in compact serialization.
    Compact = "compact",
        "RFC 7515 §7.1", "https://www.rfc-editor.org/rfc/rfc7515.html#section-7.1";
    /// `typ`, if present, is one of the accepted types.
    Type = "typ",
        "RFC 8725 §3.11", "https://www.rfc-editor.org/rfc/rfc8725.html#section-3.11";
    /// `alg` is the one algorithm accepted.
    Algorithm = "alg",
        "RFC 8725 §3.1", "https://www.rfc-editor.org/rfc/rfc8725.html#section-3.1";
    /// The header requires no extension.
    Critical = "crit",
        "RFC 7515 §4.1.11", "https://www.rfc-editor.org/rfc/rfc7515.html#section-4.1.11";
    /// The key set has exactly one key that the token may be verified with.
    KeyId = "kid",
        "RFC 7515 §4.1.4", "https://www.rfc-editor.org/rfc/rfc7515.html#section-4.1.4";
    /// The key is long enough.
    KeySize = "key_size",
        "RFC 7518 §3.3", "https://www.rfc-editor.org/rfc/rfc7518.html#section-3.3";
    /// The signature verifies under the key.
    Signature = "signature",
        "RFC 7515 §5.2", "https://www.rfc-editor.org/rfc/rfc7515.html#section-5.2";
    /// The claims are one JSON object.
    Claims = "claims",
        "RFC 7519 §7.2", "https://www.rfc-editor.org/rfc/rfc7519.html#section-7.2";
    /// `iss` is the expected issuer.
    Issuer = "iss",
        "RFC 7519 §4.1.1", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.1";
    /// `aud` contains the expected audience.
    Audience = "aud",
        "RFC 7519 §4.1.3", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.3";
    /// `exp` has not passed.
    Expiry = "exp",
        "RFC 7519 §4.1.4", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.4";
    /// `nbf`, if present, has passed.
    NotBefore = "nbf",
        "RFC 7519 §4.1.5", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.5";
    /// `iat` fits the request, the time and the longest lifetime accepted.
    IssuedAt = "iat",
        "RFC 7519 §4.1.6", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.6";
    /// `sub` is present.
    Subject = "sub",
        "RFC 7519 §4.1.2", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.2";

    /// `cid` is this client.
    ClientId = "cid", "Constant Contact OAuth2",
        "https://developer.constantcontact.com/api_guide/client_flow.html";
    /// `platform_user_id` is an account.
    PlatformUserId = "platform_user_id", "Constant Contact OAuth2",
        "https://developer.constantcontact.com/api_guide/client_flow.html";
    /// `nonce`, if present, is the one that was sent.
    Nonce = "nonce", "OpenID Connect Core §3.2.2.11",
        "https://openid.net/specs/openid-connect-core-1_0.html#ImplicitIDTValidation";

    /// `azp`, if present, is this client; it has to be present beside several audiences.
    AuthorizedParty = "azp", "OpenID Connect Core §3.1.3.7",
        "https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation";
    /// `aud` has no other audience than this client.
    OnlyAudience = "only_aud", "OpenID Connect Core §3.1.3.7",
        "https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation";
    /// `nonce` of the ID token is the one that was sent.
    IdTokenNonce = "id_nonce", "OpenID Connect Core §3.1.3.7",
        "https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation";
    /// `at_hash`, if present, is that of the access token.
    AccessTokenHash = "at_hash", "OpenID Connect Core §3.1.3.8",
        "https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowTokenValidation";
    /// `sub` of a refresh's ID token is that of the first one.
    SameSubject = "same_sub", "OpenID Connect Core §12.2",
        "https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse";
}

impl CheckName {
    /// The check with this stable name.
    pub fn parse(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|check| check.as_str() == name)
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a check of a token ended. At most one in a report has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The token has what the check requires.
    Passed,
    /// The token failed and was rejected here.
    Failed,
    /// The token has nothing to check, and need not have.
    NotApplicable,
    /// An earlier check failed, so nothing is known about this one.
    NotReached,
}

/// One check of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Which check it is, with the section that requires it.
    pub name: CheckName,
    /// Whether the token passed it, failed it, or never got to it.
    pub outcome: Outcome,
    /// The value that passed, if there is one to show and it is not secret. Times are seconds since
    /// the epoch, sizes are bits.
    pub found: Option<String>,
}

/// Every check in the order it was made.
///
/// ```
/// use cc_connect_core::report::{Check, CheckName, Outcome, Report};
///
/// // A report can come from elsewhere, to be shown.
/// let report = Report::from_iter([Check {
///     name: CheckName::Expiry,
///     outcome: Outcome::Failed,
///     found: None,
/// }]);
/// assert!(!report.is_complete());
/// assert_eq!(report.checks()[0].name.section().label, "RFC 7519 §4.1.4");
/// // No signature was verified here, so nobody can say when the token was issued.
/// assert_eq!(report.issued_at(), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    checks: Vec<Check>,
    issued_at: Option<Timestamp>,
}

impl FromIterator<Check> for Report {
    fn from_iter<T: IntoIterator<Item = Check>>(checks: T) -> Self {
        Self {
            checks: checks.into_iter().collect(),
            issued_at: None,
        }
    }
}

impl Report {
    /// The checks in the order they were made; after a failure, those that were not reached.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// `iat`, if the signature over it was verified, whatever the outcome of the other checks.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.issued_at
    }

    pub(crate) fn set_issued_at(&mut self, issued_at: Option<Timestamp>) {
        self.issued_at = issued_at;
    }

    /// Whether no check failed and all were reached.
    pub fn is_complete(&self) -> bool {
        self.checks
            .iter()
            .all(|check| matches!(check.outcome, Outcome::Passed | Outcome::NotApplicable))
    }

    /// Whether exactly these checks were made, in this order, and none failed.
    pub(crate) fn is_complete_with(&self, all: impl Iterator<Item = CheckName>) -> bool {
        self.is_complete() && self.checks.iter().map(|check| check.name).eq(all)
    }

    /// Records how a check ended and hands its result on, so that the first failure ends the
    /// verification.
    pub(crate) fn check<T: Finding, E>(
        &mut self,
        name: CheckName,
        result: Result<T, E>,
    ) -> Result<T, E> {
        let (outcome, found) = match &result {
            Ok(value) => (value.outcome(), value.shown()),
            Err(_) => (Outcome::Failed, None),
        };
        self.checks.push(Check {
            name,
            outcome,
            found,
        });
        result
    }

    /// Adds the checks of `all` that were not reached, so that a failed report is as long as a
    /// passed one.
    pub(crate) fn complete_with(&mut self, all: &[CheckName]) {
        for &name in all {
            if !self.checks.iter().any(|check| check.name == name) {
                self.checks.push(Check {
                    name,
                    outcome: Outcome::NotReached,
                    found: None,
                });
            }
        }
    }

    /// This report, but failed at the check `name`, with later checks not reached: a report that
    /// accompanies an error shows where it occurred.
    #[must_use]
    pub(crate) fn failed_at(mut self, name: CheckName) -> Self {
        let checks = self.checks.iter_mut();
        for (index, check) in checks.skip_while(|check| check.name != name).enumerate() {
            check.outcome = match index {
                0 => Outcome::Failed,
                _ => Outcome::NotReached,
            };
            check.found = None;
        }
        self
    }
}

/// What a check that did not fail found.
pub(crate) trait Finding {
    /// How the check ended.
    fn outcome(&self) -> Outcome {
        Outcome::Passed
    }

    /// What to show, if there is anything beyond the outcome.
    fn shown(&self) -> Option<String> {
        None
    }
}

/// It passed, and there is nothing to show.
impl Finding for () {}

/// An empty text is not worth showing.
impl Finding for String {
    fn shown(&self) -> Option<String> {
        (!self.is_empty()).then(|| self.clone())
    }
}

impl Finding for Vec<String> {
    fn shown(&self) -> Option<String> {
        Some(self.join(", "))
    }
}

impl Finding for Timestamp {
    fn shown(&self) -> Option<String> {
        Some(self.unix_seconds().to_string())
    }
}

/// `None` if the token has nothing to check.
impl<T: Finding> Finding for Option<T> {
    fn outcome(&self) -> Outcome {
        match self {
            Some(found) => found.outcome(),
            None => Outcome::NotApplicable,
        }
    }

    fn shown(&self) -> Option<String> {
        self.as_ref().and_then(Finding::shown)
    }
}
