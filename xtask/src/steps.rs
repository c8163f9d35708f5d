//! The checks, by name.

use std::fmt;
use std::str::FromStr;

use anyhow::bail;

/// A check, in the order they run in: the quick ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Fmt,
    Deny,
    Clippy,
    Native,
    Sandbox,
    Docs,
    Web,
    E2e,
    Servers,
    Reproducible,
}

impl Step {
    pub(crate) const ALL: [Self; 10] = [
        Self::Fmt,
        Self::Deny,
        Self::Clippy,
        Self::Native,
        Self::Sandbox,
        Self::Docs,
        Self::Web,
        Self::E2e,
        Self::Servers,
        Self::Reproducible,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Deny => "deny",
            Self::Clippy => "clippy",
            Self::Native => "native",
            Self::Sandbox => "sandbox",
            Self::Docs => "docs",
            Self::Web => "web",
            Self::E2e => "e2e",
            Self::Servers => "servers",
            Self::Reproducible => "reproducible",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Step {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        match Self::ALL.into_iter().find(|step| step.as_str() == name) {
            Some(step) => Ok(step),
            None => bail!(
                "there is no step {name:?}; there are {}",
                Self::ALL.map(Self::as_str).join(", ")
            ),
        }
    }
}
