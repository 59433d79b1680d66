//! The trained detector: one transformer pass over windows of word pieces scores every word for names and for
//! attribution roles; each layer of tags is decoded as a CRF over the whole document. Refuses to know what becomes of
//! names and roles: that is the business of [`super::entities`] and [`super::quotes`]. Start at [`Encoder::load`] and
//! [`Encoder::detect`].
//!
//! Integer sums are exact on every CPU; what remains in floats are attention, normalisation and the last layer, whose
//! order of summation depends on the width of the CPU's vectors. Their noise is around 1e-5 where a decision takes
//! differences of tenths, and confidences leave rounded to two decimals.

mod crf;
pub mod embedded;
mod header;
mod links;
mod network;
pub mod pieces;
mod second_look;
#[cfg(test)]
mod tests;
mod windows;

use super::entities::{amounts, types};
use super::signals::{Detection, Detector, Layout, Link, NameSpan, Role, RoleSpan, Signals};
use crate::domain::annotation::EntityType;
use crf::Chain;
use header::{Header, HeaderError, LinkScoring};
use links::Vectors;
pub use network::{Network, NetworkError, RtenNetwork, Scores};
use pieces::{Encoded, Vocabulary};
use std::ops::Range;
use windows::{Window, WindowSize};

/// A piece cannot begin where its begin tag scores this much below the best tag of its layer.
const HOPELESS: f32 = 12.0;
/// From which probability a source is reported though its layer alone would rather not. It stands or falls with its cue,
/// so that a doubtful one costs nothing where there is none; a doubtful cue or content makes a doubtful quote. Chosen on
/// the development set of PolNeAR, where 0.25 and 0.3 do almost as well.
const LEAST_SOURCE: f32 = 0.2;
/// From which probability the second layer of names adds a person: one who is missing costs every pronoun that means
/// them. On the development sets 0.25 finds as many speakers; from 0.35 on, it is as if there were no such bound.
const LEAST_PERSON: f32 = 0.3;

/// The network with all that is needed to ask it and to read its answer.
pub struct Encoder {
    vocabulary: Vocabulary,
    network: Box<dyn Network>,
    names: NameLayer,
    /// Names under the scheme of CoNLL-2003, as it is evaluated.
    conll: NameLayer,
    /// The same, for people whom the other layer overlooks.
    people: NameLayer,
    roles: [(Role, Layer); 3],
    link: LinkScoring,
    tags_width: usize,
    window: WindowSize,
}

/// One layer of tags: where its scores stand and how they are decoded.
struct Layer {
    offset: usize,
    chain: Chain,
    /// The probability from which spans are reported beside those of the likeliest tags; without it, only those are.
    least: Option<f32>,
}

/// A layer whose types have names.
struct NameLayer {
    layer: Layer,
    /// In the order of its tags.
    labels: Vec<String>,
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

/// What the network answered for a document.
#[derive(Default)]
struct Answer {
    /// A row of all layers' scores for each slot.
    tags: Vec<f32>,
    vectors: Vectors,
}

impl Encoder {
    /// The model that is part of the binary.
    pub fn embedded() -> Result<Self, EncoderError> {
        Self::load(embedded::GRAPH, embedded::HEADER, embedded::VOCABULARY)
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
        let role = |role, name| Ok::<_, HeaderError>((role, Layer::of(&header, name)?));
        let mut source = Layer::of(&header, "source")?;
        source.least = Some(LEAST_SOURCE);
        let mut people = NameLayer::of(&header, "conll")?;
        people.layer.least = Some(LEAST_PERSON);
        let roles = [(Role::Source, source), role(Role::Cue, "cue")?, role(Role::Content, "content")?];
        Ok(Self {
            vocabulary,
            network,
            names: NameLayer::of(&header, "worldwide")?,
            conll: NameLayer::of(&header, "conll")?,
            people,
            roles,
            window: header.window(),
            tags_width: header.tags_width,
            link: header.link,
        })
    }

