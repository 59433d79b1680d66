//! A long list of which gram stands in which variant, in five bytes each: a directory by the upper sixteen bits of the gram says
//! where its part of the list is, the list has the other eight. Nothing is added to a run; it is merged with another into a
//! third. What is taken out leaves a gap until then.

use super::grams::GRAMS;
use std::ops::Range;

/// Grams of one entry of the directory.
const TOGETHER: u32 = 1 << 8;

/// Entries of the directory.
const GROUPS: usize = (GRAMS / TOGETHER) as usize;

/// No variant: it was taken out.
const GAP: u32 = u32::MAX;

/// A list of grams and variants that ascends by gram.
pub(super) struct Run {
    /// Where each group of grams begins, and the end of the last.
    directory: Vec<u32>,
    lower: Vec<u8>,
    variants: Vec<u32>,
    gaps: usize,
}

impl Run {
    /// Of pairs that ascend by gram, so many of them.
    pub(super) fn new(pairs: impl Iterator<Item = (u32, u32)>, count: usize) -> Self {
        let mut directory = Vec::with_capacity(GROUPS + 1);
        let (mut lower, mut variants) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for (gram, variant) in pairs {
            directory.resize((gram / TOGETHER) as usize + 1, variants.len() as u32);
            lower.push((gram % TOGETHER) as u8);
            variants.push(variant);
        }
        directory.resize(GROUPS + 1, variants.len() as u32);
        Self { directory, lower, variants, gaps: 0 }
    }

    /// Both in one, without gaps.
    pub(super) fn merged(&self, other: &Self) -> Self {
        let (mut one, mut two) = (self.pairs().peekable(), other.pairs().peekable());
        let pairs = std::iter::from_fn(|| match (one.peek(), two.peek()) {
            (Some(first), Some(second)) if second.0 < first.0 => two.next(),
            (Some(_), _) => one.next(),
            (None, _) => two.next(),
        });
        Self::new(pairs, self.len() + other.len())
    }

    /// The same without gaps.
    pub(super) fn without_gaps(&self) -> Self {
        Self::new(self.pairs(), self.len())
    }

    /// The variants in which the gram stands.
    pub(super) fn of(&self, gram: u32) -> impl Iterator<Item = u32> {
        self.variants[self.range(gram)].iter().copied().filter(|variant| *variant != GAP)
    }

    /// Takes out that the gram stands in the variant; whether it was there.
    pub(super) fn remove(&mut self, gram: u32, variant: u32) -> bool {
        let range = self.range(gram);
        let found = self.variants[range].iter_mut().find(|known| **known == variant);
        let Some(found) = found else { return false };
        *found = GAP;
        self.gaps += 1;
        true
    }

    /// How many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.variants.len() - self.gaps
    }

    /// Whether a fair part of it is gaps.
    pub(super) fn is_worn(&self) -> bool {
        self.gaps * 4 > self.variants.len()
    }

    /// Bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.directory.capacity() * 4 + self.lower.capacity() + self.variants.capacity() * 4
    }

    fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        let groups = (0..GROUPS).flat_map(|group| self.group(group).map(move |at| (group as u32, at)));
        let pairs =
            groups.map(|(group, at)| (group * TOGETHER + u32::from(self.lower[at]), self.variants[at]));
        pairs.filter(|(_, variant)| *variant != GAP)
    }

    fn range(&self, gram: u32) -> Range<usize> {
        let Range { start, end } = self.group((gram / TOGETHER) as usize);
        let (group, lower) = (&self.lower[start..end], (gram % TOGETHER) as u8);
        let first = group.partition_point(|known| *known < lower);
        let count = group[first..].iter().take_while(|known| **known == lower).count();
        start + first..start + first + count
    }

    fn group(&self, group: usize) -> Range<usize> {
        self.directory[group] as usize..self.directory[group + 1] as usize
    }
}
