//! The language of free text queries: words, "phrases", "phrases"~2 with other words between theirs, prefix* and fuzzy~ words, all
//! of which must match. Every input means something: what is no operator is words, a mark without its partner is nothing.

use super::analyzer;
use crate::folding::search::is_unspaced;
use crate::ports::QueryFault;
use tantivy::tokenizer::TextAnalyzer;

/// Most terms of a query, counting each word of a phrase.
pub(super) const MOST_TERMS: usize = 64;

/// Most words between those of a phrase, and most letters in which a word may differ.
const MOST_SLOP: u32 = 100;
const MOST_EDITS: u8 = 2;

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
    let pieces = pieces(query);
    for (n, piece) in pieces.iter().enumerate() {
        let quoted = n % 2 == 1 && n + 1 < pieces.len();
        if quoted {
            let (slop, _) = slop(pieces[n + 1]);
            clauses.extend(sequence(terms(&mut stems, piece), slop));
            continue;
        }
        let rest = if n > 0 && n % 2 == 0 { slop(piece).1 } else { piece };
        for word in rest.split_whitespace() {
            if let Some((word, edits)) = fuzzy(word) {
                clauses.extend(terms(&mut words, word).pop().map(|word| Clause::Fuzzy(word, edits)));
                continue;
            }
            match word.strip_suffix('*') {
                Some(prefix) => clauses.extend(prefix_clauses(&mut stems, terms(&mut words, prefix))),
                None => clauses.extend(sequence(terms(&mut stems, word), 0)),
            }
        }
    }
    check(clauses.iter().map(Clause::terms).sum())?;
    Ok(clauses)
}

/// Whether a query may have so many terms.
pub(super) fn check(terms: usize) -> Result<(), QueryFault> {
    if terms > MOST_TERMS {
        return Err(QueryFault::TooManyTerms { terms, limit: MOST_TERMS });
    }
    Ok(())
}

/// How many words may stand between those of the phrase before, where what follows it begins with `~2`, and the rest.
fn slop(after: &str) -> (u32, &str) {
    let Some(rest) = after.strip_prefix('~') else { return (0, after) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    match rest[..digits].parse::<u32>() {
        Ok(words) => (words.min(MOST_SLOP), &rest[digits..]),
        Err(_) => (0, after),
    }
}

/// `word~` or `word~1`, a single word: in how many letters another may differ from it. Not less than a letter in four, lest
/// short words mean anything.
fn fuzzy(word: &str) -> Option<(&str, u8)> {
    let (word, edits) = word.rsplit_once('~')?;
    let letters = word.chars().count();
    let is_word = letters > 0 && word.chars().all(|c| c.is_alphanumeric() && !is_unspaced(c));
    let asked = match edits {
        "" => MOST_EDITS,
        digits => digits.parse().ok()?,
    };
    let most = u8::try_from(letters / 4).unwrap_or(MOST_EDITS).clamp(1, MOST_EDITS);
    is_word.then(|| (word, asked.min(most)))
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
        assert!(parse(&"word ".repeat(MOST_TERMS)).is_ok());
        let refused = parse(&"word ".repeat(MOST_TERMS + 1));
        assert!(matches!(refused, Err(QueryFault::TooManyTerms { terms: 65, .. })));
        assert!(parse(&format!("\"{}\"", "word ".repeat(MOST_TERMS + 1))).is_err());
    }
}
