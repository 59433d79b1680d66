//! Which gram stands in which variants. New pairs go into a small ordered set; when that is full it becomes a [`Run`], and runs
//! of about one length are merged, so that there are but a few, each much longer than the next. Pairs that are taken out are
//! gone at once: a number that is given to another variant brings nothing along.

use super::run::Run;
use std::collections::BTreeSet;

/// Pairs in the ordered set. A run has a directory of a quarter of a megabyte, for which shorter ones would be too many.
pub(super) const HEAD: usize = 1 << 16;

/// Grams and variants.
pub(super) struct Postings {
    head: BTreeSet<(u32, u32)>,
    /// How many pairs the head holds at most.
    limit: usize,
    /// The longest first.
    runs: Vec<Run>,
}

impl Postings {
    /// None yet, with so many pairs in the head at most.
    pub(super) fn new(limit: usize) -> Self {
        Self { head: BTreeSet::new(), limit, runs: Vec::new() }
    }

    pub(super) fn insert(&mut self, gram: u32, variant: u32) {
        self.head.insert((gram, variant));
        if self.head.len() >= self.limit {
            self.flush();
        }
    }

    pub(super) fn remove(&mut self, gram: u32, variant: u32) {
        let _ =
            self.head.remove(&(gram, variant)) || self.runs.iter_mut().any(|run| run.remove(gram, variant));
    }

    /// Gives back what removed pairs took, where it is worth it.
    pub(super) fn tidy(&mut self) {
        for run in self.runs.iter_mut().filter(|run| run.is_worn()) {
            *run = run.without_gaps();
        }
        self.runs.retain(|run| run.len() > 0);
        self.merge();
    }

    /// The variants in which the gram stands.
    pub(super) fn of(&self, gram: u32) -> impl Iterator<Item = u32> {
        let head = self.head.range((gram, 0)..=(gram, u32::MAX)).map(|(_, variant)| *variant);
        head.chain(self.runs.iter().flat_map(move |run| run.of(gram)))
    }

    /// Bytes in memory, about.
    pub(super) fn bytes(&self) -> usize {
        // Nodes of the set hold up to eleven pairs and are two thirds full.
        self.head.len() * 13 + self.runs.iter().map(Run::bytes).sum::<usize>()
    }

    fn flush(&mut self) {
        let head = std::mem::take(&mut self.head);
        let count = head.len();
        self.runs.push(Run::new(head.into_iter(), count));
        self.merge();
    }

    /// Until each run is more than twice as long as the next.
    fn merge(&mut self) {
        self.runs.sort_by_key(|run| std::cmp::Reverse(run.len()));
        while let [.., long, short] = &self.runs[..]
            && long.len() <= 2 * short.len()
        {
            let merged = long.merged(short);
            self.runs.truncate(self.runs.len() - 2);
            self.runs.push(merged);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_was_put_in_and_not_taken_out_is_there(
            steps in prop::collection::vec((any::<bool>(), 0u32..8, 0u32..40), 0..400),
        ) {
            let (mut postings, mut known) = (Postings::new(16), BTreeSet::new());
            for (at, (put, gram, variant)) in steps.into_iter().enumerate() {
                // Grams of few groups and of many.
                let gram = gram * 100_003;
                match put && known.insert((gram, variant)) {
                    true => postings.insert(gram, variant),
                    false => {
                        known.remove(&(gram, variant));
                        postings.remove(gram, variant);
                    }
                }
                if at % 16 == 0 {
                    postings.tidy();
                }
            }
            for gram in (0..8).map(|gram| gram * 100_003) {
                let mut found: Vec<u32> = postings.of(gram).collect();
                found.sort_unstable();
                let right: Vec<u32> = known.iter().filter(|pair| pair.0 == gram).map(|pair| pair.1).collect();
                prop_assert_eq!(found, right);
            }
        }
    }

    #[test]
    fn runs_are_few_and_worn_ones_go() {
        let mut postings = Postings::new(16);
        (0..4096).for_each(|variant| postings.insert(variant * 31, variant));
        assert!(postings.runs.len() <= 8, "{}", postings.runs.len());
        (0..4096).for_each(|variant| postings.remove(variant * 31, variant));
        postings.tidy();
        assert!(postings.runs.is_empty());
    }
}
