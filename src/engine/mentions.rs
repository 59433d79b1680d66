//! Every place where an entity is mentioned: its documents, latest first, and in each the mentions in text order,
//! including those of surname-only entities that are taken for it. Read from the log and the projection alone.

use super::api::MentionResult;
use super::error::{EngineError, Fault};
use super::{Engine, paging, sentence};
use crate::analysis;
use crate::domain::document::StoredDocument;
use crate::domain::hit::HitPage;
use crate::domain::ids::{DocumentId, DocumentName, EntityId, EntityName};
use crate::domain::query::{Cursor, PageRequest};
use crate::domain::time::Timestamp;
use crate::ports::{Caller, EntityDocument, EntityPlace};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Documents that are looked up at once.
const CHUNK: usize = 8;

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    seen: Timestamp,
    document: DocumentId,
    /// Mentions of that document up to and including the last one given.
    given: usize,
}

type Placed = (Place, MentionResult);

impl Engine {
    /// The mentions of an entity, latest document first, in text order within a document. `total` counts the
    /// documents that mention it.
    pub async fn list_mentions(
        &self,
        caller: &Caller,
        name: &EntityName,
        page: &PageRequest,
    ) -> Result<HitPage<MentionResult>, EngineError> {
        paging::check(page)?;
        let entity = self.get_entity(caller, name).await?;
        let group = self.group(name).await?;
        let place = page.after.as_ref().map(read_place).transpose()?;
        let mut found = Vec::new();
        if let Some(place) = &place {
            let listed = EntityPlace { seen: place.seen, document: place.document.clone() };
            found
                .extend(self.mentions_in(caller, name, &group, &listed).await?.into_iter().skip(place.given));
        }
        let mut after = place.map(|place| EntityPlace { seen: place.seen, document: place.document });
        let (mut bytes, mut ended) = (0, false);
        while !ended && found.len() <= page.size && bytes < page.bytes {
            let next = self.core.entities.documents(name, after.as_ref(), CHUNK).await?;
            ended = next.len() < CHUNK;
            after = next.last().map(|last| last.place.clone()).or(after);
            for EntityDocument { place, .. } in &next {
                let mentions = self.mentions_in(caller, name, &group, place).await?;
                bytes += mentions.iter().map(|(_, mention)| mention.sentence.len()).sum::<usize>();
                found.extend(mentions);
            }
        }
        let more = !ended || found.len() > page.size;
        found.truncate(page.size);
        let hits = found.into_iter().map(|(place, mention)| (mention, write_place(&place)));
        Ok(HitPage { hits: hits.collect(), total: entity.documents, more })
    }

    async fn mentions_in(
        &self,
        caller: &Caller,
        name: &EntityName,
        group: &[EntityId],
        listed: &EntityPlace,
    ) -> Result<Vec<Placed>, EngineError> {
        caller.check()?;
        let name = DocumentName { collection: name.collection.clone(), document: listed.document.clone() };
        // Gone since it was listed: nothing to show.
        let Some(document) = self.core.log.documents(&[(name, None)]).await?.pop().flatten() else {
            return Ok(Vec::new());
        };
        let group = group.to_vec();
        // Sentences are looked for in the whole text: computation, which no async worker should do.
        let mentions = tokio::task::spawn_blocking(move || mentions(&Arc::new(document), &group)).await;
        let mentions = mentions.map_err(|_| Fault::Panicked)?.into_iter();
        let place = |given| Place { seen: listed.seen, document: listed.document.clone(), given };
        Ok(mentions.enumerate().map(|(at, mention)| (place(at + 1), mention)).collect())
    }
}

fn mentions(document: &Arc<StoredDocument>, group: &[EntityId]) -> Vec<MentionResult> {
    let sentences = analysis::sentences(&document.text);
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
            sentence: sentence::around(&sentences, mention.span),
        })
        .collect();
    found.sort_by_key(|result| result.mention.span);
    found
}

fn read_place(cursor: &Cursor) -> Result<Place, EngineError> {
    postcard::from_bytes(&cursor.0).map_err(|_| paging::not_ours())
}

fn write_place(place: &Place) -> Cursor {
    // Fails only for types without a length or for a full buffer: neither is here. An empty cursor is refused when
    // it comes back.
    Cursor(postcard::to_stdvec(place).unwrap_or_default())
}
