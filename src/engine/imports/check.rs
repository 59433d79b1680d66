//! What an analysis must be, whoever made it, beyond what its types see to: references lead somewhere, spans are in order, quotes have the
//! ids that the convention gives them. Pure; tells all that is wrong, up to a bound. That spans lie in the text is settled before.

use crate::analysis::quote_ids;
use crate::domain::annotation::{Analysis, AnalyzerStamp, Coverage, Entity, Quote, Speaker};
use crate::domain::span::ByteSpan;
use std::collections::HashMap;

/// Flaws of one analysis that are told.
const MOST_FLAWS: usize = 20;
/// Entities, and quotes, of one analysis.
const MOST_THINGS: usize = 100_000;
/// Bytes of the id of an entity.
const MAX_ID_BYTES: usize = 64;
/// Bytes of each part of an analyzer's stamp.
const MAX_STAMP_BYTES: usize = 128;

/// A rule that an analysis breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where: `quotes[3].contents`, as the messages name it.
    pub field: String,
    /// What must hold there.
    pub rule: String,
}

/// The analysis, with an id for each quote that came without one.
///
/// # Errors
/// Where it can be no analysis of the text. Says why.
pub(super) fn checked(text: &str, analysis: Analysis) -> Result<Analysis, Vec<Flaw>> {
    let mut flaws = Flaws::default();
    flaws.stamp(&analysis.analyzer);
    flaws.coverage(&analysis.coverage);
    flaws.require(analysis.entities.len() <= MOST_THINGS, "entities", || {
        format!("must have at most {MOST_THINGS} entries")
    });
    flaws.require(analysis.quotes.len() <= MOST_THINGS, "quotes", || {
        format!("must have at most {MOST_THINGS} entries")
    });
    let known = flaws.entities(&analysis.entities);
    for (at, quote) in analysis.quotes.iter().enumerate() {
        flaws.quote(at, quote, &known);
    }
    flaws.in_order("quotes", analysis.quotes.iter().filter_map(|quote| quote.contents.first()));
    if !flaws.0.is_empty() {
        return Err(flaws.0);
    }
    named(text, analysis)
}

/// Gives ids, and compares those that are there.
fn named(text: &str, mut analysis: Analysis) -> Result<Analysis, Vec<Flaw>> {
    let mut flaws = Flaws::default();
    let ids = quote_ids(text, &analysis.quotes);
    for (at, (quote, id)) in analysis.quotes.iter_mut().zip(ids).enumerate() {
        let holds = quote.id.is_empty() || quote.id == id.as_str();
        flaws.require(holds, &format!("quotes[{at}].id"), || {
            format!("must be {id}, which is made of the words of the contents, or empty")
        });
        quote.id = id.as_str().to_owned();
    }
    if flaws.0.is_empty() { Ok(analysis) } else { Err(flaws.0) }
}

/// An entity by its id: its place, and its name.
type Known<'a> = HashMap<&'a str, (usize, &'a str)>;

#[derive(Default)]
struct Flaws(Vec<Flaw>);

impl Flaws {
    fn require(&mut self, holds: bool, field: &str, rule: impl FnOnce() -> String) {
        if !holds && self.0.len() < MOST_FLAWS {
            self.0.push(Flaw { field: field.to_owned(), rule: rule() });
        }
    }

    fn stamp(&mut self, stamp: &AnalyzerStamp) {
        for (field, value) in [("name", &stamp.name), ("version", &stamp.version), ("hash", &stamp.hash)] {
            let holds = (1..=MAX_STAMP_BYTES).contains(&value.len())
                && value.chars().all(|c| !c.is_whitespace() && !c.is_control());
            self.require(holds, &format!("analyzer.{field}"), || {
                format!("must have 1 to {MAX_STAMP_BYTES} bytes without white space")
            });
        }
    }

    fn coverage(&mut self, coverage: &Coverage) {
        self.disjoint("coverage.analyzed", &coverage.analyzed);
    }

    fn entities<'a>(&mut self, entities: &'a [Entity]) -> Known<'a> {
        let mut known = Known::new();
        for (at, entity) in entities.iter().enumerate() {
            let field = |name: &str| format!("entities[{at}].{name}");
            let holds = (1..=MAX_ID_BYTES).contains(&entity.id.len())
                && entity.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
            self.require(holds, &field("id"), || {
                format!("must have 1 to {MAX_ID_BYTES} of letters, digits and - _ .")
            });
            let is_new = known.insert(entity.id.as_str(), (at, entity.name.as_str())).is_none();
            self.require(is_new, &field("id"), || "must be that of one entity alone".to_owned());
            self.require(!entity.name.trim().is_empty(), &field("name"), || "must not be empty".to_owned());
            self.require(!entity.mentions.is_empty(), &field("mentions"), || "must not be empty".to_owned());
            self.in_order(&field("mentions"), entity.mentions.iter().map(|mention| &mention.span));
        }
        let first = entities.iter().filter_map(|entity| entity.mentions.first());
        self.in_order("entities", first.map(|mention| &mention.span));
        known
    }

    fn quote(&mut self, at: usize, quote: &Quote, known: &Known<'_>) {
        let field = format!("quotes[{at}]");
        self.require(!quote.contents.is_empty(), &format!("{field}.contents"), || {
            "must not be empty".to_owned()
        });
        self.disjoint(&format!("{field}.contents"), &quote.contents);
        self.speaker(&format!("{field}.speaker"), &quote.speaker, known);
        let mut last = None;
        for (nth, about) in quote.about.iter().enumerate() {
            let field = format!("{field}.about[{nth}]");
            let place = known.get(about.as_str()).map(|(place, _)| *place);
            self.require(place.is_some(), &field, || no_entity(about));
            self.require(place.is_none() || place > last, &field, || {
                "must come in the order of the entities, each once".to_owned()
            });
            last = place.or(last);
        }
    }

    fn speaker(&mut self, field: &str, speaker: &Speaker, known: &Known<'_>) {
        match (&speaker.entity, &speaker.name) {
            (None, None) => {}
            (None, Some(_)) => self.require(false, &format!("{field}.name"), || {
                "must be empty where no entity speaks".to_owned()
            }),
            (Some(entity), name) => self.reference(field, entity, name.as_deref().unwrap_or_default(), known),
        }
        for (nth, other) in speaker.alternatives.iter().enumerate() {
            self.reference(&format!("{field}.alternatives[{nth}]"), &other.entity, &other.name, known);
        }
    }

    /// An entity that is there, by its name.
    fn reference(&mut self, field: &str, entity: &str, name: &str, known: &Known<'_>) {
        match known.get(entity) {
            None => self.require(false, &format!("{field}.entity"), || no_entity(entity)),
            Some((_, right)) => self.require(*right == name, &format!("{field}.name"), || {
                format!("must be the name of the entity {entity}")
            }),
        }
    }

    fn in_order<'s>(&mut self, field: &str, spans: impl Iterator<Item = &'s ByteSpan>) {
        self.require(spans.map(|span| span.begin).is_sorted(), field, || {
            "must be in the order of the text".to_owned()
        });
    }

    fn disjoint(&mut self, field: &str, spans: &[ByteSpan]) {
        let holds = spans.windows(2).all(|two| two[0].end <= two[1].begin);
        self.require(holds, field, || "must be ascending and disjoint".to_owned());
    }
}

fn no_entity(id: &str) -> String {
    let shown: String = id.chars().take(MAX_ID_BYTES).collect();
    format!("must be the id of an entity of the analysis; {shown:?} is none")
}
