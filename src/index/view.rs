//! The index as it stood at one commit: what it answers, no later write changes. How it is asked is in `asked.rs`.

use super::clusters::{Bond, Books, Clusters};
use super::compile::{self, Question};
use super::error::IndexError;
use super::facets::{self, Common, Counter, Kept, Merged};
use super::highlight::Highlighter;
use super::page::Ranking;
use super::pool::Seam;
use super::prepare::Prepared;
use super::results::Show;
use super::row::{DocumentRow, EntityRow, QuoteRow};
use super::schema::Fields;
use super::segment::Segment;
use crate::domain::document::Seq;
use crate::domain::entity::CollectionEntity;
use crate::domain::excerpt::Excerpts;
use crate::domain::facet::{Counts, Facet};
use crate::domain::hit::{DocumentHit, HitPage, QuoteHit};
use crate::domain::ids::{CollectionId, DocumentName, QuoteId, QuoteName};
use crate::domain::outlets::Outlet;
use crate::domain::query::{
    DocumentQuery, EntityQuery, Fold, PageRequest, QuoteFilter, QuoteQuery, Resolved, Within,
};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tantivy::{DocAddress, DocId, Score, Searcher, TantivyError};
use tokio::sync::SetOnce;

/// Most spans of a quote's contents that are marked.
const MOST_HIGHLIGHTS: usize = 256;

/// Most buckets of counts that are kept.
const MOST_KEPT: usize = 2000;

/// What a view sees.
pub(super) struct Snapshot {
    id: u64,
    applied: Seq,
    pub(super) fields: Arc<Fields>,
    pub(super) searcher: Searcher,
    pub(super) segments: Vec<Segment>,
    /// What says the same, once that is known; none where it cannot be told.
    pub(super) clusters: SetOnce<Option<Clusters>>,
    /// Which entities count as one.
    merged: Kept<Merged, Within>,
    /// How frequent words are, by view and collections: for the last few views that were asked, not for each that is kept.
    pub(super) common: Arc<Kept<Common, (u64, Within)>>,
    /// Counts of whole collections, by scopes and facets: what a page shows that nobody has asked anything yet.
    whole: Kept<Counts, (Vec<String>, Vec<Facet>)>,
    /// Comparisons of outlets over whole collections, by query and length of lists: they take longest, and are asked for first.
    compared: Kept<Vec<Outlet>, (QuoteQuery, usize)>,
    /// The collections that anything is of.
    collections: OnceLock<Vec<CollectionId>>,
}

impl Snapshot {
    /// What the searcher sees, as of the change `applied`. Takes over from the snapshot `before` what both see.
    pub(super) fn new(
        fields: &Arc<Fields>,
        searcher: Searcher,
        applied: Seq,
        before: Option<&Self>,
    ) -> Result<Self, TantivyError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let known = before.map(|before| before.segments.as_slice()).unwrap_or_default();
        let open = |reader: &tantivy::SegmentReader| {
            Segment::open(reader, known.iter().find(|known| known.id() == reader.segment_id()))
        };
        let segments = searcher.segment_readers().iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let clusters = SetOnce::new();
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let (merged, whole, compared) = (Kept::default(), Kept::default(), Kept::default());
        let common = before.map(|before| Arc::clone(&before.common)).unwrap_or_default();
        Ok(Self {
            id,
            applied,
            fields: Arc::clone(fields),
            searcher,
            segments,
            clusters,
            merged,
            common,
            whole,
            compared,
            collections: OnceLock::new(),
        })
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn applied(&self) -> Seq {
        self.applied
    }

    /// Works out what says the same, if that has not been done.
    pub(super) fn put_together(&self, books: &mut Books, stopped: &(dyn Fn() -> bool + Sync)) {
        if self.clusters.initialized() {
            return;
        }
        // After a failure they begin anew with the next view.
        let mut followed = std::mem::take(books);
        let worked = catch_unwind(AssertUnwindSafe(|| followed.follow(&self.segments, stopped)));
        let clusters = match worked {
            Ok(Ok(clusters)) => Some(clusters),
            Ok(Err(_)) if stopped() => None,
            Ok(Err(error)) => {
                tracing::error!(%error, "what says the same cannot be worked out");
                None
            }
            Err(_) => {
                tracing::error!("working out what says the same has panicked");
                None
            }
        };
        if clusters.is_some() {
            *books = followed;
        }
        // Only the thread that writes comes here.
        let _ = self.clusters.set(clusters);
    }

