//! Paged responses.

use super::{endpoint::ResponseBody, member, operation::Operation, request::Request};
use serde::{
    Deserializer as _,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use std::fmt;

/// The API's origin. Its links are relative to it, however it is reached.
const API_ORIGIN: &str = "https://api.cc.email";

/// The path of the API at its origin.
const API_PATH: &str = "/v3";

/// One page of a response. Pages can only be read forward: there is no link back, and no page
/// number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// In the API's order. An item that is not an object is left out.
    pub items: Vec<T>,
    /// How many items there are on all pages, if the API counts them.
    pub total: Option<u64>,
    /// Reads the next page; `None` if this is the last one.
    pub next: Option<Operation<Page<T>>>,
}

impl<T: DeserializeOwned> Operation<Page<T>> {
    pub(super) fn page(request: Request) -> Self {
        Self::new(request, |request, body| {
            let page = RawPage::read(request, body)?;
            Some(Page {
                items: member::read_objects(page.items),
                total: page.total,
                next: page.next.map(Self::page),
            })
        })
    }
}

/// What is read of a page whatever its items are.
struct RawPage<'a> {
    items: Vec<&'a RawValue>,
    total: Option<u64>,
    next: Option<Request>,
}

impl<'a> RawPage<'a> {
    fn read(request: &Request, body: &'a str) -> Option<Self> {
        let ResponseBody::Page { items, total } = request.endpoint().response else {
            return None;
        };
        let names = [Some(items), total, Some("_links")];
        let mut json = serde_json::Deserializer::from_str(body);
        let members = json.deserialize_map(Members(names)).ok()?;
        json.end().ok()?;
        let [items, total, links] = members.map(|member| member.map_or("null", RawValue::get));
        Some(Self {
            items: serde_json::from_str::<Option<_>>(items)
                .ok()?
                .unwrap_or_default(),
            total: member::read_count(total),
            next: next(request, links)?,
        })
    }
}

/// The request for the next page, if `_links.next.href` is there; `None` if it is not a link to one.
/// Without an error, a list would end early and nobody would notice.
fn next(request: &Request, links: &str) -> Option<Option<Request>> {
    let mut link: Value = serde_json::from_str(links).ok()?;
    for name in ["next", "href"] {
        link = match link {
            Value::Null => return Some(None),
            Value::Object(mut object) => object.remove(name).unwrap_or_default(),
            _ => return None,
        };
    }
    match link {
        Value::Null => Some(None),
        Value::String(href) => follow(request, &href).map(Some),
        _ => None,
    }
}

/// The link's query in a new request of the same endpoint. Nothing else of a link is followed.
fn follow(request: &Request, href: &str) -> Option<Request> {
    let query = href
        .strip_prefix(API_ORIGIN)
        .unwrap_or(href)
        .strip_prefix(API_PATH)?
        .strip_prefix(request.path())?
        .strip_prefix('?')?;
    if query.contains('#') {
        return None;
    }
    request.next(query)
}

/// Finds the members with these names, and leaves them unparsed. Each may occur once.
struct Members([Option<&'static str>; 3]);

impl<'de> Visitor<'de> for Members {
    type Value = [Option<&'de RawValue>; 3];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = [None; 3];
        while let Some((name, member)) = map.next_entry::<String, &RawValue>()? {
            let wanted = |wanted: &Option<_>| *wanted == Some(name.as_str());
            let Some(index) = self.0.iter().position(wanted) else {
                continue;
            };
            if members[index].replace(member).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(members)
    }
}
