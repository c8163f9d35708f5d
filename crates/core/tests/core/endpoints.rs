//! The table of V3 operations, which is also a proxy's allow list.

use cc_connect_core::v3::{
    ApiBaseUrl, ApiError, ENDPOINTS, Method, Operation, PathParameter, Request, ResponseBody, Uuid,
    account, activities, campaigns, contact_lists,
    contact_lists::ListInput,
    contacts::{self, ContactQuery, Status},
    find,
};
use proptest::prelude::*;

const ID: &str = "06526938-56dd-11e9-932a-fa163ea075fa";

fn base() -> ApiBaseUrl {
    ApiBaseUrl::new("https://api.cc.email/v3".to_owned())
}

fn id() -> Uuid {
    ID.parse().unwrap()
}

fn input() -> ListInput {
    ListInput {
        name: "\"Größe\"\n".to_owned(),
        description: Some("All of them".to_owned()),
        favorite: true,
    }
}

/// A query with every filter.
fn query() -> ContactQuery {
    ContactQuery {
        email: Some("a+b&c=d@bakery.example".to_owned()),
        lists: vec![id(), id()],
        statuses: vec![Status::Active, Status::NotSet],
        with_lists: true,
        page_size: Some(50),
    }
}

/// Every operation that a caller can make.
fn requests() -> Vec<Request> {
    fn request<T>(operation: Operation<T>) -> Request {
        operation.request().clone()
    }
    vec![
        request(account::summary()),
        request(account::privileges()),
        request(activities::get(id())),
        request(campaigns::latest()),
        request(campaigns::all()),
        request(contact_lists::count()),
        request(contact_lists::all()),
        request(contact_lists::get(id())),
        request(contact_lists::create(&input())),
        request(contact_lists::replace(id(), &input())),
        request(contact_lists::delete(id())),
        request(contacts::counts()),
        request(contacts::matching(&ContactQuery::default())),
        request(contacts::matching(&query())),
    ]
}

/// The table, compared by hand with the API's description, build 3.0.178.
#[test]
fn the_table_is_as_the_apis_description_has_it() {
    let page = |items, total| ResponseBody::Page { items, total };
    let contacts = page("contacts", Some("contacts_count"));
    let lists = page("lists", Some("lists_count"));
    let campaigns = page("campaigns", None);
    let (object, array) = (ResponseBody::Object, ResponseBody::Array);
    let expected = [
        ("GET /account/summary", 200, "account_read", object),
        ("GET /account/user/privileges", 200, "", array),
        ("GET /activities/{activity_id}", 200, "contact_data", object),
        ("GET /contact_lists", 200, "contact_data", lists),
        ("POST /contact_lists", 201, "contact_data", object),
        ("GET /contact_lists/{list_id}", 200, "contact_data", object),
        ("PUT /contact_lists/{list_id}", 200, "contact_data", object),
        (
            "DELETE /contact_lists/{list_id}",
            202,
            "contact_data",
            object,
        ),
        ("GET /contacts", 200, "contact_data", contacts),
        ("GET /contacts/counts", 200, "contact_data", object),
        ("GET /emails", 200, "campaign_data", campaigns),
    ];
    assert_eq!(ENDPOINTS.len(), expected.len());
    for (endpoint, (name, status, scope, response)) in ENDPOINTS.iter().zip(expected) {
        assert_eq!(endpoint.to_string(), name);
        assert_eq!(endpoint.statuses, [status], "{name}");
        assert_eq!(endpoint.scope.unwrap_or_default(), scope, "{name}");
        assert_eq!(endpoint.response, response, "{name}");
        let is_post = endpoint.method == Method::POST;
        assert_eq!(endpoint.is_idempotent, !is_post, "{name}");
        let takes_body = is_post || endpoint.method == Method::PUT;
        assert_eq!(endpoint.request_limit > 0, takes_body, "{name}");
        let limit = if name == "GET /contacts" { 16 } else { 4 };
        assert_eq!(endpoint.response_limit, limit * 1024 * 1024, "{name}");
    }
}

