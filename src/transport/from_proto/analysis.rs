//! Requests for analysis, and how spans of an answer are to be rendered.

use super::documents::form;
use super::query::{MAX_LIST, listed};
use super::{Violations, time};
use crate::domain::annotation::AnalyzerName;
use crate::domain::document::is_language_tag;
use crate::engine::AnalyzeRequest;
use crate::transport::status::Failure;
use crate::transport::to_proto::analysis::Rendering;
use crate::transport::wire;

/// A text to analyse, and how the answer is to be rendered.
pub fn analyze_request(request: wire::AnalyzeRequest) -> Result<(AnalyzeRequest, Rendering), Failure> {
    let mut violations = Violations::default();
    let rendering = rendering(&mut violations, &request.offset_encodings, request.include_evidence);
    violations.require(!request.text.is_empty(), "text", "must not be empty");
    let mut parsed = AnalyzeRequest {
        form: form(&mut violations, "content_type", &request.content_type),
        text: request.text,
        published_at: time::timestamp(&mut violations, "publish_time", request.publish_time),
        language: language(&mut violations, "language", request.language),
        analyzer: analyzer(&mut violations, &request.analyzer),
        options: Default::default(),
    };
    if let Some(threshold) = request.speaker_threshold {
        let holds = (0.0..=1.0).contains(&threshold);
        violations.require(holds, "speaker_threshold", "must lie between 0 and 1");
        parsed.options.speaker_threshold = threshold;
    }
    violations.finish(Some((parsed, rendering)))
}

/// What spans and speakers carry beside the minimum.
pub fn rendering(violations: &mut Violations, encodings: &[i32], evidence: bool) -> Rendering {
    let mut rendering = Rendering { evidence, ..Rendering::default() };
    listed(violations, "offset_encodings", encodings.len());
    for (at, &encoding) in encodings.iter().take(MAX_LIST).enumerate() {
        match wire::OffsetEncoding::try_from(encoding) {
            Ok(wire::OffsetEncoding::Utf16) => rendering.utf16 = true,
            Ok(wire::OffsetEncoding::CodePoints) => rendering.code_points = true,
            Ok(wire::OffsetEncoding::Unspecified) | Err(_) => {
                violations.add(format!("offset_encodings[{at}]"), format!("{encoding} is not an encoding"));
            }
        }
    }
    rendering
}

/// The analyzer that a request names, where it names one.
pub fn analyzer(violations: &mut Violations, name: &str) -> Option<AnalyzerName> {
    if name.is_empty() {
        return None;
    }
    violations.keep("analyzer", name.parse())
}

/// A BCP-47 tag, where one is given. Its subtags are not looked up; only the shape is checked.
pub fn language(violations: &mut Violations, field: &str, tag: String) -> Option<String> {
    if tag.is_empty() {
        return None;
    }
    violations.require(is_language_tag(&tag), field, "is no BCP-47 language tag such as \"en\" or \"pt-BR\"");
    Some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_reported_at_once() {
        let request = wire::AnalyzeRequest {
            language: "not a tag".into(),
            analyzer: "dictum-xx".into(),
            offset_encodings: vec![1, 0, 9],
            speaker_threshold: Some(1.5),
            publish_time: Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 }),
            ..Default::default()
        };
        let error = wire::ItemError::from(analyze_request(request).unwrap_err());
        let fields: Vec<&str> = error.field_violations.iter().map(|v| v.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "offset_encodings[1]",
                "offset_encodings[2]",
                "text",
                "publish_time",
                "language",
                "analyzer",
                "speaker_threshold"
            ]
        );
    }
}
