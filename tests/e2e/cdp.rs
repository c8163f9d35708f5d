//! What only the Chrome DevTools Protocol can do. A test that needs this runs in Chromium alone.

use crate::browser::Browser;
use crate::kind::Kind;
use http::Method;
use serde_json::{Value, json};

impl Browser {
    /// Sends a DevTools command to the tab that is driven now.
    ///
    /// # Panics
    ///
    /// In Firefox, which knows no such command.
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
        self.prefer(&[("prefers-color-scheme", scheme)]).await;
    }

    /// What the person's system prefers: media features with their values, and nothing else.
    pub async fn prefer(&self, features: &[(&str, &str)]) {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        self.cdp("Emulation.setEmulatedMedia", json!({"features": features}))
            .await;
    }

    /// Gives the page a viewport of this size; a narrow one is a phone's.
    pub async fn set_viewport(&self, width: u32, height: u32) {
        self.set_zoomed_viewport(width, height, 1).await;
    }

    /// As [`Browser::set_viewport`], with so many of the screen's pixels to one of the page's: the
    /// person has zoomed in.
    pub async fn set_zoomed_viewport(&self, width: u32, height: u32, zoom: u32) {
        let parameters = json!({
            "width": width, "height": height, "deviceScaleFactor": zoom, "mobile": width < 600,
        });
        self.cdp("Emulation.setDeviceMetricsOverride", parameters)
            .await;
    }

    /// Gives the screen touch, or takes it away.
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

    /// The whole page, not only what is in view, as a PNG image in base64.
    pub async fn full_page_screenshot(&self) -> String {
        let parameters = json!({"format": "png", "captureBeyondViewport": true});
        let shot = self.cdp("Page.captureScreenshot", parameters).await;
        shot["data"].as_str().unwrap_or_default().to_owned()
    }
}
