//! The calls of a client, each in one line for whoever plays.

use super::texts::Content;
use crate::server::TestServer;
use dictum::transport::wire::collection_service_client::CollectionServiceClient;
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::ingest_stream_request::Message as Ask;
use dictum::transport::wire::ingest_stream_response::Message as Answer;
use dictum::transport::wire::quote_service_client::QuoteServiceClient;
use dictum::transport::wire::*;
use tonic::Status;
use tonic::transport::Channel;

/// A connection.
pub struct Calls {
    channel: Channel,
}

pub fn parent(collection: &str) -> String {
    format!("collections/{collection}")
}

pub fn name(collection: &str, id: &str) -> String {
    format!("collections/{collection}/documents/{id}")
}

impl Calls {
    pub async fn to(server: &TestServer) -> Self {
        Self { channel: server.channel().await }
    }

    pub fn documents(&self) -> DocumentServiceClient<Channel> {
        DocumentServiceClient::new(self.channel.clone())
    }

    pub fn quotes(&self) -> QuoteServiceClient<Channel> {
        QuoteServiceClient::new(self.channel.clone())
    }

    pub fn collections(&self) -> CollectionServiceClient<Channel> {
        CollectionServiceClient::new(self.channel.clone())
    }

    pub async fn create_collection(&self, id: &str) -> Result<(), Status> {
        let request = CreateCollectionRequest { collection_id: id.into() };
        self.collections().create_collection(request).await.map(drop)
    }

    /// Waits until queries see a write.
    pub async fn see(&self, token: &str) {
        let request =
            SearchQuotesRequest { consistency_token: token.into(), page_size: 1, ..Default::default() };
        self.quotes().search_quotes(request).await.unwrap();
    }

    /// The token of the deletion.
    pub async fn delete_collection(&self, id: &str, allow_missing: bool) -> Result<String, Status> {
        let request = DeleteCollectionRequest { name: parent(id), allow_missing };
        Ok(self.collections().delete_collection(request).await?.into_inner().consistency_token)
    }

    pub async fn collection(&self, id: &str) -> Result<Collection, Status> {
        let request = GetCollectionRequest { name: parent(id) };
        Ok(self.collections().get_collection(request).await?.into_inner().collection.unwrap())
    }

    pub async fn put(
        &self,
        collection: &str,
        id: &str,
        content: &Content,
        expected: Option<u32>,
    ) -> Result<IngestReceipt, Status> {
        let request = IngestDocumentRequest {
            parent: parent(collection),
            document_id: id.into(),
            document: Some(content.document()),
            expected_revision: expected,
            ..Default::default()
        };
        Ok(self.documents().ingest_document(request).await?.into_inner().receipt.unwrap())
    }

    pub async fn update(
        &self,
        collection: &str,
        id: &str,
        (paths, content): (&[&str], &Content),
        expected: Option<u32>,
    ) -> Result<IngestReceipt, Status> {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let request = UpdateDocumentRequest {
            document: Some(Document { name: name(collection, id), ..content.document() }),
            update_mask: Some(prost_types::FieldMask { paths }),
            expected_revision: expected,
            ..Default::default()
        };
        Ok(self.documents().update_document(request).await?.into_inner().receipt.unwrap())
    }

    /// The token of the deletion.
    pub async fn delete(&self, collection: &str, id: &str, allow_missing: bool) -> Result<String, Status> {
        let request =
            DeleteDocumentRequest { name: name(collection, id), allow_missing, ..Default::default() };
        Ok(self.documents().delete_document(request).await?.into_inner().consistency_token)
    }

    pub async fn get(&self, collection: &str, id: &str) -> Result<Document, Status> {
        let view = DocumentView::Full.into();
        let request = GetDocumentRequest { name: name(collection, id), view, ..Default::default() };
        Ok(self.documents().get_document(request).await?.into_inner().document.unwrap())
    }

    pub async fn batch_get(&self, names: Vec<String>) -> Result<BatchGetDocumentsResponse, Status> {
        let request =
            BatchGetDocumentsRequest { names, view: DocumentView::Text.into(), ..Default::default() };
        Ok(self.documents().batch_get_documents(request).await?.into_inner())
    }

    /// A stream of documents: what became of each, by id.
    pub async fn stream(
        &self,
        collection: &str,
        items: &[(String, Content)],
    ) -> Result<Vec<(String, Result<IngestReceipt, ItemError>)>, Status> {
        let open = IngestStreamOpen { parent: parent(collection), ..Default::default() };
        let item = |(id, content): &(String, Content)| IngestStreamItem {
            client_id: id.clone(),
            document_id: id.clone(),
            document: Some(content.document()),
            ..Default::default()
        };
        let messages = [Ask::Open(open)].into_iter().chain(items.iter().map(|each| Ask::Item(item(each))));
        let messages: Vec<_> =
            messages.map(|message| IngestStreamRequest { message: Some(message) }).collect();
        let mut answers = self.documents().ingest_stream(tokio_stream::iter(messages)).await?.into_inner();
        let mut became = Vec::new();
        while let Some(answer) = answers.message().await? {
            match answer.message.unwrap() {
                Answer::Ack(ack) => became.push((ack.client_id, Ok(ack.receipt.unwrap()))),
                Answer::Reject(reject) => became.push((reject.client_id, Err(reject.error.unwrap()))),
                Answer::Opened(_) | Answer::Backoff(_) => {}
                Answer::Goodbye(goodbye) => panic!("nobody stops: {goodbye:?}"),
            }
        }
        Ok(became)
    }

    pub async fn list(
        &self,
        collection: &str,
        size: i32,
        token: &str,
    ) -> Result<ListDocumentsResponse, Status> {
        let request = ListDocumentsRequest {
            parent: parent(collection),
            page_size: size,
            page_token: token.into(),
            view: DocumentView::Full.into(),
            ..Default::default()
        };
        Ok(self.documents().list_documents(request).await?.into_inner())
    }
}
