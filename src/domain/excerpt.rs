//! A text of which only some stretches are at hand. A result shows a sentence of an article, not the article, and still
//! gives offsets into the whole of it: each stretch knows where it begins, in all three encodings.

use super::span::{ByteSpan, OffsetMap, Position};
use serde::{Deserialize, Serialize};

/// Stretches of one text: ascending, disjoint, each on character boundaries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpts {
    stretches: Vec<Stretch>,
}

/// One stretch and where in the text it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stretch {
    begin: Position,
    text: String,
}

impl Stretch {
    fn end(&self) -> usize {
        self.begin.byte as usize + self.text.len()
    }
}

impl Excerpts {
    /// What of `text` the spans cover. Spans that touch or overlap share a stretch. `map` is the text's own.
    pub fn of(text: &str, map: &OffsetMap<'_>, spans: impl IntoIterator<Item = ByteSpan>) -> Self {
        let mut spans: Vec<ByteSpan> = spans.into_iter().filter(|span| !span.is_empty()).collect();
        spans.sort_unstable();
        let mut joined: Vec<ByteSpan> = Vec::new();
        for span in spans {
            match joined.last_mut() {
                Some(last) if span.begin <= last.end => *last = last.cover(span),
                _ => joined.push(span),
            }
        }
        let stretch =
            |span: ByteSpan| Stretch { begin: map.position(span.begin), text: span.slice(text).to_owned() };
        Self { stretches: joined.into_iter().map(stretch).collect() }
    }

    /// The text of a span that lies within one stretch; the empty string for any other.
    pub fn slice(&self, span: ByteSpan) -> &str {
        let Some(stretch) = self.around(span.begin).filter(|stretch| span.end as usize <= stretch.end())
        else {
            return "";
        };
        let from = stretch.begin.byte as usize;
        stretch.text.get(span.begin as usize - from..span.end as usize - from).unwrap_or_default()
    }

    /// A position within a stretch or at its end, in all encodings; `None` for one that lies in none.
    pub fn position(&self, byte: u32) -> Option<Position> {
        let stretch = self.around(byte)?;
        let before = stretch.text.get(..(byte - stretch.begin.byte) as usize)?;
        Some(Position {
            byte,
            utf16: stretch.begin.utf16 + before.encode_utf16().count() as u32,
            code_points: stretch.begin.code_points + before.chars().count() as u32,
        })
    }

    /// The stretch that `byte` lies in or ends.
    fn around(&self, byte: u32) -> Option<&Stretch> {
        let after = self.stretches.partition_point(|stretch| stretch.begin.byte <= byte);
        let stretch = &self.stretches[after.checked_sub(1)?];
        (byte as usize <= stretch.end()).then_some(stretch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_an_excerpt_slice_and_count_as_those_of_the_whole() {
        let text = "Früh 👩‍🚀 said “nein” at 5, and İda wrote „ja“ later.";
        let map = OffsetMap::new(text);
        let span = |part: &str| {
            let begin = text.find(part).unwrap();
            ByteSpan::at(begin, begin + part.len())
        };
        let kept = [span("“nein”"), span("said"), span("said “nein” at"), span("„ja“"), ByteSpan::at(0, 0)];
        let excerpts = Excerpts::of(text, &map, kept);
        for part in ["“nein”", "said", "nein", "„ja“"] {
            let span = span(part);
            assert_eq!(excerpts.slice(span), part);
            for byte in [span.begin, span.end] {
                assert_eq!(excerpts.position(byte), Some(map.position(byte)), "{part}");
            }
        }
        assert_eq!(excerpts.slice(span("later")), "");
        assert_eq!(excerpts.slice(ByteSpan::at(0, text.len())), "");
        assert_eq!(excerpts.position(0), None);
        assert_eq!(Excerpts::default().slice(span("said")), "");
    }
}
