//! From wire messages to the vocabulary: one small file per area. Everything that a client can get wrong is found
//! here (all of it, not the first of it) and reported as field violations; what passes is valid.

pub mod analysis;
pub mod documents;
pub mod entities;
pub mod expression;
pub mod facets;
pub mod imported;
pub mod names;
pub mod operations;
pub mod query;
pub mod time;
pub mod verify;
mod violations;

pub use violations::Violations;
