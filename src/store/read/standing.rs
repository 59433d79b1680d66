//! A collection as it stood at a moment in the past, read from what is kept now: of each document the current revision and the one
//! before it. No reader holds the past, so that an export may take days; what was changed more than once since is lost to it.

use super::super::error::Fault;
use super::super::record::decode;
use super::super::rows::HeadRow;
use super::super::tables::{Generation, Snapshot};
use super::{document_id, get};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName};
use crate::ports::{Moment, Standing, Stood};
use std::ops::Bound;

impl Snapshot {
    /// The documents of a collection by id, ascending, those after `after`, as they stood at a moment. Looks at `limit` of them.
    pub(in crate::store) fn standing(
        &self,
        collection: &CollectionId,
        moment: Moment,
        after: Option<&DocumentId>,
        limit: usize,
    ) -> Result<Standing, Fault> {
        let mut standing = Standing { documents: Vec::new(), up_to: None };
        let Some(generation) = self.generation(collection)? else { return Ok(standing) };
        let from = match after {
            Some(id) => Bound::Excluded((generation, id.as_str())),
            None => Bound::Included((generation, "")),
        };
        let limit = limit.max(1);
        let rows = self.heads.range((from, Bound::Excluded((generation + 1, ""))))?;
        for (looked_at, entry) in rows.enumerate() {
            if looked_at == limit {
                return Ok(standing);
            }
            let (key, head) = entry?;
            let document = document_id(key.value().1)?;
            standing.up_to = Some(document.clone());
            let name = DocumentName { collection: collection.clone(), document };
            standing.documents.extend(self.stood(generation, name, decode(head.value())?, moment)?);
        }
        standing.up_to = None;
        Ok(standing)
    }

    /// `None` for a document that was made since.
    fn stood(
        &self,
        generation: Generation,
        name: DocumentName,
        head: HeadRow,
        moment: Moment,
    ) -> Result<Option<Stood>, Fault> {
        if head.seq <= moment.seq {
            return Ok(Some(Stood::Unchanged(Box::new(self.info_of(name, head)?))));
        }
        if is_from_before(&head, moment) {
            return Ok(Some(Stood::Changed(Box::new(self.info_of(name, head)?))));
        }
        if head.revision == 1 || head.created_at >= moment.at {
            return Ok(None);
        }
        let previous = get::<HeadRow>(&self.previous, (generation, name.document.as_str()))?;
        match previous.filter(|previous| is_from_before(previous, moment)) {
            Some(previous) => Ok(Some(Stood::Changed(Box::new(self.info_of(name, previous)?)))),
            None => Ok(Some(Stood::Lost(name.document))),
        }
    }
}

/// Whether a revision was there at the moment, be it with another analysis. A change since that kept the analysis, or brought a text, was
/// a revision. One that brought an analysis alone may have been either: then the time of the revision decides.
fn is_from_before(row: &HeadRow, moment: Moment) -> bool {
    let was_renewed =
        row.text.seq <= moment.seq && row.analysis.seq > moment.seq && row.updated_at < moment.at;
    row.seq <= moment.seq || was_renewed
}
