//! The connected account.

use crate::constant_contact::AccessTokenClaims;

/// A user of an account, from the claims of a verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// `platform_user_id`: the identifier that accounts are compared by.
    pub platform_user_id: String,
    /// `sub`: the login name, for display.
    pub subject: String,
}

impl Account {
    pub(super) fn from_claims(claims: &AccessTokenClaims) -> Self {
        Self {
            platform_user_id: claims.platform_user_id().to_owned(),
            subject: claims.registered().subject().to_owned(),
        }
    }

    /// Whether both are the same account. The login name may change; the identifier does not.
    ///
    /// ```
    /// use cc_connect_core::session::Account;
    ///
    /// let account = |subject: &str| Account {
    ///     platform_user_id: "8fd1c7b4".to_owned(),
    ///     subject: subject.to_owned(),
    /// };
    /// assert!(account("mary").is_same_account(&account("mary@shop.example")));
    /// ```
    pub fn is_same_account(&self, other: &Self) -> bool {
        self.platform_user_id == other.platform_user_id
    }
}
