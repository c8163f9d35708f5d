//! A host without faults, then one fault at a time.

use std::time::{Duration, SystemTime};

use url::Url;

use super::client::Client;
use super::finding::{Finding, Level};
use super::look::{Place, Seen};
use super::test_host::{Asked, KEYS, Reply, TestHost, right};

const BASE: &str = "/app/";
const POLICY: &str = "Content-Security-Policy";
const CACHE: &str = "Cache-Control";

type Change = fn(&Asked, &mut Reply);

/// A fault and the finding it must produce.
struct Fault {
    /// The code of the expected finding.
    code: &'static str,
    level: Level,
    /// A part of its text.
    text: &'static str,
    change: Change,
}

fn wrong(code: &'static str, text: &'static str, change: Change) -> Fault {
    Fault {
        code,
        level: Level::Wrong,
        text,
        change,
    }
}

fn note(code: &'static str, text: &'static str, change: Change) -> Fault {
    Fault {
        level: Level::Note,
        ..wrong(code, text, change)
    }
}

fn nothing(_: &Asked, _: &mut Reply) {}

fn is_document(reply: &Reply) -> bool {
    reply
        .header("content-type")
        .is_some_and(|media_type| media_type.starts_with("text/html"))
}

fn dated(reply: &mut Reply, date: SystemTime) {
    dated_as(reply, "Date", date);
}

fn dated_as(reply: &mut Reply, name: &str, date: SystemTime) {
    reply.set(name, &httpdate::fmt_http_date(date));
}

/// The issuer, on a separate origin.
fn issuer(change: Change) -> TestHost {
    TestHost::start("/keys", |_| {
        move |asked: &Asked| {
            let mut reply = Reply::new(200, "application/json", KEYS);
            reply.set("Access-Control-Allow-Origin", "*");
            change(asked, &mut reply);
            reply
        }
    })
}

fn host(jwks_uri: &Url, change: Change) -> TestHost {
    TestHost::start(BASE, |origin| {
        let right = right(BASE, origin, jwks_uri.as_str());
        move |asked: &Asked| {
            let mut reply = right(asked);
            change(asked, &mut reply);
            reply
        }
    })
}

fn seen(place: Place) -> Seen {
    Seen::fetch(&Client::new(), place).expect("the document's address responds")
}

/// The findings about a host that are not `Right`.
fn problems(place: Place) -> Vec<Finding> {
    let mut findings = super::findings(&seen(place));
    findings.retain(|finding| finding.level != Level::Right);
    findings
}

fn loopback(host: &TestHost) -> Place {
    Place::parse(host.url.as_str()).expect("it is an address")
}

/// Asserts that only this fault is found, with a recommended change.
fn assert_found(fault: &Fault, problems: &[Finding]) {
    let Fault {
        code, text, level, ..
    } = fault;
    let shown: Vec<_> = problems
        .iter()
        .map(|finding| (finding.code, &finding.text))
        .collect();
    assert!(!problems.is_empty(), "{code} ({text}) was not noticed");
    for finding in problems {
        assert_eq!(
            (finding.code, finding.level),
            (*code, *level),
            "{text}: {shown:?}"
        );
        assert!(finding.text.contains(text), "{text}: {shown:?}");
        assert!(finding.change.is_some(), "{shown:?}");
    }
}

#[test]
fn there_is_nothing_to_say_about_a_host_that_is_right() {
    let issuer = issuer(nothing);
    let host = host(&issuer.url, nothing);
    let seen = seen(loopback(&host));
    let findings = super::findings(&seen);
    let problems: Vec<_> = findings
        .iter()
        .filter(|finding| finding.level != Level::Right)
        .collect();
    assert!(problems.is_empty(), "{problems:?}");
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    for code in [
        "index",
        "fallback",
        "callback",
        "policy",
        "referrer_policy",
        "opener_policy",
        "resource_policy",
        "content_type_options",
        "permissions_policy",
        "document_cache",
        "config_cache",
        "callback_cache",
        "asset_cache",
        "missing_file",
        "asset_missing",
        "wasm_type",
        "compression",
        "integrity",
        "config",
        "keys",
        "date",
    ] {
        assert!(codes.contains(&code), "{code} is not among {codes:?}");
    }
}

