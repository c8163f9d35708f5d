//! The session of a page whose server keeps the connection: scenarios, and an exhaustive search of
//! its states.

use cc_connect_core::{
    ReturnTo,
    oauth::Scope,
    session::{
        Account, Failure, Grant, Reason, RenewalState, StartError, State,
        server::{
            ASK_INTERVAL, Answer, AskId, Budget, Effect, Event, LONGEST_PAUSE, ServerCode,
            ServerFailure, ServerSession, Told, connect_body, read_authorization_uri,
        },
        stored,
    },
    time::Timestamp,
    v3::{
        ApiError, ProxyError,
        contact_lists::{self, ListInput},
    },
};
use serde_json::{Value, json};
use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, LazyLock},
};

const START: i64 = 1_790_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(START + seconds)
}

fn grant(account: &str, expires: i64) -> Value {
    json!({
        "version": 1,
        "account": {"platform_user_id": account, "sub": account},
        "granted": "account_read", "requested": "account_read",
        "requested_at": START * 1000, "redirect_uri": "https://app.example/callback",
        "issued_at": START * 1000, "expires_at": (START + expires) * 1000,
        "claims": {}, "report": {"checks": []},
        "key": {"bits": 2048, "fetched_at": START * 1000, "set_len": 1},
    })
}

fn read(body: &Value) -> Result<Box<Answer>, ServerFailure> {
    Answer::read(200, body.to_string().as_bytes()).map(Box::new)
}

fn connected(account: &str, expires: i64, renews: bool) -> Result<Box<Answer>, ServerFailure> {
    let answer = read(&json!({
        "connected": true, "grant": grant(account, expires), "renews": renews,
        "budget": {"left": 1_240, "of": 10_000}, "server_time": START * 1000,
    }));
    assert!(answer.is_ok());
    answer
}

fn none(reason: Option<&str>, error: Option<&str>) -> Result<Box<Answer>, ServerFailure> {
    let answer = read(&json!({
        "connected": false, "reason": reason, "error": error, "server_time": START * 1000,
    }));
    assert!(answer.is_ok());
    answer
}

fn page() -> ReturnTo {
    ReturnTo::parse("connection").unwrap()
}

fn uri() -> Event {
    let body = br#"{"authorization_uri":"https://authz.example/authorize?state=s"}"#;
    Event::Begun(read_authorization_uri(200, body))
}

fn ended(code: &str) -> Reason {
    Reason::EndedByServer(ServerCode::read(code))
}

fn failed(code: &str) -> Reason {
    Reason::NotMadeByServer(ServerCode::read(code))
}

/// A page with its clock.
struct Page {
    session: ServerSession,
    seconds: i64,
    effects: Vec<Effect>,
}

impl Page {
    fn open(account: Option<&str>, expected: bool) -> Self {
        let account = account.map(|name| Account {
            platform_user_id: name.to_owned(),
            subject: name.to_owned(),
        });
        let mut page = Self {
            session: ServerSession::new(account, expected, None),
            seconds: 0,
            effects: vec![],
        };
        page.happens(Event::Look);
        page
    }

    fn happens(&mut self, event: Event) -> &[Effect] {
        let (session, effects) = self.session.clone().step(event, at(self.seconds));
        self.session = session;
        self.effects = effects;
        &self.effects
    }

    /// What was asked by the last event.
    fn asked(&self) -> Option<AskId> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Ask(id) => Some(*id),
            _ => None,
        })
    }

    /// The server is asked in the next second, and answers.
    fn is_told(&mut self, answer: Result<Box<Answer>, ServerFailure>) -> &[Effect] {
        let id = match self.asked() {
            Some(id) => id,
            None => {
                self.seconds += 1;
                self.happens(Event::Look);
                self.asked().expect("the server is asked again")
            }
        };
        self.happens(Event::Answered(id, answer))
    }

    fn state(&self) -> State {
        self.session.state()
    }

    fn grant(&self) -> Option<&Grant> {
        self.session.grant().map(|grant| &**grant)
    }
}

