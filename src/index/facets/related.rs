//! What goes with an entity: counts the other entities of the documents that mention it, holds them against their frequency in all
//! documents, and then counts the quotes that connect the two.

use super::super::clusters::Bond;
use super::super::compile;
use super::super::error::IndexError;
use super::super::pool::Seam;
use super::super::schema;
use super::super::segment::Segment;
use super::super::terms;
use super::super::view::Snapshot;
use super::ratio::{Share, ratio};
use super::tally::{Count, Key, Tally};
use super::{Counter, Merged};
use crate::domain::facet::{FacetField, FacetValue};
use crate::domain::ids::{EntityId, EntityName};
use crate::domain::query::{
    DocumentFilter, DocumentQuery, Fold, Order, QuoteFilter, QuoteQuery, Resolved, Within,
};
use crate::domain::related::{Related, RelatedOrder, RelatedQuery, Relation};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, TERMINATED, TantivyError, Term};

/// Entities whose type is looked up between two looks at the caller.
const LOOKS: usize = 256;

/// See the module.
pub(in super::super) struct Relating<'v> {
    snapshot: &'v Snapshot,
    query: &'v RelatedQuery,
    within: Within,
    seam: &'v Seam<'v>,
}

/// An entity that may be given.
struct Candidate {
    key: Key,
    documents: u64,
    score: f64,
}

impl<'v> Relating<'v> {
    /// What the snapshot answers to the query.
    pub(in super::super) fn new(snapshot: &'v Snapshot, query: &'v RelatedQuery, seam: &'v Seam<'v>) -> Self {
        Self { snapshot, query, within: query.collection.clone().into(), seam }
    }

    pub(in super::super) fn run(&self) -> Result<Related, IndexError> {
        let merged = self.snapshot.merged(&self.within)?;
        let matches = self.documents(vec![self.query.group.clone()])?;
        let here = self.counter(&matches, &merged);
        let mut field = here.field(&FacetField::Mention)?;
        let mut tally = here.tally(&mut field)?;
        let own = self.own();
        tally.retain(|key| !own.contains(key));
        let distinct = tally.counts().count() as u64;
        let mut relations = Vec::new();
        for (looked_at, candidate) in self.ranked(&tally, here.total(), &merged)?.into_iter().enumerate() {
            if relations.len() == self.query.most {
                break;
            }
            if looked_at % LOOKS == 0 {
                self.seam.check()?;
            }
            let Some((n, slot)) = tally.place(&candidate.key) else { continue };
            let FacetValue::Entity(entity) = field.value(n, slot)? else { continue };
            if self.is_wanted(&entity)? {
                relations.push((candidate, entity));
            }
        }
        Ok(Related { documents: here.total(), distinct, relations: self.connected(relations, &merged)? })
    }

    /// The keys under which the entity itself is counted.
    fn own(&self) -> Vec<Key> {
        let all = self.query.group.iter().chain(&self.query.taken_for);
        all.map(|entity| terms::key(entity.as_str().as_bytes())).collect()
    }

    /// The entities of the documents `here` in the order asked for.
    fn ranked(&self, here: &Tally, total: u64, merged: &Arc<Merged>) -> Result<Vec<Candidate>, IndexError> {
        let matches = self.documents(Vec::new())?;
        let whole = self.counter(&matches, merged);
        let everywhere = whole.tally_of(&mut whole.field(&FacetField::Mention)?, |key| here.has(key))?;
        let candidate = |Count { key, count: documents, .. }: Count| {
            let of_both = Share { having: documents, of: total };
            let others = Share { having: everywhere.count(&key), of: whole.total() }.without(of_both);
            Candidate { key, documents, score: ratio(of_both, others) }
        };
        let mut all: Vec<Candidate> = here.counts().map(candidate).collect();
        if self.query.order == RelatedOrder::Association {
            all.retain(|candidate| candidate.score > 0.0);
        }
        all.sort_unstable_by(|one, other| {
            let figures = [one, other].map(|candidate| (candidate.score, candidate.documents));
            self.order(figures).then(one.key.cmp(&other.key))
        });
        Ok(all)
    }

