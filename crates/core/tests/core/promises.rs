//! The promises of the session machine, checked exhaustively: every event at every time from every
//! reachable state, breadth first. Every promise is checked at every step, and the first step that
//! breaks one is reported with the shortest path to it. Random histories of any length, at any
//! time, are held to the same promises in `properties.rs`.
//!
//! The search is hand-written. stateright 0.31 was considered: its properties are about states
//! while these promises are about steps, it compares fingerprints, it reports the last
//! counterexample found rather than the shortest, and it adds ten dependencies, including an HTTP
//! server.
//!
//! The session's environment is adversarial: it opens the redirection endpoint with any of
//! [`TOKENS`] at any time, returns any of them from the token endpoint, puts any of them into
//! storage, sets the clock to any of [`TIMES`] in any order, and reloads pages. It cannot respond
//! to a request whose record was erased, or find an erased token.
//!
//! The two grants are searched separately: a page has a single response type.

use crate::support::{
    ISSUERS_KEY, REQUESTED, STRANGERS_KEY, at, changed, claims_with, client, client_with, context,
    encode, entropy, header, key_set, key_set_of, page, requested, sign_input, strangers_jwk,
};
use cc_connect_core::{
    constant_contact,
    oauth::{
        AccessTokenResponseError, AuthorizationResponse, CapturedResponse, Client,
        NoPendingAuthorization, ResponseError, ResponseType, TokenEndpointError, TokenResponse,
        authorization_request,
    },
    session::{
        AUTOMATIC_INTERVAL, Account, Context, Countdown, Effect, Event, KeySetFailure, LoadedKeys,
        Phase, REJECTION_INTERVAL, Reason, Reauthorize, Remembered, Renewal, Returned, Session,
        Stage, StartError, TokenStorage, stored,
    },
    time::Timestamp,
};
use jwt_compact::alg::Rsa;
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, HashSet},
    fmt::{self, Write as _},
    sync::LazyLock,
};

/// A token available to the adversary.
pub struct Token {
    name: &'static str,
    account: &'static str,
    /// Seconds on the scale of [`TIMES`].
    expires: i64,
    /// Whether the issuer signed it.
    genuine: bool,
}

pub const TOKENS: [Token; 4] = [
    token("short", "A", 10, true),
    token("middle", "A", 30, true),
    token("another account's", "B", 80, true),
    token("forged", "A", 80, false),
];

const fn token(name: &'static str, account: &'static str, expires: i64, genuine: bool) -> Token {
    Token {
        name,
        account,
        expires,
        genuine,
    }
}

/// Seconds: the expiry of each token, the end of the 20-second countdown after it, and a minute
/// after the first automatic authorization.
pub const TIMES: [i64; 6] = [0, 10, 30, 50, 80, 100];
/// The same for the code grant, with times shortly before an expiry, when renewal is due.
const CODE_TIMES: [i64; 6] = [0, 8, 10, 30, 70, 90];

const START: i64 = REQUESTED + 10;

fn time(seconds: i64) -> Timestamp {
    at(START + seconds)
}

fn seconds(time: Timestamp) -> i64 {
    time.unix_seconds() - START
}

/// The signed tokens.
static SIGNED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let sign = |token: &Token| {
        let claims = claims_with(json!({
            "iat": REQUESTED, "exp": START + token.expires, "platform_user_id": token.account,
        }));
        let input = format!("{}.{}", encode(header().to_string()), encode(claims));
        let key = if token.genuine {
            &*ISSUERS_KEY
        } else {
            &*STRANGERS_KEY
        };
        sign_input(Rsa::rs256(), key, input)
    };
    TOKENS.iter().map(sign).collect()
});

fn token_of(text: &str) -> &'static Token {
    let index = SIGNED.iter().position(|signed| signed == text);
    &TOKENS[index.expect("a token of the table")]
}

/// Everything that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The redirection endpoint is opened with a token and the state of a request of ours.
    Return(usize),
    ReturnDenied,
    ReturnError,
    ReturnWithoutRecord(usize),
    ReturnUnreadable,
    ReturnNothing,
    /// A token is restored from storage.
    Restore(usize),
    Keys {
        ours: bool,
        cached: bool,
    },
    NoKeys,
    TryAgain,
    Authorize,
    NotStarted,
    /// The browser failed to leave, and the user stays.
    Stay,
    Tick {
        visible: bool,
    },
    /// The same while offline.
    TickOffline,
    /// The redirection endpoint is opened with a code and the state of a request of ours.
    ReturnCode,
    /// The token endpoint responds to a code exchange.
    Exchanged(usize),
    NotExchanged(Trouble),
    /// A token with a refresh token is restored from storage.
    RestoreRenewable(usize),
    /// The token endpoint responds to a refresh.
    Refreshed(usize),
    NotRefreshed(Trouble),
    Accepted,
    Rejected,
    ContinueWithAccount,
    RefuseAccount,
    StayDisconnected,
    Disconnect,
    DisconnectedElsewhere,
    Dismiss,
    /// The page is reloaded: only the records survive.
    Reload,
}

/// How a token request can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The request was not sent.
    Offline,
    /// The request was throttled, so not processed.
    Throttled,
    /// A later attempt may succeed.
    Passing,
    /// The response is inconclusive.
    Unclear,
    /// A retry cannot succeed.
    Final,
}

