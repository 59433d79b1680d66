//! The proto3 JSON mapping of our messages: lowerCamelCase names, enum values by name, timestamps as RFC 3339,
//! 64-bit integers as strings. Fields that hold their default are printed too, so that a script may read
//! `span["begin"]` where it is 0. The mapping reads the compiled descriptors; no message has code of its own.

use crate::transport::wire::DESCRIPTORS;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, MethodDescriptor, SerializeOptions};
use serde_json::Value;

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
    let descriptor = DESCRIPTORS.get_message_by_name(&name).ok_or(JsonError::UnknownMessage(name))?;
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
    let descriptor = DESCRIPTORS.get_message_by_name(&name).ok_or(JsonError::UnknownMessage(name))?;
    Ok(DynamicMessage::deserialize(descriptor, value)?.transcode_to()?)
}

/// Why a value is no request of a method.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// There is no such method.
    #[error("there is no method {0}; one is dictum.v1.QuoteService/SearchQuotes")]
    UnknownMethod(String),
    /// The method takes or gives a stream.
    #[error("{0} is a stream, and only calls of one request and one answer can be made")]
    Stream(String),
    /// The method's message has no such form.
    #[error("{0}")]
    Message(#[from] serde_json::Error),
}

/// The request of a unary method of `dictum.v1` ("dictum.v1.QuoteService/SearchQuotes") that a value in the proto3 JSON mapping stands
/// for, as it goes over the wire.
///
/// # Errors
/// Where there is no such method, it is a stream, or the value is none of its requests.
pub fn encode_request(method: &str, request: Value) -> Result<Vec<u8>, RequestError> {
    let found = find_method(method).ok_or_else(|| RequestError::UnknownMethod(method.to_owned()))?;
    if found.is_client_streaming() || found.is_server_streaming() {
        return Err(RequestError::Stream(method.to_owned()));
    }
    Ok(DynamicMessage::deserialize(found.input(), request)?.encode_to_vec())
}

fn find_method(method: &str) -> Option<MethodDescriptor> {
    let (service, method) = method.split_once('/')?;
    let service = DESCRIPTORS.get_service_by_name(service)?;
    service.methods().find(|described| described.name() == method)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::wire::{Analysis, Mention, Quote, QuoteKind, SearchQuotesRequest, Span};
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

    #[test]
    fn requests_are_those_of_their_method_and_streams_are_none() {
        let search = "dictum.v1.QuoteService/SearchQuotes";
        let bytes = encode_request(search, json!({"filter": {"text": "harbour"}, "pageSize": 3})).unwrap();
        let request = SearchQuotesRequest::decode(bytes.as_slice()).unwrap();
        assert_eq!((request.filter.unwrap().text.as_str(), request.page_size), ("harbour", 3));
        for (method, value, said) in [
            (search, json!({"filtre": {}}), "filtre"),
            (search, json!([]), "invalid type"),
            ("dictum.v1.QuoteService/Search", json!({}), "there is no method"),
            ("SearchQuotes", json!({}), "there is no method"),
            ("dictum.v1.ExportService/ExportQuotes", json!({}), "is a stream"),
            ("dictum.v1.DocumentService/IngestStream", json!({}), "is a stream"),
        ] {
            let error = encode_request(method, value).unwrap_err().to_string();
            assert!(error.contains(said), "{method}: {error}");
        }
    }
}
