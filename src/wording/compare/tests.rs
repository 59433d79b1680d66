//! How claims fit quotes, and what the diff shows of it.

use super::*;
use crate::domain::annotation::QuoteType;
use proptest::collection::vec;
use proptest::prelude::*;

fn compared(claim: &str, quote: &str) -> (Comparison, Wording, Wording) {
    let (claim, quote) = (Wording::of_claim(claim), Wording::of_quote([quote], QuoteType::Mixed));
    let comparison = compare(&claim, &quote, &mut Effort::default()).unwrap();
    (comparison, claim, quote)
}

fn fit(claim: &str, quote: &str) -> Fit {
    compared(claim, quote).0.fit
}

/// The diff as `wdiff` shows it.
fn diff(claim: &str, quote: &str) -> String {
    let (comparison, claim, quote) = compared(claim, quote);
    let segments = comparison.diff(&claim, &quote).segments(&claim, &quote).into_iter();
    let shown = segments.map(|Segment { side, text }| match side {
        Side::Both => text,
        Side::Claim => format!("[-{text}-]"),
        Side::Quote => format!("{{+{text}+}}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}

const BRIDGE: &str =
    "that the old bridge will be closed to lorries in May, and nobody has asked the people of the island";

#[test]
fn claims_fit_as_the_rules_say() {
    let cases = [
        (
            "The old bridge will be closed to lorries in May, and nobody has asked the people of the island",
            Fit::Exact,
        ),
        (
            "That the old bridge will … be closed to lorries in May and nobody has asked the people of the island …",
            Fit::Exact,
        ),
        ("[It] will be closed to lorries in May, and nobody has asked the people of the island", Fit::Exact),
        (
            "The old bridge [near the school] will be closed to lorries in May and nobody [sic] has asked the people of the island",
            Fit::Exact,
        ),
        (
            "[t]he old bridge will be clos[ing] to lorries in May, and nobody has asked the people of the island",
            Fit::Exact,
        ),
        ("the old bridge will be closed to lorries in May", Fit::Partial),
        ("nobody has asked the people of the island", Fit::Partial),
        ("the old bridge will be closed … nobody has asked the people of the island", Fit::Partial),
        ("the old bridge will be closed to lorries nobody has asked the people of the island", Fit::Near),
        (
            "the new bridge will be closed to lorries in June, and nobody has asked the people of the island",
            Fit::Near,
        ),
        ("the old bridge will be opened", Fit::Near),
        ("the old … island", Fit::Far),
        ("the people of an old bridge", Fit::Far),
        ("the ferry sails at nine", Fit::Far),
        ("bridge", Fit::Partial),
        ("ferry", Fit::Far),
        ("", Fit::Far),
        ("[the old bridge]", Fit::Far),
    ];
    for (claim, expected) in cases {
        assert_eq!(fit(claim, BRIDGE), expected, "{claim}");
    }
}

#[test]
fn brackets_in_the_quote_stand_for_words_of_the_claim() {
    let quote = "We told [the mayor] that [t]he bridge is closed";
    assert_eq!(fit("We told Ada Quinn that the bridge is closed", quote), Fit::Exact);
    assert_eq!(fit("We told that the bridge is closed", quote), Fit::Exact);
    assert_eq!(fit("We told Ada Quinn that the old bridge is closed", quote), Fit::Near);
    let joker = "We [saw the mayor and] closed it";
    assert_eq!(fit("We never ever met anybody closed it", joker), Fit::Far, "brackets vouch for nothing");
}

#[test]
fn an_altered_letter_in_brackets_hides_no_other_word() {
    assert_eq!(fit("we [n]ever asked the people here", "we always asked the people here"), Fit::Near);
    assert_eq!(fit("we [N]ever asked the people here", "we never asked the people here"), Fit::Exact);
}

#[test]
fn the_diff_shows_both_sides_and_the_cuts_what_is_missing() {
    assert_eq!(
        diff(
            "the new bridge will be closed in May",
            "The old bridge will be closed to lorries in May, he fears"
        ),
        "The [-new-] {+old+} bridge will be closed {+to lorries+} in May {+he fears+}"
    );
    let (comparison, claim, quote) = compared("bridge will be closed … nobody has asked", BRIDGE);
    let cuts: Vec<(CutPlace, String)> =
        comparison.cuts(&quote).into_iter().map(|cut| (cut.place, cut.text)).collect();
    assert_eq!(
        cuts,
        [
            (CutPlace::Before, "that the old".to_owned()),
            (CutPlace::Inside, "to lorries in May, and".to_owned()),
            (CutPlace::After, "the people of the island".to_owned()),
        ]
    );
    assert_eq!(comparison.diff(&claim, &quote).coverage(&claim), 1.0);
}

#[test]
fn a_claim_lies_together_where_it_can() {
    assert_eq!(
        diff("we will wait", "We said that we will wait"),
        "{+We said that+} we will wait",
        "and not with its first word far in front"
    );
}

#[test]
fn work_without_end_is_not_begun() {
    let claim = Wording::of_claim(&"a ".repeat(4000));
    let quote = Wording::of_quote([&*"a b ".repeat(4000)], QuoteType::Direct);
    let mut effort = Effort::default();
    assert_eq!(compare(&claim, &quote, &mut effort), None);
    assert!(compare(&Wording::of_claim("a"), &quote, &mut effort).is_some(), "what is left is for others");
}

proptest! {
    #[test]
    fn every_fifth_word_altered_is_near(words in vec("[a-z]{2,6}", 5..60), first in 0..5usize) {
        let mut claim = words.clone();
        claim.iter_mut().skip(first).step_by(5).for_each(|word| *word = "0".into());
        prop_assert_eq!(fit(&claim.join(" "), &words.join(" ")), Fit::Near);
    }

    #[test]
    fn a_part_is_partial_and_the_whole_exact(words in vec("[a-z]{2,6}", 5..60), from in 0..30usize, until in 0..30usize) {
        let (from, until) = (from % words.len(), words.len() - until % words.len());
        prop_assume!(from < until && !words.iter().any(|word| word == "that" || word == "per"));
        let whole = fit(&words.join(" "), &words.join(" "));
        prop_assert_eq!(whole, Fit::Exact);
        let part = fit(&words[from..until].join(" "), &words.join(" "));
        prop_assert_eq!(part, if until - from == words.len() { Fit::Exact } else { Fit::Partial });
    }

    #[test]
    fn any_two_texts_compare(claim in "(\\PC|[a-c \\[\\]…]){0,60}", quote in "(\\PC|[a-c \\[\\]…]){0,60}") {
        let (comparison, claim, quote) = compared(&claim, &quote);
        let diff = comparison.diff(&claim, &quote);
        let coverage = diff.coverage(&claim);
        prop_assert!((0.0..=1.0).contains(&coverage));
        // Whatever is on either side is shown, once.
        let shown = |side: Side, wording: &Wording| -> usize {
            diff.pieces.iter().map(|piece| if side == Side::Claim { piece.1.len() } else { piece.2.len() }).sum::<usize>()
                .abs_diff(wording.words.len())
        };
        prop_assert_eq!(shown(Side::Claim, &claim), 0);
        prop_assert_eq!(shown(Side::Quote, &quote), 0);
    }
}
