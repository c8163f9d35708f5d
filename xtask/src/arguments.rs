//! The command line. `--help` prints the comments here.

use std::ffi::OsString;
use std::path::PathBuf;

use cc_connect_hosting::{Base, Host};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};

/// The commands of this repository.
///
/// Missing tools are installed once into your system's cache folder (~/.cache/cc-connect/tools on
/// Linux), never into the system itself, with one exception: as root on Debian or Ubuntu, `test`
/// installs Chromium with apt-get, and `test --all` also Firefox, PostgreSQL, HAProxy and web
/// servers. Tools on your PATH are used if their
/// version is right.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Command {
    Dev(Dev),
    Build(Build),
    Doctor(Doctor),
    Test(Test),
    Bench(Bench),
    /// Install what the other commands need, and print the versions
    ///
    /// The other commands install what they need themselves; this one prepares a machine or an image.
    /// If something cannot be installed, it prints what to do instead.
    Setup,
    /// Run by Trunk as a hook
    #[command(hide = true)]
    StageConfig,
}

/// Serve the app and the sandbox, and rebuild the app on every change
///
/// Ctrl-C stops both.
#[derive(Args, Debug, PartialEq, Eq)]
pub(crate) struct Dev {
    /// The app's port on localhost
    #[arg(long, default_value_t = 8080, value_parser = value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// The sandbox's port on localhost
    #[arg(long, value_name = "PORT", default_value_t = 8081, value_parser = value_parser!(u16).range(1..))]
    pub(crate) sandbox_port: u16,
    /// The lifetime of the sandbox's access tokens, in seconds [default: 28800, or 86400 with code]
    #[arg(long, value_name = "SECONDS", conflicts_with = "live")]
    pub(crate) token_lifetime: Option<u64>,
    /// The response type that the app requests from the sandbox
    #[arg(
        long,
        value_name = "TYPE",
        default_value = "token",
        conflicts_with = "live"
    )]
    pub(crate) response_type: ResponseType,
    /// Put the app behind its own server, which connects with a client secret and keeps the tokens
    #[arg(long, conflicts_with_all = ["live", "response_type"])]
    pub(crate) server: bool,
    /// Use the real Constant Contact instead of the sandbox, with your config.json
    ///
    /// http://localhost:PORT/callback must be a redirect URI of your application.
    #[arg(long)]
    pub(crate) live: bool,
    /// Open the app in the browser
    #[arg(long)]
    pub(crate) open: bool,
}

/// How the app connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResponseType {
    /// The implicit grant
    Token,
    /// The authorization code grant with PKCE; the connection is renewed automatically
    Code,
}

impl ResponseType {
    /// The value of `response_type`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Code => "code",
        }
    }
}

/// Make the release build in dist/, and the files that tell a host how to serve it
///
/// dist/ has static files for any web server or CDN, with precompressed .br and .gz files beside those
/// that compress well; target/deploy/ has the files for this build for each host in deploy/.
#[derive(Args, Debug, PartialEq, Eq)]
pub(crate) struct Build {
    /// The path of the app on its host, for example /app/
    #[arg(long, value_name = "PATH", alias = "public-url", default_value = "/")]
    pub(crate) base: Base,
    /// Settings to use instead of the repository's config.json
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Check a deployment from outside, as a browser would, and report what to change
///
/// Names the file in deploy/ to change. Exits with 0 if nothing is wrong, and with 1 otherwise. It
/// requests the document, the app's routes, the callback, config.json, the files of a first visit and
/// the issuer's keys; it connects no account and uses no token. localhost need not have https.
#[derive(Args, Debug, PartialEq, Eq)]
pub(crate) struct Doctor {
    /// The app's address, for example `https://connect.example.com/` or `http://localhost:8080/app/`
    pub(crate) url: String,
    /// The host, if it cannot be detected: a folder of deploy/
    #[arg(long, value_name = "NAME", value_parser = host_parser())]
    pub(crate) host: Option<Host>,
}

fn host_parser() -> impl clap::builder::TypedValueParser<Value = Host> {
    PossibleValuesParser::new(Host::ALL.map(Host::folder)).map(|name| {
        let mut hosts = Host::ALL.into_iter();
        let host = hosts.find(|host| host.folder() == name);
        host.expect("only their names are possible")
    })
}

/// Run the checks that a change needs, or every check with --all
///
/// Exits with 0 if all of them passed. The browsers and their drivers are those in the variables
/// CHROME, CHROMEDRIVER, FIREFOX and GECKODRIVER, or those on the PATH. If the variable CI is set,
/// cargo runs with --locked.
#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(crate) struct Test {
    /// Also run deny, servers and reproducible, and all of e2e, as CI does
    #[arg(long)]
    pub(crate) all: bool,
    /// Run only these steps
    #[arg(long, value_name = "STEPS", value_delimiter = ',')]
    only: Vec<Step>,
    /// Do not stop at the first failure
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Arguments for the test programs of native, sandbox, web and e2e, such as the name of a test
    #[arg(last = true)]
    pub(crate) arguments: Vec<OsString>,
}

impl Test {
    /// The chosen steps, in the order of [`Step`]: the quick ones first.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let chosen = |step: &Step| match self.only.as_slice() {
            [] => self.all || !step.is_for_all_alone(),
            only => only.contains(step),
        };
        let steps = Step::value_variants().iter().copied();
        steps.filter(chosen).collect()
    }
}

