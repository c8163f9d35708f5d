//! The integrity value of a file in index.html: [Subresource Integrity].
//!
//! [Subresource Integrity]: https://www.w3.org/TR/SRI/

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha384};

/// The value of `integrity` for a file with this content.
pub(crate) fn integrity_of(content: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard, <https://www.w3.org/TR/SRI/#the-integrity-attribute>.
    #[test]
    fn it_is_what_the_standard_says() {
        assert_eq!(
            integrity_of(b"alert('Hello, world.');"),
            "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO"
        );
    }
}