impl Trouble {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Offline,
        Self::Throttled,
        Self::Passing,
        Self::Unclear,
        Self::Final,
    ];

    fn error(self) -> TokenEndpointError {
        match self {
            Self::Offline => TokenEndpointError::Offline,
            Self::Throttled => TokenEndpointError::Throttled { retry_after: None },
            Self::Passing => TokenEndpointError::Unreachable,
            Self::Unclear => TokenEndpointError::Malformed,
            Self::Final => {
                TokenEndpointError::Refused(AccessTokenResponseError::UnsupportedTokenType)
            }
        }
    }
}

/// Settings for the code grant.
pub fn code_context() -> Context {
    Context {
        client: code_client(),
        ..context()
    }
}

fn code_client() -> Client {
    client_with(|registration| registration.response_type = ResponseType::Code)
}

/// Steps that only occur in the authorization code grant.
fn code_steps() -> Vec<Step> {
    let mut steps = vec![Step::ReturnCode, Step::TickOffline];
    steps.extend(Trouble::ALL.map(Step::NotExchanged));
    steps.extend(Trouble::ALL.map(Step::NotRefreshed));
    // One of each kind: short-lived, of another account, forged.
    for token in [0, 2, 3] {
        steps.push(Step::Exchanged(token));
        steps.push(Step::Refreshed(token));
    }
    steps.push(Step::RestoreRenewable(0));
    steps.extend(steps_of_both().into_iter().filter(|step| match step {
        Step::Return(_) | Step::ReturnWithoutRecord(_) => false,
        Step::Restore(token) => *token == 1,
        _ => true,
    }));
    steps
}

fn steps_of_both() -> Vec<Step> {
    let tokens = 0..TOKENS.len();
    let mut steps = vec![
        Step::ReturnDenied,
        Step::ReturnError,
        Step::ReturnWithoutRecord(1),
        Step::ReturnUnreadable,
        Step::ReturnNothing,
        Step::NoKeys,
        Step::TryAgain,
        Step::Authorize,
        Step::NotStarted,
        Step::Stay,
        Step::Tick { visible: true },
        Step::Tick { visible: false },
        Step::Accepted,
        Step::Rejected,
        Step::ContinueWithAccount,
        Step::RefuseAccount,
        Step::StayDisconnected,
        Step::Disconnect,
        Step::DisconnectedElsewhere,
        Step::Dismiss,
        Step::Reload,
    ];
    for (ours, cached) in [(true, true), (false, true), (false, false)] {
        steps.push(Step::Keys { ours, cached });
    }
    steps.extend(tokens.clone().map(Step::Return));
    steps.extend(tokens.map(Step::Restore));
    steps
}

fn response(parameters: &str, recorded: bool) -> Event {
    response_to(&client(), parameters, recorded)
}

fn response_to(client: &Client, parameters: &str, recorded: bool) -> Event {
    let pending =
        authorization_request(client, &entropy(), page("connection"), requested()).pending;
    let captured = CapturedResponse {
        fragment: format!("{parameters}&state={}", pending.state.expose()),
        query: String::new(),
    };
    Event::Returned(Box::new(Returned::Response {
        response: AuthorizationResponse::parse(&captured).unwrap(),
        pending: if recorded {
            Ok(pending)
        } else {
            Err(NoPendingAuthorization::NoneStored)
        },
    }))
}

/// Each token is granted a different scope, so that the printed sessions differ although tokens are
/// never printed.
fn response_with(token: usize, recorded: bool) -> Event {
    let parameters = format!(
        "access_token={}&token_type=Bearer&scope=token{token}",
        SIGNED[token]
    );
    response(&parameters, recorded)
}

/// The token endpoint's grant for a token.
fn granted(token: usize) -> Box<TokenResponse> {
    let body = json!({
        "access_token": SIGNED[token], "token_type": "Bearer", "scope": format!("token{token}"),
        "refresh_token": "r",
    });
    Box::new(TokenResponse::read(200, body.to_string().as_bytes()).unwrap())
}

fn stored_token(token: usize, more: Value) -> Event {
    let text = json!({
        "version": 1, "access_token": SIGNED[token], "granted": format!("token{token}"),
        "requested": client().scope().to_string(), "nonce": "n",
        "requested_at": REQUESTED * 1000, "client_id": client().client_id(),
        "issuer": client().issuer(), "redirect_uri": client().redirect_uri(),
    });
    let token = stored::read_token(&changed(text, &more).to_string()).unwrap();
    Event::Restored(Box::new(token), page("connection"))
}

/// The event for a step in a page of this client; `None` for a reload.
pub fn event(client: &Client, step: Step) -> Option<Event> {
    let page = page("connection");
    Some(match step {
        Step::ReturnDenied => response_to(client, "error=access_denied", true),
        Step::ReturnError => response_to(client, "error=server_error", true),
        Step::ReturnCode => response_to(client, "code=c", true),
        Step::Exchanged(token) => Event::Exchanged(Ok(granted(token))),
        Step::NotExchanged(trouble) => Event::Exchanged(Err(trouble.error())),
        Step::Refreshed(token) => Event::Refreshed(Ok(granted(token))),
        Step::NotRefreshed(trouble) => Event::Refreshed(Err(trouble.error())),
        Step::Restore(token) => stored_token(token, json!({})),
        Step::RestoreRenewable(token) => {
            let granted = format!("offline_access token{token}");
            stored_token(token, json!({"refresh_token": "r", "granted": granted}))
        }
        Step::TickOffline => Event::Tick {
            visible: true,
            online: false,
            page,
        },
        Step::Return(token) => response_with(token, true),
        Step::ReturnWithoutRecord(token) => response_with(token, false),
        Step::ReturnUnreadable => Event::Returned(Box::new(Returned::Unreadable(
            ResponseError::DuplicateParameter,
        ))),
        Step::ReturnNothing => Event::Returned(Box::new(Returned::Nothing)),
        Step::Keys { ours, cached } => {
            let mut other = strangers_jwk();
            other["kid"] = json!("another");
            Event::KeysLoaded(Ok(LoadedKeys {
                set: if ours {
                    key_set()
                } else {
                    key_set_of(&[other])
                },
                fetched_at: requested(),
                from_cache: cached,
            }))
        }
        Step::NoKeys => Event::KeysLoaded(Err(KeySetFailure::Unreachable)),
        Step::TryAgain => Event::TryAgain,
        Step::Authorize => Event::Authorize {
            return_to: page,
            scope: None,
        },
        Step::Stay => Event::Stay,
        Step::NotStarted => Event::NotStarted(StartError::NavigationFailed),
        Step::Tick { visible } => Event::Tick {
            visible,
            online: true,
            page,
        },
        Step::Accepted => Event::Accepted,
        Step::Rejected => Event::Rejected { page },
        Step::ContinueWithAccount => Event::ContinueWithAccount,
        Step::RefuseAccount => Event::RefuseAccount,
        Step::StayDisconnected => Event::StayDisconnected,
        Step::Disconnect => Event::Disconnect,
        Step::DisconnectedElsewhere => Event::DisconnectedElsewhere,
        Step::Dismiss => Event::Dismiss,
        Step::Reload => return None,
    })
}

