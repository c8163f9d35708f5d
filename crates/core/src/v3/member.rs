//! How a member of a response is read: what is only shown is left out where it cannot be read, and
//! never fails the rest ([the rule](crate::json#what-decides-and-what-does-not)).

use crate::json;
use serde::{Deserialize as _, Deserializer, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

/// A string; `None` for anything else.
pub(super) fn text<'de, D: Deserializer<'de>>(member: D) -> Result<Option<String>, D::Error> {
    Ok(read(&Box::<RawValue>::deserialize(member)?))
}

/// A whole number; `None` for anything else.
pub(super) fn count<'de, D: Deserializer<'de>>(member: D) -> Result<Option<u64>, D::Error> {
    let number: Option<Value> = read(&Box::<RawValue>::deserialize(member)?);
    Ok(number.as_ref().and_then(json::whole))
}

/// An object; `None` for anything else.
pub(super) fn object<'de, D, T>(member: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(read_object(&Box::<RawValue>::deserialize(member)?))
}

/// The objects of an array. They are what was requested: `null` counts as an empty array, and
/// anything else is an error.
pub(super) fn objects<'de, D, T>(member: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let members = Option::<Vec<Box<RawValue>>>::deserialize(member)?.unwrap_or_default();
    Ok(members.iter().filter_map(|one| read_object(one)).collect())
}

fn read<T: DeserializeOwned>(member: &RawValue) -> Option<T> {
    serde_json::from_str(member.get()).ok()
}

/// serde would read a struct from an array, too; the API sends objects.
fn read_object<T: DeserializeOwned>(member: &RawValue) -> Option<T> {
    member.get().starts_with('{').then(|| read(member))?
}
