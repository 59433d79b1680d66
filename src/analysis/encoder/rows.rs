//! What the network said of slots: a row of every output for each, and what is read off them, roles by their layers and the cues
//! that pieces may belong to. Knows neither windows' order nor lines. Start at [`Rows::take`], then [`roles`] and [`links`].

use super::crf::Ends;
use super::layers::{Layer, Part, word_runs};
use super::links::{self, Vectors};
use super::network::Scores;
use super::pieces::Encoded;
use super::windows::Window;
use super::{Encoder, rounded};
use crate::analysis::signals::{Link, Role, RoleSpan};
use std::ops::Range;

/// Rows that have been read and not decoded, one for each slot from `first` on.
#[derive(Default)]
pub struct Rows {
    pub first: usize,
    pub scores: Scores,
    pub slots: usize,
}

impl Rows {
    /// No rows yet; the first will be that of a slot.
    pub fn at(first: usize) -> Self {
        Self { first, ..Self::default() }
    }

    /// Takes over the rows that a window answers for: the first piece of each slot.
    pub fn take(&mut self, encoded: &Encoded, window: &Window, scores: &Scores) {
        let base = encoded.slots[window.read.start].first;
        let pieces = encoded.end(window.read.end - 1) - base + 2;
        for slot in window.answer.clone() {
            // The window's own first piece follows the special one.
            let at = encoded.slots[slot].first - base + 1;
            for (rows, read) in self.scores.outputs_mut().into_iter().zip(scores.outputs()) {
                let width = read.len() / pieces;
                rows.extend_from_slice(&read[at * width..(at + 1) * width]);
            }
        }
        self.slots += window.answer.len();
    }

    /// A run of slots as it is decoded.
    pub fn part(&self, slots: Range<usize>, width: usize, ends: Ends) -> Part<'_> {
        let rows = &self.scores.tags[(slots.start - self.first) * width..(slots.end - self.first) * width];
        Part { slots, rows, width, ends }
    }

    /// A slot's part of one output.
    pub fn row<'r>(&self, rows: &'r [f32], slot: usize, width: usize) -> &'r [f32] {
        let at = slot - self.first;
        &rows[at * width..(at + 1) * width]
    }

    /// Forgets the slots before one.
    pub fn drop_to(&mut self, slot: usize, encoder: &Encoder) {
        let gone = slot - self.first;
        for (rows, width) in self.scores.outputs_mut().into_iter().zip(encoder.widths()) {
            rows.drain(..gone * width);
        }
        (self.first, self.slots) = (slot, self.slots - gone);
    }
}

/// The spans of layers in a part.
pub fn roles(encoded: &Encoded, layers: &[(Role, Layer)], part: &Part<'_>) -> Vec<RoleSpan> {
    let of_layer = |(role, layer): &(Role, Layer)| {
        let role = *role;
        let runs = layer.decode(part).into_iter().flat_map(|span| {
            let runs = word_runs(encoded, &span.positions).into_iter();
            runs.map(move |words| (words, span.confidence))
        });
        let role_span = |(words, confidence)| RoleSpan { role, words, confidence: rounded(confidence) };
        runs.map(role_span).collect::<Vec<_>>()
    };
    layers.iter().flat_map(of_layer).collect()
}

/// Keeps the vectors that links of a span need.
pub fn keep_links(encoder: &Encoder, encoded: &Encoded, rows: &Rows, vectors: &mut Vectors, span: &RoleSpan) {
    let slot = encoded.slot_of_word[span.words.start];
    let link = &encoder.link;
    if let Some(role) = encoder.query_of(span.role) {
        let queries = rows.row(&rows.scores.queries, slot, link.dims * link.roles.len());
        vectors.keep_query(slot, role, &queries[role * link.dims..(role + 1) * link.dims]);
    }
    if span.role == Role::Cue {
        vectors.keep_key(slot, rows.row(&rows.scores.keys, slot, link.dims));
    }
}

/// To which cues the pieces may belong.
pub fn links(encoder: &Encoder, encoded: &Encoded, roles: &[RoleSpan], vectors: &Vectors) -> Vec<Link> {
    let slot = |span: &RoleSpan| encoded.slot_of_word[span.words.start];
    let cues: Vec<usize> = roles.iter().filter(|span| span.role == Role::Cue).map(slot).collect();
    let of_piece = |span: &RoleSpan| -> Vec<Link> {
        let (role, from) = (span.role, span.words.start);
        let Some(query) = encoder.query_of(role) else { return Vec::new() };
        let scored = links::scored(&encoder.link, vectors, query, slot(span), &cues);
        let word = |slot: usize| encoded.slots[slot].word;
        scored.into_iter().map(|(cue, score)| Link { role, from, cue: cue.and_then(word), score }).collect()
    };
    roles.iter().flat_map(of_piece).collect()
}
