//! The outer form of a token: compact serialization, base64url, header. Each rejection has its
//! exact reason, and the tokens are signed as written, so removing a check would let them through.

use crate::support::{
    ISSUERS_KEY, changed, claims_with, code, decode, encode, header, key_set, refused, refused_by,
    sign, sign_input, strangers_jwk, token, verify_at,
};
use cc_connect_core::{
    jose::{
        JwkSet, TokenError,
        error::{Malformation, Part},
        unverified_jwt::MAX_JWT_BYTES,
    },
    json::MAX_DEPTH,
};
use jwt_compact::alg::Rsa;
use serde_json::{Value, json};

const PARTS: [Part; 3] = [Part::Header, Part::Payload, Part::Signature];

fn malformed(token: &str) -> Malformation {
    match refused(token) {
        TokenError::Malformed(malformation) => malformation,
        other => panic!("{other:?}: {token:.200}"),
    }
}

fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

/// Signs the first two parts verbatim.
fn sign_text(header: &str, payload: &str) -> String {
    sign_input(Rsa::rs256(), &ISSUERS_KEY, format!("{header}.{payload}"))
}

/// Rule (The token): Three parts: not two, four or five (RFC 7515 §7.1); no other serialization,
/// nothing encrypted, no token in a token → `malformed_token`
#[test]
fn a_token_has_three_parts() {
    let good = token();
    let [h, p, s] = parts(&good);
    for (text, count) in [
        (String::new(), 1),
        (good.replace('.', ""), 1),
        (".".to_owned(), 2),
        (format!("{h}.{p}"), 2),
        (format!("{good}."), 4),
        (format!(".{good}"), 4),
        (format!("{h}.{p}..{s}"), 4),
        (format!("{good}.{s}"), 4),
        (format!("{good}.{p}.{s}"), 5),
        (format!("{h}....{s}"), 5),
    ] {
        assert_eq!(malformed(&text), Malformation::PartCount(count), "{text}");
    }
}

#[test]
fn a_part_may_not_be_empty() {
    let good = token();
    let [h, p, s] = parts(&good);
    assert_eq!(malformed(".."), Malformation::Header);
    assert_eq!(malformed(&format!(".{p}.{s}")), Malformation::Header);
    assert_eq!(refused(&format!("{h}..{s}")), TokenError::BadSignature);
    assert_eq!(refused(&sign_text(h, "")), TokenError::MalformedClaims);
    assert_eq!(refused(&format!("{h}.{p}.")), TokenError::BadSignature);
}

/// A header and claims whose base64url contains the two characters that differ from base64 and ends
/// with spare bits, and a signature to match.
fn parts_with_every_peculiarity() -> [String; 3] {
    // Three `?` bytes encode as `Pz8_`; spaces shift the end.
    let header = changed(header(), &json!({"x": "???????"})).to_string();
    let claims = claims_with(json!({"x": "???????"}));
    let uneven = |text: String| text.clone() + [" ", "", ""][text.len() % 3];
    let (header, claims) = (encode(uneven(header)), encode(uneven(claims)));
    let signed = sign_text(&header, &claims);
    let signature = parts(&signed)[2].to_owned();
    [header, claims, signature]
}

/// The next character of the alphabet, which differs only in the last bit: a spare bit at the end
/// of a part whose length is uneven.
fn with_trailing_bits(text: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (start, last) = text.split_at(text.len() - 1);
    let index = ALPHABET.find(last).unwrap();
    assert_eq!(index % 4, 0, "the last bits are zero");
    format!("{start}{}", &ALPHABET[index + 1..index + 2])
}

