//! The hosts' files say of every path what the rules say, as far as each kind of file can be read here;
//! nginx, Caddy and Apache read theirs themselves in `xtask/src/doctor/real_servers.rs`.

use std::collections::BTreeMap;

use cc_connect_hosting::{Class, Files, Host, STRICT_TRANSPORT_SECURITY, Settings, Site};
use serde_json::Value;

const SETTINGS: &str = r#"{
    "client_id": "k",
    "response_type": "code",
    "jwks_uri": "https://keys.example:8443/v1/keys",
    "api_base_url": "https://api.example/v3",
    "token_endpoint": "https://tokens.example/token"
}"#;

fn site(base: &str, files: Files) -> Site {
    Site {
        base: base.parse().expect("it is a path"),
        settings: Settings::parse(SETTINGS).expect("they are right"),
        files,
    }
}

/// A listed build and an unknown one, at the root and below it.
fn sites() -> Vec<Site> {
    let names = [
        "index.html",
        "config.json",
        "cc-connect-0123456789abcdef.js",
        "cc-connect-0123456789abcdef_bg.wasm",
        "first-00112233445566ff.js",
        "main-8899aabbccddeeff.css",
        "lang/de.json",
    ];
    let listed = Files::listed(names.map(str::to_owned));
    ["/", "/app/"]
        .into_iter()
        .flat_map(|base| [site(base, listed.clone()), site(base, Files::Usual)])
        .collect()
}

/// Paths of every class that is there, relative to the base.
const PATHS: [&str; 10] = [
    "",
    "index.html",
    "connection",
    "set-up",
    "callback",
    "config.json",
    "cc-connect-0123456789abcdef_bg.wasm",
    "first-00112233445566ff.js",
    "main-8899aabbccddeeff.css",
    "lang/de.json",
];

type Headers = BTreeMap<String, String>;

/// What a host that speaks https alone is to send for this path.
fn expected(site: &Site, path: &str) -> Headers {
    let headers = site.rule(path).headers.into_iter();
    let mut headers: Headers = headers
        .map(|header| (header.name.to_owned(), header.value))
        .collect();
    let name = "Strict-Transport-Security".to_owned();
    headers.insert(name, STRICT_TRANSPORT_SECURITY.to_owned());
    headers
}

/// Whether `pattern`, in which `*` stands for anything, fits all of `path`.
fn fits(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => path.strip_prefix(start).is_some_and(|path| {
            let rest = rest.trim_start_matches('*');
            (0..=path.len()).any(|at| path.is_char_boundary(at) && fits(rest, &path[at..]))
        }),
    }
}

fn rendered(host: Host, site: &Site, path: &str) -> String {
    let files = host.render(site);
    let file = files.into_iter().find(|file| file.path == path);
    file.unwrap_or_else(|| panic!("{host:?} has {path}")).text
}

/// The rules of a `_headers` file: patterns, and the headers of each.
fn underscore_headers(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut rules: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        assert!(line.len() <= 2_000, "Cloudflare takes no longer lines");
        match line.strip_prefix("  ") {
            None => rules.push((line.to_owned(), Vec::new())),
            Some(header) => {
                let (_, headers) = rules.last_mut().expect("a pattern comes first");
                // `! Name` takes away what Cloudflare adds of its own accord.
                if let Some((name, value)) = header.split_once(": ") {
                    headers.push((name.to_owned(), value.to_owned()));
                }
            }
        }
    }
    assert!(rules.len() <= 100, "Cloudflare takes no more rules");
    rules
}

#[test]
fn cloudflare_and_netlify_send_what_the_rules_say() {
    for host in [Host::CloudflarePages, Host::Netlify] {
        for site in sites() {
            let rules = underscore_headers(&rendered(host, &site, "_headers"));
            for path in PATHS {
                let path = site.base.join(path);
                let mut found = Headers::new();
                for (pattern, headers) in &rules {
                    if fits(pattern, &path) {
                        for (name, value) in headers {
                            // Cloudflare would join the two.
                            let earlier = found.insert(name.clone(), value.clone());
                            assert_eq!(earlier, None, "{host:?}: {path} has two {name}");
                        }
                    }
                }
                assert_eq!(found, expected(&site, &path), "{host:?}: {path}");
            }
        }
    }
}

fn entries(value: &Value) -> Vec<(String, Vec<(String, String)>)> {
    let text = |value: &Value| value.as_str().expect("it is a text").to_owned();
    let list = |value: &Value| value.as_array().expect("it is a list").clone();
    list(value)
        .iter()
        .map(|entry| {
            let headers = list(&entry["headers"]);
            let headers = headers
                .iter()
                .map(|header| (text(&header["key"]), text(&header["value"])));
            (text(&entry["source"]), headers.collect())
        })
        .collect()
}

