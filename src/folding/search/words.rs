//! Where the words of a text are: Unicode's word boundaries with the exceptions that [`super`] lists.

use super::is_part;
use super::letters::{begins, is_ignorable, is_trailing};
use unicode_segmentation::{UnicodeSegmentation, UnicodeWordIndices};

/// The words of `text` with the byte offsets at which they begin, in text order, disjoint. Each slices out of the
/// text as it is, without ignorable characters at its ends. Words without a character between them are parts of a
/// run in a script without spaces.
pub fn words(text: &str) -> Words<'_> {
    Words { text, at: 0, segments: "".unicode_word_indices(), chunk: 0, ahead: None, word: (0, "") }
}

/// Iterator over the words of a text; see [`words`].
pub struct Words<'t> {
    text: &'t str,
    /// Where the text goes on after the chunk. Chunks are what white space separates, which always is a boundary.
    at: usize,
    /// Segments of the chunk, which begins at `chunk`.
    segments: UnicodeWordIndices<'t>,
    chunk: usize,
    /// A segment that was read too far.
    ahead: Option<(usize, &'t str)>,
    /// What is left of the segment at work, and where that begins.
    word: (usize, &'t str),
}

impl<'t> Iterator for Words<'t> {
    type Item = (usize, &'t str);

    fn next(&mut self) -> Option<(usize, &'t str)> {
        loop {
            if let Some(piece) = self.piece() {
                return Some(piece);
            }
            if let Some(segment) = self.segment() {
                self.word = segment;
                continue;
            }
            self.skip_white_space();
            if let Some(word) = self.bare_word() {
                return Some(word);
            }
            let (begin, chunk) = self.next_chunk()?;
            if let Some(word) = plain_word(chunk) {
                return Some((begin + word.0, word.1));
            }
            self.segments = chunk.unicode_word_indices();
        }
    }
}

/// The word of a chunk that is letters and digits between punctuation: the shape of most, for which there is no need
/// to look for boundaries.
fn plain_word(chunk: &str) -> Option<(usize, &str)> {
    if chunk.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Some((0, chunk));
    }
    let rest = chunk.trim_start_matches(is_punctuation);
    let word = rest.trim_end_matches(is_punctuation);
    let is_plain = !word.is_empty() && word.chars().all(is_plain);
    is_plain.then_some((chunk.len() - rest.len(), word))
}

/// Punctuation that is no part of a word at its ends.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || matches!(c, '\u{2010}'..='\u{2027}' | '«' | '»')
}

/// Letters and digits between which Unicode never puts a boundary.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c,
            '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}'      // Latin
            | '\u{388}'..='\u{38a}' | '\u{38e}'..='\u{3a1}' | '\u{3a3}'..='\u{3f5}' // Greek
            | '\u{400}'..='\u{481}' | '\u{48a}'..='\u{52f}'                         // Cyrillic
            | '\u{620}'..='\u{63f}' | '\u{641}'..='\u{64a}') // Arabic
}

