//! What the page can see of the host that serves it, and what is to be thought of it.
//!
//! `cargo xtask doctor` sees more, from outside: https, compression, every header of every file. How it
//! should be is decided in the package `hosting`, whose tests compare what is said twice.

mod host;

pub use host::{HOSTS, Host, Topic};

use crate::{config::Config, oauth::ResponseType, web_url::WebUrl};

/// For how long a file whose name carries a hash may be kept at least, in seconds: a year.
const LASTING: u64 = 31_536_000;

/// The directives of the content security policy whose values depend on no setting.
const DIRECTIVES: [(&str, &str); 7] = [
    ("default-src", "'none'"),
    ("script-src", "'self' 'wasm-unsafe-eval'"),
    ("style-src", "'self'"),
    ("form-action", "'none'"),
    ("base-uri", "'none'"),
    ("require-trusted-types-for", "'script'"),
    ("trusted-types", "default"),
];

/// What a `Permissions-Policy` says that is the application's: some of what it denies, and the *Copy*
/// buttons.
const PERMISSIONS: [&str; 6] = [
    "camera=()",
    "clipboard-write=(self)",
    "geolocation=()",
    "microphone=()",
    "payment=()",
    "usb=()",
];

/// What the host answered to a request of the page's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// 0 for a redirect, which a page cannot look into.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Answer {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| value.as_str())
    }

    fn is_a(&self, media_type: &str) -> bool {
        let value = self.header("content-type").unwrap_or_default();
        let essence = value.split(';').next().unwrap_or_default().trim();
        self.status == 200 && essence.eq_ignore_ascii_case(media_type)
    }

    fn cache_directives(&self) -> impl Iterator<Item = &str> {
        let value = self.header("cache-control").unwrap_or_default();
        value.split(',').map(str::trim)
    }

    fn is_not_kept(&self) -> bool {
        self.cache_directives().any(|word| word == "no-store")
    }

    fn is_asked_for_anew(&self) -> bool {
        let anew = ["no-cache", "no-store", "max-age=0"];
        self.cache_directives().any(|word| anew.contains(&word))
    }

    fn lasts(&self) -> bool {
        let age = |word: &str| word.strip_prefix("max-age=")?.parse::<u64>().ok();
        !self.is_asked_for_anew()
            && self
                .cache_directives()
                .filter_map(age)
                .any(|age| age >= LASTING)
    }
}

/// What the page's computer and its host think of each other's clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clocks {
    /// The host says no usable time.
    #[default]
    Unknown,
    /// They agree.
    Agree,
    /// This computer's is so many seconds ahead (behind, if negative).
    Apart(i64),
}

/// What was seen; `None` is what did not answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The document at the application's own address.
    pub document: Option<Answer>,
    /// A content security policy in its `<meta>`.
    pub meta_policy: Option<String>,
    /// The document at another route.
    pub route: Option<Answer>,
    /// The document at the redirection endpoint.
    pub callback: Option<Answer>,
    /// `config.json`.
    pub config: Option<Answer>,
    /// A file whose name carries a hash.
    pub hashed: Option<Answer>,
    /// The origins besides its own that the page has to reach.
    pub origins: Vec<String>,
    /// The issuer's keys: whether they could be read, and if not, the code of the reason. `None` while
    /// there are no settings.
    pub keys: Option<Result<(), &'static str>>,
    /// Whether the host is this machine, which needs no TLS.
    pub is_loopback: bool,
    /// The time.
    pub clocks: Clocks,
}

impl Seen {
    /// The host that this seems to be.
    pub fn host(&self) -> Option<Host> {
        Host::recognize(self.document.as_ref()?)
    }
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// To be changed.
    Failed,
    /// There is nothing to be looked at here.
    NotNeeded,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable name.
    pub code: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// What there is, or what is amiss, in the words of the protocol.
    pub found: Option<String>,
    /// Where it is changed.
    pub topic: Topic,
}

