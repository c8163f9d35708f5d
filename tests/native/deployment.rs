//! What the page thinks of its host: a host that is right, and one fault at a time. That what is right
//! here is what `hosting` sends, its own tests say.

use cc_connect::{
    config::Config,
    deployment::{Answer, Clocks, Outcome, Seen, judge, origins},
};

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' https:; \
     connect-src 'self' https://keys.example https://api.example; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default";

fn answer(media_type: &str, cache_control: &str) -> Answer {
    let headers = [
        ("content-type", media_type),
        ("cache-control", cache_control),
        ("content-security-policy", POLICY),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        (
            "permissions-policy",
            "camera=(), clipboard-write=(self), geolocation=(), microphone=(), payment=(), usb=()",
        ),
        ("strict-transport-security", "max-age=31536000"),
    ];
    Answer {
        status: 200,
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    }
}

fn right() -> Seen {
    let html = "text/html; charset=utf-8";
    Seen {
        document: Some(answer(html, "no-cache")),
        meta_policy: None,
        route: Some(answer(html, "no-cache")),
        callback: Some(answer(html, "no-store")),
        config: Some(answer("application/json", "no-cache")),
        hashed: Some(answer(
            "application/wasm",
            "public, max-age=31536000, immutable",
        )),
        origins: ["https://keys.example", "https://api.example"]
            .map(str::to_owned)
            .into(),
        keys: Some(Ok(())),
        is_loopback: false,
        clocks: Clocks::Agree,
    }
}

fn set(answer: &mut Option<Answer>, name: &str, value: &str) {
    let headers = &mut answer.as_mut().unwrap().headers;
    headers.retain(|(known, _)| known != name);
    if !value.is_empty() {
        headers.push((name.to_owned(), value.to_owned()));
    }
}

#[test]
fn a_host_that_is_right_passes_every_check() {
    let findings = judge(&right());
    let failed: Vec<_> = findings
        .iter()
        .filter(|finding| finding.outcome != Outcome::Passed)
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
    let mut codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), findings.len());
}

#[test]
fn every_fault_has_its_finding_and_no_other() {
    type Fault = (&'static str, Option<&'static str>, fn(&mut Seen));
    let policy = |seen: &mut Seen, from: &str, to: &str| {
        assert!(POLICY.contains(from), "{from}");
        set(
            &mut seen.document,
            "content-security-policy",
            &POLICY.replace(from, to),
        );
    };
    let directives = [
        ("default-src 'none'; ", "", "default-src"),
        (
            "script-src 'self'",
            "script-src 'self' 'unsafe-inline'",
            "script-src",
        ),
        ("style-src 'self'", "style-src *", "style-src"),
        (" https://api.example", "", "connect-src"),
        (
            " https://api.example",
            " https://api.example https://else.example",
            "connect-src",
        ),
        ("form-action 'none'; ", "", "form-action"),
        ("base-uri 'none'", "base-uri 'self'", "base-uri"),
        (
            "; require-trusted-types-for 'script'",
            "",
            "require-trusted-types-for",
        ),
        (
            "trusted-types default",
            "trusted-types default *",
            "trusted-types",
        ),
    ];
    for (from, to, name) in directives {
        let mut seen = right();
        policy(&mut seen, from, to);
        assert_only(&seen, "policy", Some(name));
    }
    let mut seen = right();
    policy(
        &mut seen,
        "frame-ancestors 'none'",
        "frame-ancestors 'self'",
    );
    assert_only(&seen, "framing", None);

    let faults: [Fault; 26] = [
        ("referrer_policy", None, |seen| {
            set(&mut seen.document, "referrer-policy", "")
        }),
        ("referrer_policy", Some("origin"), |seen| {
            set(&mut seen.document, "referrer-policy", "origin");
        }),
        ("opener_policy", Some("unsafe-none"), |seen| {
            set(
                &mut seen.document,
                "cross-origin-opener-policy",
                "unsafe-none",
            );
        }),
        ("resource_policy", None, |seen| {
            set(&mut seen.document, "cross-origin-resource-policy", "");
        }),
        ("content_type_options", None, |seen| {
            set(&mut seen.document, "x-content-type-options", "");
        }),
        (
            "permissions_policy",
            Some("clipboard-write=(self), payment=(), usb=()"),
            |seen| {
                let value =
                    "camera=(), geolocation=(), microphone=(), payment=(self), clipboard-write=()";
                set(&mut seen.document, "permissions-policy", value);
            },
        ),
        ("transport_security", Some("max-age=600"), |seen| {
            set(
                &mut seen.document,
                "strict-transport-security",
                "max-age=600",
            );
        }),
        ("fallback", Some("404"), |seen| {
            seen.route.as_mut().unwrap().status = 404
        }),
        ("fallback", None, |seen| seen.route = None),
        ("fallback", Some("text/plain"), |seen| {
            set(&mut seen.route, "content-type", "text/plain");
        }),
        // A redirect, which a page cannot look into.
        ("callback", Some("0"), |seen| {
            seen.callback.as_mut().unwrap().status = 0
        }),
        ("callback", Some("301"), |seen| {
            seen.callback.as_mut().unwrap().status = 301
        }),
        ("callback_cache", Some("no-cache"), |seen| {
            set(&mut seen.callback, "cache-control", "no-cache");
        }),
        ("document_cache", Some("max-age=600"), |seen| {
            set(&mut seen.document, "cache-control", "max-age=600");
        }),
        ("document_cache", None, |seen| {
            set(&mut seen.document, "cache-control", "")
        }),
        ("config_file", Some("404"), |seen| {
            seen.config.as_mut().unwrap().status = 404
        }),
        ("config_file", Some("text/html"), |seen| {
            set(&mut seen.config, "content-type", "text/html");
        }),
        ("config_cache", Some("public"), |seen| {
            set(&mut seen.config, "cache-control", "public")
        }),
        ("hashed_cache", Some("max-age=3600"), |seen| {
            set(&mut seen.hashed, "cache-control", "max-age=3600");
        }),
        ("hashed_cache", Some("no-cache, max-age=31536000"), |seen| {
            set(
                &mut seen.hashed,
                "cache-control",
                "no-cache, max-age=31536000",
            );
        }),
        ("hashed_cache", None, |seen| seen.hashed = None),
        ("keys", Some("keys_unreachable"), |seen| {
            seen.keys = Some(Err("keys_unreachable"))
        }),
        ("clock", None, |seen| seen.clocks = Clocks::Unknown),
        ("clock", Some("+90 s"), |seen| {
            seen.clocks = Clocks::Apart(90)
        }),
        ("clock", Some("-90 s"), |seen| {
            seen.clocks = Clocks::Apart(-90)
        }),
        ("framing", None, |seen| {
            // As on a host without headers: what a <meta> says counts, but for frames.
            let policy = POLICY.replace("frame-ancestors 'none'; ", "");
            set(&mut seen.document, "content-security-policy", "");
            seen.meta_policy = Some(policy);
        }),
    ];
    for (code, found, fault) in faults {
        let mut seen = right();
        fault(&mut seen);
        assert_only(&seen, code, found);
    }
}

