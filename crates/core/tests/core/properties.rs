//! Properties that hold for any input.

use crate::{
    promises::{Follow, Step, TOKENS, Trouble, World, code_context, event},
    support::{client, context, entropy, key_set, now, requested, token},
};
use cc_connect_core::{
    ReturnTo,
    clock::HostTime,
    jose::{JwkSet, UnverifiedJwt, jwk_set_cache::lifetime, verify},
    json::parse_object,
    oauth::{
        AccessTokenResponseError, AuthorizationResponse, CapturedResponse, ErrorResponse,
        RedirectionError, Scope, accept, access_token_response::parse_seconds,
        authorization_request, parameters::Parameters,
    },
    session::{Reauthorize, TokenStorage, stored},
    v3::{account, campaigns, contacts},
    web_url::{Spelling, WebUrl},
};
use proptest::prelude::*;
use std::{collections::BTreeSet, sync::LazyLock};

proptest! {
    /// Rule (What holds the rules together): No parser panics, whatever the input
    #[test]
    fn no_parser_panics(text in ".{0,300}") {
        let _ = Parameters::parse(&text);
        let _ = parse_object(text.as_bytes());
        let _ = Scope::parse(&text);
        let _ = JwkSet::parse(&text);
        let _ = UnverifiedJwt::parse(&text);
        let _ = ReturnTo::parse(&text);
        let _ = stored::read_pending(&text);
        let _ = stored::read_token(&text);
        let _ = stored::read_account(&text);
        let _ = lifetime(Some(&text));
        let _ = parse_seconds(&text);
        let _ = WebUrl::parse(&text);
        let _ = Spelling::parse(&text);
        let _ = HostTime::read(Some(&text), Some(&text));
        let captured = CapturedResponse { fragment: text.clone(), query: text.clone() };
        let _ = AuthorizationResponse::parse(&captured);
        let _ = verify(&text, &key_set(), &context().expectations, requested(), now());
    }

    /// Rule (What holds the rules together): No parser panics, whatever the input
    #[test]
    fn no_answer_of_the_api_panics(status in 0u16..1_000, body in ".{0,300}") {
        for is_read in [
            account::summary().read(status, &body).is_ok(),
            campaigns::latest().read(status, &body).is_ok(),
            contacts::counts().read(status, &body).is_ok(),
        ] {
            prop_assert!(!is_read || status == 200);
        }
    }

    /// Rule (What holds the rules together): No parser panics, whatever the input
    #[test]
    fn json_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse_object(&bytes);
    }

    #[test]
    fn encoded_parameters_come_back_as_they_were(
        pairs in proptest::collection::btree_map("[a-z_]{1,12}", ".{1,30}", 0..8)
    ) {
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let parameters = Parameters::parse(&text).unwrap();
        for (name, value) in &pairs {
            prop_assert_eq!(parameters.get(name), Some(value.as_str()));
        }
    }

    #[test]
    fn a_scope_prints_what_it_parses(words in proptest::collection::btree_set("[!#-\\[\\]-~]{1,10}", 1..6)) {
        let text = words.iter().cloned().collect::<Vec<_>>().join(" ");
        let scope = Scope::parse(&text).unwrap();
        prop_assert_eq!(scope.to_string(), text);
    }

    /// Whatever an attacker sends, nothing is accepted without our state.
    ///
    /// Rule (The response): Whatever anyone else sends, nothing is accepted without our `state`
    #[test]
    fn nothing_is_accepted_without_our_state(fragment in "[a-z_=&%+0-9]{0,200}") {
        let captured = CapturedResponse { fragment, query: String::new() };
        if let Ok(response) = AuthorizationResponse::parse(&captured) {
            let pending = authorization_request(&client(), &entropy(), ReturnTo::START, requested()).pending;
            prop_assert!(accept(&client(), &response, Ok(&pending), now()).is_err());
        }
    }

    /// Changing any one character of a valid token makes verification fail.
    ///
    /// Rule (The token): No claim is read before the signature is verified
    #[test]
    fn no_changed_token_verifies(index in 0usize..900, other in "[A-Za-z0-9_.-]") {
        let token = TOKEN.as_str();
        let index = index % token.len();
        let changed = format!("{}{}{}", &token[..index], other, &token[index + 1..]);
        prop_assume!(changed != token);
        let expectations = context().expectations;
        let (_, result) = verify(&changed, &key_set(), &expectations, requested(), now());
        prop_assert!(result.is_err());
    }
}

static TOKEN: LazyLock<String> = LazyLock::new(token);

