//! The client: what a registration must fulfill, and how a confidential client differs.

use crate::support::{client, client_with, entropy, page, registration, requested};
use cc_connect_core::{
    constant_contact,
    oauth::{
        Accepted, AuthorizationCode, AuthorizationResponse, CapturedResponse, Client,
        ClientAuthentication, ClientError, ClientSecret, PendingAuthorization, RefreshToken,
        Registration, ResponseType, TokenRequest, accept, authorization_request,
        parameters::{OF_AUTHORIZATION_REQUEST, OF_TOKEN_REQUEST},
    },
};

fn code(change: impl FnOnce(&mut Registration)) -> &'static str {
    let mut registration = registration();
    change(&mut registration);
    Client::new(registration).map_or_else(|error| error.code(), |_| "accepted")
}

fn secret() -> ClientSecret {
    ClientSecret::new("7Fjfp0ZBr1KtDRbnfVdmIw".to_owned())
}

/// A client for the authorization code grant.
fn code_client() -> Client {
    client_with(|registration| registration.response_type = ResponseType::Code)
}

fn pending(client: &Client) -> PendingAuthorization {
    authorization_request(client, &entropy(), page(""), requested()).pending
}

#[test]
fn every_address_of_a_client_is_a_plain_https_url() {
    let fields: [fn(&mut Registration) -> &mut String; 4] = [
        |registration| &mut registration.redirect_uri,
        |registration| &mut registration.issuer,
        |registration| &mut registration.authorization_endpoint,
        |registration| &mut registration.token_endpoint,
    ];
    for (index, field) in fields.into_iter().enumerate() {
        for (address, expected) in [
            ("https://a.example/x", "accepted"),
            ("http://localhost:8081/x", "accepted"),
            ("http://127.0.0.1/x", "accepted"),
            ("", "client_address_unusable"),
            ("/x", "client_address_unusable"),
            ("a.example/x", "client_address_unusable"),
            ("javascript:alert(1)", "client_address_unusable"),
            ("http://a.example/x", "client_address_unusable"),
            ("https://a.example/ x", "client_address_unusable"),
            ("https://user@a.example/x", "client_address_unusable"),
            ("https://a.example/x#", "client_address_unusable"),
        ] {
            let found = code(|registration| *field(registration) = address.to_owned());
            assert_eq!(found, expected, "{index}: {address}");
        }
        let query = "https://a.example/x?tenant=1";
        let found = code(|registration| *field(registration) = query.to_owned());
        assert_eq!(found == "accepted", index >= 2, "{index}");
    }
    assert_eq!(
        code(|registration| registration.client_id.clear()),
        "client_id_empty"
    );
}

/// RFC 6749 §3.1: no parameter occurs twice.
#[test]
fn the_query_of_an_endpoint_has_no_parameter_that_requests_add() {
    for parameter in OF_AUTHORIZATION_REQUEST {
        let found = code(|registration| {
            registration.authorization_endpoint = format!("https://a.example/?x=1&{parameter}=2");
        });
        assert_eq!(found, "client_endpoint_parameter", "{parameter}");
    }
    for parameter in OF_TOKEN_REQUEST {
        let found = code(|registration| {
            registration.token_endpoint = format!("https://a.example/?{parameter}");
        });
        assert_eq!(found, "client_endpoint_parameter", "{parameter}");
    }
    let found = code(|registration| {
        registration.token_endpoint = "https://a.example/?%63ode=1".to_owned();
    });
    assert_eq!(found, "client_endpoint_parameter");
}

#[test]
fn a_mistake_names_the_setting_and_what_it_is() {
    let mistaken = Registration {
        token_endpoint: "ftp://a.example".to_owned(),
        ..registration()
    };
    let error = Client::new(mistaken).unwrap_err();
    assert_eq!(
        error,
        ClientError::Address {
            name: "token_endpoint",
            found: "ftp://a.example".to_owned()
        }
    );
}

