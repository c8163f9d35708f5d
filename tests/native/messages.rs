//! Every error has its texts in every language, and every text of an error is some error's.

use cc_connect_app::{
    config::{ConfigError, ConfigFileError, Flaw, Line, Malformed, Mistake, Problem},
    messages::{self, Message},
    words::{
        self, CHECK_NAMES, CLAIM_NAMES, ENDED_BY_SERVER_NAMES, ERROR_NAMES, FLAW_NAMES, LANGUAGES,
        MALFORMED_NAMES, MISTAKE_NAMES, NOT_MADE_BY_SERVER_NAMES, NOT_RENEWED_NAMES, Names,
        PERMISSION_NAMES, RETRIED_NAMES, Words, current,
    },
};
use cc_connect_core::{
    ReturnTo,
    clock::Deviation,
    constant_contact::{self, AccessTokenError},
    jose::{JwkSetError, TokenError, error::Malformation},
    oauth::{
        AccessTokenResponseError, AuthorizationResponse, CapturedResponse, Client, Entropy,
        ErrorCode, NoPendingAuthorization, RedirectionError, ResponseError, ResponseType,
        TokenEndpointError, accept, authorization_request,
    },
    openid_connect::IdTokenError,
    report::{CheckName, Outcome, Report},
    session::{
        Account, Failure, KeySetFailure, Reason, Refusal, StartError,
        server::{ServerCode, ServerFailure},
    },
    time::Timestamp,
    v3::{ApiError, ProxyError},
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Does the same in every language, which it leaves in use.
fn in_every_language(mut check: impl FnMut(&str)) {
    for (code, _) in LANGUAGES {
        let file = fs::read(root().join(format!("lang/{code}.json"))).unwrap();
        let words = Words::parse(code, &file).unwrap();
        current::set_words(Box::leak(Box::new(words)));
        check(code);
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

/// The codes that the functions named `…code` of a source return.
fn codes_in(source: &str) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        let starts = line.contains("fn ") && line.contains("code(") && line.ends_with('{');
        if !starts {
            continue;
        }
        let indentation = &line[..line.len() - line.trim_start().len()];
        let end = format!("{indentation}}}");
        for line in lines.by_ref().take_while(|line| *line != end) {
            let parts: Vec<&str> = line.split('"').collect();
            for (index, text) in parts.iter().enumerate().skip(1).step_by(2) {
                // A literal in parentheses belongs to a pattern.
                let is_code = !parts[index - 1].ends_with('(')
                    && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                if is_code {
                    codes.insert((*text).to_owned());
                }
            }
        }
    }
    codes
}

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// Every code that an error of the core has.
fn codes_of_the_core() -> BTreeSet<String> {
    let mut found = Vec::new();
    sources(&root().join("crates/core/src"), &mut found);
    let mut codes: BTreeSet<String> = found.iter().flat_map(|source| codes_in(source)).collect();
    codes.extend(ErrorCode::KNOWN.iter().map(|code| code.code().to_owned()));
    codes.extend(
        ProxyError::KNOWN
            .iter()
            .map(|error| error.code().to_owned()),
    );
    codes
}

/// Codes without a text named by them.
const ELSEWHERE: [&str; 6] = [
    // These have pages of their own.
    "connection_expired",
    "connection_rejected",
    "not_connected",
    // `config.json` was checked in more detail.
    "client_address_unusable",
    "client_endpoint_parameter",
    "client_id_empty",
];

/// Names that are not codes.
const NO_CODE: [&str; 8] = [
    "config_empty",
    "config_encoding",
    "config_not_json",
    "config_status",
    "config_too_large",
    "config_unreachable",
    "id_token_refused",
    "malformed_claim",
];

/// Whether the error of an ID token is one that any token may have, reported in a sentence about
/// the ID token.
fn is_wrapped(code: &str) -> bool {
    let openid = fs::read_to_string(root().join("crates/core/src/openid_connect.rs")).unwrap();
    let (_, wrapped) = openid.split_once("fn token_code").unwrap();
    let (wrapped, _) = wrapped.split_once("\n}").unwrap();
    wrapped.contains(&format!("\"{code}\""))
}

#[test]
fn every_code_has_a_message_of_its_own() {
    let codes = codes_of_the_core();
    assert!(codes.len() > 90, "{codes:?}");
    let unforeseen = Message::for_code("there is no such code", &[]);
    for code in &codes {
        let expected = ELSEWHERE.contains(&code.as_str()) || is_wrapped(code);
        let message = Message::for_code(code, &[]);
        assert_eq!(
            message == unforeseen,
            expected,
            "error.{code} in lang/en.json"
        );
    }
}

#[test]
fn no_text_belongs_to_no_error() {
    let codes = codes_of_the_core();
    let is_known =
        |name: &str| codes.contains(name) || NO_CODE.contains(&name) || name == "unanswered";
    for names in [ERROR_NAMES, RETRIED_NAMES, NOT_RENEWED_NAMES] {
        for (name, _) in names.iter() {
            assert!(is_known(name), "{name} is no code");
        }
    }
    for (name, part) in ERROR_NAMES.iter().chain(RETRIED_NAMES.iter()) {
        assert!(["", ".what"].contains(&part), "error.{name}{part}");
    }
}

fn names(names: Names, part: &str) -> BTreeSet<&'static str> {
    let with_part = names.iter().filter(|(_, found)| *found == part);
    with_part.map(|(name, _)| name).collect()
}

