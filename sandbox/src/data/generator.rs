//! Generates the accounts from a seed.

use super::model::{
    ANCHOR, Account, Campaign, CampaignStatus, Contact, ContactList, Organization, Permission,
    Statistics, Tag,
};
use super::words;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng, seq::IndexedRandom};
use std::{cmp::Reverse, collections::HashSet};

const DAY: i64 = 86_400;

/// Name, type with its code, status, and how many days ago it was last changed.
type CampaignPlan = (&'static str, (&'static str, u32), CampaignStatus, i64);

/// The fixed part of an account.
struct Plan {
    organization: Organization,
    contacts: usize,
    /// Name, description, favorite, and the percentage of contacts on it.
    lists: &'static [(&'static str, &'static str, bool, u32)],
    tags: &'static [&'static str],
    campaigns: &'static [CampaignPlan],
}

const NEWSLETTER: (&str, u32) = ("NEWSLETTER", 10);
const ANNOUNCEMENT: (&str, u32) = ("ANNOUNCEMENT", 11);
const EVENT: (&str, u32) = ("EVENT_ANNOUNCEMENT", 20);
const COUPON: (&str, u32) = ("SIMPLE_COUPON", 21);
const CUSTOM_CODE: (&str, u32) = ("CUSTOM_CODE_EMAIL", 26);

const BAKERY: Plan = Plan {
    organization: Organization {
        name: "Bluebird Bakery",
        contact_email: "hello@bluebirdbakery.example",
        contact_phone: "4135550142",
        organization_phone: "413-555-0142",
        encoded_account_id: "p07e2b1u3b1rd9",
        owner: ("Nora", "Whitfield"),
        website: "https://www.bluebirdbakery.example",
        time_zone_id: "America/New_York",
        address_line1: "27 Strong Avenue",
        address_line2: Some("Ground floor"),
        city: "Northampton",
        state: ("MA", "Massachusetts"),
        postal_code: "01060",
        logo: Some("bluebird-bakery.svg"),
        emails: &[
            (
                "hello@bluebirdbakery.example",
                &["CONTACT", "REPLY_TO"],
                true,
            ),
            ("accounts@bluebirdbakery.example", &["BILLING"], true),
            ("orders@bluebirdbakery.example", &["OTHER"], true),
            ("catering@bluebirdbakery.example", &[], false),
        ],
    },
    contacts: 340,
    lists: &[
        (
            "Weekly newsletter",
            "What comes out of the oven this week.",
            true,
            78,
        ),
        (
            "Wholesale customers",
            "Cafés and shops that order by Tuesday noon.",
            false,
            11,
        ),
        (
            "Holiday pre-orders",
            "Pies, stollen and the big breads.",
            true,
            34,
        ),
        (
            "Baking classes",
            "Asked about or took part in a class.",
            false,
            19,
        ),
        (
            "Neighborhood",
            "Within walking distance of the shop.",
            false,
            27,
        ),
    ],
    tags: &[
        "Gluten-free",
        "Regular",
        "Catering",
        "Birthday club",
        "Press",
        "Staff",
    ],
    campaigns: &[
        ("October breads", NEWSLETTER, CampaignStatus::Draft, 0),
        (
            "Thanksgiving pies: order by November 20",
            ANNOUNCEMENT,
            CampaignStatus::Scheduled,
            1,
        ),
        (
            "This week at the bakery, September 30",
            NEWSLETTER,
            CampaignStatus::Executing,
            0,
        ),
        (
            "This week at the bakery, September 23",
            NEWSLETTER,
            CampaignStatus::Done,
            7,
        ),
        (
            "This week at the bakery, September 16",
            NEWSLETTER,
            CampaignStatus::Done,
            14,
        ),
        (
            "Sourdough class: three places left",
            EVENT,
            CampaignStatus::Done,
            19,
        ),
        (
            "Back to school: two scones for one",
            COUPON,
            CampaignStatus::Done,
            30,
        ),
        ("New summer hours", ANNOUNCEMENT, CampaignStatus::Done, 92),
        (
            "Wholesale price list 2026",
            CUSTOM_CODE,
            CampaignStatus::Done,
            121,
        ),
        (
            "Mother's Day boxes",
            ANNOUNCEMENT,
            CampaignStatus::Done,
            148,
        ),
        ("Spring fair invitation", EVENT, CampaignStatus::Error, 165),
        (
            "Winter closing (old draft)",
            ANNOUNCEMENT,
            CampaignStatus::Removed,
            240,
        ),
    ],
};

