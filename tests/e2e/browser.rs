//! A browser session over WebDriver: what a user sees and does.

use crate::clock::PageClock;
use crate::console::ConsoleEntry;
use crate::kind::Kind;
use crate::pool::{Session, WINDOW};
use crate::socket::Socket;
use crate::wait::{POLL, TIMEOUT, eventually, eventually_within};
use fantoccini::elements::{Element, ElementRef};
use fantoccini::error::CmdError;
use fantoccini::wd::{WebDriverCompatibleCommand, WindowHandle};
use fantoccini::{Client, Locator};
use http::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::sleep;
use url::Url;

/// After how many milliseconds a page that is watched looks at itself again, and how often at most.
const LOOK_AGAIN: u32 = 20;
const LOOKS: u32 = 25;

/// What kind of control an accessible name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A button.
    Button,
    /// A link.
    Link,
}

impl Role {
    fn selector(self) -> &'static str {
        match self {
            Self::Button => "button, input[type=submit], [role=button]",
            Self::Link => "a[href]",
        }
    }
}

/// Where to open a new tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the window.
    Tab,
    /// In a window of its own.
    Window,
}

/// A test's scripts that run in each document before the document's own.
#[derive(Debug, Default)]
pub(crate) struct StartScripts {
    /// For the whole test.
    pub(crate) sources: Vec<String>,
    /// Firefox's identifiers of these scripts.
    pub(crate) names: Vec<String>,
    /// The script that moves the clocks, if any.
    pub(crate) clock: Option<String>,
    /// The browser's identifier of the clock script; in Chromium one per tab.
    pub(crate) clock_names: HashMap<String, String>,
}

/// A browser with a fresh profile.
pub struct Browser {
    pub(crate) session: Session,
    /// The browser's identifier for the profile.
    pub(crate) profile: String,
    /// The tab that is driven now.
    driven: Mutex<WindowHandle>,
    /// Whether the window is minimized.
    pub(crate) hidden: AtomicBool,
    console: Mutex<Vec<ConsoleEntry>>,
    pub(crate) clock: Mutex<PageClock>,
    pub(crate) start_scripts: Mutex<StartScripts>,
}

impl Browser {
    /// Wraps a browser that has no profile for the test yet.
    pub(crate) fn new(session: Session) -> Self {
        Self {
            driven: Mutex::new(session.keeper.clone()),
            session,
            profile: String::new(),
            hidden: AtomicBool::new(false),
            console: Mutex::default(),
            clock: Mutex::default(),
            start_scripts: Mutex::default(),
        }
    }

    /// The kind of browser.
    pub fn kind(&self) -> Kind {
        self.session.traits.kind
    }

    pub(crate) fn client(&self) -> &Client {
        &self.session.client
    }

    /// The socket of WebDriver BiDi, in Firefox.
    pub(crate) fn bidi(&self) -> Option<&Socket> {
        (self.kind() == Kind::Firefox).then_some(&self.session.socket)
    }

    /// Opens `url` and waits for its load event.
    pub async fn goto(&self, url: &str) {
        self.client()
            .goto(url)
            .await
            .unwrap_or_else(|error| panic!("cannot open {}: {error}", crate::redact(url)));
    }

    /// The address in the address bar.
    pub async fn url(&self) -> Url {
        self.client().current_url().await.expect("an open window")
    }

    /// The document's title.
    pub async fn title(&self) -> String {
        self.client().title().await.expect("an open window")
    }

    /// Reloads the page.
    pub async fn reload(&self) {
        self.client().refresh().await.expect("an open window");
    }

    /// Goes back in the history.
    pub async fn back(&self) {
        self.client().back().await.expect("an open window");
    }

    /// Goes forward in the history.
    pub async fn forward(&self) {
        self.client().forward().await.expect("an open window");
    }

    /// Runs the body of a function in the page and returns its value.
    pub async fn script(&self, body: &str, arguments: Vec<Value>) -> Value {
        self.try_script(body, arguments)
            .await
            .unwrap_or_else(|error| panic!("script failed: {error}\n{body}"))
    }

