//! Word pieces: the words of a text cut into the units of the encoder's vocabulary, greedily from the left. A line
//! break between two words is a piece of its own (the separator), so that the encoder sees headlines and paragraphs.
//! Knows the vocabulary, not the network. Start at [`Vocabulary::encode`].

use crate::text::words::{Case, Word, is_dropped};
use std::borrow::Cow;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Longer words (in characters, normalised) are unknown, as in the tokenizer that the encoder was trained with.
const LONGEST_WORD: usize = 100;

/// A vocabulary and its special pieces.
pub struct Vocabulary {
    /// Pieces that open a word.
    openers: HashMap<&'static str, i32>,
    /// Pieces that continue one, without their `##`.
    continuers: HashMap<&'static str, i32>,
    unknown: i32,
    /// `[CLS]`, at the head of each window.
    pub(super) start: i32,
    /// `[SEP]`, at the end of each window and for each line break.
    pub(super) stop: i32,
}

/// A text as the network reads it. A slot is a word or a line break; decoding runs over slots.
pub struct Encoded {
    /// In text order.
    pub slots: Vec<Slot>,
    /// The slot of each word.
    pub slot_of_word: Vec<usize>,
    /// Vocabulary ids.
    pub pieces: Vec<i32>,
    /// Case class of each piece's word.
    pub cases: Vec<i32>,
}

/// Where a word or a line break stands among the pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Index of the word; none for a line break.
    pub word: Option<usize>,
    /// Index of its first piece. It has more up to the next slot's first.
    pub first: usize,
}

impl Encoded {
    /// One past the last piece of a slot.
    pub fn end(&self, slot: usize) -> usize {
        self.slots.get(slot + 1).map_or(self.pieces.len(), |next| next.first)
    }
}

impl Vocabulary {
    /// Reads a vocabulary file: one piece a line, its id the number of the line. `None` where a special piece is
    /// missing.
    pub fn parse(file: &'static str) -> Option<Self> {
        let (mut openers, mut continuers) = (HashMap::new(), HashMap::new());
        for (id, piece) in file.lines().enumerate() {
            let id = i32::try_from(id).ok()?;
            match piece.strip_prefix("##") {
                Some(rest) if !rest.is_empty() => continuers.insert(rest, id),
                _ => openers.insert(piece, id),
            };
        }
        let special = |name| openers.get(name).copied();
        let (unknown, start, stop) = (special("[UNK]")?, special("[CLS]")?, special("[SEP]")?);
        Some(Self { openers, continuers, unknown, start, stop })
    }

    /// The pieces of a text whose words were split by [`crate::text::words::words`].
    pub fn encode(&self, text: &str, words: &[Word]) -> Encoded {
        let room = words.len() * 3 / 2;
        let mut out = Encoded {
            slots: Vec::with_capacity(room),
            slot_of_word: Vec::with_capacity(words.len()),
            pieces: Vec::with_capacity(room),
            cases: Vec::with_capacity(room),
        };
        for (at, word) in words.iter().enumerate() {
            if word.after_break {
                out.slots.push(Slot { word: None, first: out.pieces.len() });
                out.pieces.push(self.stop);
                out.cases.push(case_class(Case::None));
            }
            out.slot_of_word.push(out.slots.len());
            out.slots.push(Slot { word: Some(at), first: out.pieces.len() });
            self.cut(&normalised(word.span.slice(text)), &mut out.pieces);
            out.cases.resize(out.pieces.len(), case_class(word.case));
        }
        out
    }

    /// Appends the pieces of one normalised word.
    fn cut(&self, word: &str, out: &mut Vec<i32>) {
        if let Some(&whole) = self.openers.get(word) {
            return out.push(whole);
        }
        let before = out.len();
        let mut rest = if word.chars().nth(LONGEST_WORD).is_none() { word } else { "" };
        while !rest.is_empty() {
            let table = if out.len() == before { &self.openers } else { &self.continuers };
            let Some((length, id)) = longest_prefix(table, rest) else { break };
            out.push(id);
            rest = &rest[length..];
        }
        if !rest.is_empty() || out.len() == before {
            out.truncate(before);
            out.push(self.unknown);
        }
    }
}

/// The longest prefix that the table knows: its length in bytes and its id.
fn longest_prefix(table: &HashMap<&'static str, i32>, word: &str) -> Option<(usize, i32)> {
    let ends = word.char_indices().map(|(at, _)| at).skip(1).chain([word.len()]);
    let ends: Vec<usize> = ends.collect();
    ends.into_iter().rev().find_map(|end| table.get(&word[..end]).map(|&id| (end, id)))
}

/// Lower case without accents: the form in which the vocabulary has words.
fn normalised(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_punctuation() || b.is_ascii_digit()) {
        return Cow::Borrowed(word);
    }
    if word.is_ascii() {
        return Cow::Owned(word.to_ascii_lowercase());
    }
    let lower = word.chars().filter(|&c| !is_dropped(c)).collect::<String>().to_lowercase();
    Cow::Owned(lower.nfd().filter(|c| c.general_category() != GeneralCategory::NonspacingMark).collect())
}

/// The number under which the network's embedding knows a case.
fn case_class(case: Case) -> i32 {
    match case {
        Case::None => 0,
        Case::Lower => 1,
        Case::Capitalised => 2,
        Case::Upper => 3,
        Case::Mixed => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words::words;

    const VOCABULARY: &str =
        "[PAD]\n[UNK]\n[CLS]\n[SEP]\npeace\n##keep\n##keepers\n##ers\n.\ncafe\nna\n##to\n##\n";

    fn pieces(text: &str) -> Vec<i32> {
        Vocabulary::parse(VOCABULARY).unwrap().encode(text, &words(text)).pieces
    }

    #[test]
    fn words_are_cut_greedily_and_breaks_are_separators() {
        let long = "na".repeat(60);
        for (text, expected) in [
            ("", vec![]),
            ("Peace.", vec![4, 8]),
            ("peacekeepers peacekeep", vec![4, 6, 4, 5]),
            ("peacekeepersto", vec![4, 6, 11]),
            ("peacekeepert", vec![1]),
            ("NATO\n\ncafé", vec![10, 11, 3, 9]),
            ("CAFE\u{301}", vec![9]),
            ("ca\u{ad}fe", vec![9]),
            ("\u{301}", vec![1]),
            (&long, vec![1]),
        ] {
            assert_eq!(pieces(text), expected, "{text:?}");
        }
    }

    #[test]
    fn slots_point_at_words_and_first_pieces() {
        let text = "Nato peace\npeace";
        let encoded = Vocabulary::parse(VOCABULARY).unwrap().encode(text, &words(text));
        let slots: Vec<_> = encoded.slots.iter().map(|s| (s.word, s.first)).collect();
        assert_eq!(slots, [(Some(0), 0), (Some(1), 2), (None, 3), (Some(2), 4)]);
        assert_eq!(encoded.cases, [2, 2, 1, 0, 1]);
        assert_eq!((encoded.end(0), encoded.end(3)), (2, 5));
        assert_eq!(encoded.slot_of_word, [0, 1, 3]);
    }

    #[test]
    fn a_file_without_special_pieces_is_no_vocabulary() {
        assert!(Vocabulary::parse("a\nb\n").is_none());
    }
}
