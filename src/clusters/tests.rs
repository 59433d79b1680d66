//! What a book must hold: the clusters that follow from its items, whatever happened before. The oracle knows nothing but the
//! rule: it compares every item with every other.

use super::aligned::Aligned;
use super::differences::differences;
use super::grams::grams;
use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

type Items = BTreeMap<u64, Vec<u32>>;

/// One sequence as part of another.
type Way<'w> = (&'w [u32], &'w [u32]);

/// Whether the rule relates two sequences, by what it says: in one way or the other, if they are of one length.
fn related(rule: &Rule, one: &[u32], other: &[u32]) -> bool {
    let (shorter, longer) = (one.len().min(other.len()), one.len().max(other.len()));
    let ways: Vec<Way> =
        vec![(one, other), (other, one)].into_iter().filter(|way| way.0.len() == shorter).collect();
    let shares = |(part, whole): &Way| {
        let (runs, others) = (grams(part, rule.gram), grams(whole, rule.gram));
        runs.iter().filter(|gram| others.contains(gram)).count() >= rule.share(part.len(), runs.len())
    };
    let most = rule.differences(shorter, longer);
    let close = |(part, whole): &Way| most.is_some_and(|most| differences(part, whole) <= most);
    shorter >= rule.shortest
        && Aligned::new(one).common(other) >= rule.common(shorter)
        && ways.iter().any(shares)
        && ways.iter().any(close)
}

/// The clusters of these items: each its keys.
fn oracle(rule: &Rule, items: &Items) -> BTreeSet<BTreeSet<u64>> {
    let mut clusters: Vec<BTreeSet<u64>> = Vec::new();
    for (key, words) in items {
        let near = |other: &u64| related(rule, words, &items[other]);
        let (joined, rest): (Vec<_>, Vec<_>) =
            clusters.into_iter().partition(|cluster| cluster.iter().any(near));
        clusters = rest;
        clusters.push(joined.into_iter().flatten().chain([*key]).collect());
    }
    clusters.into_iter().collect()
}

/// The clusters that the book has of these keys.
fn clusters(book: &Book, keys: impl IntoIterator<Item = u64>) -> BTreeSet<BTreeSet<u64>> {
    let (mut alone, mut together) = (Vec::new(), BTreeMap::<Cluster, BTreeSet<u64>>::new());
    for key in keys {
        match book.variant_of(key) {
            None => alone.push(BTreeSet::from([key])),
            Some(variant) => {
                together.entry(book.clusters().of(variant)).or_default().insert(key);
            }
        }
    }
    alone.into_iter().chain(together.into_values()).collect()
}

fn book(items: &Items) -> Book {
    let mut book = Book::with_head(Rule::QUOTES, 32);
    book.update([], items.iter().map(|(key, words)| (*key, words.clone())));
    book
}

/// The words of a sentence.
fn said(sentence: &str) -> Vec<u32> {
    tokens(0, &sentence.split_whitespace().collect::<Vec<&str>>())
}

/// The clusters of these sentences, whose keys are their places.
fn of(sentences: &[&str]) -> Vec<Vec<u64>> {
    let items: Items = (0..).zip(sentences.iter().map(|sentence| said(sentence))).collect();
    clusters(&book(&items), 0..items.len() as u64)
        .into_iter()
        .map(|keys| keys.into_iter().collect())
        .collect()
}

const TEN: &str = "we will wait until the last ship has come home";

#[test]
fn the_same_words_are_one_variant() {
    let book = book(&Items::from([(1, said(TEN)), (2, said(TEN)), (3, (0..10).collect())]));
    assert_eq!(book.variant_of(1), book.variant_of(2));
    assert_ne!(book.variant_of(1), book.variant_of(3));
    assert_eq!(book.variant_of(4), None);
}

#[test]
fn a_fifth_may_differ_and_not_more() {
    let fifth = "we will wait until the first ship has come back";
    let third = "we must wait until the first ship has come back";
    assert_eq!(of(&[TEN, fifth]), [vec![0, 1]]);
    assert_eq!(of(&[TEN, third]), [vec![0], vec![1]]);
}

#[test]
fn a_small_part_belongs_to_its_whole_if_it_stands_there_word_for_word() {
    let part = "wait until the last ship has come home";
    let altered = "wait until the first ship has come home";
    let longer = "she said yesterday that we will wait until the last ship has come home and";
    assert_eq!(of(&[part, longer]), [vec![0, 1]]);
    assert_eq!(of(&[altered, longer]), [vec![0, 1]]);
    let much_longer = format!("{longer} not a day longer than we all must");
    assert_eq!(of(&[part, &much_longer]), [vec![0, 1]]);
    assert_eq!(of(&[altered, &much_longer]), [vec![0], vec![1]], "less than two fifths of it");
}

#[test]
fn words_that_are_strewn_are_no_part() {
    let part = "wait until the last ship has come home";
    let strewn = "you all wait until the last ship and then on that day all has at last come home";
    assert_eq!(of(&[part, strewn]), [vec![0], vec![1]]);
}

#[test]
fn few_words_are_alone_even_if_they_are_the_same() {
    let few = "we will wait until the ship comes";
    assert_eq!(of(&[few, few]), [vec![0], vec![1]]);
}

