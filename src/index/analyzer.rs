//! How text becomes terms: the words of [`crate::folding::search`], folded, without possessive 's, then English stems.
//! Queries, entries and highlights all go through here, so that they agree. The stems of other languages' words are
//! odd but the same on both sides.

use crate::folding::search::{self, Words};
use tantivy::tokenizer::{
    Language, RawTokenizer, RemoveLongFilter, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer,
    TokenizerManager,
};

/// Names under which the schema asks for the two.
pub(super) const STEMS: &str = "dictum_stems";
pub(super) const WORDS: &str = "dictum_words";

/// Longer words are noise (encoded data, addresses) and have no term.
pub(super) const LONGEST_WORD: usize = 128;

/// Stemmed words.
pub(super) fn stems() -> TextAnalyzer {
    let words = TextAnalyzer::builder(Folded).filter(RemoveLongFilter::limit(LONGEST_WORD));
    words.filter(Stemmer::new(Language::English)).build()
}

/// Words as they are.
pub(super) fn words() -> TextAnalyzer {
    TextAnalyzer::builder(Folded).filter(RemoveLongFilter::limit(LONGEST_WORD)).build()
}

/// Puts the word as [`words`] gives it into `folded`; nothing, where nothing of it shows.
pub(super) fn fold(word: &str, folded: &mut String) {
    folded.clear();
    search::fold_into(search::without_possessive(word), folded);
}

/// The stem of a word as [`words`] gives it.
pub(super) fn stem(word: &str) -> String {
    let mut stems =
        TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(Language::English)).build();
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

/// Splits into words and folds them.
#[derive(Clone)]
struct Folded;

/// The words of one text.
struct WordStream<'a> {
    words: Words<'a>,
    token: Token,
}

impl Tokenizer for Folded {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream { words: search::words(text), token: Token::default() }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        for (offset, word) in self.words.by_ref() {
            fold(word, &mut self.token.text);
            if !self.token.text.is_empty() {
                self.token.position = self.token.position.wrapping_add(1);
                self.token.offset_from = offset;
                self.token.offset_to = offset + word.len();
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_folded_words_at_their_place() {
        let text = "The U.S. Wa\u{ad}łęsa’s \u{200f}日本";
        let terms = terms(&mut words(), text);
        let found: Vec<(usize, &str, &str)> = terms
            .iter()
            .map(|token| (token.position, token.text.as_str(), &text[token.offset_from..token.offset_to]))
            .collect();
        let expected = [
            (0, "the", "The"),
            (1, "us", "U.S"),
            (2, "walesa", "Wa\u{ad}łęsa’s"),
            (3, "日", "日"),
            (4, "本", "本"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn stems_bring_forms_of_a_word_together() {
        for (one, other) in [("ministers", "Minister's"), ("negotiating", "negotiated"), ("wars", "war")] {
            assert_eq!(terms(&mut stems(), one)[0].text, terms(&mut stems(), other)[0].text);
        }
    }
}
