//! Every place where an entity is mentioned: its documents, latest first, and in each the mentions in text order,
//! including those of surname-only entities that are taken for it. Read from the store alone.

use super::api::MentionResult;
use super::caller::Caller;
use super::error::EngineError;
use super::{Core, Engine, paging};
use crate::analysis;
use crate::domain::document::StoredDocument;
use crate::domain::ids::{DocumentId, DocumentName, EntityId, EntityName};
use crate::domain::query::{Cursor, HitPage, PageRequest};
use crate::domain::span::ByteSpan;
use crate::domain::time::Timestamp;
use crate::store::EntityDocument;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

impl Engine {
    /// The mentions of an entity, latest document first, in text order within a document. `total` counts the
    /// documents that mention it.
    pub async fn list_mentions(
        &self,
        caller: &Caller,
        name: &EntityName,
        page: PageRequest,
    ) -> Result<HitPage<MentionResult>, EngineError> {
        let name = name.clone();
        self.blocking(caller, move |core| core.list_mentions(&name, &page)).await
    }
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    seen: Timestamp,
    document: DocumentId,
    /// Mentions of that document up to and including the last one given.
    given: usize,
}

impl Core {
    fn list_mentions(
        &self,
        name: &EntityName,
        page: &PageRequest,
    ) -> Result<HitPage<MentionResult>, EngineError> {
        paging::check(page)?;
        let entity = self.entity(name)?;
        let group = self.store.entity_group(name)?;
        let place = page.after.as_ref().map(read_place).transpose()?;
        let mut found = Vec::new();
        if let Some(place) = &place {
            let listed = EntityDocument { seen: place.seen, document: place.document.clone() };
            found.extend(self.mentions_in(name, &group, &listed)?.into_iter().skip(place.given));
        }
        let mut after = place.map(|place| EntityDocument { seen: place.seen, document: place.document });
        while found.len() <= page.size {
            let Some(next) = self.next_document(name, &group, after.as_ref())? else { break };
            found.extend(self.mentions_in(name, &group, &next)?);
            after = Some(next);
        }
        let page = paging::cut(found, page.size, entity.documents, |(place, _)| write_place(place));
        let hits = page.hits.into_iter().map(|((_, mention), after)| (mention, after));
        Ok(HitPage { hits: hits.collect(), total: page.total, more: page.more })
    }

    /// The latest document after `after` that mentions any entity of the group.
    fn next_document(
        &self,
        name: &EntityName,
        group: &[EntityId],
        after: Option<&EntityDocument>,
    ) -> Result<Option<EntityDocument>, EngineError> {
        let mut next: Option<EntityDocument> = None;
        for entity in group {
            let name = EntityName { collection: name.collection.clone(), entity: entity.clone() };
            let Some(found) = self.store.entity_documents(&name, after, 1)?.pop() else { continue };
            if next.as_ref().is_none_or(|next| comes_before(&found, next)) {
                next = Some(found);
            }
        }
        Ok(next)
    }

    fn mentions_in(
        &self,
        name: &EntityName,
        group: &[EntityId],
        listed: &EntityDocument,
    ) -> Result<Vec<(Place, MentionResult)>, EngineError> {
        let collection = name.collection.clone();
        let name = DocumentName { collection, document: listed.document.clone() };
        // Gone since it was listed: nothing to show.
        let Some(document) = self.store.document(&name)? else { return Ok(Vec::new()) };
        let mentions = mentions(&Arc::new(document), group).into_iter();
        let place = |given| Place { seen: listed.seen, document: listed.document.clone(), given };
        Ok(mentions.enumerate().map(|(at, mention)| (place(at + 1), mention)).collect())
    }
}

/// The store's order: latest first, then by id.
fn comes_before(one: &EntityDocument, other: &EntityDocument) -> bool {
    (other.seen, &one.document) < (one.seen, &other.document)
}

fn mentions(document: &Arc<StoredDocument>, group: &[EntityId]) -> Vec<MentionResult> {
    let sentences = analysis::sentences(&document.document.text);
    let wanted = document
        .analysis
        .entities
        .iter()
        .filter(|entity| document.links.get(&entity.id).is_some_and(|link| group.contains(link)));
    let mut found: Vec<_> = wanted
        .flat_map(|entity| entity.mentions.iter().map(|mention| (entity.id.clone(), *mention)))
        .map(|(entity, mention)| MentionResult {
            document: Arc::clone(document),
            entity,
            mention,
            sentence: sentence_of(&sentences, mention.span),
        })
        .collect();
    found.sort_by_key(|result| result.mention.span);
    found
}

/// The sentence around a span; the span itself where none holds it.
fn sentence_of(sentences: &[ByteSpan], span: ByteSpan) -> ByteSpan {
    let after = sentences.partition_point(|sentence| sentence.begin <= span.begin);
    let around = after.checked_sub(1).map(|at| sentences[at]);
    around.filter(|sentence| sentence.overlaps(span)).map_or(span, |sentence| sentence.cover(span))
}

fn read_place(cursor: &Cursor) -> Result<Place, EngineError> {
    postcard::from_bytes(&cursor.0).map_err(|_| paging::not_ours())
}

fn write_place(place: &Place) -> Cursor {
    // Fails only for types without a length or for a full buffer: neither is here. An empty cursor is refused when
    // it comes back.
    Cursor(postcard::to_stdvec(place).unwrap_or_default())
}
