//! What is written to storage, and what is read back.

use crate::{
    code_support,
    support::{client, entropy, page, requested, token},
};
use cc_connect_core::{
    jose::jwk_set_cache::Freshness,
    oauth::authorization_request,
    session::{
        Account,
        stored::{self, StoredKeys},
    },
};
use serde_json::{Value, json};

fn written() -> Value {
    let pending =
        authorization_request(&client(), &entropy(), page("connection"), requested()).pending;
    serde_json::from_str(&stored::write_pending(&pending)).unwrap()
}

#[test]
fn a_pending_authorization_survives() {
    let read = stored::read_pending(&written().to_string()).unwrap();
    let pending =
        authorization_request(&client(), &entropy(), page("connection"), requested()).pending;
    assert!(read.state.is_secret_text(pending.state.expose()));
    assert!(read.nonce.is_secret_text(pending.nonce.expose()));
    assert_eq!(read.client_id, pending.client_id);
    assert_eq!(read.redirect_uri, pending.redirect_uri);
    assert_eq!(read.scope, pending.scope);
    assert_eq!(read.issuer, pending.issuer);
    assert_eq!(read.created_at, pending.created_at);
    assert_eq!(read.return_to, page("connection"));
}

/// Rule (The response): A record that cannot be read, or was tampered with, is rejected →
/// `pending_authorization_unreadable`
///
/// Rule (The response): Only the application's own paths are routes
///
/// Rule (Storage and other tabs): Nothing that is loaded is trusted: not another form, version or
/// source
#[test]
fn what_was_tampered_with_is_not_read() {
    for (member, value) in [
        ("version", json!(0)),
        ("version", json!(2)),
        ("version", Value::Null),
        ("state", json!(1)),
        ("scope", json!("")),
        ("created_at", json!("now")),
        ("return_to", json!("//evil.example")),
        ("return_to", json!("https://evil.example/")),
        ("return_to", json!("/connection")),
        ("return_to", json!("javascript:alert(1)")),
    ] {
        let mut changed = written();
        changed[member] = value.clone();
        assert!(
            stored::read_pending(&changed.to_string()).is_none(),
            "{member}: {value}"
        );
    }
    for text in ["", "null", "[]", "{}", "\"x\""] {
        assert!(stored::read_pending(text).is_none(), "{text}");
        assert!(stored::read_token(text).is_none(), "{text}");
    }
}

/// Members missing or of the wrong type: no defaults are filled in.
///
/// Rule (Storage and other tabs): Nothing that is loaded is trusted: not another form, version or
/// source
#[test]
fn a_record_with_a_wrong_member_is_not_read() {
    let token: Value = serde_json::from_str(&token_record(1)).unwrap();
    type Read = fn(&str) -> bool;
    let readers: [(Value, Read); 2] = [
        (written(), |text| stored::read_pending(text).is_some()),
        (token, |text| stored::read_token(text).is_some()),
    ];
    for (record, read) in readers {
        assert!(read(&record.to_string()));
        for member in record.as_object().unwrap().keys() {
            let mut without = record.clone();
            without.as_object_mut().unwrap().remove(member);
            assert!(!read(&without.to_string()), "without {member}");
            for wrong in [json!(null), json!(1.5), json!([]), json!({}), json!(true)] {
                let mut changed = record.clone();
                changed[member] = wrong.clone();
                assert!(!read(&changed.to_string()), "{member}: {wrong}");
            }
        }
        for (member, value) in [
            ("scope", "a  b"),
            ("granted", "a\"b"),
            ("requested", ""),
            ("return_to", "../callback"),
        ] {
            let mut changed = record.clone();
            if changed.get(member).is_some() {
                changed[member] = json!(value);
                assert!(!read(&changed.to_string()), "{member}: {value}");
            }
        }
    }
}

/// A token keeps the context of its request; once read, it is unverified.
#[test]
fn a_token_survives_with_its_circumstances() {
    let text = token_record(1);
    let read = stored::read_token(&text).unwrap();
    let rewritten: Value = serde_json::from_str(&stored::write_token(&read)).unwrap();
    assert_eq!(rewritten, serde_json::from_str::<Value>(&text).unwrap());
}

/// What a server tells its page is what it has found.
#[test]
fn a_grant_survives_with_its_reports() {
    let bench = code_support::connected_from(
        code_support::exchanging_with_openid(),
        &token(),
        json!({ "id_token": code_support::id_token(&token(), json!({})) }),
    );
    let grant = bench.session.token().unwrap().grant().as_ref().clone();
    assert!(grant.id_token.is_some());
    let text = stored::write_grant(&grant);
    assert!(!text.contains(&token()));
    assert_eq!(stored::read_grant(&text), Some(grant));

    let record: Value = serde_json::from_str(&text).unwrap();
    for member in record.as_object().unwrap().keys() {
        let mut without = record.clone();
        without.as_object_mut().unwrap().remove(member);
        let is_read = stored::read_grant(&without.to_string()).is_some();
        assert_eq!(is_read, member == "id_token", "without {member}");
    }
    for (pointer, wrong) in [
        ("/version", json!(2)),
        ("/account/sub", json!(1)),
        ("/claims", json!([])),
        ("/report/checks/0/name", json!("horoscope")),
        ("/report/checks/0/outcome", json!("perhaps")),
        ("/key/bits", json!(-1)),
    ] {
        let mut changed = record.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        assert!(
            stored::read_grant(&changed.to_string()).is_none(),
            "{pointer}"
        );
    }
}

