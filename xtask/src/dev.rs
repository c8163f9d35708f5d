//! `cargo xtask dev`

mod own_server;

use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::arguments::Dev;
use crate::child::{Background, Running};
use crate::interrupt::{self, Interrupted};
use crate::loopback;
use crate::say;
use crate::setup;
use crate::stage_config::{LIVE, RESPONSE_TYPE, SANDBOX_PORT};
use crate::tools::Tools;
use crate::workspace;
use own_server::OwnServer;

/// Separate from the release build: this one has the sandbox's settings.
const DIST: &str = "target/dev";
const POLL: Duration = Duration::from_millis(200);

/// Serves the app and the sandbox until Ctrl-C.
pub(crate) fn run(options: &Dev) -> Result<()> {
    loopback::check_free(options.port, "--port")?;
    if !options.live {
        loopback::check_free(options.sandbox_port, "--sandbox-port")?;
        if options.port == options.sandbox_port {
            bail!("the app and the sandbox need two ports; choose another with --sandbox-port");
        }
    }
    match serve(options) {
        // The usual way to end it. The servers have been stopped by now.
        Err(problem) if problem.is::<Interrupted>() => {
            say::step("Stopped.");
            Ok(())
        }
        outcome => outcome,
    }
}

fn serve(options: &Dev) -> Result<()> {
    let mut servers = Vec::new();
    // In parallel with compiling the tools on a first run.
    let sandbox_build = (!options.live).then(start_sandbox_build).transpose()?;
    let tools = setup::for_trunk(false)?;
    if let Some(build) = sandbox_build {
        say::step("Building the sandbox; the first time takes a minute");
        build
            .finish()
            .context("the sandbox could not be built; see the errors above")?;
    }
    let mut own_server = None;
    if options.server {
        say::step("Building the server; the first time takes some minutes");
        own_server = Some(OwnServer::prepare(options, DIST)?);
    }
    if !options.live {
        servers.push(start_sandbox(options, own_server.as_ref())?);
        wait_for(&mut servers, options.sandbox_port)?;
    }

    say::step("Building the app; the first time takes some minutes");
    // Prevents serving an old build by mistake if the new one fails.
    let _ = std::fs::remove_dir_all(workspace::root().join(DIST));
    servers.push(start_trunk(options, &tools)?);
    if let Some(server) = &own_server {
        wait_until(&mut servers, || server.is_outdated().then_some(()))?;
    }
    // Not among the others: every build replaces it.
    let mut running = own_server.as_mut().map(OwnServer::start).transpose()?;
    let status = wait_for(&mut servers, options.port)?;

    say::block(addresses(options, status == 200));
    if options.open && open::that_detached(app(options)).is_err() {
        let app = app(options);
        say::note(format!("No browser could be opened; open {app} yourself."));
    }
    loop {
        check(&mut servers)?;
        if let Some(server) = own_server.as_mut().filter(|server| server.is_outdated()) {
            // First, since the next one takes its port.
            drop(running.take());
            running = Some(server.start()?);
        }
        check(running.as_mut_slice())?;
        sleep(POLL);
    }
}

fn start_sandbox_build() -> Result<Background> {
    let log = workspace::root().join("target/sandbox-build.log");
    let mut build = sandbox("build");
    build.args(workspace::locked());
    Background::start("the build of the sandbox", &mut build, &log)
}

fn sandbox(subcommand: &str) -> Command {
    let mut cargo = workspace::cargo(subcommand);
    cargo.args(["--package", "cc-connect-sandbox"]);
    cargo
}

fn start_sandbox(options: &Dev, own_server: Option<&OwnServer>) -> Result<Running> {
    let mut command = sandbox("run");
    command
        .args(["--quiet", "--", "--port"])
        .arg(options.sandbox_port.to_string())
        .arg("--redirect-uri")
        .arg(format!("{}callback", app(options)));
    if let Some(seconds) = options.token_lifetime {
        command.arg("--token-lifetime").arg(seconds.to_string());
    }
    if let Some(server) = own_server {
        command.args(["--client-secret", server.secret()]);
    }
    Running::start("the sandbox", &mut command)
}

