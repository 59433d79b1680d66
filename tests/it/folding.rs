//! One folding for everything that is searched: free text, prefixes, highlights, speakers and names of entities find
//! what is spelled otherwise.

use crate::server::{TestServer, statement};
use dictum::transport::wire::{
    Document, DocumentFilter, EntityFilter, QuoteFilter, QuoteResult, SearchDocumentsRequest,
    SearchEntitiesRequest, SearchQuotesRequest,
};

async fn server() -> TestServer {
    let server = TestServer::start().await;
    let said = "Ødegaard met Franz Strauß in Łódź, and the co\u{ad}operation of \u{200f}har\u{200b}bours\u{200e} goes on";
    server.ingest("a", &statement("Lech Wałęsa", said)).await;
    let other = Document {
        text: "東京で日本語を話すトランプ大統領。 Nothing else.".into(),
        ..Document::default()
    };
    server.ingest_document("b", other).await;
    server
}

async fn quotes(server: &TestServer, filter: QuoteFilter) -> Vec<QuoteResult> {
    let request = SearchQuotesRequest { filter: Some(filter), ..Default::default() };
    server.quotes().await.search_quotes(request).await.unwrap().into_inner().results
}

async fn documents(server: &TestServer, text: &str) -> Vec<String> {
    let filter = DocumentFilter { text: text.into(), ..Default::default() };
    let request = SearchDocumentsRequest { filter: Some(filter), ..Default::default() };
    let found = server.documents().await.search_documents(request).await.unwrap().into_inner().results;
    found
        .into_iter()
        .map(|result| result.document.unwrap().name.rsplit('/').next().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn free_text_finds_other_spellings_and_shows_what_it_found() {
    let server = server().await;
    let cases: [(&str, &[&str]); 7] = [
        ("odegaard", &["Ødegaard"]),
        ("STRAUSS lodz", &["Strauß", "Łódź"]),
        ("straus*", &["Strauß"]),
        ("cooperation", &["co\u{ad}operation"]),
        ("\"harbours goes\"", &["har\u{200b}bours\u{200e} goes"]),
        ("Ｈａｒｂｏｕｒｓ", &["har\u{200b}bours"]),
        ("O\u{301}de\u{ad}gaard", &["Ødegaard"]),
    ];
    for (text, expected) in cases {
        let found = quotes(&server, QuoteFilter { text: text.into(), ..Default::default() }).await;
        assert_eq!(found.len(), 1, "{text}");
        let shown: Vec<&str> = found[0].highlights.iter().map(|span| span.text.as_str()).collect();
        assert_eq!(shown, expected, "{text}");
        assert_eq!(documents(&server, text).await, ["a"], "{text}");
    }
    assert_eq!(documents(&server, "walesa").await, ["a"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_without_spaces_is_found_by_any_part_of_it() {
    let server = server().await;
    for text in ["日本", "日本語", "トランプ", "ﾄﾗﾝﾌﾟ大統領", "東京 大統*"] {
        assert_eq!(documents(&server, text).await, ["b"], "{text}");
    }
    for text in ["本日", "トラブル"] {
        assert!(documents(&server, text).await.is_empty(), "{text}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn speakers_and_entities_are_found_by_other_spellings() {
    let server = server().await;
    for name in ["lech walesa", "Lech WAŁĘSA", "Lech Wa\u{ad}łe\u{328}sa\u{200f}", "Mr. Lech Walesa's"] {
        let found = quotes(&server, QuoteFilter { speakers: vec![name.into()], ..Default::default() }).await;
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(found[0].quote.as_ref().unwrap().speaker.as_ref().unwrap().name, "Lech Wałęsa");
    }
    for prefix in ["wales", "WAŁ", "Le\u{200b}ch", "ｗａｌ"] {
        let filter = EntityFilter { name_prefix: prefix.into(), ..Default::default() };
        let request = SearchEntitiesRequest { filter: Some(filter), ..Default::default() };
        let found = server.entities().await.search_entities(request).await.unwrap().into_inner().entities;
        let names: Vec<&str> = found.iter().map(|entity| entity.display_name.as_str()).collect();
        assert_eq!(names, ["Lech Wałęsa"], "{prefix}");
    }
    server.stop().await;
}
