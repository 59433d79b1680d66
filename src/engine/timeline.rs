//! What one speaker has said over time: counts and remarkable words for each stretch of a calendar, and the first and the last quote.

use super::Engine;
use super::api::Position;
use super::counting::{Divided, NO_PAGE};
use super::error::EngineError;
use super::search::within;
use crate::domain::facet::{Facet, FacetField, Interval};
use crate::domain::filter::{Condition, Expression};
use crate::domain::hit::QuoteHit;
use crate::domain::ids::CollectionId;
use crate::domain::query::{EntityRef, QuoteFilter};
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

impl Engine {
    /// What a speaker has said over time.
    pub async fn timeline(&self, caller: &Caller, asked: TimelineRequest) -> Result<Timeline, EngineError> {
        let TimelineRequest { collection, speaker, mut filter, interval, zone, words, at_least } = asked;
        let who = Expression::Is(Condition::Speaker(speaker));
        filter.expression = Some(Expression::All(filter.expression.into_iter().chain([who]).collect()));
        let words = Box::new(Facet { by: FacetField::Words, limit: words, nested: None });
        let by = FacetField::Published { interval, zone };
        let facets = vec![Facet { by, limit: MOST_PERIODS, nested: Some(words) }];
        let view = self.view(caller, &NO_PAGE, at_least).await?.view;
        let query = self.quote_query(within(caller, &*view, collection).await?, filter).await?;
        let divided = self.count_quotes_in(caller, &view, &query, &facets).await?;
        let [first, last] = self.first_and_last_in(caller, &view, &query).await?;
        Ok(Timeline { divided, first, last })
    }
}
