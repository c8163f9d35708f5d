//! A site: a build of the app at a path of a host, with a deployer's settings.

use url::Url;

use crate::base::Base;
use crate::files::{Files, is_hashed};
use crate::permissions::permissions_policy;
use crate::policy::Policy;
use crate::rules::{Class, Header, Rule};
use crate::settings::Settings;

/// The routes of the app besides the base itself.
pub const ROUTES: [&str; 2] = ["connection", "set-up"];

/// The path of the callback below the base, unless the settings have another redirect_uri.
pub const CALLBACK: &str = "callback";

/// The Trusted Types policy that `src/browser/first.js` creates. The browser applies the one of
/// this name when a library assigns text where markup is expected, as Leptos does.
pub const TRUSTED_TYPES_POLICY: &str = "default";

/// The path below the base of a same-origin proxy for the key set.
const KEYS: &str = "keys";

/// A year, for this host only: whether all subdomains are served with TLS, and whether to `preload`
/// that into browsers, only the owner of the domain can know. Browsers ignore it over plain http,
/// so a host that also listens there sends it over https only.
pub const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";

/// A build of the app at a path of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The app's path.
    pub base: Base,
    /// The deployer's settings.
    pub settings: Settings,
    /// What is known about the files of the build.
    pub files: Files,
}