#[test]
fn every_check_flaw_and_mistake_has_its_name() {
    let checks: BTreeSet<&str> = CheckName::ALL.iter().map(|name| name.as_str()).collect();
    let mut named = names(CHECK_NAMES, "");
    assert!(named.remove("another"));
    assert_eq!(named, checks);
    for name in names(CHECK_NAMES, ".none") {
        assert!(checks.contains(name), "{name}");
    }

    let flaws: BTreeSet<&str> = Flaw::ALL.iter().map(|flaw| flaw.code()).collect();
    assert_eq!(names(FLAW_NAMES, ""), flaws);

    let source = fs::read_to_string(root().join("src/config/mistake.rs")).unwrap();
    let (_, source) = source.split_once("impl Problem").unwrap();
    let mut problems = codes_in(source);
    assert!(problems.len() > 10, "{problems:?}");
    problems.extend(["no_client_id", "redirect_uri_has_fragment"].map(str::to_owned));
    let named: BTreeSet<String> = names(MISTAKE_NAMES, "")
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(named, problems);

    let mut malformed = names(MALFORMED_NAMES, "");
    for name in ["too_long", "parts", "characters", "header"] {
        assert!(malformed.remove(name), "{name}");
    }
    assert!(malformed.is_empty(), "{malformed:?}");
}

#[test]
fn a_permission_and_a_claim_have_names() {
    for scope in constant_contact::SCOPE_WITH_CODE.split(' ') {
        assert!(messages::permission(scope).is_some(), "{scope}");
    }
    assert_eq!(
        messages::permission("account_read"),
        Some(("Your account", "To see its name and details."))
    );
    assert_eq!(messages::permission("unknown"), None);
    assert_eq!(messages::permission(".why"), None);
    assert_eq!(messages::permission(""), None);
    assert_eq!(
        names(PERMISSION_NAMES, ""),
        names(PERMISSION_NAMES, ".why"),
        "each has a reason"
    );

    assert_eq!(messages::claim("iss"), "Issuer");
    for unknown in ["", "issuer", ".none", "iss\nsub", "constructor"] {
        assert_eq!(messages::claim(unknown), "", "{unknown}");
    }
    assert!(names(CLAIM_NAMES, "").contains("platform_user_id"));
}

