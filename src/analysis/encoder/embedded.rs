//! The model that is part of the binary, and its digest. `models/MODEL_CARD.md` says what it was trained on.

/// The network as ONNX, int8.
pub const GRAPH: &[u8] = include_bytes!("../../../models/dictum-int8.onnx");

/// Layers, transitions and links, as JSON.
pub const HEADER: &str = include_str!("../../../models/dictum.json");

/// The word pieces.
pub const VOCABULARY: &str = include_str!("../../../models/vocab.txt");

/// The weights of the speakers' scorer, as JSON.
pub const SPEAKERS: &str = include_str!("../../../models/speakers.json");

/// Hex digest over all of them and the rules that read their answers.
pub fn digest() -> String {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(env!("DICTUM_RULES").as_bytes())
        .update(GRAPH)
        .update(HEADER.as_bytes())
        .update(VOCABULARY.as_bytes())
        .update(SPEAKERS.as_bytes());
    hasher.finalize().to_hex()[..16].to_owned()
}
