//! The sentence that a quote is shown with: what a reader needs around the words to check them.

use crate::analysis;
use crate::domain::annotation::Quote;
use crate::domain::span::ByteSpan;

/// Longer stretches, in bytes, are no sentence that anybody reads beside a result.
const LONGEST: usize = 4 << 10;

/// For each quote the sentences in which source, cue and the first piece of content stand; none where they are too long.
pub(super) fn of_quotes(text: &str, quotes: &[Quote]) -> Vec<Option<ByteSpan>> {
    if quotes.is_empty() {
        return Vec::new();
    }
    let sentences = analysis::sentences(text);
    quotes.iter().map(|quote| of_quote(&sentences, quote)).collect()
}

/// The sentence around a span; the span itself where none holds its begin.
pub(super) fn around(sentences: &[ByteSpan], span: ByteSpan) -> ByteSpan {
    at(sentences, span.begin).map_or(span, |sentence| sentence.cover(span))
}

/// The sentence that a byte stands in.
fn at(sentences: &[ByteSpan], byte: u32) -> Option<ByteSpan> {
    let after = sentences.partition_point(|sentence| sentence.begin <= byte);
    let sentence = sentences[after.checked_sub(1)?];
    (byte < sentence.end).then_some(sentence)
}

fn of_quote(sentences: &[ByteSpan], quote: &Quote) -> Option<ByteSpan> {
    let content = *quote.contents.first()?;
    let parts = [quote.cue, quote.speaker.mention].into_iter().flatten();
    let whole = parts.fold(content, ByteSpan::cover);
    let ends = [at(sentences, whole.begin), at(sentences, whole.end.saturating_sub(1))];
    let sentence = ends.into_iter().flatten().fold(whole, ByteSpan::cover);
    (sentence.len() <= LONGEST).then_some(sentence)
}
