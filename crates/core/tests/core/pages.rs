//! Responses of the V3 API beyond one object: pages and their links, arrays, changes.

use cc_connect_core::v3::{
    ApiError, Operation, Page, account,
    activities::{self, State},
    campaigns,
    contact_lists::{self, ListInput},
    contacts::{self, ContactQuery},
};
use proptest::prelude::*;
use serde_json::json;

const ID: &str = "06526938-56dd-11e9-932a-fa163ea075fa";

fn unexpected<T>() -> Result<T, ApiError> {
    Err(ApiError::Unexpected { status: 200 })
}

/// The query of the next page's request, if there is one.
fn next_query<T>(
    operation: &Operation<Page<T>>,
    href: &str,
) -> Result<Option<Vec<(&'static str, String)>>, ApiError> {
    let body = json!({ "_links": { "next": { "href": href } } }).to_string();
    let next = operation.read(200, &body)?.next;
    if let Some(next) = &next {
        assert_eq!(next.request().path(), operation.request().path());
        assert_eq!(next.request().endpoint(), operation.request().endpoint());
    }
    Ok(next.map(|next| next.request().query().to_vec()))
}

#[test]
fn a_link_to_the_next_page_of_the_same_operation_is_followed() {
    let lists = contact_lists::all();
    for (href, query) in [
        ("/v3/contact_lists?cursor=abc", vec![("cursor", "abc")]),
        (
            "https://api.cc.email/v3/contact_lists?cursor=abc",
            vec![("cursor", "abc")],
        ),
        (
            "/v3/contact_lists?limit=1&cursor=bGltaXQ9MQ==",
            vec![("limit", "1"), ("cursor", "bGltaXQ9MQ==")],
        ),
        (
            "/v3/contact_lists?cursor=a%2Fb%26limit%3D1",
            vec![("cursor", "a/b&limit=1")],
        ),
        // A key that is not in the table decides nothing.
        (
            "/v3/contact_lists?cursor=abc&new=1",
            vec![("cursor", "abc")],
        ),
    ] {
        let query: Vec<_> = query
            .into_iter()
            .map(|(key, value)| (key, value.to_owned()))
            .collect();
        assert_eq!(next_query(&lists, href), Ok(Some(query)), "{href}");
    }
}

/// Rule (Requests with the token): Requests go to the configured API: a request has a path and no
/// host
#[test]
fn a_link_to_anything_else_is_an_error() {
    let lists = contact_lists::all();
    for href in [
        "",
        "/",
        "?cursor=abc",
        "/v3/contact_lists",
        "/v3/contact_lists?",
        "/v3/contact_lists?limit=1",
        "/v3/contact_lists?cursor=",
        "/v3/contact_lists?cursor=a&cursor=b",
        "/v3/contact_lists?cursor=a#b",
        "/v3/contact_lists?cursor=%",
        "/v3/contact_lists?cursor=%ff",
        "/v3/contact_lists#?cursor=abc",
        "/v3/contact_lists/?cursor=abc",
        "/v3/contact_lists/06526938-56dd-11e9-932a-fa163ea075fa?cursor=abc",
        "/v3/contact_lists/../contacts?cursor=abc",
        "/v3/contacts?cursor=abc",
        "/v3/CONTACT_LISTS?cursor=abc",
        "/v3//contact_lists?cursor=abc",
        "//v3/contact_lists?cursor=abc",
        "/contact_lists?cursor=abc",
        "contact_lists?cursor=abc",
        "/v2/contact_lists?cursor=abc",
        " /v3/contact_lists?cursor=abc",
        "//evil.example/v3/contact_lists?cursor=abc",
        "https://evil.example/v3/contact_lists?cursor=abc",
        "https://api.cc.email.evil.example/v3/contact_lists?cursor=abc",
        "https://api.cc.email@evil.example/v3/contact_lists?cursor=abc",
        "https://evil.example@api.cc.email/v3/contact_lists?cursor=abc",
        "https://api.cc.email:8443/v3/contact_lists?cursor=abc",
        "http://api.cc.email/v3/contact_lists?cursor=abc",
        "https:/v3/contact_lists?cursor=abc",
        "javascript:/v3/contact_lists?cursor=abc",
        "\\v3\\contact_lists?cursor=abc",
    ] {
        assert_eq!(next_query(&lists, href), unexpected(), "{href}");
    }
}

