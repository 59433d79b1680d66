//! Looking at an index that nobody has open: whether it is worth keeping, how far it is, and which documents it has, each as of which
//! change. Nothing is changed, made or mended.

use super::directory::Reins;
use super::open::{Opening, Verified};
use super::schema::{self, Fields, Kind};
use super::segment::Segment;
use crate::domain::document::Seq;
use crate::domain::ids::DocumentName;
use crate::ports::{Followed, PortError};
use std::path::Path;
use std::sync::Arc;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, TERMINATED, TantivyError, Term};

/// An index as it was found.
pub struct Survey {
    fields: Fields,
    segments: Vec<Segment>,
    applied: Seq,
}

impl Survey {
    /// Looks at the index in the folder, as that of the log. Every file is compared with its checksum.
    ///
    /// # Errors
    /// Why it would be made anew when it is opened.
    pub fn of(dir: &Path, log: &Followed) -> Result<Self, String> {
        let fields = Fields::new();
        let (reins, mut verified) = (Arc::new(Reins::looking()), Verified::new());
        let opening =
            Opening { dir, heap_bytes: 0, fields: &fields, log, reins: &reins, verified: &mut verified };
        let (index, applied) = opening.look()?;
        let searcher = index.reader().map_err(|error| error.to_string())?.searcher();
        let segments = searcher.segment_readers().iter().map(|reader| Segment::open(reader, None));
        let segments = segments.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        Ok(Self { fields, segments, applied })
    }

    /// The last change that it holds.
    pub fn applied(&self) -> Seq {
        self.applied
    }

    /// The documents that it has.
    pub fn documents(&self) -> Result<u64, PortError> {
        let count = || -> Result<u64, TantivyError> {
            let mut documents = 0;
            for segment in &self.segments {
                for doc in (0..segment.reader.max_doc()).filter(|doc| is_alive(segment, *doc)) {
                    documents += u64::from(segment.is_of(doc, Kind::Document)?);
                }
            }
            Ok(documents)
        };
        count().map_err(unreadable)
    }

    /// The changes as of which it has a document: one, or none, where all is well.
    pub fn changes_of(&self, name: &DocumentName) -> Result<Vec<Seq>, PortError> {
        let term = Term::from_field_text(self.fields.owner, &name.to_string());
        let find = || -> Result<Vec<Seq>, TantivyError> {
            let mut changes = Vec::new();
            for segment in &self.segments {
                let owners = segment.reader.inverted_index(self.fields.owner)?;
                let Some(mut entries) = owners.read_postings(&term, IndexRecordOption::Basic)? else {
                    continue;
                };
                while entries.doc() != TERMINATED {
                    let place = segment.place(entries.doc());
                    if is_alive(segment, entries.doc()) && schema::is_document(place) {
                        changes.push(schema::change_of(place));
                    }
                    entries.advance();
                }
            }
            Ok(changes)
        };
        find().map_err(unreadable)
    }
}

fn is_alive(segment: &Segment, doc: DocId) -> bool {
    segment.reader.alive_bitset().is_none_or(|alive| alive.is_alive(doc))
}

fn unreadable(error: TantivyError) -> PortError {
    PortError::fault("the index cannot be read", error)
}
