//! Strict JSON parsing.

use cc_connect_core::json::{JsonError, MAX_DEPTH, parse_object, parse_object_or_say_where, whole};
use serde_json::json;

/// Rule (The token): The header is one JSON object in UTF-8, its members unique at every level, at
/// most eight levels deep (RFC 8725 §3.7)
#[test]
fn every_refusal_has_its_reason() {
    let deep = format!(
        "{{\"a\":{}{}}}",
        "[".repeat(MAX_DEPTH),
        "]".repeat(MAX_DEPTH)
    );
    let table: &[(&str, JsonError)] = &[
        ("", JsonError::Syntax),
        ("{", JsonError::Syntax),
        ("{} {}", JsonError::Syntax),
        ("{}x", JsonError::Syntax),
        ("{\"a\":1e400}", JsonError::Syntax),
        ("{\"a\":01}", JsonError::Syntax),
        ("{'a':1}", JsonError::Syntax),
        ("{\"a\":1,}", JsonError::Syntax),
        ("[]", JsonError::NotAnObject),
        ("\"a\"", JsonError::NotAnObject),
        ("null", JsonError::NotAnObject),
        ("{\"a\":1,\"a\":1}", JsonError::DuplicateMember),
        ("{\"a\":1,\"\\u0061\":2}", JsonError::DuplicateMember),
        ("{\"a\":{\"b\":1,\"b\":2}}", JsonError::DuplicateMember),
        ("{\"a\":[{\"b\":1,\"b\":2}]}", JsonError::DuplicateMember),
        (&deep, JsonError::TooDeep),
    ];
    for (text, expected) in table {
        assert_eq!(
            parse_object(text.as_bytes()).unwrap_err(),
            *expected,
            "{text}"
        );
    }
    assert_eq!(
        parse_object(b"{\"a\":\"\xff\"}").unwrap_err(),
        JsonError::Syntax
    );
}

#[test]
fn where_it_is_is_said() {
    for (text, error, line, column, is_cut) in [
        ("{\n  \"a\": x\n}", JsonError::Syntax, 2, 8, false),
        ("{\"a\":1,\n}", JsonError::Syntax, 2, 1, false),
        ("{\"a\":", JsonError::Syntax, 1, 5, true),
        ("{\"a\":\"b\n\"}", JsonError::Syntax, 2, 0, false),
        (
            "{\"a\":1,\n\"a\":2}",
            JsonError::DuplicateMember,
            2,
            3,
            false,
        ),
        ("\n[]", JsonError::NotAnObject, 1, 0, false),
    ] {
        let flaw = parse_object_or_say_where(text.as_bytes()).unwrap_err();
        let found = (flaw.error, flaw.line, flaw.column, flaw.is_cut);
        assert_eq!(found, (error, line, column, is_cut), "{text:?}");
        assert!(!flaw.words.is_empty());
    }
    assert!(parse_object_or_say_where(b"{}").is_ok());
}

/// An integer may be written in any form without a fractional value.
#[test]
fn whole_numbers() {
    for (value, number) in [
        (json!(0), Some(0)),
        (json!(2), Some(2)),
        (json!(2.0), Some(2)),
        (json!(-0.0), Some(0)),
        (json!(u64::MAX), Some(u64::MAX)),
        (json!(9_007_199_254_740_991.0), Some(9_007_199_254_740_991)),
        (json!(9_007_199_254_740_992.0), None),
        (json!(1e300), None),
        (json!(2.5), None),
        (json!(-1), None),
        (json!(-1.0), None),
        (json!("2"), None),
        (json!(null), None),
        (json!([2]), None),
    ] {
        assert_eq!(whole(&value), number, "{value}");
    }
}

/// Objects and arrays both count, including the outermost object; strings and numbers do not.
#[test]
fn the_depth_is_eight() {
    assert_eq!(MAX_DEPTH, 8);
    for (open, close) in [("[", "]"), ("{\"b\":", "}")] {
        for (levels, result) in [(7, Ok(())), (8, Err(JsonError::TooDeep))] {
            let text = format!(
                "{{\"a\":{}\"x\"{}}}",
                open.repeat(levels),
                close.repeat(levels)
            );
            let found = parse_object(text.as_bytes()).map(|_| ());
            assert_eq!(found, result, "{text}");
        }
    }
    // Siblings are not nested.
    let wide = format!("{{\"a\":[{}1]}}", "[],{},".repeat(100));
    assert!(parse_object(wide.as_bytes()).is_ok());
    // No recursion, so no input can overflow the stack.
    let endless = format!("{{\"a\":{}", "[".repeat(100_000));
    assert_eq!(
        parse_object(endless.as_bytes()).unwrap_err(),
        JsonError::TooDeep
    );
}

#[test]
fn the_deepest_allowed_is_read() {
    let depth = MAX_DEPTH - 1;
    let text = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse_object(text.as_bytes()).is_ok());
}

#[test]
fn values_of_every_type_survive() {
    let object =
        parse_object(br#" {"a":null,"b":true,"c":-1,"d":1.5,"e":"x","f":[1],"g":{},"h":18446744073709551615,"i":"\u00e9\n","j":false} "#).unwrap();
    let expected = serde_json::json!({"a":null,"b":true,"c":-1,"d":1.5,"e":"x","f":[1],"g":{},
        "h":u64::MAX,"i":"\u{e9}\n","j":false});
    assert_eq!(serde_json::Value::Object(object), expected);
}
