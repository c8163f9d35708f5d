//! Vercel: `vercel.json`, and the same with a rewrite for the keys.

use serde_json::{Value, json};

use super::{File, file, json};
use crate::rules::{Class, Header};
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
    headers.extend(site.cached_paths().into_iter().map(|(path, class)| {
        let cache_control = Header {
            name: "Cache-Control",
            value: class.cache_control().to_owned(),
        };
        let unknown = match class {
            Class::Hashed => "([0-9a-f]+)",
            _ => "([^/]+)",
        };
        entry(path.replace('*', unknown), &[cache_control])
    }));
    // Vercel looks at these where there is no such file. A path with an extension is a file or nothing.
    let fallback = json!({
        "source": format!("{base}([^.]*)"),
        "destination": base.join("index.html"),
    });
    let rewrites: Vec<_> = keys.into_iter().chain([fallback]).collect();
    json!({
        "$schema": "https://openapi.vercel.sh/vercel.json",
        "framework": null,
        "headers": headers,
        "rewrites": rewrites,
    })
}