/// The session, the records for the next page, and the observer's memory.
#[derive(Clone, Debug)]
pub struct World {
    session: Session,
    recorded: Remembered,
    seen: Seen,
}

/// What an outside observer remembers, without access to the session's internals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Seen {
    /// When an authorization last started automatically, since the user disconnected.
    automatic: Option<i64>,
    /// The account of the last connection, until everything was erased.
    account: Option<&'static str>,
    /// Whether everything was erased and no authorization has started since.
    erased: bool,
    /// Whether the API has accepted the token of this connection.
    accepted: bool,
    /// The token last passed in, and whether it came from storage.
    token: Option<(&'static str, bool)>,
    /// Whether a code was sent, and must not be sent again.
    code_sent: bool,
    /// Whether a refresh is awaiting its response.
    refreshing: bool,
    /// Whether a key set request is awaiting its response.
    loading_keys: bool,
    /// When a 401 last renewed a connection or began a countdown, since the user disconnected.
    rejected: Option<i64>,
}

impl World {
    /// A newly opened page, in a tab without records.
    pub fn new() -> Self {
        Self {
            session: Session::new(Remembered::default(), page("connection")),
            recorded: Remembered::default(),
            seen: Seen::default(),
        }
    }

    /// Whether the adversary can take this step.
    pub fn allows(&self, step: Step) -> bool {
        match step {
            Step::Return(_)
            | Step::ReturnCode
            | Step::Restore(_)
            | Step::RestoreRenewable(_)
            | Step::ReturnDenied
            | Step::ReturnError => !self.seen.erased,
            Step::NotStarted | Step::Stay => self.session.redirecting().is_some(),
            _ => true,
        }
    }

    fn after(
        &self,
        step: Step,
        event: Option<&Event>,
        now: Timestamp,
        context: &Context,
    ) -> (Self, Vec<Effect>) {
        let mut world = self.clone();
        // Unsolicited responses do not count.
        let waited = match step {
            Step::Exchanged(_) => matches!(self.session.phase(), Phase::Exchanging(_)),
            Step::Refreshed(_) => self.session.is_refreshing(),
            _ => true,
        };
        let Some(event) = event else {
            world.session = Session::new(world.recorded.clone(), page("connection"));
            world.watch(step, waited, &[], now);
            return (world, vec![]);
        };
        let (session, effects) = world.session.step(event.clone(), now, context);
        world.session = session;
        world.watch(step, waited, &effects, now);
        (world, effects)
    }

    fn watch(&mut self, step: Step, waited: bool, effects: &[Effect], now: Timestamp) {
        let seen = &mut self.seen;
        match step {
            _ if !waited => {}
            Step::Return(token)
            | Step::Exchanged(token)
            | Step::Refreshed(token)
            | Step::Restore(token)
            | Step::RestoreRenewable(token) => {
                let restored = matches!(step, Step::Restore(_) | Step::RestoreRenewable(_));
                seen.token = Some((TOKENS[token].name, restored));
            }
            Step::ReturnCode | Step::NotExchanged(Trouble::Offline | Trouble::Throttled) => {
                seen.code_sent = false;
            }
            Step::Keys { .. } | Step::NoKeys => seen.loading_keys = false,
            Step::Accepted => seen.accepted = true,
            _ => {}
        }
        for effect in effects {
            match effect {
                Effect::Exchange(_) => seen.code_sent = true,
                Effect::Refresh(_) => seen.refreshing = true,
                Effect::LoadKeys(_) => seen.loading_keys = true,
                Effect::RecordRejection(at) => {
                    self.recorded.last_rejection = Some(*at);
                    seen.rejected = Some(seconds(*at));
                }
                Effect::RecordAutomatic(at) => self.recorded.last_automatic = Some(*at),
                Effect::RememberAccount(account) => self.recorded.account = Some(account.clone()),
                Effect::EraseEverything => {
                    self.recorded = Remembered::default();
                    seen.account = None;
                    seen.automatic = None;
                    seen.rejected = None;
                    seen.erased = true;
                }
                Effect::Authorize { .. } => {
                    seen.erased = false;
                    if step != Step::Authorize {
                        seen.automatic = Some(seconds(now));
                    }
                }
                _ => {}
            }
        }
        match self.session.phase() {
            Phase::Connected(connected) => {
                let text = connected.token.access_token().expose();
                seen.account = Some(token_of(text).account);
            }
            _ => seen.accepted = false,
        }
        // Tracked only while it can still matter, to shrink the search.
        if !matches!(self.session.phase(), Phase::AccountChanged(_)) && !self.session.is_verifying()
        {
            seen.token = None;
        }
        seen.code_sent &= matches!(self.session.phase(), Phase::Exchanging(_));
        seen.refreshing &= self.session.is_refreshing();
        seen.loading_keys &= self.session.is_verifying();
    }

