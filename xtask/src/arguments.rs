//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, bail};
use cc_connect_hosting::{Base, Host};
use lexopt::prelude::{Long, Short, Value, ValueExt};

use crate::help;
use crate::steps::Step;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help(&'static str),
    Setup,
    Dev(Dev),
    Build(Build),
    Doctor(Doctor),
    Test(Test),
    Bench(Bench),
    Fuzz(Fuzz),
    Lighthouse,
    Mutants(Mutants),
    /// Trunk's hook; not for people, so it is in no help text.
    StageConfig,
}

/// `cargo xtask dev`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dev {
    pub(crate) port: u16,
    pub(crate) sandbox_port: u16,
    pub(crate) token_lifetime: Option<u64>,
    /// Whether the app asks the sandbox for a code, with PKCE, in place of a token.
    pub(crate) code: bool,
    pub(crate) live: bool,
    pub(crate) open: bool,
}

/// `cargo xtask build`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Build {
    /// Where on its host the app will be.
    pub(crate) base: Base,
    /// The settings that are to be delivered, in the place of the repository's config.json.
    pub(crate) config: Option<PathBuf>,
}

/// `cargo xtask doctor`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Doctor {
    /// The app's address.
    pub(crate) url: String,
    /// Whose files to name, where it cannot be seen.
    pub(crate) host: Option<Host>,
}

/// `cargo xtask test`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) steps: Vec<Step>,
    pub(crate) keep_going: bool,
    pub(crate) arguments: Vec<OsString>,
}

/// `cargo xtask bench`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bench {
    /// How often everything is measured.
    pub(crate) runs: u32,
    /// Whether the table is written into bench/README.md.
    pub(crate) write: bool,
}

/// `cargo xtask fuzz`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fuzz {
    /// For each target.
    pub(crate) seconds: u32,
    /// All of them if none is named.
    pub(crate) targets: Vec<String>,
}

/// `cargo xtask mutants`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mutants {
    /// For cargo-mutants.
    pub(crate) arguments: Vec<OsString>,
}

/// Reads the words after `cargo xtask`.
pub(crate) fn parse(words: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Command> {
    let mut parser = lexopt::Parser::from_args(words.into_iter().map(Into::into));
    let command = match parser.next()? {
        None => return Ok(Command::Help(help::ALL)),
        Some(Long("help") | Short('h')) => return Ok(Command::Help(help::ALL)),
        Some(Value(command)) => command.string()?,
        Some(other) => return Err(other.unexpected().into()),
    };
    match command.as_str() {
        "help" => topic(parser),
        "setup" => no_options(parser, Command::Setup, help::SETUP),
        "dev" => dev(parser),
        "build" => build(parser),
        "doctor" => doctor(parser),
        // CI calls it by the other name.
        "test" | "ci" => test(parser),
        "bench" => bench(parser),
        "fuzz" => fuzz(parser),
        "lighthouse" => no_options(parser, Command::Lighthouse, help::LIGHTHOUSE),
        "mutants" => mutants(parser),
        "stage-config" => no_options(parser, Command::StageConfig, help::ALL),
        other => bail!("there is no command {other:?}; see `cargo xtask --help`"),
    }
}

fn topic(mut parser: lexopt::Parser) -> Result<Command> {
    let text = match parser.next()? {
        None => help::ALL,
        Some(Value(command)) => match command.string()?.as_str() {
            "setup" => help::SETUP,
            "dev" => help::DEV,
            "build" => help::BUILD,
            "doctor" => help::DOCTOR,
            "test" | "ci" => help::TEST,
            "bench" => help::BENCH,
            "fuzz" => help::FUZZ,
            "lighthouse" => help::LIGHTHOUSE,
            "mutants" => help::MUTANTS,
            other => bail!("there is no command {other:?}; see `cargo xtask --help`"),
        },
        Some(other) => return Err(other.unexpected().into()),
    };
    Ok(Command::Help(text))
}

fn no_options(mut parser: lexopt::Parser, command: Command, help: &'static str) -> Result<Command> {
    match parser.next()? {
        None => Ok(command),
        Some(Long("help") | Short('h')) => Ok(Command::Help(help)),
        Some(other) => Err(other.unexpected().into()),
    }
}

fn dev(mut parser: lexopt::Parser) -> Result<Command> {
    let mut dev = Dev {
        port: 8080,
        sandbox_port: 8081,
        token_lifetime: None,
        code: false,
        live: false,
        open: false,
    };
    let mut response_type = false;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => dev.port = port(&mut parser)?,
            Long("sandbox-port") => dev.sandbox_port = port(&mut parser)?,
            Long("token-lifetime") => dev.token_lifetime = Some(parser.value()?.parse()?),
            Long("response-type") => {
                response_type = true;
                dev.code = match parser.value()?.string()?.as_str() {
                    "code" => true,
                    "token" => false,
                    other => bail!("--response-type is token or code, not {other:?}"),
                };
            }
            Long("live") => dev.live = true,
            Long("open") => dev.open = true,
            Long("help") | Short('h') => return Ok(Command::Help(help::DEV)),
            other => return Err(other.unexpected().into()),
        }
    }
    if dev.live && dev.token_lifetime.is_some() {
        bail!("--token-lifetime is the sandbox's, and --live uses none");
    }
    if dev.live && response_type {
        bail!("--live takes the response_type from your config.json");
    }
    if !dev.live && dev.port == dev.sandbox_port {
        bail!(
            "the app and the sandbox cannot both have port {}; choose another with --port or \
             --sandbox-port",
            dev.port
        );
    }
    Ok(Command::Dev(dev))
}

