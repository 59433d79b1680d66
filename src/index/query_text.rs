//! The language of free text queries: words, "phrases" and prefix*, all of which must match. Every input means
//! something: what is no operator is words, a mark without its partner is nothing.

use super::analyzer;
use crate::folding::search::is_unspaced;
use crate::ports::QueryFault;
use tantivy::tokenizer::TextAnalyzer;

/// Most terms of a query, counting each word of a phrase.
pub(super) const MOST_TERMS: usize = 64;

/// One part of a query, in terms of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clause {
    /// A stem.
    Term(String),
    /// Two stems or more, one after the other. Also a word that the index takes for several ("well-known", 日本).
    Phrase(Vec<String>),
    /// The beginning of an unstemmed word.
    Prefix(String),
}

/// The clauses of `query`; none where it has no word.
pub(super) fn parse(query: &str) -> Result<Vec<Clause>, QueryFault> {
    let (mut stems, mut words) = (analyzer::stems(), analyzer::words());
    let mut clauses = Vec::new();
    let pieces = pieces(query);
    for (n, piece) in pieces.iter().enumerate() {
        let quoted = n % 2 == 1 && n + 1 < pieces.len();
        if quoted {
            clauses.extend(sequence(terms(&mut stems, piece)));
            continue;
        }
        for word in piece.split_whitespace() {
            match word.strip_suffix('*') {
                Some(prefix) => clauses.extend(prefix_clauses(&mut stems, terms(&mut words, prefix))),
                None => clauses.extend(sequence(terms(&mut stems, word))),
            }
        }
    }
    let terms = clauses.iter().map(Clause::terms).sum();
    if terms > MOST_TERMS {
        return Err(QueryFault::TooManyTerms { terms, limit: MOST_TERMS });
    }
    Ok(clauses)
}

/// What the quotation marks divide the query into; every second piece but the last is quoted. A mark within a
/// Hebrew word is gershayim.
fn pieces(query: &str) -> Vec<&str> {
    let is_hebrew = |c: char| matches!(c, '\u{5d0}'..='\u{5ea}');
    let mut pieces = Vec::new();
    let mut begin = 0;
    for (at, mark) in query.match_indices(['"', '“', '”', '„']) {
        let after = at + mark.len();
        if query[..at].ends_with(is_hebrew) && query[after..].starts_with(is_hebrew) {
            continue;
        }
        pieces.push(&query[begin..at]);
        begin = after;
    }
    pieces.push(&query[begin..]);
    pieces
}

fn terms(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    analyzer::terms(analyzer, text).into_iter().map(|token| token.text).collect()
}

fn sequence(mut terms: Vec<String>) -> Option<Clause> {
    match terms.len() {
        0 => None,
        1 => terms.pop().map(Clause::Term),
        _ => Some(Clause::Phrase(terms)),
    }
}

/// Of "well-kno*" the last word is the prefix, those before it are whole. Where each character is a word, that is
/// what begins a word: 日本* asks for both, side by side.
fn prefix_clauses(stems: &mut TextAnalyzer, mut words: Vec<String>) -> Vec<Clause> {
    if words.last().is_some_and(|last| last.starts_with(is_unspaced)) {
        return sequence(words.iter().flat_map(|word| terms(stems, word)).collect()).into_iter().collect();
    }
    let Some(last) = words.pop() else { return Vec::new() };
    let mut clauses: Vec<Clause> = words.iter().filter_map(|word| sequence(terms(stems, word))).collect();
    clauses.push(Clause::Prefix(last));
    clauses
}

impl Clause {
    fn terms(&self) -> usize {
        match self {
            Self::Term(_) | Self::Prefix(_) => 1,
            Self::Phrase(stems) => stems.len(),
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
        Clause::Phrase(stems.iter().map(|stem| stem.to_string()).collect())
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
            ("?! …", vec![]),
            ("", vec![]),
        ];
        for (query, expected) in cases {
            assert_eq!(parse(query).unwrap(), expected, "{query}");
        }
    }

    #[test]
    fn long_queries_are_refused() {
        assert!(parse(&"word ".repeat(MOST_TERMS)).is_ok());
        let refused = parse(&"word ".repeat(MOST_TERMS + 1));
        assert!(matches!(refused, Err(QueryFault::TooManyTerms { terms: 65, .. })));
        assert!(parse(&format!("\"{}\"", "word ".repeat(MOST_TERMS + 1))).is_err());
    }
}
