//! Collections given away as they stood at one moment, a part at a time. Each part is one short question; between two of them
//! nothing is held for an export but, for some minutes, the view of the index that pages would go on with, too. How far an export has
//! got is all in its cursor, so that it goes on after any interruption.
//!
//! The moment is a position in the log's changes. Documents come from the log, by id, in what is kept of their past; where there is a
//! filter, the index says of each stretch which documents match. Quotes come from the index, in the order of their documents' changes,
//! which is the same in every view.

mod documents;
mod quotes;

use super::Engine;
use super::error::{EngineError, Invalid};
use super::reach::reaches_collection;
use super::views::NoView;
use crate::domain::document::Seq;
use crate::domain::ids::CollectionId;
use crate::domain::query::{Cursor, DocumentFilter, QuoteFilter};
use crate::domain::time::Timestamp;
use crate::ports::{Caller, Epoch, Moment};
use serde::{Deserialize, Serialize};

/// Bytes of texts, or of results, at which a part is closed; the last one may exceed it.
const PART_BYTES: usize = 1 << 20;

/// Documents to be given away.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentExport {
    /// Where.
    pub collection: CollectionId,
    /// Which.
    pub filter: DocumentFilter,
    /// Whether text and analysis are asked for.
    pub whole: bool,
}

/// Quotes to be given away.
#[derive(Debug, Clone, PartialEq)]
pub struct QuoteExport {
    /// Where.
    pub collection: CollectionId,
    /// Which.
    pub filter: QuoteFilter,
}

/// A part of an export. It may be empty and not the last.
#[derive(Debug, Clone)]
pub struct Part<T> {
    /// In the export's order, each with how far the export is after it.
    pub items: Vec<(T, Reached)>,
    /// How far the export is after all that was looked at.
    pub reached: Reached,
    /// Whether nothing follows.
    pub is_last: bool,
}

/// How far an export is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// What it goes on with.
    pub cursor: Cursor,
    /// How much matched when it began.
    pub total: u64,
    /// How much was given away.
    pub sent: u64,
    /// How much was left out, since it is not there any more as it was.
    pub left_out: u64,
}

/// What a cursor says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    /// In which opening of the log it began.
    epoch: Epoch,
    seq: Seq,
    at: Timestamp,
    /// The cursor of a view that is asked, as long as it is kept; also after which quote.
    view: Option<Vec<u8>>,
    /// After which document.
    document: Option<String>,
    total: u64,
    sent: u64,
    left_out: u64,
}

impl Place {
    fn moment(&self) -> Moment {
        Moment { seq: self.seq, at: self.at }
    }

    fn view(&self) -> Option<Cursor> {
        self.view.clone().map(Cursor)
    }

    fn reached(&self) -> Reached {
        // Numbers and strings always have an encoding; an empty cursor would be refused, not misread.
        let cursor = Cursor(postcard::to_stdvec(self).unwrap_or_default());
        Reached { cursor, total: self.total, sent: self.sent, left_out: self.left_out }
    }

    /// Something is given away.
    fn sent(&mut self) -> Reached {
        self.sent += 1;
        self.reached()
    }
}

impl Engine {
    /// Refuses to go on where nobody waits, or while the service shuts down.
    fn check_export(&self, caller: &Caller, collection: &CollectionId) -> Result<(), EngineError> {
        caller.check()?;
        reaches_collection(caller, collection)?;
        match self.core.readiness.borrow().draining {
            true => Err(EngineError::Draining),
            false => Ok(()),
        }
    }

    /// A place at the beginning.
    fn place(&self, seq: Seq, at: Timestamp) -> Place {
        let epoch = self.core.log.identity().epoch;
        Place { epoch, seq, at, view: None, document: None, total: 0, sent: 0, left_out: 0 }
    }

    /// The place that a cursor names; refused where the log has lost the moment of the export, having been put back from a copy.
    fn place_of(&self, cursor: &Cursor) -> Result<Place, EngineError> {
        let place: Place = postcard::from_bytes(&cursor.0).map_err(|_| invalid(Invalid::Cursor))?;
        match self.core.log.remembers(place.epoch, place.seq) {
            true => Ok(place),
            false => Err(invalid(Invalid::UnknownSequence)),
        }
    }
}

fn invalid(reason: Invalid) -> EngineError {
    EngineError::InvalidArgument { field: "cursor", reason }
}

fn no_view(none: NoView) -> EngineError {
    match none {
        NoView::NotOurs => invalid(Invalid::Cursor),
        NoView::Expired => EngineError::ViewExpired,
        NoView::Failed(error) => error.into(),
    }
}