/// The origins besides its own that a page at `own_url` has to reach with these settings, each once.
pub fn origins(config: &Config, own_url: &str) -> Vec<String> {
    let own = origin(own_url);
    let token_endpoint = match config.client.response_type {
        ResponseType::Code => Some(config.client.token_endpoint.as_str()),
        ResponseType::Token => None,
    };
    let mut origins = Vec::new();
    let urls = [&config.jwks_uri, config.api_base_url.as_str()]
        .into_iter()
        .chain(token_endpoint);
    for origin in urls.filter_map(origin) {
        if Some(&origin) != own.as_ref() && !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}

fn origin(url: &str) -> Option<String> {
    WebUrl::parse(url).map(|url| url.origin())
}

/// What is to be thought of it.
pub fn judge(seen: &Seen) -> Vec<Finding> {
    let document = seen.document.as_ref();
    let policy = document.and_then(|document| document.header("content-security-policy"));
    let cache = |answer: &Answer| answer.header("cache-control").map(str::to_owned);
    let answered = |answer: &Answer| match answer.status {
        200 => answer.header("content-type").map(str::to_owned),
        status => Some(status.to_string()),
    };
    let with = |answer: &Option<Answer>, is_right: fn(&Answer) -> bool| {
        answer.as_ref().is_some_and(is_right)
    };
    let is_document = |answer: &Answer| answer.is_a("text/html");
    let header = |code, name: &str, is_right: &dyn Fn(&str) -> bool| {
        let value = document.and_then(|document| document.header(name));
        let passed = value.is_some_and(is_right);
        finding(code, passed, value.map(str::to_owned), Topic::Headers)
    };
    let amiss = amiss(
        policy.or(seen.meta_policy.as_deref()).unwrap_or_default(),
        &seen.origins,
    );
    vec![
        finding(
            "policy",
            amiss.is_empty(),
            Some(amiss.join(", ")),
            Topic::Headers,
        ),
        finding(
            "framing",
            directive(policy.unwrap_or_default(), "frame-ancestors") == Some("'none'"),
            None,
            Topic::Headers,
        ),
        header("referrer_policy", "referrer-policy", &|value| {
            value == "no-referrer"
        }),
        header("opener_policy", "cross-origin-opener-policy", &|value| {
            value == "same-origin"
        }),
        header(
            "resource_policy",
            "cross-origin-resource-policy",
            &|value| value == "same-origin",
        ),
        header("content_type_options", "x-content-type-options", &|value| {
            value == "nosniff"
        }),
        permissions(document),
        transport_security(document, seen.is_loopback),
        finding(
            "fallback",
            with(&seen.route, is_document),
            seen.route.as_ref().and_then(answered),
            Topic::Fallback,
        ),
        finding(
            "callback",
            with(&seen.callback, is_document),
            seen.callback.as_ref().and_then(answered),
            Topic::Fallback,
        ),
        finding(
            "callback_cache",
            with(&seen.callback, Answer::is_not_kept),
            seen.callback.as_ref().and_then(cache),
            Topic::Cache,
        ),
        finding(
            "document_cache",
            with(&seen.document, Answer::is_asked_for_anew),
            document.and_then(cache),
            Topic::Cache,
        ),
        finding(
            "config_file",
            with(&seen.config, |answer| answer.is_a("application/json")),
            seen.config.as_ref().and_then(answered),
            Topic::Settings,
        ),
        finding(
            "config_cache",
            with(&seen.config, Answer::is_asked_for_anew),
            seen.config.as_ref().and_then(cache),
            Topic::Cache,
        ),
        finding(
            "hashed_cache",
            with(&seen.hashed, Answer::lasts),
            seen.hashed.as_ref().and_then(cache),
            Topic::Cache,
        ),
        keys(seen),
        clock(seen.clocks),
    ]
}

fn finding(code: &'static str, passed: bool, found: Option<String>, topic: Topic) -> Finding {
    Finding {
        code,
        outcome: if passed {
            Outcome::Passed
        } else {
            Outcome::Failed
        },
        found: found.filter(|found| !found.is_empty()),
        topic,
    }
}

/// The values of a directive; of two of one name the first counts.
fn directive<'a>(policy: &'a str, name: &str) -> Option<&'a str> {
    let mut directives = policy.split(';').map(str::trim);
    directives.find_map(|directive| {
        let (known, values) = directive.split_once(' ').unwrap_or((directive, ""));
        known.eq_ignore_ascii_case(name).then(|| values.trim())
    })
}

/// The directives that are not what they should be.
fn amiss(policy: &str, origins: &[String]) -> Vec<&'static str> {
    let mut amiss: Vec<_> = DIRECTIVES
        .into_iter()
        .filter(|(name, values)| directive(policy, name) != Some(values))
        .map(|(name, _)| name)
        .collect();
    let connect: Vec<_> = directive(policy, "connect-src")
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    let reached = |origin: &String| connect.contains(&origin.as_str());
    // Neither less than the settings name, nor more.
    if !connect.contains(&"'self'")
        || !origins.iter().all(reached)
        || (!origins.is_empty() && connect.len() > origins.len() + 1)
    {
        amiss.push("connect-src");
    }
    amiss
}

fn permissions(document: Option<&Answer>) -> Finding {
    let value = document.and_then(|document| document.header("permissions-policy"));
    let words: Vec<_> = value
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .collect();
    let missing = PERMISSIONS.into_iter().filter(|one| !words.contains(one));
    let missing: Vec<_> = missing.collect();
    let found = Some(missing.join(", "));
    finding(
        "permissions_policy",
        missing.is_empty(),
        found,
        Topic::Headers,
    )
}

fn transport_security(document: Option<&Answer>, is_loopback: bool) -> Finding {
    let value = document.and_then(|document| document.header("strict-transport-security"));
    let age = |word: &str| word.trim().strip_prefix("max-age=")?.parse::<u64>().ok();
    let lasts = value
        .unwrap_or_default()
        .split(';')
        .filter_map(age)
        .any(|age| age >= LASTING);
    let mut finding = finding(
        "transport_security",
        lasts,
        value.map(str::to_owned),
        Topic::Headers,
    );
    if is_loopback {
        finding.outcome = Outcome::NotNeeded;
    }
    finding
}

fn keys(seen: &Seen) -> Finding {
    let failure = seen.keys.and_then(Result::err).map(str::to_owned);
    let mut finding = finding("keys", failure.is_none(), failure, Topic::Keys);
    if seen.keys.is_none() {
        finding.outcome = Outcome::NotNeeded;
    }
    finding
}

fn clock(clocks: Clocks) -> Finding {
    let found = match clocks {
        Clocks::Apart(seconds) => Some(format!("{seconds:+} s")),
        Clocks::Unknown | Clocks::Agree => None,
    };
    finding("clock", clocks == Clocks::Agree, found, Topic::Clock)
}