#[test]
fn vercel_and_firebase_send_what_the_rules_say() {
    for (host, file, headers) in [
        (Host::Vercel, "vercel.json", "/headers"),
        (Host::Vercel, "with-keys/vercel.json", "/headers"),
        (Host::Firebase, "firebase.json", "/hosting/headers"),
        (
            Host::Firebase,
            "with-keys/firebase.json",
            "/hosting/headers",
        ),
    ] {
        for site in sites() {
            let text = rendered(host, &site, file);
            let json: Value = serde_json::from_str(&text).expect("it is JSON");
            let rules = entries(json.pointer(headers).expect("it has headers"));
            for path in PATHS {
                let path = site.base.join(path);
                let mut found = Headers::new();
                for (source, headers) in &rules {
                    let pattern = ["(.*)", "([0-9a-f]+)", "([^/]+)"]
                        .into_iter()
                        .fold(source.clone(), |pattern, any| pattern.replace(any, "*"));
                    assert!(!pattern.contains('('), "{pattern}");
                    if fits(&pattern, &path) {
                        found.extend(headers.iter().cloned());
                    }
                }
                assert_eq!(found, expected(&site, &path), "{host:?}: {path}");
            }
        }
    }
}

#[test]
fn every_route_is_answered_with_the_document() {
    for site in sites() {
        let base = &site.base;
        for (host, target) in [(Host::CloudflarePages, ""), (Host::Netlify, "index.html")] {
            let redirects = rendered(host, &site, "_redirects");
            for route in ["connection", "set-up", "callback"] {
                let line = format!("\n{} {} 200\n", base.join(route), base.join(target));
                assert!(redirects.contains(&line), "{host:?}: {redirects}");
            }
        }
        let index = base.join("index.html");
        let vercel = rendered(Host::Vercel, &site, "vercel.json");
        assert!(vercel.contains(&format!("\"destination\": \"{index}\"")));
        let firebase = rendered(Host::Firebase, &site, "firebase.json");
        assert!(firebase.contains(&format!("\"destination\": \"{index}\"")));
        let cloudfront = rendered(Host::CloudFront, &site, "template.yaml");
        assert!(cloudfront.contains(&format!("request.uri = '{index}';")));
        assert!(cloudfront.contains(&format!("PathPattern: {}\n", base.join("callback"))));
    }
}

/// The policy, word for word, in the file of every host that has one.
#[test]
fn every_host_has_the_policy_and_all_other_headers() {
    for site in sites() {
        for host in Host::ALL {
            let text: String = host
                .render(&site)
                .into_iter()
                .map(|file| file.text)
                .collect();
            if host == Host::GithubPages {
                assert!(text.contains(&site.meta_policy().to_string()));
                continue;
            }
            for header in site.headers() {
                let there = match (host, header.name) {
                    // A property of its own instead of the header.
                    (Host::CloudFront, "X-Content-Type-Options") => {
                        text.contains("ContentTypeOptions:")
                    }
                    _ => text.contains(&header.value),
                };
                assert!(there, "{host:?} lacks {}", header.name);
            }
            for class in [Class::Hashed, Class::Callback, Class::Document] {
                assert!(text.contains(class.cache_control()), "{host:?}: {class:?}");
            }
        }
    }
}

#[test]
fn every_host_but_github_can_pass_the_keys_on() {
    let site = site("/app/", Files::Usual);
    for host in Host::ALL {
        let text: String = host
            .render(&site)
            .into_iter()
            .map(|file| file.text)
            .collect();
        let there = text.contains("keys.example") && text.contains("/v1/keys");
        assert_eq!(there, host != Host::GithubPages, "{host:?}");
    }
}

#[test]
fn github_pages_gets_a_document_for_each_route() {
    let site = site("/app/", Files::Usual);
    let html = "<!doctype html><html><head><meta charset=\"utf-8\"></head></html>";
    let documents = Host::GithubPages.documents(&site, html);
    let mut names: Vec<_> = documents.iter().map(|file| file.path.as_str()).collect();
    names.sort();
    let expected = [
        "404.html",
        "callback.html",
        "connection.html",
        "index.html",
        "set-up.html",
    ];
    assert_eq!(names, expected);
    let policy = site.meta_policy().to_string();
    assert!(documents.iter().all(|file| file.text.contains(&policy)));
}

#[test]
fn hosts_are_recognized_by_what_they_add() {
    for (name, value, host) in [
        ("server", "nginx/1.22.1", Some(Host::Nginx)),
        ("server", "Caddy", Some(Host::Caddy)),
        ("server", "Apache/2.4.71 (Debian)", Some(Host::Apache)),
        ("server", "GitHub.com", Some(Host::GithubPages)),
        ("x-nf-request-id", "01", Some(Host::Netlify)),
        ("x-vercel-id", "fra1", Some(Host::Vercel)),
        ("cf-ray", "8", Some(Host::CloudflarePages)),
        ("x-amz-cf-id", "a", Some(Host::CloudFront)),
        ("server", "lighttpd", None),
    ] {
        let found = Host::recognize(|asked| (asked == name).then_some(value));
        assert_eq!(found, host, "{name}: {value}");
    }
}