    /// Two worlds are the same if their keys are equal. The key is the session's `Debug` output,
    /// private members included, minus: times that make no difference or that the session only
    /// displays, unless a countdown or the next automatic authorization depends on them; how often
    /// a renewal has failed and why it did before, which `renewal.rs` covers; the report of a
    /// rejected token; and why an authorization did not start.
    fn key(&self) -> Key {
        let mut session = Normalized::default();
        write!(session, "{:?}", self.session).unwrap();
        let session = session.text;
        let account = self.recorded.account.as_ref();
        Key {
            session,
            automatic: self.recorded.last_automatic.map(seconds),
            account: account.map(|account| account.platform_user_id.clone()),
            rejection: self.recorded.last_rejection.is_some(),
            seen: Seen {
                rejected: self.seen.rejected.map(|_| 0),
                ..self.seen
            },
        }
    }
}

/// What `Debug` writes, without what [`World::key`] leaves out. It writes the names of members and
/// the delimiters around them one by one, so that nothing has to be searched for afterwards.
#[derive(Default)]
struct Normalized {
    text: String,
    /// Where the piece that was written last begins.
    last: usize,
    /// Whether the next time is left out.
    timeless: bool,
    /// While something is left out: how many of its brackets are open.
    open: Option<i32>,
}

/// Members whose value is left out.
const IGNORED: [&str; 5] = [
    "report",
    "persisting",
    "unclear",
    "next_pause",
    "not_started",
];
/// Members and variants whose time is left out. Whether there is one is not.
const TIMELESS: [&str; 7] = [
    "since",
    "requested_at",
    "Asking",
    "until",
    "again",
    "at",
    "last_rejection",
];

impl fmt::Write for Normalized {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if let Some(open) = &mut self.open {
            if *open > 0 || !piece.starts_with(", ") {
                for byte in piece.bytes() {
                    *open += match byte {
                        b'(' | b'[' | b'{' => 1,
                        b')' | b']' | b'}' => -1,
                        _ => 0,
                    };
                }
                if *open >= 0 {
                    return Ok(());
                }
            }
            self.open = None;
        }
        let last = &self.text[self.last..];
        match piece {
            ": " => {
                self.timeless = TIMELESS.contains(&last);
                self.open = IGNORED.contains(&last).then_some(0);
            }
            "(" if last == "Asking" => self.timeless = true,
            "Timestamp(" if self.timeless => {
                self.timeless = false;
                self.open = Some(0);
            }
            _ => {}
        }
        self.last = self.text.len();
        self.text.push_str(piece);
        Ok(())
    }
}

/// See [`World::key`].
#[derive(PartialEq, Eq, Hash)]
struct Key {
    session: String,
    automatic: Option<i64>,
    account: Option<String>,
    rejection: bool,
    seen: Seen,
}

/// A step from one world to the next.
struct Transition<'a> {
    before: &'a World,
    step: Step,
    now: i64,
    effects: &'a [Effect],
    after: &'a World,
    context: &'a Context,
}

impl Transition<'_> {
    fn has(&self, is: impl Fn(&Effect) -> bool) -> bool {
        self.effects.iter().any(is)
    }

    fn authorizes(&self) -> bool {
        self.has(|effect| matches!(effect, Effect::Authorize { .. }))
    }

    fn erases_the_token(&self) -> bool {
        self.has(|effect| matches!(effect, Effect::EraseToken | Effect::EraseEverything))
    }

    fn requests(&self) -> bool {
        self.has(is_request)
    }

    /// The connection's token after the step.
    fn connected(&self) -> Option<&'static Token> {
        match self.after.session.phase() {
            Phase::Connected(connected) => Some(token_of(connected.token.access_token().expose())),
            _ => None,
        }
    }

    fn ended(&self) -> Option<(&Reason, Countdown)> {
        match self.after.session.phase() {
            Phase::NotConnected(state) => Some((&state.reason, state.countdown)),
            _ => None,
        }
    }
}

fn is_request(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Authorize { .. } | Effect::Exchange(_) | Effect::Refresh(_) | Effect::LoadKeys(_)
    )
}

/// Whether there is a failure that can be retried.
fn has_failed(session: &Session) -> bool {
    let renewal = match session.phase() {
        Phase::Exchanging(state) => return state.failure.is_some(),
        Phase::Verifying(state) => return state.failure.is_some(),
        Phase::Connected(state) => state.renewal.as_ref(),
        Phase::Renewing(state) => Some(&state.renewal),
        _ => None,
    };
    renewal.is_some_and(|renewal| match &renewal.stage {
        Stage::Waiting { .. } => true,
        Stage::Verifying { verifying, .. } => verifying.failure.is_some(),
        _ => false,
    })
}

