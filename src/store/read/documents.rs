//! Documents: in short, whole, or their beginnings.

use super::super::error::Fault;
use super::super::record::decode;
use super::super::rows::{ContributionRow, GoneRow, HeadRow, Metadata};
use super::super::tables::{Generation, Snapshot};
use super::super::write::{analysis_of, beginning_of, text_of};
use super::{document_id, get};
use crate::domain::document::{DocumentInfo, StoredDocument};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName, QuoteName};
use crate::ports::Current;
use std::ops::Bound;

/// A revision that is kept.
struct Kept {
    generation: Generation,
    head: HeadRow,
    /// Whether it is the current one.
    current: bool,
}

impl Snapshot {
    /// What is current under the name, without reading text or analysis.
    pub(in crate::store) fn current(&self, name: &DocumentName) -> Result<Option<Current>, Fault> {
        let Some(Kept { head, .. }) = self.revision(name, None)? else { return Ok(None) };
        Ok(Some(Current {
            revision: head.revision,
            content_hash: head.content_hash,
            basis_hash: head.basis_hash,
            seq: head.seq,
            analyzer: self.stamp(head.analyzer)?,
            quotes: head.quotes,
            entities: head.entities,
        }))
    }

    /// A document whole: the current revision, or the one asked for where it is kept.
    pub(in crate::store) fn document(
        &self,
        name: &DocumentName,
        revision: Option<u32>,
    ) -> Result<Option<StoredDocument>, Fault> {
        let Some(kept) = self.revision(name, revision)? else { return Ok(None) };
        self.whole(name, kept).map(Some)
    }

    /// A document without text and analysis.
    pub(in crate::store) fn info(&self, name: &DocumentName) -> Result<Option<DocumentInfo>, Fault> {
        let Some(kept) = self.revision(name, None)? else { return Ok(None) };
        self.info_of(name.clone(), kept.head).map(Some)
    }

    /// The documents of a collection by id, ascending, those after `after`. None in an unknown collection.
    pub(in crate::store) fn list(
        &self,
        collection: &CollectionId,
        after: Option<&DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentInfo>, Fault> {
        let Some(generation) = self.generation(collection)? else { return Ok(Vec::new()) };
        let from = match after {
            Some(id) => Bound::Excluded((generation, id.as_str())),
            None => Bound::Included((generation, "")),
        };
        let rows = self.heads.range((from, Bound::Excluded((generation + 1, ""))))?;
        rows.take(limit)
            .map(|entry| {
                let (key, head) = entry?;
                let document = document_id(key.value().1)?;
                let name = DocumentName { collection: collection.clone(), document };
                self.info_of(name, decode(head.value())?)
            })
            .collect()
    }

    /// The beginning of a revision's text, at most `bytes` of it.
    pub(in crate::store) fn beginning(
        &self,
        name: &DocumentName,
        revision: u32,
        bytes: usize,
    ) -> Result<Option<String>, Fault> {
        let Some(Kept { generation, head, .. }) = self.revision(name, Some(revision))? else {
            return Ok(None);
        };
        beginning_of(&self.texts, (generation, name.document.as_str()), head.text, bytes).map(Some)
    }

    /// The last revision that had a quote which the current one has no more.
    pub(in crate::store) fn last_revision_with(&self, quote: &QuoteName) -> Result<Option<u32>, Fault> {
        let name = &quote.document;
        let Some(generation) = self.generation(&name.collection)? else { return Ok(None) };
        let gone: Option<GoneRow> = get(&self.gone, (generation, name.document.as_str()))?;
        let gone = gone.unwrap_or_default().0;
        Ok(gone.into_iter().find(|(id, _)| id == quote.quote.as_str()).map(|(_, revision)| revision))
    }

    /// A document's change as the sequence has it: its size first, so that a reader may stop before it reads too much.
    pub(super) fn sized(&self, name: &DocumentName, generation: Generation) -> Result<Option<Sized>, Fault> {
        let head: Option<HeadRow> = get(&self.heads, (generation, name.document.as_str()))?;
        Ok(head.map(|head| Sized(Kept { generation, head, current: true })))
    }

    /// The document of [`Snapshot::sized`].
    pub(super) fn read(&self, name: &DocumentName, sized: Sized) -> Result<StoredDocument, Fault> {
        self.whole(name, sized.0)
    }

    fn revision(&self, name: &DocumentName, wanted: Option<u32>) -> Result<Option<Kept>, Fault> {
        let Some(generation) = self.generation(&name.collection)? else { return Ok(None) };
        let key = (generation, name.document.as_str());
        let Some(head) = get::<HeadRow>(&self.heads, key)? else { return Ok(None) };
        if wanted.is_none_or(|wanted| wanted == head.revision) {
            return Ok(Some(Kept { generation, head, current: true }));
        }
        let previous = get::<HeadRow>(&self.previous, key)?;
        let previous = previous.filter(|previous| wanted == Some(previous.revision));
        Ok(previous.map(|head| Kept { generation, head, current: false }))
    }

    fn whole(&self, name: &DocumentName, kept: Kept) -> Result<StoredDocument, Fault> {
        let Kept { generation, head, current } = kept;
        let key = (generation, name.document.as_str());
        let text = text_of(&self.texts, key, head.text)?;
        let analysis = analysis_of(&self.analyses, key, head.analysis)?;
        let shares = match current {
            true => {
                get::<ContributionRow>(&self.contributions, key)?
                    .ok_or_else(|| Fault::Corrupt(format!("document {name} has no contribution")))?
                    .shares
            }
            false => Vec::new(),
        };
        let links = shares.into_iter().flat_map(|share| {
            let entity = share.entity;
            share.locals.into_iter().map(move |local| (local, entity.clone()))
        });
        Ok(StoredDocument { text, analysis, links: links.collect(), info: self.info_of(name.clone(), head)? })
    }

    pub(super) fn info_of(&self, name: DocumentName, head: HeadRow) -> Result<DocumentInfo, Fault> {
        let Metadata { title, published_at, source, url, language, labels } = head.meta;
        Ok(DocumentInfo {
            name,
            title,
            published_at,
            source,
            url,
            language,
            labels,
            revision: head.revision,
            content_hash: head.content_hash,
            created_at: head.created_at,
            updated_at: head.updated_at,
            seq: head.seq,
            analyzer: self.stamp(head.analyzer)?,
            detected_language: head.detected_language,
            quotes: head.quotes,
            entities: head.entities,
        })
    }
}

/// A document of which only the size is known yet.
pub(super) struct Sized(Kept);

impl Sized {
    /// Bytes of its text.
    pub(super) fn bytes(&self) -> usize {
        usize::try_from(self.0.head.text.bytes).unwrap_or(usize::MAX)
    }
}
