//! The named ways in which this server can misbehave, and what a careful client makes of each.

use crate::options::OAuth2Setting;
use std::{fmt, str::FromStr};

/// Which part of the exchange a scenario touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// The parameters handed to the redirection endpoint, and those of a token response.
    Response,
    /// An error in the place of a token or a code.
    Error,
    /// The token endpoint, for the code issued. With PKCE only, as the next.
    TokenEndpoint,
    /// The access token's form, header and signature.
    Token,
    /// The access token's claims.
    Claims,
    /// The ID token beside the access token. With PKCE only.
    IdToken,
    /// Requests for the JWK Set that fail.
    Keys,
    /// What is in the JWK Set, from the moment the token is issued.
    KeySet,
    /// The V3 API, for requests made with the token issued.
    Api,
    /// The token endpoint, at refreshes of the connection made. With PKCE only.
    Refresh,
}

impl Group {
    /// Every group, in the order of the exchange.
    pub const ALL: [Self; 10] = [
        Self::Response,
        Self::Error,
        Self::TokenEndpoint,
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
            Self::Response => "The answer",
            Self::Error => "An error for an answer",
            Self::TokenEndpoint => "The token endpoint",
            Self::Token => "The access token: form, header and signature",
            Self::Claims => "The access token: claims",
            Self::IdToken => "The ID token",
            Self::Keys => "The keys: requests that fail",
            Self::KeySet => "The keys: what is in the set",
            Self::Api => "The API, for this token",
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
                matches!(setting, OAuth2Setting::Pkce { .. })
            }
            _ => true,
        }
    }
}