/// Whether the session is waiting with nothing to press: `Some(true)` for a response, `Some(false)`
/// for nothing at all. The adapters time out every request after some seconds.
fn waits_for(world: &World) -> Option<bool> {
    let seen = &world.seen;
    let stage = match world.session.phase() {
        Phase::Exchanging(state) if state.failure.is_none() => return Some(seen.code_sent),
        Phase::Verifying(state) if state.failure.is_none() => return Some(seen.loading_keys),
        Phase::Renewing(state) => &state.renewal.stage,
        Phase::Connected(state) => &state.renewal.as_ref()?.stage,
        _ => return None,
    };
    match stage {
        Stage::Asking(_) => Some(seen.refreshing),
        Stage::Verifying { verifying, .. } if verifying.failure.is_none() => {
            Some(seen.loading_keys)
        }
        _ => None,
    }
}

/// A promise: its description, and whether the step keeps it.
type Promise = (&'static str, fn(&Transition<'_>) -> bool);

const PROMISES: [Promise; 25] = [
    (
        "connected only with a token that the issuer signed and that has not expired",
        |step| {
            step.connected()
                .is_none_or(|token| token.genuine && step.now < token.expires)
        },
    ),
    ("connected only with a whole proof", |step| {
        let token = step.after.session.token();
        token.is_none_or(|token| constant_contact::is_proof(token.report()))
    }),
    (
        "the token to send is that of the connection, and without one there is none",
        |step| {
            let token = step.after.session.token();
            let sent = token.map(|token| token.access_token().expose());
            sent.map(|text| token_of(text).name) == step.connected().map(|token| token.name)
        },
    ),
    (
        "a connection begins with the keys or with the person's consent",
        |step| {
            let begins = step.before.session.token().is_none() && step.connected().is_some();
            let by = matches!(
                step.step,
                Step::Keys { ours: true, .. } | Step::ContinueWithAccount
            );
            !begins || by
        },
    ),
    (
        "a token is asked about only if the issuer signed it and it has not expired",
        |step| match step.after.session.phase() {
            Phase::AccountChanged(_) => {
                let name = step.after.seen.token.unwrap().0;
                let token = TOKENS.iter().find(|token| token.name == name).unwrap();
                token.genuine && step.now < token.expires
            }
            _ => true,
        },
    ),
    (
        "only the token of the connection is stored, or the next one",
        |step| {
            step.effects.iter().all(|effect| match effect {
                Effect::StoreToken(token) => {
                    let stored: Value = serde_json::from_str(&stored::write_token(token)).unwrap();
                    let name = token_of(stored["access_token"].as_str().unwrap()).name;
                    match step.step {
                        // A refreshed token is stored immediately, before it is verified.
                        Step::Refreshed(token) => TOKENS[token].name == name,
                        _ => step.connected().is_some_and(|token| token.name == name),
                    }
                }
                _ => true,
            })
        },
    ),
    (
        "another account is never connected without the person's consent",
        |step| match (step.connected(), step.before.seen.account) {
            (Some(token), Some(before)) => {
                token.account == before || step.step == Step::ContinueWithAccount
            }
            _ => true,
        },
    ),
    (
        "a person is asked about another account only, and told which",
        |step| match step.after.session.phase() {
            Phase::AccountChanged(question) => {
                let before = step.after.seen.account.unwrap_or_default();
                question.previous.platform_user_id == before
                    && question.account.platform_user_id != before
            }
            _ => true,
        },
    ),
    (
        "whoever is connected is remembered for the next page",
        |step| {
            let id = |account: &Account| account.platform_user_id.clone();
            step.connected().is_none_or(|token| {
                step.after.recorded.account.as_ref().map(id).as_deref() == Some(token.account)
            })
        },
    ),
    (
        "when a person asks, one authorization starts, and it is not counted as automatic",
        |step| {
            let starts = step.effects.iter();
            let starts = starts.filter(|effect| matches!(effect, Effect::Authorize { .. }));
            let recorded = step.has(|effect| matches!(effect, Effect::RecordAutomatic(_)));
            step.step != Step::Authorize || (starts.count() == 1 && !recorded)
        },
    ),
    (
        "what starts by itself is recorded first, on a page that is looked at",
        |step| {
            let recorded = |effects: &[Effect]| {
                matches!(
                    effects,
                    [Effect::RecordAutomatic(at), Effect::Authorize { .. }]
                        if seconds(*at) == step.now
                )
            };
            step.step == Step::Authorize
                || !step.authorizes()
                || (step.step == Step::Tick { visible: true } && recorded(step.effects))
        },
    ),
    (
        "what starts by itself does so a minute after the last at the earliest",
        |step| {
            step.step == Step::Authorize
                || !step.authorizes()
                || step
                    .before
                    .seen
                    .automatic
                    .is_none_or(|last| step.now - last >= AUTOMATIC_INTERVAL)
        },
    ),
    (
        "a countdown begins only where a connection has ended that worked",
        |step| {
            let Some((reason, countdown)) = step.ended() else {
                return true;
            };
            let restored = matches!(step.before.seen.token, Some((_, true)));
            let may = match (step.before.session.phase(), reason) {
                (Phase::NotConnected(before), _) => before.countdown != Countdown::None,
                (Phase::Connected(_), Reason::Expired { .. } | Reason::NotRenewed(_)) => true,
                (Phase::Renewing(_), Reason::NotRenewed(_)) => true,
                (Phase::Connected(_), Reason::Rejected) => step.before.seen.accepted,
                (Phase::Verifying(_), Reason::Expired { .. }) => restored,
                _ => false,
            };
            countdown == Countdown::None || may
        },
    ),
    ("a countdown is not seen by nobody", |step| {
        let hidden = step.step == Step::Tick { visible: false };
        let counting = matches!(step.ended(), Some((_, Countdown::Until(_))));
        !(hidden && counting)
    }),
    (
        "a token that has ended or was refused is erased where it is stored",
        |step| {
            let ended = matches!(
                step.ended(),
                Some((
                    Reason::Expired { .. }
                        | Reason::NotRenewed(_)
                        | Reason::Rejected
                        | Reason::TokenRefused { .. },
                    _
                ))
            );
            let stored = match step.before.session.phase() {
                Phase::Connected(_) | Phase::Renewing(_) => true,
                Phase::Verifying(_) => matches!(step.before.seen.token, Some((_, true))),
                _ => false,
            };
            !(ended && stored) || step.erases_the_token()
        },
    ),
    ("disconnecting erases everything at once", |step| {
        let erases = step.has(|effect| matches!(effect, Effect::EraseEverything));
        let told = step.has(|effect| matches!(effect, Effect::AnnounceDisconnect));
        let reason = step.ended().map(|(reason, _)| reason);
        match step.step {
            Step::Disconnect => erases && told && reason == Some(&Reason::Disconnected),
            Step::DisconnectedElsewhere => {
                erases && !told && reason == Some(&Reason::DisconnectedElsewhere)
            }
            _ => !erases && !told,
        }
    }),
    (
        "after disconnecting nothing happens until a person asks for it",
        |step| {
            let still = step.before.seen.erased && step.step != Step::Authorize;
            let quiet = matches!(step.ended(), Some((_, Countdown::None)))
                || step.before.session.redirecting().is_some();
            let harmless = step.effects.iter().all(|effect| {
                matches!(
                    effect,
                    Effect::GoTo(_)
                        | Effect::Restore(_)
                        | Effect::EraseEverything
                        | Effect::AnnounceDisconnect
                )
            });
            !still || (quiet && harmless)
        },
    ),
    ("a code is sent once, unless it was not sent", |step| {
        let sends = step.has(|effect| matches!(effect, Effect::Exchange(_)));
        let again = step.step != Step::ReturnCode && step.before.seen.code_sent;
        !(sends && again)
    }),
    ("one refresh is under way at a time", |step| {
        let asked = step.effects.iter();
        let asked = asked.filter(|effect| matches!(effect, Effect::Refresh(_)));
        let answered = matches!(step.step, Step::Refreshed(_) | Step::NotRefreshed(_));
        match asked.count() {
            0 => true,
            1 => !step.before.seen.refreshing || answered || step.step == Step::Reload,
            _ => false,
        }
    }),
    (
        "what comes of a refresh is stored before anything else",
        |step| {
            let refreshed = matches!(step.step, Step::Refreshed(_)) && step.before.seen.refreshing;
            // The connection may have expired in this very step.
            let waited = step.after.session.is_verifying();
            let first = step.effects.iter();
            let mut first = first.skip_while(|effect| matches!(effect, Effect::EraseToken));
            !(refreshed && waited)
                || step.context.token_storage == TokenStorage::Memory
                || matches!(first.next(), Some(Effect::StoreToken(_)))
        },
    ),
    (
        "a 401 renews a connection once in ten minutes at most",
        |step| {
            let Phase::Connected(_) = step.before.session.phase() else {
                return true;
            };
            let ended = matches!(step.after.session.phase(), Phase::Renewing(_))
                || matches!(step.ended(), Some((Reason::Rejected, countdown)) if countdown != Countdown::None);
            let token = step.before.session.token().unwrap();
            let expired = step.now >= seconds(token.expires_at());
            let recently = step
                .before
                .seen
                .rejected
                .is_some_and(|last| step.now - last < REJECTION_INTERVAL);
            !(step.step == Step::Rejected && ended && !expired && recently)
        },
    ),
    (
        "a hint is no verdict: what has failed is tried again when a person asks for it",
        |step| {
            let gone = step.before.session.phase();
            let changed =
                std::mem::discriminant(gone) != std::mem::discriminant(step.after.session.phase());
            step.step != Step::TryAgain
                || !has_failed(&step.before.session)
                || step.requests()
                || changed
        },
    ),
    (
        "a hint is no verdict: a renewal does not depend on it",
        |step| {
            if step.step != Step::TickOffline {
                return true;
            }
            let tick = Event::Tick {
                visible: true,
                online: true,
                page: page("connection"),
            };
            let before = step.before.session.clone();
            let (_, online) = before.step(tick, time(step.now), step.context);
            let refreshes = |effects: &[Effect]| {
                effects
                    .iter()
                    .any(|effect| matches!(effect, Effect::Refresh(_) | Effect::LoadKeys(_)))
            };
            refreshes(step.effects) == refreshes(&online)
        },
    ),
    ("while renewing there is no token", |step| {
        !matches!(step.after.session.phase(), Phase::Renewing(_))
            || step.after.session.token().is_none()
    }),
    (
        "on the way to the authorization server only because it was started",
        |step| {
            let redirecting = |world: &World| world.session.redirecting().is_some();
            !redirecting(step.after) || redirecting(step.before) || step.authorizes()
        },
    ),
];

