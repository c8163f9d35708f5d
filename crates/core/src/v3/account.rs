//! `/account`: the account, and what its user may do.

use super::{endpoints, member, operation::Operation, request::Request};
use crate::web_url::WebUrl;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// The account's details with address and logo: `GET /account/summary`. Scope `account_read`.
///
/// ```
/// use cc_connect_core::v3::account;
///
/// let account = account::summary().read(200, r#"{"organization_name":"Bluebird Bakery"}"#)?;
/// assert_eq!(account.name().as_deref(), Some("Bluebird Bakery"));
/// # Ok::<(), cc_connect_core::v3::ApiError>(())
/// ```
pub fn summary() -> Operation<AccountSummary> {
    let request = Request::new(&endpoints::GET_ACCOUNT_SUMMARY, &[]);
    Operation::object(request.with("extra_fields", "physical_address,company_logo"))
}

/// What the user who connected the account may do: `GET /account/user/privileges`. It needs no
/// scope, so it can explain an [`ApiError::Forbidden`](super::ApiError::Forbidden).
///
/// ```
/// use cc_connect_core::v3::account;
///
/// let body = r#"[{"privilege_id":30,"privilege_name":"campaign:create"}]"#;
/// let privileges = account::privileges().read(200, body)?;
/// assert_eq!(privileges[0].privilege_name.as_deref(), Some("campaign:create"));
/// # Ok::<(), cc_connect_core::v3::ApiError>(())
/// ```
pub fn privileges() -> Operation<Vec<UserPrivilege>> {
    Operation::array(Request::new(&endpoints::GET_ACCOUNT_USER_PRIVILEGES, &[]))
}

/// What to percent-encode in the address of a `mailto` link
/// ([RFC 6068 §2](https://www.rfc-editor.org/rfc/rfc6068.html#section-2)): unencoded, these
/// characters could turn it into another link.
const MAIL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An account. Every member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AccountSummary {
    /// What the organization calls itself: the name that the user knows the account by.
    #[serde(deserialize_with = "member::text")]
    pub organization_name: Option<String>,
    /// The organization's telephone number, as entered.
    #[serde(deserialize_with = "member::text")]
    pub organization_phone: Option<String>,
    /// First name of the person who owns the account.
    #[serde(deserialize_with = "member::text")]
    pub first_name: Option<String>,
    /// Last name of the person who owns the account.
    #[serde(deserialize_with = "member::text")]
    pub last_name: Option<String>,
    /// The address that Constant Contact writes to.
    #[serde(deserialize_with = "member::text")]
    pub contact_email: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(deserialize_with = "member::text")]
    pub country_code: Option<String>,
    /// An IANA time zone, such as `US/Eastern`.
    #[serde(deserialize_with = "member::text")]
    pub time_zone_id: Option<String>,
    /// As entered: often without a scheme.
    #[serde(deserialize_with = "member::text")]
    pub website: Option<String>,
    /// Where the organization receives mail. The API sends it only if asked, as [`summary`] does.
    #[serde(deserialize_with = "member::object")]
    pub physical_address: Option<PhysicalAddress>,
    /// The organization's logo; absent if it has none.
    #[serde(deserialize_with = "member::object")]
    pub company_logo: Option<CompanyLogo>,
}

/// A postal address. Every member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PhysicalAddress {
    /// The street address, or its first line.
    #[serde(deserialize_with = "member::text")]
    pub address_line1: Option<String>,
    /// The second line of the street address, such as a suite.
    #[serde(deserialize_with = "member::text")]
    pub address_line2: Option<String>,
    /// The third line of the street address.
    #[serde(deserialize_with = "member::text")]
    pub address_line3: Option<String>,
    /// City or town.
    #[serde(deserialize_with = "member::text")]
    pub city: Option<String>,
    /// The state, in the United States.
    #[serde(deserialize_with = "member::text")]
    pub state_code: Option<String>,
    /// The state or province, elsewhere.
    #[serde(deserialize_with = "member::text")]
    pub state_name: Option<String>,
    /// ZIP code in the United States, postal code elsewhere.
    #[serde(deserialize_with = "member::text")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(deserialize_with = "member::text")]
    pub country_code: Option<String>,
}

