//! What the session machine promises, and an exhaustive check of it: every event at every time from
//! every state that can be reached, breadth first and to the end. Every promise is checked at every
//! step, and the first step that breaks one is shown with the shortest way to it. Random histories
//! of any length at any time, in `properties.rs`, are held to the same promises.
//!
//! The search is our own. stateright 0.31 was looked at: its properties are about states and these
//! promises are about steps, it compares fingerprints, the counterexample it shows is the last one
//! met, and it brings ten packages with it, an HTTP server among them.
//!
//! The world around the session is an enemy's: it opens the redirection endpoint with any token of
//! [`TOKENS`] at any time, answers the token endpoint's requests with any of them, puts any of them
//! into storage, sets the clock to any of [`TIMES`] in any order, loads pages anew. What it cannot do
//! is answer a request whose record was erased, or find a token that was.
//!
//! Each of the two grants is searched by itself: one page has one response type.

use crate::support::{
    ISSUERS_KEY, REQUESTED, STRANGERS_KEY, at, changed, claims_with, client, context, encode,
    entropy, header, key_set, key_set_of, requested, sign_input, strangers_jwk,
};
use cc_connect::{
    config::{Reauthorize, TokenStorage},
    constant_contact,
    oauth::{
        AuthorizationResponse, CapturedResponse, Client, NoPendingAuthorization, RedirectionError,
        ResponseError, ResponseType, TokenEndpointError, TokenResponse, authorization_request,
    },
    route::Route,
    session::{
        AUTOMATIC_INTERVAL, Account, Context, Countdown, Effect, Event, KeySetFailure, LoadedKeys,
        Phase, REJECTION_INTERVAL, Reason, Remembered, Renewal, Returned, Session, Stage,
        StartError, stored,
    },
    time::Timestamp,
};
use jwt_compact::alg::Rsa;
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, HashSet},
    sync::LazyLock,
};

/// A token that an enemy has.
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

/// Seconds: each end of a token, twenty seconds of countdown later, and a minute after the first
/// authorization that can start by itself.
pub const TIMES: [i64; 6] = [0, 10, 30, 50, 80, 100];
/// As above for the code grant: also shortly before an end, when a renewal is due.
const CODE_TIMES: [i64; 6] = [0, 8, 10, 30, 70, 90];

const START: i64 = REQUESTED + 10;

fn time(seconds: i64) -> Timestamp {
    at(START + seconds)
}

fn seconds(time: Timestamp) -> i64 {
    time.unix_seconds() - START
}

/// The tokens, signed.
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

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The redirection endpoint is opened with a token and the state of a request of ours.
    Return(usize),
    ReturnDenied,
    ReturnError,
    ReturnWithoutRecord(usize),
    ReturnUnreadable,
    ReturnNothing,
    /// A token is found in the storage.
    Restore(usize),
    Keys {
        ours: bool,
        cached: bool,
    },
    NoKeys,
    TryAgain,
    Authorize,
    NotStarted,
    /// The user stays, on the way out.
    Stay,
    Tick {
        visible: bool,
    },
    /// The same without a network.
    TickOffline,
    /// The redirection endpoint is opened with a code and the state of a request of ours.
    ReturnCode,
    /// The token endpoint answers the exchange of a code.
    Exchanged(usize),
    NotExchanged(Trouble),
    /// A token with a refresh token is found in the storage.
    RestoreRenewable(usize),
    /// The token endpoint answers a refresh.
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
    /// The page is loaded anew: only what was recorded survives.
    Reload,
}

/// Why the token endpoint gives no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing was sent.
    Offline,
    /// Nothing was processed.
    Throttled,
    /// It may be better next time.
    Passing,
    /// The response says nothing.
    Unclear,
    /// It will not.
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
            Self::Final => TokenEndpointError::Refused(RedirectionError::UnsupportedTokenType),
        }
    }
}

/// The settings of the other grant.
pub fn code_context() -> Context {
    Context {
        client: code_client(),
        ..context()
    }
}

fn code_client() -> Client {
    Client {
        response_type: ResponseType::Code,
        ..client()
    }
}

