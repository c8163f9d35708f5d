//! The V3 API: building requests, reading responses.

use cc_connect_core::{
    oauth::AccessToken,
    time::Timestamp,
    v3::{
        ApiBaseUrl, ApiError, Method, Pace, account, authorization, campaigns, contact_lists,
        contacts, pace::INTERVAL_MILLIS,
    },
};

/// Rule (Requests with the token): Requests go to the configured API: a request has a path and no
/// host
#[test]
fn requests_go_to_the_configured_api_and_carry_no_secret() {
    let base = ApiBaseUrl::new("https://api.cc.email/v3".to_owned());
    let all = [
        account::summary().request().clone(),
        contacts::counts().request().clone(),
        contact_lists::count().request().clone(),
        campaigns::latest().request().clone(),
    ];
    let expected = [
        "/account/summary?extra_fields=physical_address%2Ccompany_logo",
        "/contacts/counts",
        "/contact_lists?include_count=true&limit=1",
        "/emails?limit=5",
    ];
    for (request, path) in all.into_iter().zip(expected) {
        let url = request.url(&base);
        assert_eq!(url, format!("https://api.cc.email/v3{path}"));
        assert_eq!((request.method(), request.body()), (&Method::GET, None));
    }
}

/// Rule (Requests with the token): The token is sent in the header (RFC 6750 §2.1), never in a URL
/// or a body
#[test]
fn the_bearer_token_is_spelled_as_rfc_6750_does() {
    assert_eq!(
        &*authorization(&AccessToken::new("abc".to_owned())),
        "Bearer abc"
    );
}

/// Rule (Requests with the token): Each failure has its own message and a next step →
/// `api_unauthorized`, `api_forbidden`, `api_not_found`, `api_throttled`, `api_quota_exceeded`,
/// `api_unavailable`, `api_unreachable`, `api_unexpected`
#[test]
fn every_failure_has_its_code() {
    for (status, body, code) in [
        (
            401,
            r#"{"error_key":"unauthorized","error_message":"Unauthorized"}"#,
            "api_unauthorized",
        ),
        (
            403,
            r#"{"error_key":"access_denied","error_message":"…"}"#,
            "api_forbidden",
        ),
        (403, r#"{"message":"Forbidden"}"#, "api_forbidden"),
        (
            404,
            r#"[{"error_key":"contacts.api.not_found","error_message":"…"}]"#,
            "api_not_found",
        ),
        (
            429,
            r#"{"error_key":"throttled","error_message":"Too Many Requests"}"#,
            "api_throttled",
        ),
        (
            429,
            r#"{"error_key":"quota_exceeded","error_message":"Limit Exceeded"}"#,
            "api_quota_exceeded",
        ),
        (
            429,
            r#"[{"error_key":"quota_exceeded"}]"#,
            "api_quota_exceeded",
        ),
        (429, "", "api_throttled"),
        (429, "<html>", "api_throttled"),
        (500, "", "api_unavailable"),
        (503, "{}", "api_unavailable"),
        (599, "", "api_unavailable"),
        (400, "[]", "api_unexpected"),
        (302, "", "api_unexpected"),
        (204, "", "api_unexpected"),
        (200, "<html>", "api_unexpected"),
        (200, "[]", "api_unexpected"),
    ] {
        let found = account::summary().read(status, body);
        let found = found.map_or_else(|error| error.code(), |_| "read");
        assert_eq!(found, code, "{status} {body}");
    }
    assert_eq!(ApiError::Unreachable.code(), "api_unreachable");
}

#[test]
fn an_account_may_lack_everything_and_have_more() {
    let account = account::summary().read(200, "{}").unwrap();
    assert_eq!(account.name(), None);
    assert_eq!(account.website_url(), None);
    let body = r#"{"organization_name":"Bluebird Bakery","website":"www.bluebird.example","unknown":1,
        "physical_address":{"address_line1":"27 Strong Avenue","city":"Northampton","state_code":"MA","postal_code":"01060","country_code":"US"},
        "company_logo":{"url":"https://example.org/logo.png","internal_id":"1"}}"#;
    let account = account::summary().read(200, body).unwrap();
    assert_eq!(account.name().as_deref(), Some("Bluebird Bakery"));
    assert_eq!(
        account.website_url().as_deref(),
        Some("https://www.bluebird.example")
    );
    assert_eq!(
        account.physical_address.unwrap().lines(),
        ["27 Strong Avenue", "Northampton MA 01060", "US"]
    );
    assert_eq!(
        account.company_logo.unwrap().url.as_deref(),
        Some("https://example.org/logo.png")
    );
}

