//! How fast the network and the processor are.

use cc_connect_e2e::Browser;
use serde_json::json;

/// A speed to measure at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speed {
    /// As this machine has it.
    Full,
    /// A phone on slow 4G, as Lighthouse has it: 1.6 Mbit/s down, 750 kbit/s up, 150 ms for every
    /// request, and a processor that takes four times as long.
    SlowPhone,
}

impl Speed {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Full, Self::SlowPhone];

    /// What to call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Full => "Full speed",
            Self::SlowPhone => "Slow 4G, processor slowed down four times",
        }
    }

    /// Makes the tab that is driven this fast.
    pub(crate) async fn set(self, browser: &Browser) {
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
