//! What becomes of each character of a word, and the order of marks.

use super::{is_part, is_unspaced};
use std::sync::LazyLock;
use unicode_normalization::char::{
    canonical_combining_class, compose, decompose_compatible, is_combining_mark,
};

/// Whether a character beside letters vanishes inside words: apostrophes of all kinds and modifier letters that stand
/// in their place (the okina of Hawaiʻi, the ayn of ʿAlī, the soft sign of Gorʹkij), middle dots (Catalan l·l),
/// tatweel, Armenian marks of emphasis and question, Hebrew geresh and gershayim.
pub(super) fn vanishes(c: char) -> bool {
    matches!(c,
        '\'' | '"' | '’' | '‘' | '‛' | '＇' | 'ꞌ' | '\u{2b9}'..='\u{2bf}'
        | '\u{b7}' | '\u{387}' | '\u{2027}' | '\u{640}' | '\u{55a}'..='\u{55f}' | '\u{5f3}' | '\u{5f4}')
}

/// Takes the characters of a word and writes them folded.
pub(super) struct Sink<'o> {
    out: &'o mut String,
    /// Where the word begins in `out`.
    begin: usize,
    /// A point or comma that stays if a digit follows.
    point: Option<char>,
}

impl<'o> Sink<'o> {
    pub(super) fn new(out: &'o mut String) -> Self {
        let begin = out.len();
        Self { out, begin, point: None }
    }

    /// The next character as it stands in the text.
    pub(super) fn take(&mut self, c: char) {
        if c.is_ascii() {
            return self.plain(c.to_ascii_lowercase());
        }
        if let Some(letter) = simple(c) {
            return self.push(letter);
        }
        self.decompose(c);
    }

    fn decompose(&mut self, c: char) {
        // What stands for more than a word stays as it is: ½ is not 12, ⒈ not the beginning of 1.5, ゟ not two words.
        let (mut one_word, mut parts) = (true, 0);
        decompose_compatible(c, |part| {
            let separate = parts > 0 && (is_point(part) || is_unspaced(part) && !is_trailing(part));
            one_word &= is_part(part) && !separate;
            parts += 1;
        });
        match one_word {
            true => decompose_compatible(c, |part| same_case(part).for_each(|c| self.lower(c))),
            false => self.push(c),
        }
    }

    /// A character in lower case that has no decomposition.
    fn lower(&mut self, c: char) {
        if c.is_ascii() {
            return self.plain(c);
        }
        if is_ignorable(c) || vanishes(c) {
            return;
        }
        if is_combining_mark(c) || is_hangul_trailing(c) {
            return self.mark(c);
        }
        match c {
            'ٱ' => self.push('ا'),
            'ى' | 'ی' => self.push('ي'),
            'ة' => self.push('ه'),
            'ک' => self.push('ك'),
            '٠'..='٩' => self.digit(c, '٠'),
            '۰'..='۹' => self.digit(c, '۰'),
            '٫' => self.plain('.'),
            '٬' => self.plain(','),
            'ə' => self.push('a'),
            c if is_latin(c) => self.latin(c),
            c => self.push(c),
        }
    }

    /// ASCII in lower case.
    fn plain(&mut self, c: char) {
        match c {
            '.' | ',' => self.point = Some(c),
            c if vanishes(c) => {}
            c => self.push(c),
        }
    }

    fn push(&mut self, c: char) {
        if let Some(point) = self.point.take() {
            let between_digits = c.is_numeric() && self.last().is_some_and(char::is_numeric);
            self.out.extend(between_digits.then_some(point));
        }
        self.out.push(c);
    }

    /// A digit of the ten that begin with `zero`.
    fn digit(&mut self, c: char, zero: char) {
        self.push(char::from(b'0' + (c as u32 - zero as u32) as u8));
    }

    /// A Latin letter without decomposition: its like in ASCII, where deunicode has one.
    fn latin(&mut self, c: char) {
        match deunicode::deunicode_char(c)
            .filter(|ascii| ascii.bytes().all(|byte| byte.is_ascii_alphabetic()))
        {
            Some(ascii) => ascii.bytes().for_each(|byte| self.push(char::from(byte.to_ascii_lowercase()))),
            None => self.push(c),
        }
    }

    /// A mark: an accent vanishes, others join the letter before them or stand behind it in canonical order.
    fn mark(&mut self, mark: char) {
        if mark == '\u{345}' {
            // The iota below a Greek vowel is a letter in upper case.
            return self.push('ι');
        }
        let Some(last) = self.last() else {
            // A lone vowel or consonant of Hangul shows; marks that nothing stands before do not.
            if is_hangul_trailing(mark) {
                self.push(mark);
            }
            return;
        };
        if let Some(letter) = own_letter(last, mark) {
            self.out.truncate(self.out.len() - last.len_utf8());
            return self.out.push(letter);
        }
        if is_accent(mark) {
            return;
        }
        let class = canonical_combining_class(mark);
        let mut at = self.out.len();
        for before in self.out[self.begin..].chars().rev() {
            if class == 0 || canonical_combining_class(before) <= class {
                break;
            }
            at -= before.len_utf8();
        }
        self.out.insert(at, mark);
    }

