//! The table of endpoints. An entry that is not listed here cannot be sent.
//!
//! Methods, templates, keys, statuses and scopes are those of the API's description. Of the keys,
//! only those are here that an [`Operation`](super::Operation) uses.

use super::endpoint::{
    Endpoint,
    PathParameter::Uuid,
    ResponseBody::{Array, Page},
};

macro_rules! endpoints {
    ($($(#[$doc:meta])* $name:ident = $endpoint:expr;)*) => {
        $($(#[$doc])* pub static $name: Endpoint = $endpoint;)*

        /// Every endpoint.
        ///
        /// ```
        /// use cc_connect_core::v3::{ENDPOINTS, endpoints::GET_ACCOUNT_SUMMARY};
        ///
        /// assert!(ENDPOINTS.contains(&&GET_ACCOUNT_SUMMARY));
        /// ```
        pub static ENDPOINTS: &[&Endpoint] = &[$(&$name,)*];
    };
}

endpoints! {
    /// The account: its name and owner, and with `extra_fields` its address and logo.
    GET_ACCOUNT_SUMMARY = Endpoint::get("/account/summary", &[])
        .query(&["extra_fields"])
        .scope("account_read");

    /// What the user who connected the account may do.
    GET_ACCOUNT_USER_PRIVILEGES = Endpoint::get("/account/user/privileges", &[])
        .responds_with(Array);

    /// How far an activity, which the API carries out in the background, has got.
    GET_ACTIVITY = Endpoint::get("/activities/{activity_id}", &[Uuid])
        .scope("contact_data");

    /// Every contact list, in pages; with their number and sizes if the query asks for them.
    GET_CONTACT_LISTS = Endpoint::get("/contact_lists", &[])
        .query(&["include_count", "include_membership_count", "limit"])
        .responds_with(Page { items: "lists", total: Some("lists_count") })
        .scope("contact_data");

    /// Creates a contact list; 409 if another has its name.
    POST_CONTACT_LISTS = Endpoint::post("/contact_lists", &[])
        .scope("contact_data");

    /// The details of a contact list, with its size if the query asks for it.
    GET_CONTACT_LIST = Endpoint::get("/contact_lists/{list_id}", &[Uuid])
        .query(&["include_membership_count"])
        .scope("contact_data");

    /// Replaces a contact list's name, description and mark as a favorite.
    PUT_CONTACT_LIST = Endpoint::put("/contact_lists/{list_id}", &[Uuid])
        .scope("contact_data");

    /// Deletes a contact list and its memberships, as an activity.
    DELETE_CONTACT_LIST = Endpoint::delete_later("/contact_lists/{list_id}", &[Uuid])
        .scope("contact_data");

    /// The contacts. Without `segment_id`, so the API never responds with 202.
    GET_CONTACTS = Endpoint::get("/contacts", &[])
        .query(&["email", "include", "include_count", "limit", "lists", "status"])
        .responds_with(Page { items: "contacts", total: Some("contacts_count") })
        // 500 contacts with their custom fields, addresses and memberships.
        .response_limit(16 * 1024 * 1024)
        .scope("contact_data");

    /// How many contacts there are, by permission.
    GET_CONTACTS_COUNTS = Endpoint::get("/contacts/counts", &[])
        .scope("contact_data");

    /// Every email campaign in pages, even removed ones. They are not counted.
    GET_EMAILS = Endpoint::get("/emails", &[])
        .query(&["limit"])
        .responds_with(Page { items: "campaigns", total: None })
        .scope("campaign_data");
}