impl Site {
    /// The origins that the page connects to besides its own, each once; none if it has a server.
    pub fn connect(&self) -> Vec<String> {
        if self.settings.has_server {
            return Vec::new();
        }
        let Settings {
            redirect_uri,
            jwks_uri,
            api_base_url,
            token_endpoint,
            ..
        } = &self.settings;
        let own = redirect_uri.as_ref().map(Url::origin);
        let mut origins = Vec::new();
        for url in [Some(jwks_uri), Some(api_base_url), token_endpoint.as_ref()] {
            let Some(origin) = url.map(Url::origin) else {
                continue;
            };
            if Some(&origin) != own.as_ref() && !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        origins
            .iter()
            .map(url::Origin::ascii_serialization)
            .collect()
    }

    /// Where images may come from besides the page's own origin. The account's logo is the only
    /// one, and Constant Contact may serve it from any host; an API without TLS, such as the
    /// sandbox's on this machine, serves it itself.
    fn images(&self) -> String {
        match self.settings.api_base_url.scheme() {
            "https" => "https:".to_owned(),
            _ => self.settings.api_base_url.origin().ascii_serialization(),
        }
    }

    /// The content security policy. Scripts and styles only from the build; WebAssembly may be
    /// compiled, without `unsafe-eval`; connections only to the configured origins; no forms, no
    /// `<base>`, no framing. Text becomes markup only through the one Trusted Types policy that the
    /// first script creates ([`TRUSTED_TYPES_POLICY`]), and never a script.
    pub fn content_security_policy(&self) -> Policy {
        let own = || "'self'".to_owned();
        Policy::default()
            .with("default-src", ["'none'"])
            .with("script-src", ["'self'", "'wasm-unsafe-eval'"])
            .with("style-src", ["'self'"])
            .with("img-src", [own(), self.images()])
            .with("connect-src", [own()].into_iter().chain(self.connect()))
            .with("form-action", ["'none'"])
            .with("base-uri", ["'none'"])
            .with("frame-ancestors", ["'none'"])
            .with("require-trusted-types-for", ["'script'"])
            .with("trusted-types", [TRUSTED_TYPES_POLICY])
    }

    /// The policy for a `<meta>`, where a browser ignores `frame-ancestors` and warns on the
    /// console.
    pub fn meta_policy(&self) -> Policy {
        self.content_security_policy().without("frame-ancestors")
    }

    /// The headers of every response, whatever its path and status, except for `Cache-Control` and,
    /// over https, [`STRICT_TRANSPORT_SECURITY`].
    pub fn headers(&self) -> Vec<Header> {
        let header = |name, value: &str| Header {
            name,
            value: value.to_owned(),
        };
        vec![
            header(
                "Content-Security-Policy",
                &self.content_security_policy().to_string(),
            ),
            header("Referrer-Policy", "no-referrer"),
            header("Cross-Origin-Opener-Policy", "same-origin"),
            header("Cross-Origin-Resource-Policy", "same-origin"),
            header("X-Content-Type-Options", "nosniff"),
            header("Permissions-Policy", &permissions_policy()),
        ]
    }

    /// Like [`headers`](Self::headers), for a host that serves https only.
    pub(crate) fn https_headers(&self) -> Vec<Header> {
        let mut headers = self.headers();
        headers.push(Header {
            name: "Strict-Transport-Security",
            value: STRICT_TRANSPORT_SECURITY.to_owned(),
        });
        headers
    }

    /// The path of the redirection endpoint: that of `redirect_uri`, or `callback`. A
    /// `redirect_uri` that is not below the base cannot be served with the app; the doctor reports
    /// it.
    pub fn callback(&self) -> String {
        match &self.settings.redirect_uri {
            Some(uri) if self.base.strip(uri.path()).is_some() => uri.path().to_owned(),
            _ => self.base.join(CALLBACK),
        }
    }

    /// The callback, if its path has a dot, so that rules for paths without an extension do not
    /// match.
    pub(crate) fn dotted_callback(&self) -> Option<String> {
        let callback = self.callback();
        let name = self.base.strip(&callback).unwrap_or_default();
        name.contains('.').then_some(callback)
    }

    /// The paths besides the base that serve the document, each once: the routes and the callback.
    pub(crate) fn documents(&self) -> Vec<String> {
        let mut paths: Vec<_> = ROUTES.map(|route| self.base.join(route)).into();
        let callback = self.callback();
        let known = |path: &String| without_slash(path) == without_slash(&callback);
        if callback != self.base.as_str() && !paths.iter().any(known) {
            paths.push(callback);
        }
        paths
    }

    /// The class of a path. If the build's files are not listed, a path with an extension counts as
    /// a file; every other path below the base is the app's.
    pub fn class(&self, path: &str) -> Class {
        let Some(name) = self.base.strip(path) else {
            return Class::Missing;
        };
        if without_slash(path) == without_slash(&self.callback()) {
            return Class::Callback;
        }
        let segment = name.rsplit('/').next().unwrap_or(name);
        if name == "index.html" || !segment.contains('.') {
            return Class::Document;
        }
        let there = match &self.files {
            Files::Usual => true,
            Files::Listed(names) => names.iter().any(|known| known == name),
        };
        match name {
            _ if !there => Class::Missing,
            "config.json" => Class::Config,
            _ if is_hashed(name) => Class::Hashed,
            _ => Class::Other,
        }
    }

    /// The rule for a path.
    pub fn rule(&self, path: &str) -> Rule {
        self.rule_of(self.class(path))
    }

    /// The rule for a class of paths.
    pub fn rule_of(&self, class: Class) -> Rule {
        let mut headers = self.headers();
        headers.push(Header {
            name: "Cache-Control",
            value: class.cache_control().to_owned(),
        });
        Rule {
            class,
            content: class.content(),
            headers,
        }
    }

    /// The path of the same-origin proxy for the key set.
    pub(crate) fn keys_path(&self) -> String {
        self.base.join(KEYS)
    }

    /// Where such a proxy fetches the keys: `jwks_uri`, or the issuer's usual address if `jwks_uri`
    /// is the proxy itself.
    pub(crate) fn keys_upstream(&self) -> Url {
        let Settings {
            redirect_uri,
            jwks_uri,
            issuer,
            ..
        } = &self.settings;
        // The page's own origin is known only if the redirect URI is set.
        let own = redirect_uri
            .as_ref()
            .is_none_or(|own| own.origin() == jwks_uri.origin());
        if own && jwks_uri.path() == self.keys_path() {
            let text = format!("{}/v1/keys", issuer.as_str().trim_end_matches('/'));
            if let Ok(url) = Url::parse(&text) {
                return url;
            }
        }
        jwks_uri.clone()
    }

    /// Every path with its own `Cache-Control`, for a host that goes by names only, with `*` for a
    /// hash or a language that is not known yet. No two of them match the same path.
    pub(crate) fn cached_paths(&self) -> Vec<(String, Class)> {
        let documents = ["", "index.html"].map(|name| self.base.join(name));
        let hashed = self.files.hashed();
        let words = self.files.words();
        let files = [("config.json", Class::Config)]
            .into_iter()
            .chain(words.into_iter().map(|name| (name, Class::Other)))
            .chain(hashed.into_iter().map(|name| (name, Class::Hashed)))
            .map(|(name, class)| (self.base.join(name), class));
        documents
            .into_iter()
            .chain(self.documents())
            .map(|path| {
                let class = self.class(&path);
                (path, class)
            })
            .chain(files)
            .collect()
    }

    /// Like [`cached_paths`](Self::cached_paths), for a host that sends a path's headers with a
    /// 404, too. There only files known to be in the build may be cached: a browser would keep the
    /// 404 of a file that is missing briefly, after a rollback or between two deployments, for as
    /// long as the file. Files known by pattern only are revalidated every time.
    pub(crate) fn cached_paths_whatever_the_status(&self) -> Vec<(String, Class)> {
        let mut paths = self.cached_paths();
        for (path, class) in &mut paths {
            if *class == Class::Hashed && path.contains('*') {
                *class = Class::Other;
            }
        }
        paths
    }
}

/// `path` without a trailing slash, which a host may add or remove.
pub(crate) fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cc_connect_app::{config::Config, route::Route};

