//! What goes with an entity: the index counts and ranks, the projection gives names, and the latest quotes that connect the two are
//! shown as examples.

use super::Engine;
use super::api::{Freshness, Position};
use super::counting::NO_PAGE;
use super::error::EngineError;
use crate::domain::annotation::EntityType;
use crate::domain::entity::CollectionEntity;
use crate::domain::hit::QuoteHit;
use crate::domain::ids::{EntityId, EntityName};
use crate::domain::query::{Fold, Order, QuoteFilter, QuoteQuery, Resolved};
use crate::domain::related::{RelatedOrder, RelatedQuery, Relation};
use crate::domain::time::TimeRange;
use crate::ports::{Caller, SearchView};
use std::cmp::Reverse;
use std::sync::Arc;

/// A question for what goes with an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedRequest {
    /// The entity.
    pub name: EntityName,
    /// Any of these types; all where there are none.
    pub types: Vec<EntityType>,
    /// Publication time of the documents.
    pub published: TimeRange,
    /// What comes first.
    pub order: RelatedOrder,
    /// Most entities, at least 1.
    pub most: usize,
    /// Most examples for each.
    pub examples: usize,
    /// The write that the answer must see.
    pub at_least: Option<Position>,
}

/// What goes with an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedEntities {
    /// In the order asked for.
    pub related: Vec<RelatedEntity>,
    /// Documents that mention the entity.
    pub documents: u64,
    /// Entities that they mention beside it, of every type.
    pub distinct: u64,
    /// How far the answer follows the log.
    pub freshness: Freshness,
}

/// An entity that goes with another.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedEntity {
    /// The entity.
    pub entity: CollectionEntity,
    /// How often.
    pub relation: Relation,
    /// The latest quotes that connect the two.
    pub examples: Vec<QuoteHit>,
}

impl Engine {
    /// Entities that are mentioned in the same documents as one.
    pub async fn related_entities(
        &self,
        caller: &Caller,
        asked: RelatedRequest,
    ) -> Result<RelatedEntities, EngineError> {
        let RelatedRequest { name, types, published, order, most, examples, at_least } = asked;
        let view = self.view(caller, &NO_PAGE, at_least).await?.view;
        let entity = self.get_entity(caller, &name).await?;
        let (collection, group, taken_for) =
            (name.collection.clone(), self.group(&name).await?, entity.inferred_as);
        let query = RelatedQuery { collection, group, taken_for, types, published, order, most };
        let found = view.related(&query, caller).await?;
        let mut related = Vec::with_capacity(found.relations.len());
        for relation in found.relations {
            caller.check()?;
            let name = EntityName { collection: name.collection.clone(), entity: relation.entity.clone() };
            // One that has gone since the view was opened has no name any more.
            let Some(entity) = self.core.entities.entity(&name).await? else { continue };
            let examples = match examples {
                0 => Vec::new(),
                most => self.connecting(caller, &view, &query, &relation, most).await?,
            };
            related.push(RelatedEntity { entity, relation, examples });
        }
        let freshness = self.freshness(&*view);
        Ok(RelatedEntities { related, documents: found.documents, distinct: found.distinct, freshness })
    }

    /// The latest statements that connect the entity of the query with another.
    async fn connecting(
        &self,
        caller: &Caller,
        view: &Arc<dyn SearchView>,
        query: &RelatedQuery,
        relation: &Relation,
        most: usize,
    ) -> Result<Vec<QuoteHit>, EngineError> {
        let name = EntityName { collection: query.collection.clone(), entity: relation.entity.clone() };
        let other = self.group(&name).await?;
        let mut found = Vec::new();
        for entities in ways(&query.group, &other, relation) {
            let query = QuoteQuery {
                within: query.collection.clone().into(),
                filter: QuoteFilter { published: query.published, ..QuoteFilter::default() },
                entities,
                order: Order::NewestFirst,
                fold: Fold::Nothing,
                explain: false,
            };
            found.extend(self.quotes_in(caller, view, &query, most).await?);
        }
        // What one says about the other may mention both.
        found.sort_by_key(|hit| {
            let begin = hit.quote.contents.first().map(|content| content.begin);
            (Reverse(hit.document.published_at), hit.document.seq, begin, hit.name.clone())
        });
        found.dedup_by(|one, other| one.name == other.name);
        found.truncate(most);
        Ok(found)
    }
}

/// The ways in which statements connect two entities, as far as there are such statements. Asked for one by one, since each is found
/// by the names in it, and all of them together only by looking at every statement.
fn ways<'r>(
    one: &'r [EntityId],
    other: &'r [EntityId],
    relation: &Relation,
) -> impl Iterator<Item = Resolved> + use<'r> {
    let counted = [
        (relation.quotes, vec![], vec![one, other]),
        (relation.spoken_about, vec![one], vec![other]),
        (relation.speaks_about, vec![other], vec![one]),
    ];
    let owned = |groups: Vec<&[EntityId]>| groups.into_iter().map(|group| group.to_vec()).collect();
    counted.into_iter().filter(|(count, ..)| *count > 0).map(move |(_, speakers, mentions)| Resolved {
        speakers: owned(speakers),
        mentions: owned(mentions),
        expression: None,
    })
}
