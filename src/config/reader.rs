//! Reads the members of the file into settings, and reports every mistake.

use super::mistake::{Mistake, Problem};
use cc_connect_core::{
    json,
    oauth::Scope,
    web_url::{Spelling, WebUrl},
};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// Every key that `config.json` may have.
pub const KEYS: [&str; 16] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "authorization_endpoint",
    "token_endpoint",
    "issuer",
    "id_token_issuer",
    "jwks_uri",
    "audience",
    "api_base_url",
    "token_storage",
    "reauthorize",
    "max_token_lifetime",
    "max_authorization_time",
    SERVER,
];

/// Stands alone: the server has the settings.
const SERVER: &str = "server";

/// Where mistakes are reported.
pub(super) trait Mistakes: Default {
    /// Reports what is wrong with a key: at least one problem.
    fn add(&mut self, key: &str, problems: impl FnOnce() -> Vec<Problem>);

    /// Whether this key is known to be wrong.
    fn has(&self, key: &str) -> bool;
}

/// Every mistake, for a page that explains them.
impl Mistakes for Vec<Mistake> {
    fn add(&mut self, key: &str, problems: impl FnOnce() -> Vec<Problem>) {
        self.extend(problems().into_iter().map(|problem| Mistake {
            key: key.to_owned(),
            problem,
        }));
    }

    fn has(&self, key: &str) -> bool {
        self.iter().any(|mistake| mistake.key == key)
    }
}

/// Whether there is any mistake. What would explain it is never called and so not linked: half a
/// module's size where nothing else is read.
#[derive(Debug, Default)]
pub(super) struct AnyMistake(pub bool);

impl Mistakes for AnyMistake {
    fn add(&mut self, _key: &str, _problems: impl FnOnce() -> Vec<Problem>) {
        self.0 = true;
    }

    /// After one mistake it does not matter which others there are.
    fn has(&self, _key: &str) -> bool {
        self.0
    }
}

/// Whether a server keeps the connection, with the mistakes in a file that says so; `None` if the
/// file does not.
pub(super) fn server<M: Mistakes>(object: &Map<String, Value>) -> Option<M> {
    let is_set = object.get(SERVER)?;
    let mut mistakes = M::default();
    if *is_set != Value::Bool(true) {
        mistakes.add(SERVER, || vec![Problem::NotTrue]);
    }
    for key in object.keys().filter(|key| *key != SERVER) {
        mistakes.add(key, || {
            let is_known = KEYS.contains(&key.as_str());
            vec![match is_known {
                true => Problem::NotWithServer,
                false => unknown(key),
            }]
        });
    }
    Some(mistakes)
}

fn unknown(key: &str) -> Problem {
    Problem::UnknownKey(KEYS.into_iter().find(|known| similar(known, key)))
}

/// The members of the file. Each is read by the method for its kind, which reports what is wrong
/// with it and returns something to go on with.
pub(super) struct Reader<M> {
    object: Map<String, Value>,
    pub mistakes: M,
}

impl<M: Mistakes> Reader<M> {
    /// Reports the keys that do not exist.
    pub fn new(object: Map<String, Value>) -> Self {
        let mut mistakes = M::default();
        for key in object.keys() {
            if !KEYS.contains(&key.as_str()) {
                mistakes.add(key, || vec![unknown(key)]);
            }
        }
        Self { object, mistakes }
    }

    /// Reports a mistake.
    pub fn mistake(&mut self, key: &str, problem: Problem) {
        self.mistakes.add(key, || vec![problem]);
    }

    /// A string without white space around it, or the default. It may be empty only if the default
    /// is.
    pub fn text(&mut self, key: &str, default: &str) -> String {
        let Some(value) = self.object.get(key) else {
            return default.to_owned();
        };
        let Some(text) = value.as_str() else {
            self.mistake(key, Problem::NotText);
            return default.to_owned();
        };
        let text = text.to_owned();
        if text.is_empty() && !default.is_empty() {
            self.mistake(key, Problem::Empty);
        } else if text.trim() != text {
            self.mistake(key, Problem::Whitespace);
        }
        text
    }

    /// An absolute URL without userinfo, query or fragment: `https`, or `http` to this machine.
    pub fn url(&mut self, key: &str, default: &str) -> String {
        let text = self.text(key, default);
        if !self.mistakes.has(key) {
            self.check_url(key, WebUrl::parse(&text).as_ref(), true);
        }
        text
    }