#[test]
fn constant_contacts_own_settings_are_usable() {
    for response_type in [ResponseType::Token, ResponseType::Code] {
        let registration =
            constant_contact::registration("id", "https://app.example/callback", response_type);
        let client = Client::new(registration).unwrap();
        assert_eq!(client.issuer(), constant_contact::ISSUER);
        let refreshes = client.scope().contains("offline_access");
        assert_eq!(refreshes, response_type == ResponseType::Code);
    }
}

/// A confidential client may leave PKCE out; its record then has no verifier, and no client that
/// uses PKCE accepts it.
#[test]
fn only_with_a_secret_is_there_a_code_without_pkce() {
    let (with, without) = (code_client(), code_client().without_pkce(&secret()));
    assert!(with.uses_pkce() && !without.uses_pkce() && !client().uses_pkce());
    let request = authorization_request(&without, &entropy(), page(""), requested());
    assert!(!request.expose_uri().contains("code_challenge"));
    assert!(request.pending.code_verifier.is_none());
    for (client, pending, accepted) in [
        (&with, pending(&with), true),
        (&without, pending(&without), true),
        (&with, pending(&without), false),
        (&without, pending(&with), false),
    ] {
        let response = AuthorizationResponse::parse(&CapturedResponse {
            query: format!("code=a&state={}", pending.state.expose()),
            ..CapturedResponse::default()
        });
        match accept(client, &response.unwrap(), Ok(&pending), requested()) {
            Ok(Accepted::Code(code)) => assert!(accepted && code.is_secret_text("a")),
            Ok(Accepted::Token(_)) => panic!("a token for a code"),
            Err(error) => assert_eq!((accepted, error.code()), (false, "configuration_changed")),
        }
    }
}

/// RFC 6749 §2.3.1: the secret is in the header, and neither it nor the client_id in the body.
#[test]
fn a_confidential_client_authenticates_in_the_header() {
    let code = AuthorizationCode::new("a".to_owned());
    let secret = secret();
    let authentication = ClientAuthentication::Basic(&secret);
    for (client, verifier) in [
        (code_client(), true),
        (code_client().without_pkce(&secret), false),
    ] {
        let request = TokenRequest::for_code(&code, &pending(&client), authentication);
        let names: Vec<_> = form_urlencoded::parse(request.expose_body().as_bytes())
            .map(|(name, _)| name.into_owned())
            .collect();
        let mut expected = vec!["grant_type", "redirect_uri", "code"];
        expected.extend(verifier.then_some("code_verifier"));
        assert_eq!(names, expected);
        let value = request.expose_authorization().unwrap();
        assert!(value.starts_with("Basic "));
        assert_eq!(
            format!("{request:?} {authentication:?}")
                .matches("redacted")
                .count(),
            2
        );
    }
    let public =
        TokenRequest::for_code(&code, &pending(&code_client()), ClientAuthentication::None);
    assert_eq!(public.expose_authorization(), None);
}

/// Both halves are form-encoded before Base64, so that a colon or anything else outside ASCII in one
/// of them is unambiguous.
#[test]
fn id_and_secret_are_encoded_as_a_form_before_base64() {
    let refresh_token = RefreshToken::new("r".to_owned());
    for (client_id, secret, expected) in [
        // RFC 6749 §2.3.1.
        (
            "s6BhdRkqt3",
            "gX1fBat3bV",
            "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW",
        ),
        // `a%3Ab:c+d%2B%C3%A9`
        ("a:b", "c d+é", "Basic YSUzQWI6YytkJTJCJUMzJUE5"),
    ] {
        let secret = ClientSecret::new(secret.to_owned());
        let basic = ClientAuthentication::Basic(&secret);
        let request = TokenRequest::for_refresh_token(&refresh_token, client_id, basic);
        assert_eq!(request.expose_authorization(), Some(expected));
        assert_eq!(
            request.expose_body(),
            "grant_type=refresh_token&refresh_token=r"
        );
    }
}
