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

/// A place of a stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Tokens of the quote.
    pub(super) tokens: Range<usize>,
    /// Differences.
    pub(super) differences: usize,
    /// Words of the claim that do not stand there.
    pub(super) lacking: usize,
}

/// Differences, then words of the claim that the quote has not, in that order.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    differences: usize,
    lacking: usize,
}

/// A cell: what it costs to come here, and where the place begins.
type Cell = (Cost, usize);

/// The place with the fewest differences; of several one with most of the claim's words, the first.
pub(super) fn place(claim: &[(usize, Token<'_>)], quote: &[(usize, Token<'_>)]) -> Place {
    // Columns are the claim's tokens, so that the quote is walked once.
    let mut column: Vec<Cell> = Vec::with_capacity(claim.len() + 1);
    let mut nothing = Cost::default();
    column.push((nothing, 0));
    for (_, token) in claim {
        nothing = nothing.and(missed(token));
        column.push((nothing, 0));
    }
    let (mut least, mut tokens) = (nothing, 0..0);
    for (at, (_, said)) in quote.iter().enumerate() {
        // A place may begin at any word, for nothing.
        let mut before = std::mem::replace(&mut column[0], (Cost::default(), at + 1));
        for (n, (_, token)) in claim.iter().enumerate() {
            let (diagonal, above, left) = (before, column[n], column[n + 1]);
            before = left;
            let paired = (diagonal.0.and(pair(token, said)), diagonal.1);
            let missed = (above.0.and(missed(token)), above.1);
            let added = (left.0.and(added(said)), left.1);
            column[n + 1] = better(paired, better(missed, added));
        }
        if let Some((cost, begin)) = column.last().copied()
            && cost < least
        {
            (least, tokens) = (cost, begin..at + 1);
        }
    }
    Place { tokens, differences: least.differences, lacking: least.lacking }
}

fn better(one: Cell, other: Cell) -> Cell {
    if other.0 < one.0 { other } else { one }
}

impl Cost {
    fn and(self, other: Self) -> Self {
        Self { differences: self.differences + other.differences, lacking: self.lacking + other.lacking }
    }
}

/// The quote has nothing for a token of the claim.
fn missed(token: &Token<'_>) -> Cost {
    let counts = usize::from(counts(token));
    Cost { differences: counts, lacking: counts }
}

/// The claim has nothing for a token of the quote.
fn added(said: &Token<'_>) -> Cost {
    Cost { differences: usize::from(counts(said)), lacking: 0 }
}

fn pair(token: &Token<'_>, said: &Token<'_>) -> Cost {
    match (token, said) {
        (Token::Word(one), Token::Word(other)) if same(one, other) => Cost::default(),
        (Token::Word(_), Token::Word(_)) => Cost { differences: 1, lacking: usize::from(counts(token)) },
        _ => Cost { differences: 0, lacking: usize::from(counts(token)) },
    }
}

fn counts(token: &Token<'_>) -> bool {
    match token {
        Token::Word(word) => word.counts(),
        Token::Any => false,
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
