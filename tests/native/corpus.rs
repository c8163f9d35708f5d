//! Replays the fuzz corpus without a fuzzer.
//!
//! A file's name states the expected result, `accepted.…` or `refused.CODE.…`. Beyond that, every
//! promise in `fuzz/checks.rs` must hold.

#[path = "../../fuzz/checks.rs"]
pub mod checks;

use checks::{SIGNED, TARGETS};
use jwt_compact::{
    Algorithm as _, AlgorithmSignature as _,
    alg::{Rsa, RsaPrivateKey},
    jwk::JsonWebKey,
};
use std::{collections::BTreeSet, fs, path::PathBuf, sync::LazyLock};

static KEY: LazyLock<RsaPrivateKey> = LazyLock::new(|| {
    let jwk: JsonWebKey<'_> = serde_json::from_str(include_str!(
        "../../crates/core/tests/vectors/rfc7515-a2-jwk.json"
    ))
    .unwrap();
    RsaPrivateKey::try_from(&jwk).unwrap()
});

/// Signs `input` with RS256 and the key of RFC 7515 A.2, for the checks.
fn rs256(input: &[u8]) -> Vec<u8> {
    Rsa::rs256().sign(&KEY, input).as_bytes().into_owned()
}

fn fuzz() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The names in a folder of `fuzz/`, sorted.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz().join(folder)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn replay(target: &str) {
    let (_, check) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for name in names(&format!("corpus/{target}")) {
        // Captured output, shown only if a promise is broken.
        eprintln!("{target}: {name}");
        let input = fs::read(fuzz().join("corpus").join(target).join(&name)).unwrap();
        let verdict = check(&input);
        match name.split('.').collect::<Vec<_>>().as_slice() {
            ["accepted", _] => {
                assert_eq!(verdict, Ok(()), "{name}");
                accepted += 1;
            }
            ["refused", code, _] => {
                assert_eq!(verdict, Err(*code), "{name}");
                refused += 1;
            }
            _ => panic!("{name} does not state the expected result"),
        }
    }
    assert!(accepted > 0, "no input that {target} accepts");
    assert!(refused > 0, "no input that {target} refuses");
}

macro_rules! replays {
    ($($target:ident)*) => {
        /// The targets replayed by the tests below.
        const REPLAYED: &[&str] = &[$(stringify!($target)),*];
        $(#[test]
        fn $target() {
            replay(stringify!($target));
        })*
    };
}

replays! {
    authorization_response
    token_response
    jwt
    signed_jwt
    jwk_set
    config
    v3
    page
    v3_path
    stored
    return_to
    headers
    json
    server_answer
}

/// Catches a target without a folder, a folder without a test, and a dictionary without a target.
///
/// Rule (What holds the rules together): The fuzz corpus is replayed, and every target has one
#[test]
fn every_target_is_replayed_and_can_be_fuzzed() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(REPLAYED.iter().copied().eq(TARGETS.map(|(name, _)| name)));
    assert_eq!(names("corpus"), targets);
    let with = |ending: &str| {
        targets
            .iter()
            .map(|name| format!("{name}{ending}"))
            .collect()
    };
    assert_eq!(names("fuzz_targets"), with(".rs"));
    assert_eq!(names("dictionaries"), with(".dict"));
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for target in &targets {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")));
    }
}

/// The list used by the forged-signature check is complete: every other token in the corpus fails
/// before its claims are read.
///
/// Rule (What holds the rules together): The fuzz corpus is replayed, and every target has one
#[test]
fn every_signed_token_of_the_corpus_is_known() {
    let corpus: Vec<String> = names("corpus/jwt")
        .into_iter()
        .filter_map(|name| fs::read_to_string(fuzz().join("corpus/jwt").join(name)).ok())
        .collect();
    for signed in SIGNED {
        assert!(corpus.iter().any(|text| text == signed));
    }
}
