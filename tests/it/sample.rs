//! The whole path on the sample article: in over the wire, "who said what" out, and still there after a restart and
//! after the loss of the index.

use crate::server::{TestServer, delete_index, sample};
use dictum::transport::wire::{
    Document, EntityFilter, GetQuoteRequest, OffsetEncoding, QuoteFilter, QuoteResult, SearchEntitiesRequest,
    SearchQuotesRequest,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sample_article_answers_who_said_what_before_and_after_every_restart() {
    let server = TestServer::start().await;
    let document = Document { text: sample(), title: "The sample".into(), ..Document::default() };
    let receipt = server.ingest_document("sample", document).await;
    assert_eq!(receipt.name, "collections/default/documents/sample");
    let quotes = putin_says(&server).await;
    check_spans(&quotes);
    assert_eq!(entities(&server, "Put").await[0], "Vladimir Putin");

    let server = server.restart(|_| ()).await;
    assert_eq!(putin_says(&server).await, quotes, "after a restart");

    let server = server.restart(delete_index).await;
    assert_eq!(putin_says(&server).await, quotes, "after the index was deleted");
    assert_eq!(entities(&server, "put").await[0], "Vladimir Putin");
    server.stop().await;
}

async fn putin_says(server: &TestServer) -> Vec<QuoteResult> {
    let request = SearchQuotesRequest {
        filter: Some(QuoteFilter { speakers: vec!["Vladimir Putin".into()], ..Default::default() }),
        offset_encodings: vec![OffsetEncoding::Utf16.into(), OffsetEncoding::CodePoints.into()],
        ..Default::default()
    };
    let answer = server.quotes().await.search_quotes(request).await.unwrap().into_inner();
    assert_eq!(answer.total_size, answer.results.len() as u64);
    answer.results
}

/// Every span slices the sample article to its text, in every encoding.
fn check_spans(results: &[QuoteResult]) {
    let text = sample();
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let characters: Vec<char> = text.chars().collect();
    assert!(results.len() >= 3, "{results:#?}");
    for result in results {
        assert_eq!(result.document.as_ref().unwrap().title, "The sample");
        let quote = result.quote.as_ref().unwrap();
        let speaker = quote.speaker.as_ref().unwrap();
        assert_eq!(speaker.name, "Vladimir Putin");
        assert!(!quote.contents.is_empty());
        for span in quote.contents.iter().chain(&quote.cue).chain(&speaker.mention) {
            assert_eq!(text[span.begin as usize..span.end as usize], span.text);
            let range = span.utf16.unwrap();
            let slice = &utf16[range.begin as usize..range.end as usize];
            assert_eq!(String::from_utf16_lossy(slice), span.text);
            let range = span.code_points.unwrap();
            let slice = &characters[range.begin as usize..range.end as usize];
            assert_eq!(slice.iter().collect::<String>(), span.text);
        }
    }
}

async fn entities(server: &TestServer, prefix: &str) -> Vec<String> {
    let request = SearchEntitiesRequest {
        filter: Some(EntityFilter { name_prefix: prefix.into(), ..Default::default() }),
        ..Default::default()
    };
    let answer = server.entities().await.search_entities(request).await.unwrap().into_inner();
    answer.entities.into_iter().map(|entity| entity.display_name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_quote_comes_with_its_evidence() {
    let server = TestServer::start().await;
    server.ingest("sample", &sample()).await;
    let found = putin_says(&server).await;
    let request = GetQuoteRequest { name: found[0].name.clone(), ..Default::default() };
    let result = server.quotes().await.get_quote(request).await.unwrap().into_inner().result.unwrap();
    let quote = result.quote.unwrap();
    assert_eq!(Some(&quote.id), found[0].quote.as_ref().map(|quote| &quote.id));
    assert!(!quote.speaker.unwrap().evidence.is_empty());
    assert_eq!(result.speaker_entity, found[0].speaker_entity);
    assert!(found[0].quote.as_ref().unwrap().speaker.as_ref().unwrap().evidence.is_empty());
    server.stop().await;
}
