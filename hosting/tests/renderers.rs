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
fn expected(host: Host, site: &Site, path: &str) -> Headers {
    let mut rule = site.rule(path);
    if rule.class == Class::Hashed && site.files == Files::Usual && host.is_blind_to_the_status() {
        rule = site.rule_of(Class::Other);
    }
    let headers = rule.headers.into_iter();
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

/// Patterns, and the headers of each.
type Rules = Vec<(String, Vec<(String, String)>)>;

/// The rules of a `_headers` file.
fn underscore_headers(text: &str) -> Rules {
    let mut rules = Rules::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        assert!(line.len() <= 2_000, "Cloudflare takes no longer lines");
        match line.strip_prefix("  ") {
            None => rules.push((line.to_owned(), Vec::new())),
            Some(header) => {
                let (_, headers) = rules.last_mut().expect("a pattern comes first");
                // `! Name` takes away what Cloudflare adds.
                if let Some((name, value)) = header.split_once(": ") {
                    headers.push((name.to_owned(), value.to_owned()));
                }
            }
        }
    }
    assert!(rules.len() <= 100, "Cloudflare takes no more rules");
    rules
}

/// The rules at `pointer` in a JSON file, with `*` for what may be anything.
fn entries(text: &str, pointer: &str) -> Rules {
    let json: Value = serde_json::from_str(text).expect("it is JSON");
    let text = |value: &Value| value.as_str().expect("it is a text").to_owned();
    let list = |value: &Value| value.as_array().expect("it is a list").clone();
    list(json.pointer(pointer).expect("it has headers"))
        .iter()
        .map(|entry| {
            let headers = list(&entry["headers"]);
            let headers = headers
                .iter()
                .map(|header| (text(&header["key"]), text(&header["value"])));
            let pattern = ["(.*)", "([^/]+)"]
                .into_iter()
                .fold(text(&entry["source"]), |pattern, any| {
                    pattern.replace(any, "*")
                });
            assert!(!pattern.contains('('), "{pattern}");
            (pattern, headers.collect())
        })
        .collect()
}

/// The files that say which headers a path has, read as their hosts read them.
fn rules_of_every_file(site: &Site) -> Vec<(Host, &'static str, Rules)> {
    let underscore = [Host::CloudflarePages, Host::Netlify].map(|host| {
        let file = "_headers";
        (host, file, underscore_headers(&rendered(host, site, file)))
    });
    let json = [
        (Host::Vercel, "vercel.json", "/headers"),
        (Host::Vercel, "with-keys/vercel.json", "/headers"),
        (Host::Firebase, "firebase.json", "/hosting/headers"),
        (
            Host::Firebase,
            "with-keys/firebase.json",
            "/hosting/headers",
        ),
    ];
    let json = json
        .map(|(host, file, pointer)| (host, file, entries(&rendered(host, site, file), pointer)));
    underscore.into_iter().chain(json).collect()
}

/// The headers that these rules give a path. Where two rules have one header the later counts, but for
/// the hosts that would join the two.
fn headers_of(host: Host, rules: &Rules, path: &str) -> Headers {
    let mut found = Headers::new();
    for (pattern, headers) in rules {
        if fits(pattern, path) {
            for (name, value) in headers {
                let earlier = found.insert(name.clone(), value.clone());
                let joins = matches!(host, Host::CloudflarePages | Host::Netlify);
                assert!(
                    !joins || earlier.is_none(),
                    "{host:?}: {path} has two {name}"
                );
            }
        }
    }
    found
}

#[test]
fn the_files_give_every_path_the_headers_that_the_rules_say() {
    for site in sites() {
        for (host, file, rules) in rules_of_every_file(&site) {
            for path in PATHS {
                let path = site.base.join(path);
                let found = headers_of(host, &rules, &path);
                assert_eq!(
                    found,
                    expected(host, &site, &path),
                    "{host:?}, {file}: {path}"
                );
            }
        }
    }
}