#[test]
fn every_fault_of_the_pages_has_its_finding() {
    let faults = [
        wrong("index_status", "status 404", |asked, reply| {
            if asked.path == "/app/" {
                reply.status = 404;
            }
        }),
        wrong(
            "index_redirected",
            "redirects to /app/index.html",
            |asked, reply| {
                if asked.path == "/app/" {
                    reply.status = 301;
                    reply.set("Location", "/app/index.html");
                }
            },
        ),
        wrong("index_foreign", "is not CC Connect", |_, reply| {
            if is_document(reply) {
                reply.body = b"<!doctype html>Welcome to nginx".to_vec();
            }
        }),
        wrong(
            "fallback",
            "/app/connection serves another document",
            |asked, reply| {
                if asked.path == "/app/connection" {
                    *reply = as_missing(reply);
                }
            },
        ),
        wrong(
            "fallback",
            "/app/set-up serves the document but with status 404",
            |asked, reply| {
                if asked.path == "/app/set-up" {
                    reply.status = 404;
                }
            },
        ),
        wrong(
            "fallback",
            "/app/set-up redirects to /app/set-up/",
            |asked, reply| {
                if asked.path == "/app/set-up" {
                    reply.status = 308;
                    reply.set("Location", "/app/set-up/");
                }
            },
        ),
        wrong(
            "callback_redirected",
            "/app/callback redirects to /app/callback/",
            |asked, reply| {
                if asked.path == "/app/callback" {
                    reply.status = 301;
                    reply.set("Location", "/app/callback/");
                }
            },
        ),
        wrong(
            "callback_redirected",
            "redirects to /app/",
            |asked, reply| {
                if asked.query {
                    reply.status = 302;
                    reply.set("Location", "/app/");
                }
            },
        ),
        wrong(
            "callback",
            "/app/callback serves another document",
            |asked, reply| {
                if asked.path == "/app/callback" {
                    *reply = as_missing(reply);
                }
            },
        ),
    ];
    each(&faults);
}

/// A 404 with the usual headers.
fn as_missing(reply: &Reply) -> Reply {
    let mut missing = Reply::new(404, "text/html", "<!doctype html>Not found");
    for (name, value) in &reply.headers {
        if name != "Content-Type" {
            missing.set(name, value);
        }
    }
    missing
}

#[test]
fn every_fault_of_the_headers_has_its_finding() {
    let faults = [
        wrong(
            "referrer_policy",
            "Referrer-Policy is missing on /app/, ",
            |_, reply| {
                reply.without("Referrer-Policy");
            },
        ),
        wrong("referrer_policy", "\"strict-origin\"", |_, reply| {
            reply.set("Referrer-Policy", "strict-origin");
        }),
        wrong("opener_policy", "is missing", |_, reply| {
            reply.without("Cross-Origin-Opener-Policy");
        }),
        wrong("opener_policy", "unsafe-none", |_, reply| {
            reply.set("Cross-Origin-Opener-Policy", "unsafe-none");
        }),
        wrong(
            "resource_policy",
            "on /app/cc-connect-0123456789abcdef_bg.wasm",
            |asked, reply| {
                if asked.path.ends_with(".wasm") {
                    reply.without("Cross-Origin-Resource-Policy");
                }
            },
        ),
        wrong(
            "content_type_options",
            "on /app/config.json",
            |asked, reply| {
                if asked.path.ends_with("config.json") {
                    reply.without("X-Content-Type-Options");
                }
            },
        ),
        wrong(
            "content_type_options",
            "\"nosniff, nosniff\"",
            |_, reply| {
                reply.set("X-Content-Type-Options", "nosniff, nosniff");
            },
        ),
        wrong("permissions_policy", "is missing on /app/", |_, reply| {
            reply.without("Permissions-Policy");
        }),
        wrong(
            "permissions_policy",
            "on /app/callback allows camera",
            |asked, reply| {
                if asked.path == "/app/callback" {
                    reply.replace("Permissions-Policy", "camera=()", "camera=(self)");
                }
            },
        ),
        wrong(
            "permissions_policy",
            "denies clipboard-write",
            |_, reply| {
                reply.replace(
                    "Permissions-Policy",
                    "clipboard-write=(self)",
                    "clipboard-write=()",
                );
            },
        ),
        note("permissions_policy", "does not name usb", |_, reply| {
            reply.replace("Permissions-Policy", "usb=(), ", "");
        }),
    ];
    each(&faults);
}

