//! Documents of a few statements, and what an analysis of them says, by the analyzer of the service itself.

use crate::by_rules;
use crate::random::Random;
use dictum::analysis::{Analyzer, Input, Options};
use dictum::transport::wire::Document;
use std::sync::LazyLock;

pub const PEOPLE: [&str; 4] = ["Ann Ames", "Bo Bell", "Cy Dorn", "Dee Foster"];
pub const WORDS: [&str; 4] = ["harbour", "bridge", "tunnel", "ferry"];
pub const OUTLETS: [&str; 3] = ["Courier", "Gazette", "Herald"];
const STATEMENTS: [&str; 6] = [
    "The harbour will stay open all winter",
    "We will build a bridge over the river",
    "Nobody needs a tunnel under the harbour",
    "The ferry waits for everybody",
    "A bridge is no tunnel",
    "We will see",
];

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(by_rules::analyzer);

/// What a client may set.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    pub title: String,
    pub source: String,
    /// Who said what, by their numbers.
    pub said: Vec<(usize, usize)>,
    pub owner: usize,
}

/// A quote as the model knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    pub id: String,
    pub speaker: Option<String>,
    pub words: String,
}

impl Content {
    /// Of the document that all write to.
    pub fn first(owner: usize) -> Self {
        Self { title: "0".into(), source: OUTLETS[0].into(), said: vec![(0, 5)], owner }
    }

    pub fn random(random: &mut Random, owner: usize) -> Self {
        let said = (0..random.below(4)).map(|_| (random.below(PEOPLE.len()), random.below(STATEMENTS.len())));
        Self {
            said: said.collect(),
            title: format!("Title {}", random.below(3)),
            source: OUTLETS[random.below(OUTLETS.len())].into(),
            owner,
        }
    }

    pub fn text(&self) -> String {
        let statement =
            |(who, what): &(usize, usize)| format!("“{},” said {}.", STATEMENTS[*what], PEOPLE[*who]);
        let said = self.said.iter().map(statement);
        [format!("The council of owner {} met.", self.owner)]
            .into_iter()
            .chain(said)
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    pub fn label(owner: usize) -> (String, String) {
        ("owner".to_owned(), owner.to_string())
    }

    pub fn document(&self) -> Document {
        Document {
            text: self.text(),
            title: self.title.clone(),
            source: self.source.clone(),
            language: "en".into(),
            labels: [Self::label(self.owner)].into(),
            ..Document::default()
        }
    }

    /// The quotes of its text.
    pub fn quotes(&self) -> Vec<Said> {
        let text = self.text();
        let input = Input { text: &text, published_at: None, language: Some("en") };
        let analysis = ANALYZER.analyze(&input, &Options::default());
        let words = |spans: &[dictum::domain::span::ByteSpan]| {
            spans.iter().map(|span| span.slice(&text)).collect::<Vec<_>>().join(" ")
        };
        let quotes = analysis.quotes.into_iter();
        quotes
            .map(|quote| Said { words: words(&quote.contents), id: quote.id, speaker: quote.speaker.name })
            .collect()
    }
}

#[test]
fn the_texts_of_the_model_say_who_said_what() {
    let said = (0..STATEMENTS.len()).map(|what| (what % PEOPLE.len(), what)).collect::<Vec<_>>();
    let content = Content { said: said.clone(), ..Content::first(1) };
    let quotes = content.quotes();
    assert_eq!(quotes.len(), said.len());
    for (quote, (who, what)) in quotes.iter().zip(said) {
        assert_eq!(quote.speaker.as_deref(), Some(PEOPLE[who]));
        assert_eq!(quote.words, format!("“{},”", STATEMENTS[what]));
    }
}
