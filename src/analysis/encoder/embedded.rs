//! The models that are part of the binary, and their digests, which are made when it is built. `models/MODEL_CARD.md` says what they were trained on.

use crate::domain::annotation::AnalyzerName;

/// The word pieces, of both models.
pub const VOCABULARY: &str = include_str!("../../../models/vocab.txt");

/// What one analyzer is made of, beside the vocabulary and the rules.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    /// The network as ONNX, int8.
    pub graph: &'static [u8],
    /// Layers, transitions and links, as JSON.
    pub header: &'static str,
    /// The weights of the speakers' scorer, as JSON.
    pub speakers: &'static str,
    /// Hex digest over all of these, the vocabulary and the rules that read the network's answers.
    pub digest: &'static str,
}

const ACCURATE: Model = Model {
    graph: include_bytes!("../../../models/dictum-en/dictum-int8.onnx"),
    header: include_str!("../../../models/dictum-en/dictum.json"),
    speakers: include_str!("../../../models/dictum-en/speakers.json"),
    digest: env!("DICTUM_EN"),
};

const FAST: Model = Model {
    graph: include_bytes!("../../../models/dictum-en-fast/dictum-int8.onnx"),
    header: include_str!("../../../models/dictum-en-fast/dictum.json"),
    speakers: include_str!("../../../models/dictum-en-fast/speakers.json"),
    digest: env!("DICTUM_EN_FAST"),
};

/// The model of an analyzer.
pub fn model(name: AnalyzerName) -> Model {
    match name {
        AnalyzerName::Accurate => ACCURATE,
        AnalyzerName::Fast => FAST,
    }
}
