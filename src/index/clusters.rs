//! Which entries say the same: quotes in the same words, or nearly, and documents that are copies of each other, or nearly. Nothing
//! of it is on the disk. It is worked out from the entries' tokens when the index is opened, and goes on from commit to commit by
//! what these added and took away; since it depends on nothing but the entries that are there, it is the same either way. What says
//! the same, `crate::clusters` knows; a [`Clusters`] is what one view sees of it. A view is shown before its clusters are known, since
//! few questions need them: those wait. Start at [`Books::follow`].

use super::error::IndexError;
use super::pool::Seam;
use super::row::{self, QuoteRow, Stored};
use super::schema::{self, Kind};
use super::segment::Segment;
use super::view::Snapshot;
use crate::clusters::{self, Book, Cluster, Rule, Variant};
use crate::domain::ids::{CollectionId, DocumentName, QuoteName};
use crate::wording::Wording;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tantivy::index::SegmentId;
use tantivy::schema::IndexRecordOption;
use tantivy::{BitSet, DocAddress, DocId, DocSet, TERMINATED, TantivyError, Term};

/// Words as numbers, other ones in each collection.
pub(super) fn tokens(collection: &CollectionId, words: &[String]) -> Vec<u32> {
    let hash = blake3::hash(collection.as_str().as_bytes());
    let seed = hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    clusters::tokens(seed, words)
}

/// Words of a quote by which it is compared, its first ones; quotes of a document that are compared; bytes of a text from which a document's
/// shingles come, and the most of them. Comparing takes memory and time by the square of these, and whoever sends documents must not
/// decide how much that is. Hardly anybody says more than two thousand words, or is quoted a thousand times in an article.
const QUOTE_WORDS: usize = 2000;
const QUOTES: usize = 1000;
const DOCUMENT_BYTES: usize = 1 << 18;
const SHINGLES: usize = 4096;

/// What a quote is compared by, which is the `position`th of its document.
pub(super) fn of_quote(collection: &CollectionId, words: &[String], position: usize) -> Vec<u32> {
    if position > QUOTES {
        return Vec::new();
    }
    tokens(collection, &words[..words.len().min(QUOTE_WORDS)])
}

/// What a document is compared by.
pub(super) fn of_document(collection: &CollectionId, text: &str) -> Vec<u32> {
    let beginning = &text[..text.floor_char_boundary(DOCUMENT_BYTES)];
    let words = Wording::of_claim(beginning).folded();
    let mut shingles = clusters::sketch(&tokens(collection, &words));
    shingles.truncate(SHINGLES);
    shingles
}

/// Which variant each entry of a segment is.
#[derive(Default)]
struct Variants {
    /// Of the entry itself.
    own: Vec<Option<Variant>>,
    /// Of the document that a quote stands in.
    document: Vec<Option<Variant>>,
}

/// All that says the same, as of the last view.
pub(super) struct Books {
    quotes: Book,
    documents: Book,
    followed: Vec<(Segment, Arc<Variants>)>,
}

/// What says the same, as one view sees it. Its clusters are numbers that mean nothing in another view.
pub(super) struct Clusters {
    /// In the order of the view's segments.
    segments: Vec<Arc<Variants>>,
    quotes: clusters::Clusters,
    documents: clusters::Clusters,
}

/// What two entries have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bond {
    /// Quotes say the same, or nearly.
    Words,
    /// Documents, or those that quotes stand in, are copies, or nearly.
    Copies,
}

impl Default for Books {
    fn default() -> Self {
        Self { quotes: Book::new(Rule::QUOTES), documents: Book::new(Rule::DOCUMENTS), followed: Vec::new() }
    }
}

/// So many documents are worth a thread.
const MANY: usize = 256;

/// Entries between two looks at whether the index is closing.
const STRIDE: usize = 1024;

/// What a commit or a merge has added and taken away of one kind.
#[derive(Default)]
struct Change {
    added: Vec<(u64, Vec<u32>)>,
    removed: HashSet<u64>,
}

impl Change {
    fn apply(self, book: &mut Book, stopped: &dyn Fn() -> bool) {
        let mut added = self.added.into_iter().peekable();
        // Together, since what comes back with the same words, as most of a revised document does, has then not gone.
        book.update(self.removed, added.by_ref().take(STRIDE));
        while added.peek().is_some() && !stopped() {
            book.update([], added.by_ref().take(STRIDE));
        }
    }
}

