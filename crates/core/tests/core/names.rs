//! Names of the keys in browser storage.

use cc_connect_core::names::deployment_name;

/// L6: two deployments on one origin share only what decides nothing.
///
/// Rule (Storage and other tabs): Another deployment below the same origin has entries, locks and a
/// channel of its own
#[test]
fn no_deployment_has_a_name_of_another() {
    let bases = ["/", "/app/", "/app/app/", "/App/", "/ap/", "/cc-connect/"];
    let names = ["cc-connect/", "cc-connect/session", "cc-connect"];
    for one in bases {
        for other in bases.into_iter().filter(|other| *other != one) {
            let start = deployment_name("cc-connect/", one);
            for name in names {
                let name = deployment_name(name, other);
                assert!(!name.starts_with(&start), "{name} begins with {start}");
            }
            assert_ne!(
                deployment_name("cc-connect", one),
                deployment_name("cc-connect", other)
            );
        }
    }
}

/// L6: a deployment at the root of an origin keeps using the keys it always had.
///
/// Rule (Storage and other tabs): Another deployment below the same origin has entries, locks and a
/// channel of its own
#[test]
fn at_the_root_names_are_as_they_are_written() {
    for name in [
        "cc-connect/session",
        "cc-connect/refresh",
        "cc-connect",
        "x",
    ] {
        assert_eq!(deployment_name(name, "/"), name);
    }
    assert_eq!(
        deployment_name("cc-connect/session", "/app/"),
        "cc-connect#/app/#/session"
    );
    assert_eq!(deployment_name("cc-connect", "/app/"), "cc-connect#/app/#");
}
