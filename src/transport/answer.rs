//! How large an answer may be. A default gRPC client receives 4 MiB and fails hard on more, so answers stay below
//! that; a client that takes more says so in its request.

use super::status::Failure;
use prost::Message;

/// Bytes that an answer may have where the client does not say otherwise: below gRPC's 4 MiB, with room for framing.
pub const DEFAULT_LIMIT: usize = 3_670_016;

/// The most that a client can ask for.
pub const MOST: usize = 64 << 20;

/// The bytes that an answer may have, as a request's `max_answer_bytes` says it.
pub fn limit(asked: i32) -> Result<usize, Failure> {
    match usize::try_from(asked) {
        Ok(0) => Ok(DEFAULT_LIMIT),
        Ok(bytes) => Ok(bytes.min(MOST)),
        Err(_) => Err(Failure::field("INVALID_ARGUMENT", "max_answer_bytes", "must not be negative")),
    }
}

/// The message, or a failure where it is too large to be sent.
pub fn within<M: Message>(message: M, limit: usize) -> Result<M, Failure> {
    match message.encoded_len() {
        bytes if bytes <= limit => Ok(message),
        bytes => Err(Failure::answer_too_large(bytes, limit)),
    }
}

/// Bytes that a message adds to an answer as an item of a repeated field: itself, its tag and its length.
pub fn item_len<M: Message>(message: &M) -> usize {
    const TAG_AND_LENGTH: usize = 6;
    message.encoded_len() + TAG_AND_LENGTH
}
