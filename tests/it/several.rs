//! Questions to every collection at once, `collections/-`.

use crate::server::{TestServer, assert_error, assert_violations, statement};
use dictum::transport::wire::{
    AckLevel, AggregateDocumentsRequest, AggregateQuotesRequest, CompareOutletsRequest,
    CreateCollectionRequest, DeleteCollectionRequest, Document, DocumentFilter, Facet, FacetBy, FacetField,
    GetDocumentRequest, GetSpeakerTimelineRequest, IngestDocumentRequest, QuoteFilter,
    SearchDocumentsRequest, SearchEntitiesRequest, SearchOrder, SearchQuotesRequest, SuggestEntitiesRequest,
    TimeInterval, Verdict, VerifyQuoteRequest,
};
use tonic::Code;

const EVERY: &str = "collections/-";

/// Three collections: "default" and "wire" both know Jane Miller, "other" does not.
async fn server() -> TestServer {
    let server = TestServer::start().await;
    for id in ["wire", "other"] {
        let create = CreateCollectionRequest { collection_id: id.into() };
        server.collections().await.create_collection(create).await.unwrap();
    }
    let all = [
        ("default", "a", "Jane Miller", "The harbour will stay open through the whole winter"),
        ("wire", "a", "Jane Miller", "The bridge will be closed for repairs in the spring"),
        ("wire", "b", "Tom Baker", "The harbour needs another crane before the summer"),
        ("other", "a", "Tom Baker", "Nobody has asked the fishermen about the harbour"),
    ];
    for (collection, id, who, what) in all {
        let document = Document {
            text: statement(who, what),
            source: format!("{collection} news"),
            ..Document::default()
        };
        let request = IngestDocumentRequest {
            parent: format!("collections/{collection}"),
            document_id: id.into(),
            document: Some(document),
            ack_level: AckLevel::Searchable.into(),
            ..Default::default()
        };
        server.documents().await.ingest_document(request).await.unwrap();
    }
    server
}

async fn found(server: &TestServer, filter: QuoteFilter) -> Vec<String> {
    let request =
        SearchQuotesRequest { parent: EVERY.into(), filter: Some(filter), ..SearchQuotesRequest::default() };
    let answer = server.quotes().await.search_quotes(request).await.unwrap().into_inner();
    let mut names: Vec<String> = answer.results.iter().map(|result| place(&result.name)).collect();
    assert_eq!(answer.total_size, names.len() as u64);
    for result in &answer.results {
        let of = result.name.split("/documents/").next().unwrap();
        assert!(result.speaker_entity.starts_with(of), "{result:?}");
        assert!(result.document.as_ref().unwrap().name.starts_with(of), "{result:?}");
    }
    names.sort();
    names
}

/// `wire/b` for what stands in "collections/wire/documents/b".
fn place(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').collect();
    format!("{}/{}", parts[1], parts[3])
}

fn by(field: FacetField) -> Facet {
    Facet { by: Some(FacetBy { field: field.into(), ..FacetBy::default() }), ..Facet::default() }
}

