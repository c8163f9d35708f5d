//! `scope`: a set of tokens.

use cc_connect_core::oauth::Scope;

fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

#[test]
fn a_scope_is_a_set_in_no_order() {
    assert_eq!(scope("b a"), scope("a b"));
    assert_eq!(scope("a a"), scope("a"));
    assert_eq!(scope("b c a").iter().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(scope("b c a").to_string(), "a b c");
    assert_eq!(scope("a").to_string(), "a");
    assert_eq!(Scope::default().to_string(), "");
}

#[test]
fn words_are_compared_whole_and_by_case() {
    let granted = scope("account_read contact_data");
    assert!(granted.contains("account_read"));
    for other in [
        "account",
        "account_read ",
        "Account_Read",
        "",
        "campaign_data",
    ] {
        assert!(!granted.contains(other), "{other}");
    }
}

#[test]
fn what_one_has_and_the_other_lacks() {
    let (asked, granted) = (scope("a b"), scope("b c"));
    assert_eq!(asked.without(&granted), scope("a"));
    assert_eq!(granted.without(&asked), scope("c"));
    assert!(asked.without(&asked).is_empty());
    assert!(!asked.is_empty());
    assert!(Scope::default().is_empty());
}

/// C10: a server's scope may have any white space between tokens; otherwise it counts as absent.
///
/// Rule (The response): What decides nothing rejects nothing: `expires_in` and `scope` are left out
/// if they cannot be read
#[test]
fn what_a_server_says_is_read_or_left_out() {
    for (text, read) in [
        ("b a", Some("a b")),
        ("  a \t b\n", Some("a b")),
        ("", None),
        (" \n", None),
        ("a \"b\"", None),
        ("a é", None),
        ("a\u{a0}b", None),
    ] {
        assert_eq!(Scope::read(text), read.map(scope), "{text:?}");
    }
}

#[test]
fn a_part_of_a_scope_and_one_word_more() {
    assert_eq!(scope("a b c").retaining(|word| word > "a"), scope("b c"));
    assert!(scope("a").retaining(|_| false).is_empty());
    assert_eq!(scope("b").with_token("a"), scope("a b"));
    assert_eq!(scope("a b").with_token("a"), scope("a b"));
}

/// RFC 6749 §3.3: exactly `%x21 / %x23-5B / %x5D-7E`.
#[test]
fn every_character_of_a_word() {
    for code in 0..=0x17f {
        let character = char::from_u32(code).unwrap();
        let allowed = matches!(code, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert_eq!(
            Scope::parse(&format!("a{character}b")).is_ok(),
            // A single space separates tokens.
            allowed || character == ' ',
            "{character:?}"
        );
    }
}
