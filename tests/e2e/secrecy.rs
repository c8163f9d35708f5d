//! Detecting tokens in text, and redacting them from reports.

/// Whether `text` contains something shaped like a compact JWS: `eyJ….….…`.
pub fn looks_like_a_token(text: &str) -> bool {
    tokens(text).next().is_some()
}

/// `text` with its tokens redacted.
pub fn redact(text: &str) -> String {
    let mut redacted = text.to_owned();
    for token in tokens(text) {
        redacted = redacted.replace(token, "[a token]");
    }
    redacted
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .filter(|word| {
            let mut parts = word.split('.');
            word.len() > 60
                && parts.next().is_some_and(|header| header.contains("eyJ"))
                && parts.next().is_some_and(|payload| payload.len() > 20)
                && parts.next().is_some()
        })
}

#[cfg(test)]
mod tests {
    use super::{looks_like_a_token, redact};

    const TOKEN: &str = "eyJraWQiOiJhIiwiYWxnIjoiUlMyNTYifQ.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ";

    #[test]
    fn a_token_is_found_in_an_address_and_in_json() {
        assert!(looks_like_a_token(&format!(
            "/callback#access_token={TOKEN}&state=x"
        )));
        assert!(looks_like_a_token(&format!(
            "{{\"access_token\":\"{TOKEN}\"}}"
        )));
    }

    #[test]
    fn a_hashed_file_name_is_no_token() {
        assert!(!looks_like_a_token("/cc-connect-3f0c2a4e5b1d4c8e_bg.wasm"));
    }

    #[test]
    fn a_report_does_not_repeat_it() {
        assert_eq!(redact(&format!("a {TOKEN} b")), "a [a token] b");
    }
}
