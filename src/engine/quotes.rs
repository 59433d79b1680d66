//! Queries for quotes, and single quotes by name.

use super::api::{Found, QuoteSearch};
use super::error::{EngineError, Invalid, Resource};
use super::{Engine, sentence};
use crate::domain::hit::QuoteHit;
use crate::domain::ids::QuoteName;
use crate::domain::query::QuoteQuery;
use crate::domain::span::OffsetMap;
use crate::ports::{Caller, SearchView};
use std::sync::Arc;

impl Engine {
    /// Quotes that satisfy the filter.
    pub async fn search_quotes(
        &self,
        caller: &Caller,
        search: QuoteSearch,
    ) -> Result<Found<QuoteHit>, EngineError> {
        let QuoteSearch { collection, filter, order, fold, page, at_least } = search;
        check_confidence(filter.min_confidence)?;
        let opened = self.view(caller, &page, at_least).await?;
        let entities = self.resolved(&collection, filter.references()).await?;
        let query = QuoteQuery { collection, filter, entities, order, fold };
        let (query, view) = (&query, Arc::clone(&opened.view));
        let search = |view: Arc<dyn SearchView>, page| async move { view.quotes(query, &page, caller).await };
        let mut found = self.living(&query.collection, opened, &page, search).await?;
        if found.page.total == 0 {
            let (collection, named) = (&query.collection, query.filter.references());
            found.unknown = self.unknown_names(caller, &view, collection, named, &query.entities).await?;
        }
        Ok(found)
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
