//! Where a search stops that nobody waits for any more.

use super::*;
use crate::ports::Over;
use error::IndexError;
use pool::Seam;
use std::cell::Cell;

/// How often a search looks up whether anybody waits; at each look, somebody may have gone.
fn looks(view: &View, query: &str, order: Order, page: &PageRequest) -> usize {
    let entities = Resolved::default();
    let (filter, fold) = (text(query), super::Fold::Nothing);
    let query = QuoteQuery { within: news().into(), filter, entities, order, fold, explain: false };
    let caller = caller();
    for patience in 0.. {
        let asked = Cell::new(0);
        let gone = || asked.replace(asked.get() + 1) >= patience;
        match view.snapshot().quotes(&query, page, &Seam::new(&caller, &gone)) {
            Err(IndexError::Over(Over::Cancelled)) => {
                assert_eq!(asked.get(), patience + 1, "it stops where it learns of it");
            }
            Ok(_) => return patience,
            Err(error) => panic!("{error}"),
        }
    }
    unreachable!("patience is endless")
}

#[test]
fn a_search_stops_between_segments_steps_and_hits() {
    let fixture = Fixture::new();
    for n in 0..2 {
        let many = vec!["The same words."; 600];
        fixture.put(&[document(&format!("d{n}"), &many)], n + 1);
    }
    let view = fixture.index.shared.view().unwrap();
    for order in [Order::Relevance, Order::NewestFirst] {
        let one = looks(&view, "words", order, &page(1));
        let hundred = looks(&view, "words", order, &page(100));
        assert_eq!(hundred - one, 99, "once a hit");
        assert!(one > 3, "once a segment, a hit, and a few hundred steps: {one}");
    }
}

#[test]
fn words_of_one_letter_are_gathered_only_while_somebody_waits() {
    let fixture = Fixture::new();
    let words: Vec<String> = (0..2000).map(|n| format!("w{n}")).collect();
    let one = words.join(" ");
    fixture.put(&[document("a", &[&one])], 1);
    assert!(looks(&fixture.index.shared.view().unwrap(), "w*", Order::Relevance, &page(1)) > 2000 / 512);
}