/// Like [`moment`], for the authorization code grant.
fn code_moment() -> impl Strategy<Value = (Step, Result<i64, i64>)> {
    let token = 0..TOKENS.len();
    let trouble = || proptest::sample::select(&Trouble::ALL[..]);
    let step = prop_oneof![
        4 => Just(Step::ReturnCode),
        4 => token.clone().prop_map(Step::Exchanged),
        6 => token.clone().prop_map(Step::Refreshed),
        1 => token.prop_map(Step::RestoreRenewable),
        2 => trouble().prop_map(Step::NotExchanged),
        3 => trouble().prop_map(Step::NotRefreshed),
        6 => Just(Step::Keys { ours: true, cached: true }),
        6 => Just(Step::Tick { visible: true }),
        2 => Just(Step::TickOffline),
        4 => moment().prop_map(|(step, _)| step),
    ];
    (step, moment().prop_map(|(_, when)| when))
}

/// A step that is likely to matter, and when: seconds after the last one, or any time at all.
fn moment() -> impl Strategy<Value = (Step, Result<i64, i64>)> {
    let token = 0..TOKENS.len();
    let step = prop_oneof![
        4 => token.clone().prop_map(Step::Return),
        2 => token.clone().prop_map(Step::Restore),
        1 => token.prop_map(Step::ReturnWithoutRecord),
        6 => Just(Step::Keys { ours: true, cached: true }),
        1 => any::<bool>().prop_map(|cached| Step::Keys { ours: false, cached }),
        8 => any::<bool>().prop_map(|visible| Step::Tick { visible }),
        2 => Just(Step::ContinueWithAccount),
        2 => Just(Step::Authorize),
        2 => Just(Step::Accepted),
        2 => Just(Step::Reload),
        6 => proptest::sample::select(vec![
            Step::ReturnDenied,
            Step::ReturnError,
            Step::ReturnUnreadable,
            Step::ReturnNothing,
            Step::NoKeys,
            Step::TryAgain,
            Step::NotStarted,
            Step::Stay,
            Step::Rejected,
            Step::RefuseAccount,
            Step::StayDisconnected,
            Step::Disconnect,
            Step::DisconnectedElsewhere,
            Step::Dismiss,
        ]),
    ];
    let when = prop_oneof![
        8 => (0i64..20).prop_map(Ok),
        2 => (20i64..100).prop_map(Ok),
        1 => (590i64..610).prop_map(Ok),
        1 => (-100i64..200).prop_map(Err),
    ];
    (step, when)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// Random histories at any times, with any settings: every promise at every step.
    ///
    /// Rule (The connection and its end): After every event, *connected* means a verified token
    /// that has not expired
    #[test]
    fn the_session_keeps_its_promises(
        (code, moments) in prop_oneof![
            (Just(false), proptest::collection::vec(moment(), 1..100)),
            (Just(true), proptest::collection::vec(code_moment(), 1..100)),
        ],
        memory: bool,
        prompt: bool,
    ) {
        let mut context = if code { code_context() } else { context() };
        if memory {
            context.token_storage = TokenStorage::Memory;
        }
        if prompt {
            context.reauthorize = Reauthorize::Prompt;
        }
        let follow = Follow::new(&context.client);
        let mut world = World::new();
        let mut now = 0;
        for (step, when) in moments {
            now = when.map_or_else(|any| any, |later| now + later);
            if world.allows(step) {
                let event = event(&context.client, step);
                let after = world.checked((step, event.as_ref()), now, &context, &mut BTreeSet::new());
                world = after.map_err(TestCaseError::fail)?;
                world.stands(&follow, now, &context).map_err(TestCaseError::fail)?;
            }
        }
    }
}

/// The server's texts are truncated, but never inside a character.
///
/// Rule (The response): The server's texts are shown as text, and truncated
#[test]
fn long_error_texts_of_any_script_are_cut() {
    let text = "é".repeat(600);
    let fragment = format!(
        "error={}&state={}",
        form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>(),
        authorization_request(&client(), &entropy(), ReturnTo::START, requested())
            .pending
            .state
            .expose()
    );
    let response = AuthorizationResponse::parse(&CapturedResponse {
        fragment,
        query: String::new(),
    })
    .unwrap();
    let pending =
        authorization_request(&client(), &entropy(), ReturnTo::START, requested()).pending;
    let error = accept(&client(), &response, Ok(&pending), now()).unwrap_err();
    let RedirectionError::Response(AccessTokenResponseError::ErrorResponse(ErrorResponse {
        spelled,
        ..
    })) = error
    else {
        panic!("an error response");
    };
    assert_eq!(spelled.chars().count(), 500);
}