/// No key occurs twice, and no path belongs to two endpoints.
#[test]
fn the_table_is_unambiguous() {
    for (index, endpoint) in ENDPOINTS.iter().enumerate() {
        let sorted = endpoint.query.is_sorted_by(|a, b| a < b);
        assert!(sorted, "{endpoint}: {:?}", endpoint.query);
        assert!(!endpoint.query.contains(&"cursor"), "{endpoint}");
        let path = endpoint.template.replace("{list_id}", ID);
        let path = path.replace("{activity_id}", ID);
        assert!(!path.contains('{'), "{endpoint}");
        let matching = ENDPOINTS
            .iter()
            .positions(|other| other.method == endpoint.method && other.spell(&path).is_some());
        assert_eq!(matching, [index], "{endpoint}");
    }
}

trait Positions<T> {
    fn positions(self, wanted: impl Fn(T) -> bool) -> Vec<usize>;
}

impl<T, I: Iterator<Item = T>> Positions<T> for I {
    fn positions(self, wanted: impl Fn(T) -> bool) -> Vec<usize> {
        let indexed = self.enumerate();
        indexed
            .filter_map(|(index, item)| wanted(item).then_some(index))
            .collect()
    }
}

/// The allow list passes on unchanged whatever the client sends, and every endpoint is used.
///
/// Rule (Requests with the token): Requests go to the configured API: a request has a path and no
/// host
#[test]
fn every_operation_is_on_the_allow_list() {
    let requests = requests();
    for request in &requests {
        let url = request.url(&base());
        let rest = url.strip_prefix("https://api.cc.email/v3").unwrap();
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        let found = find(request.method(), path, query).unwrap();
        assert_eq!(found.endpoint(), request.endpoint());
        assert_eq!(found.path(), request.path());
        assert_eq!(found.query(), request.query());
        assert_eq!(found.url(&base()), url);
        assert_eq!(
            request.body().is_some(),
            request.endpoint().request_limit > 0
        );
    }
    for endpoint in ENDPOINTS {
        let used = requests.iter().any(|one| one.endpoint() == *endpoint);
        assert!(used, "{endpoint}");
        let keys = requests
            .iter()
            .filter(|one| one.endpoint() == *endpoint)
            .flat_map(|one| one.query().iter().map(|(key, _)| *key));
        let mut keys: Vec<_> = keys.collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(endpoint.query, keys, "{endpoint}");
    }
}