#[test]
fn every_fault_of_the_policy_has_its_finding() {
    let faults = [
        wrong(
            "policy_missing",
            "Content-Security-Policy is missing on /app/",
            |_, reply| {
                reply.without(POLICY);
            },
        ),
        wrong("policy_missing", "On /app/callback: ", |asked, reply| {
            if asked.path == "/app/callback" {
                reply.without(POLICY);
            }
        }),
        wrong("policy_missing", "is in a <meta> only", |_, reply| {
            if is_document(reply) {
                reply.without(POLICY);
                let html = String::from_utf8_lossy(&reply.body).replace(
                    "<script",
                    "<meta http-equiv=\"content-security-policy\" content=\"default-src 'none'\"><script",
                );
                reply.body = html.into_bytes();
            }
        }),
        wrong(
            "policy_twice",
            "Two content security policies",
            |_, reply| {
                let header = (POLICY.to_owned(), "default-src 'self'".to_owned());
                reply.headers.push(header);
            },
        ),
        wrong(
            "policy_directive_missing",
            "default-src is missing",
            |_, reply| {
                reply.replace(POLICY, "default-src 'none'; ", "");
            },
        ),
        wrong(
            "policy_directive_missing",
            "script-src is missing",
            |_, reply| {
                reply.replace(POLICY, "script-src 'self' 'wasm-unsafe-eval'; ", "");
            },
        ),
        wrong(
            "policy_directive_missing",
            "style-src is missing",
            |_, reply| {
                reply.replace(POLICY, "style-src 'self'; ", "");
            },
        ),
        wrong(
            "policy_directive_missing",
            "img-src is missing",
            |_, reply| {
                reply.replace(POLICY, "img-src 'self' https:; ", "");
            },
        ),
        wrong(
            "policy_directive_missing",
            "form-action is missing",
            |_, reply| {
                reply.replace(POLICY, "form-action 'none'; ", "");
            },
        ),
        wrong(
            "policy_directive_missing",
            "base-uri is missing",
            |_, reply| {
                reply.replace(POLICY, "base-uri 'none'; ", "");
            },
        ),
        wrong(
            "policy_directive_missing",
            "frame-ancestors is missing",
            |_, reply| {
                reply.replace(POLICY, "; frame-ancestors 'none'", "");
            },
        ),
        wrong(
            "policy_directive_missing",
            "require-trusted-types-for is missing",
            |_, reply| {
                reply.replace(POLICY, "; require-trusted-types-for 'script'", "");
            },
        ),
        wrong(
            "policy_directive_missing",
            "trusted-types is missing",
            |_, reply| {
                reply.replace(POLICY, "; trusted-types default", "");
            },
        ),
        wrong(
            "policy_weaker",
            "trusted-types allows *: a script could define",
            |_, reply| {
                reply.replace(POLICY, "trusted-types default", "trusted-types default *");
            },
        ),
        wrong(
            "policy_weaker",
            "trusted-types allows 'allow-duplicates'",
            |_, reply| {
                let more = "trusted-types default 'allow-duplicates'";
                reply.replace(POLICY, "trusted-types default", more);
            },
        ),
        wrong(
            "policy_too_strict",
            "trusted-types does not allow default",
            |_, reply| {
                reply.replace(POLICY, "trusted-types default", "trusted-types 'none'");
            },
        ),
        wrong(
            "policy_weaker",
            "script-src allows 'unsafe-inline': injected",
            |_, reply| {
                reply.replace(
                    POLICY,
                    "'wasm-unsafe-eval'",
                    "'wasm-unsafe-eval' 'unsafe-inline'",
                );
            },
        ),
        wrong(
            "policy_weaker",
            "script-src allows 'unsafe-eval'",
            |_, reply| {
                reply.replace(POLICY, "'wasm-unsafe-eval'", "'unsafe-eval'");
            },
        ),
        wrong(
            "policy_weaker",
            "script-src allows https://cdn.example",
            |_, reply| {
                reply.replace(
                    POLICY,
                    "script-src 'self'",
                    "script-src 'self' https://cdn.example",
                );
            },
        ),
        wrong(
            "policy_weaker",
            "style-src allows 'unsafe-inline'",
            |_, reply| {
                reply.replace(
                    POLICY,
                    "style-src 'self'",
                    "style-src 'self' 'unsafe-inline'",
                );
            },
        ),
        wrong("policy_weaker", "img-src allows *: any host", |_, reply| {
            reply.replace(POLICY, "'self' https:;", "'self' *;");
        }),
        wrong("policy_weaker", "default-src allows 'self'", |_, reply| {
            reply.replace(POLICY, "default-src 'none'", "default-src 'self'");
        }),
        wrong(
            "policy_weaker",
            "frame-ancestors allows 'self'",
            |_, reply| {
                reply.replace(POLICY, "frame-ancestors 'none'", "frame-ancestors 'self'");
            },
        ),
        wrong("policy_weaker", "form-action allows https:", |_, reply| {
            reply.replace(POLICY, "form-action 'none'", "form-action https:");
        }),
        wrong("policy_weaker", "base-uri allows 'self'", |_, reply| {
            reply.replace(POLICY, "base-uri 'none'", "base-uri 'self'");
        }),
        wrong("policy_weaker", "`script-src-elem *`", |_, reply| {
            reply.replace(POLICY, "form-action", "script-src-elem *; form-action");
        }),
        wrong("policy_weaker", "`frame-src https:`", |_, reply| {
            reply.replace(POLICY, "form-action", "frame-src https:; form-action");
        }),
        wrong(
            "policy_too_strict",
            "script-src does not allow 'wasm-unsafe-eval'",
            |_, reply| {
                reply.replace(POLICY, " 'wasm-unsafe-eval'", "");
            },
        ),
        wrong(
            "policy_too_strict",
            "style-src does not allow 'self'",
            |_, reply| {
                reply.replace(POLICY, "style-src 'self'", "style-src 'none'");
            },
        ),
        wrong(
            "connect_src_missing",
            "does not allow https://api.cc.email",
            |_, reply| {
                reply.replace(POLICY, " https://api.cc.email", "");
            },
        ),
        wrong(
            "connect_src_extra",
            "allows https://elsewhere.example",
            |_, reply| {
                reply.replace(
                    POLICY,
                    "; form-action",
                    " https://elsewhere.example; form-action",
                );
            },
        ),
        wrong("connect_src_extra", "allows *, which", |_, reply| {
            reply.replace(POLICY, "; form-action", " *; form-action");
        }),
    ];
    each(&faults);
}

