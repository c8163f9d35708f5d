//! Network and processor speed.

use cc_connect_e2e::Browser;
use serde_json::json;

/// A speed to measure at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speed {
    /// This machine, unthrottled.
    Full,
    /// A phone on slow 4G, as simulated by Lighthouse: 1.6 Mbit/s down, 750 kbit/s up, 150 ms per
    /// request, and a processor four times slower.
    SlowPhone,
}

impl Speed {
    /// All speeds.
    pub(crate) const ALL: [Self; 2] = [Self::Full, Self::SlowPhone];

    /// The name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Full => "Full speed",
            Self::SlowPhone => "Slow 4G, processor slowed down four times",
        }
    }

    /// Throttles the current tab to this speed.
    pub(crate) async fn throttle(self, browser: &Browser) {
        if self == Self::Full {
            return;
        }
        let kilobit = 1024 / 8;
        let network = json!({
            "offline": false,
            "latency": 150,
            "downloadThroughput": 1638 * kilobit,
            "uploadThroughput": 750 * kilobit,
        });
        browser.cdp("Network.enable", json!({})).await;
        browser
            .cdp("Network.emulateNetworkConditions", network)
            .await;
        browser
            .cdp("Emulation.setCPUThrottlingRate", json!({"rate": 4}))
            .await;
    }
}
