//! A request of every method, with as many of its fields set as make sense together.

use super::super::service::framed;
use dictum::transport::wire::ingest_stream_request::Message as Ask;
use dictum::transport::wire::*;
use prost::Message;
use prost_types::{Duration, FieldMask, Timestamp};

const TEXT: &str = "“We will wait,” Ann Ames said.";

/// The seeds, for methods in that order.
pub fn all(methods: &[(String, bool)]) -> Vec<Vec<u8>> {
    let made = reading().into_iter().chain(writing()).chain(counting()).chain(rest());
    let message = made.map(|(method, message)| seed(methods, method, 0, &message));
    let streams = [("IngestStream", ingest_stream()), ("AnalyzeStream", analyze_stream())];
    message.chain(streams.map(|(method, body)| seed(methods, method, 1, &body))).collect()
}

fn seed(methods: &[(String, bool)], method: &str, form: u8, rest: &[u8]) -> Vec<u8> {
    let place = methods.iter().position(|(path, _)| path.rsplit('/').next() == Some(method));
    let place = u8::try_from(place.unwrap_or_else(|| panic!("no method {method}"))).expect("few methods");
    [&[place, form], rest].concat()
}

type Made = Vec<(&'static str, Vec<u8>)>;

fn name(rest: &str) -> String {
    format!("collections/default/{rest}")
}

fn both() -> Vec<i32> {
    vec![OffsetEncoding::Utf16.into(), OffsetEncoding::CodePoints.into()]
}

fn range() -> Option<TimeRange> {
    let at = |seconds| Some(Timestamp { seconds, nanos: 500 });
    Some(TimeRange { start_time: at(1_700_000_000), end_time: at(1_800_000_000) })
}

fn document() -> Document {
    Document {
        text: TEXT.into(),
        title: "Waiting".into(),
        publish_time: Some(Timestamp { seconds: 1_750_000_000, nanos: 1 }),
        source: "Wire".into(),
        url: "https://wire.example/1".into(),
        language: "en".into(),
        labels: [("desk".to_owned(), "world".to_owned())].into(),
        ..Document::default()
    }
}

fn quote_filter() -> QuoteFilter {
    QuoteFilter {
        text: "harb* \"stay open\"~2 fery~".into(),
        speakers: vec!["Ann Ames".into(), name("entities/x")],
        mentions: vec!["Eastmere".into()],
        sources: vec!["Courier".into()],
        published: range(),
        types: vec![QuoteType::Direct.into()],
        kinds: vec![QuoteKind::Statement.into()],
        min_confidence: 0.1,
        labels: [("desk".to_owned(), "courier".to_owned())].into(),
        languages: vec!["en".into()],
        text_field: TextField::Sentence.into(),
        speaker_kinds: vec![SpeakerKind::Person.into()],
        speaker_named: Some(true),
        label_matches: vec![LabelMatch { key: "desk".into(), values: vec!["courier".into()] }],
        analyzers: vec!["rules".into()],
        expression: "speaker = \"Ann Ames\" AND (about : Eastmere OR NOT text : fog) AND published > 2019"
            .into(),
        ..QuoteFilter::default()
    }
}

fn document_filter() -> DocumentFilter {
    DocumentFilter {
        text: "harbour".into(),
        sources: vec!["Courier".into(), "Gazette".into()],
        published: range(),
        mentions_any: vec!["Eastmere".into(), "Bo Bell".into()],
        documents: vec![name("documents/a"), name("documents/b")],
        expression: "label.desk : * AND -source = Wire".into(),
        copy_of: name("documents/a"),
        ..DocumentFilter::default()
    }
}

fn analysis() -> Analysis {
    let span = |begin: usize, end: usize| Span {
        begin: begin as u32,
        end: end as u32,
        text: TEXT[begin..end].into(),
        ..Span::default()
    };
    let said = TEXT.find(" Ann").expect("in the text");
    let mention = span(said + 1, said + 9);
    Analysis {
        article: None,
        language: "en".into(),
        entities: vec![Entity {
            id: "e1".into(),
            r#type: EntityType::Person.into(),
            name: "Ann Ames".into(),
            mentions: vec![Mention {
                span: Some(mention.clone()),
                form: MentionForm::Name.into(),
                confidence: 0.9,
            }],
            roles: vec!["mayor".into()],
            ..Entity::default()
        }],
        quotes: vec![Quote {
            r#type: QuoteType::Direct.into(),
            kind: QuoteKind::Statement.into(),
            contents: vec![span(0, said)],
            cue: Some(span(said + 10, said + 14)),
            speaker: Some(Speaker {
                mention: Some(mention),
                kind: SpeakerKind::Person.into(),
                entity: "e1".into(),
                name: "Ann Ames".into(),
                confidence: 0.8,
                ..Speaker::default()
            }),
            confidence: 0.7,
            ..Quote::default()
        }],
        coverage: Some(Coverage {
            analyzed: vec![Range { begin: 0, end: TEXT.len() as u32 }],
            method: CoverageMethod::Full.into(),
        }),
        analyzer: Some(AnalyzerStamp { name: "other".into(), version: "1".into(), hash: "h".into() }),
    }
}

fn reading() -> Made {
    let get = GetDocumentRequest {
        name: name("documents/a@1"),
        view: DocumentView::Full.into(),
        offset_encodings: both(),
        include_evidence: true,
        max_answer_bytes: 1 << 20,
    };
    let batch = BatchGetDocumentsRequest {
        names: vec![name("documents/a"), name("documents/none")],
        view: DocumentView::Analysis.into(),
        ..Default::default()
    };
    let list = ListDocumentsRequest { page_size: 2, view: DocumentView::Text.into(), ..Default::default() };
    let search = SearchQuotesRequest {
        filter: Some(quote_filter()),
        order: SearchOrder::NewestFirst.into(),
        page_size: 3,
        offset_encodings: both(),
        include_evidence: true,
        fold: Fold::Quote.into(),
        explain: true,
        ..Default::default()
    };
    let plain = SearchQuotesRequest {
        parent: "collections/-".into(),
        half_life: Some(Duration { seconds: 86_400, nanos: 0 }),
        filter: Some(QuoteFilter { text: "harbour".into(), ..Default::default() }),
        ..Default::default()
    };
    let documents = SearchDocumentsRequest {
        filter: Some(document_filter()),
        order: SearchOrder::Relevance.into(),
        fold: Fold::Document.into(),
        explain: true,
        ..Default::default()
    };
    vec![
        ("GetDocument", get.encode_to_vec()),
        ("BatchGetDocuments", batch.encode_to_vec()),
        ("ListDocuments", list.encode_to_vec()),
        ("SearchQuotes", search.encode_to_vec()),
        ("SearchQuotes", plain.encode_to_vec()),
        ("SearchDocuments", documents.encode_to_vec()),
        (
            "GetQuote",
            GetQuoteRequest { name: name("documents/a/quotes/x@1"), ..Default::default() }.encode_to_vec(),
        ),
        (
            "GetQuoteCluster",
            GetQuoteClusterRequest {
                name: name("documents/a/quotes/x"),
                bucket_limit: 3,
                ..Default::default()
            }
            .encode_to_vec(),
        ),
        (
            "ExportDocuments",
            ExportDocumentsRequest {
                filter: Some(document_filter()),
                view: DocumentView::Full.into(),
                ..Default::default()
            }
            .encode_to_vec(),
        ),
        (
            "ExportQuotes",
            ExportQuotesRequest { filter: Some(quote_filter()), ..Default::default() }.encode_to_vec(),
        ),
    ]
}

fn writing() -> Made {
    let ingest = IngestDocumentRequest {
        document_id: "e".into(),
        document: Some(document()),
        ack_level: AckLevel::Searchable.into(),
        expected_revision: Some(0),
        ..Default::default()
    };
    let import =
        IngestDocumentRequest { analysis: Some(analysis()), expected_revision: None, ..ingest.clone() };
    let page = "<html><article><h1>Flood</h1><p>The river rose by two metres overnight, and nobody in the lower town had been \
                told, its mayor said.</p></article></html>";
    let page = Document { text: page.into(), content_type: "text/html; charset=utf-8".into(), ..document() };
    let page = IngestDocumentRequest { document: Some(page), ..Default::default() };
    let paths = ["title", "text", "labels.desk", "publish_time", "source", "url", "language"];
    let update = UpdateDocumentRequest {
        document: Some(Document { name: name("documents/d"), ..document() }),
        update_mask: Some(FieldMask { paths: paths.map(str::to_owned).into() }),
        ack_level: AckLevel::Durable.into(),
        ..Default::default()
    };
    let delete = DeleteDocumentRequest {
        name: name("documents/e"),
        allow_missing: true,
        expected_revision: Some(1),
        ..Default::default()
    };
    let age = Some(purge_documents_request::Age::OlderThan(Duration { seconds: 9_000_000, nanos: 0 }));
    let purge = PurgeDocumentsRequest {
        parent: "collections/news".into(),
        filter: Some(document_filter()),
        age,
        validate_only: true,
        ..Default::default()
    };
    let erase = PurgeDocumentsRequest { erase: true, validate_only: false, ..purge.clone() };
    let reanalyze =
        ReanalyzeDocumentsRequest { filter: Some(document_filter()), only_older: true, ..Default::default() };
    vec![
        ("IngestDocument", ingest.encode_to_vec()),
        ("IngestDocument", import.encode_to_vec()),
        ("IngestDocument", page.encode_to_vec()),
        ("UpdateDocument", update.encode_to_vec()),
        ("DeleteDocument", delete.encode_to_vec()),
        ("PurgeDocuments", purge.encode_to_vec()),
        ("PurgeDocuments", erase.encode_to_vec()),
        ("ReanalyzeDocuments", reanalyze.encode_to_vec()),
        ("CreateCollection", CreateCollectionRequest { collection_id: "more".into() }.encode_to_vec()),
        (
            "DeleteCollection",
            DeleteCollectionRequest { name: "collections/more".into(), allow_missing: true }.encode_to_vec(),
        ),
    ]
}

fn counting() -> Made {
    let by = |field: FacetField| Some(FacetBy { field: field.into(), ..FacetBy::default() });
    let time = FacetBy {
        field: FacetField::Published.into(),
        interval: TimeInterval::Month.into(),
        time_zone: "Europe/Berlin".into(),
        ..FacetBy::default()
    };
    let label = FacetBy { field: FacetField::Label.into(), label_key: "desk".into(), ..FacetBy::default() };
    let facet = |by, nested| Facet { by, nested, limit: 5, nested_limit: 2 };
    let facets = vec![
        facet(by(FacetField::Speaker), Some(time.clone())),
        facet(by(FacetField::Mention), by(FacetField::Source)),
        facet(Some(label), None),
        facet(by(FacetField::Word), None),
        facet(by(FacetField::Cluster), by(FacetField::Variant)),
        facet(Some(time), by(FacetField::Word)),
    ];
    let quotes = AggregateQuotesRequest {
        filter: Some(QuoteFilter { text: "harbour".into(), ..Default::default() }),
        facets: facets.clone(),
        ..Default::default()
    };
    let documents = AggregateDocumentsRequest {
        filter: Some(document_filter()),
        facets: facets[..3].to_vec(),
        ..Default::default()
    };
    let timeline = GetSpeakerTimelineRequest {
        speaker: "Ann Ames".into(),
        interval: TimeInterval::Week.into(),
        offset_encodings: both(),
        ..Default::default()
    };
    let compare = CompareOutletsRequest {
        sources: vec!["Courier".into(), "Gazette".into()],
        limit: 3,
        ..Default::default()
    };
    let verify = VerifyQuoteRequest {
        text: "“The harbour of Eastmere will stay … for [all] who need it”".into(),
        speaker: "Bo Bell".into(),
        published: range(),
        match_limit: 4,
        include_evidence: true,
        ..Default::default()
    };
    vec![
        ("AggregateQuotes", quotes.encode_to_vec()),
        ("AggregateDocuments", documents.encode_to_vec()),
        ("GetSpeakerTimeline", timeline.encode_to_vec()),
        ("CompareOutlets", compare.encode_to_vec()),
        ("VerifyQuote", verify.encode_to_vec()),
    ]
}

fn rest() -> Made {
    let entities = SearchEntitiesRequest {
        filter: Some(EntityFilter { name_prefix: "a".into(), types: vec![EntityType::Person.into()] }),
        page_size: 2,
        ..Default::default()
    };
    let related = ListRelatedEntitiesRequest {
        parent: name("entities/x"),
        published: range(),
        order: RelatedOrder::Association.into(),
        example_limit: 2,
        ..Default::default()
    };
    let analyze = AnalyzeRequest {
        text: TEXT.into(),
        publish_time: Some(Timestamp { seconds: 1_750_000_000, nanos: 0 }),
        offset_encodings: both(),
        speaker_threshold: Some(0.5),
        ..Default::default()
    };
    let operation = "operations/1".to_owned();
    let timeout = Some(Duration { seconds: 0, nanos: 1_000 });
    let suggest = SuggestEntitiesRequest {
        parent: "collections/-".into(),
        text: "Bo Bel".into(),
        types: vec![EntityType::Person.into()],
        limit: 3,
    };
    vec![
        ("SearchEntities", entities.encode_to_vec()),
        ("SuggestEntities", suggest.encode_to_vec()),
        (
            "GetEntity",
            GetEntityRequest {
                name: name("entities/x"),
                view: EntityView::Full.into(),
                ..Default::default()
            }
            .encode_to_vec(),
        ),
        (
            "ListEntityForms",
            ListEntityFormsRequest {
                parent: name("entities/x"),
                kind: EntityFormKind::Role.into(),
                ..Default::default()
            }
            .encode_to_vec(),
        ),
        (
            "ListMentions",
            ListMentionsRequest {
                parent: name("entities/x"),
                offset_encodings: both(),
                ..Default::default()
            }
            .encode_to_vec(),
        ),
        ("ListRelatedEntities", related.encode_to_vec()),
        ("Analyze", analyze.encode_to_vec()),
        ("ListAnalyzers", Vec::new()),
        ("GetCollection", GetCollectionRequest { name: "collections/default".into() }.encode_to_vec()),
        ("ListCollections", ListCollectionsRequest { page_size: 1, ..Default::default() }.encode_to_vec()),
        ("GetOperation", GetOperationRequest { name: operation.clone() }.encode_to_vec()),
        ("ListOperations", ListOperationsRequest { only_active: true, ..Default::default() }.encode_to_vec()),
        ("WaitOperation", WaitOperationRequest { name: operation.clone(), timeout }.encode_to_vec()),
        ("CancelOperation", CancelOperationRequest { name: operation.clone() }.encode_to_vec()),
        ("DeleteOperation", DeleteOperationRequest { name: operation }.encode_to_vec()),
        ("StreamBackup", Vec::new()),
        ("CreateBackup", CreateBackupRequest { backup_id: "b".into() }.encode_to_vec()),
    ]
}

fn ingest_stream() -> Vec<u8> {
    let open = IngestStreamOpen { ack_level: AckLevel::Searchable.into(), ..Default::default() };
    let item = |n: u32| IngestStreamItem {
        client_id: n.to_string(),
        document_id: format!("s{n}"),
        document: Some(document()),
        analysis: (n == 2).then(analysis),
        ..Default::default()
    };
    let messages = [Ask::Open(open), Ask::Item(item(1)), Ask::Item(item(2))];
    let framed = |message| framed(&IngestStreamRequest { message: Some(message) }.encode_to_vec());
    messages.map(framed).concat()
}

fn analyze_stream() -> Vec<u8> {
    let request = Some(AnalyzeRequest { text: TEXT.into(), ..Default::default() });
    framed(&AnalyzeStreamRequest { id: "1".into(), request }.encode_to_vec()).repeat(2)
}
