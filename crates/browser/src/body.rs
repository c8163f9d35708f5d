//! Response bodies, read up to a size limit.

use js_sys::Uint8Array;
use thiserror::Error;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStream, ReadableStreamDefaultReader};

#[wasm_bindgen]
extern "C" {
    /// What a reader resolves to.
    type Chunk;
    #[wasm_bindgen(method, getter)]
    fn done(this: &Chunk) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    fn value(this: &Chunk) -> JsValue;
}

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BodyError {
    /// More than `max` bytes; reading stopped there.
    #[error("the body is longer than allowed")]
    TooLong,
    /// The network failed, or the request was aborted, before the end of the body.
    #[error("the connection broke before the end of the body")]
    Broken,
    /// Its bytes are not UTF-8, whatever its `Content-Type` says.
    #[error("the body is not UTF-8")]
    NotUtf8,
}

/// Reads the body as UTF-8, at most `max` bytes of it.
pub async fn read(body: Option<ReadableStream>, max: usize) -> Result<String, BodyError> {
    let bytes = read_bytes(body, max).await?;
    String::from_utf8(bytes).map_err(|_| BodyError::NotUtf8)
}

/// Reads the body, at most `max` bytes of it.
pub async fn read_bytes(body: Option<ReadableStream>, max: usize) -> Result<Vec<u8>, BodyError> {
    let Some(stream) = body else {
        return Ok(Vec::new());
    };
    let reader: ReadableStreamDefaultReader = stream
        .get_reader()
        .dyn_into()
        .map_err(|_| BodyError::Broken)?;
    let mut bytes = Vec::new();
    loop {
        let chunk: Chunk = JsFuture::from(reader.read())
            .await
            .map_err(|_| BodyError::Broken)?
            .unchecked_into();
        if chunk.done() != Some(false) {
            break;
        }
        let value: Uint8Array = chunk.value().dyn_into().map_err(|_| BodyError::Broken)?;
        if bytes.len() + value.length() as usize > max {
            // Best effort: the result is `TooLong` either way.
            let _ = reader.cancel();
            return Err(BodyError::TooLong);
        }
        bytes.extend(value.to_vec());
    }
    Ok(bytes)
}
