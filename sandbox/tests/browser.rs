//! A minimal browser for these tests: one cookie, forms, and no automatic redirects.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cc_connect_sandbox::{Options, Sandbox, Scenario, start};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{self, AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE},
    redirect::Policy,
};
use serde_json::Value;

pub(crate) const REDIRECT_URI: &str = "http://localhost:8080/callback";
pub(crate) const STATE: &str = "kZ3v-8Qx_1.f,T";
pub(crate) const NONCE: &str = "n0nce-of-this-request";
pub(crate) const SCOPE: &str = "account_read contact_data campaign_data";
/// The scope of the code flow's requests.
pub(crate) const CODE_SCOPE: &str = "account_read contact_data campaign_data offline_access";
/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// The origin of the redirect URI.
pub(crate) const ORIGIN: &str = "http://localhost:8080";

/// Changes to an authorization request's parameters, `None` to omit one.
pub(crate) type Changes<'a> = Vec<(&'a str, Option<&'a str>)>;

/// Makes the request of [`Browser::authorization`] one for a code, with further changes.
pub(crate) fn code_request<'a>(changes: &[(&'a str, Option<&'a str>)]) -> Changes<'a> {
    let mut request = vec![
        ("response_type", Some("code")),
        ("client_id", Some(Options::PKCE_CLIENT_ID)),
        ("scope", Some(CODE_SCOPE)),
        ("code_challenge", Some(CHALLENGE)),
        ("code_challenge_method", Some("S256")),
    ];
    request.extend(changes);
    request
}

pub(crate) type Parameters = Vec<(String, String)>;

pub(crate) struct Browser {
    pub(crate) sandbox: Sandbox,
    http: Client,
    cookie: Option<String>,
}

/// The response to the application.
pub(crate) struct Redirect {
    pub(crate) location: String,
    pub(crate) parameters: Parameters,
}

impl Redirect {
    pub(crate) fn parse(location: &str) -> Self {
        let redirect = location
            .strip_prefix(REDIRECT_URI)
            .and_then(|rest| rest.strip_prefix(['#', '?']))
            .unwrap_or_else(|| panic!("{location} is not a response"));
        Self {
            location: location.to_owned(),
            parameters: parse_form(redirect),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn token(&self) -> &str {
        self.get("access_token").expect("an access token")
    }
}

pub(crate) fn parse_form(text: &str) -> Parameters {
    form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The value of a hidden or other field in a page.
pub(crate) fn field(html: &str, name: &str) -> String {
    let (_, rest) = html
        .split_once(&format!("name=\"{name}\""))
        .unwrap_or_else(|| panic!("no field {name} in {html}"));
    let tag = &rest[..rest.find('>').expect("a tag ends")];
    let (_, value) = tag.split_once("value=\"").expect("a value");
    value[..value.find('"').expect("a value ends")].to_owned()
}

pub(crate) fn location(response: &Response) -> String {
    response
        .headers()
        .get(LOCATION)
        .unwrap_or_else(|| panic!("{} has no Location", response.status()))
        .to_str()
        .expect("ASCII")
        .to_owned()
}

/// The parts of a JWT that are JSON.
pub(crate) fn decode(token: &str) -> (Value, Value) {
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "{token}");
    let read = |part: &str| {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
    };
    (read(parts[0]), read(parts[1]))
}

/// Whether a key verifies a token's signature, whatever the claims.
pub(crate) fn verifies(token: &str, jwk: &Value) -> bool {
    verifies_with(token, jwk, Algorithm::RS256)
}

/// The same with another algorithm.
pub(crate) fn verifies_with(token: &str, jwk: &Value, algorithm: Algorithm) -> bool {
    let (message, signature) = token.rsplit_once('.').expect("a signature");
    let text = |name: &str| jwk[name].as_str().expect("a string");
    let key = match algorithm {
        Algorithm::ES256 => DecodingKey::from_ec_components(text("x"), text("y")),
        _ => DecodingKey::from_rsa_components(text("n"), text("e")),
    };
    let key = key.expect("a key of the algorithm");
    jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, algorithm).unwrap_or(false)
}

/// Whether jsonwebtoken accepts a token's signature and claims.
pub(crate) fn accepts(browser: &Browser, token: &str, jwk: &Value) -> bool {
    let text = |name: &str| jwk[name].as_str().expect("a string");
    let key = DecodingKey::from_rsa_components(text("n"), text("e")).expect("an RSA key");
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[browser.sandbox.issuer()]);
    validation.set_audience(&[browser.sandbox.api_base_url()]);
    jsonwebtoken::decode::<Value>(token, &key, &validation).is_ok()
}

