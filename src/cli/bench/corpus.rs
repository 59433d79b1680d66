//! The documents that runs have stored in a collection: their ids, which nobody else's documents have, and which of them are too many.
//! An id tells when its run began and its number there, so that the order of the ids is their age, over all runs. Start at [`Corpus`].

use super::articles::Articles;
use super::send::Prepared;
use crate::cli::ingest::AckArg;
use crate::domain::annotation::AnalyzerName;
use crate::transport::wire::{AckLevel, DeleteDocumentRequest, IngestDocumentRequest};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What every id of a document of a run begins with.
pub const PREFIX: &str = "bench-";

/// Documents that are deleted at most where one is added.
const MOST_DELETED: usize = 2;

/// Where documents go, and how.
#[derive(Debug, Clone)]
pub struct Target {
    /// `collections/{c}`.
    pub parent: String,
    /// How far a document must have got.
    pub ack: AckArg,
    /// Who analyses; the service's own choice where absent.
    pub analyzer: Option<AnalyzerName>,
    /// How many documents of runs there may be; any number where absent.
    pub keep: Option<usize>,
}

/// See the module.
#[derive(Debug)]
pub struct Corpus {
    target: Target,
    articles: Articles,
    /// Of the ids of this run.
    prefix: String,
    next: AtomicU64,
    /// What is stored, the oldest first; nothing where all of it may stay.
    stored: Mutex<VecDeque<String>>,
}

impl Corpus {
    /// Without any document; `began` is when the run did, in Unix milliseconds.
    pub fn new(target: Target, articles: Articles, began: u64) -> Self {
        // Milliseconds fit into twelve digits until the year 10,889.
        let prefix = format!("{PREFIX}{began:012x}-");
        Self { target, articles, prefix, next: AtomicU64::new(0), stored: Mutex::default() }
    }

    /// How many documents there should be, where that is bounded.
    pub fn keep(&self) -> Option<usize> {
        self.target.keep
    }

    /// `collections/{c}`.
    pub fn parent(&self) -> &str {
        &self.target.parent
    }

    /// How many documents are known to be stored.
    pub fn len(&self) -> usize {
        self.ids().len()
    }

    /// The next document to store: its id, and the request.
    pub fn next(&self) -> (String, IngestDocumentRequest) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}{number:010}", self.prefix);
        let request = IngestDocumentRequest {
            parent: self.target.parent.clone(),
            document_id: id.clone(),
            document: Some(self.articles.document(number)),
            ack_level: AckLevel::from(self.target.ack).into(),
            analyzer: self.target.analyzer.map(AnalyzerName::as_str).unwrap_or_default().to_owned(),
            ..IngestDocumentRequest::default()
        };
        (id, request)
    }

    /// A document is stored, or may be.
    pub fn stored(&self, id: String) {
        if self.target.keep.is_some() {
            self.ids().push_back(id);
        }
    }

    /// The oldest documents that are too many, a few at a time. Whoever takes them deletes them.
    pub fn surplus(&self) -> Vec<String> {
        let Some(keep) = self.target.keep else { return Vec::new() };
        let mut ids = self.ids();
        let many = ids.len().saturating_sub(keep).min(MOST_DELETED);
        ids.drain(..many).collect()
    }

    /// A document is still there, since it could not be deleted.
    pub fn put_back(&self, id: String) {
        self.ids().push_front(id);
    }

    fn ids(&self) -> MutexGuard<'_, VecDeque<String>> {
        // Nothing under the lock can panic half-way.
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The request that stores a document.
pub fn ingest(request: &IngestDocumentRequest) -> Prepared {
    Prepared::new("DocumentService/IngestDocument", "", request)
}

/// The request that deletes a document.
pub fn delete(parent: &str, id: &str) -> Prepared {
    let name = format!("{parent}/documents/{id}");
    // It may have been deleted by a request whose answer was lost.
    let request = DeleteDocumentRequest { name, allow_missing: true, ..DeleteDocumentRequest::default() };
    Prepared::new("DocumentService/DeleteDocument", "", &request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DocumentId;

    fn corpus(keep: Option<usize>, began: u64) -> Corpus {
        let target = Target { parent: "collections/c".into(), ack: AckArg::Durable, analyzer: None, keep };
        Corpus::new(target, Articles::Made { seed: 1 }, began)
    }

    #[test]
    fn what_is_too_many_is_the_oldest_and_is_given_once() {
        let corpus = corpus(Some(3), 5);
        let mut stored = Vec::new();
        for _ in 0..8 {
            let (id, request) = corpus.next();
            assert_eq!(request.document_id, id);
            corpus.stored(id.clone());
            stored.push(id);
        }
        let (first, then, rest) = (corpus.surplus(), corpus.surplus(), corpus.surplus());
        assert_eq!((&first[..], &then[..], &rest[..]), (&stored[..2], &stored[2..4], &stored[4..5]));
        assert!(corpus.surplus().is_empty());
        corpus.put_back(stored[4].clone());
        assert_eq!(corpus.surplus(), [stored[4].clone()]);
        assert_eq!(corpus.len(), 3);
    }

    #[test]
    fn without_a_bound_nothing_is_remembered() {
        let corpus = corpus(None, 5);
        corpus.stored(corpus.next().0);
        assert_eq!((corpus.len(), corpus.surplus().len()), (0, 0));
    }

    #[test]
    fn ids_are_in_the_order_of_their_age_over_all_runs() {
        let (early, late) = (corpus(None, 1_764_000_000_000), corpus(None, 1_764_000_000_001));
        let ids = [early.next().0, early.next().0, late.next().0, late.next().0];
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.starts_with(PREFIX) && DocumentId::new(id).is_ok()), "{ids:?}");
    }
}
