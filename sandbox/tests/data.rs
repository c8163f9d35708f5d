//! What the accounts hold.

use crate::browser::{Browser, Redirect, SCOPE, field, location};
use cc_connect_sandbox::{Options, Scenario};
use reqwest::StatusCode;
use serde_json::Value;
use std::collections::HashSet;

fn array<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value[name]
        .as_array()
        .unwrap_or_else(|| panic!("no {name}"))
}

#[tokio::test]
async fn contacts_come_in_pages() {
    let mut browser = Browser::new().await;
    let redirect = browser.connect(Scenario::Normal).await;
    let mut path = "/contacts?limit=100&include_count=true&include=list_memberships".to_owned();
    let (mut seen, mut sizes) = (HashSet::new(), Vec::new());
    let total = loop {
        let page = browser.api_json(&path, redirect.token()).await;
        let contacts = array(&page, "contacts");
        sizes.push(contacts.len());
        for contact in contacts {
            assert!(contact["list_memberships"].is_array(), "{contact}");
            assert!(seen.insert(contact["contact_id"].as_str().expect("an id").to_owned()));
        }
        let Some(links) = page.get("_links") else {
            break page["contacts_count"].as_u64().expect("a number");
        };
        let href = links["next"]["href"].as_str().expect("a link");
        assert!(href.starts_with("/v3/contacts?cursor="), "{href}");
        href.strip_prefix("/v3")
            .expect("the API")
            .clone_into(&mut path);
    };
    assert_eq!(seen.len() as u64, total);
    assert!((300..=340).contains(&total), "{total}");
    assert_eq!(&sizes[..3], [100, 100, 100]);

    let page = browser.api_json("/contacts", redirect.token()).await;
    assert_eq!(array(&page, "contacts").len(), 50);
    for query in [
        "limit=0",
        "limit=501",
        "limit=many",
        "cursor=nonsense",
        "include=shoe_size",
    ] {
        let response = browser
            .api(&format!("/contacts?{query}"), redirect.token())
            .await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn contacts_are_found_by_what_they_are() {
    let mut browser = Browser::new().await;
    let redirect = browser.connect(Scenario::Normal).await;
    let token = redirect.token();
    let count = async |query: &str| {
        let page = browser
            .api_json(
                &format!("/contacts?limit=1&include_count=true&{query}"),
                token,
            )
            .await;
        page["contacts_count"].as_u64().expect("a number")
    };
    let everybody = count("status=all").await;
    assert_eq!(everybody, 340);
    assert_eq!(everybody, count("").await + count("status=deleted").await);
    let counts = browser
        .api_json("/contacts/counts?include=new_subscriber", token)
        .await;
    assert_eq!(counts["total"], count("").await);
    assert_eq!(counts["unsubscribed"], count("status=unsubscribed").await);
    assert_eq!(
        counts["pending"],
        count("status=pending_confirmation").await
    );
    assert_eq!(
        counts["explicit"]
            .as_u64()
            .zip(counts["implicit"].as_u64())
            .map(|(a, b)| a + b),
        Some(count("status=active").await)
    );
    assert!(counts["new_subscriber"].as_u64().expect("a number") > 0);
    assert_eq!(
        count("created_after=2026-01-01").await + count("created_before=2026-01-01").await,
        count("").await
    );
    assert_eq!(
        browser
            .api("/contacts?updated_after=yesterday", token)
            .await
            .status(),
        StatusCode::BAD_REQUEST
    );

    let page = browser
        .api_json("/contacts?limit=500&status=all", token)
        .await;
    let (mut addresses, mut permissions) = (HashSet::new(), HashSet::new());
    let mut without_address = 0;
    for contact in array(&page, "contacts") {
        let Some(email) = contact.get("email_address") else {
            without_address += 1;
            continue;
        };
        let address = email["address"].as_str().expect("an address").to_owned();
        assert!(
            ["@example.com", "@example.org", "@example.net"]
                .iter()
                .any(|domain| address.ends_with(domain)),
            "{address}"
        );
        assert!(address.is_ascii() && address.len() <= 80, "{address}");
        assert!(addresses.insert(address));
        permissions.insert(
            email["permission_to_send"]
                .as_str()
                .expect("a word")
                .to_owned(),
        );
    }
    assert!(without_address > 0);
    assert_eq!(permissions.len(), 6, "{permissions:?}");

    let one = addresses.iter().next().expect("an address").to_uppercase();
    assert_eq!(count(&format!("status=all&email={one}")).await, 1);
    let contact = &array(&page, "contacts")[0];
    let id = contact["contact_id"].as_str().expect("an id");
    let single = browser
        .api_json(
            &format!(
                "/contacts/{id}?include=custom_fields,list_memberships,taggings,notes,\
                 phone_numbers,street_addresses"
            ),
            token,
        )
        .await;
    assert_eq!(single["created_at"], contact["created_at"]);
    for name in [
        "custom_fields",
        "list_memberships",
        "taggings",
        "notes",
        "phone_numbers",
        "street_addresses",
    ] {
        assert!(single[name].is_array(), "{name}");
        assert_eq!(contact.get(name), None, "{name}");
    }
}

#[tokio::test]
async fn lists_count_their_members() {
    let mut browser = Browser::new().await;
    let redirect = browser.connect(Scenario::Normal).await;
    let token = redirect.token();
    let page = browser
        .api_json(
            "/contact_lists?include_count=true&include_membership_count=all",
            token,
        )
        .await;
    assert_eq!(page["lists_count"], 5);
    for list in array(&page, "lists") {
        let id = list["list_id"].as_str().expect("an id");
        let members = browser
            .api_json(
                &format!("/contacts?limit=1&include_count=true&lists={id}"),
                token,
            )
            .await;
        assert_eq!(
            list["membership_count"], members["contacts_count"],
            "{list}"
        );
        let single = browser
            .api_json(
                &format!("/contact_lists/{id}?include_membership_count=active"),
                token,
            )
            .await;
        assert_eq!(single["name"], list["name"]);
        assert!(single["membership_count"].as_u64() < list["membership_count"].as_u64());
    }
    let page = browser.api_json("/contact_lists?limit=2", token).await;
    assert_eq!(array(&page, "lists").len(), 2);
    assert_eq!(array(&page, "lists")[0].get("membership_count"), None);
    assert!(page["_links"]["next"]["href"].is_string());
    let page = browser
        .api_json("/contact_lists?name=Wholesale%20customers", token)
        .await;
    assert_eq!(array(&page, "lists").len(), 1);
    let tags = browser
        .api_json("/contact_tags?include_count=true", token)
        .await;
    assert_eq!(array(&tags, "tags").len(), 6);
    assert!(array(&tags, "tags")[0]["contacts_count"].as_u64() > Some(0));
}

#[tokio::test]
async fn campaigns_in_every_state_with_reports_on_those_sent() {
    let mut browser = Browser::new().await;
    let redirect = browser.connect(Scenario::Normal).await;
    let token = redirect.token();
    let page = browser.api_json("/emails", token).await;
    let campaigns = array(&page, "campaigns");
    assert_eq!(campaigns.len(), 12);
    let statuses: HashSet<_> = campaigns
        .iter()
        .map(|campaign| campaign["current_status"].as_str().expect("a word"))
        .collect();
    assert_eq!(
        statuses,
        HashSet::from([
            "Draft",
            "Scheduled",
            "Executing",
            "Done",
            "Error",
            "Removed"
        ])
    );
    let id = campaigns[0]["campaign_id"].as_str().expect("an id");
    let single = browser.api_json(&format!("/emails/{id}"), token).await;
    assert_eq!(single["campaign_activities"][0]["role"], "primary_email");

    let report = browser
        .api_json("/reports/summary_reports/email_campaign_summaries", token)
        .await;
    let summaries = array(&report, "bulk_email_campaign_summaries");
    assert_eq!(
        summaries.len(),
        campaigns
            .iter()
            .filter(|one| one["current_status"] == "Done")
            .count()
    );
    let dates: Vec<_> = summaries
        .iter()
        .map(|one| one["last_sent_date"].as_str())
        .collect();
    assert!(dates.is_sorted_by(|a, b| a >= b), "{dates:?}");
    for summary in summaries {
        let count = |name: &str| summary["unique_counts"][name].as_u64().expect("a number");
        assert_eq!(
            count("sends"),
            count("opens") + count("bounces") + count("not_opened")
        );
        assert!(count("clicks") <= count("opens"));
        assert!(
            campaigns
                .iter()
                .any(|one| one["campaign_id"] == summary["campaign_id"])
        );
    }
    assert!(report["aggregate_percents"]["open"].as_f64() > Some(20.0));
    let first = browser
        .api_json(
            "/reports/summary_reports/email_campaign_summaries?limit=3",
            token,
        )
        .await;
    assert_eq!(array(&first, "bulk_email_campaign_summaries").len(), 3);
    assert!(first["_links"]["next"]["href"].is_string());
}

#[tokio::test]
async fn account_emails_by_one_filter_at_a_time() {
    let mut browser = Browser::new().await;
    let redirect = browser.connect(Scenario::Normal).await;
    let token = redirect.token();
    for (query, number) in [
        ("", 4),
        ("?confirm_status=CONFIRMED", 3),
        ("?confirm_status=U", 1),
        ("?role_code=R", 1),
        ("?role_code=JOURNALING", 0),
        ("?email_address=orders@bluebirdbakery.example", 1),
    ] {
        let emails = browser
            .api_json(&format!("/account/emails{query}"), token)
            .await;
        assert_eq!(emails.as_array().map(Vec::len), Some(number), "{query}");
    }
    let response = browser
        .api("/account/emails?confirm_status=C&role_code=C", token)
        .await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_data() {
    let contacts = async |seed| {
        let mut browser = Browser::with_options(Options {
            seed,
            requests_per_second: 0,
            ..Options::default()
        })
        .await;
        let redirect = browser.connect(Scenario::Normal).await;
        browser
            .api_json("/contacts?limit=500&status=all", redirect.token())
            .await
    };
    let (one, again, other) = (contacts(1).await, contacts(1).await, contacts(2).await);
    assert_eq!(one, again);
    assert_ne!(one, other);
}

#[tokio::test]
async fn the_second_account_is_another_organization() {
    let mut browser = Browser::new().await;
    let url = browser.authorization(&[]);
    let page = browser.get(&url).await.text().await.expect("a page");
    let page = browser
        .sign_in(
            &field(&page, "transaction"),
            "harborrowing",
            "sandbox-rowing",
        )
        .await;
    let response = browser.decide(&page, SCOPE, None, "allow").await;
    let redirect = Redirect::parse(&location(&response));
    let summary = browser
        .api_json(
            "/account/summary?extra_fields=company_logo",
            redirect.token(),
        )
        .await;
    assert_eq!(summary["organization_name"], "Harbor Rowing Club");
    assert_eq!(summary.get("company_logo"), None);
    let lists = browser.api_json("/contact_lists", redirect.token()).await;
    assert_eq!(array(&lists, "lists").len(), 3);
}
