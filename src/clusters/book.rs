//! All items and their clusters, kept up as items come and go. What an update costs depends on what it changes, not on how many
//! items there are: who comes is compared with those that share grams, and only clusters that lost a member are looked at again.

use super::aligned::Aligned;
use super::differences::differences;
use super::postings::HEAD;
use super::probe::Probe;
use super::rings::{Clusters, Rings};
use super::rule::Rule;
use super::split::pieces;
use super::variants::{Variant, Variants};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The items, and which of them say the same.
pub struct Book {
    rule: Rule,
    items: HashMap<u64, u32>,
    variants: Variants,
    probe: Probe,
    rings: Rings,
}

/// A cluster that loses members.
struct Broken {
    /// Who stays.
    left: Vec<u32>,
    /// Who of these was related to one that goes.
    bereft: BTreeSet<u32>,
}

impl Book {
    /// Without items.
    pub fn new(rule: Rule) -> Self {
        Self::with_head(rule, HEAD)
    }

    /// Without items; so many pairs are gathered before they are sorted in.
    pub(super) fn with_head(rule: Rule, head: usize) -> Self {
        let (variants, probe) = (Variants::new(head), Probe::new(rule.gram, head));
        Self { rule, items: HashMap::new(), variants, probe, rings: Rings::default() }
    }

    /// Takes items out by their keys, and puts others in: a key and the numbers of its words. An item whose key is known takes
    /// the place of the one that had it; of several with one key the last stays. Items that come and go together should
    /// be one update, as every cluster that loses some is looked at once.
    pub fn update(
        &mut self,
        removed: impl IntoIterator<Item = u64>,
        added: impl IntoIterator<Item = (u64, Vec<u32>)>,
    ) {
        let (mut left, mut fresh) = (BTreeSet::new(), Vec::new());
        for key in removed {
            left.extend(self.take_out(key));
        }
        for (key, words) in added {
            left.extend(self.take_out(key));
            self.put_in(key, &words, &mut fresh);
        }
        // What came back with the same words did not go.
        left.retain(|number| self.variants.items(*number) == 0);
        fresh.retain(|number| !left.contains(number));
        if !left.is_empty() {
            self.lose(&left);
        }
        fresh.into_iter().for_each(|number| self.relate(number));
    }

    /// The variant of an item. None if there is no such item, or it has too few words: it is alone.
    pub fn variant_of(&self, key: u64) -> Option<Variant> {
        self.items.get(&key).map(|number| Variant(*number))
    }

    /// The clusters as they are now. Costs nothing; but the next update that changes clusters while somebody holds these copies
    /// four bytes for each variant.
    pub fn clusters(&self) -> Clusters {
        self.rings.clusters()
    }

    /// Bytes in memory, about.
    pub fn bytes(&self) -> usize {
        // A table of eight slots is full with seven, and has a byte beside each.
        let items = self.items.capacity() / 7 * 8 * (size_of::<(u64, u32)>() + 1);
        items + self.variants.bytes() + self.probe.bytes() + self.rings.bytes()
    }

    /// Takes an item out; its variant, if it was the last one of it.
    fn take_out(&mut self, key: u64) -> Option<u32> {
        let number = self.items.remove(&key)?;
        let items = self.variants.items_mut(number);
        *items -= 1;
        (*items == 0).then_some(number)
    }

    /// Puts an item in; its variant goes to `fresh` if it is new.
    fn put_in(&mut self, key: u64, words: &[u32], fresh: &mut Vec<u32>) {
        if words.len() < self.rule.shortest {
            return;
        }
        let known = self.variants.find(words);
        let Some(number) = known.or_else(|| self.variants.keep(words, &self.rule)) else { return };
        if known.is_none() {
            self.rings.make_place(number);
            fresh.push(number);
        }
        *self.variants.items_mut(number) += 1;
        self.items.insert(key, number);
    }

    /// Puts a new variant where it belongs.
    fn relate(&mut self, number: u32) {
        let candidates = self.probe.candidates(number, &self.variants);
        self.probe.insert(number, &self.variants);
        let mut aligned = None;
        for other in candidates {
            if !self.rings.together(number, other) && self.are_related(number, other, &mut aligned) {
                self.rings.join(number, other);
            }
        }
    }

    /// Forgets variants, and takes apart the clusters that only they held together.
    fn lose(&mut self, gone: &BTreeSet<u32>) {
        let broken = self.broken(gone);
        for number in gone {
            self.probe.remove(*number, &self.variants);
            self.variants.forget(*number);
            self.rings.form(&[*number]);
        }
        for Broken { left, bereft } in broken {
            for piece in pieces(left, bereft, |number, wanted| self.related(number, wanted)) {
                self.rings.form(&piece);
            }
        }
        self.probe.tidy();
        self.variants.tidy();
    }

    /// The clusters of more than one variant that lose some of these.
    fn broken(&mut self, gone: &BTreeSet<u32>) -> Vec<Broken> {
        let mut broken: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for number in gone {
            if !self.rings.is_alone(*number) {
                let bereft = self.related(*number, &|other| !gone.contains(&other));
                broken.entry(self.rings.root(*number)).or_default().extend(bereft);
            }
        }
        let left = |root| self.rings.members(root).filter(|member| !gone.contains(member)).collect();
        broken.into_iter().map(|(root, bereft)| Broken { left: left(root), bereft }).collect()
    }

    /// Those among the `wanted` to whom a variant is related.
    fn related(&mut self, number: u32, wanted: &dyn Fn(u32) -> bool) -> Vec<u32> {
        let mut candidates = self.probe.candidates(number, &self.variants);
        let mut aligned = None;
        candidates.retain(|other| wanted(*other) && self.are_related(number, *other, &mut aligned));
        candidates
    }

    /// Whether a variant is related to another that shares enough grams with it. The variant is laid out once, if at all.
    fn are_related(&self, number: u32, other: u32, aligned: &mut Option<Aligned>) -> bool {
        let (one, other) = (self.variants.words(number), self.variants.words(other));
        let (shorter, longer) = (one.len().min(other.len()), one.len().max(other.len()));
        let Some(differences) = self.rule.differences(shorter, longer) else { return false };
        let aligned = aligned.get_or_insert_with(|| Aligned::new(one));
        let common = aligned.common(other);
        // If all of the longer one differs little, no part of it needs to be looked for: so it is with most copies.
        let close = || shorter + longer - 2 * common <= differences || is_close(one, other, differences);
        common >= self.rule.common(shorter) && close()
    }
}

/// Whether the shorter one lies somewhere in the longer one with no more differences.
fn is_close(one: &[u32], other: &[u32], most: usize) -> bool {
    let near = |part, whole| differences(part, whole) <= most;
    match one.len().cmp(&other.len()) {
        Ordering::Less => near(one, other),
        Ordering::Equal => near(one, other) || near(other, one),
        Ordering::Greater => near(other, one),
    }
}