    fn reading(&self, layout: &Layout<'_>) -> Reading<'_> {
        let encoded = self.vocabulary.encode(layout.text, &layout.words);
        let cuts = cuttable(layout, &encoded);
        let windows = windows::plan(&encoded, self.window, |slot| cuts[slot]).into_iter();
        Reading { encoder: self, encoded, windows, answer: Answer::default() }
    }

    /// The pieces of a window between the special pieces.
    fn enclosed(&self, encoded: &Encoded, slots: &Range<usize>) -> (Vec<i32>, Vec<i32>) {
        let pieces = encoded.slots[slots.start].first..encoded.end(slots.end - 1);
        let ids =
            [&[self.vocabulary.start], &encoded.pieces[pieces.clone()], &[self.vocabulary.stop]].concat();
        let cases = [&[0], &encoded.cases[pieces], &[0]].concat();
        (ids, cases)
    }

    /// Takes over the rows that a window answers for: the first piece of each slot.
    fn take(&self, encoded: &Encoded, window: &Window, scores: &Scores, answer: &mut Answer) {
        let base = encoded.slots[window.read.start].first;
        let (query, key) = (self.link.dims * self.link.roles.len(), self.link.dims);
        for slot in window.answer.clone() {
            // The window's own first piece follows the special one.
            let at = encoded.slots[slot].first - base + 1;
            let tags = row(&scores.tags, at, self.tags_width);
            answer.tags.extend_from_slice(tags);
            if self.roles.iter().any(|(_, layer)| layer.may_begin(tags)) {
                answer.vectors.keep(slot, row(&scores.queries, at, query), row(&scores.keys, at, key));
            }
        }
    }

    fn names(&self, layout: &Layout<'_>, encoded: &Encoded, answer: &Answer) -> Vec<NameSpan> {
        let tagged = self.names.tagged(encoded, &answer.tags, self.tags_width).into_iter();
        let named = tagged.filter_map(|(words, label, confidence)| {
            let name: Vec<&str> = words.clone().map(|word| layout.word(word)).collect();
            let entity_type = types::entity_type(label, &name)?;
            Some(NameSpan { words, entity_type, confidence: rounded(confidence) })
        });
        let mut names: Vec<NameSpan> = named.collect();
        self.add_people(encoded, answer, &mut names);
        second_look::reconsider(layout, &mut names);
        amounts::complete(layout, &mut names);
        names
    }

    /// People where the first layer has nothing. It learned its names from newspapers outside of the United States and
    /// passes over some that the other layer knows.
    fn add_people(&self, encoded: &Encoded, answer: &Answer, names: &mut Vec<NameSpan>) {
        let tagged = self.people.tagged(encoded, &answer.tags, self.tags_width).into_iter();
        let people = tagged.filter(|(_, label, _)| *label == "PER");
        let free = people.filter(|(words, _, _)| {
            let after = names.partition_point(|name| name.words.start < words.end);
            after.checked_sub(1).is_none_or(|last| names[last].words.end <= words.start)
        });
        let overlooked = free.map(|(words, _, confidence)| NameSpan {
            words,
            entity_type: EntityType::Person,
            confidence: rounded(confidence),
        });
        let overlooked: Vec<NameSpan> = overlooked.collect();
        names.extend(overlooked);
        names.sort_by_key(|name| name.words.start);
    }

    /// Names with their labels under the scheme of CoNLL-2003 (PER, ORG, LOC, MISC).
    pub fn conll_names(&self, layout: &Layout<'_>) -> Vec<(Range<usize>, &str)> {
        let Reading { encoded, answer, .. } = self.reading(layout).read_all();
        let tagged = self.conll.tagged(&encoded, &answer.tags, self.tags_width).into_iter();
        tagged.map(|(words, label, _)| (words, label)).collect()
    }

    fn roles_and_links(&self, encoded: &Encoded, answer: &Answer) -> (Vec<RoleSpan>, Vec<Link>) {
        let mut roles = Vec::new();
        let mut begins: [Vec<usize>; 3] = Default::default();
        for ((role, layer), begins) in self.roles.iter().zip(&mut begins) {
            for span in layer.decode(&answer.tags, self.tags_width) {
                for words in word_runs(encoded, &span.positions) {
                    begins.push(encoded.slot_of_word[words.start]);
                    roles.push(RoleSpan { role: *role, words, confidence: rounded(span.confidence) });
                }
            }
        }
        roles.sort_by_key(|span| (span.words.start, span.role));
        let [_, cues, _] = &begins;
        let links = self.roles.iter().zip(&begins).flat_map(|((role, _), begins)| {
            begins.iter().flat_map(move |&slot| self.links_of(encoded, answer, *role, slot, cues))
        });
        (roles, links.collect())
    }

    fn links_of(
        &self,
        encoded: &Encoded,
        answer: &Answer,
        role: Role,
        slot: usize,
        cues: &[usize],
    ) -> Vec<Link> {
        let Some(query) = self.link.roles.iter().position(|name| *name == role_name(role)) else {
            return Vec::new();
        };
        let word = |slot: usize| encoded.slots[slot].word;
        let Some(from) = word(slot) else { return Vec::new() };
        let scored = links::scored(&self.link, &answer.vectors, query, slot, cues);
        scored.into_iter().map(|(cue, score)| Link { role, from, cue: cue.and_then(word), score }).collect()
    }
}

impl Detector for Encoder {
    fn detect(&self, layout: &Layout<'_>) -> Signals {
        self.reading(layout).read_all().signals(layout)
    }