    /// Like [`Browser::script`], for a page that may be about to leave.
    pub async fn try_script(&self, body: &str, arguments: Vec<Value>) -> Result<Value, String> {
        match self.bidi() {
            // WebDriver's own command gives scripts a different `window` than the page's.
            Some(bidi) => self.script_of_firefox(bidi, body, &arguments).await,
            None => {
                let answer = self.client().execute(body, arguments).await;
                answer.map_err(|error| error.to_string())
            }
        }
    }

    /// Runs the body of a function in the page repeatedly until `judge` returns `Ok` for its value,
    /// and panics with the last `Err` after [`TIMEOUT`]. The page waits for another value before it tells
    /// one: asking is dear, above all while the page is busy.
    pub(crate) async fn watch<T>(
        &self,
        what: impl Display,
        body: &str,
        arguments: &[Value],
        judge: impl Fn(&Value) -> Result<T, String>,
    ) -> T {
        let known = Mutex::new(String::new());
        let another = format!(
            "const [known, given] = arguments;
            const look = function () {{ {body}
            }};
            return new Promise((tell, fail) => {{
                let left = {LOOKS};
                const again = () => {{
                    try {{
                        const seen = JSON.stringify(look.apply(null, given)) ?? 'null';
                        left -= 1;
                        seen !== known || left < 0 ? tell(seen) : setTimeout(again, {LOOK_AGAIN});
                    }} catch (error) {{
                        fail(error);
                    }}
                }};
                again();
            }})"
        );
        eventually_within(TIMEOUT, Duration::ZERO, what, async || {
            let before = known.lock().expect("no holder panics").clone();
            let seen = self.try_script(&another, vec![before.into(), arguments.into()]);
            let seen = match seen.await {
                Ok(seen) => seen.as_str().unwrap_or_default().to_owned(),
                Err(error) => {
                    // The page is being left: give the next one a moment.
                    sleep(POLL).await;
                    return Err(error);
                }
            };
            let value = serde_json::from_str(&seen).map_err(|error| error.to_string())?;
            *known.lock().expect("no holder panics") = seen;
            judge(&value)
        })
        .await
    }

    /// Runs a script by WebDriver, wherever that is.
    pub(crate) async fn webdriver_script(&self, body: &str) -> Result<Value, CmdError> {
        self.client().execute(body, vec![]).await
    }

