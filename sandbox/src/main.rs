//! The sandbox as a program.

mod args;

use args::Command;
use cc_connect_sandbox::{OAuth2Setting, Options, Sandbox, start};
use std::{
    io::{self, ErrorKind, Write},
    process::ExitCode,
    time::Duration,
};

/// How long requests in progress may take after Ctrl-C.
const PATIENCE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> ExitCode {
    let options = match args::parse(lexopt::Parser::from_env()) {
        Ok(Command::Run(options)) => options,
        Ok(Command::Help) => {
            return print(args::HELP);
        }
        Err(error) => {
            eprintln!("cc-connect-sandbox: {error}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    let port = options.port;
    match start(options.clone()).await {
        Ok(sandbox) => run(sandbox, &options).await,
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            eprintln!(
                "cc-connect-sandbox: port {port} is taken by another program. Stop that one, or \
                 choose another port with --port."
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("cc-connect-sandbox: cannot listen on port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(sandbox: Sandbox, options: &Options) -> ExitCode {
    let mut text = format!(
        "Constant Contact sandbox: {}/\n\
         \x20 authorization endpoint  {}\n\
         \x20 token endpoint          {}\n\
         \x20 issuer                  {}\n\
         \x20 keys                    {}\n\
         \x20 API                     {}\n\
         \x20 token lifetime          {} seconds, in the code flow {} seconds\n",
        sandbox.origin(),
        sandbox.authorization_endpoint(),
        sandbox.token_endpoint(),
        sandbox.issuer(),
        sandbox.jwks_uri(),
        sandbox.api_base_url(),
        options.token_lifetime,
        options.pkce_token_lifetime,
    );
    for client in &options.clients {
        let flow = match client.oauth2_setting {
            OAuth2Setting::Implicit => "",
            OAuth2Setting::CodeAndImplicit { .. } => " (server)",
            OAuth2Setting::Pkce { .. } => " (PKCE)",
        };
        text += &format!("  client_id               {}{flow}\n", client.client_id);
        if let Some(secret) = sandbox.client_secret(&client.client_id) {
            text += &format!("  client_secret           {secret}\n");
        }
        for uri in &client.redirect_uris {
            text += &format!("  redirect URI            {uri}\n");
        }
    }
    print(&text);
    if let Err(error) = tokio::signal::ctrl_c().await {
        eprintln!("cc-connect-sandbox: cannot wait for Ctrl-C: {error}");
        return ExitCode::FAILURE;
    }
    // A browser may keep a connection open forever.
    let _ = tokio::time::timeout(PATIENCE, sandbox.stop()).await;
    ExitCode::SUCCESS
}

/// Writes to standard output without a panic if it is closed.
fn print(text: &str) -> ExitCode {
    match io::stdout()
        .write_all(text.as_bytes())
        .and_then(|()| io::stdout().flush())
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
