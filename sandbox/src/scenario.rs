//! The named ways in which this server can misbehave, and how a careful client reacts to each.

use crate::options::OAuth2Setting;
use std::{fmt, str::FromStr};

/// Which part of the exchange a scenario touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// The parameters handed to the redirection endpoint, and those of a token response.
    Response,
    /// An error instead of a token or a code.
    Error,
    /// The token endpoint, when the code is exchanged. Code flow only.
    TokenEndpoint,
    /// The token endpoint, when the code is exchanged by an application with a secret.
    Server,
    /// The access token's form, header and signature.
    Token,
    /// The access token's claims.
    Claims,
    /// The ID token beside the access token. Code flow only.
    IdToken,
    /// Requests for the JWK Set that fail.
    Keys,
    /// The contents of the JWK Set, from the moment the token is issued.
    KeySet,
    /// The V3 API, for requests made with the token issued.
    Api,
    /// The token endpoint, when the connection is refreshed. Code flow only.
    Refresh,
}

impl Group {
    /// Every group, in the order of the exchange.
    pub const ALL: [Self; 11] = [
        Self::Response,
        Self::Error,
        Self::TokenEndpoint,
        Self::Server,
        Self::Token,
        Self::Claims,
        Self::IdToken,
        Self::Keys,
        Self::KeySet,
        Self::Api,
        Self::Refresh,
    ];

    /// The heading above its scenarios.
    pub fn title(self) -> &'static str {
        match self {
            Self::Response => "The response",
            Self::Error => "Error responses",
            Self::TokenEndpoint => "The token endpoint",
            Self::Server => "The token endpoint, for a server",
            Self::Token => "The access token: form, header and signature",
            Self::Claims => "The access token: claims",
            Self::IdToken => "The ID token",
            Self::Keys => "The keys: failing requests",
            Self::KeySet => "The keys: contents of the set",
            Self::Api => "The API, with this token",
            Self::Refresh => "The refresh",
        }
    }

    /// Its scenarios.
    pub fn scenarios(self) -> impl Iterator<Item = Scenario> {
        let all = Scenario::ALL.iter().copied();
        all.filter(move |scenario| scenario.group() == self)
    }

    /// Whether its scenarios mean anything to an application with this setting.
    pub fn applies_to(self, setting: &OAuth2Setting) -> bool {
        match self {
            Self::TokenEndpoint | Self::IdToken | Self::Refresh => {
                *setting != OAuth2Setting::Implicit
            }
            Self::Server => matches!(setting, OAuth2Setting::CodeAndImplicit { .. }),
            _ => true,
        }
    }
}

/// What a careful client shows in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A connection, without any notice.
    Connected,
    /// A connection, with the notice that has this code.
    Notice(&'static str),
    /// No connection, and the error with this code.
    Refused(&'static str),
    /// The error with this code; a second or third attempt connects.
    Retry(&'static str),
    /// A connection whose API requests fail with this code.
    Api(&'static str),
    /// A connection that ends with this code at the first API request.
    Ended(&'static str),
    /// A connection whose first refreshes, or all of them, fail with this code.
    Renewal(&'static str),
}

impl Outcome {
    /// The code that is shown, if any.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Connected => None,
            Self::Notice(code)
            | Self::Refused(code)
            | Self::Retry(code)
            | Self::Api(code)
            | Self::Ended(code)
            | Self::Renewal(code) => Some(code),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => f.write_str("connected"),
            Self::Notice(code) => write!(f, "connected, notice {code}"),
            Self::Refused(code) => write!(f, "{code}"),
            Self::Retry(code) => write!(f, "{code}, then connected"),
            Self::Api(code) => write!(f, "connected, then {code}"),
            Self::Ended(code) => write!(f, "connected, then ended with {code}"),
            Self::Renewal(code) => write!(f, "connected, then at the refresh {code}"),
        }
    }
}

/// The name does not belong to a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScenario(
    /// The name.
    pub String,
);

impl fmt::Display for UnknownScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no scenario named {:?}", self.0)
    }
}

impl std::error::Error for UnknownScenario {}