#[test]
fn a_check_is_named_for_its_token() {
    let check = messages::check;
    assert_ne!(check(CheckName::Type, true), check(CheckName::Type, false));
    assert_eq!(
        check(CheckName::Issuer, true),
        check(CheckName::Issuer, false)
    );
    assert_eq!(
        messages::nothing_to_check(CheckName::Type),
        "The header has no typ"
    );
    assert_eq!(messages::nothing_to_check(CheckName::Issuer), "");
    assert_eq!(messages::outcome(Outcome::NotApplicable), "Not needed");
}

fn token_errors() -> Vec<TokenError> {
    let url = || "https://issuer.example".to_owned();
    vec![
        TokenError::Malformed(Malformation::TooLong),
        TokenError::Malformed(Malformation::PartCount(5)),
        TokenError::Malformed(Malformation::Header),
        TokenError::UnsupportedType("dpop+jwt".to_owned()),
        TokenError::UnsupportedAlgorithm("none".to_owned()),
        TokenError::CriticalHeader,
        TokenError::KeyNotFound { kid: None },
        TokenError::AmbiguousKey { kid: None },
        TokenError::WeakKey { bits: 1024 },
        TokenError::BadSignature,
        TokenError::MalformedClaims,
        TokenError::MalformedClaim("aud"),
        TokenError::MissingClaim("iss"),
        TokenError::IssuerMismatch {
            expected: url(),
            found: url(),
        },
        TokenError::AudienceMismatch {
            expected: url(),
            found: vec![url(), url()],
        },
        TokenError::Expired { at: at(1) },
        TokenError::NotYetValid { from: at(2) },
        TokenError::IssuedInTheFuture { at: at(3) },
        TokenError::IssuedBeforeRequest {
            at: at(4),
            requested: at(5),
        },
        TokenError::LifetimeOutOfRange { seconds: -1 },
    ]
}

fn token_refused(error: Refusal) -> Reason {
    Reason::TokenRefused {
        error,
        report: Report::default(),
    }
}

fn access_token_refused(error: TokenError) -> Reason {
    token_refused(Refusal::AccessToken(AccessTokenError::Token(error)))
}

/// Why a response with this error is not accepted.
fn error_response(error: &str) -> Reason {
    let registration = constant_contact::registration(
        "client",
        "https://app.example/callback",
        ResponseType::Token,
    );
    let client = Client::new(registration).unwrap();
    let entropy = Entropy {
        state: [1; 32],
        nonce: [2; 32],
        code_verifier: [3; 32],
    };
    let pending = authorization_request(&client, &entropy, ReturnTo::START, at(0)).pending;
    let captured = CapturedResponse {
        fragment: format!("{error}&state={}", pending.state.expose()),
        ..CapturedResponse::default()
    };
    let response = AuthorizationResponse::parse(&captured).unwrap();
    let refused = accept(&client, &response, Ok(&pending), at(1));
    Reason::ResponseRefused(refused.unwrap_err())
}

fn reasons() -> Vec<Reason> {
    let mut reasons: Vec<Reason> = token_errors()
        .into_iter()
        .flat_map(|error| {
            let id_token = Refusal::IdToken(IdTokenError::Token(error.clone()));
            [access_token_refused(error), token_refused(id_token)]
        })
        .collect();
    reasons.extend([
        Reason::UnreadableResponse(ResponseError::TokenInQuery),
        Reason::ResponseRefused(RedirectionError::StateMissing),
        Reason::ResponseRefused(RedirectionError::at_other_address(
            "https://a.example/",
            "https://b.example/",
        )),
        Reason::ResponseRefused(RedirectionError::NoPending(
            NoPendingAuthorization::LostAgain,
        )),
        error_response("error=server_error"),
        error_response("error=odd&error_description=Wait%20a%20bit"),
        Reason::NotExchanged(TokenEndpointError::Status(503)),
        Reason::NotExchanged(TokenEndpointError::Refused(
            AccessTokenResponseError::NeitherTokenNorError,
        )),
        token_refused(Refusal::AccessToken(AccessTokenError::ClientMismatch {
            expected: "a".to_owned(),
            found: "b".to_owned(),
        })),
        token_refused(Refusal::AccessToken(
            AccessTokenError::PlatformUserUnassigned,
        )),
        token_refused(Refusal::IdToken(IdTokenError::Missing)),
        token_refused(Refusal::IdToken(IdTokenError::AuthorizedPartyMissing)),
        Reason::NotStarted(StartError::StorageUnavailable),
    ]);
    reasons
}

