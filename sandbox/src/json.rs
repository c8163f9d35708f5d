//! A JSON object that keeps the order of its members, as the real service's tokens do.

use serde_json::Value;
use std::fmt::{self, Display};

#[derive(Clone, Debug, Default)]
pub(crate) struct Object(Vec<(&'static str, Value)>);

impl Object {
    pub(crate) fn new<const N: usize>(members: [(&'static str, Value); N]) -> Self {
        Self(members.into())
    }

    /// Replaces the member's value, or appends the member.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value.into(),
            None => self.0.push((name, value.into())),
        }
    }

    /// Appends the member even if the name exists.
    pub(crate) fn repeat(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.push((name, value.into()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| *known != name);
    }
}

impl Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (name, value)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{}:{value}", Value::from(*name))?;
        }
        f.write_str("}")
    }
}