fn port(parser: &mut lexopt::Parser) -> Result<u16> {
    let port = parser.value()?.parse()?;
    if port == 0 {
        bail!("port 0 would be another one every time; choose one from 1 to 65535");
    }
    Ok(port)
}

fn build(mut parser: lexopt::Parser) -> Result<Command> {
    let mut build = Build {
        base: Base::root(),
        config: None,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            // `--public-url` is Trunk's name for it.
            Long("base" | "public-url") => build.base = parser.value()?.string()?.parse()?,
            Long("config") => build.config = Some(parser.value()?.into()),
            Long("help") | Short('h') => return Ok(Command::Help(help::BUILD)),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Command::Build(build))
}

fn doctor(mut parser: lexopt::Parser) -> Result<Command> {
    let (mut url, mut host) = (None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Value(value) if url.is_none() => url = Some(value.string()?),
            Long("host") => host = Some(host_named(&parser.value()?.string()?)?),
            Long("help") | Short('h') => return Ok(Command::Help(help::DOCTOR)),
            other => return Err(other.unexpected().into()),
        }
    }
    match url {
        Some(url) => Ok(Command::Doctor(Doctor { url, host })),
        None => bail!("say where the app is: `cargo xtask doctor https://connect.example.com/`"),
    }
}

fn host_named(name: &str) -> Result<Host> {
    match Host::ALL.into_iter().find(|host| host.folder() == name) {
        Some(host) => Ok(host),
        None => bail!(
            "there is no host {name:?}; there are {}",
            Host::ALL.map(Host::folder).join(", ")
        ),
    }
}

fn test(mut parser: lexopt::Parser) -> Result<Command> {
    let mut test = Test {
        steps: Vec::new(),
        keep_going: false,
        arguments: Vec::new(),
    };
    loop {
        // lexopt swallows a lone `--`; what follows is not for us.
        if let Some(mut rest) = parser.try_raw_args()
            && rest.next_if(|word| word == "--").is_some()
        {
            test.arguments = rest.collect();
            break;
        }
        let Some(argument) = parser.next()? else {
            break;
        };
        match argument {
            Long("only") => {
                for name in parser.value()?.string()?.split(',') {
                    test.steps.push(name.trim().parse()?);
                }
            }
            Long("keep-going") => test.keep_going = true,
            Long("help") | Short('h') => return Ok(Command::Help(help::TEST)),
            other => return Err(other.unexpected().into()),
        }
    }
    if test.steps.is_empty() {
        test.steps = Step::ALL.to_vec();
    } else {
        // Always in the order of Step::ALL: the quick ones first.
        test.steps.sort();
        test.steps.dedup();
    }
    Ok(Command::Test(test))
}

fn bench(mut parser: lexopt::Parser) -> Result<Command> {
    let mut bench = Bench {
        runs: 9,
        write: false,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("runs") => bench.runs = parser.value()?.parse()?,
            Long("write") => bench.write = true,
            Long("help") | Short('h') => return Ok(Command::Help(help::BENCH)),
            other => return Err(other.unexpected().into()),
        }
    }
    if bench.runs == 0 {
        bail!("0 runs measure nothing");
    }
    Ok(Command::Bench(bench))
}

