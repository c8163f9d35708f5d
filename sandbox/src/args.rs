//! The command line.

use cc_connect_sandbox::{OAuth2Setting, Options, RefreshTokens};
use lexopt::{Arg, Parser, ValueExt};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
A local stand-in for Constant Contact: authorization server, keys and V3 API.

Usage: cc-connect-sandbox [OPTIONS]

Options:
      --port PORT                port on the loopback interface; 0 takes any free one [8081]
      --token-lifetime SECONDS   how long an access token is valid, in both flows
                                 [28800] implicit flow, [86400] code flow
      --client-id ID             client_id of the application without PKCE or a secret
                                 [7f0c2a4e-5b1d-4c8e-9a3f-2d6b8e1c4a70]
      --client-secret SECRET     secret of the application on a server [a new one]
      --refresh-tokens METHOD    rotating or long-lived [rotating]
      --redirect-uri URI         redirect URI of all applications; may be given several
                                 times [http://localhost:8080/callback]
      --authorization-query QUERY
                                 query in the authorization endpoint's URL, which every
                                 request must include, such as resource=x
      --seed NUMBER              seed of the data [2026]
  -h, --help                     this text

The application with PKCE has the client_id 3c9e5b72-0a4d-4f18-8b6e-d71f2c05a9e4,
the one on a server, with a secret, b81d4f06-93e7-4a2c-8f5d-60c7e2a91b3f.
";

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Run(Options),
}

pub(crate) fn parse(mut parser: Parser) -> Result<Command, lexopt::Error> {
    let mut options = Options::default();
    let mut redirect_uris = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("port") => options.port = parser.value()?.parse()?,
            Arg::Long("token-lifetime") => {
                options.token_lifetime = parser.value()?.parse()?;
                options.pkce_token_lifetime = options.token_lifetime;
            }
            Arg::Long("client-id") => {
                options.clients[0].client_id = not_empty(parser.value()?.string()?, "--client-id")?;
            }
            Arg::Long("client-secret") => {
                let secret = not_empty(parser.value()?.string()?, "--client-secret")?;
                for client in &mut options.clients {
                    if let OAuth2Setting::CodeAndImplicit { .. } = client.oauth2_setting {
                        client.client_secret = Some(secret.clone());
                    }
                }
            }
            Arg::Long("refresh-tokens") => {
                let method = refresh_tokens(&parser.value()?.string()?)?;
                for client in &mut options.clients {
                    match &mut client.oauth2_setting {
                        OAuth2Setting::Implicit => {}
                        OAuth2Setting::CodeAndImplicit { refresh_tokens }
                        | OAuth2Setting::Pkce { refresh_tokens } => *refresh_tokens = method,
                    }
                }
            }
            Arg::Long("redirect-uri") => {
                redirect_uris.push(redirect_uri(parser.value()?.string()?)?);
            }
            Arg::Long("authorization-query") => {
                options.authorization_query = query(parser.value()?.string()?)?;
            }
            Arg::Long("seed") => options.seed = parser.value()?.parse()?,
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    if !redirect_uris.is_empty() {
        for client in &mut options.clients {
            client.redirect_uris.clone_from(&redirect_uris);
        }
    }
    Ok(Command::Run(options))
}

fn not_empty(value: String, option: &str) -> Result<String, lexopt::Error> {
    if value.is_empty() {
        return Err(format!("{option} needs a value that is not empty").into());
    }
    Ok(value)
}

fn refresh_tokens(method: &str) -> Result<RefreshTokens, lexopt::Error> {
    match method {
        "rotating" => Ok(RefreshTokens::Rotating),
        "long-lived" => Ok(RefreshTokens::LongLived),
        _ => Err(format!("--refresh-tokens {method:?} is neither rotating nor long-lived").into()),
    }
}

/// As the developer portal accepts it: absolute, without a fragment.
fn redirect_uri(uri: String) -> Result<String, lexopt::Error> {
    let absolute = uri
        .split_once("://")
        .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
    if !absolute || uri.contains('#') || !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "--redirect-uri {uri:?} is not an absolute URI without a fragment, \
             such as http://localhost:8080/callback"
        )
        .into());
    }
    Ok(uri)
}

/// Accepts what may be between `?` and `#` in a URL.
fn query(query: String) -> Result<String, lexopt::Error> {
    let is_query = query
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"?#\"<>".contains(&byte));
    if query.is_empty() || !is_query {
        return Err(
            format!("--authorization-query {query:?} is not a query such as resource=x").into(),
        );
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arguments: &[&str]) -> Result<Command, String> {
        parse(Parser::from_args(arguments)).map_err(|error| error.to_string())
    }

    #[test]
    fn without_arguments_the_defaults_hold() {
        assert_eq!(run(&[]), Ok(Command::Run(Options::default())));
    }

    #[test]
    fn every_option_is_taken() {
        let mut expected = Options {
            port: 9000,
            token_lifetime: 90,
            pkce_token_lifetime: 90,
            authorization_query: "resource=x".to_owned(),
            seed: 7,
            ..Options::default()
        };
        expected.clients[0].client_id = "mine".to_owned();
        expected.clients[2].client_secret = Some("hush".to_owned());
        expected.clients[1].oauth2_setting = OAuth2Setting::Pkce {
            refresh_tokens: RefreshTokens::LongLived,
        };
        expected.clients[2].oauth2_setting = OAuth2Setting::CodeAndImplicit {
            refresh_tokens: RefreshTokens::LongLived,
        };
        for client in &mut expected.clients {
            client.redirect_uris = vec![
                "http://localhost:1/callback".to_owned(),
                "https://app.example/callback".to_owned(),
            ];
        }
        assert_eq!(
            run(&[
                "--port=9000",
                "--token-lifetime",
                "90",
                "--client-id",
                "mine",
                "--client-secret=hush",
                "--refresh-tokens=long-lived",
                "--redirect-uri",
                "http://localhost:1/callback",
                "--redirect-uri=https://app.example/callback",
                "--authorization-query=resource=x",
                "--seed",
                "7",
            ]),
            Ok(Command::Run(expected))
        );
        assert_eq!(run(&["--seed", "1", "-h"]), Ok(Command::Help));
    }

    #[test]
    fn mistakes_are_named() {
        for (arguments, part) in [
            (&["--port", "99999"][..], "99999"),
            (&["--redirect-uri", "localhost:8080/callback"], "absolute"),
            (
                &["--redirect-uri", "http://localhost/#/callback"],
                "fragment",
            ),
            (&["--client-id", ""], "--client-id"),
            (&["--client-secret", ""], "--client-secret"),
            (&["--refresh-tokens", "eternal"], "long-lived"),
            (&["--authorization-query", "?a=b"], "resource=x"),
            (&["--verbose"], "--verbose"),
        ] {
            let message = run(arguments).expect_err("a mistake");
            assert!(message.contains(part), "{message}");
        }
    }
}
