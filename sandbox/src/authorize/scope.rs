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
    ("openid", "Know who you are"),
    ("profile", "See your name"),
    ("email", "See your email address"),
    ("address", "See your postal address"),
];

/// What is asked for when the request names no scope.
pub(crate) const DEFAULT: &[&str] = &[
    "account_read",
    "account_update",
    "contact_data",
    "campaign_data",
];

/// Asks for a refresh token, which the implicit grant never gives: accepted and not granted.
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";

/// The scope of this name.
pub(crate) fn known(name: &str) -> Option<(&'static str, &'static str)> {
    SCOPES.iter().copied().find(|(known, _)| *known == name)
}
