//! axe-core in the page: violations of its rules for WCAG 2.2 AA and its best practices.

use crate::browser::Browser;
use serde_json::{Value, json};
use std::env;
use std::fs;
use std::sync::LazyLock;

/// The rules that apply.
const TAGS: [&str; 6] = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22aa",
    "best-practice",
];

static SOURCE: LazyLock<String> = LazyLock::new(|| {
    let file = env::var("CC_CONNECT_AXE").unwrap_or_else(|_| {
        panic!(
            "CC_CONNECT_AXE does not name axe-core's axe.min.js: `cargo xtask test --only e2e` \
             installs it and names it; `npm install axe-core` is the way by hand"
        )
    });
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("cannot read {file}: {error}"))
});

const RUN: &str = "return axe.run(document, {
        runOnly: {type: 'tag', values: arguments[0]},
        resultTypes: ['violations', 'incomplete'],
        // Do not fetch the style sheets again.
        preload: false,
    }).then(results => {
        const told = kind => result => result.nodes.map(node =>
            `${kind} ${result.id}: ${node.target.join(' ')}: ${node.any.concat(node.all, node.none)
                .map(check => check.message).join(' ')}`);
        // Of the results that need review, only contrast is decided here.
        const open = results.incomplete.filter(result => result.id === 'color-contrast');
        return [
            ...results.violations.flatMap(told('breaks')),
            ...open.flatMap(told('may break')),
        ];
    })";

impl Browser {
    /// axe-core's findings on the current page, one line per element.
    pub async fn faults_of_access(&self) -> Vec<String> {
        if self.script("return 'axe' in window", vec![]).await != json!(true) {
            self.script(&SOURCE, vec![]).await;
        }
        let faults = self.script(RUN, vec![json!(TAGS)]).await;
        let faults = faults.as_array().cloned().unwrap_or_default();
        let text = |fault: &Value| fault.as_str().unwrap_or_default().to_owned();
        faults.iter().map(text).collect()
    }
}