const ROWING_CLUB: Plan = Plan {
    organization: Organization {
        name: "Harbor Rowing Club",
        contact_email: "office@harborrowing.example",
        contact_phone: "2075550118",
        organization_phone: "207-555-0118",
        encoded_account_id: "p1c8h4rb0rr0w2",
        owner: ("Marcus", "Okafor"),
        website: "https://harborrowing.example",
        time_zone_id: "America/New_York",
        address_line1: "4 Boathouse Lane",
        address_line2: None,
        city: "Portland",
        state: ("ME", "Maine"),
        postal_code: "04101",
        logo: None,
        emails: &[
            (
                "office@harborrowing.example",
                &["CONTACT", "BILLING", "REPLY_TO"],
                true,
            ),
            ("regatta@harborrowing.example", &["OTHER"], false),
        ],
    },
    contacts: 86,
    lists: &[
        (
            "Members",
            "Everybody with a key to the boathouse.",
            true,
            70,
        ),
        (
            "Junior crew parents",
            "Practice times and lifts.",
            false,
            30,
        ),
        (
            "Regatta volunteers",
            "Marshals, timekeepers, cake.",
            false,
            25,
        ),
    ],
    tags: &["Coxswain", "Learn to row", "Sponsor"],
    campaigns: &[
        (
            "Head of the Harbor: call for volunteers",
            EVENT,
            CampaignStatus::Scheduled,
            2,
        ),
        (
            "Boathouse news, September",
            NEWSLETTER,
            CampaignStatus::Done,
            12,
        ),
        (
            "Boathouse news, August",
            NEWSLETTER,
            CampaignStatus::Done,
            43,
        ),
        ("Learn to row: open day", EVENT, CampaignStatus::Done, 110),
        ("Annual meeting", ANNOUNCEMENT, CampaignStatus::Draft, 3),
    ],
};

pub(super) fn accounts(seed: u64) -> Vec<Account> {
    [BAKERY, ROWING_CLUB]
        .into_iter()
        .zip(1..)
        .map(|(plan, number)| {
            // The same stream on every machine and in every version.
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(number);
            account(plan, &mut rng)
        })
        .collect()
}

fn account(plan: Plan, rng: &mut ChaCha8Rng) -> Account {
    let lists = plan
        .lists
        .iter()
        .map(|&(name, description, favorite, _)| {
            let created_at = moment(rng, 700, 1200);
            ContactList {
                id: uuid(rng),
                name: name.into(),
                description: description.into(),
                favorite,
                created_at,
                updated_at: created_at + rng.random_range(0..=600) * DAY,
                deleted_at: None,
            }
        })
        .collect();
    let tags = plan
        .tags
        .iter()
        .map(|&name| Tag {
            id: uuid(rng),
            name,
            created_at: moment(rng, 300, 900),
        })
        .collect();
    let mut addresses = HashSet::new();
    let mut contacts: Vec<Contact> = (0..plan.contacts)
        .map(|_| contact(&plan, rng, &mut addresses))
        .collect();
    contacts.sort_by_key(|contact| Reverse(contact.created_at));
    let mailable = contacts
        .iter()
        .filter(|contact| contact.permission.is_active() && contact.deleted_at.is_none())
        .count();
    let mut campaigns: Vec<Campaign> = plan
        .campaigns
        .iter()
        .map(|plan| campaign(plan, mailable, rng))
        .collect();
    campaigns.sort_by_key(|campaign| Reverse(campaign.updated_at));
    Account {
        organization: plan.organization,
        custom_field_id: uuid(rng),
        lists,
        tags,
        contacts,
        campaigns,
    }
}

fn uuid(rng: &mut ChaCha8Rng) -> String {
    let uuid = uuid::Builder::from_random_bytes(rng.random()).into_uuid();
    uuid.to_string()
}

fn chance(rng: &mut ChaCha8Rng, percent: u32) -> bool {
    rng.random_ratio(percent, 100)
}

fn pick<T: Copy>(rng: &mut ChaCha8Rng, choices: &[T]) -> T {
    *choices.choose(rng).expect("there is something to pick")
}

/// A random time between these numbers of days before the anchor.
fn moment(rng: &mut ChaCha8Rng, least_days: i64, most_days: i64) -> i64 {
    ANCHOR - rng.random_range(least_days * DAY..=most_days * DAY)
}