/// B14: a host that looks at the path alone would have a browser keep the 404 of a hashed file that is
/// missing for a moment, for a year. Such a host says `immutable` only of names that are in the build.
#[test]
fn the_404_of_a_hashed_file_is_never_kept() {
    let missing = "cc-connect-fedcba9876543210_bg.wasm";
    for site in sites() {
        let path = site.base.join(missing);
        for (host, file, rules) in rules_of_every_file(&site) {
            let found = headers_of(host, &rules, &path);
            let kept = found
                .get("Cache-Control")
                .is_some_and(|value| value.contains("max-age"));
            assert!(
                !kept || !host.is_blind_to_the_status(),
                "{host:?}, {file}: {found:?}"
            );
        }
        // These look at the status, or at whether the file is there.
        let [nginx, apache, caddy] = [
            (Host::Nginx, "cc-connect.conf"),
            (Host::Apache, ".htaccess"),
            (Host::Caddy, "Caddyfile"),
        ]
        .map(|(host, file)| rendered(host, &site, file));
        assert!(nginx.contains("\"~^[45]\" \"no-store\";"), "{nginx}");
        assert!(apache.contains("%{REQUEST_STATUS} -lt 400\""), "{apache}");
        assert!(caddy.contains("\n\t\t\tfile\n"), "{caddy}");
    }
    let template = rendered(Host::CloudFront, &site("/", Files::Usual), "template.yaml");
    assert!(template.contains("ErrorCode: 404\n            ErrorCachingMinTTL: 0"));
}

/// L2: a redirect_uri with another path than `callback` serves the document, also one that
/// looks like a file, and never kept.
#[test]
fn every_host_knows_the_path_of_the_redirect_uri() {
    for (base, path, index) in [
        ("/", "/oauth/back.html", "/index.html"),
        ("/", "/oauth/back", "/index.html"),
        ("/app/", "/app/back.php", "/app/index.html"),
    ] {
        let settings = format!(r#"{{"redirect_uri": "https://me.example{path}"}}"#);
        let site = Site {
            settings: Settings::parse(&settings).expect("they are right"),
            ..site(base, Files::Usual)
        };
        for (host, file, rules) in rules_of_every_file(&site) {
            let found = headers_of(host, &rules, path);
            assert_eq!(found["Cache-Control"], "no-store", "{host:?}, {file}");
        }
        let has = |host: Host, file: &str, text: &str| {
            let rendered = rendered(host, &site, file);
            assert!(rendered.contains(text), "{host:?}: {text} in {rendered}");
        };
        has(
            Host::CloudflarePages,
            "_redirects",
            &format!("\n{path} {base} 200\n"),
        );
        has(
            Host::Netlify,
            "_redirects",
            &format!("\n{path} {index} 200\n"),
        );
        let regex = path.replace('.', r"\.");
        has(
            Host::Nginx,
            "cc-connect.conf",
            &format!(r"^\d+ {regex}/?(?:"),
        );
        has(Host::Apache, ".htaccess", &format!(r"^\w+ {regex}/?["));
        has(
            Host::Caddy,
            "Caddyfile",
            &format!("@callback path_regexp `^{regex}/?$`"),
        );
        has(
            Host::CloudFront,
            "template.yaml",
            &format!("PathPattern: {path}\n"),
        );
        if path.contains('.') {
            let name = regex.strip_prefix(base).expect("it lies below");
            has(
                Host::Nginx,
                "cc-connect.conf",
                &format!("location = {path} {{\n        try_files {index} =404;"),
            );
            has(
                Host::Apache,
                ".htaccess",
                &format!("RewriteRule ^{name}/?$ index.html\n"),
            );
            has(
                Host::Caddy,
                "Caddyfile",
                &format!("rewrite @callback {index}\n"),
            );
            has(
                Host::CloudFront,
                "template.yaml",
                &format!("|| request.uri === '{path}'"),
            );
            for (host, file) in [
                (Host::Vercel, "vercel.json"),
                (Host::Firebase, "firebase.json"),
            ] {
                has(host, file, &format!("\"source\": \"{path}\""));
            }
        }
        let documents = Host::GithubPages.documents(&site, "<!doctype html><head></head>");
        let name = path.strip_prefix(base).expect("it lies below");
        let name = if path.contains('.') {
            name.to_owned()
        } else {
            format!("{name}.html")
        };
        assert!(documents.iter().any(|file| file.path == name), "{name}");
    }
}

/// L5: a name that is looked up once, when nginx starts, goes stale.
#[test]
fn nginx_looks_the_issuers_name_up_again() {
    let conf = rendered(Host::Nginx, &site("/", Files::Usual), "cc-connect.conf");
    for line in [
        "resolver 127.0.0.53;",
        "set $cc_connect_keys keys.example:8443;",
        "proxy_pass https://$cc_connect_keys/v1/keys;",
        "proxy_ssl_name keys.example;",
    ] {
        assert!(
            conf.contains(&format!("#     {line}\n")),
            "{line} in {conf}"
        );
    }
}

#[test]
fn every_route_serves_the_document() {
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
                if class == Class::Hashed
                    && site.files == Files::Usual
                    && host.is_blind_to_the_status()
                {
                    continue;
                }
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
