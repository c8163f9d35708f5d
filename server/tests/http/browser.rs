//! A minimal browser: cookies with their `SameSite`, the page's scripts, and the forms of the
//! sandbox.

use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode,
    header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE},
    redirect::Policy,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, net::SocketAddr};

pub(crate) const SCOPE: &str = "account_read campaign_data contact_data offline_access";

#[derive(Clone)]
pub(crate) struct Browser {
    http: Client,
    server: SocketAddr,
    origin: String,
    sandbox: String,
    /// By name: the value, and whether it is sent with a navigation from another site.
    pub(crate) cookies: BTreeMap<String, (String, bool)>,
    sandbox_cookie: Option<String>,
}

impl Browser {
    pub(crate) fn new(server: SocketAddr, origin: &str, sandbox: String) -> Self {
        let http = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .expect("a client");
        Self {
            http,
            server,
            origin: origin.to_owned(),
            sandbox,
            cookies: BTreeMap::new(),
            sandbox_cookie: None,
        }
    }

    /// Sends further requests to another instance.
    pub(crate) fn move_to(&mut self, server: SocketAddr) {
        self.server = server;
    }

    /// A request to the server, with these cookies and nothing else.
    pub(crate) fn plain(&self, method: Method, path: &str, cross_site: bool) -> RequestBuilder {
        let url = format!("http://{}{path}", self.server);
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|(_, (_, is_lax))| *is_lax || !cross_site)
            .map(|(name, (value, _))| format!("{name}={value}"))
            .collect();
        let request = self.http.request(method, url);
        match cookies.is_empty() {
            true => request,
            false => request.header(COOKIE, cookies.join("; ")),
        }
    }

    /// A request of the page's script.
    pub(crate) fn script(&self, method: Method, path: &str) -> RequestBuilder {
        let is_read = method == Method::GET;
        let request = self
            .plain(method, path, false)
            .header("x-cc-connect", "1")
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "cors");
        match is_read {
            true => request,
            false => request.header(ORIGIN, &self.origin),
        }
    }

    /// Sends a request, and keeps the cookies of the answer.
    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Response {
        let response = request.send().await.expect("a response");
        for header in response.headers().get_all(SET_COOKIE) {
            let header = header.to_str().expect("ASCII");
            let (pair, attributes) = header.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a value");
            match attributes.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => {
                    let is_lax = attributes.contains("SameSite=Lax");
                    self.cookies
                        .insert(name.to_owned(), (value.to_owned(), is_lax))
                }
            };
        }
        response
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response {
        let request = self.script(Method::GET, path);
        self.send(request).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Response {
        let request = self
            .script(Method::POST, path)
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        self.send(request).await
    }

    pub(crate) async fn session(&mut self) -> Value {
        let response = self.get("/auth/session").await;
        assert_eq!(response.status(), StatusCode::OK);
        json_of(response).await
    }

    /// The cookie of the session.
    pub(crate) fn session_cookie(&self) -> Option<&str> {
        let mut cookies = self.cookies.iter();
        let cookie = cookies.find(|(name, _)| name.ends_with("cc-session"));
        cookie.map(|(_, (value, _))| value.as_str())
    }

    /// Begins an authorization. Returns where the browser is sent.
    pub(crate) async fn begin(&mut self, wish: &Value) -> String {
        let response = self.post("/auth/connect", wish).await;
        assert_eq!(response.status(), StatusCode::OK);
        let answer = json_of(response).await;
        let uri = answer["authorization_uri"].as_str();
        uri.expect("an address").to_owned()
    }

    /// Signs in and allows everything. Returns the path and query that the browser comes back to.
    pub(crate) async fn authorize(&mut self, uri: &str) -> String {
        self.decide(uri, "allow").await
    }

    pub(crate) async fn decide(&mut self, uri: &str, decision: &str) -> String {
        let page = text_of(self.at_sandbox(Method::GET, uri, &[]).await).await;
        let page = match page.contains("name=\"password\"") {
            false => page,
            true => {
                let fields = ["transaction", "username", "password"];
                let fields = fields.map(|name| (name, field(&page, name)));
                let path = "/oauth2/default/v1/authorize/sign-in";
                let response = self.at_sandbox(Method::POST, path, &fields).await;
                let next = location(&response);
                text_of(self.at_sandbox(Method::GET, &next, &[]).await).await
            }
        };
        let mut fields = vec![
            ("transaction", field(&page, "transaction")),
            ("decision", decision.to_owned()),
        ];
        fields.extend(SCOPE.split(' ').map(|scope| ("scope", scope.to_owned())));
        let path = "/oauth2/default/v1/authorize/permission";
        let response = self.at_sandbox(Method::POST, path, &fields).await;
        let back = location(&response);
        let back = back.strip_prefix(&self.origin);
        back.expect("it is the page's origin").to_owned()
    }

    /// Follows a link of another site to the callback.
    pub(crate) async fn arrive(&mut self, path: &str) -> Response {
        let request = self
            .plain(Method::GET, path, true)
            .header("sec-fetch-site", "cross-site")
            .header("sec-fetch-mode", "navigate");
        self.send(request).await
    }

    /// Connects. Returns the answer of the callback.
    pub(crate) async fn connect(&mut self) -> Response {
        let uri = self
            .begin(&json!({ "return_to": "/contacts?list=7" }))
            .await;
        let back = self.authorize(&uri).await;
        let response = self.arrive(&back).await;
        assert_eq!(location(&response), "/contacts?list=7");
        response
    }

    async fn at_sandbox(
        &mut self,
        method: Method,
        url: &str,
        fields: &[(&str, String)],
    ) -> Response {
        let url = match url.starts_with('/') {
            true => format!("{}{url}", self.sandbox),
            false => url.to_owned(),
        };
        let mut request = self.http.request(method, url);
        if let Some(cookie) = &self.sandbox_cookie {
            request = request.header(COOKIE, cookie);
        }
        if !fields.is_empty() {
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body);
        }
        let response = request.send().await.expect("a response");
        if let Some(cookie) = response.headers().get(SET_COOKIE) {
            let cookie = cookie.to_str().expect("ASCII");
            self.sandbox_cookie = cookie.split(';').next().map(str::to_owned);
        }
        response
    }
}

pub(crate) fn location(response: &Response) -> String {
    let location = response.headers().get(LOCATION);
    let location = location.unwrap_or_else(|| panic!("{} leads nowhere", response.status()));
    location.to_str().expect("ASCII").to_owned()
}

pub(crate) async fn text_of(response: Response) -> String {
    response.text().await.expect("a body")
}

pub(crate) async fn json_of(response: Response) -> Value {
    let text = text_of(response).await;
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text:?} is not JSON"))
}

/// The value of a field in a page of the sandbox.
fn field(html: &str, name: &str) -> String {
    let (_, rest) = html
        .split_once(&format!("name=\"{name}\""))
        .unwrap_or_else(|| panic!("no field {name} in {html}"));
    let tag = &rest[..rest.find('>').expect("a tag ends")];
    let (_, value) = tag.split_once("value=\"").expect("a value");
    value[..value.find('"').expect("a value ends")].to_owned()
}