    /// The visible text of the page.
    pub async fn text(&self) -> String {
        let text = self.script("return document.body.innerText", vec![]).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The current document as HTML.
    pub async fn html(&self) -> String {
        let html = "return document.documentElement.outerHTML";
        let html = self.script(html, vec![]).await;
        html.as_str().expect("a document has HTML").to_owned()
    }

    /// Waits until the page shows `text`.
    pub async fn wait_for_text(&self, text: &str) {
        let shown = "return document.body.innerText";
        self.watch(format!("the text {text:?}"), shown, &[], |shown| {
            let shown = shown.as_str().unwrap_or_default();
            let found = shown.contains(text).then_some(());
            found.ok_or_else(|| crate::redact(shown))
        })
        .await;
    }

    /// The texts of all elements that match a CSS selector.
    pub async fn texts(&self, selector: &str) -> Vec<String> {
        let texts = "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)";
        strings(&self.script(texts, vec![json!(selector)]).await)
    }

    /// The values of `attribute` of all elements that match a CSS selector.
    pub async fn attributes(&self, selector: &str, attribute: &str) -> Vec<String> {
        let values = "return [...document.querySelectorAll(arguments[0])]
            .map(e => e.getAttribute(arguments[1])).filter(v => v !== null)";
        let arguments = vec![json!(selector), json!(attribute)];
        strings(&self.script(values, arguments).await)
    }

    /// The accessible names of the controls that the page shows now.
    pub async fn names(&self, role: Role) -> Vec<String> {
        let named = self.shown_controls(role).await.unwrap_or_default();
        named.into_iter().map(|(_, name)| name).collect()
    }

    async fn shown_controls(&self, role: Role) -> Result<Vec<(Element, String)>, CmdError> {
        let mut named = Vec::new();
        for element in self
            .client()
            .find_all(Locator::Css(role.selector()))
            .await?
        {
            if element.is_displayed().await? {
                let name = self.computed_label(&element).await?;
                named.push((element, name));
            }
        }
        Ok(named)
    }

    async fn computed_label(&self, element: &Element) -> Result<String, CmdError> {
        let path = format!("element/{}/computedlabel", element.element_id().as_ref());
        let label = self.command(Method::GET, &path, None).await?;
        Ok(label.as_str().unwrap_or_default().trim().to_owned())
    }

    /// Waits for a control with this accessible name.
    pub async fn wait_for(&self, role: Role, name: &str) {
        eventually(format!("{role:?} {name:?}"), async || {
            self.control(role, name).await.map(|_| ())
        })
        .await;
    }

    /// Waits for the control with this accessible name, and clicks it.
    pub async fn click(&self, role: Role, name: &str) {
        eventually(format!("{role:?} {name:?} to click"), async || {
            let control = self.control(role, name).await?;
            control.click().await.map_err(|error| error.to_string())
        })
        .await;
    }

    /// The page itself looks first which controls may have that name, and waits a moment for one: to ask the
    /// driver for the name of each takes much longer.
    async fn control(&self, role: Role, name: &str) -> Result<Element, String> {
        let arguments = vec![json!(role.selector()), json!(name)];
        let found = self.client().execute(CANDIDATES, arguments).await;
        let found = found.map_err(|error| error.to_string())?;
        for candidate in found["candidates"].as_array().into_iter().flatten() {
            let id = candidate[ELEMENT]
                .as_str()
                .expect("a script tells elements");
            let id = ElementRef::from(id.to_owned());
            let control = Element::from_element_id(self.client().clone(), id);
            let label = self.computed_label(&control).await;
            let usable = label.map_err(|error| error.to_string())? == name
                && control.is_displayed().await.unwrap_or(false)
                && control.is_enabled().await.unwrap_or(false);
            if usable {
                return Ok(control);
            }
        }
        Err(found["texts"].to_string())
    }

    /// Presses keys one after the other in the focused element.
    pub async fn press(&self, keys: &str) {
        let pressed = keys
            .chars()
            .flat_map(|key| [("keyDown", key), ("keyUp", key)]);
        self.key_actions(pressed).await;
    }

    /// Presses keys together, holding the first one longest.
    pub async fn press_together(&self, keys: &str) {
        let down = keys.chars().map(|key| ("keyDown", key));
        let up = keys.chars().rev().map(|key| ("keyUp", key));
        self.key_actions(down.chain(up)).await;
    }

    async fn key_actions(&self, actions: impl Iterator<Item = (&str, char)>) {
        let actions: Vec<Value> = actions
            .map(|(kind, key)| json!({"type": kind, "value": key}))
            .collect();
        let body = json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]});
        self.command(Method::POST, "actions", Some(body))
            .await
            .expect("the driver takes key actions");
    }

    /// Selects the radio button or checkbox with this label.
    pub async fn choose(&self, label: &str) {
        let path = format!("//label[normalize-space()='{label}']");
        eventually(format!("the label {label:?}"), async || {
            let found = self.client().find(Locator::XPath(&path)).await;
            let label = found.map_err(|error| error.to_string())?;
            label.click().await.map_err(|error| error.to_string())
        })
        .await;
    }

    /// The accessible name of the control that has the focus.
    pub async fn focused(&self) -> Result<String, CmdError> {
        let element = self.client().active_element().await?;
        self.computed_label(&element).await
    }

    /// The addresses and titles of this tab's history entries, and the current index.
    pub async fn history(&self) -> (Vec<String>, usize) {
        let history = match self.kind() {
            Kind::Chromium => self.cdp("Page.getNavigationHistory", json!({})).await,
            Kind::Firefox => self.history_of_firefox().await,
        };
        let entries = history["entries"]
            .as_array()
            .expect("a history has entries");
        let entries = entries
            .iter()
            .map(|entry| format!("{} {}", entry["url"], entry["title"]))
            .collect();
        let current = history["currentIndex"].as_u64().unwrap_or_default();
        (entries, usize::try_from(current).unwrap_or_default())
    }

    /// Opens another tab in the same profile, in front, and switches to it. Returns the previous
    /// tab.
    pub async fn open_tab(&self) -> WindowHandle {
        self.open(Place::Tab).await
    }

    /// Opens another window in the same profile and switches to it. Unlike tabs of one window,
    /// several windows are visible at the same time. Returns the previous tab.
    pub async fn open_window(&self) -> WindowHandle {
        self.open(Place::Window).await
    }

    async fn open(&self, place: Place) -> WindowHandle {
        let before = self.tab().await;
        let tab = self.create_tab(place).await.expect("another tab");
        self.switch_to(tab).await;
        self.repeat_start_scripts().await;
        before
    }

    /// Lets the page open `url` in a new tab with a copy of the page's sessionStorage, as
    /// *Duplicate tab* does, and switches to it. Returns the previous tab.
    pub async fn duplicate_tab(&self, url: &str) -> WindowHandle {
        let before = self.tab().await;
        let known = self.tabs().await;
        // The opener is required: a tab without one starts with empty storage.
        let open = "window.open(arguments[0], '_blank')";
        self.script(open, vec![json!(url)]).await;
        let copy = eventually("the tab that the page opens", async || {
            let tabs = self.tabs().await;
            let copy = tabs.into_iter().find(|tab| !known.contains(tab));
            copy.ok_or("no other tab".to_owned())
        })
        .await;
        self.switch_to(copy).await;
        self.repeat_start_scripts().await;
        before
    }

    /// Every tab of every window.
    pub async fn tabs(&self) -> Vec<WindowHandle> {
        let mut tabs = self.client().windows().await.expect("an open browser");
        tabs.retain(|tab| *tab != self.session.keeper);
        tabs
    }

    /// Brings the current tab to the front, as a user does.
    pub async fn bring_to_front(&self) {
        match self.bidi() {
            Some(bidi) => {
                let context = String::from(self.tab().await);
                let parameters = json!({"context": context});
                bidi.command("browsingContext.activate", parameters).await
            }
            None => self.cdp("Page.bringToFront", json!({})).await,
        };
        self.wait_for_visibility("visible").await;
    }

    /// The texts of all elements that match a CSS selector in the page's first frame.
    pub async fn texts_in_frame(&self, selector: &str) -> Result<Vec<String>, String> {
        let texts = async {
            self.client().enter_frame(0).await?;
            let mut texts = Vec::new();
            for element in self.client().find_all(Locator::Css(selector)).await? {
                texts.push(element.text().await?);
            }
            Ok::<_, CmdError>(texts)
        };
        let texts = texts.await.map_err(|error| error.to_string());
        // Fails at the top level, where the browser already is if there was no frame.
        let _ = self.client().enter_parent_frame().await;
        texts
    }

    /// Switches to the page's first frame.
    pub async fn enter_frame(&self) -> Result<(), String> {
        let entered = self.client().clone().enter_frame(0).await;
        entered.map_err(|error| error.to_string())
    }

    /// Switches back to the top-level page.
    pub async fn leave_frame(&self) {
        let left = self.client().clone().enter_parent_frame().await;
        left.expect("the page around the frame");
    }

    /// Switches to this tab.
    pub async fn switch_to(&self, tab: WindowHandle) {
        self.try_switch_to(tab).await.expect("the tab is open");
    }

    pub(crate) async fn try_switch_to(&self, tab: WindowHandle) -> Result<(), String> {
        let switched = self.client().switch_to_window(tab.clone()).await;
        switched.map_err(|error| error.to_string())?;
        *self.driven.lock().expect("no holder panics") = tab;
        Ok(())
    }

    /// The current tab.
    pub async fn tab(&self) -> WindowHandle {
        self.driven.lock().expect("no holder panics").clone()
    }

    /// Closes the current tab; switch to another one afterwards.
    pub async fn close_tab(&self) {
        self.client().close_window().await.expect("an open window");
    }

    /// Minimizes the window, so that its page is hidden.
    pub async fn hide(&self) {
        self.hidden.store(true, Ordering::Relaxed);
        self.client()
            .minimize_window()
            .await
            .expect("the driver minimizes");
        self.wait_for_visibility("hidden").await;
    }

    /// Restores the window.
    pub async fn show(&self) {
        let (width, height) = WINDOW;
        self.client()
            .set_window_size(width, height)
            .await
            .expect("the driver restores");
        self.hidden.store(false, Ordering::Relaxed);
        self.wait_for_visibility("visible").await;
    }

    async fn wait_for_visibility(&self, state: &str) {
        eventually(format!("a {state} page"), async || {
            let seen = self.script("return document.visibilityState", vec![]).await;
            if seen == json!(state) {
                Ok(())
            } else {
                Err(seen.to_string())
            }
        })
        .await;
    }

    /// A screenshot of the page, as PNG.
    pub(crate) async fn screenshot(&self) -> Result<Vec<u8>, CmdError> {
        self.client().screenshot().await
    }

    /// All console entries so far, from every tab.
    pub async fn console(&self) -> Vec<ConsoleEntry> {
        if self.kind() == Kind::Firefox {
            return self.console_of_firefox().await;
        }
        let new = self.new_console_of_chromium().await;
        let mut console = self.console.lock().expect("no holder panics");
        console.extend(new.iter().map(ConsoleEntry::from_json));
        console.clone()
    }

    /// Chromium's console entries since the last call.
    pub(crate) async fn new_console_of_chromium(&self) -> Vec<Value> {
        let body = Some(json!({"type": "browser"}));
        match self.command(Method::POST, "se/log", body).await {
            Ok(Value::Array(new)) => new,
            _ => Vec::new(),
        }
    }

    /// Sends a command that fantoccini has no method for.
    pub(crate) async fn command(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, CmdError> {
        let command = SessionCommand {
            method,
            path: path.to_owned(),
            body,
        };
        self.client().issue_cmd(command).await
    }
}

