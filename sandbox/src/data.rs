//! Realistic data: the users who can sign in, their accounts and the accounts' contents.
//!
//! The seed determines all of it. Times are relative to a fixed day, so that the same seed gives the
//! same responses on any day.

mod generator;
mod words;

/// 2026-09-30T12:00:00Z, the present of the data.
pub(crate) const ANCHOR: i64 = 1_790_769_600;

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

/// The data of `GET /account/summary`.
pub(crate) struct Organization {
    pub(crate) name: &'static str,
    pub(crate) contact_email: &'static str,
    pub(crate) contact_phone: &'static str,
    pub(crate) organization_phone: &'static str,
    pub(crate) encoded_account_id: &'static str,
    pub(crate) owner: (&'static str, &'static str),
    pub(crate) website: &'static str,
    pub(crate) time_zone_id: &'static str,
    pub(crate) address_line1: &'static str,
    pub(crate) address_line2: Option<&'static str>,
    pub(crate) city: &'static str,
    pub(crate) state: (&'static str, &'static str),
    pub(crate) postal_code: &'static str,
    /// The name of the logo under `/assets/`.
    pub(crate) logo: Option<&'static str>,
    /// Addresses, their roles, and whether they are confirmed.
    pub(crate) emails: &'static [(&'static str, &'static [&'static str], bool)],
}

pub(crate) struct ContactList {
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) favorite: bool,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

pub(crate) struct Tag {
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) created_at: i64,
}

/// `permission_to_send`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    Explicit,
    Implicit,
    NotSet,
    PendingConfirmation,
    TempHold,
    Unsubscribed,
}

impl Permission {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::Implicit => "implicit",
            Self::NotSet => "not_set",
            Self::PendingConfirmation => "pending_confirmation",
            Self::TempHold => "temp_hold",
            Self::Unsubscribed => "unsubscribed",
        }
    }

    /// Whether the contact may receive email.
    pub(crate) fn is_active(self) -> bool {
        matches!(self, Self::Explicit | Self::Implicit)
    }
}

pub(crate) struct Contact {
    pub(crate) id: String,
    /// `None` for contacts with SMS only.
    pub(crate) email: Option<String>,
    pub(crate) permission: Permission,
    pub(crate) opt_out_reason: Option<&'static str>,
    pub(crate) first_name: Option<&'static str>,
    pub(crate) last_name: Option<&'static str>,
    pub(crate) job_title: Option<&'static str>,
    pub(crate) company_name: Option<&'static str>,
    pub(crate) birthday: Option<(u8, u8)>,
    pub(crate) created_by_contact: bool,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) deleted_at: Option<i64>,
    pub(crate) phone: Option<(String, String)>,
    /// Id, street, city, state, postal code.
    pub(crate) address: Option<(String, String, &'static str, &'static str, String)>,
    /// Indices into the account's lists.
    pub(crate) lists: Vec<usize>,
    /// Indices into the account's tags.
    pub(crate) tags: Vec<usize>,
    pub(crate) note: Option<(String, &'static str)>,
    pub(crate) custom_field: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CampaignStatus {
    Draft,
    Scheduled,
    Executing,
    Done,
    Error,
    Removed,
}

impl CampaignStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Scheduled => "Scheduled",
            Self::Executing => "Executing",
            Self::Done => "Done",
            Self::Error => "Error",
            Self::Removed => "Removed",
        }
    }
}

/// The report on a sent campaign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statistics {
    pub(crate) last_sent_at: i64,
    pub(crate) sends: u32,
    pub(crate) opens: u32,
    pub(crate) clicks: u32,
    pub(crate) forwards: u32,
    pub(crate) optouts: u32,
    pub(crate) abuse: u32,
    pub(crate) bounces: u32,
}

pub(crate) struct Campaign {
    pub(crate) id: String,
    pub(crate) activity_id: String,
    pub(crate) permalink_id: String,
    pub(crate) name: &'static str,
    pub(crate) kind: (&'static str, u32),
    pub(crate) status: CampaignStatus,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) statistics: Option<Statistics>,
}

pub(crate) struct Account {
    pub(crate) organization: Organization,
    pub(crate) custom_field_id: String,
    pub(crate) lists: Vec<ContactList>,
    pub(crate) tags: Vec<Tag>,
    /// Newest first.
    pub(crate) contacts: Vec<Contact>,
    /// Last updated first.
    pub(crate) campaigns: Vec<Campaign>,
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

    pub(crate) fn account_of(&self, user: &User) -> &Account {
        &self.accounts[user.account]
    }
}
