//! `cargo xtask stage-config`, Trunk's post-build hook: development uses the sandbox's settings
//! without changing the deployer's config.json.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace;

/// Set to 1 to use the deployer's own config.json in a debug build.
pub(crate) const LIVE: &str = "CC_CONNECT_LIVE";
/// The sandbox's port, if not the default.
pub(crate) const SANDBOX_PORT: &str = "CC_CONNECT_SANDBOX_PORT";

/// Set to `code` for the authorization code grant.
pub(crate) const RESPONSE_TYPE: &str = "CC_CONNECT_RESPONSE_TYPE";

const SETTINGS: &str = "sandbox/config.json";
const SETTINGS_FOR_CODE: &str = "sandbox/config.code.json";
const DEFAULT_ORIGIN: &str = "http://localhost:8081";

/// Puts the sandbox's settings into a debug build before Trunk serves it.
pub(crate) fn run() -> Result<()> {
    let staging = env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .context("this is a hook for Trunk, which sets TRUNK_STAGING_DIR")?;
    let debug = env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "debug");
    let live = env::var(LIVE).is_ok_and(|value| value == "1");
    if !debug || live {
        return Ok(());
    }
    let port = match env::var(SANDBOX_PORT) {
        Ok(port) => Some(
            port.parse()
                .with_context(|| format!("{SANDBOX_PORT} is {port:?}, which is not a port"))?,
        ),
        Err(_) => None,
    };
    let file = match env::var(RESPONSE_TYPE).as_deref() {
        Ok("code") => SETTINGS_FOR_CODE,
        Ok("token") | Err(_) => SETTINGS,
        Ok(other) => bail!("{RESPONSE_TYPE} is {other:?}; it must be token or code"),
    };
    let settings =
        with_port(&workspace::read(file)?, port).with_context(|| format!("{file} is not JSON"))?;
    let target = staging.join("config.json");
    std::fs::write(&target, settings)
        .with_context(|| format!("could not write {}", target.display()))
}

/// The settings, with every URL of the sandbox's default origin moved to `port`.
fn with_port(settings: &str, port: Option<u16>) -> serde_json::Result<String> {
    let mut settings: Value = serde_json::from_str(settings)?;
    if let Some(port) = port {
        move_urls(&mut settings, &format!("http://localhost:{port}"));
    }
    Ok(format!("{settings:#}\n"))
}

fn move_urls(value: &mut Value, origin: &str) {
    match value {
        Value::String(text) => {
            if let Some(rest) = text.strip_prefix(DEFAULT_ORIGIN)
                && (rest.is_empty() || rest.starts_with(['/', '?', '#']))
            {
                *text = format!("{origin}{rest}");
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| move_urls(value, origin)),
        Value::Object(entries) => entries
            .values_mut()
            .for_each(|value| move_urls(value, origin)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SANDBOX: &str = r#"{
        "client_id": "7f0c2a4e",
        "issuer": "http://localhost:8081/oauth2/a",
        "audience": "http://localhost:8081",
        "redirect_uri": "http://localhost:8080/callback",
        "jwks_uri": "http://localhost:80811/keys",
        "more": ["http://localhost:8081/v3", 8081]
    }"#;

    fn read(settings: &str) -> Value {
        serde_json::from_str(settings).expect("it is JSON")
    }

    #[test]
    fn urls_of_the_sandbox_move_to_its_port() {
        let moved = read(&with_port(SANDBOX, Some(9001)).expect("it is JSON"));
        assert_eq!(moved["client_id"], "7f0c2a4e");
        assert_eq!(moved["issuer"], "http://localhost:9001/oauth2/a");
        assert_eq!(moved["audience"], "http://localhost:9001");
        assert_eq!(moved["redirect_uri"], "http://localhost:8080/callback");
        assert_eq!(moved["jwks_uri"], "http://localhost:80811/keys");
        assert_eq!(moved["more"][0], "http://localhost:9001/v3");
        assert_eq!(moved["more"][1], 8081);
    }

    #[test]
    fn without_a_port_they_stay() {
        let same = with_port(SANDBOX, None).expect("it is JSON");
        assert_eq!(read(&same), read(SANDBOX));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        assert!(with_port("{", Some(9001)).is_err());
    }
}
