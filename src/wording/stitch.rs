//! Which parts of a claim stand, word for word, in which of several quotes: the fewest parts that cover the most of it.

use super::compare::Effort;
use super::rules::PART_LEAST_WORDS;
use super::words::Wording;
use std::collections::HashMap;
use std::ops::Range;

/// A part of a claim, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The number of the quote.
    pub source: usize,
    /// Words of the claim.
    pub claim: Range<usize>,
    /// The same words of the quote.
    pub quote: Range<usize>,
}

/// The longest run that ends at a word of the claim.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    length: usize,
    source: usize,
    /// Just behind it, in the quote.
    end: usize,
}

/// The parts, in the claim's order. Quotes that come first are preferred. Those for which the effort does not suffice are left out.
pub fn parts(claim: &Wording, quotes: &[&Wording], effort: &mut Effort) -> Vec<Part> {
    let mut longest = vec![Run::default(); claim.words.len()];
    let mut at: HashMap<&str, Vec<usize>> = HashMap::new();
    for (n, word) in claim.words.iter().enumerate() {
        at.entry(&word.folded).or_default().push(n);
    }
    for (source, quote) in quotes.iter().enumerate() {
        if effort.take(claim.words.len(), quote.words.len()) {
            runs_of(quote, source, &at, &mut longest);
        }
    }
    cover(claim, &longest)
}

/// Notes the runs that a quote shares with the claim, where they are the longest so far.
fn runs_of(quote: &Wording, source: usize, at: &HashMap<&str, Vec<usize>>, longest: &mut [Run]) {
    let (mut before, mut now) = (vec![0; longest.len()], vec![0; longest.len()]);
    for (end, word) in quote.words.iter().enumerate() {
        let places = at.get(word.folded.as_str()).map(Vec::as_slice).unwrap_or_default();
        for &n in places {
            let length = 1 + n.checked_sub(1).map_or(0, |last| before[last]);
            now[n] = length;
            if length > longest[n].length {
                longest[n] = Run { length, source, end: end + 1 };
            }
        }
        std::mem::swap(&mut before, &mut now);
        now.fill(0);
    }
}

/// The cover with the most words, less one for each part, so that one long part is better than two halves.
fn cover(claim: &Wording, longest: &[Run]) -> Vec<Part> {
    // For the words up to each: what is covered, and the length of the part that ends there.
    let mut best: Vec<(usize, usize)> = vec![(0, 0)];
    for (n, run) in longest.iter().enumerate() {
        let mut chosen = (best[n].0, 0);
        for length in (PART_LEAST_WORDS..=run.length).rev() {
            let score = best[n + 1 - length].0 + length - 1;
            if score > chosen.0 {
                chosen = (score, length);
            }
        }
        best.push(chosen);
    }
    let (mut parts, mut end) = (Vec::new(), claim.words.len());
    while end > 0 {
        let length = best[end].1;
        if length == 0 {
            end -= 1;
            continue;
        }
        let Run { source, end: behind, .. } = longest[end - 1];
        parts.push(Part { source, claim: end - length..end, quote: behind - length..behind });
        end -= length;
    }
    parts.reverse();
    parts
}

/// The words that the parts cover and that count.
pub fn covered(claim: &Wording, parts: &[Part]) -> usize {
    let words = parts.iter().flat_map(|part| claim.words.get(part.claim.clone()).unwrap_or_default());
    words.filter(|word| word.counts()).count()
}

/// Runs of words that no part covers, long enough to be one.
pub fn uncovered(claim: &Wording, parts: &[Part]) -> Vec<Range<usize>> {
    let begins = parts.iter().map(|part| part.claim.start).chain([claim.words.len()]);
    let mut from = 0;
    let ends: Vec<usize> = parts.iter().map(|part| part.claim.end).chain([claim.words.len()]).collect();
    let gaps = begins.zip(ends).map(|(begin, end)| std::mem::replace(&mut from, end)..begin);
    gaps.filter(|gap| gap.len() >= PART_LEAST_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::annotation::QuoteType;

    fn parts_of(claim: &str, quotes: &[&str]) -> Vec<(usize, String)> {
        let claim = Wording::of_claim(claim);
        let quotes: Vec<Wording> =
            quotes.iter().map(|text| Wording::of_quote([*text], QuoteType::Direct)).collect();
        let found = parts(&claim, &quotes.iter().collect::<Vec<_>>(), &mut Effort::default());
        found.into_iter().map(|part| (part.source, claim.slice(part.claim).to_owned())).collect()
    }

    #[test]
    fn parts_are_long_and_few() {
        let quotes =
            ["the ferry will run again in May", "we close the old bridge for good", "the old bridge"];
        let found =
            parts_of("The ferry will run again, for good, on Friday: the old bridge for good", &quotes);
        let expected = [(0, "The ferry will run again"), (1, "the old bridge for good")];
        assert_eq!(found, expected.map(|(source, text)| (source, text.to_owned())));
        assert_eq!(parts_of("the old bridge", &quotes), [], "three words are nobody's");
        assert_eq!(parts_of("", &quotes), []);
    }

    #[test]
    fn of_two_that_hold_a_part_the_first_is_named() {
        let quotes = ["nobody was hurt in the fire", "nobody was hurt in the fire"];
        assert_eq!(parts_of("nobody was hurt in the fire", &quotes)[0].0, 0);
    }

    #[test]
    fn what_no_part_covers_is_told_where_it_is_long_enough() {
        let claim = Wording::of_claim("one two three four five six seven eight nine");
        let part = Part { source: 0, claim: 4..8, quote: 0..4 };
        let gaps = |parts: &[Part]| -> Vec<(usize, usize)> {
            uncovered(&claim, parts).into_iter().map(|gap| (gap.start, gap.end)).collect()
        };
        assert_eq!(gaps(std::slice::from_ref(&part)), [(0, 4)]);
        assert_eq!(covered(&claim, &[part]), 4);
        assert_eq!(gaps(&[]), [(0, 9)]);
    }
}
