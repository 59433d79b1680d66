//! What messages weigh beside what they take, and that what the decoder takes in is walked whole.

use super::shapes::struct_bytes;
use super::*;
use crate::transport::wire::*;
use proptest::prelude::*;
use prost::Message;
use tonic::Status;
use tonic_types::StatusExt;

const IMPORT: u32 = 7;
const FILTER: u32 = 2;

/// A field of a message within which others are.
fn within(number: u32, inner: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    prost::encoding::encode_key(number, WireType::LengthDelimited, &mut field);
    prost::encoding::encode_varint(inner.len() as u64, &mut field);
    field.extend_from_slice(inner);
    field
}

/// Eight mebibytes of a field's items.
fn many(item: &[u8]) -> Vec<u8> {
    item.repeat((8 << 20) / item.len())
}

fn nothing(number: u32) -> Vec<u8> {
    many(&within(number, &[]))
}

/// How the walk over a message of this type ends, whatever room there is, and what it counts.
fn walked<M: Name>(bytes: &[u8]) -> (Result<(), Stop>, usize) {
    let mut walk = Walk { rest: bytes, room: usize::MAX };
    let end = walk.message(SHAPES.request(&M::full_name()).unwrap().shape, 0);
    (end, usize::MAX - walk.room)
}

fn span(at: u32) -> Option<Span> {
    Some(Span { begin: at, end: at + 3, ..Span::default() })
}

/// A quote that has what it must, and no more.
fn least(at: u32) -> Quote {
    Quote {
        r#type: QuoteType::Direct.into(),
        kind: QuoteKind::Statement.into(),
        contents: vec![span(at).unwrap()],
        speaker: Some(Speaker { kind: SpeakerKind::Unknown.into(), ..Speaker::default() }),
        ..Quote::default()
    }
}

/// A quote with all fields, each as short as can be.
fn whole(at: u32) -> Quote {
    let speaker = Speaker {
        mention: span(at),
        kind: SpeakerKind::Person.into(),
        entity: "e".into(),
        name: "A".into(),
        description: "a".into(),
        evidence: vec![EvidenceStep { rule: "r".into(), score: 0.5, spans: vec![span(at).unwrap()] }],
        alternatives: vec![SpeakerAlternative { entity: "e".into(), name: "B".into(), probability: 0.1 }],
        confidence: 0.5,
        ..Speaker::default()
    };
    Quote {
        id: "q".into(),
        cue: span(at),
        speaker: Some(speaker),
        confidence: 0.5,
        about: vec!["e".into()],
        ..least(at)
    }
}

