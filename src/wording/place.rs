//! Where in a quote a stretch of a claim lies with the fewest differences, by Sellers' algorithm: an edit distance over words that
//! begins and ends anywhere in the quote. What an editor put in brackets, on either side, stands for some words or none.

use super::rules::BRACKETS_STAND_FOR;
use super::words::{Voice, Word};
use std::ops::Range;

/// A word as it is weighed.
#[derive(Clone, Copy)]
pub(super) enum Token<'w> {
    /// One word.
    Word(&'w Word),
    /// Any word, or none.
    Any,
}

/// The words of a stretch, each with its number. A few words of an editor are so many of anything; more stand for themselves.
pub(super) fn tokens(words: &[Word], numbers: Range<usize>) -> Vec<(usize, Token<'_>)> {
    let (mut tokens, mut at) = (Vec::with_capacity(numbers.len()), numbers.start);
    let stretch = words.get(numbers).unwrap_or_default();
    for group in stretch.chunk_by(|one, next| one.voice == Voice::Editor && next.voice == Voice::Editor) {
        let edited = group.iter().all(|word| word.voice == Voice::Editor);
        match edited && group.len() <= BRACKETS_STAND_FOR {
            true => {
                let last = group.len() - 1;
                tokens.extend((0..BRACKETS_STAND_FOR).map(|n| (at + n.min(last), Token::Any)));
            }
            false => tokens.extend(group.iter().enumerate().map(|(n, word)| (at + n, Token::Word(word)))),
        }
        at += group.len();
    }
    tokens
}

/// A place of a stretch: tokens of the quote, and differences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) tokens: Range<usize>,
    pub(super) differences: usize,
}

/// The place with the fewest differences; of several the first.
pub(super) fn place(claim: &[(usize, Token<'_>)], quote: &[(usize, Token<'_>)]) -> Place {
    // Columns are the claim's tokens, so that the quote is walked once. Each cell: differences, and where its place begins.
    let mut column: Vec<(usize, usize)> = Vec::with_capacity(claim.len() + 1);
    column.push((0, 0));
    for (_, token) in claim {
        let above = column.last().map_or(0, |cell| cell.0);
        column.push((above + alone(token), 0));
    }
    let mut best = Place { tokens: 0..0, differences: column.last().map_or(0, |cell| cell.0) };
    for (at, (_, said)) in quote.iter().enumerate() {
        // A place may begin at any word, for nothing.
        let mut before = std::mem::replace(&mut column[0], (0, at + 1));
        for (n, (_, token)) in claim.iter().enumerate() {
            let (diagonal, above, left) = (before, column[n], column[n + 1]);
            before = left;
            let paired = (diagonal.0 + pair(token, said), diagonal.1);
            let missed = (above.0 + alone(token), above.1);
            let added = (left.0 + alone(said), left.1);
            column[n + 1] = least(paired, least(missed, added));
        }
        if let Some((differences, begin)) = column.last().copied()
            && differences < best.differences
        {
            best = Place { tokens: begin..at + 1, differences };
        }
    }
    best
}

fn least(one: (usize, usize), other: (usize, usize)) -> (usize, usize) {
    if other.0 < one.0 { other } else { one }
}

/// What it costs that the other side has nothing for the token.
fn alone(token: &Token<'_>) -> usize {
    match token {
        Token::Word(word) => usize::from(word.counts()),
        Token::Any => 0,
    }
}

fn pair(one: &Token<'_>, other: &Token<'_>) -> usize {
    match (one, other) {
        (Token::Word(one), Token::Word(other)) => usize::from(!same(one, other)),
        _ => 0,
    }
}

/// Whether two words are one, as far as they are the speaker's.
pub(super) fn same(one: &Word, other: &Word) -> bool {
    one.folded == other.folded || mended(one, other) || mended(other, one)
}

fn mended(one: &Word, other: &Word) -> bool {
    let Voice::Mended(kept) = &one.voice else { return false };
    other.folded.starts_with(kept.as_str()) || other.folded.ends_with(kept.as_str())
}