/// What a careful client shows in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A connection, with nothing to say about it.
    Connected,
    /// A connection, with the notice of this code.
    Notice(&'static str),
    /// No connection; the error of this code.
    Refused(&'static str),
    /// No connection yet; the error of this code, and a second or third try succeeds.
    Retry(&'static str),
    /// A connection whose API requests fail with this code.
    Api(&'static str),
    /// A connection that ends at the first API request, with this code.
    Ended(&'static str),
    /// A connection whose first refreshes, or all of them, fail with this code.
    Renewal(&'static str),
}

impl Outcome {
    /// The code shown, if there is one.
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

/// A name that belongs to no scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScenario(
    /// What was given.
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
        /// One way to answer an authorization request that the person allowed.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum Scenario {
            $($(
                #[doc = concat!($title, ". ", $expectation)]
                $variant,
            )*)*
            /// Everything as the real service does it.
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

            /// A short title for people.
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

            /// The part of the exchange it touches.
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
            => Refused("state_mismatch"), "Refuses an answer that belongs to no request of this tab.";
        MissingState "missing-state" "A token or a code without state"
            => Refused("state_missing"), "Refuses an answer that names no request.";
        DuplicateParameter "duplicate-parameter" "The access token or the code twice"
            => Refused("duplicate_parameter"), "Refuses an answer with a repeated parameter.";
        TokenAndError "token-and-error" "Both a token or a code and an error"
            => Refused("token_and_error"), "Refuses an answer that says two things.";
        Neither "neither" "Neither a token, nor a code, nor an error"
            => Refused("neither_token_nor_error"), "Refuses an answer that says nothing.";
        EmptyAccessToken "empty-access-token" "An empty access token"
            => Refused("neither_token_nor_error"), "Refuses an answer whose token is empty: RFC 6749 has it as absent.";
        Oversized "oversized" "A fragment of more than 64 KiB, or a query of more than 20"
            => Refused("response_too_large"), "Refuses the answer unread.";
        ResponseMalformed "response-malformed" "A fragment or a query that is not form-encoded"
            => Refused("response_malformed"), "Refuses an answer with broken percent-encoding.";
        TokenTypeMac "token-type-mac" "token_type is mac"
            => Refused("unsupported_token_type"), "Refuses a kind of token it cannot use.";
        TokenTypeLowercase "token-type-lowercase" "token_type is bearer, in lower case"
            => Connected, "Connects: the value knows no case.";
        ExpiresInText "expires-in-text" "expires_in is a quoted number"
            => Connected, "Connects: the token's own exp counts.";
        ExpiresInGarbage "expires-in-garbage" "expires_in is no number"
            => Connected, "Connects: the token's own exp counts.";
        ExpiresInMissing "expires-in-missing" "No expires_in"
            => Connected, "Connects: the parameter is optional.";
        ScopeNarrowed "scope-narrowed" "One permission less than allowed"
            => Notice("scope_narrowed"), "Connects and says what will not work.";
        ScopeWidened "scope-widened" "One permission more than asked for"
            => Notice("scope_widened"), "Connects and says what came on top.";
        ScopeMissing "scope-missing" "No scope"
            => Connected, "Connects: without the parameter the scope is the one asked for.";
        ScopeMalformed "malformed-scope" "A scope with forbidden characters"
            => Connected, "Connects: what cannot be read is as good as not said.";
        IssParameter "iss-parameter" "The parameter iss names this server"
            => Connected, "Connects: that is what RFC 9207 has it for.";
        OtherIssParameter "other-iss-parameter" "The parameter iss names another server"
            => Refused("response_issuer_mismatch"), "Refuses an answer of another authorization server.";
    }
    Error {
        Denied "denied" "The person is not allowed in"
            => Refused("access_denied"), "Says that access was not given, with a way back.";
        PolicyRefused "policy-refused" "The server's policy refuses (a private application)"
            => Refused("access_denied"), "Says that access was not given, with a way back.";
        NotAssigned "not-assigned" "The person is not assigned to the application"
            => Refused("access_denied"), "Says that access was not given, with a way back.";
        InvalidRequestError "invalid-request-error" "invalid_request"
            => Refused("invalid_request"), "Says that the request was not understood.";
        UnauthorizedClient "unauthorized-client" "unauthorized_client"
            => Refused("unauthorized_client"), "Says that the application may not ask in this way.";
        UnsupportedResponseType "unsupported-response-type" "unsupported_response_type"
            => Refused("unsupported_response_type"), "Says that the registration lacks the flow asked for.";
        InvalidScopeError "invalid-scope-error" "invalid_scope"
            => Refused("invalid_scope"), "Says that the settings ask for a permission that does not exist.";
        ServerError "server-error" "server_error"
            => Refused("server_error"), "Says that the service failed; offers to try again.";
        TemporarilyUnavailable "temporarily-unavailable" "temporarily_unavailable"
            => Refused("temporarily_unavailable"), "Says that the service is busy; offers to try again.";
        LoginRequired "login-required" "login_required"
            => Refused("login_required"), "Says that somebody has to sign in; offers to connect.";
        InteractionRequired "interaction-required" "interaction_required"
            => Refused("interaction_required"), "Says that the service has a question; offers to connect.";
        ConsentRequired "consent-required" "consent_required"
            => Refused("consent_required"), "Says that permission is missing; offers to connect.";
        UnsupportedResponseMode "unsupported-response-mode" "unsupported_response_mode"
            => Refused("unsupported_response_mode"), "Says that the request was not understood.";
        InvalidClientError "invalid-client-error" "invalid_client"
            => Refused("invalid_client"), "Says that the application is not known.";
        InvalidGrantError "invalid-grant-error" "invalid_grant"
            => Refused("invalid_grant"), "Says so; offers to try again.";
        InvalidTokenError "invalid-token-error" "invalid_token"
            => Refused("invalid_token"), "Says so; offers to try again.";
        InsufficientScope "insufficient-scope" "insufficient_scope"
            => Refused("insufficient_scope"), "Says that the permission does not suffice.";
        UnknownError "unknown-error" "An error code that nobody has defined"
            => Refused("unknown_error"), "Says so without repeating what it does not know.";
        MarkupInError "markup-in-error" "An error description that holds markup"
            => Refused("server_error"), "Shows the description as text, if at all, and runs nothing.";
        ErrorWithoutState "error-without-state" "An error without state"
            => Refused("state_missing"), "Does not trust an error that names no request.";
        ErrorInQuery "error-in-query" "An error in the query instead of the fragment, or the other way round"
            => Refused("temporarily_unavailable"), "Reads it there as well, and takes it off the address bar.";
        BidiInError "bidi-in-error" "An error description with Hebrew and a character that reverses what follows"
            => Refused("server_error"), "Reverses nothing outside of the description.";
    }
    TokenEndpoint {
        TokenUnreachable "token-unreachable" "Requests with the code fail, without CORS"
            => Refused("token_endpoint_unreachable"), "Says so; does not know whether the code was used.";
        TokenSilent "token-silent" "Requests with the code are never answered"
            => Refused("token_endpoint_unreachable"), "Gives up after a while.";
        TokenStatus "token-status" "Requests with the code get a 500 with a page"
            => Refused("token_endpoint_status"), "Says that the service failed.";
        Token429 "token-429" "Requests with the code are throttled"
            => Refused("token_endpoint_throttled"), "Says that the service is busy.";
        Token429Passing "token-429-passing" "The first two requests with the code are throttled, with a Retry-After that a page can read"
            => Connected, "Sends the same code again after a pause: it was not processed.";
        TokenHtml "token-html" "Requests with the code get a page"
            => Refused("token_response_malformed"), "Refuses an answer it cannot read.";
        TokenDuplicateMember "token-duplicate-member" "access_token twice in the JSON: something else, then the token"
            => Refused("token_response_malformed"), "Refuses an answer that can be read in two ways.";
        TokenTooLarge "token-too-large" "A token response of more than 1 MiB"
            => Refused("token_response_too_large"), "Stops reading.";
        TokenRedirect "token-redirect" "A redirect with a 307, which has the code sent again, to an attacker"
            => Refused("token_endpoint_unreachable"), "Follows no redirect.";
        CodeExpired "code-expired" "invalid_grant: the code has expired"
            => Refused("invalid_grant"), "Says so; offers to connect again.";
        CodeUsed "code-used" "invalid_grant: the code was used before"
            => Refused("invalid_grant"), "Says so; offers to connect again.";
        ClientUnknown "client-unknown" "invalid_client with a 401"
            => Refused("invalid_client"), "Says that the application is not known.";
        PkceRequired "pkce-required" "invalid_client with a 401: browsers must use PKCE"
            => Refused("invalid_client"), "Says that the registration may be for another flow.";
        WrongGrant "wrong-grant" "unauthorized_client"
            => Refused("unauthorized_client"), "Says that the application may not ask in this way.";
        TokenErrorUnknown "token-error-unknown" "An error code that nobody has defined, in JSON"
            => Refused("unknown_error"), "Says so without repeating what it does not know.";
        TokenErrorMarkup "token-error-markup" "An error description that holds markup, in JSON"
            => Refused("server_error"), "Shows the description as text, if at all, and runs nothing.";
        NoRefreshToken "no-refresh-token" "offline_access is granted, yet there is no refresh token"
            => Connected, "Connects, until the access token ends.";
        ScopeApiOnly "scope-api-only" "scope lists the API's permissions only, without openid and offline_access"
            => Connected, "Connects, and misses nothing: the tokens that came say what was granted.";
        ScopeSpaces "scope-spaces" "scope has two spaces between its words, and one at the end"
            => Connected, "Connects: the words are the same.";
        ExpiresInFraction "expires-in-fraction" "expires_in is 86400.0"
            => Connected, "Connects: the token's own exp counts.";
        UnrequestedIdToken "unrequested-id-token" "The documentation's sample ID token, whether requested or not"
            => Connected, "Connects: what was not requested is ignored.";
        UnrequestedOpenid "unrequested-openid" "scope has openid, email and profile, requested or not, and there is no ID token"
            => Connected, "Connects, and misses no ID token: what is technical is no permission.";
    }
    Token {
        TwoParts "two-parts" "Two parts: the signature is left out"
            => Refused("malformed_token"), "Refuses the token.";
        FiveParts "five-parts" "Five parts, as if encrypted"
            => Refused("malformed_token"), "Refuses the token.";
        GarbageToken "garbage-token" "Not a JWT"
            => Refused("malformed_token"), "Refuses the token.";
        AlgNone "alg-none" "alg is none, no signature"
            => Refused("unsupported_algorithm"), "Refuses the token.";
        AlgHs256 "alg-hs256" "alg is HS256, keyed with the public key"
            => Refused("unsupported_algorithm"), "Refuses the token.";
        AlgRs384 "alg-rs384" "alg is RS384, properly signed"
            => Refused("unsupported_algorithm"), "Refuses the token: one algorithm is agreed on.";
        AlgRs512 "alg-rs512" "alg is RS512, properly signed"
            => Refused("unsupported_algorithm"), "Refuses the token: one algorithm is agreed on.";
        AlgPs256 "alg-ps256" "alg is PS256, properly signed"
            => Refused("unsupported_algorithm"), "Refuses the token: one algorithm is agreed on.";
        AlgEs256 "alg-es256" "alg is ES256, properly signed"
            => Refused("unsupported_algorithm"), "Refuses the token: one algorithm is agreed on.";
        AlgMislabelled "alg-mislabelled" "alg says RS256, the signature is PS256"
            => Refused("bad_signature"), "Refuses the token.";
        CriticalHeader "critical-header" "A critical header parameter"
            => Refused("critical_header"), "Refuses what it does not understand.";
        DuplicateHeaderMember "duplicate-header-member" "alg twice in the header: none, then RS256"
            => Refused("malformed_token"), "Refuses a header that can be read in two ways.";
        KeyUrls "key-urls" "jku, x5u, jwk and x5c point at an attacker; the signature is genuine"
            => Connected, "Connects without looking at them, let alone fetching anything.";
        AttackerKey "attacker-key" "Signed by an attacker, whose key is in jwk and at jku"
            => Refused("bad_signature"), "Refuses the token: keys come from the issuer alone.";
        BadSignature "bad-signature" "One bit of the signature is wrong"
            => Refused("bad_signature"), "Refuses the token.";
        UnknownKey "unknown-key" "kid names no key of the set"
            => Refused("key_not_found"), "Fetches the set once more, then refuses the token.";
        NoKid "no-kid" "No kid, and two keys in the set"
            => Refused("ambiguous_key"), "Refuses the token rather than guess.";
        IdToken "id-token" "An ID token in the place of the access token"
            => Refused("audience_mismatch"), "Refuses a token of another kind.";
    }
    Claims {
        Expired "expired" "Expired two minutes ago"
            => Refused("token_expired"), "Refuses the token.";
        NotYetValid "not-yet-valid" "nbf an hour from now"
            => Refused("token_not_yet_valid"), "Refuses the token.";
        IssuedInTheFuture "issued-in-the-future" "iat an hour from now"
            => Refused("issued_in_the_future"), "Refuses the token; the computer's clock may be wrong.";
        IssuedBeforeRequest "issued-before-request" "iat an hour ago"
            => Refused("issued_before_request"), "Refuses a token that was made for another request.";
        LongLifetime "long-lifetime" "Valid for 25 hours"
            => Refused("lifetime_too_long"), "Refuses the token.";
        OtherIssuer "other-issuer" "Another iss"
            => Refused("issuer_mismatch"), "Refuses the token.";
        OtherAudience "other-audience" "Another aud"
            => Refused("audience_mismatch"), "Refuses the token.";
        AudienceArray "audience-array" "aud is an array of two"
            => Connected, "Connects: the array holds the API.";
        OtherClient "other-client" "Another cid"
            => Refused("client_mismatch"), "Refuses a token that was made for another application.";
        OtherAccount "other-account" "The token of another account than the one signed in"
            => Connected, "Connects; asks first if this tab was connected with the other account.";
        NoIssuer "no-issuer" "No iss"
            => Refused("issuer_missing"), "Refuses the token.";
        NoAudience "no-audience" "No aud"
            => Refused("audience_missing"), "Refuses the token.";
        NoExpiry "no-expiry" "No exp"
            => Refused("expiry_missing"), "Refuses the token.";
        NoIssuedAt "no-issued-at" "No iat"
            => Refused("issued_at_missing"), "Refuses the token.";
        NoSubject "no-subject" "No sub"
            => Refused("subject_missing"), "Refuses the token.";
        NoClient "no-client" "No cid"
            => Refused("client_missing"), "Refuses the token.";
        NoPlatformUser "no-platform-user" "No platform_user_id"
            => Refused("platform_user_id_missing"), "Refuses the token.";
        UnassignedUser "unassigned-user" "platform_user_id is UNASSIGNED"
            => Refused("platform_user_unassigned"), "Says that the login belongs to no account.";
        MalformedClaims "malformed-claims" "exp is a word"
            => Refused("malformed_claims"), "Refuses the token.";
        ExpiryAsText "expiry-as-text" "exp is the right number, as a string"
            => Refused("malformed_claims"), "Refuses the token: a NumericDate is a number.";
        ExpiryNegative "expiry-negative" "exp is -1"
            => Refused("malformed_claims"), "Refuses the token.";
        ExpiryEnormous "expiry-enormous" "exp is 1e300"
            => Refused("malformed_claims"), "Refuses the token: there is no such date.";
        FractionalTimes "fractional-times" "iat and exp have a fraction of a second"
            => Connected, "Connects: RFC 7519 allows it.";
        DuplicateClaim "duplicate-claim" "cid twice: another application's, then ours"
            => Refused("malformed_claims"), "Refuses claims that can be read in two ways.";
        OtherNonce "other-nonce" "Another nonce than the one sent"
            => Refused("nonce_mismatch"), "Refuses the token.";
        MatchingNonce "matching-nonce" "The nonce that was sent"
            => Connected, "Connects: the real service leaves it out, yet it may be there.";
        ScpText "scp-text" "scp is a string, as scope is in RFC 9068"
            => Connected, "Connects: scp decides nothing.";
        ScpEmpty "scp-empty" "scp is an empty array"
            => Connected, "Connects: scp decides nothing.";
    }
    IdToken {
        IdTokenSound "id-token-sound" "An ID token, whether asked for or not"
            => Connected, "Connects: nothing is wrong with it.";
        IdTokenHs256 "id-token-hs256" "alg is HS256, no kid, as in the documentation's sample"
            => Refused("id_token_unsupported_algorithm"), "Refuses it: one algorithm is agreed on.";
        IdTokenBadSignature "id-token-bad-signature" "One bit of its signature is wrong"
            => Refused("id_token_bad_signature"), "Refuses it.";
        IdTokenOtherIssuer "id-token-other-issuer" "Its iss is another"
            => Refused("id_token_issuer_mismatch"), "Refuses it.";
        IdTokenOtherAudience "id-token-other-audience" "Its aud is another application"
            => Refused("id_token_audience_mismatch"), "Refuses what was made for another application.";
        IdTokenTwoAudiences "id-token-two-audiences" "Its aud is an array of two, without azp"
            => Refused("id_token_authorized_party_missing"), "Refuses it: azp has to say whose it is.";
        IdTokenOtherParty "id-token-other-party" "Its azp is another application"
            => Refused("id_token_authorized_party_mismatch"), "Refuses what was made for another application.";
        IdTokenOtherNonce "id-token-other-nonce" "Its nonce is another than the one sent"
            => Refused("id_token_nonce_mismatch"), "Refuses what answers another request.";
        IdTokenNoNonce "id-token-no-nonce" "It has no nonce"
            => Refused("id_token_nonce_missing"), "Refuses what answers no request.";
        IdTokenOtherHash "id-token-other-hash" "Its at_hash is that of another access token"
            => Refused("id_token_hash_mismatch"), "Refuses it: the access token was exchanged.";
        IdTokenExpired "id-token-expired" "It expired two minutes ago"
            => Refused("id_token_expired"), "Refuses it.";
        IdTokenFuture "id-token-future" "Its iat is an hour from now"
            => Refused("id_token_issued_in_the_future"), "Refuses it; the computer's clock may be wrong.";
        IdTokenNoSubject "id-token-no-subject" "It has no sub"
            => Refused("id_token_subject_missing"), "Refuses it.";
        IdTokenGarbage "id-token-garbage" "It is not a JWT"
            => Refused("id_token_malformed"), "Refuses it.";
        IdTokenIsAccessToken "id-token-is-access-token" "It is the access token once more"
            => Refused("id_token_audience_mismatch"), "Refuses a token of another kind.";
        IdTokenMissing "id-token-missing" "openid is granted, asked for or not, yet there is no ID token"
            => Refused("id_token_missing"), "Refuses an answer that lacks a part, if it asked for openid.";
    }
    Keys {
        KeysUnreachable "keys-unreachable" "The next two requests for the keys fail, without CORS"
            => Retry("keys_unreachable"), "Holds the answer and offers to try again.";
        KeysSilent "keys-silent" "The next request for the keys is never answered"
            => Retry("keys_unreachable"), "Gives up after ten seconds and offers to try again.";
        KeysStatus "keys-status" "The next two requests for the keys get a 500"
            => Retry("keys_status"), "Holds the answer and offers to try again.";
        Keys304 "keys-304" "The next two requests for the keys get a 304"
            => Retry("keys_status"), "Holds the answer and offers to try again: it asked without conditions.";
        Keys404 "keys-404" "The next two requests for the keys get a 404"
            => Retry("keys_status"), "Holds the answer and offers to try again.";
        Keys429 "keys-429" "The next two requests for the keys are throttled"
            => Retry("keys_status"), "Holds the answer and offers to try again, when somebody wants to.";
        KeysHtml "keys-html" "The next two requests for the keys get a page"
            => Retry("keys_malformed"), "Holds the answer and offers to try again.";
        KeysEmpty "keys-empty" "The next two requests for the keys get an empty set"
            => Retry("keys_empty"), "Holds the answer and offers to try again.";
        KeysTooLarge "keys-too-large" "The next two requests for the keys get 2 MiB"
            => Retry("keys_too_large"), "Stops reading, holds the answer and offers to try again.";
    }
    KeySet {
        RotatedKey "rotated-key" "The key changes just before the token is signed"
            => Connected, "Connects: an unknown kid makes it fetch the set once more.";
        ReusedKid "reused-kid" "A new key under the kid of the old one"
            => Connected, "Connects: a signature that does not verify makes it fetch the set once more.";
        ManyKeys "many-keys" "A thousand keys"
            => Connected, "Connects: it finds the one that the token names.";
        OtherKeyTypes "other-key-types" "EC, oct, AKP and made-up keys beside the RSA ones"
            => Connected, "Connects: what cannot verify RS256 is passed over.";
        UnknownMembers "unknown-members" "Members that nobody has defined, in the set and in its keys"
            => Connected, "Connects: RFC 7517 has them ignored.";
        BareKey "bare-key" "A key without use and without alg"
            => Connected, "Connects: both are optional.";
        KeySetMediaType "key-set-media-type" "The content type application/jwk-set+json"
            => Connected, "Connects: that is the registered one.";
        NoKidOneKey "no-kid-one-key" "No kid, neither in the token nor in the set, which holds one key"
            => Connected, "Connects: there is nothing to guess.";
        DuplicateKid "duplicate-kid" "Two keys under the kid of the token"
            => Refused("ambiguous_key"), "Refuses the token rather than guess.";
        WeakKey "weak-key" "Signed with a key of 1024 bits that is in the set"
            => Refused("weak_key"), "Refuses the token.";
        EncKey "enc-key" "Signed with a key that the set has for encryption"
            => Refused("unsuitable_key"), "Refuses the token.";
        KeyOperations "key-operations" "The key's key_ops do not hold verify"
            => Refused("unsuitable_key"), "Refuses the token.";
        KeyAlgorithm "key-algorithm" "The key's alg is RS512"
            => Refused("unsuitable_key"), "Refuses the token: a key has one algorithm.";
        EvenExponent "even-exponent" "The key's exponent is even"
            => Refused("unsuitable_key"), "Refuses the token.";
        TinyExponent "tiny-exponent" "The key's exponent is 1, under which anybody can sign"
            => Refused("unsuitable_key"), "Refuses the token.";
    }
    Api {
        Api401 "api-401" "Every request gets a 401"
            => Ended("connection_rejected"), "Ends the connection and says why.";
        Api403 "api-403" "Every request gets a 403"
            => Api("api_forbidden"), "Names the possible causes.";
        Api429 "api-429" "The first eight requests are throttled"
            => Api("api_throttled"), "Waits, and tries again when asked.";
        ApiQuota "api-quota" "The day's quota is used up"
            => Api("api_quota_exceeded"), "Says that it goes on after midnight UTC.";
        Api500 "api-500" "The first two requests get a 500"
            => Api("api_unavailable"), "Says so and offers to try again.";
        ApiUnreachable "api-unreachable" "The first two requests fail, without CORS"
            => Api("api_unreachable"), "Says so and offers to try again.";
        ApiSlow "api-slow" "Every request takes three seconds"
            => Connected, "Shows that it is waiting.";
        ApiGarbage "api-garbage" "Every request gets a page instead of JSON"
            => Api("api_unexpected"), "Says that the answer could not be read.";
        Api401Lists "api-401-lists" "Contact lists get a 401, also after a refresh; everything else is answered"
            => Api("api_unauthorized"), "Says so where the lists would be, and does not refresh again and again.";
        ApiLooseJson "api-loose-json" "Numbers are 2.0, and null stands where there is nothing"
            => Connected, "Reads both: null is absence, and 2.0 is whole.";
        ApiLongName "api-long-name" "The organization's name is one word of 60 letters"
            => Connected, "Breaks the word; nothing moves.";
        ApiReversedName "api-reversed-name" "The organization's name has a character that reverses what follows"
            => Connected, "Reverses nothing but the name.";
        ApiHebrewName "api-hebrew-name" "The organization's name is long and in Hebrew"
            => Connected, "Writes the name from right to left, and cuts its end if it must.";
        ApiStatusCapitals "api-status-capitals" "The state of every campaign is DONE"
            => Connected, "Takes it for Done.";
        ApiOddEmail "api-odd-email" "The contact address is a&b?c@x.example"
            => Connected, "Links to that address and no other.";
    }
    Refresh {
        RefreshInvalidGrant "refresh-invalid-grant" "The first refresh is refused, and the refresh token is dead"
            => Renewal("invalid_grant"), "Keeps the access token while it lasts; asks to connect again.";
        RefreshUnreachable "refresh-unreachable" "The first two refreshes fail, without CORS, and do nothing"
            => Renewal("token_endpoint_unreachable"), "Says so; does not know whether the refresh token was used.";
        Refresh429 "refresh-429" "The first two refreshes are throttled"
            => Renewal("token_endpoint_throttled"), "Waits, and tries again.";
        Refresh500 "refresh-500" "The first two refreshes get a 500 with a page"
            => Renewal("token_endpoint_status"), "Waits, and tries again.";
        Refresh403 "refresh-403" "The first two refreshes get a gateway's 403 with a page"
            => Renewal("token_endpoint_status"), "Waits, and tries again: no authorization server has refused.";
        Refresh404 "refresh-404" "The first two refreshes get a gateway's 404 with a page"
            => Renewal("token_endpoint_status"), "Waits, and tries again: no authorization server has refused.";
        RefreshHtml "refresh-html" "The first refresh is done and answered with a page"
            => Renewal("token_response_malformed"), "Says so: a rotating refresh token is used up.";
        RefreshLostAnswer "refresh-lost-answer" "The first refresh is done and its answer is lost; the old token again is reuse"
            => Renewal("invalid_grant"), "Asks to connect again, if it tried again.";
        RefreshBadSignature "refresh-bad-signature" "One bit of the new access token's signature is wrong"
            => Renewal("bad_signature"), "Refuses the new token.";
        RefreshOtherAccount "refresh-other-account" "The new access token is another account's"
            => Renewal("account_changed"), "Refuses the new token.";
        RefreshNoRotation "refresh-no-rotation" "No refresh token in the answer: the old one stays valid"
            => Connected, "Goes on with the one it has (RFC 6749 §6).";
        RefreshOtherClient "refresh-other-client" "The new access token's cid is another"
            => Renewal("client_mismatch"), "Refuses the new token.";
        RefreshExpired "refresh-expired" "The new access token expired two minutes ago"
            => Renewal("token_expired"), "Refuses the new token.";
        RefreshIdTokenOtherSubject "refresh-id-token-other-subject" "An ID token with another sub comes with the new access token"
            => Renewal("id_token_subject_mismatch"), "Refuses the new token (OpenID Connect Core §12.2).";
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
