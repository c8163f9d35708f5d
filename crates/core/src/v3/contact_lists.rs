//! `/contact_lists`. Scope `contact_data`.

use super::{
    activities::Activity, endpoints, member, operation::Operation, page::Page, request::Request,
    uuid::Uuid,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How many lists there are: `GET /contact_lists`.
///
/// ```
/// use cc_connect_core::v3::contact_lists;
///
/// let lists = contact_lists::count().read(200, r#"{"lists_count":5}"#)?;
/// assert_eq!(lists.lists_count, Some(5));
/// # Ok::<(), cc_connect_core::v3::ApiError>(())
/// ```
pub fn count() -> Operation<ContactLists> {
    let request = Request::new(&endpoints::GET_CONTACT_LISTS, &[]);
    Operation::object(request.with("include_count", "true").with("limit", "1"))
}

/// All lists with their sizes, 500 on a page: `GET /contact_lists`.
///
/// ```
/// use cc_connect_core::v3::contact_lists;
///
/// let body = r#"{"lists":[{"name":"Customers"}],"lists_count":1}"#;
/// let page = contact_lists::all().read(200, body)?;
/// assert_eq!(page.items[0].name.as_deref(), Some("Customers"));
/// assert_eq!((page.total, page.next), (Some(1), None));
/// # Ok::<(), cc_connect_core::v3::ApiError>(())
/// ```
pub fn all() -> Operation<Page<ContactList>> {
    let request = Request::new(&endpoints::GET_CONTACT_LISTS, &[])
        .with("include_count", "true")
        .with("include_membership_count", "active")
        .with("limit", "500");
    Operation::page(request)
}

/// One list with its size: `GET /contact_lists/{list_id}`.
///
/// ```
/// use cc_connect_core::v3::contact_lists;
///
/// let list_id = "06526938-56dd-11e9-932a-fa163ea075fa".parse()?;
/// let list = contact_lists::get(list_id).read(200, r#"{"membership_count":327}"#)?;
/// assert_eq!(list.membership_count, Some(327));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn get(list_id: Uuid) -> Operation<ContactList> {
    let request = Request::new(&endpoints::GET_CONTACT_LIST, &[&list_id]);
    Operation::object(request.with("include_membership_count", "active"))
}

/// Creates a list: `POST /contact_lists`.
///
/// The response is [`ApiError::Conflict`](super::ApiError::Conflict) if another list has the name.
///
/// ```
/// use cc_connect_core::v3::{ApiError, contact_lists::{self, ListInput}};
///
/// let input = ListInput { name: "Customers".to_owned(), ..ListInput::default() };
/// let operation = contact_lists::create(&input);
/// assert_eq!(operation.request().body(), Some(r#"{"favorite":false,"name":"Customers"}"#));
///
/// let list = operation.read(201, r#"{"name":"Customers"}"#)?;
/// assert_eq!(list.name.as_deref(), Some("Customers"));
/// assert_eq!(operation.read(409, ""), Err(ApiError::Conflict { message: None }));
/// # Ok::<(), ApiError>(())
/// ```
pub fn create(list: &ListInput) -> Operation<ContactList> {
    let request = Request::new(&endpoints::POST_CONTACT_LISTS, &[]);
    Operation::object(request.with_json(&list.to_json()))
}

/// Replaces a list's details: `PUT /contact_lists/{list_id}`.
///
/// ```
/// use cc_connect_core::v3::contact_lists::{self, ListInput};
///
/// let list_id = "06526938-56dd-11e9-932a-fa163ea075fa".parse()?;
/// let input = ListInput { name: "Customers".to_owned(), ..ListInput::default() };
/// let list = contact_lists::replace(list_id, &input).read(200, r#"{"favorite":false}"#)?;
/// assert!(!list.favorite);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn replace(list_id: Uuid, list: &ListInput) -> Operation<ContactList> {
    let request = Request::new(&endpoints::PUT_CONTACT_LIST, &[&list_id]);
    Operation::object(request.with_json(&list.to_json()))
}

/// Deletes a list and its memberships, but no contact: `DELETE /contact_lists/{list_id}`.
///
/// The API carries it out later; [`activities::get`](super::activities::get) says how far it is.
///
/// ```
/// use cc_connect_core::v3::{activities::State, contact_lists};
///
/// let list_id = "06526938-56dd-11e9-932a-fa163ea075fa".parse()?;
/// let activity = contact_lists::delete(list_id).read(202, r#"{"state":"initialized"}"#)?;
/// assert_eq!(activity.state(), Some(State::Initialized));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn delete(list_id: Uuid) -> Operation<Activity> {
    Operation::object(Request::new(&endpoints::DELETE_CONTACT_LIST, &[&list_id]))
}

/// The contact lists, of which only the number is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContactLists {
    /// How many there are; only with `include_count`.
    #[serde(deserialize_with = "member::count")]
    pub lists_count: Option<u64>,
}

/// A contact list. Every member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContactList {
    /// What [`get`], [`replace`] and [`delete`] take.
    #[serde(deserialize_with = "member::uuid")]
    pub list_id: Option<Uuid>,
    /// Its name, unique in the account.
    #[serde(deserialize_with = "member::text")]
    pub name: Option<String>,
    /// What somebody wrote about it, if anybody did.
    #[serde(deserialize_with = "member::text")]
    pub description: Option<String>,
    /// Whether it is marked as a favorite.
    #[serde(deserialize_with = "member::flag")]
    pub favorite: bool,
    /// How many contacts are on it who may be sent email. Not in the response to a change.
    #[serde(deserialize_with = "member::count")]
    pub membership_count: Option<u64>,
    /// When it last changed, in ISO 8601.
    #[serde(deserialize_with = "member::text")]
    pub updated_at: Option<String>,
}

/// What can be written of a contact list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListInput {
    /// Its name, unique in the account; at most 255 characters.
    pub name: String,
    /// A text about it; not sent if `None`.
    pub description: Option<String>,
    /// Whether to mark it as a favorite.
    pub favorite: bool,
}

impl ListInput {
    fn to_json(&self) -> Value {
        let mut list = Map::new();
        list.insert("name".to_owned(), self.name.as_str().into());
        list.insert("favorite".to_owned(), self.favorite.into());
        if let Some(description) = &self.description {
            list.insert("description".to_owned(), description.as_str().into());
        }
        Value::Object(list)
    }
}
