//! The trained detector: one transformer pass over windows of word pieces scores every word for names and for
//! attribution roles; each layer of tags is decoded as a CRF over the whole document. Refuses to know what becomes of
//! names and roles: that is the business of [`super::entities`] and [`super::quotes`]. Start at [`Encoder::load`] and
//! [`Encoder::detect`].
//!
//! Integer sums are exact on every CPU; what remains in floats are attention, normalisation and the last layer, whose
//! order of summation depends on the width of the CPU's vectors. Their noise is around 1e-5 where a decision takes
//! differences of tenths, and confidences leave rounded to two decimals.

mod again;
mod crf;
pub mod embedded;
mod header;
mod layers;
mod links;
mod network;
pub mod pieces;
mod reading;
mod rows;
mod second_look;
#[cfg(test)]
mod tests;
mod windows;

use super::entities::{amounts, types};
use super::references::Scoring;
use super::signals::{Detection, Detector, Layout, NameSpan, Role, Signals};
use crate::domain::annotation::{AnalyzerName, EntityType};
use header::{Header, HeaderError, LinkScoring};
use layers::{Labelled, Layer, NameLayer};
pub use network::{Network, NetworkError, RtenNetwork, Scores};
use pieces::{Encoded, Vocabulary};
use reading::Reading;
use std::ops::Range;
use std::sync::Arc;
use windows::WindowSize;

/// From which probability a source is reported though its layer alone would rather not. It stands or falls with its cue,
/// so that a doubtful one costs nothing where there is none; a doubtful cue or content makes a doubtful quote.
const LEAST_SOURCE: f32 = 0.2;
/// From which probability the second layer of names adds a person: one who is missing costs every pronoun that means
/// them.
const LEAST_PERSON: f32 = 0.3;
/// From which probability of a cue inside of a content that content is read again.
const LEAST_INNER_CUE: f32 = 0.2;

/// The network with all that is needed to ask it and to read its answer.
pub struct Encoder {
    vocabulary: Vocabulary,
    network: Box<dyn Network>,
    layers: Layers,
    /// Names under the scheme of CoNLL-2003, as it is evaluated.
    conll: NameLayer,
    link: LinkScoring,
    references: Arc<Scoring>,
    tags_width: usize,
    window: WindowSize,
}

/// The layers that an analysis reads.
struct Layers {
    worldwide: NameLayer,
    /// The second layer of names, for people whom the first overlooks.
    people: NameLayer,
    /// The roles of statements, in the product's convention.
    stated: Vec<(Role, Layer)>,
    /// The cues of statements, doubtful ones with them.
    inner_cue: Layer,
    /// The roles of attributions of every kind, in the convention of PolNeAR.
    attributed: Vec<(Role, Layer)>,
}

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EncoderError {
    /// Its header.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Its weights.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Its vocabulary.
    #[error("the vocabulary lacks special pieces")]
    Vocabulary,
}

impl Encoder {
    /// A model that is part of the binary.
    pub fn embedded(name: AnalyzerName) -> Result<Self, EncoderError> {
        let model = embedded::model(name);
        Self::load(model.graph, model.header, embedded::VOCABULARY)
    }

    /// A detector from the three parts of a model: ONNX graph, header (JSON), vocabulary (one piece a line).
    pub fn load(graph: &'static [u8], header: &str, vocabulary: &'static str) -> Result<Self, EncoderError> {
        Self::with_network(Box::new(RtenNetwork::load(graph)?), header, vocabulary)
    }

    /// A detector over any network that answers in the layout of the header.
    pub fn with_network(
        network: Box<dyn Network>,
        header: &str,
        vocabulary: &'static str,
    ) -> Result<Self, EncoderError> {
        let header = Header::parse(header)?;
        let vocabulary = Vocabulary::parse(vocabulary).ok_or(EncoderError::Vocabulary)?;
        Ok(Self {
            vocabulary,
            network,
            layers: Layers::of(&header)?,
            conll: NameLayer::of(&header, "conll")?,
            window: header.window(),
            tags_width: header.tags_width,
            link: header.link,
            references: Arc::new(header.reference),
        })
    }

