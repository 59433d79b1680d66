//! The one folding of everything that is searched: free text, prefixes, highlights, and by way of
//! [`super::names`] the names of speakers and entities. Two spellings that it folds together find each other. What
//! is indexed depends on it: a change here raises the version of the index and moves entities to other ids.
//!
//! - **Words** are those of Unicode (UAX #29), except that colons and underscores separate, that zero-width spaces and
//!   the borders of exponents and fractions do not (m² is m2), and that scripts written without spaces are searched by character: each Chinese, Japanese, Korean or
//!   Thai character is a word, and a query of several asks for them side by side. So 日本 finds 日本語, and a Korean
//!   noun is found with its particle.
//! - **Case** vanishes, and ς is σ. i, ı, İ and I are one letter in every language.
//! - **Width and ligatures**: full-width, half-width and presentation forms are plain letters (NFKD), but for those
//!   that stand for more than a word (½, ﷺ).
//! - **Accents** vanish in Latin, Greek and Cyrillic: ё is е. й, ї, ў, ѓ and ќ stay: they are letters of their own,
//!   on every keyboard of their languages, and tell words apart (мой, мои). Vowel signs and viramas of other scripts
//!   are no accents and stay; so do Japanese voicing marks.
//! - **Latin letters without decomposition** become ASCII: ł ø đ ß þ æ œ ħ ŧ ŋ and their like, by deunicode's table;
//!   ə is a, as Lucene's `ASCIIFoldingFilter` has it (Əliyev, Aliyev).
//! - **Arabic**: harakat and tatweel vanish, alef is one with its hamza, madda and wasla forms, ى with ي and ة with ه,
//!   as in Lucene's `ArabicNormalizer`; so are the Persian ی and ک with ي and ك, as in its `PersianNormalizer`. Digits
//!   are those of ASCII. **Hebrew** points vanish, and gershayim within words.
//! - **Inside words** vanish apostrophes, middle dots, the full stops of abbreviations (U.S.), soft hyphens, zero-width
//!   characters, bidi marks, variation selectors: all that Unicode calls default ignorable.

mod letters;
mod words;

pub use letters::is_ignorable;
pub use words::{Words, is_unspaced, words};

use letters::Sink;

/// Appends `word`, folded. Nothing is appended for a word of nothing that shows.
pub fn fold_into(word: &str, out: &mut String) {
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let begin = out.len();
        out.push_str(word);
        return out[begin..].make_ascii_lowercase();
    }
    let mut sink = Sink::new(out);
    for c in word.chars() {
        sink.take(c);
    }
}

/// The word without a possessive 's at its end.
pub fn without_possessive(word: &str) -> &str {
    let bare = word.strip_suffix(['s', 'S']).and_then(|stem| stem.strip_suffix(is_apostrophe));
    bare.unwrap_or(word)
}

/// Whether the character serves as apostrophe.
pub fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '＇')
}

/// Whether a word may hold the character without being ended by it.
fn is_part(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphanumeric() || matches!(c, '\'' | '.' | ',' | '"'),
        false => letters::is_letter(c) || is_ignorable(c) || letters::vanishes(c) || letters::is_point(c),
    }
}

#[cfg(test)]
mod tests;