fn assert_complete(message: &Message, at: &str) {
    let Message { title, paragraphs } = message;
    assert!(!paragraphs.is_empty(), "{at}");
    for text in [title].into_iter().chain(paragraphs) {
        assert!(
            !text.is_empty() && !text.contains(['{', '}']),
            "{at}: {text}"
        );
    }
}

#[test]
fn every_value_takes_its_place() {
    in_every_language(|language| {
        let unforeseen = Message::for_code("there is no such code", &[]);
        for reason in reasons() {
            let message = messages::not_made(&reason);
            let at = format!("{language}: {reason:?}");
            assert_complete(&message, &at);
            assert_ne!(message, unforeseen, "{at}");
        }
        let failures = [
            Failure::Endpoint(TokenEndpointError::Offline),
            Failure::Endpoint(TokenEndpointError::Locked),
            Failure::Endpoint(TokenEndpointError::Status(500)),
            Failure::Endpoint(TokenEndpointError::Unreachable),
            Failure::Keys(KeySetFailure::Unreachable),
            Failure::Keys(KeySetFailure::Status(404)),
            Failure::Keys(KeySetFailure::Document(JwkSetError::Empty)),
        ];
        for failure in failures {
            assert_complete(&messages::retried(&failure), language);
            assert_complete(&messages::not_renewed_yet(&failure), language);
        }
        let errors = [
            ApiError::Forbidden,
            ApiError::Conflict { message: None },
            ApiError::Unexpected { status: 418 },
        ];
        for error in errors {
            let message = messages::api(&error, words::OVERVIEW_LISTS_NOT_SHOWN);
            assert_complete(&message, language);
            assert_eq!(
                message.paragraphs[0],
                words::OVERVIEW_LISTS_NOT_SHOWN.text()
            );
        }
        let account = |subject: &str| Account {
            subject: subject.to_owned(),
            platform_user_id: subject.to_owned(),
        };
        let changed = messages::account_changed(&account("one"), &account("two"));
        assert_complete(&changed, language);
        for reason in [Reason::Expired { at: at(1) }, Reason::Rejected] {
            assert_complete(&messages::connection_ended(&reason, "17:42"), language);
        }
    });
}

#[test]
fn what_a_server_says_is_shown_after_what_it_means() {
    let message = messages::not_made(&error_response(
        "error=odd&error_description=Wait%20a%20bit",
    ));
    let last = message.paragraphs.last().unwrap();
    assert_eq!(last, "It wrote: “\u{2068}Wait a bit\u{2069}”");
    assert!(message.paragraphs.iter().any(|line| line.contains("odd")));
    let known = messages::not_made(&error_response("error=server_error"));
    assert!(
        known
            .paragraphs
            .iter()
            .all(|line| !line.contains("server_error"))
    );
}

#[test]
fn an_error_of_the_id_token_says_which_token_is_meant() {
    let refused = Refusal::IdToken(IdTokenError::Token(TokenError::BadSignature));
    let message = messages::not_made(&token_refused(refused));
    let other = messages::not_made(&access_token_refused(TokenError::BadSignature));
    assert_ne!(message.title, other.title);
    assert!(message.paragraphs[0].ends_with(&other.paragraphs[0]));
}

#[test]
fn what_is_retried_says_so() {
    let throttled = Failure::Endpoint(TokenEndpointError::Throttled { retry_after: None });
    let again = words::NEXT_AGAIN.text();
    assert_eq!(messages::retried(&throttled).paragraphs[1], again);
    assert_eq!(messages::not_renewed_yet(&throttled).paragraphs[1], again);
    let keys = Failure::Keys(KeySetFailure::Status(404));
    let message = messages::not_renewed_yet(&keys);
    assert!(message.paragraphs[0].contains("404"), "{message:?}");
    assert_eq!(message.paragraphs[1], again);
}

