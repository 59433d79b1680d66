//! Entities that are mentioned together.

use super::annotation::EntityType;
use super::ids::{CollectionId, EntityId};
use super::time::TimeRange;

/// A whole question for what goes with an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedQuery {
    /// Where to look.
    pub collection: CollectionId,
    /// The entity, with the bare surname that is taken for it.
    pub group: Vec<EntityId>,
    /// The entity that it is itself taken for, where it is a bare surname: counted under that, it does not go with itself.
    pub taken_for: Option<EntityId>,
    /// Any of these types; all where there are none.
    pub types: Vec<EntityType>,
    /// Publication time of the documents.
    pub published: TimeRange,
    /// What comes first.
    pub order: RelatedOrder,
    /// Most entities, at least 1.
    pub most: usize,
}

/// What comes first among related entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelatedOrder {
    /// By [`Relation::score`], where that is above 0.
    Association,
    /// By the documents that mention both.
    Documents,
}

/// What goes with an entity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Related {
    /// Documents that mention the entity.
    pub documents: u64,
    /// Entities that they mention beside it, of every type.
    pub distinct: u64,
    /// In the order asked for; ties fall by documents, then by id.
    pub relations: Vec<Relation>,
}

/// An entity that goes with another, the *first*.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// Which. A bare surname counts as the full name that it is taken for.
    pub entity: EntityId,
    /// Documents that mention both.
    pub documents: u64,
    /// Statements that mention both, whoever speaks.
    pub quotes: u64,
    /// Statements by the first about this one.
    pub spoken_about: u64,
    /// Statements by this one about the first.
    pub speaks_about: u64,
    /// How much more often documents mention it where they mention the first than where they do not: Dunning's log-likelihood
    /// ratio, see [`super::facet::Bucket::score`], against all other documents of the range.
    pub score: f64,
}