/// A promise about a world, however it was reached; checked once per world.
type Standing = (
    &'static str,
    fn(&World, &Follow, Timestamp, &Context) -> bool,
);

const STANDING: [Standing; 3] = [
    (
        "no work without bound: at one moment, whatever fails, few requests follow",
        |world, follow, now, context| follow.requests(world, now, context) <= 4,
    ),
    (
        "every wait is for a response, and for each the adapters have a limit",
        |world, _, _, _| waits_for(world) != Some(false),
    ),
    (
        "always a way on: it can be left for the authorization server, and for good",
        |world, _, now, context| {
            let press = |event| world.session.clone().step(event, now, context);
            let (disconnected, _) = press(Event::Disconnect);
            let left = matches!(
                disconnected.phase(),
                Phase::NotConnected(state) if state.reason == Reason::Disconnected
            ) && disconnected.redirecting().is_none();
            let (_, effects) = press(Event::Authorize {
                return_to: page("set-up"),
                scope: None,
            });
            let goes = effects.iter().any(is_request);
            let stays = press(Event::Stay).0.redirecting().is_none();
            left && goes && stays
        },
    ),
];

/// The steps that follow at one moment if every request fails immediately and the page keeps
/// polling, for each way to fail.
pub struct Follow(Vec<Vec<Event>>);

