//! What a collection tells about one entity: what it says, what is said about it, and beside whom it stands. Three counts and two
//! searches of one view.

use super::Engine;
use super::api::{Freshness, Position};
use super::counting::NO_PAGE;
use super::error::EngineError;
use crate::domain::entity::CollectionEntity;
use crate::domain::facet::{Counted, Counts, Facet, FacetField, FacetValue, Interval};
use crate::domain::hit::QuoteHit;
use crate::domain::ids::{EntityId, EntityName};
use crate::domain::query::{
    DocumentFilter, DocumentQuery, Fold, Order, QuoteFilter, QuoteQuery, Resolved, Within,
};
use crate::ports::{Caller, SearchView};
use std::collections::HashMap;
use std::sync::Arc;

/// A question for a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileRequest {
    /// Whose.
    pub name: EntityName,
    /// How long a stretch of time is.
    pub interval: Interval,
    /// Most values of each list, at least 1.
    pub values: usize,
    /// The write that the answer must see.
    pub at_least: Option<Position>,
}

/// What a collection tells about an entity. Quotes are statements.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What it says.
    pub spoken: Spoken,
    /// What is said about it.
    pub about: About,
    /// Documents that mention it.
    pub documents: u64,
    /// Other entities that they mention.
    pub beside: Counted,
    /// What they call it, each over time.
    pub roles: Counted,
    /// By what the periods divide.
    pub by: FacetField,
    /// Display names of the entities among the values.
    pub names: HashMap<EntityId, String>,
    /// How far the answer follows the log.
    pub freshness: Freshness,
}

/// Quotes by an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// How many.
    pub total: u64,
    /// The first.
    pub first: Option<QuoteHit>,
    /// The last.
    pub last: Option<QuoteHit>,
    /// In which outlets.
    pub sources: Counted,
    /// About whom and what.
    pub mentions: Counted,
    /// By what kind of speaker.
    pub speaker_kinds: Counted,
    /// How much of each stands in quotation marks.
    pub types: Counted,
    /// When.
    pub periods: Counted,
}

/// Quotes about an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// How many.
    pub total: u64,
    /// By whom.
    pub speakers: Counted,
    /// Other entities that they mention.
    pub beside: Counted,
    /// When.
    pub periods: Counted,
}

/// Most stretches of time.
const MOST_PERIODS: usize = 1000;

/// Of whom a profile is made, and how.
struct Subject<'s> {
    caller: &'s Caller,
    view: Arc<dyn SearchView>,
    within: Within,
    /// The entity with the bare surname that is taken for it.
    group: Vec<EntityId>,
    /// The entity as which it is counted.
    counted_as: EntityId,
    by: FacetField,
    values: usize,
}

impl Engine {
    /// One entity of a collection, with what the collection tells about it.
    pub async fn entity_profile(
        &self,
        caller: &Caller,
        asked: ProfileRequest,
    ) -> Result<(CollectionEntity, Profile), EngineError> {
        let ProfileRequest { name, interval, values, at_least } = asked;
        let view = self.view(caller, &NO_PAGE, at_least).await?.view;
        let entity = self.get_entity(caller, &name).await?;
        let group = self.group(&name).await?;
        let counted_as = entity.inferred_as.clone().unwrap_or(name.entity);
        let by = FacetField::Published { interval, zone: "UTC".to_owned() };
        let within = name.collection.into();
        let subject = Subject { caller, view, within, group, counted_as, by, values };
        let spoken = self.spoken(&subject).await?;
        let about = subject.about().await?;
        let (documents, [beside, roles]) = subject.documents().await?;
        let lists = [&spoken.mentions, &about.speakers, &about.beside, &beside];
        let names = self.names_in(caller, &subject.within, lists.into_iter()).await?;
        let freshness = self.freshness(&*subject.view);
        let by = subject.by;
        Ok((entity, Profile { spoken, about, documents, beside, roles, by, names, freshness }))
    }

    async fn spoken(&self, subject: &Subject<'_>) -> Result<Spoken, EngineError> {
        let speakers = vec![subject.group.clone()];
        let query = subject.statements(Resolved { speakers, ..Resolved::default() });
        let [first, last] = self.first_and_last_in(subject.caller, &subject.view, &query).await?;
        let fields = [FacetField::Source, FacetField::Mention, FacetField::SpeakerKind, FacetField::Type];
        let facets = fields.map(|by| subject.facet(by)).into_iter().chain([subject.over_time()]);
        let facets: Vec<Facet> = facets.collect();
        let counts = subject.view.count_quotes(&query, &facets, subject.caller).await?;
        let (total, [sources, mentions, speaker_kinds, types, periods]) = parts(counts);
        Ok(Spoken { total, first, last, sources, mentions, speaker_kinds, types, periods })
    }
}

