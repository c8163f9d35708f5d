//! What the page itself thinks of its host (`src/deployment.rs`) is what is decided here.

use cc_connect::config::Config;
use cc_connect::deployment::{self, Answer, Clocks, HOSTS, Outcome, Seen, judge};
use cc_connect_hosting::{Files, Host, STRICT_TRANSPORT_SECURITY, Settings, Site, Topic};

fn answer(site: &Site, path: &str, media_type: &str) -> Option<Answer> {
    let headers = site.rule(path).headers.into_iter();
    let headers = headers.map(|header| (header.name.to_ascii_lowercase(), header.value));
    let more = [
        ("content-type", media_type),
        ("strict-transport-security", STRICT_TRANSPORT_SECURITY),
    ];
    let more = more.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Some(Answer {
        status: 200,
        headers: headers.chain(more).collect(),
    })
}

#[test]
fn the_page_finds_nothing_amiss_with_what_is_sent() {
    for settings in [
        r#"{"client_id": "k"}"#,
        r#"{"client_id": "k", "response_type": "code"}"#,
        r#"{"client_id": "k", "jwks_uri": "https://me.example/app/keys",
            "redirect_uri": "https://me.example/app/callback"}"#,
    ] {
        let url = "https://me.example/app/";
        let site = Site {
            base: "/app/".parse().expect("it is a path"),
            settings: Settings::parse(settings).expect("they are right"),
            files: Files::Usual,
        };
        let config = Config::parse(settings.as_bytes(), url).expect("they are right");
        let seen = Seen {
            document: answer(&site, "/app/", "text/html"),
            route: answer(&site, "/app/connection", "text/html"),
            callback: answer(&site, "/app/callback", "text/html"),
            config: answer(&site, "/app/config.json", "application/json"),
            hashed: answer(&site, "/app/a-0123456789abcdef_bg.wasm", "application/wasm"),
            origins: deployment::origins(&config, url),
            keys: Some(Ok(())),
            clocks: Clocks::Agree,
            ..Seen::default()
        };
        let mut findings = judge(&seen);
        findings.retain(|finding| finding.outcome != Outcome::Passed);
        assert!(findings.is_empty(), "{settings}: {findings:?}");
    }
}

#[test]
fn the_page_names_the_files_that_there_are() {
    assert_eq!(HOSTS.len(), Host::ALL.len());
    for host in Host::ALL {
        let known = HOSTS
            .iter()
            .find(|(known, ..)| known.folder == host.folder());
        let (known, ..) = known.unwrap_or_else(|| panic!("{host:?} is unknown to the page"));
        for (topic, its) in [
            (Topic::Headers, deployment::Topic::Headers),
            (Topic::Cache, deployment::Topic::Cache),
            (Topic::Fallback, deployment::Topic::Fallback),
            (Topic::Keys, deployment::Topic::Keys),
        ] {
            assert_eq!(
                known.file_for(its),
                host.file_for(topic).unwrap_or("README.md"),
                "{host:?}: {topic:?}"
            );
        }
    }
}

#[test]
fn the_page_recognizes_the_same_hosts() {
    for (name, value) in [
        ("x-amz-cf-id", "a"),
        ("x-nf-request-id", "01"),
        ("x-vercel-id", "fra1"),
        ("x-github-request-id", "a"),
        ("cf-ray", "8"),
        ("server", "Netlify"),
        ("server", "Vercel"),
        ("server", "GitHub.com"),
        ("server", "nginx/1.22.1"),
        ("server", "Caddy"),
        ("server", "Apache/2.4.71 (Debian)"),
        ("server", "lighttpd"),
    ] {
        let ours = Host::recognize(|asked| (asked == name).then_some(value));
        let seen = Seen {
            document: Some(Answer {
                status: 200,
                headers: vec![(name.to_owned(), value.to_owned())],
            }),
            ..Seen::default()
        };
        let its = seen.host().map(|host| host.folder);
        assert_eq!(its, ours.map(Host::folder), "{name}: {value}");
    }
}
