//! Gold cases: short invented texts with the quotes that must come out, in `tests/gold/*.txt`. A case is
//!
//! ```text
//! === what it shows
//! the text, any number of lines
//! ---
//! TYPE [thought] | source | cue | content // next piece
//! ```
//!
//! What comes after detection is under test here, over [`by_rules`], whose roles are those of the grammar: quotation marks,
//! clauses, assembly, types. One expected quote a line, in text order; TYPE is direct, indirect or mixed, `-` stands for no
//! source or cue, and a line break inside a content is written `⏎`. All quotes of the text are listed: what is not
//! there must not come out. In `edges.txt`, `forms.txt`, `lines.txt` and `who.txt` the analyzer that ships is under test, in `who.txt`
//! down to the speaker: a line is `speaker | content`, with the description in parentheses where the speaker has no
//! name, `-` where there is neither. Cases that ask for names and roles as well are in [`reports`].

mod reports;

use crate::by_rules;
use dictum::analysis::{Analyzer, Input, Options};
use dictum::domain::annotation::{AnalyzerName, EntityType, MentionForm, Quote, QuoteKind, QuoteType};
use dictum::domain::span::ByteSpan;
use std::fmt::Write;

/// How a quote of a text is shown in the gold.
type Shown = fn(&str, &Quote) -> String;

/// Finds the quotes of a text and writes one line for each.
fn analyzed(analyzer: &Analyzer, text: &str, line: Shown) -> String {
    let input = Input { text, published_at: None, language: Some("en") };
    let analysis = analyzer.analyze(&input, &Options::default());
    analysis.quotes.iter().fold(String::new(), |mut lines, quote| {
        let _ = writeln!(lines, "{}", line(text, quote));
        lines
    })
}

fn contents(text: &str, quote: &Quote) -> String {
    let pieces: Vec<_> = quote.contents.iter().map(|span| span.slice(text).replace('\n', "⏎")).collect();
    pieces.join(" // ")
}

fn line(text: &str, quote: &Quote) -> String {
    let of = |span: Option<ByteSpan>| span.map_or("-", |span| span.slice(text));
    let form = match quote.quote_type {
        QuoteType::Direct => "direct",
        QuoteType::Indirect => "indirect",
        QuoteType::Mixed => "mixed",
    };
    let kind = if quote.kind == QuoteKind::Thought { " thought" } else { "" };
    format!("{form}{kind} | {} | {} | {}", of(quote.speaker.mention), of(quote.cue), contents(text, quote))
}

fn speaker_line(text: &str, quote: &Quote) -> String {
    let described = || quote.speaker.description.as_ref().map(|words| format!("({words})"));
    let speaker = quote.speaker.name.clone().or_else(described).unwrap_or_else(|| "-".into());
    format!("{speaker} | {}", contents(text, quote))
}

/// Runs every case of a file and reports all that differ.
fn check(analyzer: &Analyzer, cases: &str, line: Shown) {
    let (_, differing) = differing(analyzer, cases, line);
    assert!(differing.is_empty(), "{}", differing.concat());
}

/// How many cases a file has, and those that differ.
fn differing(analyzer: &Analyzer, cases: &str, line: Shown) -> (usize, Vec<String>) {
    let (mut count, mut differing) = (0, Vec::new());
    for case in cases.split("=== ").skip(1) {
        let (title, rest) = case.split_once('\n').expect("a title line");
        let (text, expected) = rest.split_once("\n---\n").expect("a line of dashes");
        let expected: String =
            expected.lines().filter(|l| !l.trim().is_empty()).map(|l| format!("{l}\n")).collect();
        let found = analyzed(analyzer, text, line);
        count += 1;
        if found != expected {
            differing.push(format!("{title}\nexpected:\n{expected}found:\n{found}\n"));
        }
    }
    (count, differing)
}

#[test]
fn direct_quotes() {
    check(&by_rules::analyzer(), include_str!("../gold/direct.txt"), line);
}

#[test]
fn indirect_quotes() {
    check(&by_rules::analyzer(), include_str!("../gold/indirect.txt"), line);
}

#[test]
fn what_is_no_quote() {
    check(&by_rules::analyzer(), include_str!("../gold/no_quotes.txt"), line);
}

#[test]
fn who_speaks_where_other_systems_go_wrong() {
    check(&Analyzer::new(), include_str!("../gold/who.txt"), speaker_line);
}

#[test]
fn where_a_quote_ends_and_what_is_none() {
    check(&Analyzer::new(), include_str!("../gold/edges.txt"), line);
}

#[test]
fn forms_that_people_write() {
    check(&Analyzer::new(), include_str!("../gold/forms.txt"), line);
}

#[test]
fn lines_that_tell_who_speaks() {
    check(&Analyzer::new(), include_str!("../gold/lines.txt"), line);
}

/// It need not have all: it is the smaller network, and the cases were found on the larger.
#[test]
fn the_fast_analyzer_has_most_of_all_that() {
    let analyzer = Analyzer::embedded(AnalyzerName::Fast);
    let files: [(&str, Shown); 4] = [
        (include_str!("../gold/who.txt"), speaker_line),
        (include_str!("../gold/edges.txt"), line),
        (include_str!("../gold/forms.txt"), line),
        (include_str!("../gold/lines.txt"), line),
    ];
    let (mut count, mut wrong) = (0, Vec::new());
    for (cases, line) in files {
        let (cases, differing) = differing(&analyzer, cases, line);
        count += cases;
        wrong.extend(differing);
    }
    assert!(wrong.len() * 4 <= count, "{} of {count}:\n{}", wrong.len(), wrong.concat());
}

#[test]
fn forms_of_one_name_are_one_entity_and_a_pronoun_is_none() {
    let text = "Doe, Jane / Jane D. / J. Doe\n\nJane Doe of the United States spoke in Oslo on Monday. She said that \
                the US was ready. The U.S. embassy said he was not there.";
    let input = Input { text, published_at: None, language: Some("en") };
    let analysis = Analyzer::new().analyze(&input, &Options::default());
    let of = |entity_type| analysis.entities.iter().filter(move |entity| entity.entity_type == entity_type);
    assert_eq!(of(EntityType::Person).count(), 1, "{:?}", analysis.entities);
    assert_eq!(of(EntityType::Gpe).count(), 2, "{:?}", analysis.entities);
    let named =
        analysis.entities.iter().all(|entity| entity.mentions.iter().any(|m| m.form == MentionForm::Name));
    assert!(named, "an entity of nothing but pronouns");
}
