//! Which values of one field the entries of one segment have, as small numbers.

use super::super::error::IndexError;
use super::super::schema::{self, Kind};
use super::super::segment::Segment;
use super::super::terms::Terms;
use super::periods::Periods;
use super::taken::{Others, Taken};
use super::tally::Key;
use crate::domain::annotation::{QuoteKind, QuoteType, SpeakerKind};
use crate::domain::facet::{FacetField, FacetValue};
use crate::domain::ids::{CollectionId, EntityId};
use std::collections::HashMap;
use std::ops::Range;
use tantivy::{DocId, TantivyError};

/// See the module.
pub(super) enum Slots<'s> {
    /// Slots are the numbers of a dictionary.
    Terms(TermSlots<'s>),
    /// Slots are the numbers of a dictionary; an entry has one as often as the word stands there.
    Words(&'s Terms),
    /// Of [`TYPES`].
    Type,
    /// Of [`KINDS`]; where the segment has the scope of statements.
    Kind { statements: Option<u64> },
    /// Of [`SpeakerKind::ALL`].
    SpeakerKind,
    /// See [`Periods`].
    Published,
    /// The segment has no value at all.
    None,
}

/// See [`Slots::Terms`].
pub(super) struct TermSlots<'s> {
    terms: &'s Terms,
    /// The numbers that belong to the field: of labels, those of one key.
    range: Range<u64>,
    /// Bytes at the front of a term that are no part of the value.
    prefix: usize,
    /// Whether values are entities; then those that are taken for others, by number.
    entities: Option<HashMap<u32, &'s Taken>>,
}

const TYPES: [QuoteType; 3] = [QuoteType::Direct, QuoteType::Indirect, QuoteType::Mixed];
const KINDS: [QuoteKind; 2] = [QuoteKind::Statement, QuoteKind::Thought];

