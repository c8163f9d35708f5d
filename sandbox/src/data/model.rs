//! What an account contains.

use std::borrow::Cow;

/// 2026-09-30T12:00:00Z, the present of the data.
pub(crate) const ANCHOR: i64 = 1_790_769_600;

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

#[derive(Clone)]
pub(crate) struct ContactList {
    pub(crate) id: String,
    pub(crate) name: Cow<'static, str>,
    pub(crate) description: Cow<'static, str>,
    pub(crate) favorite: bool,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    /// May be in the future.
    pub(crate) deleted_at: Option<i64>,
}

impl ContactList {
    pub(crate) fn is_deleted(&self, now: i64) -> bool {
        self.deleted_at.is_some_and(|at| at <= now)
    }
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
    /// At the start.
    pub(crate) lists: Vec<ContactList>,
    pub(crate) tags: Vec<Tag>,
    /// Newest first.
    pub(crate) contacts: Vec<Contact>,
    /// Last updated first.
    pub(crate) campaigns: Vec<Campaign>,
}