    /// What says the same; [`View::settled`] has waited for it.
    pub(super) fn clusters(&self) -> Result<&Clusters, IndexError> {
        let unknown = || TantivyError::InternalError("nobody knows what says the same".into());
        Ok(self.clusters.get().and_then(Option::as_ref).ok_or_else(unknown)?)
    }

    /// Whether this sees just what the searcher does, as of the change `applied`.
    pub(super) fn sees(&self, searcher: &Searcher, applied: Seq) -> bool {
        self.applied == applied && self.searcher.generation().segments() == searcher.generation().segments()
    }

    pub(super) fn quotes(
        &self,
        query: &QuoteQuery,
        page: &PageRequest,
        seam: &Seam<'_>,
    ) -> Result<HitPage<QuoteHit>, IndexError> {
        let question = compile::quotes(&self.fields, query)?;
        let ranking = Ranking::of(query.order, question.scored);
        let texts = compile::marked(query);
        let highlighter = (!texts.is_empty()).then(|| Highlighter::of(&texts)).transpose()?;
        let fold = match query.fold {
            Fold::Nothing => None,
            Fold::Quotes => Some(Bond::Words),
            Fold::Documents => Some(Bond::Copies),
        };
        let show = Show { ranking, fold, explain: query.explain };
        self.page(&question, show, page, seam, |row, chosen| {
            let marked = highlighter.as_ref().map(|marker| (marker, seam));
            let collection = self.collection(&query.within, chosen.address)?;
            let hit = quote_hit(&collection, row, chosen.score, marked)?;
            let explanation = chosen.explanation.clone();
            Ok(QuoteHit { folded: chosen.folded, explanation, ..hit })
        })
    }

    pub(super) fn documents(
        &self,
        query: &DocumentQuery,
        page: &PageRequest,
        seam: &Seam<'_>,
    ) -> Result<HitPage<DocumentHit>, IndexError> {
        let question = compile::documents(&self.fields, query)?;
        let ranking = Ranking::of(query.order, question.scored);
        let fold = (query.fold != Fold::Nothing).then_some(Bond::Copies);
        let show = Show { ranking, fold, explain: query.explain };
        self.page(&question, show, page, seam, |document: DocumentRow, chosen| {
            let (highlights, excerpts) = (Vec::new(), Excerpts::default());
            let (score, folded, explanation) = (chosen.score, chosen.folded, chosen.explanation.clone());
            let collection = self.collection(&query.within, chosen.address)?.into_owned();
            let name = DocumentName { collection, document: document.id.clone() };
            Ok(DocumentHit { name, document, highlights, score, explanation, folded, excerpts })
        })
    }

    pub(super) fn entities(
        &self,
        query: &EntityQuery,
        page: &PageRequest,
        seam: &Seam<'_>,
    ) -> Result<HitPage<CollectionEntity>, IndexError> {
        let question = compile::entities(&self.fields, query);
        let show = Show { ranking: Ranking::MostDocuments, fold: None, explain: false };
        self.page(&question, show, page, seam, |entity: EntityRow, _| Ok(entity))
    }

    /// How many entries answer the question, and how they divide. Of everything it is worked out once.
    pub(super) fn count(
        &self,
        question: &Question,
        within: &Within,
        (facets, bond): (&[Facet], Bond),
        seam: &Seam<'_>,
    ) -> Result<Counts, IndexError> {
        let asked = question.is_everything().then(|| (question.scopes.clone(), facets.to_vec()));
        if let Some(known) = asked.as_ref().and_then(|asked| self.whole.get(asked)) {
            return Ok(Counts::clone(&known));
        }
        let counts = self.counted(question, within, (facets, bond), seam)?;
        if let Some(asked) = asked.filter(|_| counts.buckets() <= MOST_KEPT) {
            self.whole.keep(&asked, counts.clone());
        }
        Ok(counts)
    }

    fn counted(
        &self,
        question: &Question,
        within: &Within,
        (facets, bond): (&[Facet], Bond),
        seam: &Seam<'_>,
    ) -> Result<Counts, IndexError> {
        let matches = self.matches(question, seam)?;
        let merged = facets::counts_entities(facets).then(|| self.merged(within));
        let counter = Counter::new(within, (self, bond), &matches, merged.transpose()?, seam);
        let counted = facets.iter().map(|facet| counter.count(facet)).collect::<Result<_, _>>()?;
        Ok(Counts { total: counter.total(), facets: counted })
    }

