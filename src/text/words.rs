//! Words: the units that everything after this counts in. The rules are those of BERT's basic tokenizer, since the
//! encoder was trained on them: text is split at white space, every punctuation character and every CJK ideograph
//! is a word of its own, control and format characters are dropped without splitting. This module knows nothing of
//! vocabularies, sentences or languages. Start at [`words`].

use crate::domain::span::ByteSpan;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// A word or a punctuation mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, with the format characters inside it but none at its ends.
    pub span: ByteSpan,
    /// How it is written.
    pub case: Case,
    /// Whether a line break stands between the word before and this one. Never set on the first word.
    pub after_break: bool,
}

/// How a word is written, by its cased letters alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Case {
    /// No cased letter: numbers, punctuation, scripts without case.
    None,
    /// "peace".
    Lower,
    /// "Peace", "A".
    Capitalised,
    /// "NATO", "U2B".
    Upper,
    /// "iPhone", "McDonald".
    Mixed,
}

/// What a character does to the word being built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Nothing: control, format, private use.
    Dropped,
    Space,
    /// White space that ends a line.
    Break,
    /// A word of its own.
    Alone,
    Joined,
}

/// Splits a text into words, in text order. Linear in the text; total.
pub fn words(text: &str) -> Vec<Word> {
    let mut splitter =
        Splitter { text, words: Vec::with_capacity(text.len() / 5), open: None, broken: false };
    for (at, c) in text.char_indices() {
        splitter.push(at, c);
    }
    splitter.close();
    splitter.words
}

/// Whether the tokenizer looks through the character: control, format, private use and replacement characters.
pub(crate) fn is_dropped(c: char) -> bool {
    class(c) == Class::Dropped
}

struct Splitter<'t> {
    text: &'t str,
    words: Vec<Word>,
    /// Begin and end of the word being built.
    open: Option<(usize, usize)>,
    /// Whether a line ended since the last word.
    broken: bool,
}

impl Splitter<'_> {
    fn push(&mut self, at: usize, c: char) {
        match class(c) {
            Class::Dropped => {}
            Class::Joined => {
                let begin = self.open.map_or(at, |(begin, _)| begin);
                self.open = Some((begin, at + c.len_utf8()));
            }
            Class::Alone => {
                self.close();
                self.open = Some((at, at + c.len_utf8()));
                self.close();
            }
            Class::Space => self.close(),
            Class::Break => {
                self.close();
                self.broken = true;
            }
        }
    }

    fn close(&mut self) {
        let Some((begin, end)) = self.open.take() else { return };
        let after_break = std::mem::take(&mut self.broken) && !self.words.is_empty();
        let case = Case::of(&self.text[begin..end]);
        self.words.push(Word { span: ByteSpan::at(begin, end), case, after_break });
    }
}

impl Case {
    /// The case of a word.
    pub fn of(word: &str) -> Self {
        let (mut upper, mut lower, mut opens_upper) = (0u32, 0u32, false);
        for c in word.chars() {
            if c.is_uppercase() {
                opens_upper |= upper + lower == 0;
                upper += 1;
            } else if c.is_lowercase() {
                lower += 1;
            }
        }
        match (upper, lower) {
            (0, 0) => Self::None,
            (0, _) => Self::Lower,
            (2.., 0) => Self::Upper,
            (1, _) if opens_upper => Self::Capitalised,
            _ => Self::Mixed,
        }
    }

    /// Whether the word opens with a capital letter, as far as its class tells.
    pub fn is_capitalised(self) -> bool {
        matches!(self, Self::Capitalised | Self::Upper)
    }
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => Class::Joined,
        '\n' | '\r' | '\x0b' | '\x0c' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Break,
        ' '
        | '\t'
        | '\u{a0}'
        | '\u{1680}'
        | '\u{2000}'..='\u{200a}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{3000}' => Class::Space,
        '!'..='~' => Class::Alone,
        '\u{fffd}' => Class::Dropped,
        _ if is_ideograph(c) => Class::Alone,
        _ => class_by_category(c),
    }
}

fn class_by_category(c: char) -> Class {
    match c.general_category() {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::PrivateUse
        | GeneralCategory::Surrogate => Class::Dropped,
        _ if c.general_category_group() == GeneralCategoryGroup::Punctuation => Class::Alone,
        _ => Class::Joined,
    }
}

/// The blocks that BERT's tokenizer counts as Chinese characters.
fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2a6df}'
        | '\u{2a700}'..='\u{2ceaf}' | '\u{2f800}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        words(text).iter().map(|w| w.span.slice(text)).collect()
    }

    #[test]
    fn words_are_split_at_white_space_punctuation_and_ideographs() {
        let cases: [(&str, &[&str]); 12] = [
            ("", &[]),
            (" \n\t ", &[]),
            ("Dr. Ng said: “No.”", &["Dr", ".", "Ng", "said", ":", "“", "No", ".", "”"]),
            ("don't it’s", &["don", "'", "t", "it", "’", "s"]),
            ("U.S.-led 4.5% $3m", &["U", ".", "S", ".", "-", "led", "4", ".", "5", "%", "$", "3m"]),
            ("Zoë Škvorecký", &["Zoë", "Škvorecký"]),
            ("e\u{301}te\u{301}", &["e\u{301}te\u{301}"]),
            ("東京 tower", &["東", "京", "tower"]),
            ("£5 €6", &["£5", "€6"]),
            ("zero\u{200b}width \u{ad}soft\u{ad}", &["zero\u{200b}width", "soft"]),
            ("👩‍🚀 flew", &["👩‍🚀", "flew"]),
            ("a\u{2003}b\u{a0}c", &["a", "b", "c"]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_break_marks_the_word_after_it() {
        let marked: Vec<_> =
            words("\nOne two\n\nthree,\u{2028}four\nfive\n").iter().map(|w| w.after_break).collect();
        assert_eq!(marked, [false, false, true, false, true, true]);
    }

    #[test]
    fn case_looks_at_cased_letters_alone() {
        for (word, expected) in [
            ("12", Case::None),
            ("東", Case::None),
            ("peace", Case::Lower),
            ("3rd", Case::Lower),
            ("Peace", Case::Capitalised),
            ("A", Case::Capitalised),
            ("1A", Case::Capitalised),
            ("Élan", Case::Capitalised),
            ("NATO", Case::Upper),
            ("U2B", Case::Upper),
            ("iPhone", Case::Mixed),
            ("McDonald", Case::Mixed),
        ] {
            assert_eq!(Case::of(word), expected, "{word}");
        }
    }
}
