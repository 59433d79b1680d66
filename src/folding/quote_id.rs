//! Ids of quotes that last: of the words that a quote holds, so that the same quotation has the same id in every
//! revision of its document and from every analyzer. A quote of other words is another quote.
//!
//! Two quotes have the same words if scheme 1 folds them together: NFKD without case, where apostrophes, accents and
//! default ignorable characters vanish, letters, digits and all other marks make words, and whatever else there is
//! separates. Each character of a script without spaces is a word, so that a line may break anywhere. Characters
//! that Unicode has not assigned are letters.
//!
//! **The scheme is frozen**, whatever becomes of [`super::search`]: ids are in databases and links of other people.
//! This file therefore shares nothing with that one, and a test pins what the scheme makes of every character there
//! is. Start at [`quote_ids`].

use crate::domain::ids::QuoteId;
use data_encoding::BASE32_DNSSEC;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// Separates the ids' hashes from all others, and those of one scheme from those of the next.
const SCHEME: &str = "dictum quote id v1";

/// Bytes of the hash that an id shows. 80 bits: in a document of a thousand quotes two of different words meet by
/// chance with a probability of 1 in 2 × 10^18.
const BYTES: usize = 10;

/// The ids of the quotes of one document, given in text order, each as the texts of its contents. An id is `q` and 16
/// letters and digits; it depends on the quote's words and on how many earlier quotes have the same ones, and on
/// nothing else. Takes time linear in the bytes of the contents.
pub fn quote_ids<'t>(quotes: impl IntoIterator<Item = impl IntoIterator<Item = &'t str>>) -> Vec<QuoteId> {
    let mut seen: HashMap<[u8; 32], u64> = HashMap::new();
    let mut folded = Folded::default();
    let mut id = |contents| {
        let mut hasher = blake3::Hasher::new_derive_key(SCHEME);
        hasher.update(folded.of(contents).as_bytes());
        let occurrence = seen.entry(*hasher.finalize().as_bytes()).or_default();
        // No folded word holds a zero byte.
        hasher.update(&[0]).update(&occurrence.to_le_bytes());
        *occurrence += 1;
        let shown = BASE32_DNSSEC.encode(&hasher.finalize().as_bytes()[..BYTES]);
        QuoteId::new(format!("q{shown}")).expect("letters and digits are an identifier")
    };
    quotes.into_iter().map(|contents| id(contents.into_iter().collect::<Vec<_>>())).collect()
}

/// The words of one quote, folded, with a space between two.
#[derive(Default)]
struct Folded {
    words: String,
    /// Something separates what comes next from the last word.
    gap: bool,
    /// The last word is one character of a script without spaces.
    alone: bool,
}

impl Folded {
    fn of(&mut self, contents: Vec<&str>) -> &str {
        *self = Self { words: std::mem::take(&mut self.words), ..Self::default() };
        self.words.clear();
        for content in contents {
            self.gap = true;
            content.nfkd().for_each(|c| self.take(c));
        }
        &self.words
    }

    fn take(&mut self, c: char) {
        if c == IOTA_BELOW {
            return self.part('ι', false);
        }
        let category = c.general_category();
        if is_ignorable(c) || is_apostrophe(c) || is_accent(c) {
            return;
        }
        match c.general_category_group() {
            _ if matches!(category, GeneralCategory::Unassigned | GeneralCategory::PrivateUse) => {
                self.part(c, false)
            }
            GeneralCategoryGroup::Letter => same_case(c).for_each(|c| self.part(c, false)),
            GeneralCategoryGroup::Number => self.part(c, false),
            GeneralCategoryGroup::Mark => self.part(c, true),
            _ => self.gap = true,
        }
    }

    fn part(&mut self, c: char, mark: bool) {
        let parted = self.gap || !mark && (self.alone || is_unspaced(c));
        if parted && !self.words.is_empty() {
            self.words.push(' ');
        }
        self.words.push(c);
        self.gap = false;
        self.alone = is_unspaced(c) || mark && self.alone;
    }
}

/// The mark below a Greek vowel that is a letter in upper case.
const IOTA_BELOW: char = '\u{345}';

/// Lower case by way of upper case, which brings ς to σ, ß to ss and ı to i.
fn same_case(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase().flat_map(char::to_lowercase)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bb}' | '\u{2bc}')
}

/// Default_Ignorable_Code_Point of Unicode 17.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{00ad}'
        | '\u{034f}'
        | '\u{061c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Marks that spellings of one word differ in: those of Latin, Greek, Cyrillic, Hebrew and Arabic, and tatweel.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036f}'
        | '\u{0483}'..='\u{0489}'
        | '\u{0591}'..='\u{05bd}'
        | '\u{05bf}'
        | '\u{05c1}'..='\u{05c2}'
        | '\u{05c4}'..='\u{05c5}'
        | '\u{05c7}'
        | '\u{0610}'..='\u{061a}'
        | '\u{0640}'
        | '\u{064b}'..='\u{065f}'
        | '\u{0670}'
        | '\u{06d6}'..='\u{06dc}'
        | '\u{06df}'..='\u{06e8}'
        | '\u{06ea}'..='\u{06ed}'
        | '\u{08ca}'..='\u{08e1}'
        | '\u{08e3}'..='\u{08ff}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{2de0}'..='\u{2dff}'
        | '\u{a66f}'..='\u{a672}'
        | '\u{a674}'..='\u{a67d}'
        | '\u{a69e}'..='\u{a69f}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// Thai, Lao, Myanmar, Khmer; kana, bopomofo and ideographs. NFKD leaves no other form of them.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{1aff0}'..='\u{1b16f}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests;