impl<'s> Slots<'s> {
    pub(super) fn of(
        segment: &'s Segment,
        by: &FacetField,
        collection: &CollectionId,
        taken: &Others<'s>,
    ) -> Result<Self, TantivyError> {
        let facets = segment.facets();
        let terms = |terms: &'s Option<Terms>| terms.as_ref().map_or(Self::None, Self::terms);
        let entities = |terms: &'s Option<Terms>| match terms {
            Some(terms) => Self::entities(terms, taken),
            None => Ok(Self::None),
        };
        Ok(match by {
            FacetField::Speaker => entities(&facets.speaker)?,
            FacetField::Mention => entities(&facets.mention)?,
            FacetField::Source => terms(&facets.source),
            FacetField::Language => terms(&facets.language),
            FacetField::Label(key) => match &facets.label {
                Some(terms) => Self::label(terms, key)?,
                None => Self::None,
            },
            FacetField::Words => match &facets.words {
                Some(terms) => Self::Words(terms),
                None => Self::None,
            },
            FacetField::Type => Self::Type,
            FacetField::Kind => {
                let scope = schema::scope(Kind::Quote(QuoteKind::Statement), collection);
                Self::Kind { statements: segment.scope_number(&scope)? }
            }
            FacetField::SpeakerKind => Self::SpeakerKind,
            FacetField::Published { .. } => Self::Published,
        })
    }

    fn terms(terms: &'s Terms) -> Self {
        Self::Terms(TermSlots { terms, range: 0..terms.len() as u64, prefix: 0, entities: None })
    }

    fn entities(terms: &'s Terms, taken: &Others<'s>) -> Result<Self, TantivyError> {
        let mut others = HashMap::new();
        if !taken.is_empty() {
            for (number, key) in terms.keys()?.iter().enumerate() {
                if let Some(other) = taken.get(key) {
                    others.insert(number as u32, *other);
                }
            }
        }
        Ok(Self::Terms(TermSlots { terms, range: 0..terms.len() as u64, prefix: 0, entities: Some(others) }))
    }

    fn label(terms: &'s Terms, key: &str) -> Result<Self, TantivyError> {
        let prefix = schema::label_key(key);
        let range = terms.beginning_with(&prefix)?;
        Ok(Self::Terms(TermSlots { terms, range, prefix: prefix.len(), entities: None }))
    }

    /// One more than the largest slot, as far as that is known.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Terms(slots) => slots.terms.len(),
            Self::Words(terms) => terms.len(),
            Self::Type => TYPES.len(),
            Self::Kind { .. } => KINDS.len(),
            Self::SpeakerKind => SpeakerKind::ALL.len(),
            Self::Published | Self::None => 0,
        }
    }

    /// The slots of an entry, each once; false where it has none.
    #[inline]
    pub(super) fn each(
        &self,
        segment: &Segment,
        doc: DocId,
        periods: Option<&mut Periods>,
        mut take: impl FnMut(u32),
    ) -> bool {
        match self {
            Self::Terms(slots) => slots.each(doc, take),
            Self::Words(terms) => {
                let mut all: Vec<u64> = terms.numbers(doc).collect();
                all.sort_unstable();
                all.dedup();
                all.iter().for_each(|number| take(*number as u32));
                !all.is_empty()
            }
            Self::Type => {
                take(segment.category(doc) as u32);
                true
            }
            Self::Kind { statements } => {
                take(u32::from(*statements != Some(segment.scope(doc))));
                true
            }
            Self::SpeakerKind => {
                take(segment.traits(doc).trailing_zeros().min(SpeakerKind::ALL.len() as u32 - 1));
                true
            }
            Self::Published => {
                let time = segment.published(doc);
                let dated = time != schema::UNDATED;
                if let (true, Some(periods)) = (dated, periods) {
                    take(periods.slot(time));
                }
                dated
            }
            Self::None => false,
        }
    }

    /// The key of a slot's value, the same in every segment.
    pub(super) fn key(&self, slot: u32) -> Result<Key, IndexError> {
        Ok(match self {
            Self::Terms(slots) => slots.key(slot)?,
            Self::Words(terms) => terms.keys()?[slot as usize],
            _ => Key::from(slot),
        })
    }

    /// The value of a slot.
    pub(super) fn value(&self, slot: u32) -> Result<FacetValue, IndexError> {
        let of = |at: usize| at.min(slot as usize);
        Ok(match self {
            Self::Terms(slots) => slots.value(slot)?,
            Self::Words(terms) => FacetValue::Text(terms.term(u64::from(slot))?),
            Self::Type => FacetValue::Type(TYPES[of(TYPES.len() - 1)]),
            Self::Kind { .. } => FacetValue::Kind(KINDS[of(KINDS.len() - 1)]),
            Self::SpeakerKind => FacetValue::SpeakerKind(SpeakerKind::ALL[of(SpeakerKind::ALL.len() - 1)]),
            Self::Published | Self::None => FacetValue::Text(String::new()),
        })
    }
}

impl TermSlots<'_> {
    fn each(&self, doc: DocId, mut take: impl FnMut(u32)) -> bool {
        let mut found = false;
        let mut seen: Option<Vec<Key>> = None;
        for number in self.terms.numbers(doc).filter(|number| self.range.contains(number)) {
            found = true;
            let slot = number as u32;
            // Two names of one entity count once.
            if let Some(others) = self.entities.as_ref().filter(|others| !others.is_empty()) {
                let Ok(keys) = self.terms.keys() else { continue };
                let key = others.get(&slot).map_or(keys[slot as usize], |taken| taken.other);
                let seen = seen.get_or_insert_default();
                if seen.contains(&key) {
                    continue;
                }
                seen.push(key);
            }
            take(slot);
        }
        found
    }

    fn key(&self, slot: u32) -> Result<Key, TantivyError> {
        if let Some(other) = self.entities.as_ref().and_then(|others| others.get(&slot)) {
            return Ok(other.other);
        }
        Ok(self.terms.keys()?[slot as usize])
    }

    fn value(&self, slot: u32) -> Result<FacetValue, IndexError> {
        if let Some(other) = self.entities.as_ref().and_then(|others| others.get(&slot)) {
            return Ok(FacetValue::Entity(other.id.clone()));
        }
        let term = self.terms.term(u64::from(slot))?;
        if self.entities.is_none() {
            return Ok(FacetValue::Text(term[self.prefix..].to_owned()));
        }
        let id = EntityId::new(term.as_str())
            .map_err(|_| TantivyError::InternalError(format!("{term} is no id")))?;
        Ok(FacetValue::Entity(id))
    }
}