fn config_errors() -> Vec<ConfigFileError> {
    let line = || Line {
        number: 3,
        text: "\"scope\"".to_owned(),
    };
    let mut errors = vec![
        ConfigFileError::Unreachable,
        ConfigFileError::Status(404),
        ConfigFileError::Config(ConfigError::TooLarge),
        ConfigFileError::Config(ConfigError::Empty),
        ConfigFileError::Config(ConfigError::Encoding("UTF-16", None)),
        ConfigFileError::Config(ConfigError::Encoding("Latin-1", Some(line()))),
    ];
    errors.extend(Flaw::ALL.map(|flaw| {
        let line = line();
        ConfigFileError::Config(ConfigError::Malformed(Malformed { flaw, line }))
    }));
    errors
}

#[test]
fn settings_that_cannot_be_read_have_a_message() {
    in_every_language(|language| {
        let mut all = BTreeSet::new();
        for error in config_errors() {
            let message = messages::config_file(&error, "https://app.example/config.json");
            let at = format!("{language}: {error:?}");
            assert_complete(&message, &at);
            assert!(all.insert(message.paragraphs), "{at}");
        }
    });
    current::set_words(Box::leak(Box::new(Words::english())));
    let encoding = ConfigError::Encoding("UTF-16", None);
    let message = messages::config_file(&ConfigFileError::Config(encoding), "config.json");
    assert!(message.paragraphs[0].contains("UTF-16"), "{message:?}");
    let flaw = Malformed {
        flaw: Flaw::Comment,
        line: Line {
            number: 3,
            text: "// {url}".to_owned(),
        },
    };
    let malformed = ConfigFileError::Config(ConfigError::Malformed(flaw));
    let message = messages::config_file(&malformed, "config.json");
    assert_eq!(message.paragraphs[2], "Line 3 reads: // {url}");
    let mistake = || Mistake {
        key: "scope".to_owned(),
        problem: Problem::Empty,
    };
    let mistakes = ConfigError::Mistakes(vec![mistake(), mistake()]);
    let message = messages::config_file(&ConfigFileError::Config(mistakes), "config.json");
    assert_eq!(message.title, "2 mistakes in config.json");
}

#[test]
fn a_mistake_says_what_to_write_instead() {
    let problems = || {
        vec![
            ("scop", Problem::UnknownKey(Some("scope")), "scope"),
            ("colour", Problem::UnknownKey(None), "max_token_lifetime"),
            ("scope", Problem::NotText, "\"scope\""),
            ("client_id", Problem::Empty, "API key"),
            ("scope", Problem::Empty, "scope"),
            ("redirect_uri", Problem::NotAUrl, "https://app.example/cb"),
            ("issuer", Problem::NotAUrl, "https://example.com/oauth2"),
            ("issuer", Problem::NotHttps, "https"),
            ("issuer", Problem::HasUserinfo, "@"),
            ("issuer", Problem::HasQuery, ""),
            (
                "redirect_uri",
                Problem::HasFragment,
                "https://app.example/cb",
            ),
            ("issuer", Problem::HasFragment, ""),
            ("token_endpoint", Problem::HasParameter("state"), "state"),
            ("api_base_url", Problem::TrailingSlash, ""),
            ("scope", Problem::MalformedScope, "account_read"),
            ("reauthorize", Problem::NotOneOf(["a", "prompt"]), "prompt"),
            ("scope", Problem::Whitespace, ""),
            (
                "redirect_uri",
                Problem::OtherSpelling {
                    instead: "https://b.example/".to_owned(),
                },
                "https://b.example/",
            ),
            (
                "redirect_uri",
                Problem::OtherOrigin {
                    page: "https://c.example".to_owned(),
                },
                "https://c.example",
            ),
            (
                "scope",
                Problem::ScopeSeparators {
                    instead: "a b".to_owned(),
                },
                "a b",
            ),
            (
                "max_token_lifetime",
                Problem::NotSeconds {
                    least: 60,
                    most: 61,
                    default: 62,
                },
                "62",
            ),
        ]
    };
    in_every_language(|language| {
        for (key, problem, named) in problems() {
            let mistake = Mistake {
                key: key.to_owned(),
                problem,
            };
            let (wrong, instead) = messages::mistake(&mistake, "https://app.example/cb");
            let at = format!("{language}: {mistake:?}: {wrong} {instead}");
            assert!(!wrong.is_empty() && !instead.is_empty(), "{at}");
            assert!(!wrong.contains('{') && !instead.contains('{'), "{at}");
            let named = match named {
                "API key" if language == "de" => "API-Schlüssel",
                named => named,
            };
            assert!(instead.contains(named), "{at}");
        }
    });
}

