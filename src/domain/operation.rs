//! Long-running operations: work over many documents that is asked for in one call and done in the background. The log keeps
//! them, so that they go on after a restart.

use super::annotation::AnalyzerName;
use super::document::Seq;
use super::ids::CollectionId;
use super::query::DocumentFilter;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names an operation: a number that the log never gives twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OperationId(pub u64);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "operations/{}", self.0)
    }
}

/// An operation, in whatever state it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Which.
    pub id: OperationId,
    /// What is to be done.
    pub task: Task,
    /// How far it is.
    pub progress: Progress,
    /// Whether it still goes on, and how it ended.
    pub state: OperationState,
    /// The log's last change when it was asked for: what came later is none of its business.
    pub began_at: Seq,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last got on.
    pub updated_at: Timestamp,
}

/// What an operation does. It works on the documents that matched when it began; begun again after a restart, it leaves out
/// those that it has done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// Renews analyses.
    Reanalyze {
        /// Where.
        collection: CollectionId,
        /// Which documents; absent once they are done, see [`Task::forget_filter`].
        #[serde(with = "stored_filter")]
        filter: Option<DocumentFilter>,
        /// Which of their analyses, and by which analyzer.
        renewal: Renewal,
    },
    /// Deletes documents.
    Purge {
        /// Where.
        collection: CollectionId,
        /// Which documents; absent once they are done, see [`Task::forget_filter`].
        #[serde(with = "stored_filter")]
        filter: Option<DocumentFilter>,
        /// Only those seen before this: published, or stored where no publication time is known.
        before: Option<Timestamp>,
        /// Whether nothing of them may be left on the disk.
        erase: bool,
    },
}

impl Task {
    /// Where it works, and on which documents, where there are any to do still.
    pub fn documents(&self) -> (&CollectionId, Option<&DocumentFilter>) {
        match self {
            Self::Reanalyze { collection, filter, .. } | Self::Purge { collection, filter, .. } => {
                (collection, filter.as_ref())
            }
        }
    }

    /// Forgets which documents it was about: a filter may hold the very words that an erasure is to leave nothing of.
    pub fn forget_filter(&mut self) {
        match self {
            Self::Reanalyze { filter, .. } | Self::Purge { filter, .. } => *filter = None,
        }
    }
}

/// How rows hold a filter. Its expression stands behind it, which is none of a filter's own row; without one, the bytes are those of the
/// `Option` that rows had before filters had expressions.
mod stored_filter {
    use super::DocumentFilter;
    use crate::domain::filter::Expression;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    enum Stored<F, E> {
        Forgotten,
        Plain(F),
        With(F, E),
    }

    pub(super) fn serialize<S: Serializer>(
        filter: &Option<DocumentFilter>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let stored: Stored<&DocumentFilter, &Expression> = match filter {
            None => Stored::Forgotten,
            Some(filter) => match &filter.expression {
                None => Stored::Plain(filter),
                Some(expression) => Stored::With(filter, expression),
            },
        };
        stored.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<DocumentFilter>, D::Error> {
        Ok(match Stored::<DocumentFilter, Expression>::deserialize(from)? {
            Stored::Forgotten => None,
            Stored::Plain(filter) => Some(filter),
            Stored::With(filter, expression) => {
                Some(DocumentFilter { expression: Some(expression), ..filter })
            }
        })
    }
}

/// Which analyses are renewed, and by which analyzer: the one that the service uses where none is named. In rows, the first two are the
/// bytes of the `bool` that stood here before analyzers could be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Renewal {
    /// All.
    All,
    /// Those that another analyzer made.
    Older,
    /// All, by this analyzer.
    AllBy(AnalyzerName),
    /// Those that another analyzer made than this one.
    OlderBy(AnalyzerName),
}

impl Renewal {
    /// As a request says it.
    pub fn of(only_older: bool, analyzer: Option<AnalyzerName>) -> Self {
        match (only_older, analyzer) {
            (false, None) => Self::All,
            (true, None) => Self::Older,
            (false, Some(analyzer)) => Self::AllBy(analyzer),
            (true, Some(analyzer)) => Self::OlderBy(analyzer),
        }
    }

    /// Whether analyses stay that the analyzer made itself.
    pub fn only_older(self) -> bool {
        matches!(self, Self::Older | Self::OlderBy(_))
    }

    /// The analyzer, where one is named.
    pub fn analyzer(self) -> Option<AnalyzerName> {
        match self {
            Self::All | Self::Older => None,
            Self::AllBy(analyzer) | Self::OlderBy(analyzer) => Some(analyzer),
        }
    }
}

/// How far an operation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Documents that matched when it began; 0 until they are counted.
    pub total: u64,
    /// Documents that are done.
    pub done: u64,
    /// Documents that had nothing to be done to them: gone or renewed by somebody else since.
    pub skipped: u64,
    /// Documents that could not be done.
    pub failed: u64,
}

/// Whether an operation goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationState {
    /// It waits for its turn.
    Waiting,
    /// It is at work.
    Running,
    /// It has done everything; see its progress for documents that failed.
    Succeeded,
    /// It was called off; what was done stays done.
    Cancelled,
    /// It gave up, with a message for people.
    Failed(String),
}

impl OperationState {
    /// Whether nothing more will happen.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Cancelled | Self::Failed(_))
    }
}
