//! Every parser against nearly valid input: the fuzz corpus, edited at random. What must hold for
//! any input is in `fuzz/checks.rs`; the fuzzers search longer, this runs every time.

use crate::corpus::checks::TARGETS;
use proptest::{prelude::*, sample::Index};
use std::{fs, path::Path, sync::LazyLock};

/// A random edit at any position.
#[derive(Clone, Debug)]
enum Edit {
    Flip(Index, u8),
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    /// Repeats a part, there or elsewhere: creates duplicates.
    Repeat(Index, usize, Index),
    /// Inserts part of another input.
    Splice(Index, Index, usize, Index),
    Cut(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    let length = 1usize..40;
    // Characters that are significant to some parser.
    let telling = proptest::sample::select(
        b"{}[]\",:=&%+#?.-_/\\ \t\n\0ABab019eE\x7f\x80\xc3\xed\xff".as_slice(),
    );
    prop_oneof![
        (at(), 0u8..8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        (at(), telling.clone()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (at(), proptest::collection::vec(telling, 1..4))
            .prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        (at(), length.clone()).prop_map(|(at, length)| Edit::Remove(at, length)),
        (at(), length.clone(), at()).prop_map(|(from, length, to)| Edit::Repeat(from, length, to)),
        (at(), at(), length, at())
            .prop_map(|(other, from, length, to)| Edit::Splice(other, from, length, to)),
        at().prop_map(Edit::Cut),
    ]
}

impl Edit {
    fn apply(&self, text: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let place = |at: &Index, text: &[u8]| at.index(text.len() + 1);
        let part = |from: &Index, length: usize, text: &[u8]| {
            let from = place(from, text);
            text[from..text.len().min(from + length)].to_vec()
        };
        match self {
            Self::Insert(at, bytes) => {
                let at = place(at, text);
                text.splice(at..at, bytes.iter().copied());
            }
            Self::Repeat(from, length, to) => {
                let bytes = part(from, *length, text);
                Self::Insert(*to, bytes).apply(text, corpus);
            }
            Self::Splice(other, from, length, to) => {
                let other: &Vec<u8> = other.get(corpus);
                let bytes = part(from, *length, other);
                Self::Insert(*to, bytes).apply(text, corpus);
            }
            Self::Remove(at, length) => {
                let at = place(at, text);
                text.drain(at..text.len().min(at + length));
            }
            Self::Cut(at) => text.truncate(place(at, text)),
            Self::Flip(at, bit) if !text.is_empty() => {
                let at = at.index(text.len());
                text[at] ^= 1 << bit;
            }
            Self::Set(at, byte) if !text.is_empty() => {
                let at = at.index(text.len());
                text[at] = *byte;
            }
            Self::Flip(..) | Self::Set(..) => {}
        }
    }
}

/// The corpus of a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    // Sorted, so that a failure is reproducible.
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

macro_rules! targets {
    ($($target:ident: $cases:literal)*) => {
        const TESTED: &[&str] = &[$(stringify!($target)),*];
        $(proptest! {
            #![proptest_config(ProptestConfig { cases: $cases, ..ProptestConfig::default() })]

            #[test]
            fn $target(start in any::<Index>(), edits in proptest::collection::vec(edit(), 1..5)) {
                static CORPUS: LazyLock<Vec<Vec<u8>>> =
                    LazyLock::new(|| corpus(stringify!($target)));
                let mut text = start.get(&CORPUS).clone();
                for edit in &edits {
                    edit.apply(&mut text, &CORPUS);
                }
                let (_, check) = TARGETS.iter().find(|(name, _)| *name == stringify!($target)).unwrap();
                // Accepted or rejected: only a broken promise panics.
                let _ = check(&text);
            }
        })*
    };
}

targets! {
    authorization_response: 300
    token_response: 300
    jwt: 200
    // Fewer cases: each one is signed.
    signed_jwt: 60
    jwk_set: 200
    config: 300
    v3: 300
    page: 300
    v3_path: 300
    stored: 300
    return_to: 300
    headers: 300
    json: 300
    server_answer: 300
}

/// Rule (What holds the rules together): No parser panics, whatever the input
#[test]
fn every_target_is_tested() {
    assert!(
        TARGETS
            .iter()
            .map(|(name, _)| *name)
            .eq(TESTED.iter().copied())
    );
}
