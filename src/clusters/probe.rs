//! Which variants share enough grams with one to be worth a comparison of words. Every place of every gram is walked, so that
//! nobody is missed who shares as many as the rule asks for.

use super::grams::grams;
use super::postings::Postings;
use super::variants::Variants;

/// The grams of all variants that can be found.
pub(super) struct Probe {
    postings: Postings,
    /// How many words a gram has.
    length: usize,
    /// For each variant how many grams it shares; zero but while one is probed.
    counts: Vec<u32>,
}

impl Probe {
    pub(super) fn new(length: usize, head: usize) -> Self {
        Self { postings: Postings::new(head), length, counts: Vec::new() }
    }

    /// From now on the variant is found.
    pub(super) fn insert(&mut self, number: u32, variants: &Variants) {
        for gram in grams(variants.words(number), self.length) {
            self.postings.insert(gram, number);
        }
    }

    /// From now on the variant is not found.
    pub(super) fn remove(&mut self, number: u32, variants: &Variants) {
        for gram in grams(variants.words(number), self.length) {
            self.postings.remove(gram, number);
        }
    }

    /// Gives back what removed variants took, where it is worth it.
    pub(super) fn tidy(&mut self) {
        self.postings.tidy();
    }

    /// The others that share enough grams with a variant.
    pub(super) fn candidates(&mut self, number: u32, variants: &Variants) -> Vec<u32> {
        self.counts.resize(self.counts.len().max(variants.end()), 0);
        let mut touched = Vec::new();
        for gram in grams(variants.words(number), self.length) {
            for other in self.postings.of(gram) {
                let count = &mut self.counts[other as usize];
                if *count == 0 {
                    touched.push(other);
                }
                *count += 1;
            }
        }
        touched.retain(|other| {
            let shared = std::mem::take(&mut self.counts[*other as usize]);
            *other != number && shared >= variants.share(number, *other)
        });
        touched
    }

    /// Bytes in memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.postings.bytes() + self.counts.capacity() * 4
    }
}
