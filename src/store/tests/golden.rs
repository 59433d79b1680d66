//! The bytes of rows, pinned. postcard writes no field names, so a field added to, removed from or moved in a type that is stored
//! would misread every store in the field. If a test here fails, the stored form has changed: raise the version of rows, keep the
//! old shape beside the migration that reads it, and pin the new bytes.

use super::super::record::*;
use super::super::rows::*;
use super::*;
use crate::domain::annotation::{AbstainReason, Alternative, AnalyzerName, EvidenceStep};
use crate::domain::filter::{Condition, Expression, TextField};
use crate::domain::operation::{Operation, OperationId, OperationState, Progress, Renewal, Task};
use crate::domain::query::DocumentFilter;
use crate::domain::time::TimeRange;

/// A packed row as it was written once.
const PACKED_CONTRIBUTION: &str =
    "0228b52ffd201ce1000006040101780102653101014e01014101017201020304050601027131";

const TIME: Timestamp = Timestamp { seconds: 3, nanos: 4 };

fn made_by() -> AnalyzerStamp {
    AnalyzerStamp { name: "a".into(), version: "1".into(), hash: "f".into() }
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
        analyzer: made_by(),
    }
}

fn head() -> HeadRow {
    HeadRow {
        revision: 2,
        content_hash: [7; 32],
        basis_hash: [8; 32],
        text_hash: [9; 32],
        seq: 300,
        created_at: TIME,
        updated_at: Timestamp { seconds: -2, nanos: 7 },
        analyzer: 1,
        detected_language: "en".into(),
        quotes: 5,
        entities: 6,
        meta: Metadata {
            title: Some("T".into()),
            published_at: Some(TIME),
            source: Some("s".into()),
            url: None,
            language: Some("en".into()),
            labels: [("k".to_owned(), "v".to_owned())].into(),
        },
        text: BodyRef { seq: 299, bytes: 70_000 },
        analysis: BodyRef { seq: 300, bytes: 128 },
    }
}

fn counts() -> Counts {
    Counts { documents: 1, beside_surname: 2, quotes: 3, statements: 4, athlete: 5, official: 6 }
}

fn contribution() -> ContributionRow {
    let share = Share {
        entity: EntityId::new("x").unwrap(),
        locals: vec!["e1".into()],
        names: ["N".to_owned()].into(),
        aliases: ["A".to_owned()].into(),
        roles: ["r".to_owned()].into(),
        counts: counts(),
    };
    ContributionRow { seen: TIME, shares: vec![share], quotes: vec!["q1".into()] }
}

fn entity() -> EntityRow {
    EntityRow {
        entity_type: EntityType::Person,
        folded: "ann lee".into(),
        surname: Some("lee".into()),
        counts: counts(),
        aliases: 7,
        roles: 8,
        inferred_as: Some(EntityId::new("y").unwrap()),
        seq: 6,
    }
}

fn operation(task: Task, state: OperationState) -> Operation {
    Operation {
        id: OperationId(1),
        task,
        progress: Progress { total: 2, done: 3, skipped: 4, failed: 5 },
        state,
        began_at: 300,
        created_at: TIME,
        updated_at: TIME,
    }
}

fn purge(expression: Option<Expression>) -> Operation {
    let filter = Some(DocumentFilter {
        text: Some("t".into()),
        sources: vec!["s".into()],
        published: TimeRange { from: Some(TIME), until: None },
        mentions: vec![EntityRef::Id(EntityId::new("x").unwrap())],
        speakers: vec![EntityRef::Name("n".into())],
        labels: vec![("k".into(), "v".into())],
        languages: vec!["en".into()],
        documents: vec![DocumentId::new("d").unwrap()],
        expression,
    });
    let task = Task::Purge { collection: collection("c"), filter, before: Some(TIME), erase: true };
    operation(task, OperationState::Running)
}

/// Every way of joining, and a condition of each kind of value.
fn expression() -> Expression {
    let is = |condition| Box::new(Expression::Is(condition));
    Expression::All(vec![
        Expression::Any(vec![
            *is(Condition::About(EntityRef::Name("n".into()))),
            *is(Condition::Confidence(0.5)),
        ]),
        Expression::Not(is(Condition::Words(TextField::Article, "w".into()))),
        *is(Condition::Label("k".into(), None)),
        *is(Condition::CopyOf(DocumentId::new("d").unwrap())),
    ])
}

fn reanalysis(renewal: Renewal) -> Operation {
    let task = Task::Reanalyze { collection: collection("c"), filter: None, renewal };
    operation(task, OperationState::Failed("m".into()))
}

/// One line of the pinned text: the row without its packing, since zstd's output may change with its version while what it packs
/// may not.
fn line<R: Record + PartialEq + std::fmt::Debug>(record: R) -> String {
    let bytes = encode(&record).unwrap();
    assert_eq!(decode::<R>(&bytes).unwrap(), record);
    let body = if R::PACKED { zstd::decode_all(&bytes[1..]).unwrap() } else { bytes[1..].to_vec() };
    format!("{} {}: {}\n", R::NAME, bytes[0], data_encoding::HEXLOWER.encode(&body))
}

#[test]
fn rows_of_version_2_are_these_bytes() {
    let rows = [
        line(CollectionRow {
            generation: 1,
            created_at: TIME,
            seq: 2,
            documents: 3,
            quotes: 4,
            entities: 300,
        }),
        line(head()),
        line(GoneRow(vec![("q1".into(), 2)])),
        line(contribution()),
        line(entity()),
        line(RemovalRow::Document(1, document_name("c", "d"))),
        line(RemovalRow::Collection(collection("c"))),
        line(made_by()),
        line(purge(None)),
        line(purge(Some(expression()))),
        line(reanalysis(Renewal::Older)),
        line(reanalysis(Renewal::OlderBy(AnalyzerName::Fast))),
        line(analysis()),
    ];
    assert_eq!(rows.concat(), include_str!("rows_v2.txt"), "the stored form of a row has changed");
}

#[test]
fn a_packed_row_of_version_2_is_still_readable() {
    let packed = data_encoding::HEXLOWER.decode(PACKED_CONTRIBUTION.as_bytes()).unwrap();
    assert_eq!(decode::<ContributionRow>(&packed).unwrap(), contribution());
}
