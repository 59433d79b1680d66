//! Dumps what the speakers' scorer sees at every phrase, for `training/speakers.py`, which fits its weights:
//!
//! ```text
//! cargo run --release --example speakers [-- dictum-en-fast] < articles.jsonl > seen.jsonl
//! ```
//!
//! A line in is `{"id", "text"}`; a line out has for each phrase its bytes, its kind as the column of weights, and every
//! candidate's name (null for nobody) with its features.

use anyhow::Result;
use dictum::analysis::encoder::{Encoder, embedded};
use dictum::analysis::signals::{Detector, Layout};
use dictum::analysis::speakers::{self, Observation, Scorer};
use dictum::analysis::{entities, job};
use dictum::domain::annotation::{AnalyzerName, Entity};
use dictum::text::view::View;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead, BufWriter, Write, stdin, stdout};

#[derive(Deserialize)]
struct Article {
    id: Value,
    text: String,
}

fn main() -> Result<()> {
    let name = std::env::args().nth(1).map_or(Ok(AnalyzerName::Accurate), |name| name.parse())?;
    let encoder = Encoder::embedded(name)?;
    let scorer = Scorer::parse(embedded::model(name).speakers)?;
    let mut out = BufWriter::new(stdout().lock());
    for line in stdin().lock().lines() {
        let Article { id, text } = serde_json::from_str(&line?)?;
        let view = View::new(&text);
        let mut layout = Layout::new(view.text());
        let mut signals = encoder.detect(&layout);
        let drafts = job::assemble(&mut layout, &mut signals, false);
        let entities = entities::cluster(&layout, &signals);
        let seen = speakers::observe(&layout, &entities, &drafts, &signals.references, &scorer);
        let seen: Vec<Value> = seen.iter().map(|observation| row(observation, &entities, &view)).collect();
        writeln!(out, "{}", json!({"id": id, "observed": seen}))?;
    }
    Ok(())
}

fn row(observation: &Observation, entities: &[Entity], view: &View<'_>) -> Value {
    let candidates = observation.candidates.iter().map(|(entity, features)| {
        let rounded: Vec<f32> = features.0.iter().map(|value| (value * 1e4).round() / 1e4).collect();
        json!([entity.map(|entity| entities[entity].name.as_str()), rounded])
    });
    let candidates: Vec<Value> = candidates.collect();
    let span = view.original(observation.span);
    json!({"begin": span.begin, "end": span.end, "kind": observation.kind as usize, "candidates": candidates})
}
