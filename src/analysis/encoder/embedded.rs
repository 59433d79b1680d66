//! The models that are part of the binary, and their digests. `models/MODEL_CARD.md` says what they were trained on.

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
}

const ACCURATE: Model = Model {
    graph: include_bytes!("../../../models/dictum-en/dictum-int8.onnx"),
    header: include_str!("../../../models/dictum-en/dictum.json"),
    speakers: include_str!("../../../models/dictum-en/speakers.json"),
};

const FAST: Model = Model {
    graph: include_bytes!("../../../models/dictum-en-fast/dictum-int8.onnx"),
    header: include_str!("../../../models/dictum-en-fast/dictum.json"),
    speakers: include_str!("../../../models/dictum-en-fast/speakers.json"),
};

/// The model of an analyzer.
pub fn model(name: AnalyzerName) -> Model {
    match name {
        AnalyzerName::Accurate => ACCURATE,
        AnalyzerName::Fast => FAST,
    }
}

impl Model {
    /// Hex digest over all of the model and the rules that read its answers.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(env!("DICTUM_RULES").as_bytes())
            .update(self.graph)
            .update(self.header.as_bytes())
            .update(VOCABULARY.as_bytes())
            .update(self.speakers.as_bytes());
        hasher.finalize().to_hex()[..16].to_owned()
    }
}
