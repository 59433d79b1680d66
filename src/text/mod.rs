//! What a text is made of: paragraphs, sentences, words, quotation marks, each with exact byte offsets.

pub mod words;
