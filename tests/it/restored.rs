//! A data directory that was put back from a copy: what the copy lacks was never written, and tokens of it are refused.

use crate::server::{TestServer, assert_violations, statement};
use dictum::transport::wire::{AckLevel, Document, IngestDocumentRequest, SearchQuotesRequest};
use std::path::Path;
use std::{fs, io};

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

fn put_back(from: &Path, to: &Path) {
    for part in fs::read_dir(to).unwrap().map(|entry| entry.unwrap().path()) {
        if part.is_dir() { fs::remove_dir_all(part).unwrap() } else { fs::remove_file(part).unwrap() }
    }
    copy(from, to).unwrap();
}

async fn durable(server: &TestServer, id: &str) -> String {
    let document = Some(Document { text: statement("Jane Miller", id), ..Document::default() });
    let ack_level = AckLevel::Durable.into();
    let request = IngestDocumentRequest { document_id: id.into(), document, ack_level, ..Default::default() };
    let answer = server.documents().await.ingest_document(request).await.unwrap().into_inner();
    answer.receipt.unwrap().consistency_token
}

async fn seen(server: &TestServer, token: &str) -> Result<u64, tonic::Status> {
    let request = SearchQuotesRequest { consistency_token: token.into(), ..Default::default() };
    Ok(server.quotes().await.search_quotes(request).await?.into_inner().total_size)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_of_writes_that_a_restored_copy_lacks_do_not_hold_whatever_is_written_later() {
    let saved = tempfile::tempdir().unwrap();
    let server = TestServer::start().await;
    let before = durable(&server, "before").await;
    let server = server.restart(|dir| copy(dir, saved.path()).unwrap()).await;
    let lost = durable(&server, "lost").await;
    assert_eq!(seen(&server, &lost).await.unwrap(), 2);

    let server = server.restart(|dir| put_back(saved.path(), dir)).await;
    assert_violations(&seen(&server, &lost).await.unwrap_err(), &["consistency_token"]);
    let after = durable(&server, "after").await;
    let later = durable(&server, "later").await;
    assert_violations(&seen(&server, &lost).await.unwrap_err(), &["consistency_token"]);
    for token in [&later, &after, &before] {
        assert_eq!(seen(&server, token).await.unwrap(), 3);
    }
    server.stop().await;
}