#[test]
fn urls_and_bodies_are_encoded_once() {
    let request = contacts::matching(&query());
    assert_eq!(
        request.request().url(&base()),
        format!(
            "https://api.cc.email/v3/contacts?email=a%2Bb%26c%3Dd%40bakery.example\
             &include=list_memberships&include_count=true&limit=50&lists={ID}%2C{ID}\
             &status=active%2Cnot_set"
        )
    );
    let request = contact_lists::replace(id(), &input());
    assert_eq!(
        request.request().url(&base()),
        format!("https://api.cc.email/v3/contact_lists/{ID}")
    );
    assert_eq!(
        request.request().body(),
        Some(r#"{"description":"All of them","favorite":true,"name":"\"Größe\"\n"}"#)
    );
    for (size, limit) in [(None, "500"), (Some(0), "1"), (Some(501), "500")] {
        let query = ContactQuery {
            page_size: size,
            ..ContactQuery::default()
        };
        let operation = contacts::matching(&query);
        let limit = ("limit", limit.to_owned());
        assert!(operation.request().query().contains(&limit), "{size:?}");
    }
    for (status, word) in [
        (Status::Active, "active"),
        (Status::Deleted, "deleted"),
        (Status::NotSet, "not_set"),
        (Status::PendingConfirmation, "pending_confirmation"),
        (Status::TempHold, "temp_hold"),
        (Status::Unsubscribed, "unsubscribed"),
    ] {
        let query = ContactQuery {
            statuses: vec![status],
            ..ContactQuery::default()
        };
        let operation = contacts::matching(&query);
        let status = ("status", word.to_owned());
        assert!(operation.request().query().contains(&status), "{word}");
    }
}

/// Personal data, such as an email address that was searched for, does not get into a log line.
#[test]
fn debug_shows_no_values() {
    let searched = format!("{:?}", contacts::matching(&query()));
    assert!(searched.contains("GET /contacts"), "{searched}");
    assert!(searched.contains("email"), "{searched}");
    assert!(!searched.contains("bakery"), "{searched}");
    assert!(!searched.contains(ID), "{searched}");
    let replaced = format!("{:?}", contact_lists::replace(id(), &input()));
    assert!(replaced.contains("PUT /contact_lists/{list_id}"));
    assert!(!replaced.contains("All of them"), "{replaced}");
    assert!(!replaced.contains(ID), "{replaced}");
}

/// A POST whose response was lost may have been carried out; one that was throttled was not.
#[test]
fn what_may_be_sent_again_depends_on_the_error_and_the_method() {
    for request in requests() {
        let endpoint = request.endpoint();
        for (error, expected) in [
            (ApiError::Throttled, true),
            (ApiError::Unreachable, endpoint.is_idempotent),
            (
                ApiError::Unavailable { status: 503 },
                endpoint.is_idempotent,
            ),
            (ApiError::QuotaExceeded, false),
            (ApiError::Unauthorized, false),
            (ApiError::Forbidden, false),
            (ApiError::NotFound, false),
            (ApiError::Invalid { message: None }, false),
            (ApiError::Conflict { message: None }, false),
            (ApiError::Unexpected { status: 200 }, false),
        ] {
            assert_eq!(
                request.may_retry_after(&error),
                expected,
                "{endpoint} {error}"
            );
        }
    }
}

#[test]
fn a_method_outside_the_table_is_not_found() {
    for method in [
        Method::HEAD,
        Method::OPTIONS,
        Method::PATCH,
        Method::TRACE,
        Method::CONNECT,
        Method::POST,
        Method::from_bytes(b"get").unwrap(),
    ] {
        assert_eq!(find(&method, "/contacts", None), None, "{method}");
    }
    assert!(find(&Method::GET, "/contacts", None).is_some());
    assert_eq!(find(&Method::DELETE, "/contact_lists", None), None);
}

/// Traversal, encodings, case, separators and lengths: nothing but the table's own paths matches.
#[test]
fn a_path_outside_the_table_is_not_found() {
    let long = format!("/contact_lists/{}", "a".repeat(100_000));
    let deep = "/contacts".repeat(10_000);
    let dotted = format!("/contact_lists/../contact_lists/{ID}");
    let encoded = format!("/contact_lists%2F{ID}");
    let suffixed = format!("/contact_lists/{ID}/");
    let joined = format!("/contact_lists/{ID},{ID}");
    let escaped = format!("/contact_lists/%30{}", &ID[1..]);
    let absolute = format!("https://api.cc.email/v3/contact_lists/{ID}");
    for path in [
        "",
        "/",
        "//",
        "contacts",
        "//contacts",
        "///contacts",
        "/contacts/",
        "/contacts//",
        "/contacts//counts",
        "/./contacts",
        "/contacts/.",
        "/contacts/..",
        "/contacts/../contacts",
        "/account/summary/../user/privileges",
        "/contacts/%2e%2e/contacts",
        "/contacts/%2E%2E%2Fcounts",
        "/contacts%2Fcounts",
        "/contacts%252Fcounts",
        "/contacts%5Ccounts",
        "/contacts\\counts",
        "\\contacts",
        "/\\contacts",
        "/contacts;x=1",
        "/contacts/counts;",
        "/contacts?limit=1",
        "/contacts#x",
        "/contacts%00",
        "/contacts\0",
        "/contacts\r\nHost: evil.example",
        "/contacts\t",
        " /contacts",
        "/contacts ",
        "/contacts+",
        "/CONTACTS",
        "/Contacts",
        "/contacts/Counts",
        "/contactſ",
        "/ｃontacts",
        "/contacts\u{202e}",
        "/contacts/*",
        "/contacts/counts/x",
        "/contact",
        "/contactss",
        "/contact_lists/{list_id}",
        "/contact_lists/list_id_xrefs",
        "/contact_lists/0652693856dd11e9932afa163ea075fa",
        "/contact_lists/{06526938-56dd-11e9-932a-fa163ea075fa}",
        "/contact_lists/06526938-56dd-11e9-932a-fa163ea075f",
        "/contact_lists/06526938-56dd-11e9-932a-fa163ea075fa0",
        "/contact_lists/06526938_56dd_11e9_932a_fa163ea075fa",
        "/contact_lists/g6526938-56dd-11e9-932a-fa163ea075fa",
        "/contact_lists/0652693-856dd-11e9-932a-fa163ea075fa",
        "/contact_lists/1",
        "/contact_lists/-",
        "/activities/contact_delete",
        "/account/emails",
        "/partner/accounts",
        "/v3/contacts",
        "/@evil.example/contacts",
        "@evil.example/contacts",
        ".evil.example/contacts",
        ":8080/contacts",
        "http://evil.example/contacts",
        &long,
        &deep,
        &dotted,
        &encoded,
        &suffixed,
        &joined,
        &escaped,
        &absolute,
    ] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            assert_eq!(find(&method, path, None), None, "{method} {path}");
        }
    }
    // An identifier may be written in either case, and is sent in one.
    let upper = format!("/contact_lists/{}", ID.to_ascii_uppercase());
    let found = find(&Method::GET, &upper, None).unwrap();
    assert_eq!(found.path(), format!("/contact_lists/{ID}"));
}

