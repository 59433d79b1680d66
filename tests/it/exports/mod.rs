//! `ExportService`, and analyses that come with their documents. Most documents here are put in with an analysis that [`made`] writes, so
//! that no network runs.

mod commands;
mod documents;
mod imports;
mod quotes;

use crate::server::TestServer;
use dictum::transport::wire::export_service_client::ExportServiceClient;
use dictum::transport::wire::{
    AckLevel, Analysis, AnalyzerStamp, Coverage, CoverageMethod, DeleteDocumentRequest, Document,
    DocumentView, Entity, EntityType, ExportDocumentsRequest, ExportDocumentsResponse, IngestDocumentRequest,
    IngestReceipt, Mention, MentionForm, Quote, QuoteKind, QuoteType, Range, Span, Speaker, SpeakerKind,
};
use tonic::transport::Channel;
use tonic::{Status, Streaming};

const WHO: &str = "Jane Miller";

/// What somebody says, in quotation marks, and then nothing for a while.
fn text(what: &str, padding: usize) -> String {
    format!("“{what},” {WHO} said.\n\n{}", "It rained all day. ".repeat(padding))
}

/// The analysis of [`text`], as another service would have made it.
fn made(text: &str) -> Analysis {
    let span = |part: &str| {
        let begin = text.find(part).unwrap();
        Some(Span {
            begin: begin as u32,
            end: (begin + part.len()) as u32,
            text: part.into(),
            ..Span::default()
        })
    };
    let content = &text[..text.find(" Jane").unwrap()];
    let mention = Mention { span: span(WHO), form: MentionForm::Name.into(), confidence: 0.95 };
    let entity = Entity {
        id: "e1".into(),
        r#type: EntityType::Person.into(),
        name: WHO.into(),
        mentions: vec![mention],
        ..Entity::default()
    };
    let speaker = Speaker {
        mention: span(WHO),
        kind: SpeakerKind::Person.into(),
        entity: "e1".into(),
        name: WHO.into(),
        confidence: 0.9,
        ..Speaker::default()
    };
    let quote = Quote {
        r#type: QuoteType::Direct.into(),
        kind: QuoteKind::Statement.into(),
        contents: span(content).into_iter().collect(),
        cue: span("said"),
        speaker: Some(speaker),
        confidence: 0.8,
        ..Quote::default()
    };
    Analysis {
        article: None,
        language: "en".into(),
        entities: vec![entity],
        quotes: vec![quote],
        coverage: Some(Coverage {
            analyzed: vec![Range { begin: 0, end: text.len() as u32 }],
            method: CoverageMethod::Full.into(),
        }),
        analyzer: Some(AnalyzerStamp {
            name: "elsewhere".into(),
            version: "7.0.0".into(),
            hash: "ab12".into(),
        }),
    }
}

/// Puts a document in with an analysis.
async fn import(
    server: &TestServer,
    id: &str,
    document: Document,
    analysis: Analysis,
) -> Result<IngestReceipt, Status> {
    let request = IngestDocumentRequest {
        document_id: id.into(),
        document: Some(document),
        analysis: Some(analysis),
        ..Default::default()
    };
    Ok(server.documents().await.ingest_document(request).await?.into_inner().receipt.unwrap())
}

/// Puts in what somebody says.
async fn put(server: &TestServer, id: &str, what: &str, padding: usize) {
    let text = text(what, padding);
    let analysis = made(&text);
    import(server, id, Document { text, ..Document::default() }, analysis).await.unwrap();
}

async fn delete(server: &TestServer, id: &str) {
    let name = format!("collections/default/documents/{id}");
    let request =
        DeleteDocumentRequest { name, ack_level: AckLevel::Searchable.into(), ..Default::default() };
    server.documents().await.delete_document(request).await.unwrap();
}

async fn exports(server: &TestServer) -> ExportServiceClient<Channel> {
    ExportServiceClient::new(server.channel().await).max_decoding_message_size(64 << 20)
}

fn everything() -> ExportDocumentsRequest {
    ExportDocumentsRequest {
        view: DocumentView::Full.into(),
        include_evidence: true,
        ..ExportDocumentsRequest::default()
    }
}

async fn all<M>(mut stream: Streaming<M>) -> Result<Vec<M>, Status> {
    let mut messages = Vec::new();
    while let Some(message) = stream.message().await? {
        messages.push(message);
    }
    Ok(messages)
}

async fn documents_of(
    server: &TestServer,
    request: ExportDocumentsRequest,
) -> Result<Vec<ExportDocumentsResponse>, Status> {
    all(exports(server).await.export_documents(request).await?.into_inner()).await
}

fn id(name: &str) -> &str {
    name.rsplit('/').next().unwrap()
}
