//! The record of a grant: what a server tells its page about a connection whose token the page
//! never sees.

use super::record::{Millis, VERSION, to_json};
use crate::{
    json,
    oauth::Scope,
    report::{Check, CheckName, Outcome, Report},
    session::{account::Account, grant::Grant, keys::KeyUsed},
    time::Timestamp,
};
use serde::Serialize;
use serde_json::{Map, Value};

type Object = Map<String, Value>;

#[derive(Serialize)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<StoredReport>,
}

#[derive(Serialize)]
struct GrantedAccount {
    platform_user_id: String,
    sub: String,
}

#[derive(Serialize)]
struct StoredReport {
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<Millis>,
    checks: Vec<StoredCheck>,
}

#[derive(Serialize)]
struct StoredCheck {
    name: String,
    outcome: StoredOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum StoredOutcome {
    Passed,
    Failed,
    NotApplicable,
    NotReached,
}

#[derive(Serialize)]
struct StoredKeyUsed {
    #[serde(skip_serializing_if = "Option::is_none")]
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
    grant_in(&json::parse_object(text.as_bytes()).ok()?)
}

/// Reads a grant that is a member of something else. By hand: a page contains this, and less of it
/// than of what serde derives for as many types.
pub(in crate::session) fn grant_in(object: &Object) -> Option<Grant> {
    if object.get("version")?.as_u64()? != u64::from(VERSION) {
        return None;
    }
    let account = object.get("account")?.as_object()?;
    let key = object.get("key")?.as_object()?;
    Some(Grant {
        account: Account {
            platform_user_id: text(account, "platform_user_id")?,
            subject: text(account, "sub")?,
        },
        granted: Scope::parse(&text(object, "granted")?).ok()?,
        requested: Scope::parse(&text(object, "requested")?).ok()?,
        requested_at: time(object.get("requested_at")?)?,
        redirect_uri: text(object, "redirect_uri")?,
        issued_at: time(object.get("issued_at")?)?,
        expires_at: time(object.get("expires_at")?)?,
        claims: object.get("claims")?.as_object()?.clone(),
        report: report(object.get("report")?)?,
        key: KeyUsed {
            kid: optional(key, "kid", |kid| kid.as_str().map(str::to_owned))?,
            bits: size(key, "bits")?,
            fetched_at: time(key.get("fetched_at")?)?,
            set_len: size(key, "set_len")?,
        },
        id_token: optional(object, "id_token", report)?,
    })
}

fn text(object: &Object, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}

fn time(value: &Value) -> Option<Timestamp> {
    Timestamp::read_unix_millis(value.as_i64()?)
}

fn size(object: &Object, name: &str) -> Option<usize> {
    object.get(name)?.as_u64()?.try_into().ok()
}

/// A member that may be absent; `None` if it is there and cannot be read.
fn optional<T>(
    object: &Object,
    name: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Option<Option<T>> {
    match object.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(value) => read(value).map(Some),
    }
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
fn report(value: &Value) -> Option<Report> {
    let object = value.as_object()?;
    let checks = object.get("checks")?.as_array()?;
    let mut report = checks.iter().map(check).collect::<Option<Report>>()?;
    report.set_issued_at(optional(object, "issued_at", time)?);
    Some(report)
}

fn check(value: &Value) -> Option<Check> {
    let object = value.as_object()?;
    Some(Check {
        name: CheckName::parse(object.get("name")?.as_str()?)?,
        outcome: match object.get("outcome")?.as_str()? {
            "passed" => Outcome::Passed,
            "failed" => Outcome::Failed,
            "not_applicable" => Outcome::NotApplicable,
            "not_reached" => Outcome::NotReached,
            _ => return None,
        },
        found: optional(object, "found", |found| found.as_str().map(str::to_owned))?,
    })
}
