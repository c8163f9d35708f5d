//! A browser reduced to what these tests need: a cookie, forms, and no redirect followed unasked.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cc_connect_sandbox::{Options, Sandbox, Scenario, start};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE},
    redirect::Policy,
};
use serde_json::Value;

pub(crate) const REDIRECT_URI: &str = "http://localhost:8080/callback";
pub(crate) const STATE: &str = "kZ3v-8Qx_1.f,T";
pub(crate) const NONCE: &str = "n0nce-of-this-request";
pub(crate) const SCOPE: &str = "account_read contact_data campaign_data";

pub(crate) type Parameters = Vec<(String, String)>;

pub(crate) struct Browser {
    pub(crate) sandbox: Sandbox,
    http: Client,
    cookie: Option<String>,
}

/// What came back to the application.
pub(crate) struct Answer {
    pub(crate) location: String,
    pub(crate) parameters: Parameters,
}

impl Answer {
    pub(crate) fn of(location: &str) -> Self {
        let answer = location
            .strip_prefix(REDIRECT_URI)
            .and_then(|rest| rest.strip_prefix(['#', '?']))
            .unwrap_or_else(|| panic!("{location} is not an answer"));
        Self {
            location: location.to_owned(),
            parameters: parse_form(answer),
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

/// Whether a token's signature is that of a key, claims apart.
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

/// jsonwebtoken's own judgement of a token, signature and claims.
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
        Self::with(Options {
            requests_per_second: 0,
            ..Options::default()
        })
        .await
    }

    pub(crate) async fn with(options: Options) -> Self {
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
        let response = request.send().await.expect("an answer");
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

    /// The authorization request, with some parameters replaced; `None` leaves one out.
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

    /// From the authorization request to the permission page: signs in if asked.
    pub(crate) async fn permission_page(&mut self, changes: &[(&str, Option<&str>)]) -> String {
        let url = self.authorization(changes);
        let response = self.get(&url).await;
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

    /// The whole way, with everything allowed.
    pub(crate) async fn connect(&mut self, scenario: Scenario) -> Answer {
        let page = self.permission_page(&[]).await;
        let response = self.decide(&page, SCOPE, Some(scenario), "allow").await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        Answer::of(&location(&response))
    }

    pub(crate) async fn api(&self, path: &str, token: &str) -> Response {
        self.request("GET", &format!("/v3{path}"))
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .send()
            .await
            .expect("an answer")
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

pub(crate) async fn json(response: Response) -> Value {
    let text = response.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text:?} is not JSON"))
}