impl<'t> Words<'t> {
    fn skip_white_space(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len());
    }

    /// The word at the front where it is ASCII's letters and digits, and then come a hyphen or a slash, which always are boundaries,
    /// or ASCII's punctuation up to white space: in English, nearly every one.
    fn bare_word(&mut self) -> Option<(usize, &'t str)> {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let past = |from: usize, is: fn(&u8) -> bool| {
            from + bytes[from..].iter().position(|byte| !is(byte)).unwrap_or(bytes.len() - from)
        };
        let begin = self.at;
        let end = past(begin, u8::is_ascii_alphanumeric);
        let after = match bytes.get(end..) {
            Some([b'-' | b'/', next, ..]) if next.is_ascii_alphanumeric() => end + 1,
            _ => Some(past(end, u8::is_ascii_punctuation))
                .filter(|after| bytes.get(*after).is_none_or(u8::is_ascii_whitespace))?,
        };
        (end > begin).then(|| {
            self.at = after;
            (begin, &text[begin..end])
        })
    }

    /// Goes on over the chunk at the front, if there is one, and says where it begins.
    fn next_chunk(&mut self) -> Option<(usize, &'t str)> {
        let rest = &self.text[self.at..];
        let length = rest.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(rest.len());
        self.chunk = self.at;
        self.at += length;
        (length > 0).then_some((self.chunk, &rest[..length]))
    }

    /// The chunk's next segments, as long as nothing is between them that shows: a letter and an exponent, or what
    /// a zero-width space keeps apart.
    fn segment(&mut self) -> Option<(usize, &'t str)> {
        let (begin, word) = self.ahead.take().or_else(|| self.segments.next())?;
        let chunk = &self.text[self.chunk..self.at];
        let mut end = begin + word.len();
        loop {
            self.ahead = self.segments.next();
            match self.ahead {
                Some((at, word)) if chunk[end..at].chars().all(|c| c == '\u{200b}') => end = at + word.len(),
                _ => return Some((self.chunk + begin, &chunk[begin..end])),
            }
        }
    }

    /// The next word of the segment at work.
    fn piece(&mut self) -> Option<(usize, &'t str)> {
        let (offset, rest) = self.word;
        let Some(begin) = rest.find(begins) else {
            self.word.1 = "";
            return None;
        };
        let end = begin + length(&rest[begin..]);
        self.word = (offset + end, &rest[end..]);
        Some((offset + begin, rest[begin..end].trim_end_matches(is_ignorable)))
    }
}

/// Bytes of the word at the front of a segment, which begins with a part of a word.
fn length(rest: &str) -> usize {
    let mut parts = rest.char_indices();
    let alone = parts.next().is_some_and(|(_, first)| is_unspaced(first));
    let end = parts.find(|&(_, c)| match alone {
        true => !is_trailing(c),
        false => !is_part(c) || is_unspaced(c) && !is_trailing(c),
    });
    end.map_or(rest.len(), |(at, _)| at)
}

/// Whether the character is of a script that puts no spaces between words, or whose words are searched by their
/// parts (Korean).
pub fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}'        // Thai, Lao
        | '\u{1000}'..='\u{109f}'      // Myanmar
        | '\u{1100}'..='\u{11ff}'      // Hangul letters
        | '\u{1780}'..='\u{17ff}'      // Khmer
        | '\u{2e80}'..='\u{9fff}'      // radicals, kana, bopomofo, Hangul letters that stand alone, ideographs
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}'      // Hangul
        | '\u{f900}'..='\u{faff}'      // ideographs for compatibility
        | '\u{ff66}'..='\u{ffdc}'      // half-width kana and Hangul
        | '\u{1aff0}'..='\u{1b16f}'    // older kana
        | '\u{20000}'..='\u{3ffff}'    // rarer ideographs
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unicode_puts_no_boundary_between_plain_letters() {
        for c in ('\0'..=char::MAX).filter(|c| is_plain(*c)) {
            for text in [format!("a{c}1"), format!("д{c}ب"), format!("{c}{c}")] {
                assert_eq!(text.unicode_word_indices().map(|(_, word)| word).collect::<Vec<_>>(), [&text]);
            }
        }
    }

    #[test]
    fn punctuation_at_the_ends_is_no_part_of_a_word() {
        for c in ('\0'..=char::MAX).filter(|c| is_punctuation(*c)) {
            for text in [format!("{c}д"), format!("д{c}"), format!("{c}{c}д{c}{c}")] {
                let found: Vec<&str> = words(&text).map(|(_, word)| word).collect();
                assert_eq!(found, ["д"], "{text}");
                let segments: Vec<&str> = text
                    .unicode_word_indices()
                    .map(|(_, word)| word.trim_matches(['_', '\u{203f}']))
                    .collect();
                assert_eq!(segments, ["д"], "{text}");
            }
        }
    }
}
