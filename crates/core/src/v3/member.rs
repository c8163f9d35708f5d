//! How a member of a response is read: what is only shown is left out where it cannot be read, and
//! never fails the rest ([the rule](crate::json#what-decides-and-what-does-not)).

use super::uuid::Uuid;
use crate::json;
use serde::{Deserialize as _, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

/// A string; `None` for anything else.
pub(super) fn text<'de, D: Deserializer<'de>>(member: D) -> Result<Option<String>, D::Error> {
    Ok(read(&Box::<RawValue>::deserialize(member)?))
}

/// The strings of an array; none for anything else.
pub(super) fn texts<'de, D: Deserializer<'de>>(member: D) -> Result<Vec<String>, D::Error> {
    let members: Option<Vec<Box<RawValue>>> = read(&Box::<RawValue>::deserialize(member)?);
    let members = members.unwrap_or_default();
    Ok(members.iter().filter_map(|one| read(one)).collect())
}

/// A UUID; `None` for anything else.
pub(super) fn uuid<'de, D: Deserializer<'de>>(member: D) -> Result<Option<Uuid>, D::Error> {
    Ok(text(member)?.and_then(|text| text.parse().ok()))
}

/// The UUIDs of an array; none for anything else.
pub(super) fn uuids<'de, D: Deserializer<'de>>(member: D) -> Result<Vec<Uuid>, D::Error> {
    let texts = texts(member)?;
    Ok(texts.iter().filter_map(|text| text.parse().ok()).collect())
}

/// Whether it is `true`.
pub(super) fn flag<'de, D: Deserializer<'de>>(member: D) -> Result<bool, D::Error> {
    Ok(Box::<RawValue>::deserialize(member)?.get() == "true")
}

/// A whole number; `None` for anything else.
pub(super) fn count<'de, D: Deserializer<'de>>(member: D) -> Result<Option<u64>, D::Error> {
    Ok(read_count(Box::<RawValue>::deserialize(member)?.get()))
}

/// Like [`count`], from a member that is not parsed yet.
pub(super) fn read_count(member: &str) -> Option<u64> {
    json::whole(&serde_json::from_str(member).ok()?)
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
    Ok(read_objects(members.iter().map(|member| &**member)))
}

/// Like [`objects`], from members that are not parsed yet.
pub(super) fn read_objects<'a, T: DeserializeOwned>(
    members: impl IntoIterator<Item = &'a RawValue>,
) -> Vec<T> {
    members.into_iter().filter_map(read_object).collect()
}

fn read<T: DeserializeOwned>(member: &RawValue) -> Option<T> {
    serde_json::from_str(member.get()).ok()
}

/// serde would read a struct from an array, too; the API sends objects.
fn read_object<T: DeserializeOwned>(member: &RawValue) -> Option<T> {
    member.get().starts_with('{').then(|| read(member))?
}