    /// What outlets have of the quotes that answer the question. Of everything it is worked out once.
    pub(super) fn outlets(
        &self,
        query: &QuoteQuery,
        values: usize,
        seam: &Seam<'_>,
    ) -> Result<Vec<Outlet>, IndexError> {
        let sources = query.filter.sources.clone();
        let is_everything = query.filter == QuoteFilter { sources, ..QuoteFilter::default() };
        if !is_everything || query.entities != Resolved::default() {
            return self.compared(query, values, seam);
        }
        let asked = (query.clone(), values);
        Ok(self.compared.of(&asked, || self.compared(query, values, seam))?.to_vec())
    }

    fn compared(
        &self,
        query: &QuoteQuery,
        values: usize,
        seam: &Seam<'_>,
    ) -> Result<Vec<Outlet>, IndexError> {
        let matches = self.matches(&compile::quotes(&self.fields, query)?, seam)?;
        let merged = Some(self.merged(&query.within)?);
        Counter::new(&query.within, (self, Bond::Words), &matches, merged, seam).outlets(values)
    }

    /// All entries that answer the question, for each segment, ascending.
    pub(super) fn matches(
        &self,
        question: &Question,
        seam: &Seam<'_>,
    ) -> Result<Vec<Vec<DocId>>, IndexError> {
        let mut matches: Vec<Vec<DocId>> = vec![Vec::new(); self.segments.len()];
        if question.hopeless {
            return Ok(matches);
        }
        let prepared = Prepared::new(question, self, seam)?;
        for (ordinal, (segment, docs)) in self.segments.iter().zip(&mut matches).enumerate() {
            seam.check()?;
            if let Some(conjunction) = prepared.within(segment, ordinal, seam)? {
                conjunction.run(seam, docs)?;
            }
        }
        Ok(matches)
    }

    /// Which entities of the collections count as one.
    pub(super) fn merged(&self, within: &Within) -> Result<Arc<Merged>, TantivyError> {
        self.merged.of(within, || facets::merged(&self.segments, within))
    }

    /// The collections that anything is of, ascending.
    pub(super) fn collections(&self) -> Result<Vec<CollectionId>, TantivyError> {
        if let Some(known) = self.collections.get() {
            return Ok(known.clone());
        }
        let mut all = BTreeSet::new();
        for segment in &self.segments {
            all.extend(segment.collections()?);
        }
        Ok(self.collections.get_or_init(|| all.into_iter().collect()).clone())
    }

    /// The collection of an entry that was found in these.
    pub(super) fn collection<'w>(
        &self,
        within: &'w Within,
        entry: DocAddress,
    ) -> Result<Cow<'w, CollectionId>, TantivyError> {
        match within.one() {
            Some(one) => Ok(Cow::Borrowed(one)),
            None => self.segments[entry.segment_ord as usize].collection(entry.doc_id).map(Cow::Owned),
        }
    }
}

pub(super) fn quote_hit(
    collection: &CollectionId,
    row: QuoteRow,
    score: Score,
    highlighter: Option<(&Highlighter, &Seam<'_>)>,
) -> Result<QuoteHit, IndexError> {
    let QuoteRow { document, quote, sentence, speaker, about, excerpts } = row;
    let id =
        QuoteId::new(quote.id.as_str()).map_err(|error| TantivyError::InternalError(error.to_string()))?;
    let of = DocumentName { collection: collection.clone(), document: document.id.clone() };
    let highlights = highlighter.map(|(highlighter, seam)| {
        let contents = quote.contents.iter().map(|content| (content.begin, excerpts.slice(*content)));
        highlighter.all(contents, MOST_HIGHLIGHTS, seam)
    });
    Ok(QuoteHit {
        name: QuoteName { document: of, quote: id },
        document,
        quote,
        sentence,
        speaker,
        about,
        highlights: highlights.transpose()?.unwrap_or_default(),
        score,
        explanation: Vec::new(),
        folded: 0,
        excerpts,
    })
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("id", &self.id)
            .field("applied", &self.applied)
            .finish_non_exhaustive()
    }
}
