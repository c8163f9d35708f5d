//! Realistic data: the users who can sign in, their accounts and the accounts' contents.
//!
//! The seed determines all of it. Times are relative to a fixed day, so that the same seed gives the
//! same responses on any day.

mod generator;
mod model;
mod words;

pub(crate) use model::{ANCHOR, Account, Campaign, Contact, ContactList, Permission, Statistics};

/// What a user may do in the account, by the names of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    AccountOwner,
    /// May edit campaigns and see lists; no contacts, no reports.
    CampaignCreator,
}

impl Role {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::AccountOwner => "Account Owner",
            Self::CampaignCreator => "Campaign Creator",
        }
    }

    pub(crate) fn privileges(self) -> &'static [(u32, &'static str)] {
        const OWNER: &[(u32, &str)] = &[
            (1, "account:read"),
            (2, "account:update"),
            (10, "contacts:read"),
            (11, "contacts:write"),
            (12, "contacts:lists:read"),
            (13, "contacts:lists:write"),
            (30, "campaign:create"),
            (31, "campaign:read"),
            (32, "campaign:write"),
            (33, "campaign:delete"),
            (34, "campaign:send"),
            (40, "ui:campaign:metrics"),
        ];
        const CREATOR: &[(u32, &str)] = &[
            (1, "account:read"),
            (12, "contacts:lists:read"),
            (30, "campaign:create"),
            (31, "campaign:read"),
            (32, "campaign:write"),
        ];
        match self {
            Self::AccountOwner => OWNER,
            Self::CampaignCreator => CREATOR,
        }
    }

    pub(crate) fn has_privilege(self, privilege: &str) -> bool {
        self.privileges()
            .iter()
            .any(|(_, known)| *known == privilege)
    }
}

/// A user who can sign in.
pub(crate) struct User {
    /// The login name, which becomes `sub`.
    pub(crate) login: &'static str,
    pub(crate) password: &'static str,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) role: Role,
    /// The authorization server's own id.
    pub(crate) uid: &'static str,
    /// The stable id of the user.
    pub(crate) platform_user_id: &'static str,
    /// The index of the account.
    pub(crate) account: usize,
}

pub(crate) const USERS: &[User] = &[
    User {
        login: "bluebird",
        password: "sandbox-bakery",
        name: "Nora Whitfield",
        email: "nora@bluebirdbakery.example",
        role: Role::AccountOwner,
        uid: "00u1ibx8lhb3amvHR0h8",
        platform_user_id: "d3a06e62-51f4-4f0e-9c55-7be20f8a1c34",
        account: 0,
    },
    User {
        login: "harborrowing",
        password: "sandbox-rowing",
        name: "Marcus Okafor",
        email: "marcus@harborrowing.example",
        role: Role::AccountOwner,
        uid: "00u4kdq2wze9pTnXS0h8",
        platform_user_id: "8b5f0b7e-2c1d-4a63-b1f9-0e47d2a9c6f5",
        account: 1,
    },
    User {
        login: "bluebird-studio",
        password: "sandbox-studio",
        name: "Ivy Castellanos",
        email: "ivy@bluebirdbakery.example",
        role: Role::CampaignCreator,
        uid: "00u7mzt5rya1cBvLQ0h8",
        platform_user_id: "4f7ac1d8-9e02-4b56-8d3a-c5109be72f41",
        account: 0,
    },
];

/// The user with this login name.
pub(crate) fn user(login: &str) -> Option<&'static User> {
    USERS.iter().find(|user| user.login == login)
}

/// A user of another account.
pub(crate) fn user_of_another_account(user: &User) -> &'static User {
    USERS
        .iter()
        .find(|other| other.account != user.account)
        .expect("the users of this sandbox belong to two accounts")
}

/// All accounts.
pub(crate) struct Directory {
    accounts: Vec<Account>,
}

impl Directory {
    pub(crate) fn generate(seed: u64) -> Self {
        Self {
            accounts: generator::accounts(seed),
        }
    }

    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    pub(crate) fn account_of(&self, user: &User) -> &Account {
        &self.accounts[user.account]
    }
}