impl Follow {
    pub fn new(client: &Client) -> Self {
        let of = |trouble| {
            let steps = [
                Step::Tick { visible: true },
                Step::NoKeys,
                Step::Keys {
                    ours: false,
                    cached: true,
                },
                Step::Accepted,
                Step::Rejected,
                Step::NotExchanged(trouble),
                Step::NotRefreshed(trouble),
            ];
            let events = steps.map(|step| event(client, step).expect("the page stays"));
            events.to_vec()
        };
        Self(Trouble::ALL.map(of).to_vec())
    }

    fn requests(&self, world: &World, now: Timestamp, context: &Context) -> usize {
        let follow = |events: &Vec<Event>| {
            let mut session = world.session.clone();
            let mut requests = 0;
            for event in events.iter().cycle().take(5 * events.len()) {
                let (next, effects) = session.step(event.clone(), now, context);
                session = next;
                requests += effects.iter().filter(|effect| is_request(effect)).count();
            }
            requests
        };
        self.0.iter().map(follow).max().unwrap_or(0)
    }
}

impl World {
    /// Checks every standing promise in this world.
    ///
    /// # Errors
    ///
    /// The broken promise.
    pub fn stands(&self, follow: &Follow, now: i64, context: &Context) -> Result<(), String> {
        match STANDING
            .iter()
            .find(|(_, kept)| !kept(self, follow, time(now), context))
        {
            None => Ok(()),
            Some((words, _)) => Err(format!("broken: {words}\nat {now}: {self:#?}")),
        }
    }
}

/// A situation that the search must encounter to prove anything.
pub type Landmark = (&'static str, &'static str);

fn landmarks(step: &Transition<'_>) -> impl Iterator<Item = Landmark> {
    let connected = step.connected();
    let consent = step.step == Step::ContinueWithAccount;
    let automatic = step.authorizes() && step.step != Step::Authorize;
    let again = step.before.seen.automatic.is_some();
    let stores = step.has(|effect| matches!(effect, Effect::StoreToken(_)));
    let phase = match step.after.session.phase() {
        Phase::AccountChanged(_) => Some(("asked", "")),
        Phase::Verifying(state) => state.failure.map(|failure| ("waiting", failure.code())),
        Phase::Exchanging(state) => {
            let failure = state.failure.as_ref();
            Some(("exchanging", failure.map_or("", |(error, _)| error.code())))
        }
        Phase::Connected(state) => state.renewal.as_ref().map(|it| ("renewal", stage(it))),
        Phase::Renewing(state) => Some(("renewing", stage(&state.renewal))),
        Phase::NotConnected(state) => {
            let reason = match &state.reason {
                Reason::NeverConnected => "never",
                Reason::NothingReturned => "nothing returned",
                Reason::Expired { .. } => "expired",
                Reason::Rejected => "rejected",
                Reason::Disconnected | Reason::DisconnectedElsewhere => "disconnected",
                reason => reason.code(),
            };
            let waits = state.countdown != Countdown::None;
            Some((if waits { "counting down" } else { "ended" }, reason))
        }
    };
    [
        connected.map(|token| ("connected", token.name)),
        connected
            .filter(|_| consent)
            .map(|token| ("consent", token.account)),
        automatic.then_some(("automatic", if again { "again" } else { "" })),
        stores.then_some(("stored", "")),
        phase,
    ]
    .into_iter()
    .flatten()
}

fn stage(renewal: &Renewal) -> &'static str {
    match &renewal.stage {
        Stage::Resting => "resting",
        Stage::Asking(_) => "asking",
        Stage::Verifying { verifying, .. } if verifying.failure.is_some() => "without keys",
        Stage::Verifying { .. } => "verifying",
        Stage::Waiting { .. } => "waiting",
        Stage::GivenUp(_) => "given up",
    }
}

/// Every landmark of the implicit grant.
const LANDMARKS: [Landmark; 25] = [
    ("asked", ""),
    ("automatic", ""),
    ("automatic", "again"),
    ("connected", "another account's"),
    ("connected", "middle"),
    ("connected", "short"),
    ("consent", "A"),
    ("consent", "B"),
    ("counting down", "expired"),
    ("counting down", "rejected"),
    ("ended", "access_denied"),
    ("ended", "bad_signature"),
    ("ended", "disconnected"),
    ("ended", "duplicate_parameter"),
    ("ended", "expired"),
    ("ended", "key_not_found"),
    ("ended", "navigation_failed"),
    ("ended", "never"),
    ("ended", "no_pending_authorization"),
    ("ended", "nothing returned"),
    ("ended", "rejected"),
    ("ended", "server_error"),
    ("ended", "token_expired"),
    ("stored", ""),
    ("waiting", "keys_unreachable"),
];

