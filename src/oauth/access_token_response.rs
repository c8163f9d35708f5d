//! The successful response
//! ([RFC 6749 §4.2.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.2.2)), and the part of
//! it that the token endpoint's has as well
//! ([§5.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.1)).

use super::{AccessToken, Scope, parameters::Parameters, redirection::RedirectionError};

/// What the authorization server granted, by its own word: ours, by `state`, and still unverified.
#[derive(Clone, Debug)]
pub struct AccessTokenResponse {
    /// `access_token`.
    pub access_token: AccessToken,
    /// `expires_in`, in seconds, if it can be read. The token's own `exp` is what counts.
    pub expires_in: Option<u32>,
    /// `scope`, if it can be read; absent if it is what was asked for.
    pub scope: Option<Scope>,
}

impl AccessTokenResponse {
    pub(super) fn read(parameters: &Parameters) -> Result<Self, RedirectionError> {
        Self::of(|name| parameters.get(name))
    }

    /// Reads the members that both ways to a token have; `get` knows no empty one. Two of them decide
    /// ([the rule](crate::json#what-decides-and-what-does-not)).
    pub(super) fn of<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, RedirectionError> {
        let access_token = get("access_token").ok_or(RedirectionError::NeitherTokenNorError)?;
        // RFC 6749 §7.1: the client must not use a token whose type it does not understand;
        // §4.2.2 and §5.1: the value is case insensitive.
        let token_type = get("token_type");
        if !token_type.is_some_and(|found| found.eq_ignore_ascii_case("Bearer")) {
            return Err(RedirectionError::UnsupportedTokenType);
        }
        Ok(Self {
            access_token: AccessToken::new(access_token.to_owned()),
            expires_in: get("expires_in").and_then(parse_seconds),
            scope: get("scope").and_then(Scope::read),
        })
    }
}

/// A number of seconds; also as a quoted JSON string, which the documentation shows.
pub fn parse_seconds(text: &str) -> Option<u32> {
    let digits = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    // `parse` takes a sign as well.
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}
