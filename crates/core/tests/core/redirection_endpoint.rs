//! Where a response arrives relative to the redirect URI, and whether it can be ours.

use crate::support::{client, context, entropy, page, requested};
use cc_connect_core::{
    ReturnTo,
    oauth::{
        Arrival, CapturedResponse, NoPendingAuthorization, PendingAuthorization, Place,
        RedirectionError, authorization_request,
        pending_authorization::{MAX_AGE, is_lost_again},
        redirection_endpoint::place,
    },
    session::{Event, NotConnected, Phase, Reason, Remembered, Returned, Session},
    time::Timestamp,
};

fn pending() -> PendingAuthorization {
    authorization_request(&client(), &entropy(), page("connection"), requested()).pending
}

fn arrival(fragment: &str, query: &str) -> Arrival {
    Arrival {
        address: "https://a.example/".to_owned(),
        response: CapturedResponse {
            fragment: fragment.to_owned(),
            query: query.to_owned(),
        },
    }
}

/// B15, C8: a host may redirect to a different spelling of the registered address.
///
/// Rule (The response): The response arrives at the redirect URI, or at another spelling of it at
/// the same origin (a slash, `index.html`, case) that the page's host redirects to
#[test]
fn the_redirect_uri_is_recognized_however_the_host_spells_it() {
    use Place::{Elsewhere, Nearby, Registered};
    let callback = "https://a.example/app/callback";
    for (address, registered, expected) in [
        (callback, callback, Registered),
        ("https://a.example/", "https://a.example/", Registered),
        ("https://a.example/app/callback/", callback, Nearby),
        (callback, "https://a.example/app/callback/", Nearby),
        (
            "https://a.example/app/callback/index.html",
            callback,
            Nearby,
        ),
        (
            "https://a.example/app/callback/INDEX.HTML",
            callback,
            Nearby,
        ),
        ("https://a.example/App/Callback", callback, Nearby),
        ("https://a.example//app//callback", callback, Nearby),
        ("https://a.example//app/callback", callback, Nearby),
        ("https://a.example/", "https://a.example", Nearby),
        ("https://a.example/index.html", "https://a.example/", Nearby),
        ("https://a.example/app", "https://a.example/app/", Nearby),
        // Configured in a spelling that no address bar shows.
        (
            "https://a.example/callback",
            "https://A.example:443/callback",
            Nearby,
        ),
        // A different page, or the same one below a different path.
        ("https://a.example/app/", callback, Elsewhere),
        ("https://a.example/callback", callback, Elsewhere),
        ("https://a.example/app/callback/more", callback, Elsewhere),
        (
            "https://a.example/app/callback/index.htm",
            callback,
            Elsewhere,
        ),
        (
            "https://a.example/app/index.html/callback",
            callback,
            Elsewhere,
        ),
        ("https://a.example/app/callbac%6B", callback, Elsewhere),
        // Nearly the same origin, but a different one.
        ("http://a.example/app/callback", callback, Elsewhere),
        ("https://www.a.example/app/callback", callback, Elsewhere),
        ("https://a.example:8443/app/callback", callback, Elsewhere),
        ("https://a.example.evil/app/callback", callback, Elsewhere),
        (
            "https://a.example@evil.example/app/callback",
            callback,
            Elsewhere,
        ),
        (
            "http://127.0.0.1:8080/callback",
            "http://localhost:8080/callback",
            Elsewhere,
        ),
        // Not an address.
        ("", callback, Elsewhere),
        ("about:blank", callback, Elsewhere),
        ("/app/callback", callback, Elsewhere),
    ] {
        assert_eq!(place(address, registered), expected, "{address}");
        assert_eq!(
            place(registered, address),
            expected,
            "the reverse of {address}"
        );
    }
}

/// Issue 11: a response that arrives at the wrong address is reported with both addresses and none
/// of the response, and leads back to where the user was.
///
/// Rule (The response): At any other address the response is not used; that is reported if it may
/// be meant for this application, and a made-up link ends no connection →
/// `response_at_other_address`
#[test]
fn a_response_at_another_address_is_said() {
    let address = format!("https://a.example/{}", "x".repeat(2_000));
    let error = RedirectionError::at_other_address(client().redirect_uri(), &address);
    assert_eq!(error.code(), "response_at_other_address");
    let RedirectionError::OtherAddress {
        registered,
        arrived,
    } = &error
    else {
        panic!("another error");
    };
    assert_eq!(*registered, client().redirect_uri());
    assert_eq!(*arrived, address[..300]);
    for (pending, expected) in [
        (Ok(pending()), page("connection")),
        (Err(NoPendingAuthorization::NoneStored), ReturnTo::START),
    ] {
        let session = Session::new(Remembered::default(), ReturnTo::START);
        let returned = Returned::Elsewhere {
            error: error.clone(),
            pending,
        };
        let event = Event::Returned(Box::new(returned));
        let (session, effects) = session.step(event, requested(), &context());
        assert!(effects.is_empty(), "{effects:?}");
        let Phase::NotConnected(NotConnected {
            reason, return_to, ..
        }) = session.phase()
        else {
            panic!("connected");
        };
        assert_eq!(*reason, Reason::ResponseRefused(error.clone()));
        assert_eq!(*return_to, expected);
    }
}

/// Anyone can put `?code=` into a link; a response to our own request has a state of our form.
///
/// Rule (The response): At any other address the response is not used; that is reported if it may
/// be meant for this application, and a made-up link ends no connection →
/// `response_at_other_address`
#[test]
fn only_a_state_like_ours_is_taken_for_a_response_to_us() {
    let state = pending().state.expose().to_owned();
    for (fragment, query, ours) in [
        (format!("access_token=a&state={state}"), "", true),
        (format!("error=access_denied&state={state}"), "", true),
        (String::new(), "code=summer", false),
        (String::new(), "state=TX&code=summer", false),
        (format!("access_token=a&state={state}A"), "", false),
        (format!("access_token=a&state={}", &state[1..]), "", false),
        (format!("access_token=a&state=*{}", &state[1..]), "", false),
        (
            format!("access_token=a&state={state}&state={state}"),
            "",
            false,
        ),
        (String::new(), "", false),
    ] {
        let arrival = arrival(&fragment, query);
        assert_eq!(arrival.may_be_ours(), ours, "{query} {fragment}");
        assert!(!format!("{arrival:?}").contains(&state));
    }
    let in_query = format!("code=x&state={state}");
    assert!(arrival("", &in_query).may_be_ours());
}

/// S5: a browser that loses the record of a request twice within ten minutes always will.
///
/// Rule (The response): If there is no record for the second time in a row, another browser is
/// suggested → `pending_authorization_lost`
#[test]
fn the_second_lost_record_within_ten_minutes_is_noticed() {
    let first = requested();
    let after = |millis: i64| Timestamp::from_unix_millis(first.unix_millis() + millis);
    let limit = MAX_AGE * 1_000;
    assert!(!is_lost_again(None, first));
    for (millis, expected) in [
        (0, true),
        (limit, true),
        (limit + 1, false),
        // The clock was set back in between.
        (-limit, true),
        (-limit - 1, false),
    ] {
        let again = is_lost_again(Some(first), after(millis));
        assert_eq!(again, expected, "{millis}");
    }
    let error = RedirectionError::NoPending(NoPendingAuthorization::LostAgain);
    assert_eq!(error.code(), "pending_authorization_lost");
}
