//! Quotes of an export. See the module above.

use super::{PART_BYTES, Part, Place, QuoteExport, invalid, no_view};
use crate::domain::hit::QuoteHit;
use crate::domain::query::{Cursor, Order, PageRequest, QuoteQuery};
use crate::engine::error::{EngineError, Invalid};
use crate::engine::quotes::check_confidence;
use crate::engine::views::{NoView, Opened, Views};
use crate::engine::{Engine, clock};
use crate::ports::Caller;

/// Quotes in a part, at most.
const MOST: usize = 500;

impl Engine {
    /// The quotes after a place of an export, or the first ones.
    pub async fn export_quotes(
        &self,
        caller: &Caller,
        export: &QuoteExport,
        after: Option<&Cursor>,
    ) -> Result<Part<QuoteHit>, EngineError> {
        self.check_export(caller, &export.collection)?;
        let QuoteExport { collection, filter } = export.clone();
        check_confidence(filter.min_confidence)?;
        let (mut place, opened) = match after {
            None => self.begin_quotes(caller).await?,
            Some(cursor) => self.go_on_with_quotes(caller, self.place_of(cursor)?).await?,
        };
        let order = Order::Stored { up_to: place.seq };
        let query = QuoteQuery { order, ..self.quote_query(collection, filter).await? };
        let (query, page) = (&query, PageRequest { size: MOST, bytes: PART_BYTES, after: None });
        let found = self
            .living(&query.within, opened, &page, |view, page| async move {
                view.quotes(query, &page, caller).await
            })
            .await?;
        if after.is_none() {
            place.total = found.page.total;
        }
        let mut items = Vec::with_capacity(found.page.hits.len());
        for ((hit, cursor), gone) in found.page.hits.into_iter().zip(found.gone.before) {
            place.left_out += u64::from(gone);
            place.view = Some(cursor.0);
            items.push((hit, place.sent()));
        }
        let is_last = !found.page.more || items.is_empty();
        if is_last {
            place.left_out += u64::from(found.gone.after);
        }
        Ok(Part { items, reached: place.reached(), is_last })
    }

    /// The place before the first quote: the moment is that of a view that has everything that is stored now.
    async fn begin_quotes(&self, caller: &Caller) -> Result<(Place, Opened), EngineError> {
        self.reached(caller, self.core.progress.last_stored()).await?;
        let opened = self.core.views.open(None).await.map_err(no_view)?;
        Ok((self.place(opened.view.applied(), clock::now()), opened))
    }

    /// Goes on in the view of the part before, as long as it is kept; then in the present one, in which all that has not changed since the
    /// moment has the place that it had.
    async fn go_on_with_quotes(&self, caller: &Caller, place: Place) -> Result<(Place, Opened), EngineError> {
        let cursor = place.view();
        match &cursor {
            None => {}
            Some(cursor) => match self.core.views.open(Some(cursor)).await {
                Ok(opened) => return Ok((place, opened)),
                Err(NoView::Expired) => {}
                Err(other) => return Err(no_view(other)),
            },
        }
        self.reached(caller, place.seq).await?;
        let mut opened = self.core.views.open(None).await.map_err(no_view)?;
        opened.after = match &cursor {
            None => None,
            Some(cursor) => Some(Views::inner(cursor).ok_or_else(|| invalid(Invalid::Cursor))?),
        };
        Ok((place, opened))
    }
}
