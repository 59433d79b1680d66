//! What a text is made of: paragraphs, sentences, words, quotation marks, each with exact byte offsets. This layer
//! reads characters alone: it knows no names, no cues and no model, never fails, and takes linear time on any input.
//! Start at [`paragraphs`], on which [`sentences`] and [`quote_marks`] build; [`words`] stands by itself.

pub mod paragraphs;
pub mod quote_marks;
pub mod sentences;
pub mod view;
pub mod words;