/// Rule (With a server): What the server tells of a connection is shown as it is; there is no token
/// in it
#[test]
fn a_connection_is_shown_as_the_server_tells_it() {
    let mut page = Page::open(None, true);
    assert_eq!(page.state(), State::Checking(None));
    assert_eq!(page.session.snapshot().phase, "asking");
    let effects = page.is_told(connected("A", 3600, true));
    assert!(
        matches!(effects, [Effect::RememberAccount(_)]),
        "{effects:?}"
    );
    let snapshot = page.session.snapshot();
    assert_eq!(snapshot.phase, "connected");
    assert_eq!(snapshot.renewal, RenewalState::Automatic);
    let budget = Budget {
        left: 1_240,
        of: 10_000,
    };
    assert_eq!(snapshot.budget, Some(budget));
    // The token's end is no end, since the server renews it.
    page.seconds = 4_000;
    page.happens(Event::Tick);
    assert!(page.grant().is_some());
}

#[test]
fn the_same_grant_stays_the_same_one() {
    let mut page = Page::open(None, true);
    page.is_told(connected("A", 3600, true));
    let before = page.session.grant().unwrap().clone();
    page.is_told(connected("A", 3600, true));
    assert!(Arc::ptr_eq(&before, page.session.grant().unwrap()));
    page.is_told(connected("A", 7200, true));
    assert!(!Arc::ptr_eq(&before, page.session.grant().unwrap()));
}

#[test]
fn without_renewal_a_connection_ends_with_its_token() {
    let mut page = Page::open(None, true);
    page.is_told(connected("A", 100, false));
    page.seconds = 100;
    page.happens(Event::Tick);
    let expired = Reason::Expired { at: at(100) };
    assert_eq!(page.state(), State::Ended(expired.clone()));
    // Even if the server has not noticed.
    page.is_told(connected("A", 100, false));
    assert_eq!(page.state(), State::Ended(expired));
    page.happens(Event::Dismiss);
    page.is_told(connected("A", 100, false));
    assert_eq!(page.state(), State::NotConnected(Reason::NeverConnected));
}

/// Rule (With a server): The end of a connection is explained, once → `session_missing`,
/// `session_idle`, `session_too_old`, `connection_ended`, `refresh_lost`, `key_unknown`, `expired`,
/// `account_changed`
#[test]
fn an_end_is_explained_until_it_is_put_away() {
    let mut page = Page::open(None, true);
    let effects = page.is_told(none(Some("session_idle"), None));
    assert!(matches!(effects, [Effect::Expect(false)]), "{effects:?}");
    assert_eq!(page.state(), State::Ended(ended("session_idle")));
    let effects = page.happens(Event::Dismiss);
    assert!(matches!(effects, [Effect::Forget]), "{effects:?}");
    assert_eq!(page.state(), State::NotConnected(Reason::NeverConnected));
    // The server may not have heard of it.
    page.is_told(none(Some("session_idle"), None));
    assert_eq!(page.state(), State::NotConnected(Reason::NeverConnected));
    page.is_told(none(Some("refresh_lost"), None));
    assert_eq!(page.state(), State::Ended(ended("refresh_lost")));
}

/// Rule (With a server): A failed authorization is explained until the user puts it away, and leads
/// to the page that was wanted → `attempt_missing`, `attempt_other_browser`, `client_refused`
#[test]
fn a_failed_authorization_is_explained_though_it_is_said_once() {
    let session = ServerSession::new(None, true, Some(page()));
    let mut page = Page {
        session,
        ..Page::open(None, true)
    };
    page.happens(Event::Look);
    page.is_told(none(None, Some("access_denied")));
    assert_eq!(page.state(), State::NotConnected(failed("access_denied")));
    let Reason::NotMadeByServer(code) = failed("access_denied") else {
        unreachable!()
    };
    assert!(code.is_declined());
    page.is_told(none(Some("session_missing"), None));
    assert_eq!(page.state(), State::NotConnected(failed("access_denied")));
    // Connecting again leads to the page that was wanted, and so does giving up.
    assert_eq!(page.session.snapshot().return_to, Some(self::page()));
    let effects = page.happens(Event::Dismiss);
    assert!(
        matches!(effects, [Effect::Forget, Effect::GoTo(to)] if *to == self::page()),
        "{effects:?}"
    );
}