    fn reading(&self, layout: &Layout<'_>) -> Reading<'_> {
        let encoded = self.vocabulary.encode(layout.text, &layout.words);
        let cuts = cuttable(layout, &encoded);
        let windows = windows::plan(&encoded, self.window, |slot| cuts[slot]);
        Reading::new(self, encoded, windows)
    }

    /// The pieces of a window between the special pieces.
    fn enclosed(&self, encoded: &Encoded, slots: &Range<usize>) -> (Vec<i32>, Vec<i32>) {
        let pieces = encoded.slots[slots.start].first..encoded.end(slots.end - 1);
        let ids =
            [&[self.vocabulary.start], &encoded.pieces[pieces.clone()], &[self.vocabulary.stop]].concat();
        let cases = [&[0], &encoded.cases[pieces], &[0]].concat();
        (ids, cases)
    }

    /// The widths of the network's outputs, in their order.
    fn widths(&self) -> [usize; 5] {
        let (link, reference) = (self.link.dims, self.references.dims);
        [self.tags_width, link * self.link.roles.len(), link, reference, reference]
    }

    fn names(&self, layout: &Layout<'_>, worldwide: &[Labelled], people: &[Labelled]) -> Vec<NameSpan> {
        let named = worldwide.iter().filter_map(|name| {
            let words: Vec<&str> = name.words.clone().map(|word| layout.word(word)).collect();
            let entity_type = types::entity_type(self.layers.worldwide.label(name.label), &words)?;
            Some(NameSpan { words: name.words.clone(), entity_type, confidence: rounded(name.confidence) })
        });
        let mut names: Vec<NameSpan> = named.collect();
        self.add_people(people, &mut names);
        second_look::reconsider(layout, &mut names);
        amounts::complete(layout, &mut names);
        names
    }

    /// People where the first layer has nothing. It learned its names from newspapers outside of the United States and
    /// passes over some that the other layer knows.
    fn add_people(&self, people: &[Labelled], names: &mut Vec<NameSpan>) {
        let people = people.iter().filter(|person| self.layers.people.label(person.label) == "PER");
        let free = people.filter(|person| {
            let after = names.partition_point(|name| name.words.start < person.words.end);
            after.checked_sub(1).is_none_or(|last| names[last].words.end <= person.words.start)
        });
        let overlooked = free.map(|person| NameSpan {
            words: person.words.clone(),
            entity_type: EntityType::Person,
            confidence: rounded(person.confidence),
        });
        let overlooked: Vec<NameSpan> = overlooked.collect();
        names.extend(overlooked);
        names.sort_by_key(|name| name.words.start);
    }

    /// Names with their labels under the scheme of CoNLL-2003 (PER, ORG, LOC, MISC).
    pub fn conll_names(&self, layout: &Layout<'_>) -> Vec<(Range<usize>, &str)> {
        let tagged = self.reading(layout).tagged(&self.conll).into_iter();
        tagged.map(|name| (name.words, self.conll.label(name.label))).collect()
    }

    /// Which of the link queries a role has.
    fn query_of(&self, role: Role) -> Option<usize> {
        let name = match role {
            Role::Source => "source",
            Role::Cue => "cue",
            Role::Content => "content",
        };
        self.link.roles.iter().position(|known| known == name)
    }
}

impl Layers {
    fn of(header: &Header) -> Result<Self, HeaderError> {
        let layer = |role, name| Ok::<_, HeaderError>((role, Layer::of(header, name)?));
        let sure = |role, name| Ok::<_, HeaderError>((role, Layer::of(header, name)?.from(LEAST_SOURCE)));
        Ok(Self {
            worldwide: NameLayer::of(header, "worldwide")?,
            people: NameLayer::of(header, "conll")?.from(LEAST_PERSON),
            stated: vec![
                sure(Role::Source, "stated_source")?,
                layer(Role::Cue, "stated_cue")?,
                layer(Role::Content, "stated_content")?,
            ],
            inner_cue: Layer::of(header, "stated_cue")?.from(LEAST_INNER_CUE),
            attributed: vec![
                sure(Role::Source, "source")?,
                layer(Role::Cue, "cue")?,
                layer(Role::Content, "content")?,
            ],
        })
    }
}

impl Detector for Encoder {
    fn detect(&self, layout: &Layout<'_>) -> Signals {
        let mut reading = self.reading(layout);
        loop {
            if let Some(signals) = reading.step(layout) {
                return signals;
            }
        }
    }

    fn begin(&self, layout: &Layout<'_>) -> Box<dyn Detection + '_> {
        Box::new(self.reading(layout))
    }
}

/// Whether each slot is a good one to begin a window's answer with: a line break or the first word of a sentence.
fn cuttable(layout: &Layout<'_>, encoded: &Encoded) -> Vec<bool> {
    let mut begins = layout.sentences.iter().map(|sentence| sentence.begin).peekable();
    let mut opens_sentence = |word: usize| {
        let begin = layout.words[word].span.begin;
        let mut opens = false;
        while begins.next_if(|&sentence| sentence <= begin).is_some() {
            opens = true;
        }
        opens
    };
    encoded.slots.iter().map(|slot| slot.word).map(|word| word.is_none_or(&mut opens_sentence)).collect()
}

fn rounded(confidence: f32) -> f32 {
    (confidence * 100.0).round() / 100.0
}
