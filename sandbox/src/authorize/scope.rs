//! The scopes this server knows.

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

/// Those of the API, which are also asked for when the request names no scope.
pub(crate) const API_SCOPES: &[&str] = &[
    "account_read",
    "account_update",
    "contact_data",
    "campaign_data",
];

/// Asks for a refresh token. The implicit grant never gives one: there it is accepted and not
/// granted.
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";
/// Asks for an ID token.
pub(crate) const OPENID: &str = "openid";

/// What it lets an application do, where it is granted.
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
