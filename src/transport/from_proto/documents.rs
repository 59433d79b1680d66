//! Documents on their way in, and which view of them is asked for.

use super::analysis::{analyzer, language, rendering};
use super::names::parent;
use super::{Violations, imported, names, time};
use crate::domain::annotation::Analysis;
use crate::domain::document::{AckLevel, MAX_LINE_BYTES, MAX_TERM_BYTES};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName};
use crate::engine::{Amendment, Draft, Form, Terms};
use crate::transport::aside::aside;
use crate::transport::status::Failure;
use crate::transport::to_proto::documents::View;
use crate::transport::wire;
use prost::Message;
use std::collections::BTreeMap;

/// Most labels of a document.
const MAX_LABELS: usize = 64;
/// Most paths of an update: all labels that a document has, as many others in their place, and the fields.
const MAX_PATHS: usize = 256;
/// Fields that an update may name.
const UPDATABLE: &str = "text, title, publish_time, source, url, language, labels, labels.KEY";
/// Most names in one batch.
pub const MAX_BATCH: usize = 1000;

/// A document of a unary call.
pub fn ingest_request(request: wire::IngestDocumentRequest) -> Result<(Draft, AckLevel), Failure> {
    let mut violations = Violations::default();
    let collection = violations.keep("parent", parent(&request.parent));
    let level = ack_level(&mut violations, request.ack_level);
    let analyzer = analyzer(&mut violations, &request.analyzer);
    let terms = Terms { expected: request.expected_revision, analyzer, ..Terms::default() };
    let draft = collection
        .and_then(|collection| draft(&mut violations, collection, &request.document_id, request.document))
        .map(|draft| Draft { terms, ..draft });
    violations.finish(draft.zip(level))
}

/// A document of a stream into `collection`.
pub fn ingest_item(
    collection: &CollectionId,
    document_id: &str,
    document: Option<wire::Document>,
    terms: Terms,
) -> Result<Draft, Failure> {
    let mut violations = Violations::default();
    let draft = draft(&mut violations, collection.clone(), document_id, document);
    violations.finish(draft.map(|draft| Draft { terms, ..draft }))
}

/// The analysis that came with a document, if one did.
pub fn analysis(draft: &Draft, analysis: Option<wire::Analysis>) -> Result<Option<Box<Analysis>>, Failure> {
    if analysis.is_some() && draft.form == Form::Page {
        let rule = "must be text/plain beside `analysis`, whose offsets are those of the text";
        return Err(Failure::field("INVALID_ARGUMENT", "document.content_type", rule));
    }
    let Some(analysis) = analysis else { return Ok(None) };
    let read = aside(analysis.encoded_len(), || imported::analysis(&draft.text, analysis))?;
    Ok(Some(Box::new(read)))
}

fn draft(
    violations: &mut Violations,
    collection: CollectionId,
    document_id: &str,
    document: Option<wire::Document>,
) -> Option<Draft> {
    let id = match document_id {
        "" => None,
        id => violations.keep("document_id", DocumentId::for_new(id)),
    };
    let Some(document) = document else {
        violations.add("document", "must be set");
        return None;
    };
    violations.require(!document.text.is_empty(), "document.text", "must not be empty");
    let form = form(violations, "document.content_type", &document.content_type);
    Some(Draft {
        form,
        collection,
        id,
        text: document.text,
        title: line(violations, "document.title", document.title, MAX_LINE_BYTES),
        published_at: time::timestamp(violations, "document.publish_time", document.publish_time),
        source: line(violations, "document.source", document.source, MAX_TERM_BYTES),
        url: line(violations, "document.url", document.url, MAX_LINE_BYTES),
        language: language(violations, "document.language", document.language),
        labels: labels(violations, document.labels),
        terms: Terms::default(),
    })
}

/// What the text is, by its media type.
pub(super) fn form(violations: &mut Violations, field: &str, content_type: &str) -> Form {
    // Parameters, such as a charset, say nothing of what is UTF-8 already.
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    match media_type.to_ascii_lowercase().as_str() {
        "" | "text/plain" => Form::Plain,
        "text/html" | "application/xhtml+xml" => Form::Page,
        _ => {
            violations.add(field, "must be text/plain or text/html");
            Form::Plain
        }
    }
}

/// A change of some fields of a document.
pub fn update_request(request: wire::UpdateDocumentRequest) -> Result<(Amendment, AckLevel), Failure> {
    let mut violations = Violations::default();
    let level = ack_level(&mut violations, request.ack_level);
    let amendment = amendment(&mut violations, request);
    violations.finish(amendment.zip(level))
}

