//! Where a secret is: never in the configuration itself.

use super::mistake::{Mistake, Mistakes};
use crate::{
    random,
    seal::{KeyRing, MasterKey},
};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose},
};
use cc_connect_core::oauth::ClientSecret;
use std::{fmt, fs, path::PathBuf};
use zeroize::Zeroizing;

/// The longest secret that is read, in bytes.
const MAX_BYTES: u64 = 4 * 1024;

/// Looks up an environment variable; an empty one counts as absent.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The environment of this process.
pub fn process_environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where a secret is. It is read at start, and again at `SIGHUP`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A file with nothing else in it; white space around the secret is ignored.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

impl SecretSource {
    /// Reads the secret.
    ///
    /// # Errors
    ///
    /// What is wrong, in a sentence that does not contain the secret.
    pub fn read(&self, environment: Environment<'_>) -> Result<Zeroizing<String>, String> {
        let text = match self {
            Self::File(path) => {
                let name = path.display();
                let unreadable = |error| format!("{name} cannot be read: {error}.");
                let length = fs::metadata(path).map_err(unreadable)?.len();
                if length > MAX_BYTES {
                    return Err(format!("{name} is too long to be a secret."));
                }
                Zeroizing::new(fs::read_to_string(path).map_err(unreadable)?)
            }
            Self::Variable(name) => {
                let missing = || format!("the environment variable {name} is not set.");
                Zeroizing::new(environment(name).ok_or_else(missing)?)
            }
        };
        match text.trim() {
            "" => Err(format!("{self} is empty. Write the secret into it.")),
            secret => Ok(Zeroizing::new(secret.to_owned())),
        }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
        }
    }
}

/// A key that sessions are sealed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySource {
    /// Its name, which is stored beside what it has sealed.
    pub id: String,
    /// Where it is.
    pub source: SecretSource,
}

impl KeySource {
    /// Reads the key: 32 octets or more in Base64, with either alphabet.
    ///
    /// # Errors
    ///
    /// What is wrong, in a sentence that does not contain the key.
    pub fn read(&self, environment: Environment<'_>) -> Result<MasterKey, String> {
        let text = self.source.read(environment)?;
        let bytes = [alphabet::URL_SAFE, alphabet::STANDARD]
            .iter()
            .find_map(|alphabet| {
                GeneralPurpose::new(alphabet, ANY_PADDING)
                    .decode(&*text)
                    .ok()
            })
            .map(Zeroizing::new)
            .ok_or_else(|| {
                format!(
                    "{} is not a key in Base64. `cc-connect-server new-key > FILE` makes one.",
                    self.source
                )
            })?;
        MasterKey::new(self.id.clone(), &bytes)
            .map_err(|error| format!("{error}. `cc-connect-server new-key > FILE` makes one."))
    }
}

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// A new key for [`KeySource::read`]: 256 random bits.
pub fn new_key() -> Zeroizing<String> {
    let bytes = Zeroizing::new(random::bytes::<32>());
    Zeroizing::new(general_purpose::URL_SAFE_NO_PAD.encode(*bytes))
}

/// Where all secrets are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretSources {
    /// The client's secret.
    pub client_secret: SecretSource,
    /// The keys that sessions are sealed with; the first one seals, and all open.
    pub keys: Vec<KeySource>,
}

/// All secrets.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The client's.
    pub client: ClientSecret,
    /// The keys that sessions are sealed with.
    pub keys: KeyRing,
}

impl SecretSources {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], all of them.
    pub fn read(&self, environment: Environment<'_>) -> Result<Secrets, Mistakes> {
        let mut mistakes = Vec::new();
        let client = self.client_secret.read(environment);
        let client = client
            .map_err(|what| mistakes.push(Mistake::new("client_secret_file", what)))
            .map(|text| ClientSecret::new(text.to_string()));
        let mut keys = Vec::new();
        for (index, key) in self.keys.iter().enumerate() {
            match key.read(environment) {
                Ok(key) => keys.push(key),
                Err(what) => mistakes.push(Mistake::new(format!("keys[{index}]"), what)),
            }
        }
        let keys = KeyRing::new(keys);
        match (client, keys, mistakes.is_empty()) {
            (Ok(client), Ok(keys), true) => Ok(Secrets { client, keys }),
            (_, Err(error), true) => Err(Mistakes(vec![Mistake::new("keys", error.to_string())])),
            _ => Err(Mistakes(mistakes)),
        }
    }
}
