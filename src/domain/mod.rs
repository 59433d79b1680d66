//! The vocabulary: plain types that every layer may use. This module refuses to know how anything is stored,
//! indexed, sent or computed; it depends on `std` and serde alone. Start at [`annotation`] for what an analysis
//! says, [`document`] for what a client sends, [`query`] for what it asks.

pub mod annotation;
pub mod backup;
pub mod document;
pub mod entity;
pub mod excerpt;
pub mod facet;
pub mod filter;
pub mod hit;
pub mod ids;
pub mod operation;
pub mod outlets;
pub mod query;
pub mod related;
pub mod span;
pub mod time;
pub mod verdict;