#[test]
fn an_account_is_called_by_what_it_has() {
    let name = |body| account::summary().read(200, body).unwrap().name();
    assert_eq!(
        name(r#"{"organization_name":" ","first_name":"Ada","last_name":"Low"}"#).as_deref(),
        Some("Ada Low")
    );
    assert_eq!(name(r#"{"last_name":"Low"}"#).as_deref(), Some("Low"));
    assert_eq!(
        name(r#"{"contact_email":"a@example.org"}"#).as_deref(),
        Some("a@example.org")
    );
}

/// Rule (Requests with the token): A link made from the account's data is a web address, or a mail
/// link to a single address
#[test]
fn a_website_is_a_link_only_if_it_is_a_web_address() {
    let website = |text: &str| {
        let body = serde_json::json!({ "website": text }).to_string();
        account::summary().read(200, &body).unwrap().website_url()
    };
    assert_eq!(
        website("http://a.example/x").as_deref(),
        Some("http://a.example/x")
    );
    for bad in [
        "javascript://a.example/%0aalert(1)",
        "javascript:alert(1)",
        "",
        "a b",
        "ftp://a.example",
    ] {
        assert_eq!(website(bad), None, "{bad}");
    }
}

#[test]
fn counts_and_campaigns_are_read() {
    let counts = contacts::counts()
        .read(
            200,
            r#"{"total":326,"explicit":200,"implicit":56,"pending":10,"unsubscribed":60}"#,
        )
        .unwrap();
    assert_eq!(
        (counts.total, counts.explicit, counts.implicit),
        (Some(326), Some(200), Some(56))
    );
    assert_eq!(counts.mailable(), Some(256));
    let lists = contact_lists::count()
        .read(200, r#"{"lists":[{"list_id":"x"}],"lists_count":5}"#)
        .unwrap();
    assert_eq!(lists.lists_count, Some(5));
    let campaigns = campaigns::latest()
        .read(200, r#"{"campaigns":[{"campaign_id":"1","name":"A","current_status":"Done","updated_at":"2026-09-30T11:01:58.000Z"}]}"#)
        .unwrap();
    assert_eq!(
        campaigns.campaigns[0].current_status.as_deref(),
        Some("Done")
    );
    assert!(
        campaigns::latest()
            .read(200, "{}")
            .unwrap()
            .campaigns
            .is_empty()
    );
}

/// C16: `null` means absent, an integer may be written in any form, unreadable members are dropped,
/// and members that are never displayed are not even parsed.
///
/// Rule (Requests with the token): A member of a response that cannot be read is left out, and the
/// rest is used
#[test]
fn a_member_that_cannot_be_read_costs_only_itself() {
    let counts = |body: &str| contacts::counts().read(200, body).unwrap();
    let read =
        counts(r#"{"total":1,"explicit":2.0,"implicit":0,"unsubscribed":null,"pending":-1}"#);
    assert_eq!((read.total, read.mailable()), (Some(1), Some(2)));
    for none in [
        "null", "-1", "1.5", "\"1\"", "[]", "{}", "1e300", "1e999", "true",
    ] {
        let read = counts(&format!(
            r#"{{"total":{none},"explicit":{none},"implicit":3}}"#
        ));
        assert_eq!((read.total, read.explicit), (None, None), "{none}");
        assert_eq!((read.implicit, read.mailable()), (Some(3), None), "{none}");
    }
    assert_eq!(counts("{}"), contacts::ContactCounts::default());
    let enormous = format!(r#"{{"explicit":{0},"implicit":{0}}}"#, u64::MAX);
    assert_eq!(counts(&enormous).mailable(), None);

    for (written, count) in [
        ("2.0", Some(2)),
        ("2", Some(2)),
        ("null", None),
        ("\"2\"", None),
    ] {
        let body = format!(r#"{{"lists_count":{written},"lists":7}}"#);
        let lists = contact_lists::count().read(200, &body).unwrap();
        assert_eq!(lists.lists_count, count, "{written}");
    }

    let name = |body: &str| campaigns::latest().read(200, body).unwrap().campaigns;
    let body = r#"{"campaigns":[null,7,[],{"campaign_id":null,"name":"A","current_status":5,
        "updated_at":{}},{"name":null},{"name":"\ud800","x":1e999}]}"#;
    let read = name(body);
    let names: Vec<_> = read.iter().map(|one| one.name.as_deref()).collect();
    assert_eq!(names, [Some("A"), None, None]);
    assert_eq!(read[0].current_status, None);
    assert_eq!(read[0].updated_at, None);
    assert!(name(r#"{"campaigns":null}"#).is_empty());
    // This member was requested, so the wrong type invalidates the whole response.
    for other in ["{}", "7", "\"a\"", "true"] {
        let body = format!(r#"{{"campaigns":{other}}}"#);
        assert!(campaigns::latest().read(200, &body).is_err(), "{other}");
    }

    for other in [
        "null",
        "7",
        "[]",
        "[\"a\"]",
        "true",
        "1e999",
        "{}",
        "\"\\ud800\"",
    ] {
        let body = format!(
            r#"{{"organization_name":{other},"contact_email":"a@b.example","website":{other},
                "physical_address":{other},"company_logo":{other},"unknown":{other}}}"#
        );
        let account = account::summary().read(200, &body).unwrap();
        assert_eq!(account.organization_name, None, "{other}");
        assert_eq!(account.name().as_deref(), Some("a@b.example"), "{other}");
        let is_object = other == "{}";
        assert_eq!(account.physical_address.is_some(), is_object, "{other}");
        assert_eq!(account.company_logo.is_some(), is_object, "{other}");
    }
    let body = r#"{"physical_address":{"city":null,"state_code":5,"postal_code":"1"}}"#;
    let address = account::summary().read(200, body).unwrap().physical_address;
    assert_eq!(address.unwrap().lines(), ["1"]);
}

/// S3: the API description spells campaign statuses in two ways.
#[test]
fn a_campaigns_status_is_read_without_regard_to_case() {
    use campaigns::Status::{Done, Draft, Error, Executing, Removed, Scheduled};
    for (word, status) in [
        ("Draft", Draft),
        ("Scheduled", Scheduled),
        ("Executing", Executing),
        ("Done", Done),
        ("Error", Error),
        ("Removed", Removed),
    ] {
        for spelled in [
            word.to_owned(),
            word.to_uppercase(),
            word.to_lowercase(),
            format!(" {word}\n"),
        ] {
            assert_eq!(
                campaigns::Status::parse(&spelled),
                Some(status),
                "{spelled}"
            );
        }
    }
    for other in ["", "Sent", "Don", "Done!", "DÖNE"] {
        assert_eq!(campaigns::Status::parse(other), None, "{other}");
    }
}

/// S4: an address cannot turn the link into a different one (RFC 6068 §2).
///
/// Rule (Requests with the token): A link made from the account's data is a web address, or a mail
/// link to a single address
#[test]
fn a_mail_address_is_encoded_in_its_link() {
    let link = |text: &str| {
        let body = serde_json::json!({ "contact_email": text }).to_string();
        account::summary().read(200, &body).unwrap().mail_url()
    };
    for (text, href) in [
        ("ada@bakery.example", "mailto:ada@bakery.example"),
        (
            " ada.low_1-2~3@b.example ",
            "mailto:ada.low_1-2~3@b.example",
        ),
        ("a&b?c@x.example", "mailto:a%26b%3Fc@x.example"),
        ("a+b@x.example", "mailto:a%2Bb@x.example"),
        ("a%40b@x.example", "mailto:a%2540b@x.example"),
        (
            "a@x.example?cc=b@y.example",
            "mailto:a%40x.example%3Fcc%3Db@y.example",
        ),
        ("a@x.example?subject=b", "mailto:a@x.example%3Fsubject%3Db"),
        ("a@x.example#b", "mailto:a@x.example%23b"),
        ("\"a b\"@x.example", "mailto:%22a%20b%22@x.example"),
        ("é@bücher.example", "mailto:%C3%A9@b%C3%BCcher.example"),
        (
            "a\r\nBcc: b@x.example",
            "mailto:a%0D%0ABcc%3A%20b@x.example",
        ),
    ] {
        assert_eq!(link(text).as_deref(), Some(href), "{text}");
        let read = url::Url::parse(href).unwrap();
        assert_eq!((read.query(), read.fragment()), (None, None), "{text}");
    }
    for none in ["", " ", "a", "@", "a@", "@x.example"] {
        assert_eq!(link(none), None, "{none}");
    }
}

/// Rule (Requests with the token): Requests keep the API's pace
#[test]
fn requests_keep_their_distance() {
    let mut pace = Pace::default();
    let now = Timestamp::from_unix_millis(1_000_000);
    let interval = u32::try_from(INTERVAL_MILLIS).unwrap();
    assert_eq!(pace.reserve(now), 0);
    assert_eq!(pace.reserve(now), interval);
    assert_eq!(pace.reserve(now), 2 * interval);
    // At most four per second.
    const { assert!(4 * INTERVAL_MILLIS > 1_000) };
    let later = Timestamp::from_unix_millis(1_000_000 + 10 * INTERVAL_MILLIS);
    assert_eq!(pace.reserve(later), 0);
}

#[test]
fn a_clock_that_was_set_back_does_not_stop_requests() {
    let mut pace = Pace::default();
    pace.reserve(Timestamp::from_unix_millis(1_000_000_000));
    let wait = pace.reserve(Timestamp::from_unix_millis(0));
    assert!(i64::from(wait) <= 20 * INTERVAL_MILLIS, "{wait}");
}
