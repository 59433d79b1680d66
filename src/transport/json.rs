//! The proto3 JSON mapping of our messages: lowerCamelCase names, enum values by name, timestamps as RFC 3339,
//! 64-bit integers as strings. Fields that hold their default are printed too, so that a script may read
//! `span["begin"]` where it is 0. The mapping reads the compiled descriptors; no message has code of its own.

use crate::transport::wire::FILE_DESCRIPTOR_SET;
use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde_json::Value;
use std::sync::LazyLock;

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    // The bytes are compiled in and read by a test: they decode here or in no build at all.
    DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap_or_default()
});

/// Why a message has no JSON form.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// The message is not one of `dictum.v1`.
    #[error("no descriptor for {0}")]
    UnknownMessage(String),
    /// The message does not fit its descriptor.
    #[error("does not fit its descriptor")]
    Transcode(#[from] prost::DecodeError),
    /// A value has no JSON form (a timestamp out of range, say).
    #[error("{0}")]
    Serialize(#[from] serde_json::Error),
}

/// The message in the proto3 JSON mapping, on one line, fields in the order of their numbers.
pub fn to_json_string<M: Message + Name>(message: &M) -> Result<String, JsonError> {
    let name = M::full_name();
    let descriptor = POOL.get_message_by_name(&name).ok_or(JsonError::UnknownMessage(name))?;
    let dynamic = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice())?;
    let options = SerializeOptions::new().skip_default_fields(false);
    let mut json = serde_json::Serializer::new(Vec::new());
    dynamic.serialize_with_options(&mut json, &options)?;
    Ok(String::from_utf8(json.into_inner()).unwrap_or_default())
}

/// The message in the proto3 JSON mapping, as a value.
pub fn to_json<M: Message + Name>(message: &M) -> Result<Value, JsonError> {
    // By way of the text: a `float` of 0.9 would otherwise become the double 0.8999999761581421.
    Ok(serde_json::from_str(&to_json_string(message)?)?)
}

/// The message that a value in the proto3 JSON mapping stands for. Fields that the message does not have are refused by name.
pub fn from_json<M: Message + Name + Default>(value: Value) -> Result<M, JsonError> {
    let name = M::full_name();
    let descriptor = POOL.get_message_by_name(&name).ok_or(JsonError::UnknownMessage(name))?;
    Ok(DynamicMessage::deserialize(descriptor, value)?.transcode_to()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::wire::{Analysis, Mention, Quote, QuoteKind, Span};
    use serde_json::json;

    #[test]
    fn the_mapping_is_camel_case_with_named_enums_short_floats_and_printed_zeros() {
        let quote = Quote {
            id: "q1".into(),
            kind: QuoteKind::Thought.into(),
            contents: vec![Span { begin: 0, end: 2, text: "hi".into(), ..Span::default() }],
            confidence: 0.9,
            ..Quote::default()
        };
        let value = to_json(&Analysis { quotes: vec![quote], ..Analysis::default() }).unwrap();
        let quote = &value["quotes"][0];
        assert_eq!(quote["kind"], json!("QUOTE_KIND_THOUGHT"));
        assert_eq!(quote["confidence"], json!(0.9));
        assert_eq!(quote["contents"], json!([{"begin": 0, "end": 2, "text": "hi"}]));
        assert_eq!(value["entities"], json!([]));
        assert_eq!(quote.get("speaker"), None);
    }

    #[test]
    fn every_message_has_a_descriptor() {
        assert!(to_json_string(&Mention::default()).unwrap().contains("MENTION_FORM_UNSPECIFIED"));
    }
}
