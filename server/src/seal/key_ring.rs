//! The master keys.

use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// The fewest octets of a master key.
const MIN_BYTES: usize = 32;

/// A master key and its name. It never leaves the process.
#[derive(Clone)]
pub struct MasterKey {
    id: String,
    bytes: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({:?}, redacted)", self.id)
    }
}

/// The master keys: the first seals, and all open. A row that an older key sealed is sealed again
/// when it is next read or written.
///
/// ```
/// use cc_connect_server::{KeyRing, KeyRingError, MasterKey};
///
/// let key = MasterKey::new("2026-11".to_owned(), &[7; 32])?;
/// assert_eq!(format!("{key:?}"), "MasterKey(\"2026-11\", redacted)");
/// assert!(KeyRing::new(vec![key.clone()]).is_ok());
/// assert_eq!(KeyRing::new(vec![]).unwrap_err(), KeyRingError::Empty);
/// assert!(KeyRing::new(vec![key.clone(), key]).is_err());
/// # Ok::<(), KeyRingError>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyRing {
    keys: Vec<MasterKey>,
}

/// Why master keys cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyRingError {
    /// No key was given.
    #[error("there is no master key")]
    Empty,
    /// The name is empty or not a plain word.
    #[error("{0:?} is no name for a key: letters, digits, '-', '_' and '.' only, at most 64")]
    Id(String),
    /// Two keys have the same name.
    #[error("two master keys are named {0:?}")]
    Twice(String),
    /// The key is too short.
    #[error("the master key {id:?} has {found} octets, expected {MIN_BYTES} or more")]
    Short {
        /// Its name.
        id: String,
        /// How many octets it has.
        found: usize,
    },
}

impl MasterKey {
    /// A key of 32 random octets or more.
    ///
    /// # Errors
    ///
    /// [`KeyRingError::Id`] or [`KeyRingError::Short`].
    pub fn new(id: String, bytes: &[u8]) -> Result<Self, KeyRingError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if id.is_empty() || id.len() > 64 || !id.bytes().all(is_plain) {
            return Err(KeyRingError::Id(id));
        }
        if bytes.len() < MIN_BYTES {
            let found = bytes.len();
            return Err(KeyRingError::Short { id, found });
        }
        Ok(Self {
            id,
            bytes: Zeroizing::new(bytes.to_vec()),
        })
    }

    /// Its name, which is no secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl KeyRing {
    /// A ring of these keys, the one that seals first.
    ///
    /// # Errors
    ///
    /// [`KeyRingError::Empty`] or [`KeyRingError::Twice`].
    pub fn new(keys: Vec<MasterKey>) -> Result<Self, KeyRingError> {
        if keys.is_empty() {
            return Err(KeyRingError::Empty);
        }
        for (index, key) in keys.iter().enumerate() {
            if keys[..index].iter().any(|other| other.id == key.id) {
                return Err(KeyRingError::Twice(key.id.clone()));
            }
        }
        Ok(Self { keys })
    }

    /// The key that seals.
    pub(super) fn newest(&self) -> &MasterKey {
        &self.keys[0]
    }

    pub(super) fn find(&self, id: &str) -> Option<&MasterKey> {
        self.keys.iter().find(|key| key.id == id)
    }
}