/// What happens in the authorization code grant and not in the other.
fn code_steps() -> Vec<Step> {
    let mut steps = vec![Step::ReturnCode, Step::TickOffline];
    steps.extend(Trouble::ALL.map(Step::NotExchanged));
    steps.extend(Trouble::ALL.map(Step::NotRefreshed));
    // One of each kind: short, of another account, forged.
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
    let pending = authorization_request(client, &entropy(), Route::Connection, requested()).pending;
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

/// Each token is granted a scope of its own: what is printed of a session then tells them apart,
/// though the tokens themselves are never printed.
fn response_with(token: usize, recorded: bool) -> Event {
    let parameters = format!(
        "access_token={}&token_type=Bearer&scope=token{token}",
        SIGNED[token]
    );
    response(&parameters, recorded)
}

/// What the token endpoint grants.
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
        "requested": "a", "nonce": "n", "requested_at": REQUESTED * 1000,
        "client_id": client().client_id, "issuer": client().issuer, "redirect_uri": "r",
    });
    let token = stored::read_token(&changed(text, &more).to_string()).unwrap();
    Event::Restored(Box::new(token), Route::Connection)
}

/// The event of a step in a page of this client; a page that is loaded anew is none.
pub fn event(client: &Client, step: Step) -> Option<Event> {
    let route = Route::Connection;
    Some(match step {
        Step::ReturnDenied => response_to(client, "error=access_denied", true),
        Step::ReturnError => response_to(client, "error=server_error", true),
        Step::ReturnCode => response_to(client, "code=c", true),
        Step::Exchanged(token) => Event::Exchanged(Ok(granted(token))),
        Step::NotExchanged(trouble) => Event::Exchanged(Err(trouble.error())),
        Step::Refreshed(token) => Event::Refreshed(Ok(granted(token))),
        Step::NotRefreshed(trouble) => Event::Refreshed(Err(trouble.error())),
        Step::Restore(token) => stored_token(token, json!({})),
        Step::RestoreRenewable(token) => stored_token(token, json!({"refresh_token": "r"})),
        Step::TickOffline => Event::Tick {
            visible: true,
            online: false,
            route,
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
        Step::Authorize => Event::Authorize { return_to: route },
        Step::Stay => Event::Stay,
        Step::NotStarted => Event::NotStarted(StartError::NavigationFailed),
        Step::Tick { visible } => Event::Tick {
            visible,
            online: true,
            route,
        },
        Step::Accepted => Event::Accepted,
        Step::Rejected => Event::Rejected { route },
        Step::ContinueWithAccount => Event::ContinueWithAccount,
        Step::RefuseAccount => Event::RefuseAccount,
        Step::StayDisconnected => Event::StayDisconnected,
        Step::Disconnect => Event::Disconnect,
        Step::DisconnectedElsewhere => Event::DisconnectedElsewhere,
        Step::Dismiss => Event::Dismiss,
        Step::Reload => return None,
    })
}

/// The session, what is recorded for the next page, and what an observer remembers.
#[derive(Clone, Debug)]
pub struct World {
    session: Session,
    recorded: Remembered,
    seen: Seen,
}

/// What somebody who watches from outside remembers, without looking into the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Seen {
    /// When an authorization last started by itself, since the person disconnected.
    automatic: Option<i64>,
    /// Whose connection was the last, until everything was erased.
    account: Option<&'static str>,
    /// Whether everything was erased and no authorization was started since.
    erased: bool,
    /// Whether the API has accepted the token of this connection.
    accepted: bool,
    /// The token that was handed in last, and whether out of the storage.
    token: Option<(&'static str, bool)>,
    /// Whether a code was sent and may not be sent again.
    code_sent: bool,
    /// Whether a refresh was asked for and not answered.
    refreshing: bool,
    /// Whether keys were asked for and not answered.
    loading_keys: bool,
    /// When a 401 last renewed a connection or began a countdown, since the person disconnected.
    rejected: Option<i64>,
}

impl World {
    /// A page that was just opened, in a tab that remembers nothing.
    pub fn new() -> Self {
        Self {
            session: Session::new(Remembered::default(), Route::Connection),
            recorded: Remembered::default(),
            seen: Seen::default(),
        }
    }

    /// Whether an enemy can do that.
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
        // An answer that nobody waits for is none.
        let waited = match step {
            Step::Exchanged(_) => matches!(self.session.phase(), Phase::Exchanging(_)),
            Step::Refreshed(_) => self.session.is_refreshing(),
            _ => true,
        };
        let Some(event) = event else {
            world.session = Session::new(world.recorded.clone(), Route::Connection);
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
        // Only told apart where it may still matter, so that the search ends sooner.
        if !matches!(self.session.phase(), Phase::AccountChanged(_)) && !self.session.is_verifying()
        {
            seen.token = None;
        }
        seen.code_sent &= matches!(self.session.phase(), Phase::Exchanging(_));
        seen.refreshing &= self.session.is_refreshing();
        seen.loading_keys &= self.session.is_verifying();
    }

    /// What makes two worlds the same. A session is what it prints, private members included, but
    /// for what is there to be shown and for nothing else (since when it is where it is, when the
    /// connection ended, the report of a refused token, why an authorization did not start), for when a token was asked for, which a
    /// minute and a half cannot make a difference to, for when it was last rejected, which is always
    /// recent here, and for how often a renewal has failed, which `renewal.rs` counts.
    fn key(&self) -> Key {
        let mut session = format!("{:?}", self.session);
        for (from, to) in [
            ("since: ", ")"),
            ("requested_at: ", ")"),
            ("Asking(", ")"),
            ("until: ", ")"),
            ("again: ", ")"),
            ("persisting: ", "failures: "),
            ("failures: ", "}"),
            ("not_started: ", ","),
            ("last_rejection: Some(", ")"),
            ("Expired { at: ", "}"),
            ("report: ", "return_to: "),
        ] {
            while let Some(start) = session.find(from)
                && let Some(length) = session[start..].find(to)
            {
                session.replace_range(start..start + length, "");
            }
        }
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

    /// The token of the connection afterwards.
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

/// Whether something has failed that can be tried again.
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

/// What the session waits for, if it waits and shows nothing to press: a response, or nothing at all.
/// The adapters give up on each after some seconds.
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

/// A promise: its words, and whether the step keeps it.
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
                        // What came of a refresh is stored at once, and is no connection yet.
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
            // The connection may have ended just then.
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
                route: Route::Connection,
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

/// A promise that holds wherever the session stands, whatever led there: looked at once in each world.
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
                return_to: Route::SetUp,
            });
            let goes = effects.iter().any(is_request);
            let stays = press(Event::Stay).0.redirecting().is_none();
            left && goes && stays
        },
    ),
];

