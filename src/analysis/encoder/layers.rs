//! Layers of tags: where the scores of each stand in a row of the network's answer, and what spans of words they give. Knows
//! the names of layers and labels, not what becomes of them. Start at [`Layer::decode`].

use super::crf::{Chain, Ends, Span};
use super::header::{Header, HeaderError};
use super::pieces::Encoded;
use std::ops::Range;

/// One layer of tags.
pub(super) struct Layer {
    offset: usize,
    chain: Chain,
    /// The probability from which spans are reported beside those of the likeliest tags; without it, only those are.
    least: Option<f32>,
}

/// A layer whose types have names.
pub(super) struct NameLayer {
    layer: Layer,
    /// In the order of its tags.
    labels: Vec<String>,
}

/// A span under a label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Labelled {
    pub words: Range<usize>,
    /// Index among the layer's labels.
    pub label: usize,
    pub confidence: f32,
}

/// A part of a text that is decoded by itself.
pub(super) struct Part<'p> {
    /// Its slots.
    pub slots: Range<usize>,
    /// A row of all layers' scores for each of them.
    pub rows: &'p [f32],
    pub width: usize,
    pub ends: Ends,
}

impl Layer {
    pub fn of(header: &Header, name: &'static str) -> Result<Self, HeaderError> {
        let head = header.head(name)?;
        Ok(Self { offset: head.offset, chain: head.chain()?, least: None })
    }

    /// The same layer, reporting every span from a probability on.
    pub fn from(self, least: f32) -> Self {
        Self { least: Some(least), ..self }
    }

    /// The spans of a part, by slots of the text.
    pub fn decode(&self, part: &Part<'_>) -> Vec<Span> {
        let columns = self.offset..self.offset + self.chain.tags();
        let own: Vec<f32> =
            part.rows.chunks_exact(part.width).flat_map(|row| &row[columns.clone()]).copied().collect();
        let spans = match self.least {
            Some(least) => self.chain.decode_from(least, &own, part.ends),
            None => self.chain.decode(&own, part.ends),
        };
        let shifted = |span: Span| {
            let positions = span.positions.start + part.slots.start..span.positions.end + part.slots.start;
            Span { positions, ..span }
        };
        spans.into_iter().map(shifted).collect()
    }
}

impl NameLayer {
    pub fn of(header: &Header, name: &'static str) -> Result<Self, HeaderError> {
        let labels = header.head(name)?.types().map(str::to_owned).collect();
        Ok(Self { layer: Layer::of(header, name)?, labels })
    }

    /// The same layer, reporting every span from a probability on.
    pub fn from(self, least: f32) -> Self {
        Self { layer: self.layer.from(least), ..self }
    }

    pub fn label(&self, index: usize) -> &str {
        &self.labels[index]
    }

    /// Words, label and confidence of each name in a part.
    pub fn tagged(&self, encoded: &Encoded, part: &Part<'_>) -> Vec<Labelled> {
        let of_span = |span: Span| {
            let runs = word_runs(encoded, &span.positions).into_iter();
            runs.map(move |words| Labelled { words, label: span.kind, confidence: span.confidence })
        };
        self.layer.decode(part).into_iter().flat_map(of_span).collect()
    }
}

/// The runs of words within a span of slots: a line break ends a run.
pub(super) fn word_runs(encoded: &Encoded, slots: &Range<usize>) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for slot in &encoded.slots[slots.clone()] {
        match (slot.word, runs.last_mut()) {
            (None, _) => open = false,
            (Some(word), Some(run)) if open => run.end = word + 1,
            (Some(word), _) => {
                runs.push(word..word + 1);
                open = true;
            }
        }
    }
    runs
}
