//! The header beside the weights: which columns of the network's answer belong to which layer, the learned moves of
//! each, how links and references are scored, and what window the training recommends. Reads JSON text; knows no files.
//! Start at [`Header::parse`].

use super::crf::Chain;
use super::windows::WindowSize;
use crate::analysis::references::{Scoring, bucket};
use serde::Deserialize;

/// What the run time must know beside the graph.
#[derive(Debug, Deserialize)]
pub struct Header {
    /// Width of a row of the network's tag scores.
    pub tags_width: usize,
    /// Layers of tags, each decoded by itself.
    pub heads: Vec<Head>,
    /// How pieces are linked to cues.
    pub link: LinkScoring,
    /// How phrases are matched with the names that they may mean.
    pub reference: Scoring,
    window: RawWindow,
}

/// One layer of BIO tags.
#[derive(Debug, Deserialize)]
pub struct Head {
    /// "worldwide", "source", …
    pub name: String,
    /// First column of its scores.
    pub offset: usize,
    tags: Vec<String>,
    /// Absent where forbidden.
    transitions: Vec<Vec<Option<f32>>>,
}

/// The scoring of links by scaled dot product and distance.
#[derive(Debug, Deserialize)]
pub struct LinkScoring {
    /// The roles that have a query of their own, in the order of the queries.
    pub roles: Vec<String>,
    /// Width of a query and of a key.
    pub dims: usize,
    /// What the dot product is multiplied by.
    pub scale: f32,
    /// Score of "belongs to no cue", by role.
    pub null: Vec<f32>,
    distance_edges: Vec<usize>,
    /// Score of each bucket of distances, by role.
    distance: Vec<Vec<f32>>,
}

#[derive(Debug, Deserialize)]
struct RawWindow {
    pieces: usize,
    context: usize,
    longest: usize,
}

/// Why a header cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// Not the JSON that is expected.
    #[error("the model's header cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// Readable, but its parts contradict each other.
    #[error("the model's header is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl Header {
    /// Reads and checks a header.
    pub fn parse(json: &str) -> Result<Self, HeaderError> {
        let header: Self = serde_json::from_str(json)?;
        let wide = header.heads.iter().any(|head| head.offset + head.tags.len() > header.tags_width);
        let window = &header.window;
        if wide {
            Err(HeaderError::Inconsistent("a layer is wider than the tags"))
        } else if !header.link.is_even() {
            Err(HeaderError::Inconsistent("links have uneven tables"))
        } else if !header.reference.is_consistent() {
            Err(HeaderError::Inconsistent("references have uneven tables"))
        } else if window.pieces == 0 || window.longest == 0 || window.pieces <= 2 * window.context {
            Err(HeaderError::Inconsistent("the window holds nothing but context"))
        } else {
            Ok(header)
        }
    }

    /// The layer of a name.
    pub fn head(&self, name: &'static str) -> Result<&Head, HeaderError> {
        self.heads
            .iter()
            .find(|head| head.name == name)
            .ok_or(HeaderError::Inconsistent("a layer is missing"))
    }

    /// The recommended window.
    pub fn window(&self) -> WindowSize {
        let RawWindow { pieces, context, longest } = self.window;
        WindowSize { pieces, context, longest }
    }
}

impl Head {
    /// The names of its types, in the order of their tags.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().filter_map(|tag| tag.strip_prefix("B-"))
    }

    /// Its decoder.
    pub fn chain(&self) -> Result<Chain, HeaderError> {
        let scores: Vec<f32> = self.transitions.iter().flatten().map(|score| score.unwrap_or(0.0)).collect();
        Chain::new(self.types().count(), &scores)
            .ok_or(HeaderError::Inconsistent("a layer has moves for other tags"))
    }
}

impl LinkScoring {
    fn is_even(&self) -> bool {
        let roles = self.roles.len();
        self.null.len() == roles && fits(&self.distance, roles, 2 * self.distance_edges.len() + 1)
    }

    /// What a signed distance in slots (cue minus piece) adds to the score of a link.
    pub fn distance_score(&self, role: usize, distance: isize) -> f32 {
        self.distance[role][bucket(&self.distance_edges, distance)]
    }
}

fn fits(table: &[Vec<f32>], rows: usize, columns: usize) -> bool {
    table.len() == rows && table.iter().all(|row| row.len() == columns)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A header of two layers over six columns, and links and references of width two.
    pub fn small() -> String {
        let seven = |row: &str| [row; 7].join(", ");
        format!(
            r#"{{
        "tags_width": 6,
        "heads": [
            {{"name": "worldwide", "offset": 0, "tags": ["O", "B-Person", "I-Person"],
             "transitions": [[0, 0, null], [0, 0, 0.5], [0, 0, 0]]}},
            {{"name": "cue", "offset": 3, "tags": ["O", "B-cue", "I-cue"],
             "transitions": [[0, 0, null], [0, 0, 0], [0, 0, 0]]}}
        ],
        "link": {{"roles": ["content"], "dims": 2, "scale": 0.5, "null": [0.25], "distance_edges": [1, 3],
                 "distance": [[1, 2, 3, 4, 5]]}},
        "reference": {{"forms": [{}], "outcomes": ["unnamed", "none"], "dims": 2, "scale": 0.5,
                      "outcome_keys": [[1, 0], [0, 1]], "outcome": [{}], "distance_edges": [2], "distance": [{}]}},
        "window": {{"pieces": 16, "context": 2, "longest": 20}}
    }}"#,
            seven("\"form\""),
            seven("[0.5, 0.75]"),
            seven("[1, 0, -1]")
        )
    }

    #[test]
    fn a_header_gives_layers_windows_and_distances() {
        let header = Header::parse(&small()).unwrap();
        assert_eq!(header.head("worldwide").unwrap().types().collect::<Vec<_>>(), ["Person"]);
        assert_eq!(header.head("cue").unwrap().chain().unwrap().tags(), 3);
        assert!(header.head("source").is_err());
        assert_eq!(header.window(), WindowSize { pieces: 16, context: 2, longest: 20 });
        let scores: Vec<f32> =
            [-9, -3, -2, -1, 0, 1, 2, 3, 9].map(|d| header.link.distance_score(0, d)).into();
        assert_eq!(scores, [1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 5.0]);
    }

    #[test]
    fn contradictions_are_refused() {
        for (from, to) in [
            ("\"tags_width\": 6", "\"tags_width\": 5"),
            ("\"null\": [0.25]", "\"null\": []"),
            ("[1, 2, 3, 4, 5]", "[1, 2, 3]"),
            ("\"outcomes\": [\"unnamed\", \"none\"]", "\"outcomes\": [\"none\"]"),
            ("[[1, 0], [0, 1]]", "[[1], [0]]"),
            ("\"context\": 2", "\"context\": 8"),
            ("\"heads\"", "\"tails\""),
        ] {
            let changed = small().replace(from, to);
            assert_ne!(changed, small());
            assert!(Header::parse(&changed).is_err(), "{to}");
        }
    }
}
