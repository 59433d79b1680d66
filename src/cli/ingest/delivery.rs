//! Documents on their way, over as many streams as it takes. Every document is kept until the service has answered
//! it, so that a stream that breaks, or a service that restarts, costs nothing but time: whatever is unanswered is
//! sent again, which is safe since ingest is idempotent. Start at [`Delivery::run`].

use super::ahead;
use super::progress::{Progress, Report};
use super::read::{Found, Item};
use super::stream::{self, End};
use crate::cli::CliError;
use crate::cli::client::{Connection, explain};
use crate::cli::input::note_line;
use crate::transport::json::to_json_string;
use crate::transport::wire::{
    AckLevel, IngestDocumentRequest, IngestReceipt, IngestStreamItem, IngestStreamOpen, IngestStreamRequest,
    IngestStreamResponse,
};
use anyhow::anyhow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

/// Streams that may break in a row without one document answered, before the command gives up.
const MOST_ATTEMPTS: u32 = 8;

/// Streams that break in a row after which the documents are tried one by one, in case one of them is the reason.
const SUSPICIOUS_ATTEMPTS: u32 = 3;

/// Where the documents go.
pub struct Target {
    /// `collections/{c}`.
    pub parent: String,
    /// How far each must have got.
    pub ack: AckLevel,
    /// Name of the analyzer; the service's own where empty.
    pub analyzer: &'static str,
}

/// Documents on their way.
pub struct Delivery<'a> {
    connection: &'a Connection,
    target: Target,
    progress: Progress,
    print_receipts: bool,
    report: Report,
    unanswered: BTreeMap<u64, Item>,
    unanswered_bytes: u64,
    next_id: u64,
    resume_token: String,
}

impl<'a> Delivery<'a> {
    /// Nothing sent yet.
    pub fn new(connection: &'a Connection, target: Target, progress: Progress, print_receipts: bool) -> Self {
        Self {
            connection,
            target,
            progress,
            print_receipts,
            report: Report::new(),
            unanswered: BTreeMap::new(),
            unanswered_bytes: 0,
            next_id: 0,
            resume_token: String::new(),
        }
    }

    /// Sends everything that comes and answers with what became of it.
    ///
    /// # Errors
    /// Where the service refuses the stream as such, or is gone and does not come back.
    pub async fn run(mut self, mut incoming: ahead::Receiver) -> Result<Report, CliError> {
        let mut attempts = 0;
        loop {
            let answered = self.answered();
            let status = match stream::run(&mut self, &mut incoming).await? {
                End::Finished => break,
                End::Refused(status) => return Err(self.connection.explain(&status)),
                End::Offended(status) => {
                    self.one_by_one().await?;
                    status
                }
                End::Again(status) => status,
            };
            attempts = if self.answered() > answered { 0 } else { attempts + 1 };
            if attempts >= MOST_ATTEMPTS {
                return Err(self.gone(&status));
            }
            self.pause(attempts, &status).await;
            if attempts >= SUSPICIOUS_ATTEMPTS {
                self.one_by_one().await?;
            }
        }
        self.progress.finish();
        Ok(self.report)
    }

    fn answered(&self) -> u64 {
        self.report.documents() + self.report.failed
    }

    async fn pause(&self, attempts: u32, status: &Status) {
        let pause = Duration::from_millis(250 << attempts.min(5));
        let reason = explain(status);
        self.progress.say(&format!("the stream ended ({reason}); going on in {pause:?}"));
        sleep(pause).await;
    }

    fn gone(&self, status: &Status) -> CliError {
        self.progress.finish();
        let unanswered = self.unanswered.len();
        anyhow!(
            "the service does not answer any more: {}\n{} documents were acknowledged before, {unanswered} sent \
             ones were not. Run the same command again once the service is back: what is stored already costs nothing.",
            explain(status),
            self.report.documents()
        )
        .into()
    }

    /// Opens a stream.
    pub async fn call(
        &self,
        requests: ReceiverStream<IngestStreamRequest>,
    ) -> Result<Streaming<IngestStreamResponse>, Status> {
        Ok(self.connection.documents().ingest_stream(requests).await?.into_inner())
    }

