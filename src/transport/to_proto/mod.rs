//! From the vocabulary to wire messages: one small file per area, no decisions. Text and offsets in the encodings
//! that a request asks for are added here, by [`analysis::Renderer`].

pub mod analysis;
pub mod backups;
pub mod collections;
pub mod documents;
pub mod entities;
pub mod facets;
pub mod operations;
pub mod outlets;
pub mod profile;
pub mod quotes;
pub mod related;
pub mod time;
pub mod verify;