#[test]
fn a_query_outside_the_table_is_not_found() {
    let found = |query: &str| find(&Method::GET, "/contacts", Some(query));
    let long = format!("cursor={}", "a".repeat(4 * 1024 - 6));
    assert!(found(&long[..4 * 1024]).is_some());
    for query in [
        "x=1",
        "limit",
        "limit=",
        "=1",
        "=",
        "limit=1&limit=2",
        "limit=1&l%69mit=2",
        "limit=1&x=1",
        "Limit=1",
        "limit%00=1",
        "limit[]=1",
        "segment_id=1",
        "access_token=abc",
        "cursor=",
        "cursor=a&cursor=a",
        "email=%",
        "email=%4",
        "email=%zz",
        "email=%ff",
        "limit=1?x=1",
        "?limit=1",
        "limit=1;x=1&y",
        &long,
    ] {
        let is_value = query == "limit=1?x=1";
        assert_eq!(found(query).is_some(), is_value, "{query}");
    }
    // Whatever it contains, a value stays one value.
    for (query, sent) in [
        ("", ""),
        ("&", ""),
        ("limit=1", "?limit=1"),
        ("&&limit=1&", "?limit=1"),
        ("l%69mit=1", "?limit=1"),
        ("limit=1?x=1", "?limit=1%3Fx%3D1"),
        ("limit=1%26x%3D1", "?limit=1%26x%3D1"),
        ("limit=1;x=1", "?limit=1%3Bx%3D1"),
        ("limit=1#x", "?limit=1%23x"),
        ("limit=%0d%0aHost:x", "?limit=%0D%0AHost%3Ax"),
        ("email=a+b", "?email=a+b"),
        ("email=a%2Bb", "?email=a%2Bb"),
        ("email=é", "?email=%C3%A9"),
        ("cursor=bGltaXQ9MQ==", "?cursor=bGltaXQ9MQ%3D%3D"),
        ("cursor=abc&limit=5", "?cursor=abc&limit=5"),
    ] {
        let url = found(query).unwrap().url(&base());
        assert_eq!(url, format!("https://api.cc.email/v3/contacts{sent}"));
    }
    // Only a paged endpoint has a cursor.
    let cursor = find(&Method::GET, "/contacts/counts", Some("cursor=abc"));
    assert_eq!(cursor, None);
}

