//! Queries for quotes, and single quotes by name.

use super::api::{Found, QuoteSearch};
use super::error::{EngineError, Invalid, Resource};
use super::search::within;
use super::{Engine, sentence};
use crate::domain::hit::{HitPage, QuoteHit};
use crate::domain::ids::QuoteName;
use crate::domain::query::{Fold, Order, PageRequest, QuoteFilter, QuoteQuery, Within};
use crate::domain::span::OffsetMap;
use crate::ports::{Caller, SearchView};
use std::sync::Arc;

/// Bytes of quotes that are read at once beside other answers; a first one may exceed them.
const BYTES: usize = 1 << 20;

impl Engine {
    /// Quotes that satisfy the filter.
    pub async fn search_quotes(
        &self,
        caller: &Caller,
        search: QuoteSearch,
    ) -> Result<Found<QuoteHit>, EngineError> {
        let QuoteSearch { collection, filter, order, fold, explain, page, at_least } = search;
        check_confidence(filter.min_confidence)?;
        let opened = self.view(caller, &page, at_least).await?;
        let query = QuoteQuery {
            order,
            fold,
            explain,
            ..self.quote_query(within(caller, &*opened.view, collection).await?, filter).await?
        };
        let (query, view) = (&query, Arc::clone(&opened.view));
        let search = |view: Arc<dyn SearchView>, page| async move { view.quotes(query, &page, caller).await };
        let mut found = self.living(&query.within, opened, &page, search).await?;
        if found.page.total == 0 {
            let (within, named) = (&query.within, query.filter.references());
            found.unknown = self.unknown_names(caller, &view, within, named, &query.entities).await?;
        }
        Ok(found)
    }

    /// The question for quotes that satisfy the filter; where it matters what comes first, the asker says so.
    pub(super) async fn quote_query(
        &self,
        within: impl Into<Within>,
        filter: QuoteFilter,
    ) -> Result<QuoteQuery, EngineError> {
        let within = within.into();
        let filter = self.quotes_with_synonyms(&within, filter);
        let entities = self.resolved(&within, filter.references()).await?;
        let (order, fold) = (Order::Relevance, Fold::Nothing);
        Ok(QuoteQuery { within, filter, entities, order, fold, explain: false })
    }

    /// The first `most` quotes of a view that answer the query, without those that were deleted since.
    pub(super) async fn quotes_in(
        &self,
        caller: &Caller,
        view: &Arc<dyn SearchView>,
        query: &QuoteQuery,
        most: usize,
    ) -> Result<Vec<QuoteHit>, EngineError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = PageRequest { size: most, bytes: BYTES, after };
            let HitPage { hits, more, .. } = view.quotes(query, &page, caller).await?;
            after = hits.last().map(|(_, after)| after.clone());
            let hits: Vec<QuoteHit> = hits.into_iter().map(|(hit, _)| hit).collect();
            let living = self.living_of(&**view, &hits.iter().collect::<Vec<_>>()).await?;
            found.extend(hits.into_iter().zip(living).filter(|(_, lives)| *lives).map(|(hit, _)| hit));
            found.truncate(most);
            if found.len() == most || !more || after.is_none() {
                return Ok(found);
            }
        }
    }

    /// The first and the last quote of a view that answer the query, by publication time.
    pub(super) async fn first_and_last_in(
        &self,
        caller: &Caller,
        view: &Arc<dyn SearchView>,
        query: &QuoteQuery,
    ) -> Result<[Option<QuoteHit>; 2], EngineError> {
        let mut ends = [None, None];
        for (end, order) in ends.iter_mut().zip([Order::OldestFirst, Order::NewestFirst]) {
            let query = QuoteQuery { order, ..query.clone() };
            *end = self.quotes_in(caller, view, &query, 1).await?.pop();
        }
        Ok(ends)
    }

    /// One quote, in the current revision of its document or in one that is still kept.
    pub async fn get_quote(
        &self,
        caller: &Caller,
        name: &QuoteName,
        revision: Option<u32>,
    ) -> Result<QuoteHit, EngineError> {
        let document = self.document(caller, &name.document, revision).await?;
        let quotes = &document.analysis.quotes;
        if let Some(quote) = quotes.iter().find(|quote| quote.id == name.quote.as_str()) {
            let sentences = sentence::of_quotes(&document.text, std::slice::from_ref(quote));
            let sentence = sentences.into_iter().flatten().next();
            let hit = QuoteHit::of(&document, &OffsetMap::new(&document.text), quote, sentence);
            return hit.ok_or_else(|| EngineError::NotFound(Resource::Quote(name.clone())));
        }
        let last = self.core.log.last_revision_with(name).await?;
        if let Some(last) = last.filter(|last| revision.is_none_or(|asked| *last < asked)) {
            return Err(EngineError::QuoteGone { quote: name.clone(), revision: last });
        }
        Err(EngineError::NotFound(Resource::Quote(name.clone())))
    }
}

pub(super) fn check_confidence(least: f32) -> Result<(), EngineError> {
    if (0.0..=1.0).contains(&least) {
        return Ok(());
    }
    Err(EngineError::InvalidArgument { field: "filter.min_confidence", reason: Invalid::OutsideUnitInterval })
}
