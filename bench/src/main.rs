//! Measures the application against a peer that does the same job in JavaScript, in one run: same
//! browser, same host, taking turns. `cargo xtask bench` builds both and runs this. The README.md
//! in the parent folder explains each figure.

mod application;
mod report;
mod samples;
mod speed;
mod table;
mod verification;
mod visit;

use application::Application;
use cc_connect_e2e::Grant;
use report::Report;
use speed::Speed;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};
use verification::Way;

/// Command-line options.
struct Options {
    /// How many runs to measure.
    runs: u32,
    /// The folder with the builds `app`, `peer` and `verify`.
    builds: PathBuf,
    /// The file to write the table to.
    table: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let written = match options() {
        Ok(options) => {
            let table = measure(&options).await;
            fs::write(&options.table, table).map_err(Into::into)
        }
        Err(problem) => Err(problem),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, Box<dyn Error>> {
    let usage = "usage: cc-connect-bench RUNS BUILDS TABLE";
    let words: Vec<_> = env::args_os().skip(1).collect();
    let [runs, builds, table] = words.as_slice() else {
        return Err(usage.into());
    };
    Ok(Options {
        runs: runs.to_str().ok_or(usage)?.parse()?,
        builds: builds.into(),
        table: table.into(),
    })
}

async fn measure(options: &Options) -> String {
    let ours = Application::ours(options.builds.join("app"));
    let peer = Application::peer(options.builds.join("peer"));
    let mut report = Report::new(visit::browser(&ours).await);
    for application in [&ours, &peer] {
        print_progress(&format!("Weighing {}", application.name));
        visit::prove_the_button(application).await;
        report.measurements_of(application).weight = Some(visit::weigh(application).await);
    }
    let token = verification::issue(&ours).await;
    for run in 1..=options.runs {
        print_progress(&format!("Run {run} of {}", options.runs));
        // Alternate which application goes first, so that neither always inherits warm caches.
        let mut both = [&ours, &peer];
        if run.is_multiple_of(2) {
            both.reverse();
        }
        for speed in Speed::ALL {
            for grant in [Grant::Implicit, Grant::Code] {
                for application in both {
                    let visit = visit::perform(application, grant, speed).await;
                    report
                        .measurements_of(application)
                        .visits
                        .push((speed, grant, visit));
                }
            }
            let button = visit::button_without_module(&ours, speed).await;
            report.without_module.push((speed, button));
            time_ways(&options.builds.join("verify"), speed, &token, &mut report).await;
        }
    }
    report.print(options.runs)
}

async fn time_ways(folder: &Path, speed: Speed, token: &serde_json::Value, report: &mut Report) {
    for way in Way::ALL {
        let timing = verification::time_verifications(folder, way, speed, token).await;
        report.timings.push((speed, way, timing));
    }
}

/// Prints one line of progress.
fn print_progress(text: &str) {
    eprintln!("    {text}");
}
