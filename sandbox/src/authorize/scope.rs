//! The scopes that this server supports.

/// A scope's name and what it lets an application do.
pub(crate) const SCOPES: &[(&str, &str)] = &[
    (
        "account_read",
        "See your account: organization, contact details, website and address",
    ),
    ("account_update", "Change your account's details"),
    (
        "contact_data",
        "See and change your contacts, lists and tags",
    ),
    (
        "campaign_data",
        "See and change your email campaigns and see their reports",
    ),
    (OPENID, "Know who you are"),
    ("profile", "See your name"),
    ("email", "See your email address"),
    ("address", "See your postal address"),
];

/// The scopes of the API; also the default of a request without `scope`.
pub(crate) const API_SCOPES: &[&str] = &[
    "account_read",
    "account_update",
    "contact_data",
    "campaign_data",
];

/// Requests a refresh token. The implicit grant has none: there it is accepted and not granted.
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";
/// Requests an ID token.
pub(crate) const OPENID: &str = "openid";

/// `offline_access`, where it can be granted.
const STAYING: (&str, &str) = (
    OFFLINE_ACCESS,
    "Stay connected: renew this permission without asking you again",
);

/// The scope of this name.
pub(crate) fn known(name: &str) -> Option<(&'static str, &'static str)> {
    SCOPES
        .iter()
        .chain([&STAYING])
        .copied()
        .find(|(known, _)| *known == name)
}
