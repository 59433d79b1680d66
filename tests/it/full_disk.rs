//! A disk that is too full for documents: it is told, reads go on, and deletions are taken.

use crate::server::{TestServer, assert_error};
use dictum::transport::TransportConfig;
use dictum::transport::wire::{DeleteDocumentRequest, Document, GetDocumentRequest, IngestDocumentRequest};
use std::path::Path;
use tonic::Code;

/// Bytes that the file system has left.
fn free(dir: &Path) -> u64 {
    let room = rustix::fs::statvfs(dir).unwrap();
    room.f_bavail * room.f_frsize
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_too_full_for_documents_takes_deletions() {
    let server = TestServer::start().await;
    server.ingest("a", "“The bridge opens in May,” Ada Moreno said.").await;
    server.ingest("b", "“The tunnel opens in June,” Ada Moreno said.").await;
    let dir = server.stop().await;
    // More than there is, and deletions may use the last three quarters of it.
    let mark = free(dir.path()) * 2;
    let server =
        TestServer::open(dir, TransportConfig::default(), |config| config.store_free_bytes = Some(mark))
            .await;
    let mut documents = server.documents().await;
    let document = Some(Document { text: "It rained.".into(), ..Default::default() });
    let request = IngestDocumentRequest { document_id: "c".into(), document, ..Default::default() };
    let status = documents.ingest_document(request).await.unwrap_err();
    assert_error(&status, Code::Unavailable, "STORE_FULL");
    let name = "collections/default/documents/a";
    let get = GetDocumentRequest { name: name.into(), ..Default::default() };
    assert!(documents.get_document(get.clone()).await.is_ok(), "what is stored can be read");
    let delete = DeleteDocumentRequest { name: name.into(), ..Default::default() };
    documents.delete_document(delete).await.unwrap();
    assert_eq!(documents.get_document(get).await.unwrap_err().code(), Code::NotFound);
    server.stop().await;
}