/// What follows at one moment if every request fails at once and the page is looked at again and
/// again, for each way to fail.
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
    /// Whether every promise about a world holds in this one.
    ///
    /// # Errors
    ///
    /// The promise that is broken.
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

/// Something worth having met: without it the search would prove little.
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
                Reason::Declined(error) | Reason::ResponseRefused(error) => error.code(),
                Reason::UnreadableResponse(error) => error.code(),
                Reason::NotExchanged(error) | Reason::NotRenewed(error) => error.code(),
                Reason::TokenRefused { error, .. } => error.code(),
                Reason::NotStarted(error) => error.code(),
                Reason::Expired { .. } => "expired",
                Reason::Rejected => "rejected",
                Reason::Disconnected | Reason::DisconnectedElsewhere => "disconnected",
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

/// All that there is to meet.
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

/// All that there is to meet in the code grant.
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
    /// Takes a step and checks every promise. The landmarks met are added to `seen`.
    ///
    /// # Errors
    ///
    /// The promise that was broken, and what came of the step.
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

/// Everything that can be reached from a page that was just opened, each world once, and how it was
/// reached first.
struct Search {
    worlds: Vec<World>,
    came_by: Vec<Option<(usize, Step, i64)>>,
    known: HashSet<Key>,
}

impl Search {
    /// Searches to the end. What was met on the way.
    fn run(context: &Context) -> BTreeSet<Landmark> {
        let (steps, times) = match context.client.response_type {
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

    /// The shortest way to a world.
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

#[test]
fn every_step_that_can_be_reached_keeps_every_promise() {
    let seen = Search::run(&context());
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), LANDMARKS);
}

#[test]
fn so_does_every_step_of_the_code_grant() {
    // With a button: the countdown multiplies the worlds, and random histories have it as well.
    let context = Context {
        reauthorize: Reauthorize::Prompt,
        ..code_context()
    };
    let seen = Search::run(&context);
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), CODE_LANDMARKS);
}

/// The other settings: nothing starts by itself, nothing is stored, and all else is as it was.
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
