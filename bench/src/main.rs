//! Measures the application against a peer that does the same job in JavaScript, in one run: the same
//! browser, the same host, the two in turn. `cargo xtask bench` builds what is measured and runs this.
//! README.md beside the sources says what each figure is.

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

/// What to measure.
struct Options {
    /// How often.
    runs: u32,
    /// In which folder the builds are: `app`, `peer` and `verify`.
    builds: PathBuf,
    /// Where the table goes.
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
        say(&format!("Weighing {}", application.name));
        visit::prove_the_button(application).await;
        report.of(application).weight = Some(visit::weigh(application).await);
    }
    let token = verification::issue(&ours).await;
    for run in 1..=options.runs {
        say(&format!("Run {run} of {}", options.runs));
        // The one that begins changes, so that neither always finds the machine as the other left it.
        let mut both = [&ours, &peer];
        if run.is_multiple_of(2) {
            both.reverse();
        }
        for speed in Speed::ALL {
            for grant in [Grant::Implicit, Grant::Code] {
                for application in both {
                    let visit = visit::make(application, grant, speed).await;
                    report.of(application).visits.push((speed, grant, visit));
                }
            }
            time_ways(&options.builds.join("verify"), speed, &token, &mut report).await;
        }
    }
    report.print(options.runs)
}

async fn time_ways(folder: &Path, speed: Speed, token: &serde_json::Value, report: &mut Report) {
    for way in Way::ALL {
        let timing = verification::time(folder, way, speed, token).await;
        report.timings.push((speed, way, timing));
    }
}

/// One line for whoever waits.
fn say(text: &str) {
    eprintln!("    {text}");
}
