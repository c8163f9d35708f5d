//! JSON read strictly: one object, unique member names, bounded depth.
//!
//! [RFC 8259 §4] leaves duplicate names to the reader, and readers that differ about them are how a
//! value gets past one check and into another. [RFC 7515 §4] and [RFC 7519 §4] let a verifier
//! reject them; this one does, everywhere.
//!
//! [RFC 8259 §4]: https://www.rfc-editor.org/rfc/rfc8259.html#section-4
//! [RFC 7515 §4]: https://www.rfc-editor.org/rfc/rfc7515.html#section-4
//! [RFC 7519 §4]: https://www.rfc-editor.org/rfc/rfc7519.html#section-4

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// How deeply objects and arrays may be nested, the outermost object included.
pub const MAX_DEPTH: usize = 8;

/// Why a text is not the one JSON object that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// Not JSON, not UTF-8, followed by something else, or holding a number out of range.
    Syntax,
    /// JSON, but not an object.
    NotAnObject,
    /// A member name occurs twice in one object.
    DuplicateMember,
    /// Nested more than [`MAX_DEPTH`] deep.
    TooDeep,
}

/// Reads `text` as exactly one JSON object whose member names are unique at every level.
///
/// # Errors
///
/// [`JsonError`], with the first reason met.
pub fn parse_object(text: &[u8]) -> Result<Map<String, Value>, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Strict { depth: 0 }
        .deserialize(&mut deserializer)
        .map_err(|error| reason(&error))?;
    deserializer.end().map_err(|_| JsonError::Syntax)?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(JsonError::NotAnObject),
    }
}

const DUPLICATE: &str = "duplicate member";
const DEEP: &str = "too deep";

fn reason(error: &serde_json::Error) -> JsonError {
    // serde_json has one error type for its own and for a visitor's errors; the text tells which.
    let text = error.to_string();
    if text.starts_with(DUPLICATE) {
        JsonError::DuplicateMember
    } else if text.starts_with(DEEP) {
        JsonError::TooDeep
    } else {
        JsonError::Syntax
    }
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(DEEP));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let seed = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(seed)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let seed = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(seed)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom(DUPLICATE));
            }
        }
        Ok(Value::Object(object))
    }
}
