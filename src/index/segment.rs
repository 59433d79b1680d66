//! One segment of the index as queries read it: its postings through the search engine's reader, and its columns,
//! opened once for all queries of a view.

use super::facets::{Background, Kept, Other, Taken};
use super::schema::{self, Kind, column};
use super::scopes::{ScopeColumn, Wanted};
use super::terms::{self, Terms};
use crate::domain::ids::{CollectionId, EntityId};
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::{Arc, OnceLock};
use tantivy::columnar::{Column, ColumnIndex, ColumnValues, StrColumn};
use tantivy::error::DataCorruption;
use tantivy::index::SegmentId;
use tantivy::{DocId, SegmentReader, TantivyError};

/// A column in which every entry has one value.
type Values<T> = Arc<dyn ColumnValues<T>>;

/// See the module. Cheap to clone.
#[derive(Clone)]
pub(super) struct Segment {
    pub(super) reader: SegmentReader,
    columns: Arc<Columns>,
}

struct Columns {
    place: Values<u64>,
    published: Values<i64>,
    category: Values<u64>,
    traits: Values<u64>,
    confidence: Values<u64>,
    documents: Values<u64>,
    scope: ScopeColumn,
    scopes: StrColumn,
    entity: Option<StrColumn>,
    taken_for: Option<StrColumn>,
    tokens: Option<Column<u64>>,
    taken: OnceLock<Vec<Taken>>,
    facets: Facets,
}

/// What entries are counted by; absent where no entry has any.
pub(super) struct Facets {
    pub(super) speaker: Option<Terms>,
    pub(super) mention: Option<Terms>,
    pub(super) source: Option<Terms>,
    pub(super) language: Option<Terms>,
    pub(super) label: Option<Terms>,
    pub(super) role: Option<Terms>,
    pub(super) words: Option<Terms>,
    /// How frequent the words are.
    pub(super) backgrounds: Kept<Background>,
}

impl Segment {
    /// Opens the columns; takes them over where `known` has the segment already.
    pub(super) fn open(reader: &SegmentReader, known: Option<&Self>) -> Result<Self, TantivyError> {
        let columns = match known {
            Some(known) => Arc::clone(&known.columns),
            None => Arc::new(Columns::open(reader)?),
        };
        Ok(Self { reader: reader.clone(), columns })
    }

    pub(super) fn id(&self) -> SegmentId {
        self.reader.segment_id()
    }

    #[inline]
    pub(super) fn place(&self, doc: DocId) -> u64 {
        self.columns.place.get_val(doc)
    }

    #[inline]
    pub(super) fn published(&self, doc: DocId) -> i64 {
        self.columns.published.get_val(doc)
    }

    /// When each entry was published, for many entries at once.
    pub(super) fn times(&self) -> &dyn ColumnValues<i64> {
        self.columns.published.as_ref()
    }

    /// Likewise categories,
    pub(super) fn categories(&self) -> &dyn ColumnValues<u64> {
        self.columns.category.as_ref()
    }

    /// traits,
    pub(super) fn all_traits(&self) -> &dyn ColumnValues<u64> {
        self.columns.traits.as_ref()
    }

    /// confidences,
    pub(super) fn confidences(&self) -> &dyn ColumnValues<u64> {
        self.columns.confidence.as_ref()
    }

    /// and places.
    pub(super) fn places(&self) -> &dyn ColumnValues<u64> {
        self.columns.place.as_ref()
    }

    #[inline]
    pub(super) fn category(&self, doc: DocId) -> u64 {
        self.columns.category.get_val(doc)
    }

    #[inline]
    pub(super) fn traits(&self, doc: DocId) -> u64 {
        self.columns.traits.get_val(doc)
    }

    #[inline]
    pub(super) fn confidence(&self, doc: DocId) -> u64 {
        self.columns.confidence.get_val(doc)
    }