    fn site(base: &str, settings: &str) -> Site {
        Site {
            base: base.parse().expect("it is a path"),
            settings: Settings::parse(settings).expect("they are right"),
            files: Files::Usual,
        }
    }

    #[test]
    fn the_routes_are_the_apps() {
        let own: Vec<_> = [""].into_iter().chain(ROUTES).collect();
        assert_eq!(own, Route::ALL.map(Route::path));
        let callback = Config::default_redirect_uri("https://a.example/app/");
        assert_eq!(callback, format!("https://a.example/app/{CALLBACK}"));
    }

    #[test]
    fn the_policy_names_the_configured_origins_and_nothing_else() {
        let cases = [
            (
                "{}",
                "https://identity.constantcontact.com https://api.cc.email",
            ),
            (
                r#"{"response_type": "code"}"#,
                "https://identity.constantcontact.com https://api.cc.email \
                 https://authz.constantcontact.com",
            ),
            (
                r#"{"jwks_uri": "https://me.example/keys", "redirect_uri": "https://me.example/callback"}"#,
                "https://api.cc.email",
            ),
            (
                r#"{"jwks_uri": "https://a.example:8443/k", "api_base_url": "https://a.example:8443/v3"}"#,
                "https://a.example:8443",
            ),
        ];
        for (settings, expected) in cases {
            let policy = site("/", settings).content_security_policy().to_string();
            let connect = format!("; connect-src 'self' {expected}; form-action");
            assert!(policy.contains(&connect), "{policy}");
        }
    }

