//! What only the Chrome DevTools Protocol can do. A test that needs none of this could run in
//! another browser.

use crate::browser::Browser;
use http::Method;
use serde_json::{Value, json};

impl Browser {
    /// Sends a DevTools command to the tab that is driven now.
    pub async fn cdp(&self, method: &str, parameters: Value) -> Value {
        let body = json!({"cmd": method, "params": parameters});
        self.command(Method::POST, "goog/cdp/execute", Some(body))
            .await
            .unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Runs `source` at the start of every document that this tab opens from now on, before the
    /// document's own scripts. Returns an identifier for [`Browser::forget_script`].
    pub async fn at_document_start(&self, source: &str) -> String {
        let added = self
            .cdp(
                "Page.addScriptToEvaluateOnNewDocument",
                json!({"source": source}),
            )
            .await;
        added["identifier"].as_str().unwrap_or_default().to_owned()
    }

    /// Undoes [`Browser::at_document_start`].
    pub async fn forget_script(&self, identifier: &str) {
        let parameters = json!({"identifier": identifier});
        self.cdp("Page.removeScriptToEvaluateOnNewDocument", parameters)
            .await;
    }

    /// The addresses and titles of all entries of this tab's history, and where it stands.
    pub async fn history(&self) -> (Vec<String>, usize) {
        let history = self.cdp("Page.getNavigationHistory", json!({})).await;
        let entries = history["entries"].as_array().cloned().unwrap_or_default();
        let entries = entries
            .iter()
            .map(|entry| format!("{} {}", entry["url"], entry["title"]))
            .collect();
        let current = history["currentIndex"].as_u64().unwrap_or_default();
        (entries, usize::try_from(current).unwrap_or_default())
    }

    /// Makes every request to an address that matches one of these patterns fail, as a network
    /// that does not lead there.
    pub async fn block(&self, patterns: &[&str]) {
        self.cdp("Network.enable", json!({})).await;
        self.cdp("Network.setBlockedURLs", json!({"urls": patterns}))
            .await;
    }

    /// Takes this tab off the network, or puts it back.
    pub async fn set_offline(&self, offline: bool) {
        self.cdp("Network.enable", json!({})).await;
        let parameters = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.cdp("Network.emulateNetworkConditions", parameters)
            .await;
    }

    /// What the person's system prefers: `"light"` or `"dark"`.
    pub async fn prefer_color_scheme(&self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.cdp("Emulation.setEmulatedMedia", json!({"features": [feature]}))
            .await;
    }

    /// Gives the page a viewport of this size; a narrow one is a phone's.
    pub async fn set_viewport(&self, width: u32, height: u32) {
        let parameters = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.cdp("Emulation.setDeviceMetricsOverride", parameters)
            .await;
    }

    /// Lets the pages of `origin` read and write the clipboard without asking.
    pub async fn allow_clipboard(&self, origin: &str) {
        let permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"];
        let parameters = json!({"origin": origin, "permissions": permissions});
        self.cdp("Browser.grantPermissions", parameters).await;
    }

    /// The whole page, not only what is in view, as a PNG image in base64.
    pub async fn full_page_screenshot(&self) -> String {
        let parameters = json!({"format": "png", "captureBeyondViewport": true});
        let shot = self.cdp("Page.captureScreenshot", parameters).await;
        shot["data"].as_str().unwrap_or_default().to_owned()
    }
}
