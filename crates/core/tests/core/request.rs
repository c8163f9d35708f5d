//! The authorization request.

use crate::support::{client, client_with, entropy, page, requested};
use cc_connect_core::{
    ReturnTo,
    oauth::{
        Entropy, authorization_request,
        parameters::{OF_AUTHORIZATION_REQUEST, Parameters},
        pending_authorization::{MAX_AGE, MAX_COUNT, sweep},
    },
};

/// The query's parameter names, in order.
fn names(uri: &str) -> Vec<String> {
    let query = uri.split_once('?').unwrap().1;
    form_urlencoded::parse(query.as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect()
}

/// S2 (RFC 6749 §3.1): an endpoint may have a query. It is kept unchanged, and the parameters are
/// appended.
///
/// Rule (The request): An endpoint's own query is kept, and may not have a parameter that requests
/// add (RFC 6749 §3.1, §3.2)
#[test]
fn a_query_of_the_endpoints_own_is_kept() {
    let sent = [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
    ];
    for (own, kept) in [
        ("", vec![]),
        ("?", vec![]),
        ("?resource=x", vec!["resource"]),
        ("?resource=x&", vec!["resource"]),
        ("?resource=x&resource=y", vec!["resource", "resource"]),
        ("?a=%2F%3f+b&c", vec!["a", "c"]),
        ("?a=b?c", vec!["a"]),
    ] {
        let client = client_with(|registration| registration.authorization_endpoint.push_str(own));
        let request = authorization_request(&client, &entropy(), ReturnTo::START, requested());
        let uri = request.expose_uri();
        assert!(uri.starts_with(client.authorization_endpoint()), "{own}");
        let mut expected = kept.clone();
        expected.extend(sent);
        assert_eq!(names(uri), expected, "{own}");
        assert!(url::Url::parse(uri).is_ok_and(|url| url.as_str() == uri));
    }
}

fn parameters(uri: &str) -> Parameters {
    Parameters::parse(uri.split_once('?').unwrap().1).unwrap()
}

/// Rule (The request): The request has exactly the parameters of RFC 6749 §4.2.1, each once,
/// encoded
#[test]
fn it_has_every_parameter_properly_encoded() {
    let redirect_uri = "https://app.example/a%20b&c=d/callback";
    let client = client_with(|registration| registration.redirect_uri = redirect_uri.to_owned());
    let request = authorization_request(&client, &entropy(), page("connection"), requested());
    let uri = request.expose_uri();
    assert!(uri.starts_with("https://authz.constantcontact.com/oauth2/default/v1/authorize?"));
    let parameters = parameters(uri);
    assert_eq!(parameters.get("response_type"), Some("token"));
    assert_eq!(parameters.get("client_id"), Some(client.client_id()));
    assert_eq!(parameters.get("redirect_uri"), Some(redirect_uri));
    assert_eq!(
        parameters.get("scope"),
        Some("account_read campaign_data contact_data")
    );
    assert_eq!(
        parameters.get("state"),
        Some(request.pending.state.expose())
    );
    assert_eq!(
        parameters.get("nonce"),
        Some(request.pending.nonce.expose())
    );
    // Exactly these six, once each: no setting can add one.
    assert_eq!(uri.split_once('?').unwrap().1.split('&').count(), 6);
    for name in names(uri) {
        assert!(OF_AUTHORIZATION_REQUEST.contains(&name.as_str()), "{name}");
    }
    // Scopes are separated by an encoded space, never by an encoded plus sign.
    assert!(!uri.contains("%2B"));
}

/// Rule (The request): `state` and `nonce` have 256 random bits each, in characters that need no
/// encoding, and are independent of each other (RFC 9700 §2.1)
#[test]
fn state_and_nonce_are_256_bits_each_and_independent() {
    let request = authorization_request(&client(), &entropy(), ReturnTo::START, requested());
    let (state, nonce) = (
        request.pending.state.expose(),
        request.pending.nonce.expose(),
    );
    assert_eq!(state.len(), 43);
    assert_eq!(nonce.len(), 43);
    assert_ne!(state, nonce);
    let all: Vec<[u8; 32]> = (0..=255).map(|octet| [octet; 32]).collect();
    for octets in all {
        let entropy = Entropy {
            state: octets,
            nonce: octets,
            code_verifier: octets,
        };
        let pending =
            authorization_request(&client(), &entropy, ReturnTo::START, requested()).pending;
        // Characters that need no encoding in addresses, forms or storage keys, and the full
        // entropy.
        for text in [pending.state.expose(), pending.nonce.expose()] {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            assert!(text.bytes().all(plain), "{text}");
            assert_eq!(crate::support::decode(text), octets);
        }
    }
    let other = Entropy {
        state: [3; 32],
        nonce: [2; 32],
        code_verifier: [3; 32],
    };
    let other = authorization_request(&client(), &other, ReturnTo::START, requested());
    assert_ne!(other.pending.state.expose(), state);
    assert_eq!(other.pending.nonce.expose(), nonce);
}

/// Rule (The request): The record of a request has everything that must still be true when the
/// response arrives
#[test]
fn the_pending_authorization_remembers_what_must_still_be_true() {
    let pending =
        authorization_request(&client(), &entropy(), page("connection"), requested()).pending;
    assert_eq!(pending.client_id, client().client_id());
    assert_eq!(pending.redirect_uri, client().redirect_uri());
    assert_eq!(&pending.scope, client().scope());
    assert_eq!(pending.issuer, client().issuer());
    assert_eq!(pending.created_at, requested());
    assert_eq!(pending.return_to, page("connection"));
}

/// Rule (The request): There are at most five records, none older than ten minutes or the
/// configured time
#[test]
fn sweeping_removes_the_stale_the_unreadable_and_the_surplus() {
    let now = requested();
    let ago = |seconds: i64| Some(now.plus_seconds(-seconds));
    let stored = vec![
        ("stale", ago(MAX_AGE + 1)),
        ("from the future", ago(-MAX_AGE - 1)),
        ("unreadable", None),
        ("1", ago(1)),
        ("5", ago(5)),
        ("3", ago(3)),
        ("2", ago(2)),
        ("4", ago(4)),
    ];
    let mut removed = sweep(stored, &client(), now);
    removed.sort_unstable();
    // Five remain and one is about to be added, so the oldest goes.
    assert_eq!(removed, ["5", "from the future", "stale", "unreadable"]);
}

/// To the millisecond, in the past and in the future alike.
#[test]
fn a_record_is_stale_after_ten_minutes() {
    assert_eq!((MAX_AGE, MAX_COUNT), (600, 5));
    for (millis, stale) in [
        (0, false),
        (600_000, false),
        (600_001, true),
        (-600_000, false),
        (-600_001, true),
    ] {
        let created_at = requested().plus_millis(-millis);
        let swept = sweep(vec![((), Some(created_at))], &client(), requested());
        assert_eq!(!swept.is_empty(), stale, "{millis}");
    }
}

#[test]
fn the_oldest_make_room_for_another() {
    let ago = |seconds: i64| (seconds, Some(requested().plus_seconds(-seconds)));
    for (count, removed) in [
        (0, vec![]),
        (4, vec![]),
        (5, vec![5]),
        (8, vec![8, 7, 6, 5]),
    ] {
        let stored = (1..=count).map(ago).collect();
        assert_eq!(sweep(stored, &client(), requested()), removed);
    }
}

#[test]
fn sweeping_keeps_what_fits() {
    let stored = (0..MAX_COUNT - 1)
        .map(|index| (index, Some(requested())))
        .collect();
    assert!(sweep(stored, &client(), requested()).is_empty());
}
