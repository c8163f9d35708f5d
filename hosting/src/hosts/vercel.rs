//! Vercel: `vercel.json`, and the same with a rewrite for the keys.

use serde_json::{Value, json};

use super::file::{File, file, json};
use crate::rules::Header;
use crate::site::Site;

pub(super) fn render(site: &Site) -> Vec<File> {
    let keys = json!({
        "source": site.keys_path(),
        "destination": site.keys_upstream().as_str(),
    });
    vec![
        file("vercel.json", json(&configuration(site, None))),
        file(
            "with-keys/vercel.json",
            json(&configuration(site, Some(keys))),
        ),
    ]
}

fn configuration(site: &Site, keys: Option<Value>) -> Value {
    let base = &site.base;
    let entry = |source: String, headers: &[Header]| {
        let headers: Vec<_> = headers
            .iter()
            .map(|header| json!({ "key": header.name, "value": header.value }))
            .collect();
        json!({ "source": source, "headers": headers })
    };
    let mut headers = vec![entry(format!("{base}(.*)"), &site.https_headers())];
    let cached = site.cached_paths_whatever_the_status();
    headers.extend(cached.into_iter().map(|(path, class)| {
        let cache_control = Header {
            name: "Cache-Control",
            value: class.cache_control().to_owned(),
        };
        entry(path.replace('*', "([^/]+)"), &[cache_control])
    }));
    // Vercel applies these if there is no such file. A path with an extension is a file or does not exist.
    let fallback = json!({
        "source": format!("{base}([^.]*)"),
        "destination": base.join("index.html"),
    });
    let callback = site
        .dotted_callback()
        .map(|callback| json!({ "source": callback, "destination": base.join("index.html") }));
    let rewrites: Vec<_> = keys.into_iter().chain(callback).chain([fallback]).collect();
    json!({
        "$schema": "https://openapi.vercel.sh/vercel.json",
        "framework": null,
        "headers": headers,
        "rewrites": rewrites,
    })
}
