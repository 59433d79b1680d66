//! From a text to everything that is said in it: pure, total, deterministic. No clock, no I/O, no threads, no `Result`
//! for odd input. Start at [`Analyzer::analyze`] and [`job`], which is the list of stages; [`signals`] is the seam between
//! detection (by a trained encoder) and everything after it.

pub mod encoder;
pub mod entities;
mod finish;
pub mod grammar;
pub mod job;
pub mod language;
pub mod quotes;
pub mod references;
pub mod roster;
pub mod signals;
pub mod speakers;

use crate::domain::annotation::{Analysis, AnalyzerName, AnalyzerStamp, Quote};
use crate::domain::ids::QuoteId;
use crate::domain::span::ByteSpan;
use crate::domain::time::Timestamp;
use crate::text::paragraphs::paragraphs;
use crate::text::view::View;
use encoder::{Encoder, embedded};
use finish::rounded;
use job::Job;
use signals::Detector;
use speakers::Scorer;

/// What is analysed.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The document's text; spans refer to it.
    pub text: &'a str,
    /// Against which dates are normalised.
    pub published_at: Option<Timestamp>,
    /// BCP-47 tag, where the client knows it.
    pub language: Option<&'a str>,
}

/// What a request may set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Least probability, 0 to 1, at which a speaker is resolved to an entity rather than left open.
    pub speaker_threshold: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self { speaker_threshold: 0.3 }
    }
}

/// Model and rules, made once and shared by all threads.
pub struct Analyzer {
    detector: Box<dyn Detector>,
    scorer: Scorer,
    stamp: AnalyzerStamp,
}

impl std::fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Analyzer").field("stamp", &self.stamp).finish_non_exhaustive()
    }
}

impl Analyzer {
    /// The accurate one of the analyzers that are part of the binary.
    pub fn new() -> Self {
        Self::embedded(AnalyzerName::Accurate)
    }

    /// An analyzer that is part of the binary.
    pub fn embedded(name: AnalyzerName) -> Self {
        // The parts are fixed when the binary is built, and every test of the analyzer loads them.
        let encoder = Encoder::embedded(name).expect("the model in the binary loads");
        Self::with_parts(Box::new(encoder), scorer(name), stamp(name))
    }

    /// An analyzer over any detector, with the scorer of the accurate one. The stamp must differ wherever the detector's answers may.
    pub fn with_detector(detector: Box<dyn Detector>, stamp: AnalyzerStamp) -> Self {
        Self::with_parts(detector, scorer(AnalyzerName::Accurate), stamp)
    }

    /// An analyzer over any detector and any weights of the speakers.
    pub fn with_parts(detector: Box<dyn Detector>, scorer: Scorer, stamp: AnalyzerStamp) -> Self {
        Self { detector, scorer, stamp }
    }

    /// Which analyzer this is.
    pub fn stamp(&self) -> &AnalyzerStamp {
        &self.stamp
    }

    /// Everything found in one document: the same bytes for the same input, on any number of threads.
    pub fn analyze(&self, input: &Input<'_>, options: &Options) -> Analysis {
        self.begin(input, options).run()
    }

    /// The same analysis in small steps, for callers that must look up in between.
    pub fn begin<'a>(&'a self, input: &Input<'a>, options: &Options) -> Job<'a> {
        Job::begin(self, *input, *options)
    }
}

impl Default for Analyzer {
    fn default() -> Self {
        Self::new()
    }
}

/// The stamp of an analyzer that is part of the binary.
fn stamp(name: AnalyzerName) -> AnalyzerStamp {
    AnalyzerStamp {
        name: name.as_str().into(),
        version: env!("CARGO_PKG_VERSION").into(),
        hash: embedded::model(name).digest.into(),
    }
}

fn scorer(name: AnalyzerName) -> Scorer {
    // Fixed when the binary is built, as the encoder is.
    Scorer::parse(embedded::model(name).speakers).expect("the weights in the binary load")
}

/// The ids of quotes of a text by what their contents read like: those that its analysis gives them.
pub fn quote_ids(text: &str, quotes: &[Quote]) -> Vec<QuoteId> {
    let view = View::new(text);
    let contents = |quote: &Quote| quote.contents.iter().map(|span| view.reading(*span)).collect::<Vec<_>>();
    crate::folding::quote_id::quote_ids(quotes.iter().map(contents))
}

/// The sentences of a text, in order: what is shown around a mention. The same that the analysis works with.
pub fn sentences(text: &str) -> Vec<ByteSpan> {
    let view = View::new(text);
    let sentences = crate::text::sentences::sentences(view.text(), &paragraphs(view.text()));
    sentences.into_iter().map(|sentence| view.original(sentence)).collect()
}
