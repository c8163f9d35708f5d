//! Which page an address means.

use cc_connect_app::route::Route;
use cc_connect_core::web_url::same_page;

/// B16: pages opened with their file name, an extra slash, or different case.
#[test]
fn a_page_is_found_however_its_address_is_spelled() {
    for (path, base, expected) in [
        ("/", "/", Some(Route::Overview)),
        ("/index.html", "/", Some(Route::Overview)),
        ("/Index.html", "/", Some(Route::Overview)),
        ("//", "/", Some(Route::Overview)),
        ("/connection", "/", Some(Route::Connection)),
        ("/connection/", "/", Some(Route::Connection)),
        ("/connection/index.html", "/", Some(Route::Connection)),
        ("/Connection", "/", Some(Route::Connection)),
        ("//connection//", "/", Some(Route::Connection)),
        ("/set-up/", "/", Some(Route::SetUp)),
        ("/SET-UP", "/", Some(Route::SetUp)),
        ("/app/", "/app/", Some(Route::Overview)),
        ("/app", "/app/", Some(Route::Overview)),
        ("/app/index.html", "/app/", Some(Route::Overview)),
        ("/APP/index.html", "/app/", Some(Route::Overview)),
        ("/app//set-up", "/app/", Some(Route::SetUp)),
        ("/a/b/connection", "/a/b/", Some(Route::Connection)),
        ("", "/", Some(Route::Overview)),
        ("/callback", "/", None),
        ("/nowhere", "/", None),
        ("/index.html/connection", "/", None),
        ("/connection/more", "/", None),
        ("/connection.html", "/", None),
        ("/index", "/", None),
        ("/", "/app/", None),
        ("/index.html", "/app/", None),
        ("/connection", "/app/", None),
        ("/apple/", "/app/", None),
        ("/app/app/", "/app/", None),
    ] {
        assert_eq!(Route::at_path(path, base), expected, "{path} below {base}");
    }
    for route in Route::ALL {
        for base in ["/", "/app/"] {
            let own = format!("{base}{}", route.path());
            assert_eq!(Route::at_path(&own, base), Some(route), "{own}");
        }
    }
    assert!(!same_page("/callback", "/connection"));
}

/// Rule (The response): Only the application's own paths are routes
#[test]
fn routes_are_read_from_their_own_paths_only() {
    for route in Route::ALL {
        assert_eq!(Route::parse(route.path()), Some(route));
    }
    assert_eq!(Route::parse("connection/"), Some(Route::Connection));
    for other in [
        "callback",
        "//evil.example",
        "/connection",
        "connection//",
        "CONNECTION",
        "../",
        "connection?x",
    ] {
        assert_eq!(Route::parse(other), None, "{other}");
    }
}