impl Subject<'_> {
    async fn about(&self) -> Result<About, EngineError> {
        let facets = [self.facet(FacetField::Speaker), self.with_itself(), self.over_time()];
        let query = self.statements(self.mentioned());
        let counts = self.view.count_quotes(&query, &facets, self.caller).await?;
        let (total, [speakers, beside, periods]) = parts(counts);
        Ok(About { total, speakers, beside: without(beside, &self.counted_as, total, self.values), periods })
    }

    /// The documents that mention it: which other entities they mention, and what they call it, over time.
    async fn documents(&self) -> Result<(u64, [Counted; 2]), EngineError> {
        let query = DocumentQuery {
            within: self.within.clone(),
            filter: DocumentFilter::default(),
            entities: self.mentioned(),
            order: Order::Relevance,
            fold: Fold::Nothing,
            explain: false,
        };
        let by = FacetField::Role(self.group.clone());
        let roles = Facet { nested: Some(Box::new(self.over_time())), ..self.facet(by) };
        let counts = self.view.count_documents(&query, &[self.with_itself(), roles], self.caller).await?;
        let (total, [beside, roles]) = parts(counts);
        Ok((total, [without(beside, &self.counted_as, total, self.values), roles]))
    }

    fn mentioned(&self) -> Resolved {
        Resolved { mentions: vec![self.group.clone()], ..Resolved::default() }
    }

    fn statements(&self, entities: Resolved) -> QuoteQuery {
        let (within, filter) = (self.within.clone(), QuoteFilter::default());
        let (order, fold) = (Order::Relevance, Fold::Nothing);
        QuoteQuery { within, filter, entities, order, fold, explain: false }
    }

    fn facet(&self, by: FacetField) -> Facet {
        Facet { by, limit: self.values, nested: None }
    }

    /// What is mentioned where it is, which it is itself.
    fn with_itself(&self) -> Facet {
        Facet { limit: self.values + 1, ..self.facet(FacetField::Mention) }
    }

    fn over_time(&self) -> Facet {
        Facet { limit: MOST_PERIODS, ..self.facet(self.by.clone()) }
    }
}

/// The total, and the matches as each facet divides them.
fn parts<const N: usize>(counts: Counts) -> (u64, [Counted; N]) {
    let mut facets = counts.facets.into_iter();
    (counts.total, std::array::from_fn(|_| facets.next().unwrap_or_default()))
}

/// The values but the entity `own`, which all `total` matches have; at most `most` of them.
fn without(mut counted: Counted, own: &EntityId, total: u64, most: usize) -> Counted {
    let given = counted.buckets.len();
    counted.buckets.retain(|bucket| !matches!(&bucket.value, FacetValue::Entity(id) if id == own));
    if counted.buckets.len() == given {
        // It is among the values that were not given, as may be where as many others are in all matches.
        counted.other = counted.other.saturating_sub(total);
    }
    counted.distinct = counted.distinct.saturating_sub(1);
    counted.other += counted.buckets.iter().skip(most).map(|bucket| bucket.count).sum::<u64>();
    counted.buckets.truncate(most);
    counted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facet::Bucket;

    fn bucket(id: &str, count: u64) -> Bucket {
        let value = FacetValue::Entity(EntityId::new(id).unwrap());
        Bucket { value, count, score: 0.0, nested: None }
    }

    #[test]
    fn an_entity_is_not_beside_itself_whether_it_was_given_or_not() {
        let own = EntityId::new("own").unwrap();
        let buckets = vec![bucket("own", 5), bucket("a", 4), bucket("b", 3)];
        let counted = Counted { buckets, distinct: 4, missing: 0, other: 1 };
        let left = without(counted, &own, 5, 2);
        assert_eq!(
            left,
            Counted { buckets: vec![bucket("a", 4), bucket("b", 3)], distinct: 3, missing: 0, other: 1 }
        );
        let buckets = vec![bucket("a", 5), bucket("b", 5), bucket("c", 5)];
        let counted = Counted { buckets, distinct: 4, missing: 0, other: 5 };
        let left = without(counted, &own, 5, 2);
        assert_eq!(
            left,
            Counted { buckets: vec![bucket("a", 5), bucket("b", 5)], distinct: 3, missing: 0, other: 5 }
        );
        assert_eq!(without(Counted::default(), &own, 0, 2), Counted::default());
    }
}
