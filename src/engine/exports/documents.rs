//! Documents of an export. See the module above.

use super::{DocumentExport, PART_BYTES, Part, Place, invalid, no_view};
use crate::domain::document::DocumentInfo;
use crate::domain::ids::DocumentId;
use crate::domain::query::{Cursor, DocumentFilter, DocumentQuery, Order, PageRequest};
use crate::engine::error::{EngineError, Invalid};
use crate::engine::views::NoView;
use crate::engine::{Engine, Shown, clock};
use crate::ports::{Caller, SearchView, Standing, Stood};
use std::collections::HashSet;
use std::sync::Arc;

/// Documents that are looked at for a part.
const LOOKED_AT: usize = 128;

/// Which documents of a stretch match.
enum Matching {
    All,
    These {
        ids: HashSet<DocumentId>,
        /// Whether they were asked of the view that the export began with: then all that match are there.
        of_the_moment: bool,
    },
}

/// What becomes of a document.
enum Verdict {
    Given(Box<DocumentInfo>),
    NoMatch,
    LeftOut,
}

impl Engine {
    /// The documents after a place of an export, or the first ones.
    pub async fn export_documents(
        &self,
        caller: &Caller,
        export: &DocumentExport,
        after: Option<&Cursor>,
    ) -> Result<Part<Shown>, EngineError> {
        self.check_export(caller, &export.collection)?;
        let mut place = match after {
            None => self.begin_documents(caller, export).await?,
            Some(cursor) => self.place_of(cursor)?,
        };
        let from = place.document.as_deref().map(DocumentId::new).transpose();
        let from = from.map_err(|_| invalid(Invalid::Cursor))?;
        let log = &self.core.log;
        let standing = log.standing(&export.collection, place.moment(), from.as_ref(), LOOKED_AT).await?;
        let matching = self.matching(caller, export, &mut place, &standing).await?;
        let (mut items, mut bytes) = (Vec::new(), 0);
        for stood in standing.documents {
            if bytes >= PART_BYTES {
                return Ok(Part { items, reached: place.reached(), is_last: false });
            }
            caller.check()?;
            place.document = Some(id_of(&stood).as_str().to_owned());
            let given = match matching.verdict(stood) {
                Verdict::NoMatch => continue,
                Verdict::LeftOut => None,
                Verdict::Given(info) if export.whole => self.whole(*info).await?,
                Verdict::Given(info) => Some(Shown::Info(info)),
            };
            let Some(shown) = given else {
                place.left_out += 1;
                continue;
            };
            if let Shown::Whole(document) = &shown {
                bytes += document.text.len();
            }
            items.push((shown, place.sent()));
        }
        let is_last = standing.up_to.is_none();
        if let Some(up_to) = standing.up_to {
            place.document = Some(up_to.as_str().to_owned());
        }
        Ok(Part { items, reached: place.reached(), is_last })
    }

    /// The place before the first document. Everything that is stored now is of the moment; where the index has to say what matches, it
    /// is waited for, and the moment is that of its view.
    async fn begin_documents(&self, caller: &Caller, export: &DocumentExport) -> Result<Place, EngineError> {
        let info = self.get_collection(caller, &export.collection).await?;
        if export.filter == DocumentFilter::default() {
            let at = clock::now();
            let place = self.place(self.core.log.last_seq().await?, at);
            return Ok(Place { total: info.documents, ..place });
        }
        self.reached(caller, self.core.progress.last_stored()).await?;
        let at = clock::now();
        let opened = self.core.views.open(None).await.map_err(no_view)?;
        let view = Arc::clone(&opened.view);
        let one = PageRequest { size: 1, bytes: PART_BYTES, after: None };
        let query = self.stored_query(export, export.filter.clone(), view.applied()).await?;
        let total = view.documents(&query, &one, caller).await?.total;
        self.core.views.keep(&opened);
        let cursor = self.core.views.cursor(&*view, &Cursor(Vec::new()));
        Ok(Place { view: Some(cursor.0), total, ..self.place(view.applied(), at) })
    }

    /// Asks the index which documents of a stretch match.
    async fn matching(
        &self,
        caller: &Caller,
        export: &DocumentExport,
        place: &mut Place,
        standing: &Standing,
    ) -> Result<Matching, EngineError> {
        if export.filter == DocumentFilter::default() {
            return Ok(Matching::All);
        }
        let (view, of_the_moment) = self.view_of(caller, place).await?;
        let named: HashSet<&DocumentId> = export.filter.documents.iter().collect();
        let mut asked: Vec<DocumentId> =
            standing.documents.iter().map(|stood| id_of(stood).clone()).collect();
        asked.retain(|id| named.is_empty() || named.contains(id));
        if asked.is_empty() {
            return Ok(Matching::These { ids: HashSet::new(), of_the_moment });
        }
        let filter = DocumentFilter { documents: asked, ..export.filter.clone() };
        let query = self.stored_query(export, filter, place.seq).await?;
        let all = PageRequest { size: LOOKED_AT, bytes: usize::MAX, after: None };
        let found = view.documents(&query, &all, caller).await?;
        let ids = found.hits.into_iter().map(|(hit, _)| hit.document.id).collect();
        Ok(Matching::These { ids, of_the_moment })
    }

    /// The view that the export began with, as long as it is kept; the present one, which is no older, afterwards.
    async fn view_of(
        &self,
        caller: &Caller,
        place: &mut Place,
    ) -> Result<(Arc<dyn SearchView>, bool), EngineError> {
        if let Some(cursor) = place.view() {
            match self.core.views.open(Some(&cursor)).await {
                Ok(opened) => return Ok((opened.view, true)),
                Err(NoView::Expired) => place.view = None,
                Err(other) => return Err(no_view(other)),
            }
        }
        self.reached(caller, place.seq).await?;
        Ok((self.core.views.open(None).await.map_err(no_view)?.view, false))
    }

    async fn stored_query(
        &self,
        export: &DocumentExport,
        filter: DocumentFilter,
        up_to: u64,
    ) -> Result<DocumentQuery, EngineError> {
        let query = self.document_query(export.collection.clone(), filter).await?;
        Ok(DocumentQuery { order: Order::Stored { up_to }, ..query })
    }

    /// A document in the revision that is meant, if that is still kept.
    async fn whole(&self, info: DocumentInfo) -> Result<Option<Shown>, EngineError> {
        let wanted = [(info.name, Some(info.revision))];
        let found = self.core.log.documents(&wanted).await?.pop().flatten();
        Ok(found.map(|document| Shown::Whole(Arc::new(document))))
    }
}

impl Matching {
    fn verdict(&self, stood: Stood) -> Verdict {
        match (self, stood) {
            (_, Stood::Lost(_)) => Verdict::LeftOut,
            (Self::All, Stood::Unchanged(info) | Stood::Changed(info)) => Verdict::Given(info),
            (Self::These { ids, .. }, Stood::Unchanged(info) | Stood::Changed(info))
                if ids.contains(&info.name.document) =>
            {
                Verdict::Given(info)
            }
            // Whether it matched, nobody knows any more.
            (Self::These { of_the_moment: false, .. }, Stood::Changed(_)) => Verdict::LeftOut,
            (Self::These { .. }, _) => Verdict::NoMatch,
        }
    }
}

fn id_of(stood: &Stood) -> &DocumentId {
    match stood {
        Stood::Unchanged(info) | Stood::Changed(info) => &info.name.document,
        Stood::Lost(id) => id,
    }
}
