//! A test's scripts that run in each document before the document's own.

use crate::browser::Browser;
use serde_json::json;

impl Browser {
    /// Runs `source` at the start of every document that this tab opens from now on, and every tab
    /// that [`Browser::open_tab`] opens, before the document's own scripts.
    pub async fn at_document_start(&self, source: &str) {
        let name = self.add_start_script(source).await;
        let mut scripts = self.start_scripts.lock().expect("no holder panics");
        scripts.sources.push(source.to_owned());
        scripts.names.push(name);
    }

    /// Otherwise Firefox would run them in the tabs of all later tests.
    pub(crate) async fn remove_start_scripts(&self) {
        let scripts = {
            let mut scripts = self.start_scripts.lock().expect("no holder panics");
            std::mem::take(&mut *scripts)
        };
        for name in scripts.names.iter().chain(scripts.clock_names.values()) {
            self.remove_start_script(name).await;
        }
    }

    /// Installs the existing scripts in a newly opened tab.
    pub(crate) async fn repeat_start_scripts(&self) {
        if self.bidi().is_some() {
            // Firefox runs them in every tab automatically.
            return;
        }
        let (sources, clock) = {
            let scripts = self.start_scripts.lock().expect("no holder panics");
            (scripts.sources.clone(), scripts.clock.clone())
        };
        for source in sources {
            self.add_start_script(&source).await;
        }
        if let Some(source) = clock {
            let tab = String::from(self.tab().await);
            self.replace_clock_script_of(tab, &source).await;
        }
    }

    /// Replaces the clock script for all future documents, in every tab.
    pub(crate) async fn replace_clock_script(&self, source: String) {
        if self.bidi().is_some() {
            self.replace_clock_script_of("every tab".to_owned(), &source)
                .await;
        } else {
            let driven = self.tab().await;
            for tab in self.tabs().await {
                self.switch_to(tab.clone()).await;
                self.replace_clock_script_of(tab.into(), &source).await;
            }
            self.switch_to(driven).await;
        }
        let mut scripts = self.start_scripts.lock().expect("no holder panics");
        scripts.clock = Some(source);
    }

    async fn replace_clock_script_of(&self, place: String, source: &str) {
        let before = {
            let mut scripts = self.start_scripts.lock().expect("no holder panics");
            scripts.clock_names.remove(&place)
        };
        if let Some(name) = before {
            self.remove_start_script(&name).await;
        }
        let name = self.add_start_script(source).await;
        let mut scripts = self.start_scripts.lock().expect("no holder panics");
        scripts.clock_names.insert(place, name);
    }

    async fn add_start_script(&self, source: &str) -> String {
        let (added, name) = match self.bidi() {
            Some(bidi) => {
                let parameters = json!({"functionDeclaration": format!("() => {{ {source} }}")});
                let added = bidi.command("script.addPreloadScript", parameters).await;
                (added, "script")
            }
            None => {
                let method = "Page.addScriptToEvaluateOnNewDocument";
                let added = self.cdp(method, json!({"source": source})).await;
                (added, "identifier")
            }
        };
        let name = added[name].as_str();
        name.expect("a script that was added has a name").to_owned()
    }

    async fn remove_start_script(&self, name: &str) {
        match self.bidi() {
            Some(bidi) => {
                let parameters = json!({"script": name});
                bidi.command("script.removePreloadScript", parameters).await
            }
            None => {
                let method = "Page.removeScriptToEvaluateOnNewDocument";
                self.cdp(method, json!({"identifier": name})).await
            }
        };
    }
}
