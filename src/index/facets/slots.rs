//! Which values of one field the entries of one segment have, as small numbers.

use super::super::clusters::{Bond, Clusters};
use super::super::error::IndexError;
use super::super::pairs::Pairs;
use super::super::schema::{self, Kind};
use super::super::segment::Segment;
use super::super::terms::{self, Terms};
use super::merged::{EntitySlots, Merged};
use super::periods::Periods;
use super::roles::Roles;
use super::tally::Key;
use crate::domain::annotation::{QuoteKind, QuoteType, SpeakerKind};
use crate::domain::facet::{FacetField, FacetValue};
use crate::domain::ids::EntityId;
use crate::domain::query::Within;
use std::ops::Range;
use tantivy::{DocId, TantivyError};

/// See the module.
pub(super) enum Slots<'s> {
    /// Numbers of a dictionary.
    Terms(&'s Terms),
    /// Numbers of a dictionary, each that of the entity which counts.
    Entities(&'s Terms, &'s EntitySlots),
    /// Numbers of a dictionary within a range, whose terms begin with so many bytes that are no part of the value.
    Labels(&'s Terms, Range<u64>, usize),
    /// Of [`TYPES`].
    Type,
    /// Of [`KINDS`]; which scopes of the segment hold statements.
    Kind { statements: Vec<u64> },
    /// Of [`SpeakerKind::ALL`].
    SpeakerKind,
    /// See [`Roles`].
    Roles(&'s Terms, Roles),
    /// See [`Periods`].
    Published,
    /// Numbers of clusters, the same in all segments.
    Cluster(&'s Clusters, Bond, usize),
    /// Numbers of variants, the same in all segments.
    Variant(&'s Clusters, usize),
    /// The segment has no value at all.
    None,
}

const TYPES: [QuoteType; 3] = [QuoteType::Direct, QuoteType::Indirect, QuoteType::Mixed];
const KINDS: [QuoteKind; 2] = [QuoteKind::Statement, QuoteKind::Thought];

impl<'s> Slots<'s> {
    /// The field in the segment, which is the `ordinal`th of the view.
    pub(super) fn of(
        segment: &'s Segment,
        ordinal: usize,
        by: &FacetField,
        within: &Within,
        merged: Option<&'s Merged>,
        (clusters, bond): (Option<&'s Clusters>, Bond),
    ) -> Result<Self, TantivyError> {
        let facets = segment.facets();
        let terms = |terms: &'s Option<Terms>| terms.as_ref().map_or(Self::None, Self::Terms);
        let entities = |terms: &'s Option<Terms>, all: Option<&'s Vec<EntitySlots>>| {
            let slots = all.and_then(|all| all.get(ordinal));
            terms.as_ref().zip(slots).map_or(Self::None, |(terms, slots)| Self::Entities(terms, slots))
        };
        Ok(match by {
            FacetField::Speaker => entities(&facets.speaker, merged.map(|merged| &merged.speakers)),
            FacetField::Mention => entities(&facets.mention, merged.map(|merged| &merged.mentions)),
            FacetField::Source => terms(&facets.source),
            FacetField::Language => terms(&facets.language),
            FacetField::Words => terms(&facets.words),
            FacetField::Label(key) => match &facets.label {
                Some(terms) => {
                    let prefix = schema::label_key(key);
                    Self::Labels(terms, terms.beginning_with(&prefix)?, prefix.len())
                }
                None => Self::None,
            },
            FacetField::Type => Self::Type,
            FacetField::Kind => {
                let scopes = schema::scopes(Kind::Quote(QuoteKind::Statement), within);
                Self::Kind { statements: segment.scope_numbers(scopes)? }
            }
            FacetField::SpeakerKind => Self::SpeakerKind,
            FacetField::Role(entities) => match &facets.role {
                Some(terms) => Self::Roles(terms, Roles::of(terms, entities)?),
                None => Self::None,
            },
            FacetField::Published { .. } => Self::Published,
            FacetField::Cluster => {
                clusters.map_or(Self::None, |clusters| Self::Cluster(clusters, bond, ordinal))
            }
            FacetField::Variant => clusters.map_or(Self::None, |clusters| Self::Variant(clusters, ordinal)),
        })
    }

    /// One more than the largest slot, as far as that is known.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Terms(terms) | Self::Entities(terms, _) | Self::Labels(terms, ..) => terms.len(),
            Self::Type => TYPES.len(),
            Self::Kind { .. } => KINDS.len(),
            Self::SpeakerKind => SpeakerKind::ALL.len(),
            Self::Roles(_, roles) => roles.all.len(),
            Self::Published | Self::Cluster(..) | Self::Variant(..) | Self::None => 0,
        }
    }

    /// Puts entries with their slots into `found`, each slot of an entry once; those without a value are not there.
    #[inline]
    pub(super) fn of_entries(
        &self,
        segment: &Segment,
        docs: &[DocId],
        mut periods: Option<&mut Periods>,
        found: &mut Pairs,
    ) {
        match self {
            Self::Terms(terms) => terms.of_entries(docs, found),
            Self::Entities(terms, slots) => {
                terms.of_entries(docs, found);
                // Two names of one entity count once.
                found.map(|number| Some(slots.slot(number)));
            }
            Self::Labels(terms, range, _) => {
                terms.of_entries(docs, found);
                found.map(|number| range.contains(&u64::from(number)).then_some(number));
            }
            Self::Roles(terms, roles) => {
                terms.of_entries(docs, found);
                found.map(|number| roles.slot(number));
            }
            Self::Type => found.each(docs, |doc| Some(segment.category(doc) as u32)),
            Self::Kind { statements } => {
                found.each(docs, |doc| Some(u32::from(!statements.contains(&segment.scope(doc)))));
            }
            // Bits above those of the kinds are other traits; one of the kinds is always there.
            Self::SpeakerKind => found.each(docs, |doc| Some(segment.traits(doc).trailing_zeros())),
            Self::Published => {
                found.each(docs, |doc| {
                    let time = Some(segment.published(doc)).filter(|time| *time != schema::UNDATED)?;
                    Some(periods.as_mut()?.slot(time))
                });
            }
            Self::Cluster(clusters, bond, ordinal) => {
                found.each(docs, |doc| clusters.of(*bond, *ordinal, doc));
            }
            Self::Variant(clusters, ordinal) => found.each(docs, |doc| clusters.variant(*ordinal, doc)),
            Self::None => found.each(docs, |_| None),
        }
    }

    /// The key of a slot's value, the same in every segment.
    pub(super) fn key(&self, slot: u32) -> Result<Key, IndexError> {
        Ok(match self {
            Self::Entities(_, slots) if let Some(other) = slots.other(slot) => other.key,
            Self::Terms(terms) | Self::Entities(terms, _) | Self::Labels(terms, ..) => {
                terms.keys()?[slot as usize]
            }
            Self::Roles(_, roles) => terms::key(roles.all[slot as usize].as_bytes()),
            _ => Key::from(slot),
        })
    }

    /// The value of a slot.
    pub(super) fn value(&self, slot: u32) -> Result<FacetValue, IndexError> {
        let nothing = || TantivyError::InternalError(format!("slot {slot} has no value"));
        let at = slot as usize;
        let value = match self {
            Self::Terms(terms) => Some(FacetValue::Text(terms.term(u64::from(slot))?)),
            Self::Labels(terms, _, prefix) => {
                terms.term(u64::from(slot))?.get(*prefix..).map(|value| FacetValue::Text(value.to_owned()))
            }
            Self::Entities(terms, slots) => match slots.other(slot) {
                Some(other) => Some(FacetValue::Entity(other.id.clone())),
                None => EntityId::new(terms.term(u64::from(slot))?).ok().map(FacetValue::Entity),
            },
            Self::Roles(_, roles) => roles.all.get(at).cloned().map(FacetValue::Text),
            Self::Type => TYPES.get(at).copied().map(FacetValue::Type),
            Self::Kind { .. } => KINDS.get(at).copied().map(FacetValue::Kind),
            Self::SpeakerKind => SpeakerKind::ALL.get(at).copied().map(FacetValue::SpeakerKind),
            // The field over all segments knows it.
            Self::Published | Self::Cluster(..) | Self::Variant(..) | Self::None => None,
        };
        Ok(value.ok_or_else(nothing)?)
    }
}
