//! The page to return to: never at another origin, and never above the base URL.

use crate::support::page;
use cc_connect_core::ReturnTo;
use proptest::prelude::*;
use url::Url;

/// Rule (The response): The place to return to is a page of this application, never another address
#[test]
fn only_a_relative_path_below_the_base_is_a_page() {
    for text in [
        "",
        "connection",
        "contacts/7?list=a/b&next=//x",
        "a/b:c",
        "?a=b",
    ] {
        assert_eq!(ReturnTo::parse(text).unwrap().as_str(), text);
    }
    for other in [
        "/connection",
        "//evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "a//b",
        "..",
        "../app",
        "a/../../b",
        "a/./b",
        "a/%2e%2E",
        ".%2e/b",
        "a\\b",
        "a b",
        "a\tb",
        "a\u{2028}b",
        "a#access_token=x",
    ] {
        assert_eq!(ReturnTo::parse(other), None, "{other}");
    }
    assert!(ReturnTo::parse(&"a".repeat(2048)).is_some());
    assert!(ReturnTo::parse(&"a".repeat(2049)).is_none());
}

#[test]
fn a_page_is_found_below_the_base_path_only() {
    assert_eq!(
        ReturnTo::from_location("/app/a", "?b=c", "/app/"),
        Some(page("a?b=c"))
    );
    assert_eq!(
        ReturnTo::from_location("/app/", "", "/app/"),
        Some(ReturnTo::START)
    );
    for path in ["/", "/app", "/apple/a", "/app//a"] {
        assert_eq!(ReturnTo::from_location(path, "", "/app/"), None, "{path}");
    }
}

proptest! {
    /// Rule (The response): The place to return to is a page of this application, never another
    /// address
    #[test]
    fn a_browser_stays_below_the_base_url(text in "[a.%2eE/\\\\?#: @é\u{0}-\u{20}]{0,12}|.{0,40}") {
        if let Some(page) = ReturnTo::parse(&text) {
            let base = Url::parse("https://app.example/app/").unwrap();
            let joined = base.join(&page.path_below("/app/")).unwrap();
            prop_assert_eq!(joined.origin(), base.origin());
            prop_assert!(joined.path().starts_with("/app/"), "{}", joined);
        }
    }
}