/// Rule (With a server): A different account than before in this tab has to be accepted; refusing
/// it ends the connection at the server
#[test]
fn another_account_is_asked_about() {
    let mut page = Page::open(Some("A"), true);
    page.is_told(connected("B", 3600, true));
    assert!(matches!(page.state(), State::AccountChanged { .. }));
    assert!(page.grant().is_none(), "it is not used meanwhile");
    let mut accepted = Page { ..page };
    let effects = accepted.happens(Event::ContinueWithAccount);
    assert!(
        matches!(effects, [Effect::RememberAccount(_)]),
        "{effects:?}"
    );
    assert_eq!(accepted.grant().unwrap().account.subject, "B");

    let mut page = Page::open(Some("A"), true);
    page.is_told(connected("B", 3600, true));
    let effects = page.happens(Event::RefuseAccount);
    assert!(matches!(effects, [Effect::Disconnect]), "{effects:?}");
    page.happens(Event::Disconnected(Ok(())));
    assert_eq!(page.state(), State::NotConnected(Reason::NeverConnected));
    // The next one is compared with the one before, too.
    page.is_told(connected("B", 3600, true));
    assert!(matches!(page.state(), State::AccountChanged { .. }));
    page.is_told(connected("A", 3600, true));
    assert_eq!(page.grant().unwrap().account.subject, "A");
}

/// Rule (With a server): Errors are shown before leaving → `bad_request`, `too_many_attempts`
#[test]
fn leaving_begins_at_the_server() {
    let mut page = Page::open(None, false);
    assert_eq!(page.state(), State::Starting);
    let authorize = || Event::Authorize {
        return_to: self::page(),
        scope: None,
    };
    page.happens(authorize());
    assert_eq!(page.state(), State::Leaving);
    let effects = page.happens(Event::Begun(Err(ServerFailure::TooManyAttempts)));
    assert!(effects.is_empty());
    let error = StartError::Server(ServerFailure::TooManyAttempts);
    assert_eq!(page.session.snapshot().not_started, Some(error));
    assert_eq!(error.code(), "too_many_attempts");

    page.happens(authorize());
    assert_eq!(page.session.snapshot().not_started, None);
    page.happens(Event::Stay);
    let effects = page.happens(uri());
    assert!(effects.is_empty(), "the user has decided to stay");

    page.happens(authorize());
    let effects = page.happens(uri());
    assert!(
        matches!(effects, [Effect::Expect(true), Effect::Leave(_, to)] if *to == self::page()),
        "{effects:?}"
    );
}

/// Rule (With a server): The user is disconnected once the server has confirmed it, and no late
/// answer revives the connection
#[test]
fn disconnecting_takes_the_server() {
    let mut page = Page::open(None, true);
    page.is_told(connected("A", 3600, true));
    page.seconds = 1;
    page.happens(Event::Look);
    let late = page.asked().unwrap();
    let effects = page.happens(Event::Disconnect);
    assert!(matches!(effects, [Effect::Disconnect]), "{effects:?}");
    assert_eq!(page.session.snapshot().phase, "disconnecting");
    let effects = page.happens(Event::Disconnect);
    assert!(effects.is_empty(), "once is enough");
    // What was asked before revives nothing.
    page.happens(Event::Answered(late, connected("A", 3600, true)));
    assert!(page.grant().is_none());

    page.happens(Event::Disconnected(Err(ServerFailure::Offline)));
    let failure = Failure::Server(ServerFailure::Offline);
    assert_eq!(failure.code(), "server_offline");
    assert_eq!(page.state(), State::Checking(Some(failure)));
    assert!(page.session.snapshot().retried_at.is_some());
    page.seconds = 6;
    let effects = page.happens(Event::Tick);
    assert!(matches!(effects, [Effect::Disconnect]), "{effects:?}");
    let effects = page.happens(Event::Disconnected(Ok(())));
    let all = [
        Effect::EraseEverything,
        Effect::AnnounceDisconnect,
        Effect::GoTo(ReturnTo::START),
    ];
    assert_eq!(format!("{effects:?}"), format!("{all:?}"));
    assert_eq!(page.state(), State::NotConnected(Reason::Disconnected));
    // The account is forgotten: any other may be connected.
    page.is_told(connected("B", 3600, true));
    assert!(page.grant().is_some());
}