    #[inline]
    pub(super) fn documents(&self, doc: DocId) -> u64 {
        self.columns.documents.get_val(doc)
    }

    /// Those of the scopes that any entry has; nothing where none has one.
    pub(super) fn wanted(&self, scopes: &[String]) -> Result<Option<Wanted>, TantivyError> {
        let numbers = self.scope_numbers(scopes)?;
        Ok((!numbers.is_empty()).then(|| Wanted::of(&numbers, self.columns.scopes.num_terms())))
    }

    /// Which of the entries are in a scope that is wanted.
    #[inline]
    pub(super) fn in_scopes(&self, wanted: &Wanted, docs: &[DocId], held: &mut [bool]) {
        self.columns.scope.hold(wanted, docs, held);
    }

    /// The number of the entry's scope.
    #[inline]
    pub(super) fn scope(&self, doc: DocId) -> u64 {
        self.columns.scope.of_entry(doc)
    }

    /// The collection of an entry.
    pub(super) fn collection(&self, doc: DocId) -> Result<CollectionId, TantivyError> {
        let mut scope = String::new();
        self.columns.scopes.ord_to_str(self.scope(doc), &mut scope)?;
        schema::collection_of(&scope).ok_or_else(|| missing(column::SCOPE))
    }

    /// Whether the entry is of the kind.
    pub(super) fn is_of(&self, doc: DocId, kind: Kind) -> Result<bool, TantivyError> {
        let mut scope = String::new();
        self.columns.scopes.ord_to_str(self.scope(doc), &mut scope)?;
        Ok(schema::kind_of(&scope) == Some(kind))
    }

    /// The collections of the entries that are not deleted.
    pub(super) fn collections(&self) -> Result<BTreeSet<CollectionId>, TantivyError> {
        let dictionary = self.columns.scopes.dictionary();
        let mut living = vec![!self.reader.has_deletes(); dictionary.num_terms()];
        if let Some(alive) = self.reader.alive_bitset() {
            for doc in alive.iter_alive() {
                living[self.scope(doc) as usize] = true;
            }
        }
        let (mut all, mut scopes) = (BTreeSet::new(), dictionary.stream()?);
        for is_living in living {
            if !scopes.advance() {
                break;
            }
            if is_living {
                all.extend(std::str::from_utf8(scopes.key()).ok().and_then(schema::collection_of));
            }
        }
        Ok(all)
    }

    /// The numbers that those of the scopes have in this segment which any entry has.
    pub(super) fn scope_numbers(
        &self,
        scopes: impl IntoIterator<Item: AsRef<str>>,
    ) -> Result<Vec<u64>, TantivyError> {
        let mut numbers = Vec::new();
        for scope in scopes {
            numbers.extend(self.columns.scopes.dictionary().term_ord(scope.as_ref())?);
        }
        Ok(numbers)
    }

    /// The number of the entity's id among those of this segment, which has the order of the ids.
    #[inline]
    pub(super) fn entity(&self, doc: DocId) -> u64 {
        self.columns.entity.as_ref().and_then(|column| column.ords().first(doc)).unwrap_or(u64::MAX)
    }

    /// The least number of an id behind `key`.
    pub(super) fn entity_behind(&self, key: &str) -> Result<u64, TantivyError> {
        let Some(column) = &self.columns.entity else { return Ok(0) };
        let behind = column.dictionary().term_bounds_to_ord(Bound::Excluded(key), Bound::Unbounded)?.0;
        Ok(match behind {
            Bound::Excluded(same) => same + 1,
            Bound::Included(next) => next,
            Bound::Unbounded => 0,
        })
    }

    /// What each scope of the segment holds, by the scope's number.
    pub(super) fn kinds(&self) -> Result<Vec<Option<Kind>>, TantivyError> {
        let dictionary = self.columns.scopes.dictionary();
        let (mut kinds, mut terms) = (Vec::with_capacity(dictionary.num_terms()), dictionary.stream()?);
        while terms.advance() {
            kinds.push(std::str::from_utf8(terms.key()).ok().and_then(schema::kind_of));
        }
        Ok(kinds)
    }

