//! A fresh profile for each test, in a browser that has served others: no storage, cache,
//! permissions or tabs. Chromium creates one as for a private window, Firefox as a container.

use crate::browser::{Browser, Place};
use crate::kind::Kind;
use crate::pool::{self, Session, Traits, WINDOW};
use fantoccini::wd::WindowHandle;
use serde_json::json;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a browser may take to remove a profile.
const PATIENCE: Duration = Duration::from_secs(10);

impl Browser {
    /// A browser with these traits and a fresh profile, with one window.
    pub(crate) async fn start(traits: Traits) -> Self {
        if let Some(session) = pool::take_idle(traits) {
            match Self::with_profile(session).await {
                Ok(browser) => return browser,
                // It has crashed since the last test, so replace it.
                Err((session, _)) => pool::quit(session).await,
            }
        }
        let session = pool::start_browser(traits).await;
        match Self::with_profile(session).await {
            Ok(browser) => browser,
            Err((session, error)) => {
                pool::quit(session).await;
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
            // A window cannot have tabs of two profiles.
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

    /// Ends the test and returns the browser to the pool if its profile could be removed. After a
    /// failed test it is not reused.
    pub(crate) async fn close(self, passed: bool) {
        // The next test would begin in that window.
        let usable = passed && !self.hidden.load(Ordering::Relaxed);
        if usable && let Ok(Ok(())) = tokio::time::timeout(PATIENCE, self.forget()).await {
            pool::give_back(self.session).await;
        } else {
            pool::quit(self.session).await;
        }
    }

    /// Closes every tab of the profile and erases its data.
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

    /// Discards console entries from before this test.
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