    #[test]
    fn with_a_server_the_page_connects_to_nothing_else() {
        let policy = site("/", r#"{"server": true}"#).content_security_policy();
        assert_eq!(policy.get("connect-src"), Some(&["'self'".to_owned()][..]));
        assert!(policy.to_string().contains("img-src 'self' https:;"));
    }

    #[test]
    fn the_policy_is_this_one() {
        assert_eq!(
            site("/", "{}").content_security_policy().to_string(),
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
             img-src 'self' https:; connect-src 'self' \
             https://identity.constantcontact.com https://api.cc.email; form-action 'none'; \
             base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
             trusted-types default"
        );
        assert!(!site("/", "{}").meta_policy().to_string().contains("frame"));
    }

    #[test]
    fn the_first_script_makes_the_policy_that_is_allowed() {
        let first = include_str!("../../src/browser/first.js");
        let made: Vec<_> = first.split("createPolicy(").skip(1).collect();
        assert_eq!(made.len(), 1);
        assert!(made[0].starts_with(&format!("{TRUSTED_TYPES_POLICY:?}")));
    }

    #[test]
    fn every_path_has_its_class() {
        let site = site("/app/", "{}");
        for (path, class) in [
            ("/app/", Class::Document),
            ("/app/index.html", Class::Document),
            ("/app/connection", Class::Document),
            ("/app/no/such/page", Class::Document),
            ("/app/callback", Class::Callback),
            ("/app/callback/", Class::Callback),
            ("/app/config.json", Class::Config),
            ("/app/lang/de.json", Class::Other),
            ("/app/main-0123456789abcdef.css", Class::Hashed),
            ("/app/robots.txt", Class::Other),
            ("/callback", Class::Missing),
            ("/", Class::Missing),
        ] {
            assert_eq!(site.class(path), class, "{path}");
        }
    }

    /// L2: wherever the redirect_uri is, its path is the callback's, and nothing else is.
    #[test]
    fn the_callback_is_where_the_settings_have_it() {
        for (base, path, callback, others) in [
            ("/", "/callback", "/callback", vec![]),
            (
                "/",
                "/oauth/back.html",
                "/oauth/back.html",
                vec!["/callback"],
            ),
            ("/app/", "/app/back/", "/app/back", vec!["/app/callback"]),
            ("/app/", "/app/", "/app/", vec!["/app/callback"]),
            ("/app/", "/app/set-up", "/app/set-up", vec![]),
            // Not below the base: not the app's.
            ("/app/", "/callback", "/app/callback", vec!["/callback"]),
        ] {
            let settings = format!(r#"{{"redirect_uri": "https://me.example{path}"}}"#);
            let site = site(base, &settings);
            assert_eq!(site.class(callback), Class::Callback, "{path}");
            for other in others {
                assert_ne!(site.class(other), Class::Callback, "{path}: {other}");
            }
            let cached = site.cached_paths();
            let stored = |(_, class): &&(String, Class)| *class == Class::Callback;
            assert_eq!(cached.iter().filter(stored).count(), 1, "{path}");
            let mut names: Vec<_> = cached.iter().map(|(path, _)| path).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), cached.len(), "{path}: two rules meet");
        }
    }

    #[test]
    fn what_is_not_in_the_build_is_missing() {
        let names = ["index.html", "main-0123456789abcdef.css"].map(str::to_owned);
        let site = Site {
            files: Files::listed(names),
            ..site("/", "{}")
        };
        assert_eq!(site.class("/main-0123456789abcdef.css"), Class::Hashed);
        assert_eq!(site.class("/main-fedcba9876543210.css"), Class::Missing);
        assert_eq!(site.class("/config.json"), Class::Missing);
        assert_eq!(site.class("/connection"), Class::Document);
    }

    #[test]
    fn a_rule_has_every_header_once() {
        let site = site("/", "{}");
        for class in Class::ALL {
            let rule = site.rule_of(class);
            let mut names: Vec<_> = rule.headers.iter().map(|header| header.name).collect();
            assert_eq!(names.last(), Some(&"Cache-Control"));
            names.sort();
            names.dedup();
            assert_eq!(names.len(), 7, "{class:?}");
        }
        assert_eq!(site.rule("/callback").headers[6].value, "no-store");
    }

    #[test]
    fn a_proxy_never_asks_itself() {
        let usual = Settings::default().jwks_uri;
        assert_eq!(site("/", "{}").keys_upstream(), usual);
        let proxied = r#"{"jwks_uri": "https://me.example/app/keys"}"#;
        assert_eq!(site("/app/", proxied).keys_upstream(), usual);
        let elsewhere = r#"{"jwks_uri": "https://you.example/keys",
            "redirect_uri": "https://me.example/callback"}"#;
        let upstream = site("/", elsewhere).keys_upstream();
        assert_eq!(upstream.as_str(), "https://you.example/keys");
    }
}