macro_rules! scenarios {
    ($($group:ident { $(
        $variant:ident $name:literal $title:literal
            => $outcome:ident $(($code:literal))?, $expectation:literal;
    )* })*) => {
        /// One way to respond to an authorization request that the user allowed.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum Scenario {
            $($(
                #[doc = concat!($title, ". ", $expectation)]
                $variant,
            )*)*
            /// Everything works as with the real service.
            #[default]
            Normal,
        }

        impl Scenario {
            /// Every scenario, grouped, in the order of the exchange.
            pub const ALL: &'static [Self] = &[Self::Normal, $($(Self::$variant),*),*];

            /// The name used on the permission page and in tests.
            pub fn as_str(self) -> &'static str {
                match self {
                    Self::Normal => "normal",
                    $($(Self::$variant => $name,)*)*
                }
            }

            /// A short title for display.
            pub fn title(self) -> &'static str {
                match self {
                    Self::Normal => "Nothing goes wrong",
                    $($(Self::$variant => $title,)*)*
                }
            }

            /// One line on what a careful client does about it.
            pub fn expectation(self) -> &'static str {
                match self {
                    Self::Normal => "Connects.",
                    $($(Self::$variant => $expectation,)*)*
                }
            }

            /// The part of the exchange that it affects.
            pub fn group(self) -> Group {
                match self {
                    Self::Normal => Group::Response,
                    $($(Self::$variant => Group::$group,)*)*
                }
            }

            /// Whether it means anything to an application with this setting.
            pub fn applies_to(self, setting: &OAuth2Setting) -> bool {
                self.group().applies_to(setting)
            }

            /// What a careful client shows in the end.
            pub fn outcome(self) -> Outcome {
                match self {
                    Self::Normal => Outcome::Connected,
                    $($(Self::$variant => Outcome::$outcome $(($code))?,)*)*
                }
            }
        }
    };
}

