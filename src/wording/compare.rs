//! A claim beside one quote: where its stretches lie, how well it fits, what it leaves out, and the two word by word. Stretches are
//! what stands between ellipses; they lie one after the other. The word diff within each place is `similar`'s.

use super::place::{self, Token};
use super::rules::{self, Count};
use super::words::Wording;
use crate::domain::verdict::{Cut, CutPlace, Fit, Segment, Side};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::ops::Range;

/// Work that one call may do: pairs of words that are weighed against each other. Some tenths of a second.
pub const MOST_PAIRS: usize = 20_000_000;

/// How much work is left.
#[derive(Debug)]
pub struct Effort(usize);

impl Default for Effort {
    fn default() -> Self {
        Self(MOST_PAIRS)
    }
}

impl Effort {
    /// Takes so much work; false where it is not left.
    pub fn take(&mut self, one: usize, other: usize) -> bool {
        let cost = one.saturating_mul(other);
        match self.0.checked_sub(cost) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}

/// How a quote compares with a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The sort of it.
    pub fit: Fit,
    /// Differences, as [`rules`] counts them.
    pub differences: usize,
    /// Words that count in the claim.
    pub words: usize,
    /// Stretches of the claim, and the words of the quote that they lie on.
    places: Vec<(Range<usize>, Range<usize>)>,
}

/// Compares; nothing where the effort is used up.
pub fn compare(claim: &Wording, quote: &Wording, effort: &mut Effort) -> Option<Comparison> {
    if !effort.take(claim.words.len(), quote.words.len()) {
        return None;
    }
    let tokens = place::tokens(&quote.words, 0..quote.words.len());
    let (mut from, mut differences, mut lacking, mut places) = (0, 0, 0, Vec::new());
    for stretch in stretches(claim) {
        let asked = place::tokens(&claim.words, stretch.clone());
        let found = place::place(&asked, tokens.get(from..).unwrap_or_default());
        differences += found.differences;
        lacking += found.lacking;
        let lies = from + found.tokens.start..from + found.tokens.end;
        from = lies.end;
        places.push((stretch, words_of(&tokens, lies)));
    }
    let cuts = cuts(quote, &places);
    let inside = cuts.iter().filter(|(place, _)| *place == CutPlace::Inside).count();
    let words = claim.counted();
    let fit = rules::fit(Count {
        words,
        same: words.saturating_sub(lacking),
        differences,
        cuts_inside: inside,
        is_cut: !cuts.is_empty(),
    });
    Some(Comparison { fit, differences, words, places })
}

/// What stands between ellipses, as numbers of words.
fn stretches(claim: &Wording) -> Vec<Range<usize>> {
    let ends = claim.ellipses.iter().copied().chain([claim.words.len()]);
    let mut begin = 0;
    let stretches = ends.map(|end| std::mem::replace(&mut begin, end)..end);
    stretches.filter(|stretch| !stretch.is_empty()).collect()
}

