//! Contents read again, each by itself. A layer of tags is flat: in "Lund said that the ministry had denied it", the words
//! of the ministry are a part of Lund's. Read without what stands around it, a content is a text like any other, and the same
//! layers find who says what in it. Only contents that seem to hold a cue are worth the time. Start at [`suspects`], then
//! [`read`].

use super::Encoder;
use super::crf::Ends;
use super::layers::Part;
use super::links::Vectors;
use super::pieces::Encoded;
use super::rows::{Rows, keep_links, links, roles};
use super::windows::Window;
use crate::analysis::signals::{Attributed, Layout, Role, RoleSpan};
use std::ops::Range;

/// Words of the shortest content that is read again.
const SHORTEST: usize = 5;

/// Share of a content's words from which on what is found in it is that content once more.
const WHOLE: f32 = 0.9;

/// The contents of a part that seem to hold a cue, as words, without the marks at their ends.
pub(super) fn suspects(
    encoder: &Encoder,
    encoded: &Encoded,
    layout: &Layout<'_>,
    part: &Part<'_>,
    stated: &[RoleSpan],
) -> Vec<Range<usize>> {
    let contents = stated.iter().filter(|span| span.role == Role::Content);
    let contents = contents.map(|span| bare(layout, span.words.clone()));
    let mut contents = contents.filter(|words| words.len() >= SHORTEST).peekable();
    if contents.peek().is_none() {
        return Vec::new();
    }
    let cues = encoder.layers.inner_cue.decode(part);
    let holds = |words: &Range<usize>| {
        let slots = slots(encoded, words);
        cues.iter().any(|cue| slots.start <= cue.positions.start && cue.positions.end <= slots.end)
    };
    let fits = |words: &Range<usize>| {
        let slots = slots(encoded, words);
        encoded.end(slots.end - 1) - encoded.slots[slots.start].first <= encoder.window.pieces
    };
    contents.filter(holds).filter(fits).collect()
}

/// Who says what in a content, as if it were all there is.
pub(super) fn read(encoder: &Encoder, encoded: &Encoded, content: &Range<usize>) -> Attributed {
    let slots = slots(encoded, content);
    let (ids, cases) = encoder.enclosed(encoded, &slots);
    let scores = encoder.network.run(&ids, &cases);
    let mut rows = Rows::at(slots.start);
    rows.take(encoded, &Window { read: slots.clone(), answer: slots.clone() }, &scores);
    let part = rows.part(slots, encoder.tags_width, Ends::default());
    let mut roles = roles(encoded, &encoder.layers.stated, &part);
    if !roles.iter().any(|span| span.role == Role::Cue) {
        return Attributed::default();
    }
    let mut vectors = Vectors::default();
    for span in &roles {
        keep_links(encoder, encoded, &rows, &mut vectors, span);
    }
    let links = links(encoder, encoded, &roles, &vectors);
    let whole = |span: &RoleSpan| {
        span.role == Role::Content && span.words.len() as f32 >= WHOLE * content.len() as f32
    };
    roles.retain(|span| !whole(span));
    Attributed { roles, links }
}

/// The words without the marks at their ends.
fn bare(layout: &Layout<'_>, words: Range<usize>) -> Range<usize> {
    let words = layout.unmarked(words);
    words.clone().find(|at| !layout.is_mark(*at)).unwrap_or(words.end)..words.end
}

fn slots(encoded: &Encoded, words: &Range<usize>) -> Range<usize> {
    encoded.slot_of_word[words.start]..encoded.slot_of_word[words.end - 1] + 1
}
