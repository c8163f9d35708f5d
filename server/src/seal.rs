//! Seals what is stored. The key comes from two secrets: a master key, which the server has, and
//! the secret of a cookie, which only the browser has. A dump of the database is worth nothing
//! without the cookies, whoever has the master keys; nor are cookies without a master key.
//!
//! HKDF ([RFC 5869](https://www.rfc-editor.org/rfc/rfc5869.html)) with SHA-256 derives the key, and
//! AES-256-GCM-SIV ([RFC 8452](https://www.rfc-editor.org/rfc/rfc8452.html)) seals. The row's place
//! and version are authenticated along with it, so a row cannot replace another one, or its own
//! successor.

mod key_ring;

pub use key_ring::{KeyRing, KeyRingError, MasterKey};

use crate::secrets::Hash;
use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hkdf::{HKDF_SHA256, Salt},
};
use zeroize::Zeroizing;

/// What the derived keys are for; another table has other keys.
const INFO: &[u8] = b"cc-connect seal 1";

/// The place of a sealed record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The table.
    pub(crate) table: &'static str,
    /// The hash that the row is found by.
    pub(crate) row: Hash,
    /// The version of the row.
    pub(crate) version: i64,
}

impl Place {
    fn associated_data(&self) -> Vec<u8> {
        [&self.row[..], &self.version.to_be_bytes()].concat()
    }
}

/// A sealed record.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    /// Which master key sealed it.
    pub(crate) key_id: String,
    /// The nonce, the ciphertext and the tag.
    pub(crate) bytes: Vec<u8>,
}

/// Why a record stays sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SealError {
    /// The ring has no such master key.
    KeyUnknown,
    /// Another secret, another place, or a record that was tampered with.
    Refused,
}

impl KeyRing {
    /// Seals a text with the newest master key. `secret` is the cookie's.
    pub(crate) fn seal(&self, text: &str, secret: &str, place: Place) -> Sealed {
        let master = self.newest();
        // Room for the tag as well: a buffer that grows leaves a copy behind.
        let mut bytes = Vec::with_capacity(text.len() + AES_256_GCM_SIV.tag_len());
        bytes.extend_from_slice(text.as_bytes());
        let nonce = derive(master, secret, place.table)
            .seal_in_place_append_tag(Aad::from(place.associated_data()), &mut bytes)
            .expect("a text this short can be sealed");
        Sealed {
            key_id: master.id().to_owned(),
            bytes: [&nonce.as_ref()[..], &bytes].concat(),
        }
    }

    /// Opens what [`seal`](Self::seal) sealed.
    pub(crate) fn open(
        &self,
        sealed: &Sealed,
        secret: &str,
        place: Place,
    ) -> Result<Zeroizing<String>, SealError> {
        let master = self.find(&sealed.key_id).ok_or(SealError::KeyUnknown)?;
        let (nonce, bytes) = sealed
            .bytes
            .split_at_checked(NONCE_LEN)
            .ok_or(SealError::Refused)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Refused)?;
        let mut bytes = Zeroizing::new(bytes.to_vec());
        let text = derive(master, secret, place.table)
            .open_in_place(nonce, Aad::from(place.associated_data()), &mut bytes)
            .map_err(|_| SealError::Refused)?;
        let text = str::from_utf8(text).map_err(|_| SealError::Refused)?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// Whether a record should be sealed again: an older master key sealed it.
    pub(crate) fn is_outdated(&self, sealed: &Sealed) -> bool {
        sealed.key_id != self.newest().id()
    }
}