/// The key under which WebDriver tells an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The controls that match a selector and have every word of a name in what a name is made of, and the texts
/// of all.
const CANDIDATES: &str = "const [selector, name] = arguments;
    const words = name.split(/\\s+/);
    const look = () => {
        const controls = [...document.querySelectorAll(selector)];
        const texts = controls.map(control => [
            control.textContent,
            control.value,
            ...['aria-label', 'title', 'alt'].map(name => control.getAttribute(name)),
            ...(control.getAttribute('aria-labelledby') ?? '').split(' ')
                .map(id => document.getElementById(id)?.textContent),
        ].filter(Boolean).join(' ').trim());
        const candidates = controls.filter((_, at) => words.every(word => texts[at].includes(word)));
        return {candidates, texts};
    };
    return new Promise(tell => {
        let left = 25;
        const again = () => {
            const seen = look();
            left -= 1;
            seen.candidates.length || left < 0 ? tell(seen) : setTimeout(again, 20);
        };
        again();
    })";

/// A command at `session/{id}/{path}`.
#[derive(Debug)]
struct SessionCommand {
    method: Method,
    path: String,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for SessionCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/{}", self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (
            self.method.clone(),
            self.body.as_ref().map(Value::to_string),
        )
    }
}

fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |item: &Value| item.as_str().unwrap_or_default().to_owned();
    items.iter().map(text).collect()
}
