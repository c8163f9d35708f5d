//! Firebase Hosting: `firebase.json`. If two rules set the same header, the later one wins.

use serde_json::{Value, json};

use super::file::{File, escaped, file, json};
use crate::rules::{Class, Header};
use crate::site::Site;

pub(super) fn render(site: &Site) -> Vec<File> {
    let keys = json!({ "source": site.keys_path(), "function": { "functionId": "keys" } });
    vec![
        file("firebase.json", json(&configuration(site, None))),
        file(
            "with-keys/firebase.json",
            json(&configuration(site, Some(keys))),
        ),
        file("with-keys/functions/index.js", keys_function(site)),
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
    let cache_control = |class: Class| Header {
        name: "Cache-Control",
        value: class.cache_control().to_owned(),
    };
    let mut everywhere = site.https_headers();
    everywhere.push(cache_control(Class::Other));
    let mut headers = vec![entry(format!("{base}**"), &everywhere)];
    headers.extend(
        site.cached_paths_whatever_the_status()
            .into_iter()
            .filter(|(_, class)| class.cache_control() != Class::Other.cache_control())
            .map(|(path, class)| entry(path, &[cache_control(class)])),
    );
    // Files take precedence. A path with an extension is a file or does not exist.
    let fallback = json!({
        "regex": format!("^{}[^.]*$", escaped(base.as_str())),
        "destination": base.join("index.html"),
    });
    let with_functions = keys.is_some();
    let callback = site
        .dotted_callback()
        .map(|callback| json!({ "source": callback, "destination": base.join("index.html") }));
    let rewrites: Vec<_> = keys.into_iter().chain(callback).chain([fallback]).collect();
    let mut configuration = json!({
        "hosting": {
            "public": if base.is_root() { "dist" } else { "public" },
            "ignore": ["firebase.json", "**/.*", "**/*.br", "**/*.gz", "**/node_modules/**"],
            "headers": headers,
            "rewrites": rewrites,
        },
    });
    if with_functions {
        configuration["functions"] = json!({ "source": "functions", "runtime": "nodejs22" });
    }
    configuration
}

fn keys_function(site: &Site) -> String {
    format!(
        "\
// {path}: the issuer's keys from the page's own origin, in case the issuer no longer lets other origins read
// them.
const {{ onRequest }} = require(\"firebase-functions/v2/https\");

exports.keys = onRequest(async (request, response) => {{
  const keys = await fetch(\"{upstream}\", {{
    headers: {{ Accept: \"application/json\" }},
    redirect: \"error\",
  }});
  response
    .status(keys.status === 200 ? 200 : 502)
    .set(\"Content-Type\", \"application/json\")
    .set(\"Cache-Control\", keys.headers.get(\"Cache-Control\") ?? \"no-cache\")
    .send(await keys.text());
}});
",
        path = site.keys_path(),
        upstream = site.keys_upstream(),
    )
}
