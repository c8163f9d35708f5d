//! Identifiers of the API's resources.

use std::{fmt, str::FromStr};

/// Where a UUID has its hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// A UUID ([RFC 9562 §4](https://www.rfc-editor.org/rfc/rfc9562.html#section-4)), of any version.
///
/// ```
/// use cc_connect_core::v3::{Uuid, uuid::InvalidUuid};
///
/// let list_id: Uuid = "06526938-56DD-11E9-932A-FA163EA075FA".parse()?;
/// assert_eq!(list_id.to_string(), "06526938-56dd-11e9-932a-fa163ea075fa");
/// assert_eq!("0652693856dd11e9932afa163ea075fa".parse::<Uuid>(), Err(InvalidUuid));
/// # Ok::<(), InvalidUuid>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(u128);

/// Not 32 hexadecimal digits in five groups with hyphens between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct InvalidUuid;

impl FromStr for Uuid {
    type Err = InvalidUuid;

    fn from_str(text: &str) -> Result<Self, InvalidUuid> {
        if text.len() != 36 {
            return Err(InvalidUuid);
        }
        let mut value = 0;
        for (index, character) in text.chars().enumerate() {
            if HYPHENS.contains(&index) {
                if character != '-' {
                    return Err(InvalidUuid);
                }
            } else {
                let digit = character.to_digit(16).ok_or(InvalidUuid)?;
                value = value << 4 | u128::from(digit);
            }
        }
        Ok(Self(value))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        let [a, b, c, d, e] = [0..8, 8..12, 12..16, 16..20, 20..32].map(|group| &digits[group]);
        write!(f, "{a}-{b}-{c}-{d}-{e}")
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