fn amendment(violations: &mut Violations, request: wire::UpdateDocumentRequest) -> Option<Amendment> {
    let Some(mut document) = request.document else {
        violations.add("document", "must be set");
        return None;
    };
    let name = violations.keep("document.name", DocumentName::parse(&document.name));
    let form = form(violations, "document.content_type", &document.content_type);
    violations.require(form == Form::Plain, "document.content_type", "must be text/plain in an update");
    let paths = request.update_mask.unwrap_or_default().paths;
    violations.require(!paths.is_empty(), "update_mask", format!("must name at least one of {UPDATABLE}"));
    let fits = paths.len() <= MAX_PATHS;
    violations.require(fits, "update_mask", format!("must have at most {MAX_PATHS} paths"));
    let analyzer = analyzer(violations, &request.analyzer);
    let terms = Terms { expected: request.expected_revision, analyzer, ..Terms::default() };
    let mut amendment = Amendment { terms, ..Amendment::of(name?) };
    for (at, path) in paths.iter().take(MAX_PATHS).enumerate() {
        match path.as_str() {
            "text" => {
                violations.require(!document.text.is_empty(), "document.text", "must not be empty");
                amendment.text = Some(std::mem::take(&mut document.text));
            }
            "title" => {
                amendment.title =
                    Some(line(violations, "document.title", document.title.clone(), MAX_LINE_BYTES))
            }
            "publish_time" => {
                let time = time::timestamp(violations, "document.publish_time", document.publish_time);
                amendment.published_at = Some(time);
            }
            "source" => {
                amendment.source =
                    Some(line(violations, "document.source", document.source.clone(), MAX_TERM_BYTES));
            }
            "url" => {
                amendment.url = Some(line(violations, "document.url", document.url.clone(), MAX_LINE_BYTES))
            }
            "language" => {
                amendment.language =
                    Some(language(violations, "document.language", document.language.clone()));
            }
            "labels" => amendment.labels.all = Some(labels(violations, document.labels.clone())),
            path => match path.strip_prefix("labels.").filter(|key| !key.is_empty()) {
                Some(key) => {
                    let value = document.labels.get(key).cloned();
                    amendment.labels.single.insert(key.to_owned(), value);
                }
                None => violations.add(
                    format!("update_mask.paths[{at}]"),
                    format!("{path:?} cannot be updated; what can is {UPDATABLE}"),
                ),
            },
        }
    }
    Some(amendment)
}

fn line(violations: &mut Violations, field: &str, text: String, most: usize) -> Option<String> {
    violations.require(text.len() <= most, field, format!("must have at most {most} bytes"));
    (!text.is_empty()).then_some(text)
}

fn labels(violations: &mut Violations, labels: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let field = "document.labels";
    violations.require(labels.len() <= MAX_LABELS, field, format!("must have at most {MAX_LABELS} entries"));
    for (key, value) in &labels {
        violations.require(!key.is_empty(), field, "a key must not be empty");
        let holds = key.len() <= MAX_TERM_BYTES && value.len() <= MAX_TERM_BYTES;
        violations.require(holds, field, format!("keys and values must have at most {MAX_TERM_BYTES} bytes"));
    }
    labels
}

/// How far a write must have got.
pub fn ack_level(violations: &mut Violations, level: i32) -> Option<AckLevel> {
    match wire::AckLevel::try_from(level) {
        Ok(wire::AckLevel::Unspecified | wire::AckLevel::Durable) => Some(AckLevel::Durable),
        Ok(wire::AckLevel::Accepted) => Some(AckLevel::Accepted),
        Ok(wire::AckLevel::Searchable) => Some(AckLevel::Searchable),
        Err(_) => {
            violations.add("ack_level", format!("{level} is no AckLevel"));
            None
        }
    }
}

/// A document to delete, and how far the delete must get.
pub fn delete_request(request: &wire::DeleteDocumentRequest) -> Result<(DocumentName, AckLevel), Failure> {
    let mut violations = Violations::default();
    let name = violations.keep("name", DocumentName::parse(&request.name));
    let level = ack_level(&mut violations, request.ack_level);
    violations.finish(name.zip(level))
}

/// Which parts of a document are asked for, and how they are to be rendered.
pub fn view(violations: &mut Violations, view: i32, encodings: &[i32], evidence: bool) -> View {
    let rendering = rendering(violations, encodings, evidence);
    let (text, analysis) = match wire::DocumentView::try_from(view) {
        Ok(wire::DocumentView::Unspecified | wire::DocumentView::Basic) => (false, false),
        Ok(wire::DocumentView::Text) => (true, false),
        Ok(wire::DocumentView::Analysis) => (false, true),
        Ok(wire::DocumentView::Full) => (true, true),
        Err(_) => {
            violations.add("view", format!("{view} is no DocumentView"));
            (false, false)
        }
    };
    View { text, analysis, rendering }
}