#[test]
fn a_policy_that_is_stricter_or_spelled_otherwise_is_right() {
    let changes: [Change; 3] = [
        |_, reply| reply.replace(POLICY, "'self' https:;", "'self' https://images.example;"),
        |_, reply| {
            let more = "object-src 'none'; upgrade-insecure-requests; Form-Action";
            reply.replace(POLICY, "form-action", more);
        },
        |_, reply| {
            reply.replace(
                POLICY,
                "script-src 'self'",
                "script-src 'report-sample' 'SELF'",
            );
        },
    ];
    let issuer = issuer(nothing);
    for (index, change) in changes.into_iter().enumerate() {
        let host = host(&issuer.url, change);
        let problems = problems(loopback(&host));
        assert!(problems.is_empty(), "{index}: {problems:?}");
    }
}

#[test]
fn every_fault_of_caching_has_its_finding() {
    let faults = [
        wrong(
            "document_cache",
            "/app/ has no Cache-Control",
            |asked, reply| {
                if asked.path == "/app/" {
                    reply.without(CACHE);
                }
            },
        ),
        wrong(
            "document_cache",
            "/app/connection has Cache-Control: public, max-age=3600",
            |asked, reply| {
                if asked.path == "/app/connection" {
                    reply.set(CACHE, "public, max-age=3600");
                }
            },
        ),
        wrong("config_cache", "max-age=600", |asked, reply| {
            if asked.path.ends_with("config.json") {
                reply.set(CACHE, "max-age=600");
            }
        }),
        wrong(
            "callback_cache",
            "/app/callback has Cache-Control: no-cache",
            |asked, reply| {
                if asked.path == "/app/callback" {
                    reply.set(CACHE, "no-cache");
                }
            },
        ),
        wrong(
            "callback_cache",
            "/app/callback with a query",
            |asked, reply| {
                if asked.query {
                    reply.set(CACHE, "no-cache");
                }
            },
        ),
        wrong(
            "asset_cache",
            "_bg.wasm has Cache-Control: no-cache",
            |asked, reply| {
                if asked.path.ends_with(".wasm") {
                    reply.set(CACHE, "no-cache");
                }
            },
        ),
        wrong(
            "asset_cache",
            ".css has Cache-Control: max-age=600",
            |asked, reply| {
                if reply.status == 200 && asked.path.ends_with(".css") {
                    reply.set(CACHE, "max-age=600");
                }
            },
        ),
        wrong("missing_file", "immutable", |_, reply| {
            if reply.status == 404 {
                reply.set(CACHE, "public, max-age=31536000, immutable");
            }
        }),
        // B14: only one kind of file, for a short time, in shared caches only, or by its date.
        wrong("missing_file", ".css) has", |asked, reply| {
            if reply.status == 404 && asked.path.ends_with(".css") {
                reply.set(CACHE, "public, max-age=31536000, immutable");
            }
        }),
        wrong("missing_file", "max-age=600", |_, reply| {
            if reply.status == 404 {
                reply.set(CACHE, "max-age=600");
            }
        }),
        wrong("missing_file", "s-maxage=60", |_, reply| {
            if reply.status == 404 {
                reply.set(CACHE, "s-maxage=60");
            }
        }),
        wrong("missing_file", "has no Cache-Control", |_, reply| {
            if reply.status == 404 {
                reply.without(CACHE);
                dated_as(reply, "Last-Modified", SystemTime::UNIX_EPOCH);
            }
        }),
        wrong("missing_file", "has no Cache-Control", |_, reply| {
            if reply.status == 404 {
                reply.without(CACHE);
                let later = SystemTime::now() + Duration::from_secs(600);
                dated_as(reply, "Expires", later);
            }
        }),
        note("missing_file", "has status 200", |_, reply| {
            if reply.status == 404 {
                reply.status = 200;
            }
        }),
    ];
    each(&faults);
}

