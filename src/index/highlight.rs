//! Which words of a text a query found. Works on any text with the index's own analysis, so that it needs no
//! positions from the index and no stored copy of the text.

use super::analyzer;
use super::query_text::{Clause, parse};
use crate::domain::span::ByteSpan;
use tantivy::tokenizer::Token;

/// The words of `text` that `query` asks for, in text order, disjoint; a phrase is one span. Nothing where the
/// query is one that a search would refuse.
pub fn highlight(query: &str, text: &str) -> Vec<ByteSpan> {
    let clauses = parse(query).unwrap_or_default();
    if clauses.is_empty() {
        return Vec::new();
    }
    let stems = analyzer::terms(&mut analyzer::stems(), text);
    let words = analyzer::terms(&mut analyzer::words(), text);
    let mut spans = Vec::new();
    for clause in &clauses {
        match clause {
            Clause::Term(stem) => spans.extend(stems.iter().filter(|token| token.text == *stem).map(span)),
            Clause::Prefix(prefix) => {
                spans.extend(words.iter().filter(|token| token.text.starts_with(prefix.as_str())).map(span));
            }
            Clause::Phrase(phrase) => {
                let found = stems.windows(phrase.len()).filter(|window| matches(window, phrase));
                spans.extend(found.map(|window| span(&window[0]).cover(span(&window[window.len() - 1]))));
            }
        }
    }
    disjoint(spans)
}

fn matches(window: &[Token], phrase: &[String]) -> bool {
    window.iter().map(|token| &token.text).eq(phrase)
        && window.windows(2).all(|pair| pair[1].position == pair[0].position + 1)
}

fn span(token: &Token) -> ByteSpan {
    ByteSpan::at(token.offset_from, token.offset_to)
}

fn disjoint(mut spans: Vec<ByteSpan>) -> Vec<ByteSpan> {
    spans.sort_unstable();
    let mut merged: Vec<ByteSpan> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.begin < last.end => *last = last.cover(span),
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn highlights_slice_to_the_words_that_were_found() {
        let text = "“Gas prices 👩‍🚀 rose,” the Minister’s spokesman said; gas e\u{301}tudes, prices.";
        let cases: [(&str, &[&str]); 7] = [
            ("price", &["prices", "prices"]),
            ("\"gas price\"", &["Gas prices"]),
            ("\"gas prices\" gas", &["Gas prices", "gas"]),
            ("minist*", &["Minister’s"]),
            ("étude", &["e\u{301}tudes"]),
            ("prices rose", &["prices", "rose", "prices"]),
            ("absent", &[]),
        ];
        for (query, expected) in cases {
            let found: Vec<_> = highlight(query, text).into_iter().map(|span| span.slice(text)).collect();
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn highlights_are_blind_to_what_folds_together() {
        let text = "Lech Wa\u{ad}łęsa\u{200f} und Strauß: 日本語のトランプ大統領";
        let cases: [(&str, &[&str]); 6] = [
            ("walesa", &["Wa\u{ad}łęsa"]),
            ("STRAUSS", &["Strauß"]),
            ("strau*", &["Strauß"]),
            ("日本", &["日本"]),
            ("ﾄﾗﾝﾌﾟ", &["トランプ"]),
            ("本日", &[]),
        ];
        for (query, expected) in cases {
            let found: Vec<_> = highlight(query, text).into_iter().map(|span| span.slice(text)).collect();
            assert_eq!(found, expected, "{query}");
        }
    }
}
