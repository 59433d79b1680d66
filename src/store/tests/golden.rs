//! The bytes of version 1, pinned. postcard writes no field names, so a field added to, removed from or moved in a
//! type that is stored would misread every store in the field. If a test here fails, the stored form has changed:
//! raise the version of rows, keep the old shape beside the migration that reads it, and pin the new bytes.

use super::super::record::*;
use super::*;
use crate::domain::annotation::{AbstainReason, Alternative, EvidenceStep};
use crate::domain::ids::EntityId;

/// A packed row as version 1 wrote it.
const PACKED_DOCUMENT: &str = "0128b52ffd202b5901000163016413e2809c4e6f2ce2809d20416e6e2073\
    6169642e010154010307010173000102656e01016b0176";

fn document() -> Document {
    Document {
        name: document_name("c", "d"),
        text: "“No,” Ann said.".into(),
        title: Some("T".into()),
        published_at: Some(Timestamp { seconds: -2, nanos: 7 }),
        source: Some("s".into()),
        url: None,
        language: Some("en".into()),
        labels: [("k".to_owned(), "v".to_owned())].into(),
    }
}

fn analysis() -> Analysis {
    let entity = Entity {
        id: "e1".into(),
        entity_type: EntityType::Gpe,
        name: "Ann".into(),
        mentions: vec![Mention { span: ByteSpan::at(10, 13), form: MentionForm::Nominal, confidence: 0.5 }],
        normalized: Some("n".into()),
        roles: vec!["r".into()],
    };
    let speaker = Speaker {
        mention: Some(ByteSpan::at(10, 13)),
        kind: SpeakerKind::Group,
        entity: Some("e1".into()),
        name: None,
        description: Some("x".into()),
        evidence: vec![EvidenceStep { rule: "r".into(), score: 1.0, spans: vec![ByteSpan::at(1, 2)] }],
        alternatives: vec![Alternative { entity: "e2".into(), name: "B".into(), probability: 0.25 }],
        abstained: Some(AbstainReason::BelowThreshold),
        confidence: 0.75,
    };
    let quote = Quote {
        id: "q1".into(),
        quote_type: QuoteType::Mixed,
        kind: QuoteKind::Thought,
        contents: vec![ByteSpan::at(0, 9)],
        cue: Some(ByteSpan::at(14, 18)),
        speaker,
        confidence: 1.0,
        about: vec!["e1".into()],
    };
    Analysis {
        language: "en".into(),
        entities: vec![entity],
        quotes: vec![quote],
        coverage: Coverage { analyzed: vec![ByteSpan::at(0, 19)], method: CoverageMethod::QuotationMarks },
        analyzer: stamp(),
    }
}

fn stamp() -> AnalyzerStamp {
    AnalyzerStamp { name: "a".into(), version: "1".into(), hash: "f".into() }
}

fn entity_id(id: &str) -> EntityId {
    EntityId::new(id).unwrap()
}

/// One line of the pinned text: the row without its packing, since zstd's output may change with its version while
/// what it packs may not.
fn line<R: Record + PartialEq + std::fmt::Debug>(record: R) -> String {
    let bytes = encode(&record).unwrap();
    assert_eq!(decode::<R>(&bytes).unwrap(), record);
    let body = if R::PACKED { zstd::decode_all(&bytes[1..]).unwrap() } else { bytes[1..].to_vec() };
    format!("{} {}: {}\n", R::NAME, bytes[0], data_encoding::HEXLOWER.encode(&body))
}

#[test]
fn rows_of_version_1_are_these_bytes() {
    let time = Timestamp { seconds: 3, nanos: 4 };
    let head = HeadRow {
        revision: 2,
        content_hash: [7; 32],
        seq: 300,
        ingested_at: time,
        analyzer: stamp(),
        quotes: 5,
        entities: 6,
    };
    let share = Share {
        entity: entity_id("x"),
        locals: vec!["e1".into()],
        names: ["N".to_owned()].into(),
        aliases: ["A".to_owned()].into(),
        roles: ["r".to_owned()].into(),
        quotes: 2,
    };
    let entity = EntityRow {
        entity_type: EntityType::Person,
        folded: "ann lee".into(),
        surname: Some("lee".into()),
        names: [("Ann Lee".to_owned(), 1)].into(),
        aliases: [("Lee".to_owned(), 2)].into(),
        roles: [("mayor".to_owned(), 3)].into(),
        documents: 4,
        quotes: 5,
        inferred_as: Some(entity_id("y")),
        seq: 6,
    };
    let rows = [
        line(CollectionRow {
            generation: 1,
            created_at: time,
            seq: 2,
            documents: 3,
            quotes: 4,
            entities: 300,
        }),
        line(head),
        line(RevisionRow { content_hash: [7; 32], ingested_at: time }),
        line(ContributionRow { seen: time, shares: vec![share] }),
        line(entity),
        line(document()),
        line(analysis()),
        line(ChangeKind::DocumentPut(document_name("c", "d"))),
        line(ChangeKind::CollectionDeleted(collection("c"))),
    ];
    assert_eq!(rows.concat(), include_str!("rows_v1.txt"), "the stored form of a row has changed");
}

#[test]
fn a_packed_row_of_version_1_is_still_readable() {
    let packed = data_encoding::HEXLOWER.decode(PACKED_DOCUMENT.as_bytes()).unwrap();
    assert_eq!(decode::<Document>(&packed).unwrap(), document());
}
