//! Half-open byte ranges over one text, and their translation into the other two encodings that clients use.
//! Everything inside Dictum counts UTF-8 bytes; UTF-16 units and code points exist only at the edge, and this
//! file is the one place that converts.

use serde::{Deserialize, Serialize};

/// A half-open range of UTF-8 bytes. Both ends lie on character boundaries of the text it was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ByteSpan {
    /// First byte.
    pub begin: u32,
    /// One past the last byte.
    pub end: u32,
}

impl ByteSpan {
    /// A span of `text`, or `None` where an end lies outside it, inside a character, or before the begin.
    pub fn new(text: &str, begin: usize, end: usize) -> Option<Self> {
        text.get(begin..end)?;
        Some(Self { begin: u32::try_from(begin).ok()?, end: u32::try_from(end).ok()? })
    }

    /// A span whose ends the caller took from character boundaries of a text under 4 GiB.
    pub fn at(begin: usize, end: usize) -> Self {
        debug_assert!(begin <= end && end <= u32::MAX as usize, "span {begin}..{end}");
        Self { begin: begin as u32, end: end as u32 }
    }

    /// The bytes that the span covers in `text`; the empty string where the span belongs to another text.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }

    /// The span as a range for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.begin as usize..self.end as usize
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.begin) as usize
    }

    /// Whether the span covers nothing.
    pub fn is_empty(self) -> bool {
        self.begin == self.end
    }

    /// Whether the two spans share at least one byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.begin < other.end && other.begin < self.end
    }

    /// Whether `other` lies wholly inside this span.
    pub fn contains(self, other: Self) -> bool {
        self.begin <= other.begin && other.end <= self.end
    }

    /// The smallest span that covers both.
    pub fn cover(self, other: Self) -> Self {
        Self { begin: self.begin.min(other.begin), end: self.end.max(other.end) }
    }
}

/// One position in the three encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// UTF-8 bytes before the position.
    pub byte: u32,
    /// UTF-16 code units before the position.
    pub utf16: u32,
    /// Unicode code points before the position.
    pub code_points: u32,
}

/// Translates byte positions of one text. Holds one entry per [`OffsetMap::STRIDE`] bytes, so that a megabyte of
/// text costs about 100 kB and a look-up reads at most one stride of text.
#[derive(Debug)]
pub struct OffsetMap<'t> {
    text: &'t str,
    anchors: Vec<Position>,
}

impl<'t> OffsetMap<'t> {
    const STRIDE: usize = 128;

    /// Walks the text once.
    pub fn new(text: &'t str) -> Self {
        let mut anchors = Vec::with_capacity(text.len() / Self::STRIDE + 1);
        let mut position = Position { byte: 0, utf16: 0, code_points: 0 };
        for c in text.chars() {
            if position.byte as usize >= anchors.len() * Self::STRIDE {
                anchors.push(position);
            }
            advance(&mut position, c);
        }
        Self { text, anchors }
    }

    /// The position of `byte` in all encodings. A byte inside a character counts as the character's begin, one
    /// past the text as its end.
    pub fn position(&self, byte: u32) -> Position {
        let after = self.anchors.partition_point(|anchor| anchor.byte <= byte);
        let Some(mut position) = after.checked_sub(1).map(|at| self.anchors[at]) else {
            return Position { byte: 0, utf16: 0, code_points: 0 };
        };
        for c in self.text[position.byte as usize..].chars() {
            if position.byte as usize + c.len_utf8() > byte as usize {
                break;
            }
            advance(&mut position, c);
        }
        position
    }

    /// The byte position that has `utf16` code units before it, if one has.
    pub fn byte_of_utf16(&self, utf16: u32) -> Option<u32> {
        self.find(utf16, |position| position.utf16)
    }

    /// The byte position that has `code_points` code points before it, if one has.
    pub fn byte_of_code_point(&self, code_points: u32) -> Option<u32> {
        self.find(code_points, |position| position.code_points)
    }

    fn find(&self, wanted: u32, count: impl Fn(&Position) -> u32) -> Option<u32> {
        let after = self.anchors.partition_point(|anchor| count(anchor) <= wanted);
        let Some(mut position) = after.checked_sub(1).map(|at| self.anchors[at]) else {
            return (wanted == 0).then_some(0);
        };
        for c in self.text[position.byte as usize..].chars() {
            if count(&position) >= wanted {
                break;
            }
            advance(&mut position, c);
        }
        (count(&position) == wanted).then_some(position.byte)
    }
}

fn advance(position: &mut Position, c: char) {
    position.byte += c.len_utf8() as u32;
    position.utf16 += c.len_utf16() as u32;
    position.code_points += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_refuse_the_inside_of_a_character() {
        assert_eq!(ByteSpan::new("é", 0, 1), None);
        assert_eq!(ByteSpan::new("é", 0, 2).map(|s| s.slice("é")), Some("é"));
        assert_eq!(ByteSpan::new("a", 1, 0), None);
    }

    #[test]
    fn positions_agree_with_the_standard_library_in_every_encoding() {
        let text = "a👩‍🚀é“x”\r\n\u{0}z".repeat(60);
        let map = OffsetMap::new(&text);
        for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let before = &text[..byte];
            let position = map.position(byte as u32);
            assert_eq!(position.byte as usize, byte);
            assert_eq!(position.utf16 as usize, before.encode_utf16().count());
            assert_eq!(position.code_points as usize, before.chars().count());
            assert_eq!(map.byte_of_utf16(position.utf16), Some(byte as u32));
            assert_eq!(map.byte_of_code_point(position.code_points), Some(byte as u32));
        }
        assert_eq!(map.byte_of_code_point(u32::MAX), None);
    }
}
