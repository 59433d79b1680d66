//! Views that pages go on with. A page token names the view of the first page, and the view is kept here until nobody is likely
//! to come back. Kept views are bounded: beyond that, those go first whose token nobody has used yet, since most queries are never
//! asked for a second page; then those that were used longest ago. Also remembers which documents were deleted since the oldest
//! view that is kept, so that a view never shows them.

use super::graves::Graves;
use crate::domain::document::Seq;
use crate::domain::hit::Summary;
use crate::domain::ids::{CollectionId, DocumentName};
use crate::domain::query::Cursor;
use crate::ports::{Epoch, PortError, SearchIndex, SearchView};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many views are kept, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewLimits {
    /// Most views.
    pub count: usize,
    /// How long one is kept that nobody asks for.
    pub idle: Duration,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Views {
    index: Arc<dyn SearchIndex>,
    epoch: Epoch,
    limits: ViewLimits,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    views: HashMap<u64, View>,
    graves: Graves,
}

#[derive(Debug)]
struct View {
    view: Arc<dyn SearchView>,
    used: Instant,
    /// Whether anybody has come back to it.
    proven: bool,
}

/// The view of one query, and where in it the page begins.
pub(super) struct Opened {
    pub(super) view: Arc<dyn SearchView>,
    pub(super) after: Option<Cursor>,
}

/// Why there is no view.
pub(super) enum NoView {
    /// The cursor is none of ours.
    NotOurs,
    /// The view is not kept any more.
    Expired,
    /// The index has none.
    Failed(PortError),
}

const VIEW_BYTES: usize = 16;

impl Views {
    /// None yet. `epoch` tells the views of this process from those of earlier ones.
    pub(super) fn new(index: Arc<dyn SearchIndex>, epoch: Epoch, limits: ViewLimits) -> Self {
        Self { index, epoch, limits, kept: Mutex::default() }
    }

    /// The view for a page: that of the cursor, or the present one where a query begins.
    pub(super) async fn open(&self, after: Option<&Cursor>) -> Result<Opened, NoView> {
        let Some(after) = after else {
            let view = self.index.open_view().await.map_err(NoView::Failed)?;
            return Ok(Opened { view, after: None });
        };
        let (epoch, id, inner) = split(after).ok_or(NoView::NotOurs)?;
        if epoch != self.epoch {
            return Err(NoView::Expired);
        }
        let now = Instant::now();
        let mut kept = self.lock();
        kept.expire(now, self.limits.idle);
        let view = kept.views.get_mut(&id).ok_or(NoView::Expired)?;
        (view.used, view.proven) = (now, true);
        Ok(Opened { view: Arc::clone(&view.view), after: Some(inner) })
    }

    /// A cursor of the view as pages carry it.
    pub(super) fn cursor(&self, view: &dyn SearchView, inner: &Cursor) -> Cursor {
        let mut bytes = Vec::with_capacity(VIEW_BYTES + inner.0.len());
        bytes.extend(self.epoch.to_be_bytes());
        bytes.extend(view.id().to_be_bytes());
        bytes.extend(&inner.0);
        Cursor(bytes)
    }

    /// Keeps a view, since a page after this one may be asked for.
    pub(super) fn keep(&self, view: &Arc<dyn SearchView>) {
        let now = Instant::now();
        let mut kept = self.lock();
        kept.expire(now, self.limits.idle);
        let known = kept.views.entry(view.id()).or_insert_with(|| View {
            view: Arc::clone(view),
            used: now,
            proven: false,
        });
        known.used = now;
        while kept.views.len() > self.limits.count {
            kept.drop_one(view.id());
        }
    }

    /// A document is gone as of `seq`.
    pub(super) fn bury(&self, name: &DocumentName, seq: Seq) {
        let mut kept = self.lock();
        while kept.graves.is_full() && kept.drop_one(u64::MAX) {
            kept.clear_graves(self.index.applied());
        }
        kept.graves.bury(name, seq);
    }

    /// A collection is gone as of `seq`, with everything in it.
    pub(super) fn bury_collection(&self, id: &CollectionId, seq: Seq) {
        self.lock().graves.bury_collection(id, seq);
    }

    /// Whether what a hit shows has been deleted since.
    pub(super) fn is_gone(&self, collection: &CollectionId, document: &Summary) -> bool {
        self.lock().graves.hold(collection, &document.id, document.seq)
    }

    /// The index has reached `seq`: a view that is opened now needs to be told of no deletion before it.
    pub(super) fn applied(&self, seq: Seq) {
        let mut kept = self.lock();
        kept.expire(Instant::now(), self.limits.idle);
        kept.clear_graves(seq);
    }

    /// Lets go of all views: what they hold may be erased.
    pub(super) fn forget(&self) {
        self.lock().views.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while the lock is held.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn expire(&mut self, now: Instant, idle: Duration) {
        self.views.retain(|_, view| now.duration_since(view.used) < idle);
    }

    /// Drops the view that is least likely to be asked for, but not `spared`; whether there was one.
    fn drop_one(&mut self, spared: u64) -> bool {
        let candidates = self.views.iter().filter(|(id, _)| **id != spared);
        let Some((id, _)) = candidates.min_by_key(|(_, view)| (view.proven, view.used)) else { return false };
        let id = *id;
        self.views.remove(&id).is_some()
    }

    fn clear_graves(&mut self, applied: Seq) {
        let oldest = self.views.values().map(|view| view.view.applied()).min();
        self.graves.clear(oldest.map_or(applied, |oldest| oldest.min(applied)));
    }
}

/// Epoch, view and the view's own cursor.
fn split(cursor: &Cursor) -> Option<(Epoch, u64, Cursor)> {
    let (epoch, rest) = cursor.0.split_first_chunk::<8>()?;
    let (id, inner) = rest.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*epoch), u64::from_be_bytes(*id), Cursor(inner.to_vec())))
}
