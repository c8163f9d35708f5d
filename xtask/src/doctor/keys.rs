//! The issuer's key set, requested as the page will.

use cc_connect_hosting::Topic;
use serde_json::Value;

use super::finding::Finding;
use super::look::Seen;

pub(super) fn check(seen: &Seen) -> Option<Finding> {
    let fetched = seen.keys.as_ref()?;
    let uri = &seen.settings.as_ref()?.jwks_uri;
    let wrong = |code, text: String| {
        Finding::wrong(code, text)
            .advising("correct jwks_uri in config.json, or ask whoever runs that server")
    };
    let response = match fetched {
        Err(problem) => {
            let text = format!("The key set {uri} does not respond: {problem}");
            let change = "check whether this machine can reach it; if it can, correct jwks_uri in config.json";
            return Some(Finding::wrong("keys_unreachable", text).advising(change));
        }
        Ok(response) => response,
    };
    if !response.is_ok() {
        let text = format!("The key set {uri} has status {}", response.status.as_u16());
        return Some(wrong("keys_unreachable", text));
    }
    let origin = seen.place.origin();
    let own = uri.origin() == seen.place.url.origin();
    let allowed = response.header("access-control-allow-origin");
    if !own
        && !allowed
            .as_deref()
            .is_some_and(|value| value == "*" || value == origin)
    {
        let found = match allowed {
            None => "no Access-Control-Allow-Origin".to_owned(),
            Some(value) => format!("Access-Control-Allow-Origin: {value}"),
        };
        let text = format!("A page at {origin} cannot read the key set {uri}: it has {found}");
        return Some(Finding::wrong("keys_cors", text).in_file(
            Topic::Keys,
            "turn on the rule for /keys, and enter its address as jwks_uri in config.json",
        ));
    }
    let keys: Option<Value> = serde_json::from_slice(&response.body).ok();
    let usable = |key: &Value| key["kty"] == "RSA" && key["n"].is_string() && key["e"].is_string();
    let count = keys.as_ref().and_then(|set| set["keys"].as_array());
    let count = count.map_or(0, |keys| keys.iter().filter(|key| usable(key)).count());
    if count == 0 {
        let text = format!("{uri} is not a key set with an RSA key");
        return Some(wrong("keys_unusable", text));
    }
    let by_whom = if own { "" } else { " from this origin" };
    let text = format!("The key set can be read{by_whom}, and has {count} RSA keys");
    Some(Finding::right("keys", text))
}
