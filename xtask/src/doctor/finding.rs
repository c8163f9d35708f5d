//! The doctor's findings.

use cc_connect_hosting::{Host, Topic};

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// As it should be.
    Right,
    /// Worth knowing.
    Note,
    /// To be changed.
    Wrong,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    /// A stable name.
    pub(crate) code: &'static str,
    /// The observation.
    pub(crate) text: String,
    /// The recommended change.
    pub(crate) change: Option<Change>,
}

/// The recommended change for a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) what: String,
    /// The section of the host's files; `None` if it is in the build or its settings.
    pub(crate) topic: Option<Topic>,
}

impl Finding {
    pub(crate) fn right(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            level: Level::Right,
            code,
            text: text.into(),
            change: None,
        }
    }

    pub(crate) fn note(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            level: Level::Note,
            ..Self::right(code, text)
        }
    }

    pub(crate) fn wrong(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            level: Level::Wrong,
            ..Self::right(code, text)
        }
    }

    /// Adds a recommended change in one of the host's files.
    pub(crate) fn in_file(mut self, topic: Topic, what: impl Into<String>) -> Self {
        let what = what.into();
        let topic = Some(topic);
        self.change = Some(Change { what, topic });
        self
    }

    /// Adds a recommended change elsewhere.
    pub(crate) fn advising(mut self, what: impl Into<String>) -> Self {
        let what = what.into();
        self.change = Some(Change { what, topic: None });
        self
    }
}

/// Where to make the change, depending on the host if it is known.
pub(crate) fn place(host: Option<Host>, topic: Topic) -> String {
    match host {
        Some(host) => match host.file_for(topic) {
            Some(file) => format!("deploy/{}/{file}", host.folder()),
            None => format!(
                "{} has no file for it, see deploy/{}/README.md",
                host.name(),
                host.folder()
            ),
        },
        None => "the files for your host in deploy/".to_owned(),
    }
}

/// The number of findings with this severity.
pub(crate) fn count(findings: &[Finding], level: Level) -> usize {
    let of_level = |finding: &&Finding| finding.level == level;
    findings.iter().filter(of_level).count()
}

/// All findings as lines, a summary at the end.
pub(crate) fn report(findings: &[Finding], host: Option<Host>) -> String {
    let mut lines = Vec::new();
    for finding in findings {
        let mark = match finding.level {
            Level::Right => '✓',
            Level::Note => '!',
            Level::Wrong => '✗',
        };
        lines.push(format!("{mark} {}", finding.text));
        if let Some(change) = &finding.change {
            let place = change.topic.map(|topic| place(host, topic));
            let place = place.map_or(String::new(), |place| format!(" ({place})"));
            lines.push(format!("    → {}{place}", change.what));
        }
    }
    let wrong = match count(findings, Level::Wrong) {
        0 => "Nothing is wrong".to_owned(),
        1 => "1 thing is wrong".to_owned(),
        wrong => format!("{wrong} things are wrong"),
    };
    let notes = match count(findings, Level::Note) {
        0 => String::new(),
        1 => ", 1 thing to know".to_owned(),
        notes => format!(", {notes} things to know"),
    };
    let right = count(findings, Level::Right);
    lines.push(format!("\n{wrong}{notes}; {right} as it should be."));
    let has_topic = |finding: &Finding| {
        finding
            .change
            .as_ref()
            .is_some_and(|change| change.topic.is_some())
    };
    if host.is_none() && findings.iter().any(has_topic) {
        lines.push(
            "With `--host NAME`, where NAME is a folder of deploy/, the report names the file."
                .to_owned(),
        );
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_says_what_to_change_and_where() {
        let findings = [
            Finding::right("a", "A is there"),
            Finding::note("b", "B is odd"),
            Finding::wrong("c", "C is missing").in_file(Topic::Headers, "add C"),
            Finding::wrong("d", "D is wrong").advising("build again"),
        ];
        assert_eq!(
            report(&findings, Some(Host::Netlify)),
            "✓ A is there\n! B is odd\n✗ C is missing\n    → add C (deploy/netlify/_headers)\n\
             ✗ D is wrong\n    → build again\n\n\
             2 things are wrong, 1 thing to know; 1 as it should be.\n"
        );
        let unknown = report(&findings, None);
        assert!(unknown.contains("(the files for your host in deploy/)"));
        assert!(unknown.contains("--host NAME"));
        let nothing = report(&findings[..1], None);
        assert!(nothing.ends_with("\nNothing is wrong; 1 as it should be.\n"));
    }

    #[test]
    fn a_host_without_a_file_has_a_readme() {
        let place = place(Some(Host::GithubPages), Topic::Cache);
        assert!(place.contains("deploy/github-pages/README.md"), "{place}");
    }
}