    /// The chosen entities with the statements that connect them with the one of the query.
    fn connected(
        &self,
        chosen: Vec<(Candidate, EntityId)>,
        merged: &Arc<Merged>,
    ) -> Result<Vec<Relation>, IndexError> {
        let group = || vec![self.query.group.clone()];
        let about = self.statements(Resolved { mentions: group(), ..Resolved::default() })?;
        let by = self.statements(Resolved { speakers: group(), ..Resolved::default() })?;
        let numbers: HashMap<Key, usize> =
            chosen.iter().enumerate().map(|(n, (candidate, _))| (candidate.key, n)).collect();
        let count = |matches: &[Vec<DocId>], by: FacetField| {
            let counter = self.counter(matches, merged);
            counter.tally_of(&mut counter.field(&by)?, |key| numbers.contains_key(key))
        };
        let quotes = count(&about, FacetField::Mention)?;
        let speaks_about = count(&about, FacetField::Speaker)?;
        let spoken_about = count(&by, FacetField::Mention)?;
        let mut relations: Vec<Relation> = chosen
            .into_iter()
            .map(|(Candidate { key, documents, score }, entity)| Relation {
                entity,
                documents,
                quotes: quotes.count(&key),
                spoken_about: spoken_about.count(&key),
                speaks_about: speaks_about.count(&key),
                score,
            })
            .collect();
        relations.sort_by(|one, other| {
            let figures = [one, other].map(|relation| (relation.score, relation.documents));
            self.order(figures).then_with(|| one.entity.cmp(&other.entity))
        });
        Ok(relations)
    }

    /// The order of two entities with these scores and documents, as far as they decide.
    fn order(&self, [one, other]: [(f64, u64); 2]) -> Ordering {
        let (by_score, by_documents) = (other.0.total_cmp(&one.0), other.1.cmp(&one.1));
        match self.query.order {
            RelatedOrder::Association => by_score.then(by_documents),
            RelatedOrder::Documents => by_documents.then(by_score),
        }
    }

    fn counter<'m>(&'m self, matches: &'m [Vec<DocId>], merged: &Arc<Merged>) -> Counter<'m> {
        let snapshot = (self.snapshot, Bond::Words);
        Counter::new(&self.within, snapshot, matches, Some(Arc::clone(merged)), self.seam)
    }

    /// Documents of the range that mention one of each group.
    fn documents(&self, mentions: Vec<Vec<EntityId>>) -> Result<Vec<Vec<DocId>>, IndexError> {
        let query = DocumentQuery {
            within: self.within.clone(),
            filter: DocumentFilter { published: self.query.published, ..DocumentFilter::default() },
            entities: Resolved { mentions, ..Resolved::default() },
            order: Order::Relevance,
            fold: Fold::Nothing,
            explain: false,
        };
        self.snapshot.matches(&compile::documents(&self.snapshot.fields, &query)?, self.seam)
    }

    /// Statements of the range by, or about, these entities.
    fn statements(&self, entities: Resolved) -> Result<Vec<Vec<DocId>>, IndexError> {
        let query = QuoteQuery {
            within: self.within.clone(),
            filter: QuoteFilter { published: self.query.published, ..QuoteFilter::default() },
            entities,
            order: Order::Relevance,
            fold: Fold::Nothing,
            explain: false,
        };
        self.snapshot.matches(&compile::quotes(&self.snapshot.fields, &query)?, self.seam)
    }

    /// Whether an entity is of the types that are asked for.
    fn is_wanted(&self, entity: &EntityId) -> Result<bool, TantivyError> {
        let types = &self.query.types;
        if types.is_empty() {
            return Ok(true);
        }
        let name = EntityName { collection: self.query.collection.clone(), entity: entity.clone() };
        let owner = Term::from_field_text(self.snapshot.fields.owner, &name.to_string());
        for segment in &self.snapshot.segments {
            if let Some(category) = category(segment, &owner)? {
                return Ok(types.iter().any(|wanted| schema::entity_type(*wanted) == category));
            }
        }
        Ok(false)
    }
}

/// The category of the living entry of this owner, which has no more than one.
fn category(segment: &Segment, owner: &Term) -> Result<Option<u64>, TantivyError> {
    let postings = segment.reader.inverted_index(owner.field())?;
    let Some(mut entries) = postings.read_postings(owner, IndexRecordOption::Basic)? else { return Ok(None) };
    while entries.doc() != TERMINATED {
        if !segment.reader.is_deleted(entries.doc()) {
            return Ok(Some(segment.category(entries.doc())));
        }
        entries.advance();
    }
    Ok(None)
}
