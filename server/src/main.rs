//! The program `cc-connect-server`.

use cc_connect_server::{
    Config, Server, StartError,
    config::{Mistakes, new_key, process_environment},
    logs,
};
use clap::{Parser, Subcommand};
use std::{
    error::Error,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};
use tracing::level_filters::LevelFilter;

/// Serves the page, and keeps the tokens that it works with.
#[derive(Parser)]
#[command(
    name = "cc-connect-server",
    version,
    args_conflicts_with_subcommands = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Option<File>,
    /// What is logged: error, warn, info or debug.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: LevelFilter,
}

#[derive(Subcommand)]
enum Command {
    /// Say what is wrong with a configuration, and start nothing.
    Check(File),
    /// Print a new key for `keys`: `cc-connect-server new-key > FILE`.
    NewKey,
}

#[derive(clap::Args)]
struct File {
    /// The configuration, in TOML.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// The exit status of a wrong configuration, as of wrong arguments.
const MISTAKEN: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match (arguments.command, arguments.run) {
        (Some(Command::NewKey), _) => print(&format!("{}\n", *new_key())),
        (Some(Command::Check(file)), _) => match load(&file) {
            Ok(_) => print(&format!("{} is right.\n", file.config.display())),
            Err(mistakes) => mistaken(&mistakes),
        },
        (None, Some(file)) => match load(&file) {
            Ok(config) => run(config, arguments.log),
            Err(mistakes) => mistaken(&mistakes),
        },
        (None, None) => {
            say("write --config FILE, or --help");
            ExitCode::from(MISTAKEN)
        }
    }
}

fn load(file: &File) -> Result<Config, Mistakes> {
    Config::load(&file.config, &process_environment)
}

fn run(config: Config, level: LevelFilter) -> ExitCode {
    logs::install(level);
    let runtime = tokio::runtime::Runtime::new();
    let served = match runtime {
        Ok(runtime) => runtime.block_on(serve(config)),
        Err(error) => {
            say(&format!("no thread can be started: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(StartError::Config(mistakes)) => mistaken(&mistakes),
        Err(error) => {
            say(&with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

#[cfg(unix)]
async fn serve(config: Config) -> Result<(), StartError> {
    use tokio::signal::unix::{SignalKind, signal};

    let server = Server::start(config, &process_environment).await?;
    let on = |kind| signal(kind).map_err(StartError::Signals);
    let mut terminate = on(SignalKind::terminate())?;
    let mut interrupt = on(SignalKind::interrupt())?;
    let mut hang_up = on(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => match server.reload_secrets() {
                Ok(()) => tracing::info!("the secrets have been read again"),
                Err(mistakes) => {
                    tracing::error!(%mistakes, "the secrets of before are kept");
                }
            },
        }
    }
    tracing::info!("stopping");
    server.stop().await;
    Ok(())
}

#[cfg(not(unix))]
async fn serve(config: Config) -> Result<(), StartError> {
    let server = Server::start(config, &process_environment).await?;
    tokio::signal::ctrl_c().await.map_err(StartError::Signals)?;
    server.stop().await;
    Ok(())
}

fn mistaken(mistakes: &Mistakes) -> ExitCode {
    say(&mistakes.to_string());
    ExitCode::from(MISTAKEN)
}

/// The error and what caused it, each after a colon.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

fn say(text: &str) {
    for line in text.lines() {
        // There is nobody to tell if it is closed.
        let _ = writeln!(io::stderr(), "cc-connect-server: {line}");
    }
}

/// Writes to standard output without a panic if it is closed.
fn print(text: &str) -> ExitCode {
    let mut out = io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
