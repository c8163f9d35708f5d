//! What `--help` prints.

pub(crate) const ALL: &str = "\
The commands of this repository.

Usage: cargo xtask <command> [options]

Commands:
  dev         Serve the app and the sandbox, and rebuild the app on every change
  build       Make the release build in dist/, and the files that tell a host how to serve it
  doctor      Look at a deployment from outside and say what to change
  test        Run every check: format, clippy, native, in-browser and end-to-end tests
  bench       Measure the app against a peer written in JavaScript
  fuzz        Look for inputs that break a promise of the parsers
  lighthouse  Let Lighthouse judge the first page of the release build
  mutants     Break the core in many small ways and see whether the tests notice
  setup       Install what dev, build and test need; they also do so themselves

`cargo xtask <command> --help` tells more about one of them.

Tools that are missing are installed once into the cache folder of your system
(~/.cache/cc-connect/tools on Linux), never into the system itself, with one exception: as root on
Debian or Ubuntu, `test` installs Chromium and Firefox with apt-get. What is on your PATH in the right
version is used as it is.
";

pub(crate) const SETUP: &str = "\
Install what the other commands need, and print what is there.

Usage: cargo xtask setup

The other commands do this for themselves; on its own it is good for preparing a machine or an
image. Where it cannot install something it says what to do instead.
";

pub(crate) const DEV: &str = "\
Serve the app and the sandbox, and rebuild the app on every change. Ctrl-C stops both.

Usage: cargo xtask dev [options]

Options:
  --port PORT               The app's port on localhost [8080]
  --sandbox-port PORT       The sandbox's port on localhost [8081]
  --token-lifetime SECONDS  How long the sandbox's access tokens last [28800; with a code 86400]
  --response-type TYPE      What the app asks the sandbox for: token (the implicit grant), or code
                            (with PKCE, renewed by itself) [token]
  --live                    The real Constant Contact instead of the sandbox, with your config.json
  --open                    Open the app in the browser
  --help                    Print this

With --live, http://localhost:PORT/callback has to be a redirect URI of your application.
";

pub(crate) const BUILD: &str = "\
Make the release build in dist/: static files for any web server or CDN, with .br and .gz files beside
those that gain by it. Then write to target/deploy/, for each host that deploy/ knows, the files that
tell it how to serve this build.

Usage: cargo xtask build [options]

Options:
  --base PATH    Where on its host the app will be, for instance /app/ [/]
  --config FILE  Your settings, instead of the repository's config.json
  --help         Print this
";

pub(crate) const DOCTOR: &str = "\
Look at a deployment from outside, as a browser would, and say what to change in which file of deploy/.
Exits with 0 when nothing is wrong, and with 1 otherwise.

Usage: cargo xtask doctor URL [options]

URL is the app's address, for instance https://connect.example.com/ or http://localhost:8080/app/.

Options:
  --host NAME  Whose files to name, where that cannot be seen: a folder of deploy/
  --help       Print this

It asks for the document, the app's routes, the callback, config.json, the files of a first visit and
the issuer's keys; nobody is connected, and no token is involved. https is not expected of localhost.
";

pub(crate) const TEST: &str = "\
Run every check. Exits with 0 when all of them passed.

Usage: cargo xtask test [options] [-- ARGUMENTS]

Options:
  --only STEPS  Only these, separated by commas: fmt, deny, clippy, native, sandbox, docs, web, e2e,
                servers, reproducible
  --keep-going  Do not stop at the first failure
  --help        Print this

Steps:
  fmt           cargo fmt --check
  deny          cargo-deny: sources, licences and known vulnerabilities of all dependencies
  clippy        clippy without a warning, natively and for WebAssembly
  native        the unit and integration tests of the app's core and of these commands
  sandbox       the sandbox's own tests
  docs          the doc tests, and documentation without a warning
  web           the app's tests that need a browser, in headless Chromium
  e2e           two release builds (for / and for /app/) and the end-to-end tests on them, in headless
                Chromium and Firefox
  servers       the release builds behind nginx, Caddy and Apache with the files of deploy/: the doctor,
                and the journey in headless Chromium; what is not installed is said to be not done
  reproducible  the release build once more, of a copy of the sources elsewhere: every byte is the same

ARGUMENTS go to the test programs of native, sandbox, web and e2e, for instance the name of a test.
The browsers and their drivers are the ones that CHROME and CHROMEDRIVER, FIREFOX and GECKODRIVER
name, or those on the PATH. With the variable CI set, cargo is told that Cargo.lock has to fit as it is.
Where the database of vulnerabilities cannot be fetched from GitHub, deny says so and goes on; with
CC_CONNECT_REQUIRE_ADVISORIES=1 that is a failure.
";

pub(crate) const BENCH: &str = "\
Measure the app against a peer that does the same job in JavaScript (bench/peer/), and print one table.

Usage: cargo xtask bench [options]

Options:
  --runs N  How often everything is measured [9]
  --write   Also put the table into bench/README.md
  --help    Print this

It builds both for release, serves both from the host of the end-to-end tests, and visits them in turn
in headless Chromium, at full speed and as on a slow phone. bench/README.md says what each figure is. A
run takes about a minute, and the figures mean something only on a machine that does nothing else.
The peer needs Node.js 20.19 or newer with npm, which installs its packages in bench/peer/node_modules.
";

pub(crate) const FUZZ: &str = "\
Look for inputs that break a promise of the parsers, with libFuzzer.

Usage: cargo xtask fuzz [SECONDS] [options]

SECONDS is how long each target is fuzzed [60].

Options:
  --target NAME  Only this target; may be repeated. They are the files in fuzz/fuzz_targets/
  --help         Print this

It begins with the inputs in fuzz/corpus/ and with what earlier runs found, which is kept in
target/fuzz-corpus/. An input that breaks a promise goes to target/fuzz-artifacts/, with a word on how
to replay it. It takes a nightly Rust toolchain, which is used as it is or added by rustup, and a C++
compiler. `cargo xtask test` replays fuzz/corpus/ without either.
";

pub(crate) const LIGHTHOUSE: &str = "\
Let Lighthouse judge the first page of the release build as a telephone loads it, and print the four
scores and what kept them from 100.

Usage: cargo xtask lighthouse

It makes the release build, serves it with the headers and the compressed files of a deployment, and
runs Lighthouse, which npm installs into the cache folder. Less than 100 for accessibility, best
practices or SEO is a failure, and so is anything that moves while the page loads. The score for
performance depends on the machine, so it is printed and nothing more.
";

pub(crate) const MUTANTS: &str = "\
Break the core in many small ways and see whether the native tests notice, with cargo-mutants.

Usage: cargo xtask mutants [ARGUMENTS]

ARGUMENTS go to cargo-mutants, for instance `--re src/json.rs`, `--list` or `--in-diff FILE`. What is
broken and what is not is in .cargo/mutants.toml; what came of it is in target/mutants/mutants.out/.

The score is the share of the mutants that the tests noticed. Those that do not compile or that make
the tests run for ever are not counted. Under 95 % the command fails. Everything takes an hour and a
half on two cores.
";