impl Browser {
    /// With the default options, on any port and without a rate limit.
    pub(crate) async fn new() -> Self {
        Self::with_options(Options {
            requests_per_second: 0,
            ..Options::default()
        })
        .await
    }

    pub(crate) async fn with_options(options: Options) -> Self {
        let sandbox = start(Options { port: 0, ..options })
            .await
            .expect("a free port");
        let http = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .expect("a client without TLS");
        Self {
            sandbox,
            http,
            cookie: None,
        }
    }

    /// Another browser at the same sandbox.
    pub(crate) fn forget(&mut self) {
        self.cookie = None;
    }

    fn absolute(&self, url: &str) -> String {
        if url.starts_with('/') {
            self.sandbox.origin() + url
        } else {
            url.to_owned()
        }
    }

    pub(crate) fn request(&self, method: &str, url: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        let request = self.http.request(method, self.absolute(url));
        match &self.cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }

    async fn send(&mut self, request: RequestBuilder) -> Response {
        let response = request.send().await.expect("a response");
        if let Some(cookie) = response.headers().get(SET_COOKIE) {
            let cookie = cookie.to_str().expect("ASCII");
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        response
    }

    pub(crate) async fn get(&mut self, url: &str) -> Response {
        let request = self.request("GET", url);
        self.send(request).await
    }

    pub(crate) async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Response {
        let request = self
            .request("POST", url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(fields));
        self.send(request).await
    }

    /// The authorization request, with some parameters replaced; `None` omits one.
    pub(crate) fn authorization(&self, changes: &[(&str, Option<&str>)]) -> String {
        let mut parameters = vec![
            ("response_type", "token"),
            ("client_id", Options::DEFAULT_CLIENT_ID),
            ("redirect_uri", REDIRECT_URI),
            ("scope", SCOPE),
            ("state", STATE),
            ("nonce", NONCE),
        ];
        for (name, value) in changes {
            parameters.retain(|(known, _)| known != name);
            if let Some(value) = value {
                parameters.push((name, value));
            }
        }
        format!(
            "{}?{}",
            self.sandbox.authorization_endpoint(),
            form(&parameters)
        )
    }

    /// From the authorization request to the permission page, with a sign-in if necessary.
    pub(crate) async fn permission_page(&mut self, changes: &[(&str, Option<&str>)]) -> String {
        let url = self.authorization(changes);
        self.permission_page_at(&url).await
    }

    /// The same, from another authorization request.
    pub(crate) async fn permission_page_at(&mut self, url: &str) -> String {
        let response = self.get(url).await;
        assert_eq!(response.status(), StatusCode::OK);
        let page = response.text().await.expect("a page");
        if !page.contains("name=\"password\"") {
            return page;
        }
        let (transaction, username, password) = (
            field(&page, "transaction"),
            field(&page, "username"),
            field(&page, "password"),
        );
        self.sign_in(&transaction, &username, &password).await
    }

    pub(crate) async fn sign_in(
        &mut self,
        transaction: &str,
        username: &str,
        password: &str,
    ) -> String {
        let response = self
            .post(
                "/oauth2/default/v1/authorize/sign-in",
                &[
                    ("transaction", transaction),
                    ("username", username),
                    ("password", password),
                ],
            )
            .await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let next = location(&response);
        let response = self.get(&next).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.text().await.expect("a page")
    }

    /// Submits the permission page as it is, with this scenario.
    pub(crate) async fn decide(
        &mut self,
        page: &str,
        scopes: &str,
        scenario: Option<Scenario>,
        decision: &str,
    ) -> Response {
        let transaction = field(page, "transaction");
        let mut fields = vec![
            ("transaction", transaction.as_str()),
            ("decision", decision),
        ];
        fields.extend(scopes.split_whitespace().map(|scope| ("scope", scope)));
        if let Some(scenario) = scenario {
            fields.push(("scenario", scenario.as_str()));
        }
        self.post("/oauth2/default/v1/authorize/permission", &fields)
            .await
    }

    /// The whole flow, with everything allowed.
    pub(crate) async fn connect(&mut self, scenario: Scenario) -> Redirect {
        let page = self.permission_page(&[]).await;
        let response = self.decide(&page, SCOPE, Some(scenario), "allow").await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        Redirect::parse(&location(&response))
    }

    /// The flow up to the code, with everything allowed.
    pub(crate) async fn authorize(&mut self, scenario: Scenario) -> Redirect {
        self.authorize_for(scenario, CODE_SCOPE).await
    }

    /// The same, with another scope requested and allowed.
    pub(crate) async fn authorize_for(&mut self, scenario: Scenario, scope: &str) -> Redirect {
        let request = code_request(&[("scope", Some(scope))]);
        let page = self.permission_page(&request).await;
        let response = self.decide(&page, scope, Some(scenario), "allow").await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        Redirect::parse(&location(&response))
    }

    /// A request of the application's page to the token endpoint.
    pub(crate) fn token_request(&self, fields: &[(&str, &str)]) -> RequestBuilder {
        self.request("POST", &self.sandbox.token_endpoint())
            .header(header::ORIGIN, ORIGIN)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(fields))
    }