fn derive(master: &MasterKey, secret: &str, table: &str) -> RandomizedNonceKey {
    let salt = Salt::new(HKDF_SHA256, secret.as_bytes());
    let mut key = Zeroizing::new([0; 32]);
    salt.extract(master.expose())
        .expand(&[INFO, table.as_bytes()], HKDF_SHA256)
        .and_then(|derived| derived.fill(key.as_mut_slice()))
        .expect("HKDF-SHA256 gives 32 octets");
    RandomizedNonceKey::new(&AES_256_GCM_SIV, key.as_slice())
        .expect("AES-256 takes a key of 32 octets")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SessionSecret;

    fn ring(ids: &[&str]) -> KeyRing {
        let key = |id: &&str| {
            let mut octets = [7; 32];
            octets[..id.len()].copy_from_slice(id.as_bytes());
            MasterKey::new((*id).to_owned(), &octets).unwrap()
        };
        KeyRing::new(ids.iter().map(key).collect()).unwrap()
    }

    const PLACE: Place = Place {
        table: "session",
        row: [1; 32],
        version: 3,
    };

    #[test]
    fn what_is_sealed_can_be_opened_with_both_secrets() {
        let secret = SessionSecret::generate();
        let sealed = ring(&["a"]).seal("canary", secret.expose(), PLACE);
        assert!(!sealed.bytes.windows(6).any(|bytes| bytes == b"canary"));
        let opened = ring(&["a"]).open(&sealed, secret.expose(), PLACE);
        assert_eq!(opened.unwrap().as_str(), "canary");
    }

    #[test]
    fn a_dump_with_the_master_key_is_worth_nothing_without_the_cookie() {
        let sealed = ring(&["a"]).seal("x", SessionSecret::generate().expose(), PLACE);
        let other = SessionSecret::generate();
        let opened = ring(&["a"]).open(&sealed, other.expose(), PLACE);
        assert_eq!(opened.unwrap_err(), SealError::Refused);
    }

    #[test]
    fn a_dump_with_the_cookie_is_worth_nothing_without_the_master_key() {
        let secret = SessionSecret::generate();
        let sealed = ring(&["a"]).seal("x", secret.expose(), PLACE);
        let opened = ring(&["b"]).open(&sealed, secret.expose(), PLACE);
        assert_eq!(opened.unwrap_err(), SealError::KeyUnknown);
        // Another key under the same name.
        let impostor = MasterKey::new("a".to_owned(), &[9; 32]).unwrap();
        let opened = KeyRing::new(vec![impostor])
            .unwrap()
            .open(&sealed, secret.expose(), PLACE);
        assert_eq!(opened.unwrap_err(), SealError::Refused);
    }

    #[test]
    fn a_row_that_was_moved_or_set_back_stays_sealed() {
        let secret = SessionSecret::generate();
        let sealed = ring(&["a"]).seal("x", secret.expose(), PLACE);
        for place in [
            Place {
                row: [2; 32],
                ..PLACE
            },
            Place {
                version: 2,
                ..PLACE
            },
            Place {
                table: "attempt",
                ..PLACE
            },
        ] {
            let opened = ring(&["a"]).open(&sealed, secret.expose(), place);
            assert_eq!(opened.unwrap_err(), SealError::Refused, "{place:?}");
        }
    }

    #[test]
    fn every_octet_is_authenticated() {
        let secret = SessionSecret::generate();
        let sealed = ring(&["a"]).seal("x", secret.expose(), PLACE);
        for index in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[index] ^= 1;
            let opened = ring(&["a"]).open(&changed, secret.expose(), PLACE);
            assert_eq!(opened.unwrap_err(), SealError::Refused, "octet {index}");
        }
        let empty = Sealed {
            bytes: vec![],
            ..sealed
        };
        let opened = ring(&["a"]).open(&empty, secret.expose(), PLACE);
        assert_eq!(opened.unwrap_err(), SealError::Refused);
    }

    #[test]
    fn the_first_key_writes_and_all_read() {
        let secret = SessionSecret::generate();
        let old = ring(&["old"]).seal("x", secret.expose(), PLACE);
        let both = ring(&["new", "old"]);
        assert!(both.open(&old, secret.expose(), PLACE).is_ok());
        assert!(both.is_outdated(&old));
        let new = both.seal("x", secret.expose(), PLACE);
        assert_eq!(new.key_id, "new");
        assert!(!both.is_outdated(&new));
    }
}
