//! What Lighthouse says of the first page. CONTRIBUTING.md says how to run it.

use cc_connect_e2e::{Setup, World};
use serde_json::Value;
use std::path::Path;
use std::{env, fs};
use tokio::process::Command;

/// What has to be 100, whatever the machine.
const PERFECT: [&str; 3] = ["accessibility", "best-practices", "seo"];

#[tokio::test]
#[ignore = "takes Lighthouse, and half a minute"]
#[expect(clippy::print_stdout, reason = "the report is what it is run for")]
async fn the_first_page_is_as_good_as_lighthouse_can_tell() {
    Setup::new()
        .run(async |world: &World| {
            let report = report_on(&world.host.url("/")).await;
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lighthouse.json");
            fs::write(&file, report.to_string()).expect("a file of the build's can be written");
            println!("The whole report is in {}.", file.display());
            let score = |of: &Value| (of["score"].as_f64().unwrap_or_default() * 100.0).round();
            let mut imperfect = Vec::new();
            for (name, category) in report["categories"].as_object().unwrap() {
                println!("{name}: {}", score(category));
                if PERFECT.contains(&name.as_str()) && score(category) < 100.0 {
                    imperfect.push(name);
                }
                for audit in category["auditRefs"].as_array().unwrap() {
                    let weighs = audit["weight"].as_f64().unwrap_or_default() > 0.0;
                    let audit = &report["audits"][audit["id"].as_str().unwrap()];
                    if weighs && audit["score"].is_number() && score(audit) < 100.0 {
                        let (title, value) = (&audit["title"], &audit["displayValue"]);
                        println!("    {}: {title} {value}", score(audit));
                        println!("        {}", audit["details"]["items"]);
                    }
                }
            }
            assert!(imperfect.is_empty(), "not 100: {imperfect:?}");
            let moved = &report["audits"]["cumulative-layout-shift"]["numericValue"];
            assert_eq!(moved.as_f64(), Some(0.0), "something moves");
        })
        .await;
}

/// Lighthouse's own report, as a telephone on a slow network sees the page.
async fn report_on(url: &str) -> Value {
    let variable = "CC_CONNECT_LIGHTHOUSE";
    let program = env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} does not name Lighthouse's cli/index.js: see CONTRIBUTING.md")
    });
    let flags = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync";
    let mut lighthouse = Command::new("node");
    lighthouse
        .args([
            &program,
            url,
            "--output=json",
            "--quiet",
            "--no-enable-error-reporting",
        ])
        .arg(format!("--chrome-flags={flags}"))
        .kill_on_drop(true);
    if let Ok(chrome) = env::var("CHROME") {
        lighthouse.env("CHROME_PATH", chrome);
    }
    let output = lighthouse.output().await.expect("node is there");
    let report = serde_json::from_slice(&output.stdout);
    report.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}