fn fuzz(mut parser: lexopt::Parser) -> Result<Command> {
    let (mut seconds, mut targets) = (None, Vec::new());
    while let Some(argument) = parser.next()? {
        match argument {
            Value(value) if seconds.is_none() => seconds = Some(value.parse()?),
            Long("target") => targets.push(parser.value()?.string()?),
            Long("help") | Short('h') => return Ok(Command::Help(help::FUZZ)),
            other => return Err(other.unexpected().into()),
        }
    }
    let seconds = seconds.unwrap_or(60);
    if seconds == 0 {
        bail!("0 seconds would be for ever to libFuzzer; choose how long each target is fuzzed");
    }
    Ok(Command::Fuzz(Fuzz { seconds, targets }))
}

fn mutants(mut parser: lexopt::Parser) -> Result<Command> {
    let arguments: Vec<OsString> = parser.raw_args()?.collect();
    if arguments
        .iter()
        .any(|word| word == "--help" || word == "-h")
    {
        return Ok(Command::Help(help::MUTANTS));
    }
    Ok(Command::Mutants(Mutants { arguments }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str) -> Command {
        parse(words.split_whitespace()).expect("the words are right")
    }

    fn problem(words: &str) -> String {
        let problem = parse(words.split_whitespace()).expect_err("the words are wrong");
        format!("{problem:#}")
    }

    #[test]
    fn dev_has_the_documented_defaults() {
        let expected = Dev {
            port: 8080,
            sandbox_port: 8081,
            token_lifetime: None,
            code: false,
            live: false,
            open: false,
        };
        assert_eq!(parsed("dev"), Command::Dev(expected));
    }

    #[test]
    fn dev_takes_its_options_in_both_spellings() {
        let expected = Dev {
            port: 9000,
            sandbox_port: 9001,
            token_lifetime: Some(90),
            code: true,
            live: false,
            open: true,
        };
        assert_eq!(
            parsed(
                "dev --port 9000 --sandbox-port=9001 --token-lifetime 90 --response-type code --open"
            ),
            Command::Dev(expected)
        );
    }

    #[test]
    fn dev_refuses_what_cannot_work() {
        let cases = [
            ("dev --port 0", "port 0"),
            ("dev --port 70000", "70000"),
            ("dev --port", "missing argument"),
            ("dev --port 8081", "both have port 8081"),
            ("dev --live --token-lifetime 90", "--live uses none"),
            ("dev --live --response-type code", "your config.json"),
            ("dev --response-type id_token", "token or code"),
            ("dev --tokenlifetime 90", "--tokenlifetime"),
            ("dev elsewhere", "elsewhere"),
        ];
        for (words, expected) in cases {
            let problem = problem(words);
            assert!(problem.contains(expected), "{words}: {problem}");
        }
        // Without a sandbox its port is free for the app.
        assert!(matches!(
            parsed("dev --live --port 8081"),
            Command::Dev(Dev { live: true, .. })
        ));
    }

    #[test]
    fn build_takes_a_base_and_settings() {
        let cases = [
            ("build", "/"),
            ("build --base /", "/"),
            ("build --public-url /app", "/app/"),
            ("build --base /a/b/", "/a/b/"),
        ];
        for (words, expected) in cases {
            let base = expected.parse().expect("it is a path");
            assert_eq!(parsed(words), Command::Build(Build { base, config: None }));
        }
        for wrong in [
            "app/",
            "./",
            "//host/",
            "https://host/app/",
            "/app/?x",
            "/#/",
        ] {
            let problem = problem(&format!("build --base {wrong}"));
            assert!(problem.contains("such as / or /app/"), "{wrong}: {problem}");
        }
        let expected = Build {
            base: Base::root(),
            config: Some("mine.json".into()),
        };
        assert_eq!(parsed("build --config mine.json"), Command::Build(expected));
    }

    #[test]
    fn doctor_takes_an_address() {
        let doctor = |host| {
            let url = "https://a.example/".to_owned();
            Command::Doctor(Doctor { url, host })
        };
        assert_eq!(parsed("doctor https://a.example/"), doctor(None));
        assert_eq!(
            parsed("doctor --host nginx https://a.example/"),
            doctor(Some(Host::Nginx))
        );
        let cases = [
            ("doctor", "say where the app is"),
            ("doctor https://a.example/ b", "\"b\""),
            (
                "doctor --host iis https://a.example/",
                "cloudflare-pages, netlify, nginx",
            ),
        ];
        for (words, expected) in cases {
            let problem = problem(words);
            assert!(problem.contains(expected), "{words}: {problem}");
        }
    }

    #[test]
    fn test_runs_everything_by_default() {
        let expected = Test {
            steps: Step::ALL.to_vec(),
            keep_going: false,
            arguments: Vec::new(),
        };
        assert_eq!(parsed("test"), Command::Test(expected));
        assert_eq!(parsed("ci"), parsed("test"));
    }

    #[test]
    fn test_orders_the_chosen_steps_and_hands_on_the_rest() {
        let expected = Test {
            steps: vec![Step::Fmt, Step::Native, Step::E2e],
            keep_going: true,
            arguments: vec!["connect".into(), "--nocapture".into()],
        };
        assert_eq!(
            parsed("test --only e2e,native --keep-going --only fmt,e2e -- connect --nocapture"),
            Command::Test(expected)
        );
        assert!(problem("test --only browser").contains("fmt, deny, clippy, native"));
        assert!(problem("test connect").contains("connect"));
    }

    #[test]
    fn bench_takes_a_number_of_runs() {
        let bench = |runs, write| Command::Bench(Bench { runs, write });
        assert_eq!(parsed("bench"), bench(9, false));
        assert_eq!(parsed("bench --write --runs 3"), bench(3, true));
        let cases = [
            ("bench --runs 0", "measure nothing"),
            ("bench --runs many", "many"),
            ("bench 3", "3"),
        ];
        for (words, expected) in cases {
            let problem = problem(words);
            assert!(problem.contains(expected), "{words}: {problem}");
        }
    }

    #[test]
    fn fuzz_takes_seconds_and_targets() {
        let fuzz = |seconds, targets: &[&str]| {
            let targets = targets.iter().map(|target| (*target).to_owned()).collect();
            Command::Fuzz(Fuzz { seconds, targets })
        };
        assert_eq!(parsed("fuzz"), fuzz(60, &[]));
        assert_eq!(parsed("fuzz 5"), fuzz(5, &[]));
        let expected = fuzz(300, &["jwt", "json"]);
        assert_eq!(parsed("fuzz --target jwt 300 --target=json"), expected);
        let cases = [
            ("fuzz 0", "for ever"),
            ("fuzz soon", "soon"),
            ("fuzz 5 6", "6"),
            ("fuzz --seconds 5", "--seconds"),
        ];
        for (words, expected) in cases {
            let problem = problem(words);
            assert!(problem.contains(expected), "{words}: {problem}");
        }
    }

    #[test]
    fn mutants_hands_everything_on() {
        let words = "--re src/json.rs -j 1 --list";
        let arguments = words.split(' ').map(OsString::from).collect();
        assert_eq!(
            parsed(&format!("mutants {words}")),
            Command::Mutants(Mutants { arguments })
        );
        assert_eq!(
            parsed("mutants --re x --help"),
            Command::Help(help::MUTANTS)
        );
    }

    #[test]
    fn help_is_there_for_each_command() {
        assert_eq!(parsed(""), Command::Help(help::ALL));
        assert_eq!(parsed("--help"), Command::Help(help::ALL));
        assert_eq!(parsed("-h"), Command::Help(help::ALL));
        assert_eq!(parsed("help"), Command::Help(help::ALL));
        let texts = [
            ("setup", help::SETUP),
            ("dev", help::DEV),
            ("build", help::BUILD),
            ("doctor", help::DOCTOR),
            ("test", help::TEST),
            ("bench", help::BENCH),
            ("fuzz", help::FUZZ),
            ("lighthouse", help::LIGHTHOUSE),
            ("mutants", help::MUTANTS),
        ];
        for (command, text) in texts {
            assert_eq!(parsed(&format!("{command} --help")), Command::Help(text));
            assert_eq!(parsed(&format!("help {command}")), Command::Help(text));
        }
        assert!(problem("serve").contains("serve"));
    }
}
