//! What a free text query asks of the index: the parts that it is written in, in the index's terms. All of them must match.

use super::analyzer;
use crate::folding::free_text::{self, MOST_WORDS, Part};
use crate::folding::search::is_unspaced;
use crate::ports::QueryFault;
use tantivy::tokenizer::TextAnalyzer;

/// One part of a query, in terms of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clause {
    /// A stem.
    Term(String),
    /// Two stems or more, one after the other, with at most so many words between them in all. Also a word that the index takes
    /// for several ("well-known", 日本).
    Phrase(Vec<String>, u32),
    /// The beginning of an unstemmed word.
    Prefix(String),
    /// An unstemmed word, or one that differs from it in at most so many letters.
    Fuzzy(String, u8),
}

/// The clauses of `query`; none where it has no word.
pub(super) fn parse(query: &str) -> Result<Vec<Clause>, QueryFault> {
    let (mut stems, mut words) = (analyzer::stems(), analyzer::words());
    let mut clauses = Vec::new();
    for part in free_text::parts(query) {
        match part {
            Part::Word(word) => clauses.extend(sequence(terms(&mut stems, word), 0)),
            Part::Quoted(phrase, slop) => clauses.extend(sequence(terms(&mut stems, phrase), slop)),
            Part::Prefix(prefix) => clauses.extend(prefix_clauses(&mut stems, terms(&mut words, prefix))),
            Part::Fuzzy(word, edits) => {
                clauses.extend(terms(&mut words, word).pop().map(|word| Clause::Fuzzy(word, edits)));
            }
        }
    }
    check(clauses.iter().map(Clause::terms).sum())?;
    Ok(clauses)
}

/// Whether a query may have so many terms.
pub(super) fn check(terms: usize) -> Result<(), QueryFault> {
    if terms > MOST_WORDS {
        return Err(QueryFault::TooManyTerms { terms, limit: MOST_WORDS });
    }
    Ok(())
}

fn terms(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    analyzer::terms(analyzer, text).into_iter().map(|token| token.text).collect()
}

fn sequence(mut terms: Vec<String>, slop: u32) -> Option<Clause> {
    match terms.len() {
        0 => None,
        1 => terms.pop().map(Clause::Term),
        _ => Some(Clause::Phrase(terms, slop)),
    }
}

/// Of "well-kno*" the last word is the prefix, those before it are whole. Where each character is a word, that is
/// what begins a word: 日本* asks for both, side by side.
fn prefix_clauses(stems: &mut TextAnalyzer, mut words: Vec<String>) -> Vec<Clause> {
    if words.last().is_some_and(|last| last.starts_with(is_unspaced)) {
        return sequence(words.iter().flat_map(|word| terms(stems, word)).collect(), 0).into_iter().collect();
    }
    let Some(last) = words.pop() else { return Vec::new() };
    let mut clauses: Vec<Clause> = words.iter().filter_map(|word| sequence(terms(stems, word), 0)).collect();
    clauses.push(Clause::Prefix(last));
    clauses
}

impl Clause {
    fn terms(&self) -> usize {
        match self {
            Self::Term(_) | Self::Prefix(_) | Self::Fuzzy(..) => 1,
            Self::Phrase(stems, _) => stems.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(stem: &str) -> Clause {
        Clause::Term(stem.into())
    }

    fn phrase(stems: &[&str]) -> Clause {
        Clause::Phrase(stems.iter().map(|stem| stem.to_string()).collect(), 0)
    }

    fn prefix(word: &str) -> Clause {
        Clause::Prefix(word.into())
    }

    #[test]
    fn every_input_means_something() {
        let cases = [
            ("gas prices", vec![term("gas"), term("price")]),
            ("“gas prices” rise", vec![phrase(&["gas", "price"]), term("rise")]),
            ("\"gas prices", vec![term("gas"), term("price")]),
            ("\"gas\"", vec![term("gas")]),
            ("\"a\" \"b", vec![term("a"), term("b")]),
            ("well-known minister*", vec![phrase(&["well", "known"]), prefix("minister")]),
            ("well-kno*", vec![term("well"), prefix("kno")]),
            ("Wałęs* Ødegaard", vec![prefix("wales"), term("odegaard")]),
            ("日本 タ*", vec![phrase(&["日", "本"]), term("タ")]),
            ("대통*", vec![phrase(&["대", "통"])]),
            ("צה\"ל \"צה״ל ב\"", vec![term("צהל"), phrase(&["צהל", "ב"])]),
            ("* \"\" AND:(-x)^~", vec![phrase(&["and", "x"])]),
            (
                "\"gas prices\"~3 rise",
                vec![Clause::Phrase(vec!["gas".into(), "price".into()], 3), term("rise")],
            ),
            ("\"gas prices\" ~3", vec![phrase(&["gas", "price"]), term("3")]),
            ("\"gas prices\"~x", vec![phrase(&["gas", "price"]), term("x")]),
            (
                "protesters~ Wałęsa~1 gas~",
                vec![
                    Clause::Fuzzy("protesters".into(), 2),
                    Clause::Fuzzy("walesa".into(), 1),
                    Clause::Fuzzy("gas".into(), 1),
                ],
            ),
            ("UN~ a~1", vec![term("un"), term("a")]),
            ("well-known~ ~2", vec![phrase(&["well", "known"]), term("2")]),
            ("?! …", vec![]),
            ("", vec![]),
        ];
        for (query, expected) in cases {
            assert_eq!(parse(query).unwrap(), expected, "{query}");
        }
    }

    #[test]
    fn long_queries_are_refused() {
        assert!(parse(&"word ".repeat(MOST_WORDS)).is_ok());
        let refused = parse(&"word ".repeat(MOST_WORDS + 1));
        assert!(matches!(refused, Err(QueryFault::TooManyTerms { terms: 65, .. })));
        assert!(parse(&format!("\"{}\"", "word ".repeat(MOST_WORDS + 1))).is_err());
    }
}