/// An image that stands for the organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CompanyLogo {
    /// The address of the image.
    #[serde(deserialize_with = "member::text")]
    pub url: Option<String>,
}

/// A privilege of a user. Every member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct UserPrivilege {
    /// The number by which the API knows it.
    #[serde(deserialize_with = "member::count")]
    pub privilege_id: Option<u64>,
    /// Its name, such as `contacts:lists:write`.
    #[serde(deserialize_with = "member::text")]
    pub privilege_name: Option<String>,
}

impl AccountSummary {
    /// What to call the account: the organization, else its owner, else the email address.
    ///
    /// ```
    /// use cc_connect_core::v3::account::AccountSummary;
    ///
    /// let account = AccountSummary { first_name: Some("Ada".to_owned()), ..Default::default() };
    /// assert_eq!(account.name().as_deref(), Some("Ada"));
    /// ```
    pub fn name(&self) -> Option<String> {
        let given = |text: &Option<String>| {
            text.as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let person = [&self.first_name, &self.last_name]
            .into_iter()
            .filter_map(given)
            .collect::<Vec<_>>()
            .join(" ");
        given(&self.organization_name)
            .or_else(|| (!person.is_empty()).then_some(person))
            .or_else(|| given(&self.contact_email))
    }

    /// The contact email address as a `mailto` link.
    ///
    /// ```
    /// use cc_connect_core::v3::account::AccountSummary;
    ///
    /// let contact_email = Some("a&b@bakery.example".to_owned());
    /// let account = AccountSummary { contact_email, ..Default::default() };
    /// assert_eq!(account.mail_url().as_deref(), Some("mailto:a%26b@bakery.example"));
    /// ```
    pub fn mail_url(&self) -> Option<String> {
        let (local, domain) = self.contact_email.as_deref()?.trim().rsplit_once('@')?;
        let encode = |part| utf8_percent_encode(part, MAIL);
        let is_link = !local.is_empty() && !domain.is_empty();
        is_link.then(|| format!("mailto:{}@{}", encode(local), encode(domain)))
    }

    /// The website as a link, with `https` if no scheme was entered; `None` for anything but a web
    /// address.
    ///
    /// ```
    /// use cc_connect_core::v3::account::AccountSummary;
    ///
    /// let website = Some("www.bakery.example".to_owned());
    /// let account = AccountSummary { website, ..Default::default() };
    /// assert_eq!(account.website_url().as_deref(), Some("https://www.bakery.example"));
    /// ```
    pub fn website_url(&self) -> Option<String> {
        let website = self.website.as_deref()?.trim();
        let url = if website.contains("://") {
            website.to_owned()
        } else {
            format!("https://{website}")
        };
        let is_link = WebUrl::parse(&url).is_some_and(|url| url.host().contains('.'));
        is_link.then_some(url)
    }
}

impl PhysicalAddress {
    /// The address in lines, as on an envelope.
    ///
    /// ```
    /// use cc_connect_core::v3::account::PhysicalAddress;
    ///
    /// let address = PhysicalAddress {
    ///     city: Some("Northampton".to_owned()),
    ///     state_code: Some("MA".to_owned()),
    ///     country_code: Some("US".to_owned()),
    ///     ..Default::default()
    /// };
    /// assert_eq!(address.lines(), ["Northampton MA", "US"]);
    /// ```
    pub fn lines(&self) -> Vec<String> {
        let state = self.state_code.as_ref().or(self.state_name.as_ref());
        let town = [self.city.as_ref(), state, self.postal_code.as_ref()];
        let town = town
            .into_iter()
            .flatten()
            .map(|part| part.trim())
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        [
            &self.address_line1,
            &self.address_line2,
            &self.address_line3,
        ]
        .into_iter()
        .flatten()
        .map(|line| line.trim().to_owned())
        .chain([town])
        .chain(self.country_code.clone())
        .filter(|line| !line.is_empty())
        .collect()
    }
}