/// Rule (With a server): A disconnect in another tab is noticed
#[test]
fn a_disconnect_elsewhere_is_noticed() {
    let mut page = Page::open(None, true);
    page.is_told(connected("A", 3600, true));
    page.is_told(none(None, None));
    let elsewhere = State::NotConnected(Reason::DisconnectedElsewhere);
    assert_eq!(page.state(), elsewhere);

    page.is_told(connected("A", 3600, true));
    let effects = page.happens(Event::DisconnectedElsewhere);
    assert!(matches!(effects, [Effect::EraseEverything]), "{effects:?}");
    assert_eq!(page.state(), elsewhere);
}

#[test]
fn a_401_is_asked_about_once_more() {
    let mut page = Page::open(None, true);
    page.is_told(connected("A", 3600, true));
    page.seconds = 1;
    page.happens(Event::Look);
    let before = page.asked().unwrap();
    let effects = page.happens(Event::Unauthorized);
    assert!(effects.is_empty(), "one question at a time");
    page.seconds = 2;
    let effects = page.happens(Event::Answered(before, connected("A", 3600, true)));
    assert!(matches!(effects, [Effect::Ask(_)]), "{effects:?}");
    assert!(page.session.is_asking());
}

/// Rule (With a server): A server that does not answer is asked again after a pause that grows, and
/// the page says so → `server_offline`, `server_unreachable`, `server_unexpected`,
/// `store_unavailable`, `csrf_refused`
#[test]
fn a_server_that_does_not_answer_is_asked_again() {
    let mut page = Page::open(None, false);
    page.is_told(Err(ServerFailure::StoreUnavailable));
    let failure = Failure::Server(ServerFailure::StoreUnavailable);
    assert_eq!(page.state(), State::Checking(Some(failure)));
    let mut pauses = vec![];
    for _ in 0..6 {
        let again = page.session.snapshot().retried_at.unwrap();
        pauses.push(again.seconds_since(at(page.seconds)));
        page.seconds = again.unix_seconds() - START - 1;
        page.happens(Event::Tick);
        assert_eq!(page.asked(), None);
        page.seconds += 1;
        page.happens(Event::Tick);
        page.is_told(Err(ServerFailure::Unreachable));
    }
    assert_eq!(pauses, [5, 10, 20, 40, 60, 60]);
    page.seconds += 2;
    page.happens(Event::TryAgain);
    assert_eq!(page.state(), State::Checking(None));
    page.is_told(none(None, None));
    assert_eq!(page.state(), State::NotConnected(Reason::NeverConnected));
}

#[test]
fn a_connection_outlives_a_question_without_an_answer() {
    let mut page = Page::open(None, true);
    page.is_told(connected("A", 3600, true));
    page.is_told(Err(ServerFailure::Offline));
    assert!(page.grant().is_some());
    assert_eq!(page.session.snapshot().retried_at, None);
}