    fn begin(&self, layout: &Layout<'_>) -> Box<dyn Detection + '_> {
        Box::new(self.reading(layout))
    }
}

/// A text being read, window by window.
struct Reading<'e> {
    encoder: &'e Encoder,
    encoded: Encoded,
    /// Those still to be read.
    windows: std::vec::IntoIter<Window>,
    answer: Answer,
}

impl Reading<'_> {
    /// Reads one window more, if there is one.
    fn read(&mut self) -> Option<()> {
        let window = self.windows.next()?;
        let (ids, cases) = self.encoder.enclosed(&self.encoded, &window.read);
        let scores = self.encoder.network.run(&ids, &cases);
        self.encoder.take(&self.encoded, &window, &scores, &mut self.answer);
        Some(())
    }

    fn read_all(mut self) -> Self {
        while self.read().is_some() {}
        self
    }

    fn signals(&self, layout: &Layout<'_>) -> Signals {
        let names = self.encoder.names(layout, &self.encoded, &self.answer);
        let (roles, links) = self.encoder.roles_and_links(&self.encoded, &self.answer);
        Signals { names, roles, links }
    }
}

impl Detection for Reading<'_> {
    fn step(&mut self, layout: &Layout<'_>) -> Option<Signals> {
        match self.read() {
            Some(()) => None,
            None => Some(self.signals(layout)),
        }
    }
}

impl Layer {
    fn of(header: &Header, name: &'static str) -> Result<Self, HeaderError> {
        let head = header.head(name)?;
        Ok(Self { offset: head.offset, chain: head.chain()?, least: None })
    }

    fn own<'r>(&self, tags: &'r [f32]) -> &'r [f32] {
        &tags[self.offset..self.offset + self.chain.tags()]
    }

    fn may_begin(&self, tags: &[f32]) -> bool {
        let own = self.own(tags);
        let best = own.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        own.iter().skip(1).step_by(2).any(|&begin| begin + HOPELESS > best)
    }

    fn decode(&self, tags: &[f32], width: usize) -> Vec<crf::Span> {
        let own: Vec<f32> = tags.chunks_exact(width).flat_map(|row| self.own(row)).copied().collect();
        match self.least {
            Some(least) => self.chain.decode_from(least, &own),
            None => self.chain.decode(&own),
        }
    }
}

impl NameLayer {
    fn of(header: &Header, name: &'static str) -> Result<Self, HeaderError> {
        let labels = header.head(name)?.types().map(str::to_owned).collect();
        Ok(Self { layer: Layer::of(header, name)?, labels })
    }

    /// Words, label and confidence of each name.
    fn tagged(&self, encoded: &Encoded, tags: &[f32], width: usize) -> Vec<(Range<usize>, &str, f32)> {
        let spans = self.layer.decode(tags, width).into_iter();
        let of_span = |span: crf::Span| {
            let runs = word_runs(encoded, &span.positions).into_iter();
            runs.map(move |words| (words, self.labels[span.kind].as_str(), span.confidence))
        };
        spans.flat_map(of_span).collect()
    }
}

fn row(rows: &[f32], at: usize, width: usize) -> &[f32] {
    &rows[at * width..(at + 1) * width]
}

/// The runs of words within a span of slots: a line break ends a run.
fn word_runs(encoded: &Encoded, slots: &Range<usize>) -> Vec<Range<usize>> {
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

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Source => "source",
        Role::Cue => "cue",
        Role::Content => "content",
    }
}

fn rounded(confidence: f32) -> f32 {
    (confidence * 100.0).round() / 100.0
}