/// One document to give, and in which revision.
pub fn get_request(request: &wire::GetDocumentRequest) -> Result<(DocumentName, Option<u32>, View), Failure> {
    let mut violations = Violations::default();
    let name = violations.keep("name", names::of_revision(&request.name, DocumentName::parse));
    let view = view(&mut violations, request.view, &request.offset_encodings, request.include_evidence);
    violations.finish(name.map(|(name, revision)| (name, revision, view)))
}

/// Several documents to give.
pub fn batch_get_request(
    request: &wire::BatchGetDocumentsRequest,
) -> Result<(Vec<DocumentName>, View), Failure> {
    let mut violations = Violations::default();
    let view = view(&mut violations, request.view, &request.offset_encodings, request.include_evidence);
    let collection = match request.parent.as_str() {
        "" => None,
        name => violations.keep("parent", parent(name)),
    };
    let holds = (1..=MAX_BATCH).contains(&request.names.len());
    violations.require(holds, "names", format!("must have 1 to {MAX_BATCH} entries"));
    let mut names = Vec::with_capacity(request.names.len().min(MAX_BATCH));
    for (at, name) in request.names.iter().take(MAX_BATCH).enumerate() {
        let field = format!("names[{at}]");
        let Some(name) = violations.keep(&field, DocumentName::parse(name)) else { continue };
        let inside = collection.as_ref().is_none_or(|collection| *collection == name.collection);
        violations.require(inside, &field, "is of another collection than `parent`");
        names.push(name);
    }
    violations.finish(Some((names, view)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::annotation::AnalyzerName;

    fn fields(request: wire::IngestDocumentRequest) -> Vec<String> {
        let failure = ingest_request(request).err();
        let error = failure.map(wire::ItemError::from).unwrap_or_default();
        error.field_violations.into_iter().map(|violation| violation.field).collect()
    }

    #[test]
    fn the_least_that_is_needed_is_a_text() {
        let document = wire::Document { text: "Hello.".into(), ..Default::default() };
        let request = wire::IngestDocumentRequest { document: Some(document), ..Default::default() };
        let (draft, level) = ingest_request(request).unwrap();
        assert_eq!((draft.collection.as_str(), draft.id, level), ("default", None, AckLevel::Durable));
    }

    #[test]
    fn broken_documents_are_described_field_by_field() {
        let document = wire::Document {
            title: "t".repeat(MAX_LINE_BYTES + 1),
            language: "english language".into(),
            labels: [(String::new(), "x".into())].into(),
            ..Default::default()
        };
        let request = wire::IngestDocumentRequest {
            parent: "collections/a".into(),
            document_id: "a/b".into(),
            document: Some(document),
            ack_level: 77,
            analyzer: "dictum".into(),
            ..Default::default()
        };
        assert_eq!(
            fields(request),
            [
                "ack_level",
                "analyzer",
                "document_id",
                "document.text",
                "document.title",
                "document.language",
                "document.labels"
            ]
        );
        assert_eq!(fields(wire::IngestDocumentRequest::default()), ["document"]);
        let foreign = wire::IngestDocumentRequest { parent: "shelves/a".into(), ..Default::default() };
        assert_eq!(fields(foreign), ["parent"]);
    }
    #[test]
    fn an_update_takes_over_what_its_mask_names_and_nothing_else() {
        let request = |paths: &[&str], document: wire::Document| wire::UpdateDocumentRequest {
            document: Some(wire::Document { name: "collections/c/documents/d".into(), ..document }),
            update_mask: Some(prost_types::FieldMask {
                paths: paths.iter().map(|path| path.to_string()).collect(),
            }),
            expected_revision: Some(3),
            analyzer: "dictum-en-fast".into(),
            ..Default::default()
        };
        let new = wire::Document {
            title: "T".into(),
            source: "not named".into(),
            labels: [("a".into(), "1".into())].into(),
            ..Default::default()
        };
        let (amendment, _) = update_request(request(&["title", "url", "labels.a", "labels.b"], new)).unwrap();
        assert_eq!((amendment.title, amendment.url), (Some(Some("T".into())), Some(None)));
        assert_eq!((amendment.source, amendment.text), (None, None));
        assert_eq!(
            amendment.terms,
            Terms { expected: Some(3), analyzer: Some(AnalyzerName::Fast), ..Terms::default() }
        );
        assert_eq!(amendment.labels.all, None);
        let single = [("a".to_owned(), Some("1".to_owned())), ("b".to_owned(), None)];
        assert_eq!(amendment.labels.single, single.into());
        for wrong in [&["revision"][..], &["text"], &[], &["title"; MAX_PATHS + 1]] {
            assert!(update_request(request(wrong, wire::Document::default())).is_err(), "{wrong:?}");
        }
    }
}