fn start_trunk(options: &Dev, tools: &Tools) -> Result<Running> {
    let mut trunk = tools.trunk()?;
    if options.server {
        trunk.args(["watch", "--dist", DIST]);
        return Running::start("Trunk, which builds the app,", &mut trunk);
    }
    trunk
        .args(["serve", "--dist", DIST, "--port"])
        .arg(options.port.to_string());
    if options.live {
        trunk.env(LIVE, "1");
    } else {
        trunk
            .env_remove(LIVE)
            .env(SANDBOX_PORT, options.sandbox_port.to_string())
            .env(RESPONSE_TYPE, options.response_type.as_str());
    }
    Running::start("Trunk, which serves the app,", &mut trunk)
}

fn app(options: &Dev) -> String {
    format!("http://localhost:{}/", options.port)
}

/// The status code of the first response on `port`, from the last of the servers.
fn wait_for(servers: &mut [Running], port: u16) -> Result<u16> {
    wait_until(servers, || loopback::status(port))
}

/// Waits until `look` finds something, while all servers run.
fn wait_until<T>(servers: &mut [Running], look: impl Fn() -> Option<T>) -> Result<T> {
    let mut reported = Instant::now();
    loop {
        check(servers)?;
        if let Some(found) = look() {
            return Ok(found);
        }
        if reported.elapsed() > Duration::from_secs(60) {
            reported = Instant::now();
            if let Some(server) = servers.last() {
                say::note(format!("Still waiting for {} …", server.name()));
            }
        }
        sleep(POLL);
    }
}

/// An error if one of the servers has ended, or if we are interrupted.
fn check(servers: &mut [Running]) -> Result<()> {
    for server in servers {
        if let Some(status) = server.status()? {
            // Ctrl-C may reach a server before it reaches us.
            interrupt::check()?;
            bail!("{} ended unexpectedly ({status})", server.name());
        }
    }
    interrupt::check()?;
    Ok(())
}

fn addresses(options: &Dev, built: bool) -> String {
    let mut text = format!("    App      {}", app(options));
    if options.live {
        text += "\n    Settings config.json, for the real Constant Contact";
    } else {
        text += &format!("\n    Sandbox  http://localhost:{}/", options.sandbox_port);
    }
    text += "\n\n    ";
    text += if built {
        "Changes are rebuilt automatically. Ctrl-C stops everything."
    } else {
        "The app could not be built; see the errors above. Trunk tries again on the next \
         change. Ctrl-C stops everything."
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::ResponseType;

    fn options(live: bool) -> Dev {
        Dev {
            port: 9000,
            sandbox_port: 9001,
            token_lifetime: None,
            response_type: ResponseType::Token,
            server: false,
            live,
            open: false,
        }
    }

    #[test]
    fn both_addresses_are_shown() {
        let text = addresses(&options(false), true);
        assert!(text.contains("http://localhost:9000/\n"));
        assert!(text.contains("http://localhost:9001/\n"));
    }

    #[test]
    fn live_has_no_sandbox() {
        let text = addresses(&options(true), true);
        assert!(text.contains("http://localhost:9000/\n"));
        assert!(!text.contains("9001"));
    }

    #[test]
    fn a_failed_build_is_not_passed_over() {
        assert!(addresses(&options(false), false).contains("could not be built"));
    }

    #[cfg(unix)]
    #[test]
    fn a_server_that_ends_is_named() {
        let mut servers = [
            Running::start("the first", Command::new("sleep").arg("600")).expect("it starts"),
            Running::start("the second", &mut Command::new("false")).expect("it starts"),
        ];
        let problem = loop {
            if let Err(problem) = check(&mut servers) {
                break problem.to_string();
            }
            sleep(Duration::from_millis(10));
        };
        assert!(problem.starts_with("the second ended"), "{problem}");
    }
}
