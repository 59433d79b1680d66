//! What writers were told, compared with what is there: every document and collection as it was last acknowledged, or as the one
//! write that was under way would have left it; found by searches once, and nothing else found.

use crate::crew::{DOCUMENTS, Model, name, own, text};
use crate::process::Process;
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::{
    AckLevel, Document, DocumentFilter, DocumentView, GetDocumentRequest, IngestDocumentRequest,
    ListDocumentsRequest, SearchDocumentsRequest,
};
use tonic::Code;

/// Everything of one writer is as it was acknowledged, or as the write under way left it; from here on it is known which.
pub async fn check(server: &Process, writer: u64, model: &mut Model) {
    if model.doubt.is_some() && !matches(server, writer, model).await {
        model.believe(writer);
    }
    model.doubt = None;
    assert!(matches(server, writer, model).await, "writer {writer}: {:?}", model.documents);
}

async fn matches(server: &Process, writer: u64, model: &Model) -> bool {
    let mut client = DocumentServiceClient::new(server.channel());
    let list = ListDocumentsRequest { parent: format!("collections/{}", own(writer)), ..Default::default() };
    let listed = client.list_documents(list).await;
    let exists = !matches!(&listed, Err(status) if status.code() == Code::NotFound);
    if exists != model.collection {
        return false;
    }
    for collection in ["default".to_owned(), own(writer)] {
        for document in 0..DOCUMENTS {
            let name = name(&collection, writer, document);
            let request = GetDocumentRequest { name, view: DocumentView::Text.into(), ..Default::default() };
            let found = match client.get_document(request).await {
                Ok(answer) => Some(answer.into_inner().document.unwrap().text),
                Err(status) if status.code() == Code::NotFound => None,
                Err(status) => panic!("{status:?}"),
            };
            let known = model.documents.get(&(collection.clone(), document)).copied().flatten();
            if found != known.map(|version| text(writer, version).text) {
                return false;
            }
        }
    }
    true
}

/// A search finds each document that is there once, and no other.
pub async fn check_searches(server: &Process, models: &[Model]) {
    let mut client = DocumentServiceClient::new(server.channel());
    // The barrier: whatever was stored before is visible after it.
    let barrier = IngestDocumentRequest {
        document_id: "barrier".into(),
        document: Some(Document { text: "A barrier.".into(), language: "zz".into(), ..Document::default() }),
        ack_level: AckLevel::Searchable.into(),
        ..Default::default()
    };
    client.ingest_document(barrier).await.unwrap();
    for (writer, model) in models.iter().enumerate() {
        let writer = writer as u64;
        for collection in ["default".to_owned(), own(writer)] {
            if collection != "default" && !model.collection {
                continue;
            }
            let filter = DocumentFilter { text: format!("writer{writer}"), ..Default::default() };
            let request = SearchDocumentsRequest {
                parent: format!("collections/{collection}"),
                filter: Some(filter),
                ..Default::default()
            };
            let found = client.search_documents(request).await.unwrap().into_inner();
            let mut found: Vec<_> = found.results.into_iter().map(|hit| hit.document.unwrap().name).collect();
            found.sort();
            let there =
                model.documents.iter().filter(|((of, _), state)| *of == collection && state.is_some());
            let expected: Vec<_> =
                there.map(|((_, document), _)| name(&collection, writer, *document)).collect();
            assert_eq!(found, expected, "writer {writer} in {collection}");
        }
    }
}