fn expression(text: &str) -> QuoteFilter {
    QuoteFilter { expression: text.into(), ..QuoteFilter::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_collection_is_searched_and_each_result_says_where_it_is_from() {
    let server = server().await;
    let list = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let cases: [(QuoteFilter, &[&str]); 11] = [
        (QuoteFilter::default(), &["default/a", "other/a", "wire/a", "wire/b"]),
        (QuoteFilter { text: "harbour".into(), ..Default::default() }, &["default/a", "other/a", "wire/b"]),
        (
            QuoteFilter { speakers: vec!["Jane Miller".into()], ..Default::default() },
            &["default/a", "wire/a"],
        ),
        (
            QuoteFilter { collections: list(&["collections/wire"]), ..Default::default() },
            &["wire/a", "wire/b"],
        ),
        (
            QuoteFilter {
                collections: list(&["collections/wire", "collections/default"]),
                text: "harbour".into(),
                ..Default::default()
            },
            &["default/a", "wire/b"],
        ),
        // An id is one document in each collection; a name is one of them.
        (expression("document = a"), &["default/a", "other/a", "wire/a"]),
        (expression("document = collections/wire/documents/a"), &["wire/a"]),
        (
            QuoteFilter { document: "collections/other/documents/a".into(), ..Default::default() },
            &["other/a"],
        ),
        (
            QuoteFilter { copy_of: "collections/default/documents/a".into(), ..Default::default() },
            &["default/a"],
        ),
        (expression("NOT collection = wire AND article : harbour"), &["default/a", "other/a"]),
        (expression("collection = collections/other OR text : bridge"), &["other/a", "wire/a"]),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(&server, filter.clone()).await, expected, "{filter:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entity_is_the_same_in_every_collection() {
    let server = server().await;
    let request = AggregateQuotesRequest {
        parent: EVERY.into(),
        facets: vec![by(FacetField::Speaker), by(FacetField::Kind), by(FacetField::Source)],
        ..AggregateQuotesRequest::default()
    };
    let answer = server.quotes().await.aggregate_quotes(request).await.unwrap().into_inner();
    let counted = |n: usize| -> Vec<(&str, u64)> {
        answer.results[n].buckets.iter().map(|bucket| (bucket.value.as_str(), bucket.count)).collect()
    };
    assert_eq!(counted(0), [("Jane Miller", 2), ("Tom Baker", 2)]);
    assert_eq!(counted(1), [("STATEMENT", 4)]);
    assert_eq!(counted(2), [("wire news", 2), ("default news", 1), ("other news", 1)]);
    let jane = answer.results[0].buckets[0].entity.clone();
    assert!(jane.starts_with("collections/-/entities/"), "{jane}");
    let of_wire = jane.replace("/-/", "/wire/");
    for name in [jane, of_wire] {
        let filter = QuoteFilter { speakers: vec![name.clone()], ..Default::default() };
        assert_eq!(found(&server, filter).await, ["default/a", "wire/a"], "{name}");
        assert_eq!(
            found(&server, expression(&format!("speaker = \"{name}\""))).await,
            ["default/a", "wire/a"]
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_entities_outlets_timelines_and_verdicts_are_of_every_collection_too() {
    let server = server().await;
    let filter = Some(DocumentFilter { text: "harbour".into(), ..DocumentFilter::default() });
    let search =
        SearchDocumentsRequest { parent: EVERY.into(), filter: filter.clone(), ..Default::default() };
    let answer = server.documents().await.search_documents(search).await.unwrap().into_inner();
    let mut documents = Vec::new();
    for result in &answer.results {
        assert_eq!(result.highlights.len(), 1, "each text is read where it is: {result:?}");
        documents.push(place(&result.document.as_ref().unwrap().name));
    }
    documents.sort();
    assert_eq!(documents, ["default/a", "other/a", "wire/b"]);
    let several = DocumentFilter {
        documents: vec!["collections/wire/documents/a".into(), "collections/other/documents/a".into()],
        ..DocumentFilter::default()
    };
    let facets = vec![by(FacetField::Source)];
    let count = AggregateDocumentsRequest {
        parent: EVERY.into(),
        filter: Some(several),
        facets,
        ..Default::default()
    };
    let counted = server.documents().await.aggregate_documents(count).await.unwrap().into_inner();
    assert_eq!((counted.total_size, counted.results[0].distinct_count), (2, 2));

    let search = SearchEntitiesRequest { parent: EVERY.into(), ..Default::default() };
    let answer = server.entities().await.search_entities(search).await.unwrap().into_inner();
    let janes = answer.entities.iter().filter(|entity| entity.display_name == "Jane Miller");
    let mut of: Vec<&str> = janes.map(|entity| entity.name.split('/').nth(1).unwrap()).collect();
    of.sort_unstable();
    assert_eq!(of, ["default", "wire"], "an entity is described by each collection for itself");
    let suggest = SuggestEntitiesRequest { parent: EVERY.into(), text: "bak".into(), ..Default::default() };
    let answer = server.entities().await.suggest_entities(suggest).await.unwrap().into_inner();
    assert_eq!(answer.suggestions.len(), 2, "{answer:?}");

    let compare = CompareOutletsRequest { parent: EVERY.into(), ..Default::default() };
    let answer = server.quotes().await.compare_outlets(compare).await.unwrap().into_inner();
    let outlets: Vec<&str> = answer.outlets.iter().map(|outlet| outlet.source.as_str()).collect();
    assert_eq!(outlets, ["wire news", "default news", "other news"]);

    let timeline = GetSpeakerTimelineRequest {
        parent: EVERY.into(),
        speaker: "Tom Baker".into(),
        interval: TimeInterval::Year.into(),
        ..Default::default()
    };
    let answer = server.quotes().await.get_speaker_timeline(timeline).await.unwrap().into_inner();
    assert_eq!((answer.total_size, answer.undated_count), (2, 2));

    let claim = VerifyQuoteRequest {
        parent: EVERY.into(),
        text: "The bridge will be closed for repairs in the spring".into(),
        speaker: "Jane Miller".into(),
        ..Default::default()
    };
    let answer = server.verify().await.verify_quote(claim).await.unwrap().into_inner();
    assert_eq!(answer.verdict(), Verdict::Exact);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_go_on_while_collections_come_and_go() {
    let server = server().await;
    let mut names = Vec::new();
    let mut request = SearchQuotesRequest {
        parent: EVERY.into(),
        page_size: 1,
        order: SearchOrder::OldestFirst.into(),
        ..Default::default()
    };
    let mut quotes = server.quotes().await;
    let mut gone = 0;
    loop {
        let answer = quotes.search_quotes(request.clone()).await.unwrap().into_inner();
        assert_eq!(answer.total_size, 4);
        names.extend(answer.results.iter().map(|result| place(&result.name)));
        gone += answer.gone_count;
        if names.len() == 1 {
            let create = CreateCollectionRequest { collection_id: "late".into() };
            server.collections().await.create_collection(create).await.unwrap();
            let delete = DeleteCollectionRequest { name: "collections/wire".into(), allow_missing: false };
            server.collections().await.delete_collection(delete).await.unwrap();
        }
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!((names, gone), (vec!["default/a".to_owned(), "other/a".to_owned()], 2));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_collection_can_be_read_and_nothing_else() {
    let server = server().await;
    let create = CreateCollectionRequest { collection_id: "-".into() };
    let status = server.collections().await.create_collection(create).await.unwrap_err();
    assert_violations(&status, &["collection_id"]);
    let document = Document { text: statement("Jane Miller", "We wait"), ..Document::default() };
    let ingest = IngestDocumentRequest {
        parent: EVERY.into(),
        document: Some(document),
        ..IngestDocumentRequest::default()
    };
    let status = server.documents().await.ingest_document(ingest).await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    let get = GetDocumentRequest { name: "collections/-/documents/a".into(), ..Default::default() };
    let status = server.documents().await.get_document(get).await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    // What is searched in one collection is of that one.
    for filter in [
        QuoteFilter { collections: vec!["collections/wire".into()], ..Default::default() },
        QuoteFilter { speakers: vec!["collections/-/entities/x".into()], ..Default::default() },
        expression("collection = wire"),
    ] {
        let search = SearchQuotesRequest { filter: Some(filter.clone()), ..Default::default() };
        let status = server.quotes().await.search_quotes(search).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{filter:?}");
    }
    let own = QuoteFilter { collections: vec!["collections/default".into()], ..Default::default() };
    let search = SearchQuotesRequest { filter: Some(own), ..Default::default() };
    assert_eq!(server.quotes().await.search_quotes(search).await.unwrap().into_inner().total_size, 1);
    let unknown = QuoteFilter { speakers: vec!["Tim Baker".into()], ..Default::default() };
    let search = SearchQuotesRequest { parent: EVERY.into(), filter: Some(unknown), ..Default::default() };
    let answer = server.quotes().await.search_quotes(search).await.unwrap().into_inner();
    assert_eq!(answer.unknown_names[0].name, "Tim Baker");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collection_that_is_gone_is_none_of_those_that_are_searched() {
    let server = server().await;
    let every = SearchQuotesRequest { parent: EVERY.into(), ..Default::default() };
    let delete = DeleteCollectionRequest { name: "collections/wire".into(), allow_missing: false };
    let gone = server.collections().await.delete_collection(delete).await.unwrap().into_inner();
    let search = SearchQuotesRequest { consistency_token: gone.consistency_token, ..every };
    let found = server.quotes().await.search_quotes(search).await.unwrap().into_inner();
    assert_eq!((found.total_size, found.gone_count), (2, 0));
    server.stop().await;
}