impl Books {
    /// Goes on to a view of these segments; an error where `stopped` says that it would be for nothing.
    pub(super) fn follow(
        &mut self,
        segments: &[Segment],
        stopped: &(dyn Fn() -> bool + Sync),
    ) -> Result<Clusters, TantivyError> {
        let (mut quotes, mut documents) = (Change::default(), Change::default());
        let now: HashMap<SegmentId, &Segment> =
            segments.iter().map(|segment| (segment.id(), segment)).collect();
        for (before, _) in &self.followed {
            removed(before, now.get(&before.id()).copied(), &mut quotes, &mut documents)?;
        }
        let known: HashMap<SegmentId, Arc<Variants>> =
            self.followed.drain(..).map(|(segment, variants)| (segment.id(), variants)).collect();
        let is_new = |segment: &&Segment| !known.contains_key(&segment.id());
        for segment in segments.iter().filter(is_new) {
            added(segment, &mut quotes, &mut documents)?;
        }
        let Self { quotes: of_quotes, documents: of_documents, .. } = self;
        std::thread::scope(|scope| {
            // Side by side when an index is opened: there is nothing else to do then.
            if documents.added.len() > MANY {
                scope.spawn(|| documents.apply(of_documents, stopped));
            } else {
                documents.apply(of_documents, stopped);
            }
            quotes.apply(of_quotes, stopped);
        });
        if stopped() {
            return Err(TantivyError::InternalError("the index is closing".into()));
        }
        for segment in segments {
            let variants = match known.get(&segment.id()) {
                Some(variants) => Arc::clone(variants),
                None => Arc::new(self.variants(segment)?),
            };
            self.followed.push((segment.clone(), variants));
        }
        Ok(Clusters {
            segments: self.followed.iter().map(|(_, variants)| Arc::clone(variants)).collect(),
            quotes: self.quotes.clusters(),
            documents: self.documents.clusters(),
        })
    }

    fn variants(&self, segment: &Segment) -> Result<Variants, TantivyError> {
        let kinds = segment.kinds()?;
        let alive = segment.reader.alive_bitset();
        let mut variants = Variants::default();
        for doc in 0..segment.reader.max_doc() {
            let place = segment.place(doc);
            let lives = alive.is_none_or(|alive| alive.is_alive(doc));
            let (own, document) = match kind(&kinds, segment, doc).filter(|_| lives) {
                Some(Kind::Quote(_)) => {
                    let document = schema::place(schema::change_of(place), 0);
                    (self.quotes.variant_of(place), self.documents.variant_of(document))
                }
                Some(Kind::Document) => {
                    let own = self.documents.variant_of(place);
                    (own, own)
                }
                _ => (None, None),
            };
            variants.own.push(own);
            variants.document.push(document);
        }
        Ok(variants)
    }
}

impl Clusters {
    /// The cluster of an entry of the `ordinal`th segment; none where nothing else can say the same.
    #[inline]
    pub(super) fn of(&self, bond: Bond, ordinal: usize, doc: DocId) -> Option<u32> {
        let variants = &self.segments[ordinal];
        let Cluster(number) = match bond {
            Bond::Words => self.quotes.of(variants.own[doc as usize]?),
            Bond::Copies => self.documents.of(variants.document[doc as usize]?),
        };
        Some(number)
    }

    /// Tells whether entries say just the same; see [`Clusters::of`].
    #[inline]
    pub(super) fn variant(&self, ordinal: usize, doc: DocId) -> Option<u32> {
        self.segments[ordinal].own[doc as usize].map(|Variant(number)| number)
    }
}

/// Entries and whatever says the same.
pub(super) struct Kin<'c> {
    clusters: &'c Clusters,
    bond: Bond,
    known: Vec<DocAddress>,
    /// None where nothing else can say the same.
    cluster: Option<u32>,
}

impl Kin<'_> {
    /// Those of a segment; deleted ones and others of a document may be among them.
    pub(super) fn within(&self, ordinal: usize) -> BitSet {
        let entries = self.clusters.segments[ordinal].own.len() as u32;
        let mut found = BitSet::with_max_value(entries);
        if let Some(cluster) = self.cluster {
            let of = |doc: &DocId| self.clusters.of(self.bond, ordinal, *doc);
            for doc in (0..entries).filter(|doc| of(doc) == Some(cluster)) {
                found.insert(doc);
            }
        }
        for known in self.known.iter().filter(|known| known.segment_ord as usize == ordinal) {
            found.insert(known.doc_id);
        }
        found
    }
}

