//! What a caller may use, and that others do not feel it.

use super::{Guarded, ingest, key, shown};
use crate::server::error;
use dictum::access::{Limits, NewKey, Scope};
use dictum::transport::wire::{AckLevel, GetCollectionRequest, IngestDocumentRequest, SearchQuotesRequest};
use tonic::Code;

fn limited(name: &str, scopes: &[Scope], quotas: Limits) -> NewKey {
    NewKey { quotas, ..key(name, scopes, "*") }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_beyond_the_limit_are_told_when_to_come_back_and_others_go_on() {
    let guarded = Guarded::start().await;
    let few = Limits { requests_per_second: Some(1), request_burst: Some(3), ..Limits::default() };
    let noisy = guarded.key(limited("noisy", &[Scope::Read], few));
    let other = guarded.key(key("other", &[Scope::Read], "*"));
    let mut client = guarded.server.collections().await;
    let get = GetCollectionRequest { name: "collections/default".into() };
    let mut refused = Vec::new();
    for _ in 0..8 {
        refused.extend(client.get_collection(shown(&noisy, get.clone())).await.err());
        client.get_collection(shown(&other, get.clone())).await.unwrap();
    }
    assert!(refused.len() >= 4, "{}", refused.len());
    for status in refused {
        let (code, reason, details) = error(&status);
        assert_eq!((code, reason.as_str()), (Code::ResourceExhausted, "QUOTA_EXCEEDED"));
        assert_eq!(details.error_info().unwrap().metadata["quota"], "requests_per_second");
        assert_eq!(details.quota_failure().unwrap().violations[0].subject, "requests_per_second");
        assert!(details.retry_info().unwrap().retry_delay.is_some());
    }
    guarded.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_and_documents_have_their_limits() {
    let guarded = Guarded::start().await;
    let small = Limits { bytes_per_minute: Some(2000), ..Limits::default() };
    let small = guarded.key(limited("small", &[Scope::Write], small));
    let mut documents = guarded.server.documents().await;
    let mut long = ingest("default", "long");
    long.document.as_mut().unwrap().text = "word ".repeat(1000);
    let status = documents.ingest_document(shown(&small, long)).await.unwrap_err();
    let (code, _, details) = error(&status);
    assert_eq!(code, Code::ResourceExhausted);
    assert_eq!(details.error_info().unwrap().metadata["quota"], "bytes_per_minute");
    documents.ingest_document(shown(&small, ingest("default", "a"))).await.unwrap();

    let two = Limits { documents: Some(2), ..Limits::default() };
    let two = guarded.key(limited("two", &[Scope::Write], two));
    documents.ingest_document(shown(&two, ingest("default", "b"))).await.unwrap();
    let status = documents.ingest_document(shown(&two, ingest("default", "c"))).await.unwrap_err();
    let (_, _, details) = error(&status);
    assert_eq!(details.error_info().unwrap().metadata["quota"], "documents");
    assert!(details.retry_info().is_none(), "time alone does not help");
    // What is there can be written anew.
    documents.ingest_document(shown(&two, ingest("default", "b"))).await.unwrap();
    let reader = guarded.key(key("reader", &[Scope::Read], "*"));
    let all = SearchQuotesRequest::default();
    let found = guarded.server.quotes().await.search_quotes(shown(&reader, all)).await.unwrap();
    assert_eq!(found.into_inner().total_size, 2);
    guarded.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_number_of_writers_stores_more_documents_than_allowed_and_what_is_accepted_is_stored() {
    let guarded = Guarded::start().await;
    let key =
        guarded.key(limited("many", &[Scope::Write], Limits { documents: Some(5), ..Limits::default() }));
    let writes = (0..24).map(|n| {
        let (documents, key) = (guarded.server.documents(), key.clone());
        async move {
            let level = if n % 2 == 0 { AckLevel::Accepted } else { AckLevel::Durable };
            let request =
                IngestDocumentRequest { ack_level: level.into(), ..ingest("default", &format!("d{n}")) };
            let request = shown(&key, request);
            documents.await.ingest_document(request).await.is_ok()
        }
    });
    let taken = futures_util::future::join_all(writes).await.into_iter().filter(|taken| *taken).count();
    assert!((1..=5).contains(&taken), "{taken}");
    let admin = guarded.key(self::key("admin", &[Scope::Read], "*"));
    let get = GetCollectionRequest { name: "collections/default".into() };
    let until = std::time::Instant::now() + crate::server::SOON;
    loop {
        let answer = guarded.server.collections().await.get_collection(shown(&admin, get.clone())).await;
        let stored = answer.unwrap().into_inner().collection.unwrap().document_count;
        assert!(stored <= taken as u64);
        if stored == taken as u64 {
            break;
        }
        assert!(std::time::Instant::now() < until, "{stored} of {taken}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    guarded.server.stop().await;
}
