//! How text becomes terms: words by Unicode's rules, without case, accents, apostrophes and possessive 's, then
//! English stems. Queries, entries and highlights all go through here, so that they agree. The stems of other
//! languages' words are odd but the same on both sides.

use tantivy::tokenizer::{
    Language, RawTokenizer, RemoveLongFilter, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager,
};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::{UnicodeSegmentation, UnicodeWordIndices};

/// Names under which the schema asks for the two.
pub(super) const STEMS: &str = "dictum_stems";
pub(super) const WORDS: &str = "dictum_words";

/// Longer words are noise (encoded data, addresses) and have no term.
const LONGEST_WORD: usize = 128;

/// Stemmed words.
pub(super) fn stems() -> TextAnalyzer {
    let words = TextAnalyzer::builder(Words).filter(RemoveLongFilter::limit(LONGEST_WORD));
    words.filter(Stemmer::new(Language::English)).build()
}

/// Words as they are.
pub(super) fn words() -> TextAnalyzer {
    TextAnalyzer::builder(Words).filter(RemoveLongFilter::limit(LONGEST_WORD)).build()
}

/// The stem of a word as [`words`] gives it.
pub(super) fn stem(word: &str) -> String {
    let mut stems = TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(Language::English)).build();
    terms(&mut stems, word).pop().map(|token| token.text).unwrap_or_default()
}

/// Makes both known to an index.
pub(super) fn register(manager: &TokenizerManager) {
    manager.register(STEMS, stems());
    manager.register(WORDS, words());
}

/// The terms of `text` in order.
pub(super) fn terms(analyzer: &mut TextAnalyzer, text: &str) -> Vec<Token> {
    let mut terms = Vec::new();
    analyzer.token_stream(text).process(&mut |token| terms.push(token.clone()));
    terms
}

/// Splits by Unicode's word boundaries.
#[derive(Clone)]
struct Words;

/// The words of one text.
struct WordStream<'a> {
    words: UnicodeWordIndices<'a>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream { words: text.unicode_word_indices(), token: Token::default() }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((offset, word)) = self.words.next() else { return false };
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = offset;
        self.token.offset_to = offset + word.len();
        self.token.text.clear();
        plain(word, &mut self.token.text);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Lower case without accents, apostrophes, possessive 's and the full stops of abbreviations ("U.S" gives "us").
fn plain(word: &str, out: &mut String) {
    let stem = ["'s", "’s", "'S", "’S"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    if stem.is_ascii() && stem.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        out.extend(stem.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
        return;
    }
    let number = stem.contains(|c: char| c.is_numeric());
    for c in stem.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            '\'' | '’' | '‘' => {}
            '.' if !number => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_what_spellings_differ_in() {
        let cases = [
            ("The U.S. president’s", vec!["the", "us", "president"]),
            ("Orbán O’Brien don't", vec!["orban", "obrien", "dont"]),
            ("3.5 well-known", vec!["3.5", "well", "known"]),
            ("… “”", vec![]),
        ];
        for (text, expected) in cases {
            let terms = terms(&mut words(), text);
            assert_eq!(terms.iter().map(|token| token.text.as_str()).collect::<Vec<_>>(), expected, "{text}");
            assert!(terms.iter().all(|token| text.is_char_boundary(token.offset_from)));
        }
    }

    #[test]
    fn stems_bring_forms_of_a_word_together() {
        for (one, other) in [("ministers", "Minister's"), ("negotiating", "negotiated"), ("wars", "war")] {
            assert_eq!(terms(&mut stems(), one)[0].text, terms(&mut stems(), other)[0].text);
        }
    }
}