/// The words that these tokens stand for.
fn words_of(tokens: &[(usize, Token<'_>)], some: Range<usize>) -> Range<usize> {
    match tokens.get(some.clone()).unwrap_or_default() {
        [] => {
            let at = tokens
                .get(some.start)
                .map_or_else(|| tokens.last().map_or(0, |last| last.0 + 1), |next| next.0);
            at..at
        }
        [first, rest @ ..] => first.0..rest.last().unwrap_or(first).0 + 1,
    }
}

/// Where words that count are left out around and between the places.
fn cuts(quote: &Wording, places: &[(Range<usize>, Range<usize>)]) -> Vec<(CutPlace, Range<usize>)> {
    let begins = places.iter().map(|(_, lies)| lies.start).chain([quote.words.len()]);
    let (mut from, mut cuts) = (0, Vec::new());
    for (n, begin) in begins.enumerate() {
        let place = match n {
            0 => CutPlace::Before,
            n if n == places.len() => CutPlace::After,
            _ => CutPlace::Inside,
        };
        let out = from..begin.max(from);
        if quote.words.get(out.clone()).unwrap_or_default().iter().any(|word| word.counts()) {
            cuts.push((place, out));
        }
        from = places.get(n).map_or(quote.words.len(), |(_, lies)| lies.end);
    }
    cuts
}

impl Comparison {
    /// About which share of the claim is in the quote, 0 to 1; to rank by.
    pub fn share(&self) -> f32 {
        self.words.saturating_sub(self.differences) as f32 / self.words.max(1) as f32
    }

    /// What of the quote the claim leaves out.
    pub fn cuts(&self, quote: &Wording) -> Vec<Cut> {
        let cuts = cuts(quote, &self.places).into_iter();
        cuts.map(|(place, words)| Cut { place, text: quote.slice(words).to_owned() }).collect()
    }

    /// The two word by word, and how many of the claim's words are in the quote.
    pub fn diff(&self, claim: &Wording, quote: &Wording) -> Diff {
        let mut diff = Diff { pieces: Vec::new() };
        let mut from = 0;
        for (stretch, lies) in &self.places {
            diff.push(Side::Quote, 0..0, from..lies.start.max(from));
            from = lies.end.max(from);
            let key = |words: &Wording, range: &Range<usize>| -> Vec<String> {
                let words = words.words.get(range.clone()).unwrap_or_default();
                words.iter().map(|word| word.folded.clone()).collect()
            };
            let ops = capture_diff_slices(Algorithm::Myers, &key(claim, stretch), &key(quote, lies));
            for op in ops {
                diff.op(&op, stretch.start, lies.start);
            }
        }
        diff.push(Side::Quote, 0..0, from..quote.words.len().max(from));
        diff
    }
}

/// Claim and quote as runs of words that both have or one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    pieces: Vec<(Side, Range<usize>, Range<usize>)>,
}

impl Diff {
    fn op(&mut self, op: &DiffOp, claim: usize, quote: usize) {
        let shifted = |range: Range<usize>, by: usize| range.start + by..range.end + by;
        let (old, new) = (shifted(op.old_range(), claim), shifted(op.new_range(), quote));
        match op {
            DiffOp::Equal { .. } => self.push(Side::Both, old, new),
            DiffOp::Delete { .. } => self.push(Side::Claim, old, 0..0),
            DiffOp::Insert { .. } => self.push(Side::Quote, 0..0, new),
            DiffOp::Replace { .. } => {
                self.push(Side::Claim, old, 0..0);
                self.push(Side::Quote, 0..0, new);
            }
        }
    }

    fn push(&mut self, side: Side, claim: Range<usize>, quote: Range<usize>) {
        if !claim.is_empty() || !quote.is_empty() {
            self.pieces.push((side, claim, quote));
        }
    }

    /// The runs with their texts.
    pub fn segments(&self, claim: &Wording, quote: &Wording) -> Vec<Segment> {
        let text = |(side, theirs, ours): &(Side, Range<usize>, Range<usize>)| match side {
            Side::Claim => claim.slice(theirs.clone()).to_owned(),
            Side::Both | Side::Quote => quote.slice(ours.clone()).to_owned(),
        };
        self.pieces.iter().map(|piece| Segment { side: piece.0, text: text(piece) }).collect()
    }

    /// The share of the claim's words that the quote has too, 0 to 1.
    pub fn coverage(&self, claim: &Wording) -> f32 {
        let all = claim.counted();
        all.saturating_sub(self.lacking(claim)) as f32 / all.max(1) as f32
    }

    /// How many of the claim's words the quote has not.
    fn lacking(&self, claim: &Wording) -> usize {
        let pieces = self.pieces.iter().filter(|piece| piece.0 == Side::Claim);
        let words = pieces.flat_map(|piece| claim.words.get(piece.1.clone()).unwrap_or_default());
        words.filter(|word| word.counts()).count()
    }
}

#[cfg(test)]
mod tests;