fn contact(plan: &Plan, rng: &mut ChaCha8Rng, addresses: &mut HashSet<String>) -> Contact {
    let first = pick(rng, words::FIRST_NAMES);
    let last = pick(rng, words::LAST_NAMES);
    let permission = match rng.random_range(0..100) {
        0..46 => Permission::Explicit,
        46..80 => Permission::Implicit,
        80..84 => Permission::NotSet,
        84..89 => Permission::PendingConfirmation,
        89..91 => Permission::TempHold,
        _ => Permission::Unsubscribed,
    };
    let created_at = moment(rng, 1, 1100);
    let updated_at = created_at + rng.random_range(0..=(ANCHOR - created_at) / 2);
    let deleted_at = chance(rng, 3).then(|| updated_at.midpoint(ANCHOR));
    let nameless = chance(rng, 6);
    let has_sms_only = !nameless && chance(rng, 1);
    let phone = (has_sms_only || chance(rng, 35)).then(|| {
        let number = format!("413-555-{:04}", rng.random_range(100..=199));
        (uuid(rng), number)
    });
    let address = chance(rng, 30).then(|| {
        let (city, state, prefix) = pick(rng, words::CITIES);
        (
            uuid(rng),
            format!(
                "{} {}",
                rng.random_range(1..=240),
                pick(rng, words::STREETS)
            ),
            city,
            state,
            format!("{prefix}{:02}", rng.random_range(1..=99)),
        )
    });
    let lists = plan
        .lists
        .iter()
        .enumerate()
        .filter(|(_, (.., percent))| chance(rng, *percent))
        .map(|(index, _)| index)
        .collect();
    let tags = (0..plan.tags.len()).filter(|_| chance(rng, 9)).collect();
    Contact {
        id: uuid(rng),
        email: (!has_sms_only).then(|| address_for(first, last, rng, addresses)),
        permission,
        opt_out_reason: (permission == Permission::Unsubscribed && chance(rng, 60))
            .then(|| pick(rng, words::OPT_OUT_REASONS)),
        first_name: (!nameless).then_some(first),
        last_name: (!nameless && !chance(rng, 4)).then_some(last),
        job_title: chance(rng, 12).then(|| pick(rng, words::JOB_TITLES)),
        company_name: chance(rng, 14).then(|| pick(rng, words::COMPANIES)),
        birthday: chance(rng, 15).then(|| (rng.random_range(1..=12), rng.random_range(1..=28))),
        created_by_contact: chance(rng, 55),
        created_at,
        updated_at,
        deleted_at,
        phone,
        address,
        lists,
        tags,
        note: chance(rng, 5).then(|| (uuid(rng), pick(rng, words::NOTES))),
        custom_field: chance(rng, 10).then(|| pick(rng, words::FAVORITES)),
    }
}

/// A unique address at a domain that RFC 2606 reserves.
fn address_for(
    first: &str,
    last: &str,
    rng: &mut ChaCha8Rng,
    taken: &mut HashSet<String>,
) -> String {
    let plain = |name: &str| -> String {
        name.to_lowercase()
            .chars()
            .filter_map(|letter| match letter {
                'a'..='z' => Some(letter),
                'á' => Some('a'),
                'é' | 'ë' => Some('e'),
                'í' | 'ı' => Some('i'),
                'ñ' | 'ń' => Some('n'),
                'ø' => Some('o'),
                'ü' => Some('u'),
                _ => None,
            })
            .collect()
    };
    let (first, last) = (plain(first), plain(last));
    let name = match rng.random_range(0..4) {
        0 => format!("{first}.{last}"),
        1 => format!("{}{last}", &first[..1]),
        2 => format!("{first}{}", rng.random_range(60..=99)),
        _ => format!("{last}.{first}"),
    };
    let domain = pick(rng, &["example.com", "example.org", "example.net"]);
    let mut address = format!("{name}@{domain}");
    let mut number = 2;
    while !taken.insert(address.clone()) {
        address = format!("{name}{number}@{domain}");
        number += 1;
    }
    address
}

fn campaign(plan: &CampaignPlan, mailable: usize, rng: &mut ChaCha8Rng) -> Campaign {
    let &(name, kind, status, days) = plan;
    let updated_at = ANCHOR - days * DAY - rng.random_range(0..=5 * 3600);
    let statistics = (status == CampaignStatus::Done).then(|| {
        let sends = u32::try_from(mailable).unwrap_or(u32::MAX) * rng.random_range(55..=97) / 100;
        let bounces = sends * rng.random_range(0..=4) / 100;
        let opens = (sends - bounces) * rng.random_range(28..=61) / 100;
        Statistics {
            last_sent_at: updated_at,
            sends,
            opens,
            clicks: opens * rng.random_range(4..=33) / 100,
            forwards: rng.random_range(0..=4),
            optouts: rng.random_range(0..=3),
            abuse: u32::from(chance(rng, 8)),
            bounces,
        }
    });
    Campaign {
        id: uuid(rng),
        activity_id: uuid(rng),
        permalink_id: uuid(rng),
        name,
        kind,
        status,
        created_at: updated_at - rng.random_range(2 * 3600..=9 * DAY),
        updated_at,
        statistics,
    }
}