/// A check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// cargo fmt --check
    Fmt,
    /// cargo-deny: sources, licenses and known vulnerabilities of all dependencies. If the advisory
    /// database cannot be fetched from GitHub, that is reported and the run continues; with
    /// CC_CONNECT_REQUIRE_ADVISORIES=1 it fails
    Deny,
    /// Clippy without warnings, natively and for WebAssembly
    Clippy,
    /// The unit and integration tests of the app's core, of hosting and of these commands
    Native,
    /// The sandbox's own tests
    Sandbox,
    /// The tests of the server with its store on SQLite, and on PostgreSQL if it is installed
    Server,
    /// The doc tests, and the documentation without warnings
    Docs,
    /// The app's tests that need a browser, in headless Chromium
    Web,
    /// Two release builds (for / and for /app/) and the end-to-end tests on them, in headless Chromium;
    /// with --all also in Firefox
    E2e,
    /// The release builds behind nginx, Caddy, Apache, wrangler and superstatic with the files of deploy/:
    /// the doctor, and connecting in headless Chromium. Servers that are not installed are reported as not done
    Servers,
    /// A second release build, from a copy of the sources in another folder: every byte is the same
    Reproducible,
}

impl Step {
    /// Whether it runs only with `--all`: few changes can break it.
    fn is_for_all_alone(self) -> bool {
        matches!(self, Self::Deny | Self::Servers | Self::Reproducible)
    }
}

/// Measure the app against a peer that does the same job in JavaScript, and print one table
///
/// Builds both for release, serves both from the host of the end-to-end tests, and visits them in turn
/// in headless Chromium, at full speed and as on a slow phone. bench/README.md explains each figure. A
/// run takes about a minute; on a busy machine the figures are meaningless. The peer needs Node.js with
/// npm, which installs its packages in bench/peer/node_modules.
#[derive(Args, Debug, PartialEq, Eq)]
pub(crate) struct Bench {
    /// The number of measurements
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = value_parser!(u32).range(1..))]
    pub(crate) runs: u32,
    /// Also write the table to bench/README.md
    #[arg(long)]
    pub(crate) write: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(words: &str) -> Result<Command, clap::Error> {
        let words = std::iter::once("xtask").chain(words.split_whitespace());
        Ok(Arguments::try_parse_from(words)?.command)
    }

    fn parsed(words: &str) -> Command {
        parse(words).expect("the words are right")
    }

    #[test]
    fn the_declarations_fit_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn dev_has_the_documented_defaults() {
        let expected = Dev {
            port: 8080,
            sandbox_port: 8081,
            token_lifetime: None,
            response_type: ResponseType::Token,
            server: false,
            live: false,
            open: false,
        };
        assert_eq!(parsed("dev"), Command::Dev(expected));
    }

    #[test]
    fn invalid_arguments_are_rejected() {
        for (words, expected) in [
            ("serve", "serve"),
            ("dev --port 0", "0"),
            ("dev --live --token-lifetime 5", "--token-lifetime"),
            ("dev --live --response-type code", "--response-type"),
            ("dev --live --server", "--server"),
            ("dev --server --response-type code", "--response-type"),
            ("dev --response-type implicit", "token, code"),
            ("build --base app/", "such as / or /app/"),
            ("build --base https://host/app/", "such as / or /app/"),
            ("doctor", "<URL>"),
            (
                "doctor --host iis https://a.example/",
                "cloudflare-pages, netlify",
            ),
            ("test --only browser", "fmt, deny, clippy"),
            ("test expiry", "expiry"),
            ("bench --runs 0", "0"),
        ] {
            let problem = parse(words).expect_err("the words are wrong").to_string();
            assert!(problem.contains(expected), "{words}: {problem}");
        }
    }

    #[test]
    fn a_base_may_omit_its_trailing_slash() {
        let base = "/app/".parse().expect("it is a path");
        let expected = Build { base, config: None };
        assert_eq!(parsed("build --public-url /app"), Command::Build(expected));
    }

    #[test]
    fn a_host_is_given_by_its_folder() {
        let expected = Doctor {
            url: "https://a.example/".to_owned(),
            host: Some(Host::Nginx),
        };
        let words = "doctor https://a.example/ --host nginx";
        assert_eq!(parsed(words), Command::Doctor(expected));
    }

    fn test(words: &str) -> Test {
        match parsed(words) {
            Command::Test(test) => test,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_is_left_out_of_all() {
        assert_eq!(test("test --all").steps(), Step::value_variants());
        let left_out = [Step::Deny, Step::Servers, Step::Reproducible];
        let steps = test("test").steps();
        assert!(left_out.iter().all(|step| !steps.contains(step)));
        assert_eq!(steps.len() + left_out.len(), Step::value_variants().len());
    }

    #[test]
    fn the_chosen_steps_are_sorted_and_the_rest_is_passed_on() {
        let test = test("test --only e2e,native --only fmt,e2e -- connect --nocapture");
        assert_eq!(test.steps(), [Step::Fmt, Step::Native, Step::E2e]);
        assert_eq!(test.arguments, ["connect", "--nocapture"]);
    }
}