fn kind(kinds: &[Option<Kind>], segment: &Segment, doc: DocId) -> Option<Kind> {
    kinds.get(usize::try_from(segment.scope(doc)).ok()?).copied().flatten()
}

/// Takes away the entries of a segment that are not in it any more.
fn removed(
    before: &Segment,
    now: Option<&Segment>,
    quotes: &mut Change,
    documents: &mut Change,
) -> Result<(), TantivyError> {
    let (old, new) = (before.reader.alive_bitset(), now.map(|now| now.reader.alive_bitset()));
    if now.is_some_and(|now| now.reader.num_deleted_docs() == before.reader.num_deleted_docs()) {
        return Ok(());
    }
    let kinds = before.kinds()?;
    for doc in 0..before.reader.max_doc() {
        let lived = old.is_none_or(|alive| alive.is_alive(doc));
        let lives = new.is_some_and(|alive| alive.is_none_or(|alive| alive.is_alive(doc)));
        if !lived || lives {
            continue;
        }
        match kind(&kinds, before, doc) {
            Some(Kind::Quote(_)) => drop(quotes.removed.insert(before.place(doc))),
            Some(Kind::Document) => drop(documents.removed.insert(before.place(doc))),
            _ => {}
        }
    }
    Ok(())
}

/// Adds the entries of a segment that is new; one that a merge has moved there is what it was.
fn added(segment: &Segment, quotes: &mut Change, documents: &mut Change) -> Result<(), TantivyError> {
    let kinds = segment.kinds()?;
    let alive = segment.reader.alive_bitset();
    for doc in (0..segment.reader.max_doc()).filter(|doc| alive.is_none_or(|alive| alive.is_alive(*doc))) {
        let change = match kind(&kinds, segment, doc) {
            Some(Kind::Quote(_)) => &mut *quotes,
            Some(Kind::Document) => &mut *documents,
            _ => continue,
        };
        let place = segment.place(doc);
        if !change.removed.remove(&place) {
            change.added.push((place, segment.tokens(doc)));
        }
    }
    Ok(())
}

impl Snapshot {
    /// What says the same as a quote.
    pub(super) fn same_words(&self, quote: &QuoteName, seam: &Seam<'_>) -> Result<Kin<'_>, IndexError> {
        for address in self.owned(&quote.document)? {
            seam.check()?;
            let segment = &self.segments[address.segment_ord as usize];
            if schema::is_document(segment.place(address.doc_id)) {
                continue;
            }
            let Stored(stored) = self.searcher.doc(address)?;
            let row: QuoteRow = row::decode(&stored)?;
            if row.quote.id == quote.quote.as_str() {
                return self.kin(Bond::Words, vec![address]);
            }
        }
        self.kin(Bond::Words, Vec::new())
    }

    /// The copies of a document and their quotes, and its own.
    pub(super) fn copies(&self, document: &DocumentName) -> Result<Kin<'_>, IndexError> {
        self.kin(Bond::Copies, self.owned(document)?)
    }

    fn kin(&self, bond: Bond, known: Vec<DocAddress>) -> Result<Kin<'_>, IndexError> {
        let clusters = self.clusters()?;
        let of = |address: &DocAddress| clusters.of(bond, address.segment_ord as usize, address.doc_id);
        let cluster = known.iter().find_map(of);
        Ok(Kin { clusters, bond, known, cluster })
    }

    /// The entries of a document and its quotes.
    fn owned(&self, document: &DocumentName) -> Result<Vec<DocAddress>, IndexError> {
        let term = Term::from_field_text(self.fields.owner, &document.to_string());
        let mut entries = Vec::new();
        for (ordinal, segment) in self.segments.iter().enumerate() {
            let owners = segment.reader.inverted_index(self.fields.owner)?;
            let Some(mut postings) = owners.read_postings(&term, IndexRecordOption::Basic)? else { continue };
            let alive = segment.reader.alive_bitset();
            while postings.doc() != TERMINATED {
                if alive.is_none_or(|alive| alive.is_alive(postings.doc())) {
                    entries.push(DocAddress::new(ordinal as u32, postings.doc()));
                }
                postings.advance();
            }
        }
        Ok(entries)
    }
}