fn assert_only(seen: &Seen, code: &str, found: Option<&str>) {
    let failed: Vec<_> = judge(seen)
        .into_iter()
        .filter(|finding| finding.outcome != Outcome::Passed)
        .map(|finding| (finding.code, finding.outcome, finding.found))
        .collect();
    assert_eq!(failed, [(code, Outcome::Failed, found.map(str::to_owned))]);
}

#[test]
fn what_means_nothing_here_is_not_needed() {
    let mut seen = right();
    seen.is_loopback = true;
    seen.keys = None;
    seen.origins.clear();
    set(&mut seen.document, "strict-transport-security", "");
    let other: Vec<_> = judge(&seen)
        .into_iter()
        .filter(|finding| finding.outcome != Outcome::Passed)
        .map(|finding| (finding.code, finding.outcome))
        .collect();
    let expected = ["transport_security", "keys"].map(|code| (code, Outcome::NotNeeded));
    assert_eq!(other, expected);
}

#[test]
fn where_nothing_answers_everything_is_amiss() {
    let findings = judge(&Seen::default());
    let passed: Vec<_> = findings
        .iter()
        .filter(|one| one.outcome == Outcome::Passed)
        .collect();
    assert!(passed.is_empty(), "{passed:?}");
}

#[test]
fn the_origins_are_those_of_the_settings_without_the_pages_own() {
    let origins = |settings: &str| {
        let base = "https://me.example/app/";
        let config = Config::parse(settings.as_bytes(), base).unwrap();
        origins(&config, base).join(" ")
    };
    assert_eq!(
        origins(r#"{"client_id": "k"}"#),
        "https://identity.constantcontact.com https://api.cc.email"
    );
    assert_eq!(
        origins(
            r#"{"client_id": "k", "response_type": "code", "jwks_uri": "https://me.example/app/keys"}"#
        ),
        "https://api.cc.email https://authz.constantcontact.com"
    );
}

#[test]
fn a_host_is_recognized_and_its_file_named() {
    let mut seen = right();
    assert!(seen.host().is_none());
    set(&mut seen.document, "server", "nginx/1.22.1");
    let host = seen.host().unwrap();
    assert_eq!(host.folder, "nginx");
    // Behind another host, that one has the last word.
    set(&mut seen.document, "cf-ray", "8");
    assert_eq!(seen.host().unwrap().folder, "cloudflare-pages");
}