/// Rule (The time): A clock that is off by a minute or more is reported, with the difference →
/// `clock_wrong`
#[test]
fn a_wrong_clock_is_said_with_its_size() {
    for (seconds, expected) in [
        (60, "1 minute ahead"),
        (-60, "1 minute behind"),
        (22 * 60 - 20, "22 minutes ahead"),
        (59 * 60, "59 minutes ahead"),
        (3_599, "1 hour ahead"),
        (-3_601, "1 hour behind"),
        (23 * 3_600, "23 hours ahead"),
        (86_399, "1 day ahead"),
        (-400 * 86_400, "400 days behind"),
    ] {
        for (deviation, whose) in [
            (Deviation::Computer(seconds), "Your computer’s clock"),
            (Deviation::Host(seconds), "The clock of this site’s server"),
        ] {
            let text = messages::clock_wrong(deviation);
            let whole = format!("{whose} is {expected}. We are using");
            assert!(text.starts_with(&whole), "{text}");
        }
    }
    let text = messages::clock_wrong(Deviation::Computer(i64::MIN));
    assert!(text.contains("days behind"), "{text}");
}

#[test]
fn a_clock_is_suspected_where_the_time_decides() {
    let now = at(1_000_000);
    let hour = 3_600;
    for (error, size) in [
        (
            TokenError::Expired {
                at: now.plus_seconds(-hour),
            },
            Some("1 hour ahead"),
        ),
        (
            TokenError::NotYetValid {
                from: now.plus_seconds(2 * hour),
            },
            Some("2 hours behind"),
        ),
        (
            TokenError::IssuedInTheFuture {
                at: now.plus_seconds(60),
            },
            Some("1 minute behind"),
        ),
        (
            TokenError::IssuedBeforeRequest {
                at: now.plus_seconds(-hour),
                requested: now,
            },
            Some("1 hour ahead"),
        ),
        (TokenError::BadSignature, None),
    ] {
        let id_token = token_refused(Refusal::IdToken(IdTokenError::Token(error.clone())));
        for reason in [access_token_refused(error), id_token] {
            let text = messages::clock_suspected(&reason, now);
            assert_eq!(text.is_some(), size.is_some(), "{reason:?}");
            if let (Some(text), Some(size)) = (text, size) {
                assert!(text.contains(size), "{text}");
            }
        }
    }
    assert_eq!(messages::clock_suspected(&Reason::Rejected, now), None);
}

#[test]
fn a_duration_is_said_in_at_most_two_units() {
    for (seconds, text) in [
        (-5, "0 s"),
        (9, "9 s"),
        (60, "1 min 0 s"),
        (4 * 60 + 51, "4 min 51 s"),
        (10 * 60 + 59, "10 min"),
        (3_600, "1 h 0 min"),
        (4 * 3_600 + 12 * 60, "4 h 12 min"),
        (30 * 3_600, "30 h 0 min"),
    ] {
        assert_eq!(words::duration::duration(seconds), text, "{seconds}");
    }
}