/// Every landmark of the code grant.
const CODE_LANDMARKS: [Landmark; 36] = [
    ("asked", ""),
    ("connected", "another account's"),
    ("connected", "middle"),
    ("connected", "short"),
    ("consent", "A"),
    ("consent", "B"),
    ("ended", "access_denied"),
    ("ended", "bad_signature"),
    ("ended", "disconnected"),
    ("ended", "duplicate_parameter"),
    ("ended", "expired"),
    ("ended", "key_not_found"),
    ("ended", "navigation_failed"),
    ("ended", "never"),
    ("ended", "nothing returned"),
    ("ended", "rejected"),
    ("ended", "server_error"),
    ("ended", "token_endpoint_unreachable"),
    ("ended", "token_expired"),
    ("ended", "token_response_malformed"),
    ("ended", "unsupported_token_type"),
    ("exchanging", ""),
    ("exchanging", "token_endpoint_offline"),
    ("exchanging", "token_endpoint_throttled"),
    ("renewal", "asking"),
    ("renewal", "given up"),
    ("renewal", "resting"),
    ("renewal", "verifying"),
    ("renewal", "waiting"),
    ("renewal", "without keys"),
    ("renewing", "asking"),
    ("renewing", "verifying"),
    ("renewing", "waiting"),
    ("renewing", "without keys"),
    ("stored", ""),
    ("waiting", "keys_unreachable"),
];

impl World {
    /// Takes a step and checks every promise. The landmarks encountered are added to `seen`.
    ///
    /// # Errors
    ///
    /// The broken promise, and the result of the step.
    pub fn checked(
        &self,
        (step, event): (Step, Option<&Event>),
        now: i64,
        context: &Context,
        seen: &mut BTreeSet<Landmark>,
    ) -> Result<Self, String> {
        let (after, effects) = self.after(step, event, time(now), context);
        let transition = Transition {
            before: self,
            step,
            now,
            effects: &effects,
            after: &after,
            context,
        };
        seen.extend(landmarks(&transition));
        match PROMISES.iter().find(|(_, kept)| !kept(&transition)) {
            None => Ok(after),
            Some((words, _)) => Err(format!(
                "broken: {words}\n{step:?} at {now}: {effects:?}\n{after:#?}"
            )),
        }
    }
}

/// Every world reachable from a newly opened page, once each, with the first path to it.
struct Search {
    worlds: Vec<World>,
    came_by: Vec<Option<(usize, Step, i64)>>,
    known: HashSet<Key>,
}

impl Search {
    /// Searches exhaustively and returns the landmarks encountered.
    fn run(context: &Context) -> BTreeSet<Landmark> {
        let (steps, times) = match context.client.response_type() {
            ResponseType::Token => (steps_of_both(), TIMES),
            ResponseType::Code => (code_steps(), CODE_TIMES),
        };
        let follow = Follow::new(&context.client);
        let first = World::new();
        let mut search = Self {
            known: HashSet::from([first.key()]),
            worlds: vec![first],
            came_by: vec![None],
        };
        let mut seen = BTreeSet::new();
        let events: Vec<_> = steps
            .into_iter()
            .map(|step| (step, event(&context.client, step)))
            .collect();
        let mut index = 0;
        while index < search.worlds.len() {
            let before = search.worlds[index].clone();
            for (step, event) in events.iter().filter(|(step, _)| before.allows(*step)) {
                for now in times {
                    let after = before.checked((*step, event.as_ref()), now, context, &mut seen);
                    let after =
                        after.unwrap_or_else(|broken| panic!("{}{broken}", search.way(index)));
                    if search.known.insert(after.key()) {
                        if let Err(broken) = after.stands(&follow, now, context) {
                            panic!("{}{step:?} at {now}\n{broken}", search.way(index));
                        }
                        search.worlds.push(after);
                        search.came_by.push(Some((index, *step, now)));
                    }
                }
            }
            index += 1;
        }
        seen
    }

    /// The shortest path to a world.
    fn way(&self, mut to: usize) -> String {
        let mut lines = Vec::new();
        while let Some((from, step, now)) = self.came_by[to] {
            lines.push(format!("{step:?} at {now}\n"));
            to = from;
        }
        lines.reverse();
        lines.concat()
    }
}

/// Rule (The connection and its end): After every event, *connected* means a verified token that
/// has not expired
///
/// Rule (The connection and its end): At most one authorization a minute starts automatically
///
/// Rule (The connection and its end): No authorization starts automatically after an error
///
/// Rule (The connection and its end): A different account than before in this tab has to be
/// confirmed before it is connected, stored or used → `account_changed`
#[test]
fn every_step_that_can_be_reached_keeps_every_promise() {
    let seen = Search::run(&context());
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), LANDMARKS);
}

/// Rule (The code): A code is sent once, with the verifier of its request, to the configured token
/// endpoint
///
/// Rule (The renewal): There is only one refresh request at a time
///
/// Rule (The renewal): A 401 to a token that worked renews it, once in ten minutes whatever
/// happened before; to one that never worked it is an error
#[test]
fn so_does_every_step_of_the_code_grant() {
    // With a button: a countdown multiplies the worlds, and the random histories cover it.
    let context = Context {
        reauthorize: Reauthorize::Prompt,
        ..code_context()
    };
    let seen = Search::run(&context);
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), CODE_LANDMARKS);
}

/// The other settings: nothing starts automatically, nothing is stored, everything else is the
/// same.
///
/// Rule (The connection and its end): No authorization starts automatically if the user or the
/// deployer does not want it
#[test]
fn with_a_button_and_in_memory_nothing_starts_and_nothing_is_stored() {
    let context = Context {
        token_storage: TokenStorage::Memory,
        reauthorize: Reauthorize::Prompt,
        ..context()
    };
    let missing = ["automatic", "counting down", "stored"];
    let others = LANDMARKS
        .into_iter()
        .filter(|(kind, _)| !missing.contains(kind));
    assert!(Search::run(&context).into_iter().eq(others));
}