    fn last(&self) -> Option<char> {
        self.out[self.begin..].chars().next_back()
    }
}

/// The letter that becomes of `c` whatever stands around it, where that is known at once.
fn simple(c: char) -> Option<char> {
    match SIMPLE.get(c as usize) {
        Some(&letter) => char::from_u32(letter.into()).filter(|letter| *letter > '\0'),
        None => matches!(c,
            '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
        .then_some(c),
    }
}

/// Characters of the first scripts that become one letter, and which; zero for others. Filled by the slow way.
static SIMPLE: LazyLock<[u16; 0x2000]> = LazyLock::new(|| {
    let mut table = [0; 0x2000];
    for c in '\u{80}'..'\u{2000}' {
        let mut folded = String::new();
        Sink::new(&mut folded).decompose(c);
        let mut letters = folded.chars();
        let depends = is_combining_mark(c) || is_hangul_trailing(c) || is_point(c);
        if let (false, Some(letter), None) = (depends, letters.next(), letters.next()) {
            table[c as usize] = u16::try_from(letter as u32).unwrap_or(0);
        }
    }
    table
});

/// Lower case by way of upper case, which brings ς to σ, ı to i and ß to ss.
fn same_case(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase().flat_map(char::to_lowercase)
}

/// The letter that `mark` makes of `last`, where it is more than `last` with an accent.
fn own_letter(last: char, mark: char) -> Option<char> {
    match (last, mark) {
        ('и' | 'у', '\u{306}') | ('і', '\u{308}') | ('г' | 'к', '\u{301}') | ('و' | 'ي', '\u{654}') => {
            compose(last, mark)
        }
        (_, '\u{3099}' | '\u{309a}') => compose(last, mark),
        _ if is_hangul_trailing(mark) => compose(last, mark),
        _ => None,
    }
}

/// Marks that a reader may leave out: general accents, those of Cyrillic and Hebrew, Arabic harakat.
fn is_accent(mark: char) -> bool {
    matches!(mark,
        '\u{0300}'..='\u{036f}'
        | '\u{0483}'..='\u{0489}'
        | '\u{0591}'..='\u{05c7}'
        | '\u{0610}'..='\u{061a}'
        | '\u{064b}'..='\u{065f}'
        | '\u{0670}'
        | '\u{06d6}'..='\u{06ed}'
        | '\u{0898}'..='\u{089f}'
        | '\u{08ca}'..='\u{08ff}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{2de0}'..='\u{2dff}'
        | '\u{a66f}'..='\u{a67d}'
        | '\u{a69e}'..='\u{a69f}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// Blocks of Latin letters; all of deunicode's answers for them are letters or nothing that [`Sink::latin`] takes.
fn is_latin(c: char) -> bool {
    matches!(c,
        '\u{00c0}'..='\u{02af}'
        | '\u{1d00}'..='\u{1dbf}'
        | '\u{1e00}'..='\u{1eff}'
        | '\u{2c60}'..='\u{2c7f}'
        | '\u{a720}'..='\u{a7ff}'
        | '\u{ab30}'..='\u{ab6f}')
}

/// Letters, digits and marks: what words are made of.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Points and commas of numbers and abbreviations, in any width and in Arabic.
pub(super) fn is_point(c: char) -> bool {
    matches!(c, '.' | ',' | '．' | '，' | '٫' | '٬' | '․' | '﹒' | '﹐')
}

/// What a word may begin with: letters and digits that stand by themselves and show.
pub(super) fn begins(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphanumeric(),
        false => {
            c.is_alphanumeric() && !is_combining_mark(c) && !is_ignorable(c) && !is_half_width_voicing(c)
        }
    }
}

/// What goes with the character before it, in scripts where each character is a word.
pub(super) fn is_trailing(c: char) -> bool {
    is_combining_mark(c)
        || is_hangul_trailing(c)
        || is_ignorable(c)
        || is_half_width_voicing(c)
        // Vowels of Hangul for compatibility, whole and half width.
        || matches!(c, '\u{314f}'..='\u{3163}' | '\u{3187}'..='\u{318e}' | '\u{ffc2}'..='\u{ffdc}')
}

fn is_half_width_voicing(c: char) -> bool {
    matches!(c, '\u{ff9e}' | '\u{ff9f}')
}

/// Vowels and final consonants of Hangul that is written letter by letter.
fn is_hangul_trailing(c: char) -> bool {
    matches!(c, '\u{1161}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}')
}

/// Unicode's property Default_Ignorable_Code_Point: soft hyphen, zero-width characters, bidi marks, fillers,
/// variation selectors, tags.
pub fn is_ignorable(c: char) -> bool {
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