#[test]
fn an_answer_is_read_strictly() {
    let good = json!({
        "connected": true, "grant": grant("A", 1), "renews": true,
        "budget": {"left": 1, "of": 2}, "server_time": START * 1000, "more": 1,
    });
    assert!(read(&good).is_ok());
    let wrong = [
        ("connected", json!("true")),
        ("grant", json!({"version": 1})),
        ("renews", json!(null)),
        ("server_time", json!("now")),
        ("server_time", json!(i64::MAX)),
    ];
    for (name, value) in wrong {
        let mut answer = good.clone();
        answer[name] = value;
        assert_eq!(
            read(&answer),
            Err(ServerFailure::Unexpected { status: 200 }),
            "{answer}"
        );
        answer.as_object_mut().unwrap().remove(name);
        assert!(read(&answer).is_err(), "{answer}");
    }
    // What decides nothing is left out.
    for budget in [
        json!(null),
        json!({"left": 3, "of": 2}),
        json!({"left": "1", "of": 2}),
    ] {
        let mut answer = good.clone();
        answer["budget"] = budget;
        let Told::Connected(held) = read(&answer).unwrap().told else {
            panic!("{answer}")
        };
        assert_eq!(held.budget, None);
    }
    let wrong = json!({"connected": false, "reason": 7, "server_time": START * 1000});
    assert!(read(&wrong).is_err());
    assert_eq!(
        Answer::read(200, b"<html>"),
        Err(ServerFailure::Unexpected { status: 200 })
    );
    let written =
        stored::read_grant(&grant("A", 1).to_string()).map(|grant| stored::write_grant(&grant));
    assert!(written.is_some());
}

