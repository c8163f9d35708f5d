//! The commands of this repository, the same for a person and for CI: `cargo xtask <command>`.

mod arguments;
mod bench;
mod browser;
mod build;
mod child;
mod deny;
mod dev;
mod doctor;
mod firefox;
mod fuzz;
mod help;
mod integrity;
mod interrupt;
mod lighthouse;
mod lockfile;
mod loopback;
mod mutants;
mod node;
mod npm;
mod reproducible;
mod say;
mod servers;
mod setup;
mod sizes;
mod stage_config;
mod steps;
mod test;
mod toolchain;
mod tools;
mod trunk_toml;
mod version;
mod workspace;

use std::process::ExitCode;

use arguments::Command;

fn main() -> ExitCode {
    let command = match arguments::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(problem) => {
            say::problem(&problem);
            return ExitCode::from(2);
        }
    };
    let outcome = interrupt::install().and_then(|()| match command {
        Command::Help(text) => {
            say::output(text);
            Ok(())
        }
        Command::Setup => setup::run(),
        Command::Dev(options) => dev::run(&options),
        Command::Build(options) => build::run(&options),
        Command::Doctor(options) => doctor::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Lighthouse => lighthouse::run(),
        Command::Mutants(options) => mutants::run(&options),
        Command::StageConfig => stage_config::run(),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) if problem.is::<interrupt::Interrupted>() => {
            say::step("Stopped.");
            ExitCode::from(130)
        }
        Err(problem) => {
            say::problem(&problem);
            ExitCode::FAILURE
        }
    }
}