    /// The exchange of a code, with some fields replaced; `None` omits one.
    pub(crate) fn exchange_request(
        &self,
        code: &str,
        changes: &[(&str, Option<&str>)],
    ) -> RequestBuilder {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("client_id", Options::PKCE_CLIENT_ID),
            ("redirect_uri", REDIRECT_URI),
            ("code", code),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in changes {
            fields.retain(|(known, _)| known != name);
            if let Some(value) = value {
                fields.push((name, value));
            }
        }
        self.token_request(&fields)
    }

    pub(crate) async fn exchange(&self, code: &str) -> Response {
        let request = self.exchange_request(code, &[]);
        request.send().await.expect("a response")
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Response {
        self.token_request(&[
            ("grant_type", "refresh_token"),
            ("client_id", Options::PKCE_CLIENT_ID),
            ("refresh_token", refresh_token),
        ])
        .send()
        .await
        .expect("a response")
    }

    /// The whole flow with a code, up to the token response.
    pub(crate) async fn connect_with_code(&mut self, scenario: Scenario) -> Value {
        self.connect_for(scenario, CODE_SCOPE).await
    }

    /// The same, with another scope requested and allowed.
    pub(crate) async fn connect_for(&mut self, scenario: Scenario, scope: &str) -> Value {
        let redirect = self.authorize_for(scenario, scope).await;
        let response = self.exchange(redirect.get("code").expect("a code")).await;
        assert_eq!(response.status(), StatusCode::OK, "{scenario}");
        json(response).await
    }

    pub(crate) async fn api(&self, path: &str, token: &str) -> Response {
        self.request("GET", &format!("/v3{path}"))
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .send()
            .await
            .expect("a response")
    }

    pub(crate) async fn api_json(&self, path: &str, token: &str) -> Value {
        let response = self.api(path, token).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        json(response).await
    }

    /// The keys of the set.
    pub(crate) async fn keys(&mut self) -> Vec<Value> {
        let url = self.sandbox.jwks_uri();
        let response = self.get(&url).await;
        assert_eq!(response.status(), StatusCode::OK);
        let set = json(response).await;
        set["keys"].as_array().expect("an array").clone()
    }

    /// The key of the set that a token names.
    pub(crate) async fn key_of(&mut self, token: &str) -> Option<Value> {
        let (header, _) = decode(token);
        let keys = self.keys().await;
        keys.into_iter().find(|key| key["kid"] == header["kid"])
    }
}

/// A string of a JSON object.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {object}"))
}

/// Whether the requesting page may read the response.
pub(crate) fn is_readable(response: &Response) -> bool {
    let allowed = response.headers().get("access-control-allow-origin");
    allowed.is_some_and(|origin| origin == ORIGIN)
}

/// The code and the description of an OAuth error in JSON, readable by the requesting page.
pub(crate) async fn refusal(response: Response, status: u16) -> (String, String) {
    assert_eq!(response.status(), status);
    assert!(is_readable(&response));
    let body = json(response).await;
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(2));
    (
        text(&body, "error").to_owned(),
        text(&body, "error_description").to_owned(),
    )
}

pub(crate) async fn json(response: Response) -> Value {
    let text = response.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text:?} is not JSON"))
}
