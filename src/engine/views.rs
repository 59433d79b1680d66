//! Views that pages go on with. A page token names the view of the first page, and the view is kept here until nobody is likely
//! to come back. Kept views are bounded: beyond that, those go first whose token nobody has used yet, since most queries are never
//! asked for a second page, and those whose last page was shown; then those that were used longest ago. Also remembers which documents were deleted since the oldest
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
    /// How often all of them were let go of.
    forgotten: u64,
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
    /// How often all views had been let go of then.
    forgotten: u64,
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
            let forgotten = self.lock().forgotten;
            let view = self.index.open_view().await.map_err(NoView::Failed)?;
            return Ok(Opened { view, after: None, forgotten });
        };
        let (epoch, id, inner) = split(after).ok_or(NoView::NotOurs)?;
        if epoch != self.epoch {
            return Err(NoView::Expired);
        }
        let now = Instant::now();
        let mut kept = self.lock();
        kept.expire(now, self.limits.idle);
        let forgotten = kept.forgotten;
        let view = kept.views.get_mut(&id).ok_or(NoView::Expired)?;
        (view.used, view.proven) = (now, true);
        Ok(Opened { view: Arc::clone(&view.view), after: Some(inner), forgotten })
    }

    /// A cursor of the view as pages carry it.
    pub(super) fn cursor(&self, view: &dyn SearchView, inner: &Cursor) -> Cursor {
        let mut bytes = Vec::with_capacity(VIEW_BYTES + inner.0.len());
        bytes.extend(self.epoch.to_be_bytes());
        bytes.extend(view.id().to_be_bytes());
        bytes.extend(&inner.0);
        Cursor(bytes)
    }

    /// The view's own cursor within one that pages carry.
    pub(super) fn inner(cursor: &Cursor) -> Option<Cursor> {
        split(cursor).map(|(_, _, inner)| inner)
    }

    /// Keeps a view, since a page after this one may be asked for; not one from before all were let go of.
    pub(super) fn keep(&self, Opened { view, forgotten, .. }: &Opened) {
        let now = Instant::now();
        let mut kept = self.lock();
        if kept.forgotten != *forgotten {
            return;
        }
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

    /// Somebody has come to the last page of a view: it is no more likely to be asked for than one that nobody has come back to. It
    /// is kept where there is room, for those who ask for that page again and for others who are not at their end.
    pub(super) fn ended(&self, view: &dyn SearchView) {
        if let Some(known) = self.lock().views.get_mut(&view.id()) {
            known.proven = false;
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

    /// Lets go of all views, those included that a query is still using: they hold what has been erased since.
    pub(super) fn forget(&self) {
        let mut kept = self.lock();
        kept.views.clear();
        kept.forgotten += 1;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{IndexConfig, TantivyIndex};
    use crate::ports::Followed;

    async fn views(dir: &std::path::Path) -> Views {
        let config = IndexConfig { dir: dir.into(), heap_bytes: 0, threads: 1, queue: 1 };
        let index = TantivyIndex::new(config).unwrap();
        index.open(&Followed { store: [1; 16], last: 0, floor: 0, anew: false }).await.unwrap();
        Views::new(index, 1, ViewLimits { count: 2, idle: Duration::from_secs(60) })
    }

    #[tokio::test]
    async fn a_view_whose_last_page_was_shown_goes_before_one_that_was_just_opened() {
        let dir = tempfile::tempdir().unwrap();
        let views = views(dir.path()).await;
        let mut cursors = Vec::new();
        for seq in 1..=3 {
            views.index.apply(Vec::new(), seq).await.unwrap();
            let Ok(opened) = views.open(None).await else { panic!("a view of an open index") };
            cursors.push(views.cursor(&*opened.view, &Cursor(vec![7])));
            views.keep(&opened);
            if seq == 1 {
                let Ok(last) = views.open(cursors.first()).await else { panic!("it is kept") };
                views.keep(&last);
                views.ended(&*last.view);
            }
        }
        let [ended, first, second] = &cursors[..] else { panic!("three views") };
        assert!(matches!(views.open(Some(ended)).await, Err(NoView::Expired)));
        assert!(views.open(Some(first)).await.is_ok() && views.open(Some(second)).await.is_ok());
    }

    #[tokio::test]
    async fn no_view_from_before_an_erasure_is_kept_even_one_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let views = views(dir.path()).await;
        let Ok(in_use) = views.open(None).await else { panic!("a view of an open index") };
        let cursor = views.cursor(&*in_use.view, &Cursor(vec![7]));
        views.keep(&in_use);
        assert!(
            matches!(views.open(Some(&cursor)).await, Ok(Opened { after: Some(Cursor(after)), .. }) if after == [7])
        );
        views.forget();
        views.keep(&in_use);
        assert!(matches!(views.open(Some(&cursor)).await, Err(NoView::Expired)));
        let Ok(opened) = views.open(None).await else { panic!("a view of an open index") };
        views.keep(&opened);
        assert!(views.open(Some(&cursor)).await.is_ok());
    }
}
