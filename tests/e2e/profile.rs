//! A fresh profile for each test, in a browser that has served others: nothing stored, nothing in the
//! cache, no permission, no tab. Chromium makes one as for a private window, Firefox as a container.

use crate::browser::Browser;
use crate::kind::Kind;
use crate::pool::{self, Session, Traits, WINDOW};
use fantoccini::wd::WindowHandle;
use serde_json::json;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a browser may take to forget a test.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a new tab opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the window.
    Tab,
    /// In a window of its own.
    Window,
}

impl Browser {
    /// A browser with these traits and a fresh profile, with one window.
    pub(crate) async fn start(traits: Traits) -> Self {
        if let Some(session) = pool::take(traits) {
            match Self::with_profile(session).await {
                Ok(browser) => return browser,
                // It has crashed since the last test: another one takes its place.
                Err((session, _)) => pool::end(session).await,
            }
        }
        let session = pool::start(traits).await;
        match Self::with_profile(session).await {
            Ok(browser) => browser,
            Err((session, error)) => {
                pool::end(session).await;
                panic!("{} makes no profile: {error}", traits.kind)
            }
        }
    }

    async fn with_profile(session: Session) -> Result<Self, (Session, String)> {
        let mut browser = Self::new(session);
        match browser.make_profile().await {
            Ok(()) => Ok(browser),
            Err(error) => Err((browser.session, error)),
        }
    }

    async fn make_profile(&mut self) -> Result<(), String> {
        let (command, name, place) = match self.kind() {
            // No window has tabs of two profiles.
            Kind::Chromium => (
                "Target.createBrowserContext",
                "browserContextId",
                Place::Window,
            ),
            Kind::Firefox => ("browser.createUserContext", "userContext", Place::Tab),
        };
        let made = self.session.socket.try_command(command, json!({})).await?;
        let name = made[name].as_str().ok_or("a profile has a name")?;
        self.profile = name.to_owned();
        let tab = self.create_tab(place).await?;
        self.try_switch_to(tab).await?;
        self.forget_the_console().await;
        Ok(())
    }

    /// Opens an empty tab in the profile, in front.
    pub(crate) async fn create_tab(&self, place: Place) -> Result<WindowHandle, String> {
        let (width, height) = WINDOW;
        let window = place == Place::Window;
        let (command, mut parameters, name) = match self.kind() {
            Kind::Chromium => (
                "Target.createTarget",
                json!({
                    "url": "about:blank",
                    "browserContextId": self.profile,
                    "newWindow": window,
                }),
                "targetId",
            ),
            Kind::Firefox => (
                "browsingContext.create",
                json!({
                    "type": if window { "window" } else { "tab" },
                    "userContext": self.profile,
                }),
                "context",
            ),
        };
        if window && self.kind() == Kind::Chromium {
            parameters["width"] = json!(width);
            parameters["height"] = json!(height);
        }
        let created = self.session.socket.try_command(command, parameters).await?;
        let name = created[name].as_str().ok_or("a tab has a name")?.to_owned();
        WindowHandle::try_from(name).map_err(|error| error.to_string())
    }

    /// The test is over: the browser waits for another one, if it can forget this one. One in which a
    /// test has failed is not trusted to.
    pub(crate) async fn close(self, passed: bool) {
        // The next test would begin in that window.
        let usable = passed && !self.hidden.load(Ordering::Relaxed);
        if usable && let Ok(Ok(())) = tokio::time::timeout(PATIENCE, self.forget()).await {
            pool::give_back(self.session).await;
        } else {
            pool::end(self.session).await;
        }
    }

    /// Closes every tab of the profile, and erases what it holds.
    async fn forget(&self) -> Result<(), String> {
        let keeper = self.session.keeper.clone();
        self.try_switch_to(keeper).await?;
        let (command, parameters) = match self.kind() {
            Kind::Chromium => (
                "Target.disposeBrowserContext",
                json!({"browserContextId": self.profile}),
            ),
            Kind::Firefox => {
                self.remove_start_scripts().await;
                (
                    "browser.removeUserContext",
                    json!({"userContext": self.profile}),
                )
            }
        };
        self.session.socket.try_command(command, parameters).await?;
        Ok(())
    }

    /// What came before this test is not its own.
    async fn forget_the_console(&self) {
        match self.bidi() {
            Some(bidi) => bidi.forget_events(),
            None => {
                self.new_console_of_chromium().await;
                if self.session.traits.recording {
                    self.performance_log().await;
                }
            }
        }
    }
}