scenarios! {
    Response {
        WrongState "wrong-state" "Another state than the one sent"
            => Refused("state_mismatch"), "Rejects a response that belongs to no request of this tab.";
        MissingState "missing-state" "A token or a code without state"
            => Refused("state_missing"), "Rejects a response that names no request.";
        DuplicateParameter "duplicate-parameter" "The access token or the code twice"
            => Refused("duplicate_parameter"), "Rejects a response with a repeated parameter.";
        TokenAndError "token-and-error" "Both a token or a code and an error"
            => Refused("token_and_error"), "Rejects a response that contradicts itself.";
        Neither "neither" "Neither a token, nor a code, nor an error"
            => Refused("neither_token_nor_error"), "Rejects a response without content.";
        EmptyAccessToken "empty-access-token" "An empty access token"
            => Refused("neither_token_nor_error"), "Rejects a response whose token is empty: RFC 6749 treats it as omitted.";
        Oversized "oversized" "A fragment of more than 64 KiB, or a query of more than 20"
            => Refused("response_too_large"), "Rejects the response without parsing it.";
        ResponseMalformed "response-malformed" "A fragment or a query that is not form-encoded"
            => Refused("response_malformed"), "Rejects a response with broken percent-encoding.";
        TokenTypeMac "token-type-mac" "token_type is mac"
            => Refused("unsupported_token_type"), "Rejects a token type it cannot use.";
        TokenTypeLowercase "token-type-lowercase" "token_type is bearer, in lower case"
            => Connected, "Connects: the value is case-insensitive.";
        ExpiresInText "expires-in-text" "expires_in is a quoted number"
            => Connected, "Connects: the token's own exp counts.";
        ExpiresInGarbage "expires-in-garbage" "expires_in is not a number"
            => Connected, "Connects: the token's own exp counts.";
        ExpiresInMissing "expires-in-missing" "No expires_in"
            => Connected, "Connects: the parameter is optional.";
        ScopeNarrowed "scope-narrowed" "One permission fewer than granted on the permission page"
            => Notice("scope_narrowed"), "Connects and says what will not work.";
        ScopeWidened "scope-widened" "One permission more than requested"
            => Notice("scope_widened"), "Connects and says what was granted in addition.";
        ScopeMissing "scope-missing" "No scope"
            => Connected, "Connects: without the parameter the scope is the requested one.";
        ScopeMalformed "malformed-scope" "A scope with forbidden characters"
            => Connected, "Connects: an unreadable scope counts as absent.";
        IssParameter "iss-parameter" "The parameter iss names this server"
            => Connected, "Connects: RFC 9207 defines the parameter for this.";
        OtherIssParameter "other-iss-parameter" "The parameter iss names another server"
            => Refused("response_issuer_mismatch"), "Rejects a response of another authorization server.";
    }
    Error {
        Denied "denied" "The user is not allowed in"
            => Refused("access_denied"), "Says that access was not granted and offers a way back.";
        PolicyRefused "policy-refused" "The server's policy refuses (a private application)"
            => Refused("access_denied"), "Says that access was not granted and offers a way back.";
        NotAssigned "not-assigned" "The user is not assigned to the application"
            => Refused("access_denied"), "Says that access was not granted and offers a way back.";
        InvalidRequestError "invalid-request-error" "invalid_request"
            => Refused("invalid_request"), "Says that the request was not understood.";
        UnauthorizedClient "unauthorized-client" "unauthorized_client"
            => Refused("unauthorized_client"), "Says that the application may not use this flow.";
        UnsupportedResponseType "unsupported-response-type" "unsupported_response_type"
            => Refused("unsupported_response_type"), "Says that the registration lacks the requested flow.";
        InvalidScopeError "invalid-scope-error" "invalid_scope"
            => Refused("invalid_scope"), "Says that the settings request a permission that does not exist.";
        ServerError "server-error" "server_error"
            => Refused("server_error"), "Says that the service failed; offers to retry.";
        TemporarilyUnavailable "temporarily-unavailable" "temporarily_unavailable"
            => Refused("temporarily_unavailable"), "Says that the service is busy; offers to retry.";
        LoginRequired "login-required" "login_required"
            => Refused("login_required"), "Says that the user has to sign in; offers to connect.";
        InteractionRequired "interaction-required" "interaction_required"
            => Refused("interaction_required"), "Says that the service needs the user's attention; offers to connect.";
        ConsentRequired "consent-required" "consent_required"
            => Refused("consent_required"), "Says that permission is missing; offers to connect.";
        UnsupportedResponseMode "unsupported-response-mode" "unsupported_response_mode"
            => Refused("unsupported_response_mode"), "Says that the request was not understood.";
        InvalidClientError "invalid-client-error" "invalid_client"
            => Refused("invalid_client"), "Says that the application is unknown.";
        InvalidGrantError "invalid-grant-error" "invalid_grant"
            => Refused("invalid_grant"), "Says so; offers to retry.";
        InvalidTokenError "invalid-token-error" "invalid_token"
            => Refused("invalid_token"), "Says so; offers to retry.";
        InsufficientScope "insufficient-scope" "insufficient_scope"
            => Refused("insufficient_scope"), "Says that the permission is insufficient.";
        UnknownError "unknown-error" "An undefined error code"
            => Refused("unknown_error"), "Says so without repeating the unknown code.";
        MarkupInError "markup-in-error" "An error description with markup in it"
            => Refused("server_error"), "Shows the description as text, if at all, and runs nothing.";
        ErrorWithoutState "error-without-state" "An error without state"
            => Refused("state_missing"), "Does not trust an error that belongs to no known request.";
        ErrorInQuery "error-in-query" "An error in the query instead of the fragment, or vice versa"
            => Refused("temporarily_unavailable"), "Reads it there as well and removes it from the address bar.";
        BidiInError "bidi-in-error" "An error description with Hebrew and a character that reverses what follows"
            => Refused("server_error"), "Reverses nothing outside the description.";
    }
    TokenEndpoint {
        TokenUnreachable "token-unreachable" "Requests with the code fail without CORS headers"
            => Refused("token_endpoint_unreachable"), "Says so; does not know whether the code was used.";
        TokenSilent "token-silent" "Requests with the code are never answered"
            => Refused("token_endpoint_unreachable"), "Times out.";
        TokenStatus "token-status" "Requests with the code get a 500 with an HTML page"
            => Refused("token_endpoint_status"), "Says that the service failed.";
        Token429 "token-429" "Requests with the code are throttled"
            => Refused("token_endpoint_throttled"), "Says that the service is busy.";
        Token429Passing "token-429-passing" "The first two requests with the code are throttled, with a Retry-After that a page can read"
            => Connected, "Sends the same code again after a pause: it has not been processed.";
        TokenHtml "token-html" "Requests with the code get an HTML page"
            => Refused("token_response_malformed"), "Rejects a response it cannot read.";
        TokenDuplicateMember "token-duplicate-member" "access_token twice in the JSON: something else, then the token"
            => Refused("token_response_malformed"), "Rejects a response with two interpretations.";
        TokenTooLarge "token-too-large" "A token response of more than 1 MiB"
            => Refused("token_response_too_large"), "Stops reading at its limit.";
        TokenRedirect "token-redirect" "A 307 redirect to an attacker, which would send the code there"
            => Refused("token_endpoint_unreachable"), "Follows no redirect.";
        CodeExpired "code-expired" "invalid_grant: the code has expired"
            => Refused("invalid_grant"), "Says so; offers to connect again.";
        CodeUsed "code-used" "invalid_grant: the code has been used"
            => Refused("invalid_grant"), "Says so; offers to connect again.";
        ClientUnknown "client-unknown" "invalid_client with a 401"
            => Refused("invalid_client"), "Says that the application is unknown.";
        PkceRequired "pkce-required" "invalid_client with a 401: browsers must use PKCE"
            => Refused("invalid_client"), "Says that the registration may be for another flow.";
        WrongGrant "wrong-grant" "unauthorized_client"
            => Refused("unauthorized_client"), "Says that the application may not use this flow.";
        TokenErrorUnknown "token-error-unknown" "An undefined error code, in JSON"
            => Refused("unknown_error"), "Says so without repeating the unknown code.";
        TokenErrorMarkup "token-error-markup" "An error description with markup in it, in JSON"
            => Refused("server_error"), "Shows the description as text, if at all, and runs nothing.";
        NoRefreshToken "no-refresh-token" "offline_access is granted, but there is no refresh token"
            => Connected, "Connects until the access token expires.";
        ScopeApiOnly "scope-api-only" "scope lists the API's permissions only, without openid and offline_access"
            => Connected, "Connects and reports nothing missing: the tokens show what was granted.";
        ScopeSpaces "scope-spaces" "scope has two spaces between tokens and one at the end"
            => Connected, "Connects: the tokens are the same.";
        ExpiresInFraction "expires-in-fraction" "expires_in is 86400.0"
            => Connected, "Connects: the token's own exp counts.";
        UnrequestedIdToken "unrequested-id-token" "The documentation's sample ID token, requested or not"
            => Connected, "Connects: what was not requested is ignored.";
        UnrequestedOpenid "unrequested-openid" "scope has openid, email and profile, requested or not, and there is no ID token"
            => Connected, "Connects, and misses neither an ID token nor a permission.";
    }
    Server {
        ClientRefused "client-refused" "invalid_client with a 401, as if the secret were wrong"
            => Refused("client_refused"), "Tells its operator, not the user, that the secret is wrong.";
        PkceRefused "pkce-refused" "invalid_request if there is a code verifier"
            => Refused("invalid_request"), "Says so; its operator can turn PKCE off.";
        TokenSlow "token-slow" "The response to the request with the code takes 14 seconds"
            => Connected, "Waits.";
        TokenDropped "token-dropped" "The code is used up, and the connection closes without a response"
            => Refused("token_endpoint_unreachable"), "Says so, and does not send the code again.";
    }
    Token {
        TwoParts "two-parts" "Two parts: the signature is left out"
            => Refused("malformed_token"), "Rejects the token.";
        FiveParts "five-parts" "Five parts, as if encrypted"
            => Refused("malformed_token"), "Rejects the token.";
        GarbageToken "garbage-token" "Not a JWT"
            => Refused("malformed_token"), "Rejects the token.";
        AlgNone "alg-none" "alg is none, no signature"
            => Refused("unsupported_algorithm"), "Rejects the token.";
        AlgHs256 "alg-hs256" "alg is HS256, keyed with the public key"
            => Refused("unsupported_algorithm"), "Rejects the token.";
        AlgRs384 "alg-rs384" "alg is RS384, properly signed"
            => Refused("unsupported_algorithm"), "Rejects the token: only one algorithm is accepted.";
        AlgRs512 "alg-rs512" "alg is RS512, properly signed"
            => Refused("unsupported_algorithm"), "Rejects the token: only one algorithm is accepted.";
        AlgPs256 "alg-ps256" "alg is PS256, properly signed"
            => Refused("unsupported_algorithm"), "Rejects the token: only one algorithm is accepted.";
        AlgEs256 "alg-es256" "alg is ES256, properly signed"
            => Refused("unsupported_algorithm"), "Rejects the token: only one algorithm is accepted.";
        AlgMislabelled "alg-mislabelled" "alg says RS256, the signature is PS256"
            => Refused("bad_signature"), "Rejects the token.";
        CriticalHeader "critical-header" "A critical header parameter"
            => Refused("critical_header"), "Rejects an extension it does not understand.";
        DuplicateHeaderMember "duplicate-header-member" "alg twice in the header: none, then RS256"
            => Refused("malformed_token"), "Rejects a header with two interpretations.";
        KeyUrls "key-urls" "jku, x5u, jwk and x5c point at an attacker; the signature is genuine"
            => Connected, "Connects without reading or fetching any of them.";
        AttackerKey "attacker-key" "Signed by an attacker, whose key is in jwk and at jku"
            => Refused("bad_signature"), "Rejects the token: only the issuer's keys count.";
        BadSignature "bad-signature" "One bit of the signature is wrong"
            => Refused("bad_signature"), "Rejects the token.";
        UnknownKey "unknown-key" "kid names no key of the set"
            => Refused("key_not_found"), "Fetches the set once more, then rejects the token.";
        NoKid "no-kid" "No kid, and two keys in the set"
            => Refused("ambiguous_key"), "Rejects the token rather than guess.";
        IdToken "id-token" "An ID token in place of the access token"
            => Refused("audience_mismatch"), "Rejects a token of another kind.";
    }
    Claims {
        Expired "expired" "Expired two minutes ago"
            => Refused("token_expired"), "Rejects the token.";
        NotYetValid "not-yet-valid" "nbf an hour from now"
            => Refused("token_not_yet_valid"), "Rejects the token.";
        IssuedInTheFuture "issued-in-the-future" "iat an hour from now"
            => Refused("issued_in_the_future"), "Rejects the token; the computer's clock may be wrong.";
        IssuedBeforeRequest "issued-before-request" "iat an hour ago"
            => Refused("issued_before_request"), "Rejects a token issued for another request.";
        LongLifetime "long-lifetime" "Valid for 25 hours"
            => Refused("lifetime_too_long"), "Rejects the token.";
        OtherIssuer "other-issuer" "Another iss"
            => Refused("issuer_mismatch"), "Rejects the token.";
        OtherAudience "other-audience" "Another aud"
            => Refused("audience_mismatch"), "Rejects the token.";
        AudienceArray "audience-array" "aud is an array of two"
            => Connected, "Connects: the array includes the API.";
        OtherClient "other-client" "Another cid"
            => Refused("client_mismatch"), "Rejects a token issued to another application.";
        OtherAccount "other-account" "The token of another account"
            => Connected, "Connects; asks first if this tab was connected to a different account.";
        NoIssuer "no-issuer" "No iss"
            => Refused("issuer_missing"), "Rejects the token.";
        NoAudience "no-audience" "No aud"
            => Refused("audience_missing"), "Rejects the token.";
        NoExpiry "no-expiry" "No exp"
            => Refused("expiry_missing"), "Rejects the token.";
        NoIssuedAt "no-issued-at" "No iat"
            => Refused("issued_at_missing"), "Rejects the token.";
        NoSubject "no-subject" "No sub"
            => Refused("subject_missing"), "Rejects the token.";
        NoClient "no-client" "No cid"
            => Refused("client_missing"), "Rejects the token.";
        NoPlatformUser "no-platform-user" "No platform_user_id"
            => Refused("platform_user_id_missing"), "Rejects the token.";
        UnassignedUser "unassigned-user" "platform_user_id is UNASSIGNED"
            => Refused("platform_user_unassigned"), "Says that the login belongs to no account.";
        MalformedClaims "malformed-claims" "exp is a word"
            => Refused("malformed_claims"), "Rejects the token.";
        ExpiryAsText "expiry-as-text" "exp is the right number, as a string"
            => Refused("malformed_claims"), "Rejects the token: a NumericDate is a number.";
        ExpiryNegative "expiry-negative" "exp is -1"
            => Refused("malformed_claims"), "Rejects the token.";
        ExpiryEnormous "expiry-enormous" "exp is 1e300"
            => Refused("malformed_claims"), "Rejects the token: there is no such date.";
        FractionalTimes "fractional-times" "iat and exp have a fraction of a second"
            => Connected, "Connects: RFC 7519 allows it.";
        DuplicateClaim "duplicate-claim" "cid twice: another application's, then ours"
            => Refused("malformed_claims"), "Rejects claims with two interpretations.";
        OtherNonce "other-nonce" "Another nonce than the one sent"
            => Refused("nonce_mismatch"), "Rejects the token.";
        MatchingNonce "matching-nonce" "The nonce that was sent"
            => Connected, "Connects: the real service omits it, but it is allowed.";
        ScpText "scp-text" "scp is a string, as scope is in RFC 9068"
            => Connected, "Connects: scp decides nothing.";
        ScpEmpty "scp-empty" "scp is an empty array"
            => Connected, "Connects: scp decides nothing.";
    }
    IdToken {
        IdTokenSound "id-token-sound" "A valid ID token, requested or not"
            => Connected, "Connects.";
        IdTokenHs256 "id-token-hs256" "alg is HS256, no kid, as in the documentation's sample"
            => Refused("id_token_unsupported_algorithm"), "Rejects it: only one algorithm is accepted.";
        IdTokenBadSignature "id-token-bad-signature" "One bit of its signature is wrong"
            => Refused("id_token_bad_signature"), "Rejects it.";
        IdTokenOtherIssuer "id-token-other-issuer" "Its iss is another issuer"
            => Refused("id_token_issuer_mismatch"), "Rejects it.";
        IdTokenOtherAudience "id-token-other-audience" "Its aud is another application"
            => Refused("id_token_audience_mismatch"), "Rejects an ID token issued to another application.";
        IdTokenTwoAudiences "id-token-two-audiences" "Its aud is an array of two, without azp"
            => Refused("id_token_authorized_party_missing"), "Rejects it: azp is needed to tell whose it is.";
        IdTokenOtherParty "id-token-other-party" "Its azp is another application"
            => Refused("id_token_authorized_party_mismatch"), "Rejects an ID token issued to another application.";
        IdTokenOtherNonce "id-token-other-nonce" "Its nonce differs from the one sent"
            => Refused("id_token_nonce_mismatch"), "Rejects an ID token issued for another request.";
        IdTokenNoNonce "id-token-no-nonce" "It has no nonce"
            => Refused("id_token_nonce_missing"), "Rejects an ID token that is bound to no request.";
        IdTokenOtherHash "id-token-other-hash" "Its at_hash is that of another access token"
            => Refused("id_token_hash_mismatch"), "Rejects it: the access token may have been replaced.";
        IdTokenExpired "id-token-expired" "It expired two minutes ago"
            => Refused("id_token_expired"), "Rejects it.";
        IdTokenFuture "id-token-future" "Its iat is an hour from now"
            => Refused("id_token_issued_in_the_future"), "Rejects it; the computer's clock may be wrong.";
        IdTokenNoSubject "id-token-no-subject" "It has no sub"
            => Refused("id_token_subject_missing"), "Rejects it.";
        IdTokenGarbage "id-token-garbage" "It is not a JWT"
            => Refused("id_token_malformed"), "Rejects it.";
        IdTokenIsAccessToken "id-token-is-access-token" "It is a copy of the access token"
            => Refused("id_token_audience_mismatch"), "Rejects a token of another kind.";
        IdTokenMissing "id-token-missing" "openid is granted, requested or not, but there is no ID token"
            => Refused("id_token_missing"), "Rejects an incomplete response if it requested openid.";
    }
    Keys {
        KeysUnreachable "keys-unreachable" "The next two requests for the keys fail without CORS headers"
            => Retry("keys_unreachable"), "Keeps the response and offers to retry.";
        KeysSilent "keys-silent" "The next request for the keys is never answered"
            => Retry("keys_unreachable"), "Times out after ten seconds and offers to retry.";
        KeysStatus "keys-status" "The next two requests for the keys get a 500"
            => Retry("keys_status"), "Keeps the response and offers to retry.";
        Keys304 "keys-304" "The next two requests for the keys get a 304"
            => Retry("keys_status"), "Keeps the response and offers to retry: its request was unconditional.";
        Keys404 "keys-404" "The next two requests for the keys get a 404"
            => Retry("keys_status"), "Keeps the response and offers to retry.";
        Keys429 "keys-429" "The next two requests for the keys are throttled"
            => Retry("keys_status"), "Keeps the response and retries only on request.";
        KeysHtml "keys-html" "The next two requests for the keys get an HTML page"
            => Retry("keys_malformed"), "Keeps the response and offers to retry.";
        KeysEmpty "keys-empty" "The next two requests for the keys get an empty set"
            => Retry("keys_empty"), "Keeps the response and offers to retry.";
        KeysTooLarge "keys-too-large" "The next two requests for the keys get 2 MiB"
            => Retry("keys_too_large"), "Stops reading at its limit, keeps the response and offers to retry.";
    }
    KeySet {
        RotatedKey "rotated-key" "The key changes just before the token is signed"
            => Connected, "Connects: after an unknown kid, it fetches the set once more.";
        ReusedKid "reused-kid" "A new key under the kid of the old one"
            => Connected, "Connects: after a signature that does not verify, it fetches the set once more.";
        ManyKeys "many-keys" "A thousand keys"
            => Connected, "Connects: it finds the key that the token names.";
        OtherKeyTypes "other-key-types" "EC, oct, AKP and made-up keys besides the RSA keys"
            => Connected, "Connects: keys that cannot verify RS256 are skipped.";
        UnknownMembers "unknown-members" "Undefined members in the set and in its keys"
            => Connected, "Connects: RFC 7517 says to ignore them.";
        BareKey "bare-key" "A key without use and without alg"
            => Connected, "Connects: both are optional.";
        KeySetMediaType "key-set-media-type" "The content type application/jwk-set+json"
            => Connected, "Connects: that is the registered media type.";
        NoKidOneKey "no-kid-one-key" "No kid in the token or in the set, which has one key"
            => Connected, "Connects: there is nothing to guess.";
        DuplicateKid "duplicate-kid" "Two keys under the kid of the token"
            => Refused("ambiguous_key"), "Rejects the token rather than guess.";
        WeakKey "weak-key" "Signed with a key of 1024 bits that is in the set"
            => Refused("weak_key"), "Rejects the token.";
        EncKey "enc-key" "Signed with a key published for encryption"
            => Refused("unsuitable_key"), "Rejects the token.";
        KeyOperations "key-operations" "The key's key_ops lack verify"
            => Refused("unsuitable_key"), "Rejects the token.";
        KeyAlgorithm "key-algorithm" "The key's alg is RS512"
            => Refused("unsuitable_key"), "Rejects the token: a key is for one algorithm.";
        EvenExponent "even-exponent" "The key's exponent is even"
            => Refused("unsuitable_key"), "Rejects the token.";
        TinyExponent "tiny-exponent" "The key's exponent is 1, so that anybody can sign"
            => Refused("unsuitable_key"), "Rejects the token.";
    }
    Api {
        Api401 "api-401" "Every request gets a 401"
            => Ended("connection_rejected"), "Ends the connection and says why.";
        Api403 "api-403" "Every request gets a 403"
            => Api("api_forbidden"), "Names the possible causes.";
        Api429 "api-429" "The first eight requests are throttled"
            => Api("api_throttled"), "Waits and retries when asked.";
        ApiQuota "api-quota" "The daily quota is used up"
            => Api("api_quota_exceeded"), "Says that the quota resets at midnight UTC.";
        Api500 "api-500" "The first two requests get a 500"
            => Api("api_unavailable"), "Says so and offers to retry.";
        ApiUnreachable "api-unreachable" "The first two requests fail without CORS headers"
            => Api("api_unreachable"), "Says so and offers to retry.";
        ApiSlow "api-slow" "Every request takes three seconds"
            => Connected, "Shows that it is waiting.";
        ApiGarbage "api-garbage" "Every request gets an HTML page instead of JSON"
            => Api("api_unexpected"), "Says that the response could not be read.";
        Api401Lists "api-401-lists" "Contact lists get a 401, also after a refresh; other requests succeed"
            => Api("api_unauthorized"), "Says so in place of the lists, and does not keep refreshing.";
        ApiLooseJson "api-loose-json" "Whole numbers are written as 2.0, absent values as null"
            => Connected, "Accepts both.";
        ApiLongName "api-long-name" "The organization's name is one word of 60 letters"
            => Connected, "Breaks the word; the layout stays.";
        ApiReversedName "api-reversed-name" "The organization's name has a character that reverses what follows"
            => Connected, "Reverses nothing but the name.";
        ApiHebrewName "api-hebrew-name" "The organization's name is long and in Hebrew"
            => Connected, "Shows the name right to left, shortened at its end.";
        ApiStatusCapitals "api-status-capitals" "The status of every campaign is DONE"
            => Connected, "Shows it as Done.";
        ApiOddEmail "api-odd-email" "The contact address is a&b?c@x.example"
            => Connected, "Links to that address and no other.";
    }
    Refresh {
        RefreshInvalidGrant "refresh-invalid-grant" "The first refresh is rejected and the refresh token is revoked"
            => Renewal("invalid_grant"), "Uses the access token until it expires; then asks to connect again.";
        RefreshUnreachable "refresh-unreachable" "The first two refreshes fail without CORS headers and have no effect"
            => Renewal("token_endpoint_unreachable"), "Says so; does not know whether the refresh token was used.";
        Refresh429 "refresh-429" "The first two refreshes are throttled"
            => Renewal("token_endpoint_throttled"), "Waits and retries.";
        Refresh500 "refresh-500" "The first two refreshes get a 500 with an HTML page"
            => Renewal("token_endpoint_status"), "Waits and retries.";
        Refresh403 "refresh-403" "The first two refreshes get a gateway's 403 with an HTML page"
            => Renewal("token_endpoint_status"), "Waits and retries: no authorization server has rejected the refresh token.";
        Refresh404 "refresh-404" "The first two refreshes get a gateway's 404 with an HTML page"
            => Renewal("token_endpoint_status"), "Waits and retries: no authorization server has rejected the refresh token.";
        RefreshHtml "refresh-html" "The first refresh succeeds but responds with an HTML page"
            => Renewal("token_response_malformed"), "Says so: the rotating refresh token is used up.";
        RefreshLostResponse "refresh-lost-response" "The first refresh succeeds but its response is lost; using the old token again is reuse"
            => Renewal("invalid_grant"), "Asks to connect again after its retry.";
        RefreshBadSignature "refresh-bad-signature" "One bit of the new access token's signature is wrong"
            => Renewal("bad_signature"), "Rejects the new token.";
        RefreshOtherAccount "refresh-other-account" "The new access token is another account's"
            => Renewal("account_changed"), "Rejects the new token.";
        RefreshNoRotation "refresh-no-rotation" "No refresh token in the response: the old one stays valid"
            => Connected, "Keeps the one it has (RFC 6749 §6).";
        RefreshOtherClient "refresh-other-client" "The new access token's cid is another"
            => Renewal("client_mismatch"), "Rejects the new token.";
        RefreshExpired "refresh-expired" "The new access token expired two minutes ago"
            => Renewal("token_expired"), "Rejects the new token.";
        RefreshIdTokenOtherSubject "refresh-id-token-other-subject" "An ID token with another sub comes with the new access token"
            => Renewal("id_token_subject_mismatch"), "Rejects the new token (OpenID Connect Core §12.2).";
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|scenario| scenario.as_str() == name)
            .ok_or_else(|| UnknownScenario(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_name_is_kebab_case_unique_and_parses_back() {
        let mut names = HashSet::new();
        for &scenario in Scenario::ALL {
            let name = scenario.as_str();
            assert!(
                name.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
                "{name}"
            );
            assert!(names.insert(name), "{name} twice");
            assert_eq!(name.parse(), Ok(scenario));
        }
        assert_eq!(
            "Normal".parse::<Scenario>(),
            Err(UnknownScenario("Normal".to_owned()))
        );
    }
}