/// B14: no directives and no date, as CloudFront responds for S3: no browser caches that.
#[test]
fn a_404_that_no_cache_keeps_is_right() {
    let changes: [Change; 3] = [
        |_, reply| reply.without(CACHE),
        |_, reply| reply.set(CACHE, "public, max-age=0, must-revalidate"),
        |_, reply| {
            reply.without(CACHE);
            reply.set("Expires", "0");
        },
    ];
    let issuer = issuer(nothing);
    for (index, change) in changes.into_iter().enumerate() {
        let host = TestHost::start(BASE, |origin| {
            let right = right(BASE, origin, issuer.url.as_str());
            move |asked: &Asked| {
                let mut reply = right(asked);
                if reply.status == 404 {
                    change(asked, &mut reply);
                }
                reply
            }
        });
        let problems = problems(loopback(&host));
        assert!(problems.is_empty(), "{index}: {problems:?}");
    }
}

/// B14: such a host is advised to match files by name, and not to let 404s be cached.
#[test]
fn a_host_that_looks_at_the_path_alone_gets_its_own_advice() {
    let issuer = issuer(nothing);
    let advice = |change: Change| {
        let host = host(&issuer.url, change);
        let problems = problems(loopback(&host));
        assert_eq!(problems.len(), 1, "{problems:?}");
        let change = problems[0]
            .change
            .clone()
            .expect("there is something to do");
        (problems[0].code, problems[0].level, change.what)
    };
    let (code, level, what) = advice(|_, reply| {
        reply.set("X-Nf-Request-Id", "01");
        if reply.status == 404 {
            reply.set(CACHE, "public, max-age=31536000, immutable");
        }
    });
    assert_eq!((code, level), ("missing_file", Level::Wrong));
    assert!(what.starts_with("Netlify sends a path's headers"), "{what}");
    let (code, level, what) = advice(|asked, reply| {
        reply.set("X-Nf-Request-Id", "01");
        if asked.path.ends_with(".wasm") {
            reply.set(CACHE, "no-cache");
        }
    });
    assert_eq!((code, level), ("asset_cache", Level::Note));
    assert!(what.contains("target/deploy/netlify/"), "{what}");
}

