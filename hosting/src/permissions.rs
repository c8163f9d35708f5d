//! `Permissions-Policy`: denies every browser feature except writing to the clipboard, when the
//! user presses a *Copy* button.

/// Every feature that Chromium 156 lists in `document.featurePolicy.features()`, except for the
/// client hints (`ch-…`, request headers about the browser, sent only to servers that ask) and for
/// [`ALLOWED_TO_ITSELF`]. A browser that does not know one of them warns on its console and
/// continues. A feature that is missing here is not denied, so the list should be reviewed from
/// time to time.
pub const DENIED: [&str; 53] = [
    "accelerometer",
    "aria-notify",
    "autoplay",
    "browsing-topics",
    "camera",
    "captured-surface-control",
    "clipboard-read",
    "compute-pressure",
    "cross-origin-isolated",
    "deferred-fetch",
    "deferred-fetch-minimal",
    "digital-credentials-create",
    "digital-credentials-get",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "interest-cohort",
    "keyboard-map",
    "language-detector",
    "language-model",
    "local-fonts",
    "local-network",
    "local-network-access",
    "loopback-network",
    "magnetometer",
    "media-playback-while-not-visible",
    "microphone",
    "midi",
    "on-device-speech-recognition",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "private-state-token-issuance",
    "private-state-token-redemption",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "speaker-selection",
    "storage-access",
    "summarizer",
    "sync-xhr",
    "translator",
    "unload",
    "usb",
    "window-management",
    "xr-spatial-tracking",
];

/// The one feature that the page uses, for its *Copy* buttons.
pub const ALLOWED_TO_ITSELF: [&str; 1] = ["clipboard-write"];

/// The value of the header, its features sorted.
pub fn permissions_policy() -> String {
    let denied = DENIED.iter().map(|feature| format!("{feature}=()"));
    let allowed = ALLOWED_TO_ITSELF
        .iter()
        .map(|feature| format!("{feature}=(self)"));
    let mut all: Vec<_> = denied.chain(allowed).collect();
    all.sort();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_is_named_once() {
        let mut names: Vec<_> = DENIED.iter().chain(&ALLOWED_TO_ITSELF).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        let usual = |name: &str| name.bytes().all(|c| c.is_ascii_lowercase() || c == b'-');
        assert!(names.iter().all(|name| !name.is_empty() && usual(name)));
    }

    /// Cloudflare Pages takes lines of 2 000 characters, CloudFront values of 1 783.
    #[test]
    fn the_header_is_short_enough_for_every_host() {
        let length = permissions_policy().len();
        assert!(length < 1_783, "{length}");
    }
}