/// Rule (With a server): The page leaves for an address over https, or on this machine, and for no
/// other
#[test]
fn only_an_address_over_https_or_on_this_machine_is_followed() {
    let read = |uri: &str| {
        let body = json!({ "authorization_uri": uri }).to_string();
        read_authorization_uri(200, body.as_bytes())
    };
    for uri in [
        "https://a.example/b?c=d",
        "http://localhost:8081/b",
        "http://127.0.0.1/",
    ] {
        assert_eq!(read(uri).unwrap().as_str(), uri);
    }
    for uri in [
        "http://a.example/",
        "javascript:alert(1)",
        "data:text/html,a",
        "/elsewhere",
        "//a.example/",
        "https://user:password@a.example/",
        "https://a.example/#access_token=t",
        "",
    ] {
        assert!(read(uri).is_err(), "{uri}");
    }
    let refused = read_authorization_uri(403, br#"{"error":"csrf_refused"}"#);
    assert_eq!(refused, Err(ServerFailure::CsrfRefused));
    let shown = format!("{:?}", read("https://a.example/?state=abc").unwrap());
    assert!(!shown.contains("abc"), "{shown}");
    assert_eq!(connect_body(&ReturnTo::START, None), r#"{"return_to":"/"}"#);
    let page = ReturnTo::parse("a?b=\"c\"").unwrap();
    let scope = Scope::parse("account_read contact_data").unwrap();
    let body: Value = serde_json::from_str(&connect_body(&page, Some(&scope))).unwrap();
    let expected = json!({"return_to": "/a?b=\"c\"", "scope": "account_read contact_data"});
    assert_eq!(body, expected);
}

#[test]
fn every_code_has_one_spelling() {
    let all: Vec<ServerCode> = ServerCode::all().collect();
    let spelled: HashSet<&str> = all.iter().map(|code| code.as_str()).collect();
    assert_eq!(spelled.len(), all.len());
    assert!(all.len() > 100, "{}", all.len());
    for code in all {
        assert_eq!(ServerCode::read(code.as_str()), code);
        let plain = |c: char| c.is_ascii_lowercase() || c == '_';
        assert!(
            !code.as_str().is_empty() && code.as_str().chars().all(plain),
            "{code:?}"
        );
    }
}

/// Rule (With a server): An error of the server is not taken for one of the API → `not_allowed`,
/// `budget_wait`, `budget_day`, `upstream_unreachable`, `upstream_redirected`,
/// `upstream_too_large`, `not_renewed_yet`, `stopping`, `request_too_large`
#[test]
fn an_error_of_the_server_is_told_from_one_of_the_api() {
    for error in ProxyError::KNOWN {
        let body = json!({"error_key": format!("server.{}", error.code())}).to_string();
        assert_eq!(ApiError::of_proxy(&body), Some(ApiError::Proxy(*error)));
    }
    for body in [
        "",
        "[]",
        r#"{"error_key":"budget_day"}"#,
        r#"{"error_key":7}"#,
        "<html>",
    ] {
        assert_eq!(ApiError::of_proxy(body), None, "{body}");
    }
    let lists = contact_lists::all();
    let create = contact_lists::create(&ListInput::default());
    let wait = ApiError::Proxy(ProxyError::BudgetWait);
    assert!(
        create.request().may_retry_after(&wait),
        "it was not passed on"
    );
    let unreachable = ApiError::Proxy(ProxyError::UpstreamUnreachable);
    assert!(lists.request().may_retry_after(&unreachable));
    assert!(!create.request().may_retry_after(&unreachable));
    let day = ApiError::Proxy(ProxyError::BudgetDay);
    assert!(!lists.request().may_retry_after(&day));
}

/// Everything that can happen, in the search below.
#[derive(Clone, Copy, Debug)]
enum Step {
    Look,
    Tick,
    Told(usize),
    /// An answer to a question that no longer counts.
    ToldLate(usize),
    Unanswered,
    Unauthorized,
    TryAgain,
    Authorize,
    Begun,
    NotBegun,
    Stay,
    Accept,
    Refuse,
    Disconnect,
    Disconnected,
    NotDisconnected,
    DisconnectedElsewhere,
    Dismiss,
}

const STEPS: [Step; 24] = [
    Step::Look,
    Step::Tick,
    Step::Told(0),
    Step::Told(1),
    Step::Told(2),
    Step::Told(3),
    Step::Told(4),
    Step::Told(5),
    Step::ToldLate(0),
    Step::ToldLate(3),
    Step::Unanswered,
    Step::Unauthorized,
    Step::TryAgain,
    Step::Authorize,
    Step::Begun,
    Step::NotBegun,
    Step::Stay,
    Step::Accept,
    Step::Refuse,
    Step::Disconnect,
    Step::Disconnected,
    Step::NotDisconnected,
    Step::DisconnectedElsewhere,
    Step::Dismiss,
];

/// Two accounts, one that is not renewed, and three ways of not being connected.
static TOLD: LazyLock<[Result<Box<Answer>, ServerFailure>; 6]> = LazyLock::new(|| {
    [
        connected("A", 3600, true),
        connected("B", 3600, true),
        connected("A", 3, false),
        none(None, None),
        none(Some("session_idle"), None),
        none(None, Some("access_denied")),
    ]
});

/// A state of the session and its surroundings. What is remembered of it as text is what decides.
#[derive(Clone)]
struct World {
    session: ServerSession,
    seconds: i64,
    /// The question under way.
    open: Option<AskId>,
    /// One that no longer counts.
    late: Option<AskId>,
    beginning: bool,
    disconnecting: bool,
    last_asked: i64,
}

impl World {
    fn event(&self, step: Step) -> Option<Event> {
        Some(match step {
            Step::Look => Event::Look,
            Step::Tick => Event::Tick,
            Step::Told(index) => Event::Answered(self.open?, TOLD[index].clone()),
            Step::ToldLate(index) => Event::Answered(self.late?, TOLD[index].clone()),
            Step::Unanswered => Event::Answered(self.open?, Err(ServerFailure::Unreachable)),
            Step::Unauthorized => Event::Unauthorized,
            Step::TryAgain => Event::TryAgain,
            Step::Authorize => Event::Authorize {
                return_to: page(),
                scope: None,
            },
            Step::Begun if self.beginning => uri(),
            Step::NotBegun if self.beginning => Event::Begun(Err(ServerFailure::Unreachable)),
            Step::Stay => Event::Stay,
            Step::Accept => Event::ContinueWithAccount,
            Step::Refuse => Event::RefuseAccount,
            Step::Disconnect => Event::Disconnect,
            Step::Disconnected if self.disconnecting => Event::Disconnected(Ok(())),
            Step::NotDisconnected if self.disconnecting => {
                Event::Disconnected(Err(ServerFailure::Unreachable))
            }
            Step::DisconnectedElsewhere => Event::DisconnectedElsewhere,
            Step::Dismiss => Event::Dismiss,
            _ => return None,
        })
    }

    fn happens(&self, step: Step, seconds: i64) -> Option<Self> {
        let event = self.event(step)?;
        let mut next = self.clone();
        next.seconds = seconds;
        let before = self.session.grant().map(|grant| grant.account.clone());
        let (session, effects) = self.session.clone().step(event, at(seconds));
        next.session = session;
        match step {
            Step::Told(_) | Step::Unanswered => next.open = None,
            Step::Begun | Step::NotBegun => next.beginning = false,
            Step::Disconnected | Step::NotDisconnected => next.disconnecting = false,
            _ => {}
        }
        for effect in &effects {
            match effect {
                Effect::Ask(id) => {
                    if let Some(voided) = next.open.replace(*id) {
                        next.late = Some(voided);
                    }
                    let pause = (seconds - next.last_asked) * 1000;
                    assert!(pause >= ASK_INTERVAL, "asked twice in a second");
                    next.last_asked = seconds;
                }
                Effect::Begin { .. } => next.beginning = true,
                Effect::Disconnect => {
                    assert!(!next.disconnecting, "one request to disconnect at a time");
                    next.disconnecting = true;
                }
                Effect::Leave(..) => {
                    assert!(matches!(step, Step::Begun), "nobody leaves unasked");
                }
                Effect::EraseEverything => assert!(next.session.grant().is_none()),
                _ => {}
            }
        }
        next.check(step, before.as_ref());
        Some(next)
    }

    fn check(&self, step: Step, before: Option<&Account>) {
        if let Some(grant) = self.session.grant() {
            let may = matches!(step, Step::Told(0..=2) | Step::Accept);
            assert!(before.is_some() || may, "{step:?} made a connection");
            let other = before.is_some_and(|before| !before.is_same_account(&grant.account));
            assert!(
                !other || matches!(step, Step::Accept),
                "{step:?} changed the account"
            );
        }
        let snapshot = self.session.snapshot();
        // There is a way on: somebody waits for an answer, time will bring one, or the user can act.
        let way_on = match &snapshot.state {
            State::Starting | State::Checking(None) => {
                self.session.is_asking() || self.disconnecting
            }
            State::Checking(Some(_)) => {
                snapshot.retried_at.is_some() || self.session.is_asking() || self.disconnecting
            }
            // They have buttons.
            _ => true,
        };
        assert!(way_on, "{step:?} led to a dead end: {snapshot:?}");
    }

    /// What decides how it goes on.
    fn key(&self) -> String {
        let since = (self.seconds - self.last_asked).min(LONGEST_PAUSE);
        let snapshot = self.session.snapshot();
        let retried = snapshot
            .retried_at
            .map(|at| at.seconds_since(self::at(self.seconds)));
        format!(
            "{:?} {since} {retried:?} {} {} {} {} {} {:?}",
            snapshot.state,
            self.open.is_some(),
            self.late.is_some(),
            self.session.is_asking(),
            self.beginning,
            self.disconnecting,
            snapshot.not_started,
        )
    }
}

/// Rule (With a server): Nothing but the server's answer or the user makes a connection, no question
/// is asked twice in a second, and every state has a way on
#[test]
fn every_state_with_a_server_keeps_its_promises() {
    let account = |name: &str| Account {
        platform_user_id: name.to_owned(),
        subject: name.to_owned(),
    };
    let worlds = [None, Some("A")].into_iter().flat_map(|name| {
        [false, true].map(|expected| World {
            session: ServerSession::new(name.map(account), expected, None),
            seconds: 0,
            open: None,
            late: None,
            beginning: false,
            disconnecting: false,
            last_asked: i64::MIN / 4000,
        })
    });
    let mut seen = HashSet::new();
    let mut ahead: VecDeque<(World, u32)> = worlds
        .filter_map(|world| world.happens(Step::Look, 0))
        .map(|world| (world, 0))
        .collect();
    while let Some((world, depth)) = ahead.pop_front() {
        if !seen.insert(world.key()) || depth == 9 {
            continue;
        }
        for step in STEPS {
            for pause in [0, 1, 6] {
                if let Some(next) = world.happens(step, world.seconds + pause) {
                    ahead.push_back((next, depth + 1));
                }
            }
        }
    }
    assert!(seen.len() > 500, "{}", seen.len());
}
