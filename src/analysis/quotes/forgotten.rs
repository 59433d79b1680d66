//! Closing marks that somebody forgot before the words that say who speaks: `“We shut it at noon, Ada Lund said.` The
//! quotation ends there, by what follows it, and the next one is another's. Only quotations that no mark closes are
//! looked at. Knows word order, not names. Start at [`close`].

use crate::analysis::grammar::cues::{self, Frame, Reports};
use crate::analysis::signals::Layout;
use crate::domain::span::ByteSpan;
use crate::text::quote_marks::QuotedRegion;
use crate::text::words::Case;

/// Longest subject of a verb that says who speaks, in words.
const SUBJECT: usize = 8;
/// Shortest quotation before it, in words, its mark included.
const SHORTEST: usize = 4;

/// Ends quotations without a closing mark where somebody is said to speak.
pub(super) fn close(layout: &mut Layout<'_>) {
    let regions = std::mem::take(&mut layout.quoted);
    layout.quoted = regions.into_iter().flat_map(|region| parted(layout, region)).collect();
}

/// A region as it is, or in parts that end where a mark was forgotten.
fn parted(layout: &Layout<'_>, region: QuotedRegion) -> Vec<QuotedRegion> {
    let last = region.pieces.len() - 1;
    let ends = region
        .pieces
        .iter()
        .enumerate()
        .map(|(at, piece)| if at == last && region.closed { None } else { said_at(layout, *piece) });
    let ends: Vec<Option<u32>> = ends.collect();
    if ends.iter().all(Option::is_none) {
        return vec![region];
    }
    let mut parts = Vec::new();
    let mut pieces: Vec<ByteSpan> = Vec::new();
    for (at, (piece, end)) in region.pieces.iter().zip(ends).enumerate() {
        pieces.push(ByteSpan { end: end.unwrap_or(piece.end), ..*piece });
        if end.is_some() || at == last {
            let pieces = std::mem::take(&mut pieces);
            let span = pieces[0].cover(pieces[pieces.len() - 1]);
            parts.push(QuotedRegion {
                span,
                pieces,
                closed: end.is_none() && region.closed,
                single: region.single,
            });
        }
    }
    parts
}

/// Where the words end that somebody is then said to have said, the comma among them.
fn said_at(layout: &Layout<'_>, piece: ByteSpan) -> Option<u32> {
    let words = layout.words_of(piece);
    let ends = |at: &usize| matches!(layout.word(*at), "," | "?" | "!");
    let said = (words.start + SHORTEST..words.end).filter(ends).find(|at| says(layout, at + 1, words.end));
    said.map(|at| layout.words[at].span.end)
}

/// Whether these words say who speaks, and then a clause ends: "Ada Lund said.", "said the mayor,", "he added."
fn says(layout: &Layout<'_>, at: usize, end: usize) -> bool {
    if is_saying(layout.word(at)) {
        let stop = (at + 1..end.min(at + 1 + SUBJECT)).find(|at| is_stop(layout.word(*at)));
        return opens_subject(layout, at + 1, end)
            && (stop.is_some_and(|stop| stop > at + 1) || end <= at + 1 + SUBJECT);
    }
    let mut subject = at..end.min(at + SUBJECT);
    let verb = subject
        .clone()
        .skip(1)
        .find(|at| is_saying(layout.word(*at)) && layout.words[*at].case == Case::Lower);
    subject.end = verb.unwrap_or(subject.start);
    let stops = |at: usize| at >= end || is_stop(layout.word(at));
    opens_subject(layout, at, end)
        && verb.is_some_and(|verb| stops(verb + 1))
        && !subject.clone().any(|at| is_stop(layout.word(at)) || is_saying(layout.word(at)))
}

fn is_stop(word: &str) -> bool {
    matches!(word, "." | "," | ";" | ":" | "!" | "?" | "“" | "”" | "\"")
}

/// A name, a description or a pronoun of the third person.
fn opens_subject(layout: &Layout<'_>, at: usize, end: usize) -> bool {
    let word = layout.word(at);
    let own = matches!(word, "I" | "We" | "You" | "And" | "But");
    let opens =
        matches!(word, "the" | "a" | "an" | "his" | "her" | "their" | "its" | "he" | "she" | "they" | "it");
    at < end && !own && (opens || layout.words[at].case.is_capitalised())
}

fn is_saying(word: &str) -> bool {
    cues::cue(word).is_some_and(|cue| cue.reports == Reports::Speech && cue.frame == Frame::Clause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut layout = Layout::new(text);
        close(&mut layout);
        let found: Vec<_> = layout.quoted.iter().map(|region| region.span.slice(text)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_quotation_without_a_closing_mark_ends_where_its_speaker_is_named() {
        check(
            "“We shut it at noon, Ada Lund said.\n\n“Nobody told us,” said Tom.",
            &["“We shut it at noon,", "“Nobody told us,”"],
        );
        check(
            "“We shut it at noon, said the mayor, who left. “Nobody knew,” Tom said.",
            &["“We shut it at noon,", "“Nobody knew,”"],
        );
        check("“Who shut the road? she asked. It was late.", &["“Who shut the road?"]);
        check(
            "\"We shut it at noon, Ada Lund said. \"Nobody knew,\" said Tom.",
            &["\"We shut it at noon,", "\"Nobody knew,\""],
        );
    }

    #[test]
    fn other_quotations_stay_as_they_are() {
        for text in [
            "“We shut it at noon, Ada Lund said to me,” Tom said.",
            "“We shut it at noon, and I said so.\n\n“Nobody told us.”",
            "“We shut it, then the mayor came and said that all was well.\n\n“Nobody told us.”",
        ] {
            let quoted = Layout::new(text).quoted;
            let expected: Vec<_> = quoted.iter().map(|region| region.span.slice(text)).collect();
            check(text, &expected);
        }
    }
}
