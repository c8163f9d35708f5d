//! The Constant Contact V3 API without I/O: an [`Operation`] is sent as a [`Request`], and reads its
//! response.
//!
//! [`ENDPOINTS`] is the one table of what is sent. Each [`Operation`] refers to its [`Endpoint`], so
//! the table is the client; [`find()`] matches a raw request against it, so it is a proxy's allow list;
//! and its statuses, shapes and scopes are the contract that a test double keeps. To add an
//! operation, add its entry to [`endpoints`] and a function that fills it in.
//!
//! Endpoints follow the published description of the API (Swagger, build 3.0.178). In a response,
//! every member is optional and unknown ones are ignored; [the rule](crate::json) says what is read
//! strictly.
//!
//! ```
//! use cc_connect_core::v3::{self, ApiBaseUrl};
//!
//! let base = ApiBaseUrl::new("https://api.cc.email/v3".to_owned());
//! let operation = v3::contact_lists::all();
//! assert_eq!(operation.scope(), Some("contact_data"));
//! assert_eq!(operation.request().method(), "GET");
//! assert_eq!(
//!     operation.request().url(&base),
//!     "https://api.cc.email/v3/contact_lists?include_count=true&include_membership_count=active&limit=500"
//! );
//!
//! let page = operation.read(200, r#"{"lists":[{"name":"Customers","membership_count":327}]}"#)?;
//! assert_eq!(page.items[0].membership_count, Some(327));
//! assert_eq!(page.next, None);
//! # Ok::<(), v3::ApiError>(())
//! ```

pub mod account;
pub mod activities;
pub mod campaigns;
pub mod contact_lists;
pub mod contacts;
pub mod endpoint;
pub mod endpoints;
pub mod error;
mod find;
mod member;
pub mod operation;
pub mod pace;
pub mod page;
mod proxy_error;
pub mod request;
pub mod uuid;

pub use endpoint::{Endpoint, PathParameter, ResponseBody};
pub use endpoints::ENDPOINTS;
pub use error::ApiError;
pub use find::find;
pub use http::Method;
pub use operation::Operation;
pub use pace::Pace;
pub use page::Page;
pub use proxy_error::ProxyError;
pub use request::{ApiBaseUrl, Request, authorization};
pub use uuid::Uuid;