fn entity(at: u32) -> Entity {
    let mention = Mention { span: span(at), form: MentionForm::Name.into(), ..Mention::default() };
    Entity { id: "e".into(), r#type: 1, name: "A".into(), mentions: vec![mention], ..Entity::default() }
}

fn import(text: &str, quotes: Vec<Quote>, entities: Vec<Entity>) -> IngestDocumentRequest {
    IngestDocumentRequest {
        document: Some(Document { text: text.into(), ..Document::default() }),
        analysis: Some(Analysis { quotes, entities, ..Analysis::default() }),
        ..IngestDocumentRequest::default()
    }
}

#[test]
fn structs_are_as_large_as_their_descriptors_tell() {
    fn near<M: Name>() {
        let told = struct_bytes(&DESCRIPTORS.get_message_by_name(&M::full_name()).unwrap());
        assert!(told.abs_diff(size_of::<M>()) * 12 <= size_of::<M>(), "{}: {told}", M::NAME);
    }
    near::<Span>();
    near::<Quote>();
    near::<Speaker>();
    near::<Entity>();
    near::<Mention>();
    near::<EvidenceStep>();
    near::<SpeakerAlternative>();
    near::<LabelMatch>();
    near::<Facet>();
    near::<IngestDocumentRequest>();
    near::<IngestStreamRequest>();
    near::<PurgeDocumentsRequest>();
}

#[test]
fn a_great_many_items_of_next_to_nothing_are_refused_wherever_they_are() {
    let analysis = |inner: &[u8]| within(IMPORT, inner);
    let quote = |inner: &[u8]| analysis(&within(3, inner));
    let evidence = within(6, &within(6, &within(3, &[])));
    let imports = [
        ("quotes", analysis(&nothing(3))),
        ("entities", analysis(&nothing(2))),
        ("contents", quote(&nothing(4))),
        ("a span in each quote", analysis(&many(&within(3, &within(4, &[]))))),
        ("evidence", quote(&within(6, &nothing(6)))),
        ("a span in each step of evidence", quote(&many(&evidence))),
        ("alternatives", quote(&within(6, &nothing(7)))),
        ("mentions", analysis(&within(2, &nothing(4)))),
        ("after what nobody knows", [within(99, b"new"), analysis(&nothing(3))].concat()),
        // A message that ends before its field does: the decoder reads the field, and then refuses.
        ("beyond the end", [&[0x3a, 2][..], &within(3, &nothing(4))].concat()),
    ];
    for (what, bytes) in imports {
        assert!(check::<IngestDocumentRequest>(&bytes).is_err(), "{what}");
    }
    let questions = [
        ("speakers", within(FILTER, &nothing(2))),
        ("types", within(FILTER, &within(7, &many(&[1])))),
        ("label matches", within(FILTER, &nothing(19))),
    ];
    for (what, bytes) in questions {
        assert!(check::<SearchQuotesRequest>(&bytes).is_err(), "{what}");
    }
    assert!(check::<AggregateQuotesRequest>(&nothing(3)).is_err());
    assert!(check::<BatchGetDocumentsRequest>(&nothing(2)).is_err());
    assert!(check::<IngestStreamRequest>(&within(2, &within(5, &nothing(3)))).is_err());
}

#[test]
fn the_refusal_tells_the_length_and_what_it_allows() {
    let bytes = within(IMPORT, &nothing(3));
    let status = Status::from(check::<IngestDocumentRequest>(&bytes).unwrap_err());
    assert_eq!(status.code(), Code::OutOfRange);
    assert!(status.message().contains("more items than its length allows"), "{status:?}");
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(info.reason, "MESSAGE_TOO_LARGE");
    assert_eq!(info.metadata["bytes"], bytes.len().to_string());
    assert_eq!(info.metadata["limit"], room(bytes.len(), &OF_IMPORTS).to_string());
}

#[test]
fn honest_requests_are_taken_however_dense_they_are() {
    // Quotes come in order: as many as there are places in the text.
    let each = |most: u32, make: fn(u32) -> Quote| (0..most).map(|at| make(at + 1)).collect::<Vec<_>>();
    let imports = [
        ("one quote", import("Yes.", vec![least(1)], vec![])),
        ("a short text", import(&"x".repeat(120), each(110, least), vec![entity(1); 110])),
        ("a text of quotes", import(&"x".repeat(16_000), each(16_000, least), vec![])),
        ("as many quotes as there may be", import("", each(100_000, least), vec![])),
        ("as many entities", import("", vec![], vec![entity(300); 100_000])),
        ("quotes with all fields", import("", vec![whole(1); 270_000], vec![])),
        ("a long text", import(&"x".repeat(10 << 20), vec![], vec![])),
    ];
    for (what, message) in imports {
        let bytes = message.encode_to_vec();
        assert!(bytes.len() <= 24 << 20, "{what}: {}", bytes.len());
        let counted = walked::<IngestDocumentRequest>(&bytes);
        assert!(check::<IngestDocumentRequest>(&bytes).is_ok(), "{what}: {} of {counted:?}", bytes.len());
        assert_eq!(counted.0, Ok(()), "{what}");
    }
    let list = |of: &str| vec![of.to_owned(); 100];
    let filter = QuoteFilter {
        speakers: list("A"),
        mentions: list("B"),
        sources: list("c"),
        labels: (0..100).map(|n| (n.to_string(), String::new())).collect(),
        label_matches: vec![LabelMatch { key: "a".into(), values: list("b") }; 100],
        ..QuoteFilter::default()
    };
    let search = SearchQuotesRequest { filter: Some(filter), ..SearchQuotesRequest::default() };
    assert!(check::<SearchQuotesRequest>(&search.encode_to_vec()).is_ok());
    let analyze = AnalyzeRequest { text: "x".repeat(20 << 20), ..AnalyzeRequest::default() };
    assert!(check::<AnalyzeRequest>(&analyze.encode_to_vec()).is_ok());
}

#[test]
fn answers_are_not_weighed() {
    assert!(check::<SearchQuotesResponse>(&nothing(1)).is_ok());
}

/// A message with a bit of everything.
fn honest() -> Vec<u8> {
    let mut message = import("Yes.", vec![least(1), whole(2)], vec![entity(1)]);
    let document = message.document.get_or_insert_default();
    document.labels.insert("desk".into(), "sports".into());
    message.encode_to_vec()
}

proptest! {
    #[test]
    fn any_bytes_are_walked_to_their_end_where_they_are_a_message(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(check::<IngestDocumentRequest>(&bytes).is_ok(), "short messages have room");
        if SearchQuotesRequest::decode(bytes.as_slice()).is_ok() {
            prop_assert_eq!(walked::<SearchQuotesRequest>(&bytes).0, Ok(()));
        }
    }

    #[test]
    fn messages_with_changed_bytes_are_walked_to_their_end_where_they_are_still_messages(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = honest();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for bytes in [&bytes[..], &bytes[..end.index(bytes.len())]] {
            let end = walked::<IngestDocumentRequest>(bytes).0;
            if IngestDocumentRequest::decode(bytes).is_ok() {
                prop_assert_eq!(end, Ok(()));
            }
        }
    }
}
