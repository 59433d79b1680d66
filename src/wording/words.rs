//! Which words a text says. Two texts say the same if only these differ: punctuation and quotation marks, case, accents and
//! whatever else [`search`] folds together, ellipses, square brackets, British and American spelling, "per cent" and "%", the
//! commas of thousands. Signs that are read aloud are words: "%", "&" and those of currencies.
//!
//! Words in square brackets are an editor's: they may stand for some of the speaker's words or for none. So may the "that"
//! that introduces an indirect quote. Start at [`Wording::of_quote`].

use super::spelling;
use crate::domain::annotation::QuoteType;
use crate::domain::span::ByteSpan;
use crate::folding::search;

/// Full stops that make an ellipsis, with or without spaces between them.
const ELLIPSIS: usize = 3;

/// Brackets with more words between them are no editor's, or lack their partner.
const BRACKETED: usize = 8;

/// The words of one text, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// The text that spans refer to.
    pub text: String,
    /// The words.
    pub words: Vec<Word>,
    /// Before which words an ellipsis stands, ascending; the number of words for one at the end.
    pub ellipses: Vec<usize>,
}

/// A word as it compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Folded.
    pub folded: String,
    /// Where it stands.
    pub span: ByteSpan,
    /// Who says it.
    pub voice: Voice,
}

/// Who says a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voice {
    /// The speaker.
    Speaker,
    /// The speaker; but some letters are an editor's ("[t]he", "want[ed]"). These are not.
    Mended(String),
    /// An editor, in square brackets.
    Editor,
    /// The writer, who introduces what was said.
    Joint,
}

impl Word {
    /// Whether the word is the speaker's, so that it counts.
    pub fn counts(&self) -> bool {
        matches!(self.voice, Voice::Speaker | Voice::Mended(_))
    }
}

impl Wording {
    /// The words of a claim.
    pub fn of_claim(text: &str) -> Self {
        Self::read(text.to_owned(), true)
    }

    /// The words of a quote whose content has these pieces; they count as one text.
    pub fn of_quote<'t>(contents: impl IntoIterator<Item = &'t str>, quote_type: QuoteType) -> Self {
        let pieces: Vec<&str> = contents.into_iter().collect();
        Self::read(pieces.join(" "), quote_type != QuoteType::Direct)
    }

    /// How many words are the speaker's.
    pub fn counted(&self) -> usize {
        self.words.iter().filter(|word| word.counts()).count()
    }

    /// The folded words.
    pub fn folded(&self) -> Vec<String> {
        self.words.iter().map(|word| word.folded.clone()).collect()
    }

    /// The text from the first to the last of these words; empty where there are none.
    pub fn slice(&self, words: std::ops::Range<usize>) -> &str {
        match self.words.get(words).unwrap_or_default() {
            [] => "",
            [only] => only.span.slice(&self.text),
            [first, .., last] => first.span.cover(last.span).slice(&self.text),
        }
    }

    fn read(text: String, introduced: bool) -> Self {
        let mut reader = Reader::default();
        let mut end = 0;
        for (begin, word) in search::words(&text) {
            reader.gap(&text[end..begin], end);
            reader.word(word, begin);
            end = begin + word.len();
        }
        reader.gap(&text[end..], end);
        let Reader { mut words, ellipses, .. } = reader;
        if let [first, _, ..] = &mut words[..]
            && introduced
            && first.folded == "that"
        {
            first.voice = Voice::Joint;
        }
        Self { text, words, ellipses }
    }
}

/// Puts words together as they come.
#[derive(Default)]
struct Reader {
    words: Vec<Word>,
    ellipses: Vec<usize>,
    /// The first word behind a bracket that is open.
    open: Option<usize>,
    /// Whether the next word goes on with the last, in spite of the bracket between them; and whether that one opens.
    joined: Option<bool>,
}

impl Reader {
    fn word(&mut self, word: &str, begin: usize) {
        let mut folded = String::new();
        search::fold_into(word, &mut folded);
        if folded.is_empty() {
            return;
        }
        let span = ByteSpan::at(begin, begin + word.len());
        let opens = self.joined.take();
        match (opens, self.words.last_mut()) {
            (Some(opens), Some(last)) => mend(last, &folded, span, opens),
            _ => self.push(plain(folded), span),
        }
    }

    fn push(&mut self, folded: String, span: ByteSpan) {
        let whole = self.words.last_mut().filter(|last| last.folded == "per" && folded == "cent");
        match whole {
            Some(last) => {
                last.folded = "percent".to_owned();
                last.span = last.span.cover(span);
            }
            None => self.words.push(Word { folded, span, voice: Voice::Speaker }),
        }
    }

    /// What stands between two words, or before the first, or after the last.
    fn gap(&mut self, gap: &str, begin: usize) {
        let tight = |c: char| matches!(c, '[' | ']' | '\'' | '’');
        let bracket = gap.chars().filter(|c| matches!(c, '[' | ']')).count() == 1;
        self.joined = (bracket && begin > 0 && gap.chars().all(tight)).then(|| gap.contains('['));
        let mut points = 0;
        for (at, c) in gap.char_indices() {
            points = match c {
                '.' => points + 1,
                c if c.is_whitespace() => points,
                _ => 0,
            };
            match c {
                '.' if points == ELLIPSIS => self.ellipsis(),
                '…' | '⋯' => self.ellipsis(),
                '[' => self.open = Some(self.words.len()),
                ']' => self.close(),
                c => self.sign(c, ByteSpan::at(begin + at, begin + at + c.len_utf8())),
            }
        }
    }

    /// Something is left out, or left open, here.
    fn ellipsis(&mut self) {
        if self.ellipses.last() != Some(&self.words.len()) {
            self.ellipses.push(self.words.len());
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let inside = self.words.get_mut(open..).unwrap_or_default();
        if inside.len() <= BRACKETED {
            inside.iter_mut().for_each(|word| word.voice = Voice::Editor);
        }
    }

    fn sign(&mut self, sign: char, span: ByteSpan) {
        let word = match sign {
            '%' | '٪' | '％' => "percent".to_owned(),
            '&' | '＆' => "and".to_owned(),
            '$' | '¢'..='¥' | '\u{20a0}'..='\u{20cf}' => sign.to_string(),
            _ => return,
        };
        self.joined = None;
        self.push(word, span);
    }
}

/// Goes on with a word behind a bracket inside of it.
fn mend(last: &mut Word, folded: &str, span: ByteSpan, opens: bool) {
    let kept = match (&last.voice, opens) {
        // "want[ed]": what stands before the bracket. "[t]he": what stands behind it.
        (Voice::Mended(kept), _) => kept.clone(),
        (_, true) => last.folded.clone(),
        (_, false) => folded.to_owned(),
    };
    let whole = plain(format!("{}{folded}", last.folded));
    *last = Word { folded: whole, span: last.span.cover(span), voice: Voice::Mended(kept) };
}

/// The word in the one spelling in which it compares.
fn plain(folded: String) -> String {
    match spelling::american(&folded) {
        Some(american) => american.to_owned(),
        None if folded.contains(',') => without_thousands(&folded),
        None => folded,
    }
}

/// A number without the commas before groups of three digits.
fn without_thousands(number: &str) -> String {
    let mut parts = number.split(',');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if digits != 3 {
            plain.push(',');
        }
        plain.push_str(part);
    }
    plain
}

#[cfg(test)]
mod tests;
