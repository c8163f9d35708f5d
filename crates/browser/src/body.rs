//! Response bodies, read up to a size limit.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStream, ReadableStreamDefaultReader};

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// More than `max` bytes; reading stopped there.
    TooLong,
    /// The connection broke.
    Broken,
    /// Not UTF-8.
    NotUtf8,
}

/// Reads the body as UTF-8, at most `max` bytes of it.
pub(super) async fn read(body: Option<ReadableStream>, max: usize) -> Result<String, BodyError> {
    let bytes = read_bytes(body, max).await?;
    String::from_utf8(bytes).map_err(|_| BodyError::NotUtf8)
}

/// Reads the body, at most `max` bytes of it.
pub(super) async fn read_bytes(
    body: Option<ReadableStream>,
    max: usize,
) -> Result<Vec<u8>, BodyError> {
    let Some(stream) = body else {
        return Ok(Vec::new());
    };
    let reader: ReadableStreamDefaultReader = stream
        .get_reader()
        .dyn_into()
        .map_err(|_| BodyError::Broken)?;
    let mut bytes = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read())
            .await
            .map_err(|_| BodyError::Broken)?;
        let member = |name: &str| Reflect::get(&chunk, &JsValue::from_str(name)).ok();
        if member("done").is_none_or(|done| done.is_truthy()) {
            break;
        }
        let value: Uint8Array = member("value")
            .and_then(|value| value.dyn_into().ok())
            .ok_or(BodyError::Broken)?;
        if bytes.len() + value.length() as usize > max {
            // Best effort: the result is `TooLong` either way.
            let _ = reader.cancel();
            return Err(BodyError::TooLong);
        }
        bytes.extend(value.to_vec());
    }
    Ok(bytes)
}