#[test]
fn every_fault_on_the_way_has_its_finding() {
    let faults = [
        wrong(
            "asset_missing",
            "main-8899aabbccddeeff.css has status 404",
            |asked, reply| {
                if asked.path.ends_with(".css") {
                    reply.status = 404;
                }
            },
        ),
        wrong(
            "wasm_type",
            "\"application/octet-stream\"",
            |asked, reply| {
                if asked.path.ends_with(".wasm") {
                    reply.set("Content-Type", "application/octet-stream");
                }
            },
        ),
        wrong(
            "asset_type",
            "first-00112233445566ff.js has the media type \"text/plain\"",
            |asked, reply| {
                if asked.path.contains("/first-") {
                    reply.set("Content-Type", "text/plain");
                }
            },
        ),
        wrong(
            "compression",
            "_bg.wasm is not compressed: 2200 bytes",
            |asked, reply| {
                if asked.path.ends_with(".wasm") {
                    reply.without("Content-Encoding");
                }
            },
        ),
        wrong("compression", ".css is not compressed", |asked, reply| {
            if asked.path.ends_with(".css") {
                reply.set("Content-Encoding", "identity");
            }
        }),
        wrong(
            "integrity",
            "main-8899aabbccddeeff.css is not the file of the build",
            |asked, reply| {
                if asked.path.ends_with(".css") {
                    reply.body.push(b' ');
                }
            },
        ),
        wrong(
            "integrity_missing",
            "no integrity value for /app/cc-connect-0123456789abcdef_bg.wasm",
            |_, reply| {
                if is_document(reply) {
                    let html = String::from_utf8_lossy(&reply.body);
                    reply.body = html.replace("data-wasm-integrity", "data-x").into_bytes();
                }
            },
        ),
        // B11: as by Cloudflare's Rocket Loader and others.
        wrong("scripts_held_back", "Rocket Loader delays", |_, reply| {
            edit_document(
                reply,
                "<script ",
                "<script type=\"0a1b2c-text/javascript\" ",
            );
        }),
        wrong("scripts_held_back", "\"text/rocketscript\"", |_, reply| {
            edit_document(reply, "<script ", "<script type=\"text/rocketscript\" ");
        }),
        note("scripts_held_back", "Rocket Loader is on", |_, reply| {
            let loader =
                "<script src=\"/cdn-cgi/scripts/rocket-loader.min.js\" defer></script></body>";
            edit_document(reply, "</body>", loader);
        }),
        wrong(
            "foreign_file",
            "/app/more.js is not part of the build",
            |asked, reply| {
                edit_document(
                    reply,
                    "</body>",
                    "<script src=\"/app/more.js\"></script></body>",
                );
                if asked.path == "/app/more.js" {
                    reply.status = 200;
                    reply.set("Content-Type", "text/javascript");
                }
            },
        ),
        wrong("date_missing", "has no Date", |_, reply| {
            reply.without("Date")
        }),
        wrong("date_missing", "is not a date", |_, reply| {
            reply.set("Date", "yesterday")
        }),
        wrong("date_off", "seconds ahead of", |_, reply| {
            dated(reply, SystemTime::now() + Duration::from_secs(90));
        }),
        wrong("date_off", "seconds behind", |_, reply| {
            dated(reply, SystemTime::now() - Duration::from_secs(90));
        }),
    ];
    each(&faults);
}