#[test]
fn other_seeds_never_meet() {
    let words: Vec<&str> = TEN.split(' ').collect();
    let book = book(&Items::from([(1, tokens(1, &words)), (2, tokens(2, &words))]));
    assert_eq!(clusters(&book, [1, 2]).len(), 2);
}

#[test]
fn without_the_bridge_both_sides_are_for_themselves() {
    let (first, second): (Vec<u32>, Vec<u32>) = ((0..12).collect(), (20..32).collect());
    let both = [first.clone(), second.clone()].concat();
    let mut book = book(&Items::from([(1, first.clone()), (2, both.clone()), (3, second), (4, first)]));
    let bridged = book.clusters();
    let variants: Vec<Variant> = [1, 3].into_iter().filter_map(|key| book.variant_of(key)).collect();
    assert_eq!(clusters(&book, 1..=4).len(), 1);
    book.update([2], []);
    assert_eq!(clusters(&book, [1, 3, 4]), [[1, 4].into(), [3].into()].into());
    assert_eq!(bridged.of(variants[0]), bridged.of(variants[1]), "who reads goes on with what they had");
    book.update([], [(5, both)]);
    assert_eq!(clusters(&book, [1, 3, 4, 5]).len(), 1);
}

#[test]
fn a_number_that_is_used_again_changes_nothing_that_was_read() {
    let (first, second): (Vec<u32>, Vec<u32>) = ((0..12).collect(), (0..13).collect());
    let mut book = book(&Items::from([(1, first), (2, second.clone())]));
    let (before, gone) = (book.clusters(), book.variant_of(1));
    let kept = book.variant_of(2);
    book.update([1], []);
    book.update([], [(3, (50..60).collect())]);
    assert_eq!(book.variant_of(3), gone, "the number is used again");
    assert_eq!(gone.map(|variant| before.of(variant)), kept.map(|variant| before.of(variant)));
    assert_eq!(clusters(&book, [2, 3]).len(), 2);
}

#[test]
fn what_goes_and_comes_back_in_one_update_keeps_its_number() {
    let mut book = book(&Items::from([(1, said(TEN)), (2, said(TEN))]));
    let before = book.variant_of(1);
    book.update([1, 2], [(3, said(TEN)), (3, (0..10).collect()), (4, said(TEN)), (5, vec![])]);
    assert_eq!((book.variant_of(4), book.variant_of(1)), (before, None));
    assert_eq!(clusters(&book, [3, 4, 5]).len(), 3);
    book.update([4], [(4, vec![]), (6, (0..20).collect()), (6, vec![])]);
    assert_eq!(clusters(&book, [3, 4, 5, 6]).len(), 4);
}

/// One of many sequences of which many are nearly the same: a stretch of a few long texts, some words altered.
fn sequence() -> impl Strategy<Value = Vec<u32>> {
    let stretch = (0u32..3, 0usize..12, 6usize..24);
    let edits = prop::collection::vec((0usize..24, 0u32..4), 0..5);
    (stretch, edits).prop_map(|((text, begin, length), edits)| {
        // Words repeat within a text and are shared between texts.
        let mut words: Vec<u32> = (0..36).map(|at| (at * (text + 2) + at / 7) % 13).collect();
        words = words[begin..begin + length].to_vec();
        for (at, word) in edits {
            let at = at % words.len();
            match word {
                0 => words.insert(at, 90),
                1 if words.len() > 1 => drop(words.remove(at)),
                word => words[at] = word + 100,
            }
        }
        words
    })
}

/// Which keys go, and which come with which words.
type Update = (Vec<u64>, Vec<(u64, Vec<u32>)>);

fn updates() -> impl Strategy<Value = Vec<Update>> {
    let removed = prop::collection::vec(0u64..40, 0..8);
    let added = prop::collection::vec((0u64..40, sequence()), 0..8);
    prop::collection::vec((removed, added), 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn clusters_follow_from_the_items_alone(updates in updates(), gram in prop::sample::select(vec![1usize, 3])) {
        let rule = Rule { gram, ..Rule::QUOTES };
        let (mut book, mut items) = (Book::with_head(rule, 32), Items::new());
        for (removed, added) in updates {
            items.retain(|key, _| !removed.contains(key));
            items.extend(added.iter().cloned());
            book.update(removed, added);
            let found = clusters(&book, items.keys().copied());
            prop_assert_eq!(&found, &oracle(&rule, &items));
        }
        let mut rebuilt = Book::new(rule);
        for (key, words) in items.iter().rev() {
            rebuilt.update([], [(*key, words.clone())]);
        }
        let keys = || items.keys().copied();
        prop_assert_eq!(clusters(&rebuilt, keys()), clusters(&book, keys()));
    }

    #[test]
    fn what_was_read_is_what_it_was(updates in updates()) {
        let mut book = Book::with_head(Rule::QUOTES, 32);
        let mut read = Vec::new();
        for (removed, added) in updates {
            book.update(removed, added);
            let variants: Vec<Variant> = (0..40).filter_map(|key| book.variant_of(key)).collect();
            let then: Vec<Cluster> = variants.iter().map(|variant| book.clusters().of(*variant)).collect();
            read.push((book.clusters(), variants, then));
        }
        for (clusters, variants, then) in read {
            prop_assert_eq!(variants.into_iter().map(|variant| clusters.of(variant)).collect::<Vec<_>>(), then);
        }
    }
}