/// Rule (The token): base64url has one spelling: no padding, no white space, no unused bits, not
/// the standard alphabet (RFC 7515 §2)
#[test]
fn each_part_has_one_spelling() {
    let good = parts_with_every_peculiarity();
    assert_eq!(code(&good.join(".")), "verified");
    type Twist = (&'static str, fn(&str) -> String);
    let twists: [Twist; 10] = [
        ("padding", |text| format!("{text}=")),
        ("all the padding", |text| {
            format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4))
        }),
        ("padding inside", |text| {
            format!("{}={}", &text[..4], &text[4..])
        }),
        ("bits after the end", with_trailing_bits),
        ("a space before", |text| format!(" {text}")),
        ("a space after", |text| format!("{text} ")),
        ("a line feed after", |text| format!("{text}\n")),
        ("a line feed inside", |text| {
            format!("{}\r\n{}", &text[..32], &text[32..])
        }),
        ("the standard alphabet", |text| {
            text.replace('-', "+").replace('_', "/")
        }),
        ("percent-encoding", |text| text.replace('_', "%5F")),
    ];
    for (index, part) in PARTS.into_iter().enumerate() {
        for (what, twist) in twists {
            let mut twisted = good.clone();
            twisted[index] = twist(&good[index]);
            assert_ne!(twisted[index], good[index], "{what} in {part:?}");
            let [header, claims, signature] = &twisted;
            // The signature covers the other two parts verbatim.
            let token = match part {
                Part::Signature => format!("{header}.{claims}.{signature}"),
                _ => sign_text(header, claims),
            };
            assert_eq!(
                malformed(&token),
                Malformation::Base64Url(part),
                "{what} in {part:?}"
            );
        }
    }
}

/// Rule (The token): base64url has one spelling: no padding, no white space, no unused bits, not
/// the standard alphabet (RFC 7515 §2)
#[test]
fn other_characters_are_no_base64url() {
    let good = token();
    for (index, part) in PARTS.into_iter().enumerate() {
        for other in ["!", "é", "\0", "\u{200b}", "\u{ff0e}", "~", "A"] {
            let mut twisted = parts(&good).map(str::to_owned);
            // Pads to a length that is impossible in base64.
            let one_of_four = "A".repeat((5 - twisted[index].len() % 4) % 4);
            twisted[index] += if other == "A" { &one_of_four } else { other };
            assert_eq!(
                malformed(&twisted.join(".")),
                Malformation::Base64Url(part),
                "{other:?} in {part:?}"
            );
        }
    }
}

