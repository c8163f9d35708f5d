//! The record of a grant: what a server tells its page about a connection whose token the page
//! never sees.

use super::record::{Millis, VERSION, to_json};
use crate::{
    oauth::Scope,
    report::{Check, CheckName, Outcome, Report},
    session::{account::Account, grant::Grant, keys::KeyUsed},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Serialize, Deserialize)]
struct StoredGrant {
    version: u32,
    account: GrantedAccount,
    granted: String,
    requested: String,
    requested_at: Millis,
    redirect_uri: String,
    issued_at: Millis,
    expires_at: Millis,
    claims: Map<String, Value>,
    report: StoredReport,
    key: StoredKeyUsed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<StoredReport>,
}

#[derive(Serialize, Deserialize)]
struct GrantedAccount {
    platform_user_id: String,
    sub: String,
}

#[derive(Serialize, Deserialize)]
struct StoredReport {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issued_at: Option<Millis>,
    checks: Vec<StoredCheck>,
}

#[derive(Serialize, Deserialize)]
struct StoredCheck {
    name: String,
    outcome: StoredOutcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    found: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredOutcome {
    Passed,
    Failed,
    NotApplicable,
    NotReached,
}

#[derive(Serialize, Deserialize)]
struct StoredKeyUsed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    bits: usize,
    fetched_at: Millis,
    set_len: usize,
}

/// The record of a grant. It has no secret, and it is about a person: for that person's browser.
pub fn write_grant(grant: &Grant) -> String {
    to_json(&StoredGrant {
        version: VERSION,
        account: GrantedAccount {
            platform_user_id: grant.account.platform_user_id.clone(),
            sub: grant.account.subject.clone(),
        },
        granted: grant.granted.to_string(),
        requested: grant.requested.to_string(),
        requested_at: Millis(grant.requested_at),
        redirect_uri: grant.redirect_uri.clone(),
        issued_at: Millis(grant.issued_at),
        expires_at: Millis(grant.expires_at),
        claims: grant.claims.clone(),
        report: write_report(&grant.report),
        key: StoredKeyUsed {
            kid: grant.key.kid.clone(),
            bits: grant.key.bits,
            fetched_at: Millis(grant.key.fetched_at),
            set_len: grant.key.set_len,
        },
        id_token: grant.id_token.as_ref().map(write_report),
    })
}

/// Reads a grant back; `None` if the text is not one of ours. It proves nothing: there is no token
/// in it, and whoever shows it takes the word of the server that sent it.
///
/// ```
/// use cc_connect_core::session::stored;
///
/// let text = r#"{
///     "version": 1,
///     "account": {"platform_user_id": "8fd1c7b4", "sub": "mary"},
///     "granted": "account_read", "requested": "account_read contact_data",
///     "requested_at": 1790000000000, "redirect_uri": "https://app.example/callback",
///     "issued_at": 1790000001000, "expires_at": 1790028801000,
///     "claims": {"sub": "mary", "platform_user_id": "8fd1c7b4"},
///     "report": {"checks": [{"name": "exp", "outcome": "passed", "found": "1790028801"}]},
///     "key": {"kid": "k1", "bits": 2048, "fetched_at": 1790000000000, "set_len": 2}
/// }"#;
/// let grant = stored::read_grant(text).expect("a record of this version");
/// assert_eq!(grant.account.subject, "mary");
/// assert!(grant.withheld().contains("contact_data"));
///
/// let text = stored::write_grant(&grant);
/// assert_eq!(stored::read_grant(&text), Some(grant));
///
/// let unknown = text.replace("\"exp\"", "\"horoscope\"");
/// assert!(stored::read_grant(&unknown).is_none());
/// ```
pub fn read_grant(text: &str) -> Option<Grant> {
    let stored: StoredGrant = serde_json::from_str(text).ok()?;
    if stored.version != VERSION {
        return None;
    }
    Some(Grant {
        account: Account {
            platform_user_id: stored.account.platform_user_id,
            subject: stored.account.sub,
        },
        granted: Scope::parse(&stored.granted).ok()?,
        requested: Scope::parse(&stored.requested).ok()?,
        requested_at: stored.requested_at.0,
        redirect_uri: stored.redirect_uri,
        issued_at: stored.issued_at.0,
        expires_at: stored.expires_at.0,
        claims: stored.claims,
        report: read_report(stored.report)?,
        key: KeyUsed {
            kid: stored.key.kid,
            bits: stored.key.bits,
            fetched_at: stored.key.fetched_at.0,
            set_len: stored.key.set_len,
        },
        id_token: match stored.id_token {
            Some(report) => Some(read_report(report)?),
            None => None,
        },
    })
}

fn write_report(report: &Report) -> StoredReport {
    let checks = report.checks().iter().map(|check| StoredCheck {
        name: check.name.as_str().to_owned(),
        outcome: match check.outcome {
            Outcome::Passed => StoredOutcome::Passed,
            Outcome::Failed => StoredOutcome::Failed,
            Outcome::NotApplicable => StoredOutcome::NotApplicable,
            Outcome::NotReached => StoredOutcome::NotReached,
        },
        found: check.found.clone(),
    });
    StoredReport {
        issued_at: report.issued_at().map(Millis),
        checks: checks.collect(),
    }
}

/// `None` if a check has another name than ours.
fn read_report(stored: StoredReport) -> Option<Report> {
    let checks = stored.checks.into_iter().map(|check| {
        Some(Check {
            name: CheckName::parse(&check.name)?,
            outcome: match check.outcome {
                StoredOutcome::Passed => Outcome::Passed,
                StoredOutcome::Failed => Outcome::Failed,
                StoredOutcome::NotApplicable => Outcome::NotApplicable,
                StoredOutcome::NotReached => Outcome::NotReached,
            },
            found: check.found,
        })
    });
    let mut report = checks.collect::<Option<Report>>()?;
    report.set_issued_at(stored.issued_at.map(|Millis(time)| time));
    Some(report)
}