#[test]
fn a_number_in_a_path_has_one_spelling() {
    let spell = |segment| PathParameter::Number.spell(segment);
    for number in ["0", "7", "42", "4294967295"] {
        assert_eq!(spell(number).as_deref(), Some(number));
    }
    for other in [
        "",
        "-1",
        "+1",
        "007",
        "00",
        "1.0",
        "1e3",
        "0x1",
        " 1",
        "1 ",
        "4294967296",
        "１",
        "a",
    ] {
        assert_eq!(spell(other), None, "{other}");
    }
}

#[test]
fn a_uuid_has_one_spelling() {
    for uuid in [
        ID,
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ] {
        let parsed: Uuid = uuid.parse().unwrap();
        assert_eq!(parsed.to_string(), uuid);
        assert_eq!(format!("{parsed:?}"), uuid);
        assert_eq!(uuid.to_ascii_uppercase().parse(), Ok(parsed));
    }
    for other in [
        "",
        "06526938-56dd-11e9-932a-fa163ea075f",
        "06526938-56dd-11e9-932a-fa163ea075faa",
        "0652693856dd-11e9-932a--fa163ea075fa",
        "+6526938-56dd-11e9-932a-fa163ea075fa",
        "06526938-56dd-11e9-932a-fa163ea075é",
        "urn:uuid:06526938-56dd-11e9-932a-fa16",
    ] {
        let error = other.parse::<Uuid>().unwrap_err();
        assert_eq!(error.to_string(), "not a UUID", "{other}");
    }
}

/// Parts of paths, valid and invalid.
fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(ID.to_owned()),
        Just("contacts".to_owned()),
        Just("counts".to_owned()),
        Just("contact_lists".to_owned()),
        Just("account".to_owned()),
        Just("summary".to_owned()),
        Just("..".to_owned()),
        Just("%2e%2e".to_owned()),
        Just(String::new()),
        "[a-zA-Z0-9_%.;\\\\-]{0,40}",
        "\\PC{0,12}",
    ]
}

proptest! {
    /// Whatever arrives, what is sent is a path of the table: letters, digits, `_`, `-` and single
    /// slashes, which no server reads in two ways.
    #[test]
    fn only_paths_of_the_table_are_sent(
        segments in proptest::collection::vec(segment(), 0..5),
        slash in any::<bool>(),
        query in proptest::option::of("\\PC{0,40}|(limit|email|cursor|x)=\\PC{0,20}"),
    ) {
        let path = format!("{}{}", if slash { "/" } else { "" }, segments.join("/"));
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let Some(found) = find(&method, &path, query.as_deref()) else { continue };
            prop_assert_eq!(found.method(), method);
            prop_assert_eq!(found.path(), path.to_ascii_lowercase());
            let template = found.endpoint().template.split('/');
            for (given, expected) in found.path().split('/').zip(template) {
                let is_parameter = expected.starts_with('{') && given.parse::<Uuid>().is_ok();
                prop_assert!(is_parameter || given == expected);
            }
            let url = url::Url::parse(&found.url(&base())).unwrap();
            let path = format!("/v3{}", found.path());
            prop_assert_eq!(url.path(), path);
            prop_assert_eq!(url.host_str(), Some("api.cc.email"));
            prop_assert_eq!(url.fragment(), None);
            for (key, value) in url.query_pairs() {
                prop_assert!(found.endpoint().query_key(&key).is_some());
                let (_, sent) = found.query().iter().find(|(name, _)| *name == key).unwrap();
                prop_assert_eq!(sent.as_str(), value);
            }
        }
    }

    /// Spelling is idempotent, and every identifier survives a round trip.
    #[test]
    fn every_identifier_is_found_again(number in any::<u128>()) {
        let digits = format!("{number:032x}");
        let [a, b, c, d, e] = [0..8, 8..12, 12..16, 16..20, 20..32].map(|group| &digits[group]);
        let text = format!("{a}-{b}-{c}-{d}-{e}");
        let uuid: Uuid = text.parse().unwrap();
        prop_assert_eq!(uuid.to_string(), text);
        let request = contact_lists::get(uuid).request().clone();
        let found = find(&Method::GET, request.path(), None).unwrap();
        prop_assert_eq!(found.path(), request.path());
    }
}
