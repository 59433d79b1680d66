//! How text compares: what counts as a word and which spellings are one. Everything that is searched goes through
//! the one folding of [`search`]; names have rules of their own on top of it, in [`names`]; the ids of quotes have a
//! folding that never changes, in [`quote_id`]; how free text queries are written is in [`free_text`]. This layer knows characters and words, never documents, and nothing
//! of how an index or a store is built. Pure: no I/O, no clock, no state. Start at [`search`].

pub mod free_text;
pub mod names;
pub mod quote_id;
pub mod search;