#[test]
fn codes_are_found_in_a_source() {
    let source = "
    pub fn code(&self) -> &'static str {
        match self {
            Self::A => \"one\",
            Self::B(Inner(\"pattern\")) => {
                \"two_words\"
            }
            Self::C(error) => error.code(),
        }
    }

    fn other() {
        \"three\"
    }
";
    let found: Vec<String> = codes_in(source).into_iter().collect();
    assert_eq!(found, ["one", "two_words"]);
}

/// Rule (With a server): Every code that the server gives is explained in words of its own, with a
/// way on
#[test]
fn what_a_server_gives_a_code_for_is_explained() {
    let failures = [
        ServerFailure::Offline,
        ServerFailure::Unreachable,
        ServerFailure::BadRequest,
        ServerFailure::CsrfRefused,
        ServerFailure::TooManyAttempts,
        ServerFailure::StoreUnavailable,
        ServerFailure::Unexpected { status: 502 },
    ];
    // Why there is a connection no longer, for which a page of its own has the title.
    let of_an_end = [
        "session_idle",
        "session_too_old",
        "expired",
        "account_changed",
    ];
    in_every_language(|language| {
        let unforeseen = Message::for_code("there is no such code", &[]);
        for code in ServerCode::all() {
            let at = format!("{language}: {code:?}");
            let message = messages::not_made(&Reason::NotMadeByServer(code));
            assert_complete(&message, &at);
            let is_unforeseen = of_an_end.contains(&code.as_str());
            assert_eq!(message == unforeseen, is_unforeseen, "{at}");
            let ended = messages::connection_ended(&Reason::EndedByServer(code), "");
            assert_complete(&ended, &at);
        }
        for failure in failures {
            let at = format!("{language}: {failure:?}");
            let retried = messages::retried(&Failure::Server(failure));
            assert_complete(&retried, &at);
            assert_ne!(retried, unforeseen, "{at}");
            let not_started = messages::not_started(StartError::Server(failure));
            assert_eq!(not_started, retried, "{at}");
        }
        for error in ProxyError::KNOWN {
            let error = ApiError::Proxy(*error);
            let message = messages::api(&error, words::OVERVIEW_LISTS_NOT_SHOWN);
            assert_complete(&message, language);
            let not_shown = words::OVERVIEW_LISTS_NOT_SHOWN.text();
            assert_eq!(message.paragraphs[0], not_shown, "{error:?}");
        }
    });
}

#[test]
fn every_text_about_a_server_is_of_a_code_that_it_gives() {
    let codes: BTreeSet<&str> = ServerCode::all().map(|code| code.as_str()).collect();
    for (name, part) in NOT_MADE_BY_SERVER_NAMES.iter() {
        assert!(codes.contains(name) || name == "keys", "{name}");
        assert!(["", ".what"].contains(&part), "{name}{part}");
    }
    for (name, part) in ENDED_BY_SERVER_NAMES.iter() {
        assert!(codes.contains(name), "{name}");
        assert_eq!(part, "");
    }
}

/// The codes of the core, as the server may give them.
#[test]
fn the_server_may_give_every_code_of_the_core() {
    let mut all = BTreeSet::new();
    for place in [
        "oauth",
        "jose",
        "openid_connect.rs",
        "constant_contact.rs",
        "session/keys.rs",
    ] {
        let path = root().join("crates/core/src").join(place);
        let mut found = Vec::new();
        match path.is_dir() {
            true => sources(&path, &mut found),
            false => found.push(fs::read_to_string(&path).unwrap()),
        }
        all.extend(found.iter().flat_map(|source| codes_in(source)));
    }
    let unknown = ServerCode::read("unknown").as_str();
    for code in all {
        let is_ours = code == unknown || code.starts_with("client_") && ELSEWHERE.contains(&&*code);
        assert!(
            is_ours || ServerCode::read(&code).as_str() == code,
            "{code}"
        );
    }
}
