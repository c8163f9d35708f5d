//! Content security policies: a writer and a parser.

use std::fmt;

/// A policy: its directives in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy(pub Vec<Directive>);

/// A directive and its values: `script-src 'self' 'wasm-unsafe-eval'`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The name, in lower case.
    pub name: String,
    /// The values, in order and as written.
    pub values: Vec<String>,
}

impl Policy {
    /// Parses a policy as a browser does ([CSP3 §2.2.1]): if a directive occurs twice, the first
    /// one counts.
    ///
    /// [CSP3 §2.2.1]: https://www.w3.org/TR/CSP3/#parse-serialized-policy
    pub fn parse(text: &str) -> Self {
        let mut policy = Self::default();
        for directive in text.split(';') {
            let mut words = directive.split_ascii_whitespace().map(str::to_owned);
            let Some(name) = words.next() else { continue };
            let name = name.to_ascii_lowercase();
            if policy.get(&name).is_none() {
                let values = words.collect();
                policy.0.push(Directive { name, values });
            }
        }
        policy
    }

    /// The values of a directive, if it is present.
    pub fn get(&self, name: &str) -> Option<&[String]> {
        let directive = self.0.iter().find(|directive| directive.name == name)?;
        Some(&directive.values)
    }

    /// The policy without a directive.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|directive| directive.name != name);
        self
    }

    pub(crate) fn with<V: Into<String>>(
        mut self,
        name: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.0.push(Directive {
            name: name.to_owned(),
            values: values.into_iter().map(Into::into).collect(),
        });
        self
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, directive) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str("; ")?;
            }
            formatter.write_str(&directive.name)?;
            for value in &directive.values {
                write!(formatter, " {value}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_survives_being_written_and_read() {
        let text = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; sandbox";
        assert_eq!(Policy::parse(text).to_string(), text);
    }

    #[test]
    fn a_policy_is_read_as_a_browser_reads_it() {
        let policy = Policy::parse(" ;Script-Src  'self'\t data: ;; script-src *;");
        assert_eq!(policy.to_string(), "script-src 'self' data:");
        assert_eq!(policy.get("style-src"), None);
        assert_eq!(policy.without("script-src"), Policy::default());
    }
}