/// C13: a record with a time that not every browser can display is rejected.
///
/// Rule (Storage and other tabs): Nothing that is loaded is trusted: not another form, version or
/// source
#[test]
fn a_record_of_an_impossible_time_is_not_read() {
    let token: Value = serde_json::from_str(&token_record(1)).unwrap();
    let (first, last) = (-62_167_219_200_000_i64, 253_402_300_799_999_i64);
    let keys = serde_json::to_value(keys()).unwrap();
    type Read = fn(&str) -> bool;
    let cases: [(Value, &str, Read); 4] = [
        (written(), "created_at", |text| {
            stored::read_pending(text).is_some()
        }),
        (token, "requested_at", |text| {
            stored::read_token(text).is_some()
        }),
        (keys.clone(), "fetched_at", |text| {
            serde_json::from_str::<StoredKeys>(text).is_ok()
        }),
        (keys, "unknown_kid_at", |text| {
            serde_json::from_str::<StoredKeys>(text).is_ok()
        }),
    ];
    for (record, member, read) in cases {
        for (millis, is_read) in [
            (i64::MIN, false),
            (first - 1, false),
            (first, true),
            (0, true),
            (last, true),
            (last + 1, false),
            (8_640_000_000_000_001, false),
            (i64::MAX, false),
        ] {
            let mut changed = record.clone();
            changed[member] = json!(millis);
            assert_eq!(read(&changed.to_string()), is_read, "{member}: {millis}");
        }
    }
    let mut long_ago = written();
    long_ago["created_at"] = json!(first);
    let read = stored::read_pending(&long_ago.to_string()).unwrap();
    assert!(read.is_stale(&client(), requested()));
}

/// The same for a time stored on its own.
#[test]
fn a_time_survives() {
    let text = stored::write_time(requested());
    assert_eq!(stored::read_time(&text), Some(requested()));
    for other in [
        "",
        "now",
        "1.5",
        "9223372036854775807",
        "-9223372036854775808",
        " 1",
    ] {
        assert_eq!(stored::read_time(other), None, "{other}");
    }
}

fn keys() -> StoredKeys {
    StoredKeys::new(
        "https://a.example/keys".to_owned(),
        "{}".to_owned(),
        Freshness {
            fetched_at: requested(),
            lifetime: 300,
            unknown_kid_at: None,
        },
    )
}

fn token_record(version: u32) -> String {
    json!({
        "version": version, "access_token": "a", "granted": "a", "requested": "b", "nonce": "n",
        "requested_at": 7, "client_id": "c", "issuer": "i", "redirect_uri": "r",
    })
    .to_string()
}

/// Rule (Storage and other tabs): Nothing that is loaded is trusted: not another form, version or
/// source
#[test]
fn a_token_of_another_version_is_not_read() {
    assert!(stored::read_token(&token_record(1)).is_some());
    assert!(stored::read_token(&token_record(0)).is_none());
    assert!(stored::read_token(&token_record(2)).is_none());
}

/// Rule (The key set): It is cached for `max-age`, between 5 minutes and 24 hours, and for its own
/// address only
#[test]
fn a_key_set_of_another_source_is_not_used() {
    let keys = keys();
    assert!(keys.is_usable_for("https://a.example/keys"));
    assert!(!keys.is_usable_for("https://b.example/keys"));
    assert_eq!(
        serde_json::to_value(&keys).unwrap(),
        json!({
            "version": 1, "jwks_uri": "https://a.example/keys", "document": "{}",
            "fetched_at": requested().unix_millis(), "lifetime": 300, "unknown_kid_at": null,
        })
    );
    let text = serde_json::to_string(&keys).unwrap();
    assert_eq!(serde_json::from_str::<StoredKeys>(&text).unwrap(), keys);
    let freshness = Freshness {
        unknown_kid_at: Some(requested()),
        ..keys.freshness()
    };
    let later = StoredKeys::new(keys.jwks_uri.clone(), keys.document.clone(), freshness);
    let text_of_later = serde_json::to_string(&later).unwrap();
    let read: StoredKeys = serde_json::from_str(&text_of_later).unwrap();
    assert_eq!(read.freshness(), freshness);
    let older = text.replace("\"version\":1", "\"version\":0");
    assert!(
        !serde_json::from_str::<StoredKeys>(&older)
            .unwrap()
            .is_usable_for("https://a.example/keys")
    );
}

/// Rule (Storage and other tabs): Nothing that is loaded is trusted: not another form, version or
/// source
#[test]
fn an_account_survives_and_nothing_else_is_taken_for_one() {
    let account = Account {
        platform_user_id: "d3a06e62".to_owned(),
        subject: "geeksquad".to_owned(),
    };
    let text = stored::write_account(&account);
    assert_eq!(stored::read_account(&text), Some(account));
    let written: Value = serde_json::from_str(&text).unwrap();
    for (member, value) in [
        ("version", json!(2)),
        ("platform_user_id", json!(1)),
        ("sub", Value::Null),
    ] {
        let mut changed = written.clone();
        changed[member] = value;
        assert_eq!(stored::read_account(&changed.to_string()), None, "{member}");
    }
}