#[test]
fn a_date_that_a_cache_has_kept_is_right() {
    let issuer = issuer(nothing);
    let host = host(&issuer.url, |_, reply| {
        dated(reply, SystemTime::now() - Duration::from_secs(3600));
        reply.set("Age", "3600");
    });
    let problems = problems(loopback(&host));
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn every_fault_of_the_settings_has_its_finding() {
    let faults = [
        wrong("config_unreadable", "status 404", |asked, reply| {
            if asked.path.ends_with("config.json") {
                reply.status = 404;
            }
        }),
        wrong("config_malformed", "not JSON", |asked, reply| {
            if asked.path.ends_with("config.json") {
                reply.body = b"<!doctype html>".to_vec();
            }
        }),
        wrong(
            "config_malformed",
            "jwks_uri is not an absolute",
            |asked, reply| {
                if asked.path.ends_with("config.json") {
                    reply.body = br#"{"jwks_uri": "/keys"}"#.to_vec();
                }
            },
        ),
        wrong("client_id", "no client_id", |asked, reply| {
            edit_config(asked, reply, "\"client_id\": \"k\"", "\"client_id\": \"\"");
        }),
        wrong("redirect_uri", "is not at this origin", |asked, reply| {
            edit_config(asked, reply, "http://127.0.0.1:", "http://127.0.0.2:");
        }),
        wrong("redirect_uri", "is not below /app/", |asked, reply| {
            edit_config(asked, reply, "/app/callback", "/callback");
        }),
        note("config_type", "\"text/plain\"", |asked, reply| {
            if asked.path.ends_with("config.json") {
                reply.set("Content-Type", "text/plain");
            }
        }),
    ];
    // Without settings the policy cannot be checked, and a foreign callback is always wrong.
    for fault in &faults {
        let issuer = issuer(nothing);
        let host = host(&issuer.url, fault.change);
        let mut problems = problems(loopback(&host));
        let beside = [
            "connect_src_missing",
            "connect_src_extra",
            "callback",
            "callback_cache",
            "config_cache",
        ];
        problems.retain(|finding| {
            finding.code == fault.code
                || !(beside.contains(&finding.code) || finding.code.starts_with("keys_"))
        });
        assert_found(fault, &problems);
    }
}

fn edit_document(reply: &mut Reply, from: &str, to: &str) {
    if is_document(reply) {
        let html = String::from_utf8_lossy(&reply.body);
        assert!(html.contains(from), "{html}");
        reply.body = html.replacen(from, to, 1).into_bytes();
    }
}

fn edit_config(asked: &Asked, reply: &mut Reply, from: &str, to: &str) {
    if asked.path.ends_with("config.json") {
        let text = String::from_utf8_lossy(&reply.body);
        assert!(text.contains(from), "{text}");
        // The first one is the redirect_uri's; the issuer's follows.
        reply.body = text.replacen(from, to, 1).into_bytes();
    }
}

#[test]
fn every_fault_of_the_key_set_has_its_finding() {
    let faults = [
        wrong("keys_cors", "no Access-Control-Allow-Origin", |_, reply| {
            reply.without("Access-Control-Allow-Origin");
        }),
        wrong(
            "keys_cors",
            "Access-Control-Allow-Origin: https://other.example",
            |_, reply| {
                reply.set("Access-Control-Allow-Origin", "https://other.example");
            },
        ),
        wrong("keys_unreachable", "status 503", |_, reply| {
            reply.status = 503
        }),
        wrong("keys_unusable", "not a key set", |_, reply| {
            reply.body = b"{\"keys\": []}".to_vec()
        }),
        wrong("keys_unusable", "not a key set", |_, reply| {
            reply.body = b"Hello".to_vec()
        }),
    ];
    for fault in &faults {
        let issuer = issuer(fault.change);
        let host = host(&issuer.url, nothing);
        assert_found(fault, &problems(loopback(&host)));
    }
}

#[test]
fn a_key_set_that_nobody_answers_for_is_said() {
    let url = issuer(nothing).url.clone();
    let host = host(&url, nothing);
    let fault = wrong("keys_unreachable", "does not respond", nothing);
    assert_found(&fault, &problems(loopback(&host)));
}

#[test]
fn a_build_for_another_path_is_reported() {
    let issuer = issuer(nothing);
    let host = TestHost::start("/elsewhere/", |origin| {
        let right = right(BASE, origin, issuer.url.as_str());
        move |asked: &Asked| {
            let path = asked.path.replace("/elsewhere/", BASE);
            right(&Asked { path, ..*asked })
        }
    });
    let problems = problems(loopback(&host));
    assert_eq!(problems[0].code, "wrong_base", "{problems:?}");
    assert!(
        problems[0]
            .text
            .contains("for /app/ and is served at /elsewhere/")
    );
}

/// As if the host were public: https is not available here, but its headers are.
#[test]
fn https_is_looked_at_everywhere_but_on_this_machine() {
    let redirecting: Change = |asked, reply| {
        reply.status = 308;
        reply.set("Location", &format!("https://127.0.0.1{}", asked.path));
    };
    let cases: [(Option<&str>, Level, Change, Change); 7] = [
        (None, Level::Right, nothing, redirecting),
        (Some("http_open"), Level::Wrong, nothing, nothing),
        (Some("http_open"), Level::Wrong, nothing, |_, reply| {
            reply.status = 301;
            reply.set("Location", "https://elsewhere.example/app/");
        }),
        (Some("http_open"), Level::Wrong, nothing, |_, reply| {
            reply.status = 301;
            reply.set("Location", "/app/");
        }),
        (
            Some("strict_transport_security"),
            Level::Wrong,
            |_, reply| reply.without("Strict-Transport-Security"),
            redirecting,
        ),
        (
            Some("strict_transport_security"),
            Level::Wrong,
            |_, reply| {
                reply.set(
                    "Strict-Transport-Security",
                    "max-age=600; includeSubDomains",
                )
            },
            redirecting,
        ),
        (
            Some("strict_transport_security"),
            Level::Wrong,
            |_, reply| reply.set("Strict-Transport-Security", "max-age=soon"),
            redirecting,
        ),
    ];
    let issuer = issuer(nothing);
    for (code, level, change, plain_change) in cases {
        let host = host(&issuer.url, change);
        let plain = TestHost::start(BASE, |_| {
            move |asked: &Asked| {
                let mut reply = Reply::new(200, "text/html", "");
                plain_change(asked, &mut reply);
                reply
            }
        });
        let place = Place {
            public: true,
            plain: Some(plain.url.clone()),
            ..loopback(&host)
        };
        let found: Vec<_> = problems(place)
            .iter()
            .map(|finding| (finding.code, finding.level))
            .collect();
        let expected: Vec<_> = code.into_iter().map(|code| (code, level)).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn without_https_there_is_one_thing_to_say() {
    let issuer = issuer(nothing);
    let host = host(&issuer.url, nothing);
    let place = |plain| Place {
        public: true,
        plain,
        ..loopback(&host)
    };
    let codes = |place| {
        let problems = problems(place);
        problems
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(place(None)), ["not_https"]);
    // Nothing listens there any more.
    let closed = TestHost::start(BASE, |_| |_: &Asked| Reply::new(200, "text/html", ""))
        .url
        .clone();
    assert_eq!(codes(place(Some(closed))), ["http_closed"]);
}

#[test]
fn a_host_that_does_not_answer_is_an_error() {
    let url = host(
        &Url::parse("http://127.0.0.1/keys").expect("it is a URL"),
        nothing,
    )
    .url
    .clone();
    let place = Place::parse(url.as_str()).expect("it is an address");
    let problem = Seen::fetch(&Client::new(), place).expect_err("nobody listens");
    assert!(
        problem.to_string().contains("does not respond"),
        "{problem}"
    );
}

#[test]
fn github_pages_is_told_apart() {
    let issuer = issuer(nothing);
    let host = host(&issuer.url, |_, reply| {
        reply.set("Server", "GitHub.com");
        reply.without(POLICY);
    });
    let problems = problems(loopback(&host));
    let codes: Vec<_> = problems.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["github_pages", "policy_missing"]);
}

/// Each of these is a fault of the app's own host.
fn each(faults: &[Fault]) {
    let issuer = issuer(nothing);
    for fault in faults {
        let host = host(&issuer.url, fault.change);
        assert_found(fault, &problems(loopback(&host)));
    }
}
