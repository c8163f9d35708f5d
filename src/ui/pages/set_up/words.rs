//! The words of *Check this deployment*.

use crate::deployment::{Outcome, Topic};

pub(super) const HEADING: &str = "Check this deployment";
pub(super) const INTRODUCTION: &str = "Looks at how this page’s own host answers, as far as a page can see that: its headers, its routes, config.json, the issuer’s keys, the time. Nothing of a connection is touched.";
pub(super) const BUTTON: &str = "Check now";
pub(super) const LOOKING: &str = "Looking…";
pub(super) const MORE: &str = "What a page cannot see, cargo xtask doctor does.";
/// Where it is not known which host this is.
pub(super) const YOUR_HOST: &str = "the files for your host in deploy/";

/// How it went in all.
pub(super) fn summary(failed: usize, all: usize) -> String {
    match failed {
        0 => format!("All {all} checks passed or were not needed."),
        1 => format!("1 of {all} checks failed."),
        failed => format!("{failed} of {all} checks failed."),
    }
}

pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "Passed",
        Outcome::Failed => "Failed",
        Outcome::NotNeeded => "Not needed",
    }
}

/// What is so if the check of this name passed.
pub(super) fn name(code: &str) -> &'static str {
    match code {
        "policy" => {
            "The content security policy is as strict as it should be, and fits config.json"
        }
        "framing" => "No other page may show this one inside itself",
        "referrer_policy" => "Links tell no other site where a person comes from",
        "opener_policy" => "Windows of other sites get no hold of this one",
        "resource_policy" => "Other sites may not take the files into their own pages",
        "content_type_options" => "A file counts as what the host says it is",
        "permissions_policy" => "The browser lends the page nothing but the Copy buttons",
        "transport_security" => "The browser always comes over https",
        "fallback" => "Every page is answered with index.html",
        "callback" => "The redirect URI is answered with index.html, without a redirect",
        "callback_cache" => "The document that receives an answer is not kept",
        "document_cache" => "The document is asked for anew every time",
        "config_file" => "config.json is there, as JSON",
        "config_cache" => "config.json is asked for anew every time",
        "hashed_cache" => "Files that never change are kept for a year",
        "keys" => "The issuer’s keys can be read from here",
        "clock" => "The host and this computer agree about the time",
        _ => "",
    }
}

/// What to change; for some the name of a file follows.
pub(super) fn change(topic: Topic) -> &'static str {
    match topic {
        Topic::Headers => "Send this header as it stands in ",
        Topic::Cache => "Send Cache-Control as it stands in ",
        Topic::Fallback => "Answer with index.html, status 200 and no redirect, as in ",
        Topic::Keys => "Try again later, or let the host pass the keys on, as in ",
        Topic::Settings => "Put config.json beside index.html, and send it as application/json.",
        Topic::Clock => {
            "Set this computer’s clock, or that of the host. A host that sends no Date leaves the time to this computer."
        }
    }
}