    /// Like [`url`](Self::url), but it may have a query
    /// ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1),
    /// [§3.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.2)), without any of the
    /// parameters in `sent`.
    pub fn endpoint(&mut self, key: &str, default: &str, sent: &[&'static str]) -> String {
        let text = self.text(key, default);
        if !self.mistakes.has(key) {
            let url = WebUrl::parse(&text);
            self.check_url(key, url.as_ref(), false);
            let query = url.as_ref().and_then(WebUrl::query).unwrap_or_default();
            for (name, _) in form_urlencoded::parse(query.as_bytes()) {
                if let Some(name) = sent.iter().find(|sent| **sent == name) {
                    self.mistake(key, Problem::HasParameter(name));
                }
            }
        }
        text
    }

    fn check_url(&mut self, key: &str, url: Option<&WebUrl<'_>>, without_query: bool) {
        let problems = url_problems(url, without_query);
        if !problems.is_empty() {
            self.mistakes.add(key, || problems);
        }
    }

    /// The redirect_uri is compared with the address bar, so it must be spelled as a browser does.
    pub fn redirect_uri(&mut self, key: &str, default: &str, base_url: &str) -> String {
        let text = self.text(key, default);
        if !self.mistakes.has(key) {
            let page = WebUrl::parse(base_url);
            let origin = page.as_ref().map(WebUrl::origin).unwrap_or_default();
            let is_right = page.is_some_and(|page| !page.is_plain())
                && text.strip_prefix(&origin).is_some_and(is_spelled_path);
            if !is_right {
                self.mistakes
                    .add(key, || redirect_uri_problems(&text, origin));
            }
        }
        text
    }

    /// A scope, separated by single spaces.
    pub fn scope(&mut self, key: &str, default: &str) -> Scope {
        const SEPARATORS: [char; 3] = [',', ';', '+'];
        let text = self.text(key, default);
        if self.mistakes.has(key) {
            return Scope::default();
        }
        match Scope::parse(&text) {
            Ok(scope) if !text.contains(SEPARATORS) => scope,
            _ => {
                self.mistakes.add(key, || {
                    let words: Vec<&str> = text
                        .split(|c: char| SEPARATORS.contains(&c) || c.is_whitespace())
                        .filter(|word| !word.is_empty())
                        .collect();
                    let instead = words.join(" ");
                    vec![match text == instead {
                        true => Problem::MalformedScope,
                        false => Problem::ScopeSeparators { instead },
                    }]
                });
                Scope::default()
            }
        }
    }

    /// The meaning of one of two names; the first is the default.
    pub fn one_of<T: Copy>(&mut self, key: &str, meanings: [(&'static str, T); 2]) -> T {
        let [(default, value), _] = meanings;
        let text = self.text(key, default);
        match meanings.iter().find(|(name, _)| *name == text) {
            Some((_, value)) => *value,
            None => {
                if !self.mistakes.has(key) {
                    self.mistake(key, Problem::NotOneOf(meanings.map(|(name, _)| name)));
                }
                value
            }
        }
    }

    /// A whole number of seconds within `bounds`.
    pub fn seconds(&mut self, key: &str, bounds: RangeInclusive<i64>, default: i64) -> i64 {
        let Some(value) = self.object.get(key) else {
            return default;
        };
        let seconds = json::whole(value).and_then(|seconds| i64::try_from(seconds).ok());
        match seconds.filter(|seconds| bounds.contains(seconds)) {
            Some(seconds) => seconds,
            None => {
                let (least, most) = (*bounds.start(), *bounds.end());
                let problem = Problem::NotSeconds {
                    least,
                    most,
                    default,
                };
                self.mistake(key, problem);
                default
            }
        }
    }
}

fn url_problems(url: Option<&WebUrl<'_>>, without_query: bool) -> Vec<Problem> {
    let Some(url) = url else {
        return vec![Problem::NotAUrl];
    };
    only_found([
        (url.is_plain(), Problem::NotHttps),
        (url.has_userinfo(), Problem::HasUserinfo),
        (without_query && url.has_query(), Problem::HasQuery),
        (url.has_fragment(), Problem::HasFragment),
    ])
}

fn only_found(problems: [(bool, Problem); 4]) -> Vec<Problem> {
    problems
        .into_iter()
        .filter_map(|(found, problem)| found.then_some(problem))
        .collect()
}

/// Why the address bar of a page of the origin `page` never shows this redirect_uri.
fn redirect_uri_problems(text: &str, page: String) -> Vec<Problem> {
    let at_page = Spelling::parse(text).filter(|spelling| {
        let origin = spelling.origin.as_ref();
        origin.is_none_or(|origin| *origin == page)
    });
    let Some(spelling) = at_page else {
        let url = WebUrl::parse(text);
        let mut problems = url_problems(url.as_ref(), true);
        problems.extend(url.map(|_| Problem::OtherOrigin { page }));
        return problems;
    };
    let instead = format!("{page}{}", spelling.path);
    let plain = WebUrl::parse(&instead).is_some_and(|url| url.is_plain());
    let problems = only_found([
        (plain, Problem::NotHttps),
        (spelling.has_userinfo, Problem::HasUserinfo),
        (spelling.has_query, Problem::HasQuery),
        (spelling.has_fragment, Problem::HasFragment),
    ]);
    match problems.is_empty() {
        true => vec![Problem::OtherSpelling { instead }],
        false => problems,
    }
}

/// Whether this is a path, without query and fragment, that a browser spells as it is written: the
/// same as comparing it with [`Spelling::path`], but small.
fn is_spelled_path(path: &str) -> bool {
    let is_changed = |byte: u8| !byte.is_ascii_graphic() || b"\"#<>?^`{}\\".contains(&byte);
    path.starts_with('/') && !path.bytes().any(is_changed) && !path.split('/').any(is_dots)
}

/// Whether a segment is `.` or `..`, each of which may be percent-encoded.
fn is_dots(segment: &str) -> bool {
    let mut rest = segment;
    let mut dots = 0;
    while let Some(after) = [".", "%2e", "%2E"]
        .iter()
        .find_map(|dot| rest.strip_prefix(dot))
    {
        rest = after;
        dots += 1;
    }
    rest.is_empty() && matches!(dots, 1 | 2)
}

/// Whether `written` is probably a typo of `known`: the same letters except for case and
/// punctuation, or one edit apart.
fn similar(known: &str, written: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect()
    };
    let (known, written) = (letters(known), letters(written));
    let shared_start = known
        .iter()
        .zip(&written)
        .take_while(|(a, b)| a == b)
        .count();
    let shared_end = known
        .iter()
        .rev()
        .zip(written.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let longer = known.len().max(written.len());
    known.len().abs_diff(written.len()) <= 1 && shared_start + shared_end + 1 >= longer
}