    /// How to open the next stream.
    pub fn open(&mut self) -> IngestStreamOpen {
        match std::mem::take(&mut self.resume_token) {
            token if token.is_empty() => IngestStreamOpen {
                parent: self.target.parent.clone(),
                ack_level: self.target.ack.into(),
                analyzer: self.target.analyzer.into(),
                ..IngestStreamOpen::default()
            },
            resume_token => IngestStreamOpen { resume_token, ..IngestStreamOpen::default() },
        }
    }

    /// Sends what is unanswered by calls of its own each: a document that the service cannot even read is found
    /// out here, and the others are spared.
    async fn one_by_one(&mut self) -> Result<(), CliError> {
        let ids: Vec<u64> = self.unanswered.keys().copied().collect();
        for id in ids {
            let Some(item) = self.unanswered.get(&id) else { continue };
            let request = IngestDocumentRequest {
                parent: self.target.parent.clone(),
                document_id: item.id.clone(),
                document: Some(item.document.clone()),
                ack_level: self.target.ack.into(),
                expected_revision: None,
                analyzer: self.target.analyzer.to_owned(),
                analysis: item.analysis.clone(),
            };
            match self.connection.documents().ingest_document(request).await {
                Ok(response) => self.acknowledged(id, &response.into_inner().receipt.unwrap_or_default())?,
                Err(status) if status.code() == Code::Unavailable => return Ok(()),
                Err(status) => self.refused(id, &explain(&status)),
            }
        }
        Ok(())
    }

    /// Keeps a document until it is answered, or reports what is none.
    pub fn found(&mut self, found: Found) -> Option<u64> {
        match found {
            Found::Failed { place, reason } => {
                self.report.failed += 1;
                self.progress.failed(&place, &reason);
                None
            }
            Found::Note { place, note } => {
                self.progress.say(&note_line(&place, &note));
                None
            }
            Found::Document(item) => {
                let id = self.next_id;
                self.next_id += 1;
                self.unanswered_bytes += item.bytes;
                self.unanswered.insert(id, *item);
                Some(id)
            }
        }
    }

    /// What is unanswered, oldest first.
    pub fn unanswered_ids(&self) -> impl ExactSizeIterator<Item = u64> {
        self.unanswered.keys().copied()
    }

    /// Input bytes of what is unanswered.
    pub fn unanswered_bytes(&self) -> u64 {
        self.unanswered_bytes
    }

    /// An unanswered document as it goes over a stream.
    pub fn item(&self, id: u64) -> Option<IngestStreamItem> {
        let item = self.unanswered.get(&id)?;
        Some(IngestStreamItem {
            client_id: id.to_string(),
            document_id: item.id.clone(),
            document: Some(item.document.clone()),
            expected_revision: None,
            analysis: item.analysis.clone(),
        })
    }

    /// The next stream goes on where this one ended.
    pub fn resume_with(&mut self, token: String) {
        self.resume_token = token;
    }

    /// The service has the document.
    pub fn acknowledged(&mut self, id: u64, receipt: &IngestReceipt) -> Result<(), CliError> {
        if let Some(item) = self.take(id) {
            self.report.acknowledged(receipt);
            self.progress.done(item.bytes, &self.report);
            if self.print_receipts {
                self.print(receipt)?;
            }
        }
        Ok(())
    }

    /// A reader of receipts that has gone does not stop the documents.
    fn print(&mut self, receipt: &IngestReceipt) -> Result<(), CliError> {
        match writeln!(io::stdout(), "{}", to_json_string(receipt)?) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.print_receipts = false,
            result => result?,
        }
        Ok(())
    }

    /// The service will not have the document.
    pub fn refused(&mut self, id: u64, reason: &str) {
        if let Some(item) = self.take(id) {
            self.report.failed += 1;
            self.progress.failed(&item.place, reason);
            self.progress.done(item.bytes, &self.report);
        }
    }

    fn take(&mut self, id: u64) -> Option<Item> {
        let item = self.unanswered.remove(&id)?;
        self.unanswered_bytes -= item.bytes;
        Some(item)
    }
}
