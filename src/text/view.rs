//! The text as it reads. What people send went through mail programs, web pages and word processors: marks come as
//! entities or in the wrong encoding, words hold characters that show nothing, lines were broken at a column. A
//! [`View`] is such a text put right, with the way back: every stage works on the view alone, and spans of the view
//! become spans of the text as sent in one place, [`View::original`]. Most texts need nothing, and then the view is
//! the text itself.
//!
//! [`characters`] puts characters right, [`lines`] then lines, [`marks`] then quotation marks; [`alignment`] keeps what
//! each of them changed.

mod alignment;
mod characters;
mod invisible;
mod lines;
mod marks;

use crate::domain::span::ByteSpan;
use alignment::{Alignment, Rewrite};
use std::borrow::Cow;

/// A text put right, aligned with the text as it was sent.
#[derive(Debug)]
pub struct View<'t> {
    text: Cow<'t, str>,
    /// What was changed, first change first; none where the text needs nothing.
    alignments: Vec<Alignment>,
}

impl<'t> View<'t> {
    /// The view of a whole document. Linear in its length; borrows where nothing has to be put right.
    pub fn new(text: &'t str) -> Self {
        Self::of_characters(text).then(lines::rewrite).then(marks::rewrite)
    }

    /// The view of a part of a document, such as a name or a quote, or of a query: characters alone, since lines can
    /// be judged only among others.
    pub fn of_characters(text: &'t str) -> Self {
        Self { text: Cow::Borrowed(text), alignments: Vec::new() }.then(characters::rewrite)
    }

    fn then(mut self, step: fn(&str) -> Rewrite<'_>) -> Self {
        if let Some((text, alignment)) = step(&self.text).finish() {
            self.text = Cow::Owned(text);
            self.alignments.push(alignment);
        }
        self
    }

    /// The text put right.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text put right, without the way back.
    pub fn into_text(self) -> Cow<'t, str> {
        self.text
    }

    /// The same stretch in the text as it was sent. Neither end has anything at it that the view leaves out; order is
    /// kept, and what is not empty stays so.
    pub fn original(&self, span: ByteSpan) -> ByteSpan {
        self.alignments.iter().rev().fold(span, |span, alignment| alignment.original(span))
    }

    /// What a stretch of the text as it was sent reads like.
    pub fn reading(&self, span: ByteSpan) -> &str {
        self.alignments.iter().fold(span, |span, alignment| alignment.rewritten(span)).slice(&self.text)
    }
}

#[cfg(test)]
mod tests;
