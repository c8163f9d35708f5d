//! Reads every key into its setting.

use super::{
    mistake::Mistake,
    read_secrets::{client_secret, database, keys},
    reader::Reader,
    secret_source::{Environment, SecretSources},
    settings::{Config, Inbound, Origin},
};
use cc_connect_core::{
    constant_contact,
    jose::{Expectations, verify::MAX_LIFETIME},
    oauth::{Registration, ResponseType, parameters, pending_authorization::MAX_AGE},
    v3::ApiBaseUrl,
    web_url::WebUrl,
};
use cc_connect_hosting::{Base, CALLBACK, ROUTES};
use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};
use toml::Table;

/// The port if no other is configured.
const PORT: u16 = 8080;
/// The port of the second listener if no other is configured.
const ADMIN_PORT: u16 = 9090;

/// `None` if something that is required is missing; that is among the mistakes.
pub(super) fn read(
    table: Table,
    folder: &Path,
    environment: Environment<'_>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Config> {
    let mut reader = Reader::new(table, "", mistakes);
    let origin = read_origin(&mut reader);
    let client_id = reader.required("client_id", "the API key of your application");
    let redirect_uri = read_redirect_uri(&mut reader, origin.as_ref());
    let authorization_endpoint = reader.endpoint(
        "authorization_endpoint",
        constant_contact::AUTHORIZATION_ENDPOINT,
        &parameters::OF_AUTHORIZATION_REQUEST,
    );
    let token_endpoint = reader.endpoint(
        "token_endpoint",
        constant_contact::TOKEN_ENDPOINT,
        &parameters::OF_TOKEN_REQUEST,
    );
    let issuer = reader.url("issuer", constant_contact::ISSUER);
    let id_token_issuer = reader.url("id_token_issuer", &issuer);
    let jwks_uri = reader.url("jwks_uri", constant_contact::JWKS_URI);
    let audience = reader.text_or("audience", constant_contact::AUDIENCE);
    let api_base_url = reader.url("api_base_url", constant_contact::API_BASE_URL);
    if api_base_url.ends_with('/') {
        reader.mistake("api_base_url", "leave out the slash at its end.");
    }
    let scope = reader.scope("scope", constant_contact::default_scope(ResponseType::Code));
    let uses_pkce = match reader.text_or("pkce", "s256").as_str() {
        "s256" => true,
        "off" => false,
        other => {
            let what = format!("{other:?} is neither \"s256\" nor \"off\". Write \"s256\".");
            reader.mistake("pkce", what);
            true
        }
    };
    let max_lifetime = reader.number("max_token_lifetime", 60..=31_536_000, MAX_LIFETIME);
    let max_authorization_time = reader.number("max_authorization_time", 60..=86_400, MAX_AGE);

    let client_secret = client_secret(&mut reader, folder, environment);
    let keys = keys(&mut reader, folder, environment);
    let database = database(&mut reader, folder, environment);
    let session = reader.table("session", r#"{ idle = "24h", absolute = "30d" }"#);
    let budget = reader.number("requests_per_day", 1..=1_000_000_000, 10_000);
    let trusted_proxies = reader.number("trusted_proxies", 0..=10, 0);
    let inbound = reader.table("inbound", "{ per_second = 20, burst = 100 }");
    let loopback = origin.as_ref().is_some_and(Origin::is_plain_loopback);
    let everywhere = SocketAddr::from((Ipv6Addr::UNSPECIFIED, PORT));
    let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listen = reader.listen("listen", if loopback { here(PORT) } else { everywhere });
    let admin = reader.listen("admin", here(ADMIN_PORT));
    if listen == admin && admin.port() != 0 {
        reader.mistake("admin", "it is the address of listen. Write another port.");
    }
    let dist = match reader.text("dist") {
        Some(dist) => folder.join(dist),
        None => beside_the_binary("dist"),
    };
    if !reader.is_wrong("dist") && !dist.join("index.html").is_file() {
        let what = format!(
            "there is no index.html in {}. Write the folder that `cargo xtask build` has made.",
            dist.display()
        );
        reader.mistake("dist", what);
    }
    reader.finish();

    let (idle, absolute) = read_session(session, mistakes);
    let inbound = read_inbound(inbound, mistakes);
    let client_id = client_id?;
    Some(Config {
        expectations: Expectations {
            issuer: issuer.clone(),
            audience,
            max_lifetime,
            ..constant_contact::access_token_expectations()
        },
        id_token_expectations: Expectations {
            issuer: id_token_issuer,
            max_lifetime,
            ..constant_contact::id_token_expectations(&client_id)
        },
        registration: Registration {
            client_id,
            redirect_uri,
            authorization_endpoint,
            response_type: ResponseType::Code,
            token_endpoint,
            issuer,
            scope,
            max_authorization_time,
        },
        origin: origin?,
        uses_pkce,
        jwks_uri,
        api_base_url: ApiBaseUrl::new(api_base_url),
        secrets: SecretSources {
            client_secret: client_secret?,
            keys,
        },
        database: database?,
        idle,
        absolute,
        requests_per_day: u32::try_from(budget).unwrap_or(u32::MAX),
        trusted_proxies: usize::try_from(trusted_proxies).unwrap_or_default(),
        inbound,
        listen,
        admin,
        dist,
    })
}

fn read_origin(reader: &mut Reader<'_>) -> Option<Origin> {
    let key = "origin";
    let text = reader.required(key, "https://connect.example.com")?;
    if !reader.is_address(key, &text) {
        return None;
    }
    let url = WebUrl::parse(&text)?;
    let origin = url.origin();
    if origin != text {
        let what = format!("a browser spells it {origin:?}, without a path. Write it like that.");
        reader.mistake(key, what);
    }
    Some(Origin {
        is_plain_loopback: origin.starts_with("http:"),
        text: origin,
    })
}

/// The redirection endpoint: `callback` at the origin, unless the registration has another path.
fn read_redirect_uri(reader: &mut Reader<'_>, origin: Option<&Origin>) -> String {
    let key = "redirect_uri";
    let origin = origin.map_or("https://connect.example.com", Origin::as_str);
    let default = format!("{origin}/{CALLBACK}");
    let text = reader.text_or(key, &default);
    let path = text
        .strip_prefix(origin)
        .filter(|path| path.starts_with('/'));
    let Some(path) = path else {
        reader.mistake(
            key,
            format!("it is not at the page's origin. Write {default:?}."),
        );
        return default;
    };
    let first = path.split('/').nth(1).unwrap_or_default();
    let is_taken = ["", "auth", "api", "index.html", "config.json"].contains(&first)
        || ROUTES.contains(&path.trim_matches('/'));
    if path.parse::<Base>().is_err() {
        let what = "its path has to consist of letters, digits and -._~ between single slashes.";
        reader.mistake(key, format!("{what} Write {default:?}."));
    } else if is_taken {
        let what = format!("something else is served at {path}. Register and write {default:?}.");
        reader.mistake(key, what);
    }
    text
}

fn read_session(table: Table, mistakes: &mut Vec<Mistake>) -> (Duration, Duration) {
    let mut reader = Reader::new(table, "session.", mistakes);
    let idle = reader.duration("idle", "5m"..="180d", "24h");
    // A refresh token that nobody uses ends after 180 days.
    let absolute = reader.duration("absolute", "5m"..="180d", "30d");
    if idle > absolute && !reader.is_wrong("idle") && !reader.is_wrong("absolute") {
        let what = "it is longer than session.absolute. Write a shorter time.";
        reader.mistake("idle", what);
    }
    reader.finish();
    (idle, absolute)
}

fn read_inbound(table: Table, mistakes: &mut Vec<Mistake>) -> Option<Inbound> {
    let mut reader = Reader::new(table, "inbound.", mistakes);
    let per_second = reader.number("per_second", 0..=1_000_000, 20);
    let burst = reader.number("burst", 1..=1_000_000, 100);
    reader.finish();
    let count = |number: i64| u32::try_from(number).ok().and_then(NonZeroU32::new);
    Some(Inbound {
        per_second: count(per_second)?,
        burst: count(burst)?,
    })
}

/// A file or folder beside the binary, or in the working directory if the binary's is unknown.
fn beside_the_binary(name: &str) -> PathBuf {
    let binary = std::env::current_exe().ok();
    let folder = binary.as_deref().and_then(Path::parent);
    folder.unwrap_or(Path::new("")).join(name)
}
