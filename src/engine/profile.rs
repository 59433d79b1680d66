//! What a collection tells about one entity: what it says, what is said about it, and beside whom it stands. Three counts and two
//! searches of one view.

use super::Engine;
use super::api::{Freshness, Position};
use super::counting::NO_PAGE;
use super::error::EngineError;
use crate::domain::entity::CollectionEntity;
use crate::domain::facet::{Counted, Counts, Facet, FacetField, FacetValue, Interval};
use crate::domain::hit::QuoteHit;
use crate::domain::ids::{CollectionId, EntityId, EntityName};
use crate::domain::query::{DocumentFilter, DocumentQuery, Order, QuoteFilter, QuoteQuery, Resolved};
use crate::ports::Caller;
use std::collections::HashMap;

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
    /// Quotes by it.
    pub spoken: u64,
    /// Quotes about it.
    pub about: u64,
    /// Documents that mention it.
    pub documents: u64,
    /// The first quote by it.
    pub first: Option<QuoteHit>,
    /// The last one.
    pub last: Option<QuoteHit>,
    /// Outlets of the quotes by it.
    pub sources: Counted,
    /// Whom and what those mention.
    pub mentions: Counted,
    /// Who speaks about it.
    pub speakers_about: Counted,
    /// Other entities that quotes mention beside it.
    pub beside_in_quotes: Counted,
    /// Other entities that documents mention beside it.
    pub beside_in_documents: Counted,
    /// Quotes by it over time.
    pub spoken_periods: Counted,
    /// Quotes about it over time.
    pub about_periods: Counted,
    /// As what kind of speaker it is quoted.
    pub speaker_kinds: Counted,
    /// Types of the quotes by it.
    pub types: Counted,
    /// By what the periods divide.
    pub by: FacetField,
    /// Display names of the entities among the values.
    pub names: HashMap<EntityId, String>,
    /// How far the answer follows the log.
    pub freshness: Freshness,
}

/// Most stretches of time.
const MOST_PERIODS: usize = 1000;

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
        let by = FacetField::Published { interval, zone: "UTC".to_owned() };
        let facet = |by, limit| Facet { by, limit, nested: None };
        let over_time = || facet(by.clone(), MOST_PERIODS);

        let query =
            statements(&name.collection, Resolved { speakers: vec![group.clone()], ..Resolved::default() });
        let [first, last] = self.first_and_last_in(caller, &view, &query).await?;
        let fields = [FacetField::Source, FacetField::Mention, FacetField::SpeakerKind, FacetField::Type];
        let facets: Vec<Facet> =
            fields.map(|by| facet(by, values)).into_iter().chain([over_time()]).collect();
        let (spoken, [sources, mentions, speaker_kinds, types, spoken_periods]) =
            parts(view.count_quotes(&query, &facets, caller).await?);

        let mentioning = Resolved { mentions: vec![group.clone()], ..Resolved::default() };
        let query = statements(&name.collection, mentioning.clone());
        // One more, since it is among those that are mentioned.
        let beside = || facet(FacetField::Mention, values + 1);
        let facets = [facet(FacetField::Speaker, values), beside(), over_time()];
        let (about, [speakers_about, beside_in_quotes, about_periods]) =
            parts(view.count_quotes(&query, &facets, caller).await?);

        let query = DocumentQuery {
            collection: name.collection.clone(),
            filter: DocumentFilter::default(),
            entities: mentioning,
            order: Order::Relevance,
        };
        let (documents, [beside_in_documents]) =
            parts(view.count_documents(&query, &[beside()], caller).await?);

        let own = entity.inferred_as.as_ref().unwrap_or(&name.entity);
        let beside_in_quotes = without(beside_in_quotes, own, about, values);
        let beside_in_documents = without(beside_in_documents, own, documents, values);
        let lists = [&mentions, &speakers_about, &beside_in_quotes, &beside_in_documents];
        let names = self.names_in(caller, &name.collection, lists.into_iter()).await?;
        let freshness = self.freshness(&*view);
        let profile = Profile {
            spoken,
            about,
            documents,
            first,
            last,
            sources,
            mentions,
            speakers_about,
            beside_in_quotes,
            beside_in_documents,
            spoken_periods,
            about_periods,
            speaker_kinds,
            types,
            by,
            names,
            freshness,
        };
        Ok((entity, profile))
    }
}

/// Statements of the collection that these entities speak, or are mentioned in.
fn statements(collection: &CollectionId, entities: Resolved) -> QuoteQuery {
    let (collection, filter) = (collection.clone(), QuoteFilter::default());
    QuoteQuery { collection, filter, entities, order: Order::Relevance }
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