#[test]
fn where_there_is_no_link_the_page_is_the_last() {
    let lists = contact_lists::all();
    for links in [
        "null",
        "{}",
        r#"{"next":null}"#,
        r#"{"next":{}}"#,
        r#"{"next":{"href":null}}"#,
        r#"{"self":{"href":"https://evil.example"}}"#,
    ] {
        let page = lists
            .read(200, &format!(r#"{{"_links":{links}}}"#))
            .unwrap();
        assert_eq!(page.next, None, "{links}");
    }
    assert_eq!(lists.read(200, "{}").unwrap().next, None);
    for links in [
        "7",
        "[]",
        "\"/v3/contact_lists?cursor=abc\"",
        r#"{"next":7}"#,
        r#"{"next":"/v3/contact_lists?cursor=abc"}"#,
        r#"{"next":{"href":7}}"#,
        r#"{"next":{"href":{}}}"#,
        r#"{"next":{"href":"\ud800"}}"#,
    ] {
        let read = lists.read(200, &format!(r#"{{"_links":{links}}}"#));
        assert_eq!(read, unexpected(), "{links}");
    }
    let twice = r#"{"_links":null,"_links":{"next":{"href":"/v3/contact_lists?cursor=abc"}}}"#;
    assert_eq!(lists.read(200, twice), unexpected());
    let twice = r#"{"lists":[],"lists":[{}]}"#;
    assert_eq!(lists.read(200, twice), unexpected());
    // A member that is not read may occur twice.
    assert!(lists.read(200, r#"{"x":1,"x":2,"":1,"":2}"#).is_ok());
    assert!(campaigns::all().read(200, r#"{"":1,"":2}"#).is_ok());
}

/// Pages end: a link back to the page itself is an error, not a loop.
#[test]
fn a_page_is_not_its_own_next_page() {
    let next = |operation: &Operation<Page<_>>, cursor: &str| {
        let href = format!("/v3/contacts?cursor={cursor}");
        let body = json!({ "contacts": [], "_links": { "next": { "href": href } } });
        operation.read(200, &body.to_string()).map(|page| page.next)
    };
    let first = contacts::matching(&ContactQuery::default());
    let second = next(&first, "a").unwrap().unwrap();
    let third = next(&second, "b").unwrap().unwrap();
    assert_ne!(second, third);
    assert_eq!(next(&third, "b"), unexpected());
    assert_eq!(third.scope(), Some("contact_data"));
}

#[test]
fn a_page_is_read_item_by_item() {
    let body = json!({
        "contacts": [
            {
                "contact_id": ID.to_uppercase(),
                "email_address": {
                    "address": "ada@bakery.example",
                    "permission_to_send": "unsubscribed",
                    "opt_out_date": "2016-01-23T13:48:44.108Z",
                    "opt_out_source": "Contact",
                },
                "first_name": "Ada",
                "list_memberships": [ID, "x", null, 7],
                "created_at": "2016-01-23T13:48:44.108Z",
                "unknown": [[[[[[[[[[1]]]]]]]]]],
            },
            { "contact_id": "1", "email_address": "a@b.example", "list_memberships": {} },
            null, 7, [], "a",
            {},
        ],
        "contacts_count": 3249,
    });
    let page = contacts::matching(&ContactQuery::default())
        .read(200, &body.to_string())
        .unwrap();
    assert_eq!(page.total, Some(3249));
    assert_eq!(page.items.len(), 3);
    let ada = &page.items[0];
    assert_eq!(ada.contact_id, ID.parse().ok());
    assert_eq!(ada.first_name.as_deref(), Some("Ada"));
    assert_eq!(ada.list_memberships, [ID.parse().unwrap()]);
    let email = ada.email_address.as_ref().unwrap();
    assert_eq!(email.address.as_deref(), Some("ada@bakery.example"));
    assert_eq!(email.permission_to_send.as_deref(), Some("unsubscribed"));
    assert!(email.opt_out_date.is_some());
    assert_eq!(page.items[1], contacts::Contact::default());
    assert_eq!(page.items[2], contacts::Contact::default());
}

/// The items were requested; their number decides nothing.
#[test]
fn a_page_without_its_items_is_empty_or_an_error() {
    let lists = contact_lists::all();
    for (items, is_read) in [
        ("[]", true),
        ("null", true),
        ("{}", false),
        ("7", false),
        ("\"a\"", false),
        ("true", false),
    ] {
        let body = format!(r#"{{"lists":{items},"lists_count":"7"}}"#);
        let page = lists.read(200, &body);
        assert_eq!(page.is_ok(), is_read, "{items}");
        if let Ok(page) = page {
            assert_eq!((page.items.len(), page.total), (0, None));
        }
    }
    for body in ["[]", "7", "null", "", "{", "{}x", "{}{}"] {
        assert_eq!(lists.read(200, body), unexpected(), "{body}");
    }
    // The API does not count campaigns.
    let page = campaigns::all().read(200, r#"{"campaigns":[{}],"campaigns_count":1}"#);
    assert_eq!(page.unwrap().total, None);
}

#[test]
fn a_list_and_a_campaign_have_an_identifier() {
    let body = format!(
        r#"{{"list_id":"{ID}","name":"Customers","description":null,"favorite":true,
            "membership_count":327.0,"updated_at":"2016-03-03T10:56:29-05:00"}}"#
    );
    let list = contact_lists::get(ID.parse().unwrap())
        .read(200, &body)
        .unwrap();
    assert_eq!(list.list_id, ID.parse().ok());
    assert_eq!((list.favorite, list.membership_count), (true, Some(327)));
    assert_eq!(list.description, None);
    for other in ["false", "null", "1", "\"true\""] {
        let body = format!(r#"{{"favorite":{other}}}"#);
        let list = contact_lists::get(ID.parse().unwrap()).read(200, &body);
        assert!(!list.unwrap().favorite, "{other}");
    }
    let body = format!(r#"{{"campaigns":[{{"campaign_id":"{ID}"}}]}}"#);
    let page = campaigns::all().read(200, &body).unwrap();
    assert_eq!(page.items[0].campaign_id, ID.parse().ok());
}

#[test]
fn privileges_are_an_array() {
    let read = |body| account::privileges().read(200, body);
    let body = r#" [{"privilege_id":30,"privilege_name":"campaign:create"},null,[],{}]"#;
    let privileges = read(body).unwrap();
    assert_eq!(privileges.len(), 2);
    assert_eq!(privileges[0].privilege_id, Some(30));
    assert_eq!(read("[]"), Ok(Vec::new()));
    for other in ["{}", "null", "", "[", "[]]", r#"{"privileges":[]}"#] {
        assert_eq!(read(other), unexpected(), "{other}");
    }
}

#[test]
fn an_activity_tells_its_state() {
    for (word, state, is_final) in [
        ("initialized", Some(State::Initialized), false),
        ("processing", Some(State::Processing), false),
        ("completed", Some(State::Completed), true),
        ("cancelled", Some(State::Canceled), true),
        ("failed", Some(State::Failed), true),
        ("timed_out", Some(State::TimedOut), true),
        ("paused", None, false),
        ("", None, false),
    ] {
        let body = json!({ "activity_id": ID, "state": word, "percent_done": 75,
            "activity_errors": ["One.", 7, {"message": "Two."}, "Three."] });
        let read = activities::get(ID.parse().unwrap()).read(200, &body.to_string());
        let activity = read.unwrap();
        assert_eq!(activity.state(), state, "{word}");
        assert_eq!(state.is_some_and(State::is_final), is_final, "{word}");
        assert_eq!(activity.activity_errors, ["One.", "Three."]);
        assert_eq!(activity.percent_done, Some(75));
        assert_eq!(activity.activity_id, ID.parse().ok());
    }
    let body = r#"{"activity_errors":null,"state":7}"#;
    let activity = contact_lists::delete(ID.parse().unwrap())
        .read(202, body)
        .unwrap();
    assert_eq!(activity, activities::Activity::default());
}

/// Each operation has its own statuses: what is success for one is not for another.
#[test]
fn only_an_operations_own_statuses_are_success() {
    let id = ID.parse().unwrap();
    let input = ListInput::default();
    for status in [200, 201, 202, 204, 206, 209] {
        for (success, found) in [
            (200, contact_lists::get(id).read(status, "{}").map(drop)),
            (200, contact_lists::all().read(status, "{}").map(drop)),
            (
                201,
                contact_lists::create(&input).read(status, "{}").map(drop),
            ),
            (
                200,
                contact_lists::replace(id, &input)
                    .read(status, "{}")
                    .map(drop),
            ),
            (202, contact_lists::delete(id).read(status, "{}").map(drop)),
            (200, account::privileges().read(status, "[]").map(drop)),
        ] {
            let expected = if status == success {
                Ok(())
            } else {
                Err(ApiError::Unexpected { status })
            };
            assert_eq!(found, expected);
        }
    }
}

/// Rule (Requests with the token): A rejected change shows the API's own message, as text and
/// truncated → `api_invalid`, `api_conflict`
#[test]
fn a_rejected_change_has_the_apis_own_message() {
    let create = contact_lists::create(&ListInput::default());
    let body =
        r#"[{"error_key":"contacts.api.validation.error","error_message":"Name is required"}]"#;
    let message = Some("Name is required".to_owned());
    for (status, error) in [
        (
            400,
            ApiError::Invalid {
                message: message.clone(),
            },
        ),
        (409, ApiError::Conflict { message }),
    ] {
        assert_eq!(create.read(status, body), Err(error));
    }
    for body in ["", "<html>", "[]", "{}", r#"{"error_message":7}"#] {
        let error = create.read(409, body).unwrap_err();
        assert_eq!(error, ApiError::Conflict { message: None }, "{body}");
        assert_eq!(error.code(), "api_conflict");
        let error = create.read(400, body).unwrap_err();
        assert_eq!(error.code(), "api_invalid", "{body}");
    }
    let long = json!({ "error_message": "é".repeat(501) }).to_string();
    let Err(ApiError::Conflict {
        message: Some(message),
    }) = create.read(409, &long)
    else {
        panic!("no message");
    };
    assert_eq!(message, "é".repeat(500));
    // Without a body, a 400 is not the user's to correct.
    let read = contact_lists::all().read(400, body);
    assert_eq!(read, Err(ApiError::Unexpected { status: 400 }));
}

/// `Display` follows the convention of `std::error::Error`: lower case, no full stop.
#[test]
fn errors_are_displayed_as_rust_does() {
    for error in [
        ApiError::Unauthorized,
        ApiError::Forbidden,
        ApiError::NotFound,
        ApiError::Invalid {
            message: Some("secret?".to_owned()),
        },
        ApiError::Conflict { message: None },
        ApiError::Throttled,
        ApiError::QuotaExceeded,
        ApiError::Unavailable { status: 503 },
        ApiError::Unreachable,
        ApiError::Unexpected { status: 302 },
    ] {
        let error: Box<dyn std::error::Error> = Box::new(error);
        let text = error.to_string();
        let lower = text.starts_with("API") || text.starts_with(char::is_lowercase);
        assert!(lower && !text.ends_with('.'), "{text}");
        assert!(!text.contains("secret?"), "{text}");
    }
}

proptest! {
    /// Rule (What holds the rules together): No parser panics, whatever the input
    #[test]
    fn no_page_panics(status in 0u16..1_000, body in ".{0,300}") {
        for is_read in [
            contact_lists::all().read(status, &body).is_ok(),
            account::privileges().read(status, &body).is_ok(),
        ] {
            prop_assert!(!is_read || status == 200);
        }
    }

    /// Whatever a link contains, the next request goes to the same path, with the table's keys.
    #[test]
    fn a_link_never_leaves_its_operation(
        start in prop_oneof![
            Just("/v3/contacts?"), Just("https://api.cc.email/v3/contacts?"), Just("/v3/contacts"),
            Just("https://evil.example/v3/contacts?"), Just("//"), Just(""),
        ],
        key in "cursor=|limit=|x=|",
        rest in "\\PC{0,40}",
    ) {
        let operation = contacts::matching(&ContactQuery::default());
        let href = format!("{start}{key}{rest}");
        if let Ok(Some(query)) = next_query(&operation, &href) {
            prop_assert!(start.ends_with("/v3/contacts?") && !start.contains("evil"));
            prop_assert!(query.iter().any(|(key, value)| *key == "cursor" && !value.is_empty()));
        }
    }
}