/// Ways to break an otherwise valid object around one member.
fn broken_objects(good: &str) -> Vec<(&'static str, Vec<u8>)> {
    let inside = &good[1..good.len() - 1];
    let with = |more: &str| format!("{{{inside},{more}}}").into_bytes();
    let first = inside.split(',').next().unwrap();
    let deep = format!("\"x\":{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    vec![
        ("nothing", vec![]),
        ("null", b"null".to_vec()),
        ("an array", format!("[{good}]").into_bytes()),
        ("a string", json!(good).to_string().into_bytes()),
        ("no end", good.as_bytes()[..good.len() - 1].to_vec()),
        ("something after", format!("{good}x").into_bytes()),
        ("another object after", format!("{good}{good}").into_bytes()),
        ("a zero after", format!("{good}\0").into_bytes()),
        ("a byte order mark", format!("\u{feff}{good}").into_bytes()),
        ("a comment", format!("{good}//").into_bytes()),
        ("a comma too many", format!("{{{inside},}}").into_bytes()),
        ("single quotes", good.replace('"', "'").into_bytes()),
        ("a member twice", with(first)),
        ("a nested member twice", with(r#""x":{"a":1,"a":1}"#)),
        (
            "a member twice in an array",
            with(r#""x":[1,[{"a":1,"b":2,"a":3}]]"#),
        ),
        ("a member twice, once escaped", with(r#""x":1,"\u0078":2"#)),
        ("nesting", with(&deep)),
        ("not a number", with(r#""x":NaN"#)),
        ("a number out of range", with(r#""x":1e999"#)),
        ("a leading zero", with(r#""x":01"#)),
        ("half a surrogate pair", with(r#""x":"\ud800""#)),
        ("a control character", with("\"x\":\"\u{1}\"")),
        (
            "bytes that are not UTF-8",
            [&good.as_bytes()[..good.len() - 1], b",\"x\":\"\xff\"}"].concat(),
        ),
        (
            "an overlong encoding",
            [&good.as_bytes()[..good.len() - 1], b",\"x\":\"\xc0\xaf\"}"].concat(),
        ),
        (
            "an encoded surrogate",
            [
                &good.as_bytes()[..good.len() - 1],
                b",\"x\":\"\xed\xa0\x80\"}",
            ]
            .concat(),
        ),
        (
            "UTF-16",
            good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
    ]
}

/// Rule (The token): The header is one JSON object in UTF-8, its members unique at every level, at
/// most eight levels deep (RFC 8725 §3.7)
#[test]
fn the_header_is_one_object_with_unique_members() {
    let claims = encode(claims_with(json!({})));
    for (what, header) in broken_objects(&header().to_string()) {
        assert_eq!(
            malformed(&sign_text(&encode(header), &claims)),
            Malformation::Header,
            "{what}"
        );
    }
}

/// Rule (The token): The claims are one JSON object, parsed as strictly as the header →
/// `malformed_claims`
#[test]
fn the_claims_are_one_object_with_unique_members() {
    let header = encode(header().to_string());
    for (what, claims) in broken_objects(&claims_with(json!({}))) {
        assert_eq!(
            refused(&sign_text(&header, &encode(claims))),
            TokenError::MalformedClaims,
            "{what}"
        );
    }
}

/// Rule (The token): The header is one JSON object in UTF-8, its members unique at every level, at
/// most eight levels deep (RFC 8725 §3.7)
#[test]
fn the_deepest_nesting_that_is_read() {
    let mut deepest = json!(1);
    for _ in 1..MAX_DEPTH {
        deepest = json!([deepest]);
    }
    let header = changed(header(), &json!({"x": deepest})).to_string();
    let claims = claims_with(json!({"x": deepest}));
    assert_eq!(code(&sign(&header, &claims)), "verified");
}

/// Rule (The token): `alg`, `typ` and `kid` are strings
#[test]
fn a_header_parameter_that_is_read_is_a_string() {
    for name in ["alg", "typ", "kid"] {
        for value in [
            json!(1),
            json!(true),
            json!(["RS256"]),
            json!({"RS256": "RS256"}),
        ] {
            let header = changed(header(), &json!({name: value}));
            let token = sign(&header.to_string(), &claims_with(json!({})));
            let expected = Malformation::HeaderParameter(name);
            assert_eq!(malformed(&token), expected, "{header}");
        }
        let mut header = header();
        header[name] = Value::Null;
        let token = sign(&header.to_string(), &claims_with(json!({})));
        assert_eq!(
            malformed(&token),
            Malformation::HeaderParameter(name),
            "{header}"
        );
    }
    let without = changed(header(), &json!({"alg": null})).to_string();
    assert_eq!(
        malformed(&sign(&without, &claims_with(json!({})))),
        Malformation::HeaderParameter("alg")
    );
}

/// A valid token of exactly this many bytes.
fn token_of(bytes: usize) -> String {
    // A base64url length is never 1 modulo 4, so one of these headers fits.
    for spaces in 0..4 {
        let header = format!("{}{}", header(), " ".repeat(spaces));
        let claims = claims_with(json!({"x": ""}));
        let rest = encode(&header).len() + 2 + encode([0; 256]).len();
        let octets = (bytes - rest) * 3 / 4;
        let filler = "x".repeat(octets - claims.len());
        let token = sign(&header, &claims_with(json!({ "x": filler })));
        if token.len() == bytes {
            return token;
        }
    }
    panic!("no token of {bytes} bytes");
}

/// Rule (The token): A token has at most 16 KiB
#[test]
fn sixteen_kibibytes_are_read_and_not_one_byte_more() {
    assert_eq!(MAX_JWT_BYTES, 16 * 1024);
    assert_eq!(code(&token_of(MAX_JWT_BYTES)), "verified");
    assert_eq!(
        malformed(&token_of(MAX_JWT_BYTES + 1)),
        Malformation::TooLong
    );
    // Length is checked first: an overlong token is not parsed at all.
    assert_eq!(
        malformed(&".".repeat(MAX_JWT_BYTES + 1)),
        Malformation::TooLong
    );
    assert_eq!(
        malformed(&".".repeat(MAX_JWT_BYTES)),
        Malformation::PartCount(MAX_JWT_BYTES + 1)
    );
}

/// Every other serialization defined by RFC 7515 and RFC 7516.
///
/// Rule (The token): Three parts: not two, four or five (RFC 7515 §7.1); no other serialization,
/// nothing encrypted, no token in a token → `malformed_token`
#[test]
fn the_json_serializations_are_no_token() {
    let good = token();
    let [h, p, s] = parts(&good);
    let encrypted = format!("{}.a.b.c.d", encode(r#"{"alg":"dir","enc":"A256GCM"}"#));
    for (text, expected) in [
        (
            json!({"payload": p, "protected": h, "signature": s}).to_string(),
            Malformation::PartCount(1),
        ),
        (
            json!({"payload": p, "signatures": [{"protected": h, "signature": s}]}).to_string(),
            Malformation::PartCount(1),
        ),
        (encrypted, Malformation::PartCount(5)),
    ] {
        assert_eq!(malformed(&text), expected, "{text}");
    }
}

/// A nested JWT (RFC 7519 §5.2, `cty`): its payload is the text of another JWT.
///
/// Rule (The token): Three parts: not two, four or five (RFC 7515 §7.1); no other serialization,
/// nothing encrypted, no token in a token → `malformed_token`
#[test]
fn a_nested_token_is_refused() {
    let header = changed(header(), &json!({"cty": "JWT"})).to_string();
    assert_eq!(
        refused(&sign(&header, &token())),
        TokenError::MalformedClaims
    );
}

/// The signature covers the first two parts exactly as sent, down to the last bit.
///
/// Rule (The token): No claim is read before the signature is verified
#[test]
fn whatever_is_changed_after_signing_breaks_the_signature() {
    let good = token();
    let [h, p, s] = parts(&good);
    let claims = decode(p);
    for index in [0, claims.len() / 2, claims.len() - 1] {
        let mut other = claims.clone();
        other[index] ^= 1;
        let token = format!("{h}.{}.{s}", encode(other));
        assert_eq!(refused(&token), TokenError::BadSignature, "octet {index}");
    }
    for other in [
        changed(header(), &json!({"typ": "JWT"})).to_string(),
        format!("{} ", header()),
        r#"{"alg":"RS256"}"#.to_owned(),
    ] {
        let token = format!("{}.{p}.{s}", encode(&other));
        assert_eq!(refused(&token), TokenError::BadSignature, "{other}");
    }
    // Replaced claims are not even read: their issuer is not the reported reason.
    let evil = encode(claims_with(json!({"iss": "https://evil.example"})));
    assert_eq!(
        refused(&format!("{h}.{evil}.{s}")),
        TokenError::BadSignature
    );
}

/// Form is checked before keys: no key set makes a malformed token valid.
#[test]
fn form_comes_before_the_key() {
    let no_key_of_ours = JwkSet::parse(&json!({"keys": [strangers_jwk()]}).to_string()).unwrap();
    let good = token();
    let (report, _) = verify_at(&good, &key_set(), crate::support::now());
    assert_eq!(report.checks()[0].name.as_str(), "compact");
    assert_eq!(
        refused_by(&format!("{good}="), &no_key_of_ours),
        TokenError::Malformed(Malformation::Base64Url(Part::Signature))
    );
}
