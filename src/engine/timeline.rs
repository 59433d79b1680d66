//! What one speaker has said over time: counts and remarkable words for each stretch of a calendar, and the first and the last quote.

use super::Engine;
use super::api::{Counting, Position, QuoteSearch};
use super::counting::Divided;
use super::error::EngineError;
use crate::domain::facet::{Facet, FacetField, Interval};
use crate::domain::filter::{Condition, Expression};
use crate::domain::hit::QuoteHit;
use crate::domain::ids::CollectionId;
use crate::domain::query::{EntityRef, Fold, Order, PageRequest, QuoteFilter};
use crate::ports::Caller;

/// A question for what a speaker has said over time.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineRequest {
    /// Where.
    pub collection: CollectionId,
    /// Who.
    pub speaker: EntityRef,
    /// Which of their quotes.
    pub filter: QuoteFilter,
    /// How long a stretch is.
    pub interval: Interval,
    /// IANA name of the time zone whose midnights divide.
    pub zone: String,
    /// Most words of each stretch, at least 1.
    pub words: usize,
    /// The write that the answer must see.
    pub at_least: Option<Position>,
}

/// What a speaker has said over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// The quotes by stretch of time, and within each by word.
    pub divided: Divided,
    /// The first quote.
    pub first: Option<QuoteHit>,
    /// The last one.
    pub last: Option<QuoteHit>,
}

/// Most stretches of time.
const MOST_PERIODS: usize = 1000;

/// Bytes of the first and the last quote; a first result may exceed them.
const BYTES: usize = 1 << 20;

impl Engine {
    /// What a speaker has said over time.
    pub async fn timeline(&self, caller: &Caller, asked: TimelineRequest) -> Result<Timeline, EngineError> {
        let TimelineRequest { collection, speaker, mut filter, interval, zone, words, at_least } = asked;
        let who = Expression::Is(Condition::Speaker(speaker));
        filter.expression = Some(Expression::All(filter.expression.into_iter().chain([who]).collect()));
        let words = Box::new(Facet { by: FacetField::Words, limit: words, nested: None });
        let by = FacetField::Published { interval, zone };
        let facets = vec![Facet { by, limit: MOST_PERIODS, nested: Some(words) }];
        let counting = Counting { collection: collection.clone(), filter: filter.clone(), facets, at_least };
        let divided = self.count_quotes(caller, counting).await?;
        let mut ends = [None, None];
        if divided.counts.total > 0 {
            for (end, order) in ends.iter_mut().zip([Order::OldestFirst, Order::NewestFirst]) {
                let page = PageRequest { size: 1, bytes: BYTES, after: None };
                let (collection, filter) = (collection.clone(), filter.clone());
                let search =
                    QuoteSearch { collection, filter, order, fold: Fold::Nothing, page, at_least: None };
                *end = self
                    .search_quotes(caller, search)
                    .await?
                    .page
                    .hits
                    .into_iter()
                    .next()
                    .map(|(hit, _)| hit);
            }
        }
        let [first, last] = ends;
        Ok(Timeline { divided, first, last })
    }
}
