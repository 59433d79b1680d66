//! Changes of single fields of a document. What the analysis does not depend on is changed without a new one.

use super::Engine;
use super::admission::Permit;
use super::api::{Amendment, Terms};
use super::committer::Ticket;
use super::error::{EngineError, Invalid};
use crate::domain::document::{AckLevel, Document, IngestReceipt, StoredDocument};
use crate::ports::Caller;

impl Engine {
    /// Puts the document with the changed fields, which `permit` has room for, in the place of what it is; answers as
    /// [`Engine::ingest`] does.
    pub async fn update_document(
        &self,
        caller: &Caller,
        permit: Permit,
        amendment: Amendment,
        level: AckLevel,
    ) -> Result<IngestReceipt, EngineError> {
        if amendment == Amendment::of(amendment.name.clone()).on(amendment.terms) {
            return Err(EngineError::InvalidArgument { field: "update_mask", reason: Invalid::NoField });
        }
        if let Some(text) = &amendment.text {
            self.core.check_text(text)?;
        }
        self.writable(caller)?;
        let turn = self.core.turns.take(&amendment.name).await;
        let ticket = Ticket { _permit: Some(permit), _turn: Some(turn) };
        let stored = self.document(caller, &amendment.name, None).await?;
        let (revision, name) = (stored.info.revision, &amendment.name);
        if amendment.terms.expected.is_some_and(|expected| expected != revision) {
            return Err(EngineError::OtherRevision { document: name.clone(), current: revision });
        }
        let terms = Terms { expected: Some(revision), keeps_any: true, ..amendment.terms };
        let document = amendment.applied_to(stored);
        // Whatever happens in between, the change is one of what was read.
        let level = level.max(AckLevel::Durable);
        self.store(caller, (document, None), terms, level, ticket).await
    }
}

impl Amendment {
    fn on(self, terms: Terms) -> Self {
        Self { terms, ..self }
    }

    fn applied_to(self, stored: StoredDocument) -> Document {
        let StoredDocument { info, text, .. } = stored;
        let mut labels = self.labels.all.unwrap_or(info.labels);
        for (key, value) in self.labels.single {
            match value {
                Some(value) => labels.insert(key, value),
                None => labels.remove(&key),
            };
        }
        Document {
            page: None,
            name: info.name,
            text: self.text.unwrap_or(text),
            title: self.title.unwrap_or(info.title),
            published_at: self.published_at.unwrap_or(info.published_at),
            source: self.source.unwrap_or(info.source),
            url: self.url.unwrap_or(info.url),
            language: self.language.unwrap_or(info.language),
            labels,
        }
    }
}
