//! What only the Chrome DevTools Protocol can do. Tests that need it run in Chromium only.

use crate::browser::Browser;
use crate::kind::Kind;
use http::Method;
use serde_json::{Value, json};

impl Browser {
    /// Sends a DevTools command to the current tab.
    ///
    /// # Panics
    ///
    /// In Firefox, which has no such protocol.
    pub async fn cdp(&self, method: &str, parameters: Value) -> Value {
        let kind = self.kind();
        assert_eq!(
            kind,
            Kind::Chromium,
            "{method} is a command of the DevTools Protocol: {kind} has none, so this test runs in \
             Chromium alone"
        );
        let body = json!({"cmd": method, "params": parameters});
        self.command(Method::POST, "goog/cdp/execute", Some(body))
            .await
            .unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Makes every request to an address matching one of these patterns fail with a network error.
    pub async fn block(&self, patterns: &[&str]) {
        self.cdp("Network.enable", json!({})).await;
        self.cdp("Network.setBlockedURLs", json!({"urls": patterns}))
            .await;
    }

    /// Takes this tab offline, or back online.
    pub async fn set_offline(&self, offline: bool) {
        self.cdp("Network.enable", json!({})).await;
        let parameters = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.cdp("Network.emulateNetworkConditions", parameters)
            .await;
    }

    /// Sets the system's color scheme preference: `"light"` or `"dark"`.
    pub async fn prefer_color_scheme(&self, scheme: &str) {
        self.prefer(&[("prefers-color-scheme", scheme)]).await;
    }

    /// Sets these media features as the system's preferences, and resets all others.
    pub async fn prefer(&self, features: &[(&str, &str)]) {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        self.cdp("Emulation.setEmulatedMedia", json!({"features": features}))
            .await;
    }

    /// Resizes the viewport; a narrow one emulates a phone.
    pub async fn set_viewport(&self, width: u32, height: u32) {
        self.set_zoomed_viewport(width, height, 1).await;
    }

    /// Like [`Browser::set_viewport`], with this many screen pixels per page pixel: the user has
    /// zoomed in.
    pub async fn set_zoomed_viewport(&self, width: u32, height: u32, zoom: u32) {
        let parameters = json!({
            "width": width, "height": height, "deviceScaleFactor": zoom, "mobile": width < 600,
        });
        self.cdp("Emulation.setDeviceMetricsOverride", parameters)
            .await;
    }

    /// Enables or disables touch emulation.
    pub async fn set_touch(&self, enabled: bool) {
        let parameters = json!({"enabled": enabled, "maxTouchPoints": 5});
        self.cdp("Emulation.setTouchEmulationEnabled", parameters)
            .await;
    }

    /// Lets the pages of `origin` read and write the clipboard without asking.
    pub async fn allow_clipboard(&self, origin: &str) {
        let permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"];
        let parameters = json!({
            "origin": origin, "permissions": permissions, "browserContextId": self.profile,
        });
        self.session
            .socket
            .command("Browser.grantPermissions", parameters)
            .await;
    }

    /// The whole page, beyond the viewport, as a base64 PNG image.
    pub async fn full_page_screenshot(&self) -> String {
        let parameters = json!({"format": "png", "captureBeyondViewport": true});
        let shot = self.cdp("Page.captureScreenshot", parameters).await;
        shot["data"].as_str().unwrap_or_default().to_owned()
    }
}
