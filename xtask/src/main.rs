//! The commands of this repository, the same for users and for CI: `cargo xtask <command>`.

mod arguments;
mod bench;
mod browser;
mod build;
mod child;
mod deny;
mod dev;
mod doctor;
mod integrity;
mod interrupt;
mod loopback;
mod npm;
mod programs;
mod reproducible;
mod say;
mod servers;
mod setup;
mod sizes;
mod stage_config;
mod test;
mod toolchain;
mod tools;
mod workspace;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser as _;

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let outcome = interrupt::install().and_then(|()| match command {
        Command::Setup => setup::run(),
        Command::Dev(options) => dev::run(&options),
        Command::Build(options) => build::run(&options),
        Command::Doctor(options) => doctor::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::StageConfig => stage_config::run(),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) if problem.is::<interrupt::Interrupted>() => {
            say::step("Stopped.");
            ExitCode::from(130)
        }
        Err(problem) => {
            say::error(&problem);
            ExitCode::FAILURE
        }
    }
}