    /// The numbers of an entry's words, in their order.
    pub(super) fn tokens(&self, doc: DocId) -> Vec<u32> {
        let Some(tokens) = &self.columns.tokens else { return Vec::new() };
        // Tokens have 32 bits.
        tokens.values_for_doc(doc).map(|token| token as u32).collect()
    }

    /// What entries are counted by.
    pub(super) fn facets(&self) -> &Facets {
        &self.columns.facets
    }

    /// The entities that are taken for others, deleted ones too. Worked out when first asked for.
    pub(super) fn taken(&self) -> Result<&[Taken], TantivyError> {
        if let Some(taken) = self.columns.taken.get() {
            return Ok(taken);
        }
        let mut all = Vec::new();
        if let (Some(own), Some(others)) = (&self.columns.entity, &self.columns.taken_for) {
            let (mut own_id, mut id) = (String::new(), String::new());
            for doc in 0..self.reader.max_doc() {
                let (Some(other), Some(number)) = (others.ords().first(doc), own.ords().first(doc)) else {
                    continue;
                };
                others.ord_to_str(other, &mut id)?;
                own.ord_to_str(number, &mut own_id)?;
                let (own, key) = (terms::key(own_id.as_bytes()), terms::key(id.as_bytes()));
                let id = EntityId::new(id.as_str()).map_err(|_| missing(column::TAKEN_FOR))?;
                all.push(Taken { doc, own, other: Other { key, id } });
            }
        }
        Ok(self.columns.taken.get_or_init(|| all))
    }

    /// The id that has this number.
    pub(super) fn entity_key(&self, number: u64) -> Result<String, TantivyError> {
        let mut key = String::new();
        if let Some(column) = &self.columns.entity {
            column.ord_to_str(number, &mut key)?;
        }
        Ok(key)
    }
}

impl Columns {
    fn open(reader: &SegmentReader) -> Result<Self, TantivyError> {
        let columns = reader.fast_fields();
        let number = |name| full(columns.u64(name)?, name);
        let scopes = columns.str(column::SCOPE)?.ok_or_else(|| missing(column::SCOPE))?;
        Ok(Self {
            place: number(column::PLACE)?,
            published: full(columns.i64(column::PUBLISHED)?, column::PUBLISHED)?,
            category: number(column::CATEGORY)?,
            traits: number(column::TRAITS)?,
            confidence: number(column::CONFIDENCE)?,
            documents: number(column::DOCUMENTS)?,
            scope: ScopeColumn::of(full(scopes.ords().clone(), column::SCOPE)?, scopes.num_terms()),
            scopes,
            entity: columns.str(column::ENTITY)?,
            taken_for: columns.str(column::TAKEN_FOR)?,
            tokens: columns.column_opt(column::TOKENS)?,
            taken: OnceLock::new(),
            facets: Facets {
                speaker: columns.str(column::SPEAKER)?.map(Terms::new),
                mention: columns.str(column::MENTION)?.map(Terms::new),
                source: columns.str(column::SOURCE)?.map(Terms::new),
                language: columns.str(column::LANGUAGE)?.map(Terms::new),
                label: columns.str(column::LABEL)?.map(Terms::new),
                role: columns.str(column::ROLE)?.map(Terms::new),
                words: columns.str(column::QUOTE_WORDS)?.map(Terms::new),
                backgrounds: Kept::default(),
            },
        })
    }
}

/// The values of a column that no entry lacks.
fn full<T>(column: Column<T>, name: &str) -> Result<Values<T>, TantivyError> {
    match column.index {
        ColumnIndex::Full => Ok(column.values),
        _ => Err(missing(name)),
    }
}

fn missing(name: &str) -> TantivyError {
    DataCorruption::comment_only(format!("an entry has no {name}")).into()
}
