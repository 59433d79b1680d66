//! Pages: neither overlaps nor gaps, whatever the ties, the segments, and the writes between.

use super::*;
use proptest::prelude::*;

/// All pages of a search over one view, `size` hits at a time.
fn paged(view: &dyn SearchView, filter: &QuoteFilter, order: Order, size: usize) -> Vec<String> {
    let mut all = Vec::new();
    let mut request = page(size);
    loop {
        let found = ask_quotes(view, filter, &Resolved::default(), order, &request).unwrap();
        assert!(found.hits.len() == size || !found.more);
        all.extend(found.hits.iter().map(|(hit, _)| short(hit)));
        request.after = found.hits.last().map(|(_, cursor)| cursor.clone());
        if !found.more {
            assert_eq!(found.total, all.len() as u64);
            return all;
        }
    }
}

#[test]
fn pages_over_ties_neither_overlap_nor_skip_whatever_the_segments() {
    let fixture = Fixture::new();
    for n in 0..6 {
        let documents: Vec<_> = (0..4)
            .map(|m| {
                let texts: Vec<String> = (0..12).map(|q| format!("The same words {}", q % 2)).collect();
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let mut stored = document(&format!("d{}", m * 6 + n), &texts);
                stored.info.published_at = (m > 0).then(|| at((m % 2) as i64));
                stored.info.seq = (n * 4 + m + 1) as Seq;
                stored
            })
            .collect();
        fixture.put(&documents, n as Seq + 1);
    }
    let view = fixture.view();
    let by_order = [
        (text("same"), Order::Relevance),
        (text("same"), Order::Recent { half_life: 86_400 }),
        (QuoteFilter::default(), Order::Relevance),
        (QuoteFilter::default(), Order::NewestFirst),
        (text("words"), Order::OldestFirst),
    ];
    for (filter, order) in by_order {
        let whole = paged(view.as_ref(), &filter, order, 1000);
        assert_eq!(whole.len(), 24 * 12);
        for size in [1, 7, 100] {
            assert_eq!(paged(view.as_ref(), &filter, order, size), whole, "{order:?} {size}");
        }
    }
    let oldest = paged(view.as_ref(), &QuoteFilter::default(), Order::OldestFirst, 1000);
    let first: Vec<String> = (1..=12).map(|q| format!("d12/q{q}")).collect();
    assert_eq!(oldest[..12], first, "ties fall by the change, then by the text");
    assert!(oldest.last().unwrap().starts_with("d5/"), "undated last, the youngest change behind");
}

#[test]
fn age_counts_against_relevance_as_much_as_is_asked_for() {
    let fixture = Fixture::new();
    let texts = [
        ("old", "A harbour is a harbour", Some(0)),
        ("new", "The harbour will be closed", Some(100)),
        ("undated", "A harbour", None),
    ];
    let documents = in_turn(texts.map(|(id, text, published)| {
        let mut stored = document(id, &[text]);
        stored.info.published_at = published.map(|days: i64| Timestamp { seconds: days * 86_400, nanos: 0 });
        stored
    }));
    fixture.put(&documents, 3);
    let view = fixture.view();
    let ask =
        |days: u64| paged(view.as_ref(), &text("harbour"), Order::Recent { half_life: days * 86_400 }, 1);
    assert_eq!(
        ask(10),
        ["new/q1", "old/q1", "undated/q1"],
        "ten half-lives are more than any match is better"
    );
    assert_eq!(ask(10_000), ["old/q1", "new/q1", "undated/q1"], "a hundredth of one is less");
}

#[test]
fn a_page_is_closed_by_bytes_and_goes_on_from_there() {
    let long = "word ".repeat(500);
    let fixture = Fixture::with(&[document("a", &["word", &long, &long, "word"])]);
    let (view, filter) = (fixture.view(), QuoteFilter::default());
    let mut request = PageRequest { bytes: 2000, ..page(100) };
    let mut sizes = Vec::new();
    loop {
        let found =
            ask_quotes(view.as_ref(), &filter, &Resolved::default(), Order::OldestFirst, &request).unwrap();
        assert_eq!(found.total, 4);
        sizes.push(found.hits.len());
        request.after = found.hits.last().map(|(_, cursor)| cursor.clone());
        if !found.more {
            break;
        }
    }
    assert_eq!(sizes, [1, 1, 1, 1], "a first result may exceed it alone");
}

#[test]
fn cursors_of_another_make_are_refused() {
    let fixture = Fixture::with(&[document("a", &["Words.", "More words."])]);
    let (view, filter) = (fixture.view(), text("words"));
    let of = |view: &dyn SearchView, order| {
        let found = ask_quotes(view, &filter, &Resolved::default(), order, &page(1)).unwrap();
        found.hits[0].1.clone()
    };
    let good = of(view.as_ref(), Order::Relevance);
    fixture.apply(vec![], 2);
    let foreign = of(fixture.view().as_ref(), Order::Relevance);
    let other = of(view.as_ref(), Order::NewestFirst);
    let short = Cursor(good.0[1..].to_vec());
    for cursor in [Cursor(vec![]), Cursor(vec![1, 2, 3]), foreign, other, short] {
        let request = PageRequest { after: Some(cursor), ..page(1) };
        let found = ask_quotes(view.as_ref(), &filter, &Resolved::default(), Order::Relevance, &request);
        assert!(matches!(found, Err(PortError::Query(crate::ports::QueryFault::Cursor))));
        assert!(ask_entities(view.as_ref(), &EntityFilter::default(), &request).is_err());
    }
    let request = PageRequest { after: Some(good), ..page(1) };
    assert!(ask_quotes(view.as_ref(), &filter, &Resolved::default(), Order::Relevance, &request).is_ok());
}

#[test]
fn entities_are_paged_in_the_order_of_their_ids_where_their_counts_tie() {
    let fixture = Fixture::new();
    let ids: Vec<String> = (0..40).map(|n| format!("e{}", n * 7 % 40)).collect();
    for (n, some) in ids.chunks(8).enumerate() {
        let put = |id: &String| {
            IndexOp::PutEntity(Box::new(collection_entity(
                id,
                EntityType::Person,
                &["Jane Miller"],
                id.len() as u64,
            )))
        };
        fixture.apply(some.iter().map(put).collect(), n as Seq + 1);
    }
    let mut expected = ids;
    expected.sort_by_key(|id| (std::cmp::Reverse(id.len()), id.clone()));
    let view = fixture.view();
    let (mut found, mut request) = (Vec::new(), page(7));
    loop {
        let next = ask_entities(view.as_ref(), &EntityFilter::default(), &request).unwrap();
        found.extend(next.hits.iter().map(|(hit, _)| hit.name.entity.to_string()));
        request.after = next.hits.last().map(|(_, cursor)| cursor.clone());
        if !next.more {
            break;
        }
    }
    assert_eq!(found, expected);
}

/// What is done to the index between two pages.
#[derive(Debug, Clone)]
enum Between {
    Put { document: usize, words: usize, published: Option<i64> },
    Delete { document: usize },
    Erase,
    Nothing,
}

fn between() -> impl Strategy<Value = Between> {
    let published = prop::option::of(0i64..4);
    prop_oneof![
        4 => (0usize..12, 0usize..4, published).prop_map(|(document, words, published)| Between::Put { document, words, published }),
        2 => (0usize..12).prop_map(|document| Between::Delete { document }),
        1 => Just(Between::Erase),
        1 => Just(Between::Nothing),
    ]
}

const TEXTS: [&[&str]; 4] = [
    &["plan of peace", "a plan"],
    &["plan plan plan", "plans", "no word of it"],
    &["planned peace"],
    &["other words"],
];

fn done_between(fixture: &Fixture, what: &Between, seq: Seq) {
    match what {
        Between::Put { document: n, words, published } => {
            let mut stored = document(&format!("d{n}"), TEXTS[*words]);
            stored.info.seq = seq;
            stored.info.published_at = published.map(at);
            fixture.put(&[stored], seq);
        }
        Between::Delete { document: n } => {
            let name = document(&format!("d{n}"), &[]).info.name;
            fixture.apply(vec![IndexOp::DeleteDocument(name)], seq);
        }
        Between::Erase => done(fixture.index.erase()).unwrap(),
        Between::Nothing => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_between_pages_their_union_is_what_page_one_saw(
        before in prop::collection::vec(between(), 1..10),
        writes in prop::collection::vec(between(), 1..12),
        size in 1usize..5,
    ) {
        let fixture = Fixture::new();
        let mut seq = 0;
        for what in &before {
            seq += 1;
            done_between(&fixture, what, seq);
        }
        let view = fixture.view();
        let queries = ["plan", "plan*", "\"plan of\"", "peace plan", ""];
        let questions: Vec<(QuoteFilter, Order)> = queries
            .iter()
            .flat_map(|query| [Order::Relevance, Order::NewestFirst, Order::OldestFirst].map(|order| (text(query), order)))
            .collect();
        let expected: Vec<Vec<String>> =
            questions.iter().map(|(filter, order)| quotes(view.as_ref(), filter, &Resolved::default(), *order)).collect();
        let mut writes = writes.iter();
        for ((filter, order), expected) in questions.iter().zip(expected) {
            let (mut all, mut request) = (Vec::new(), page(size));
            loop {
                let found = ask_quotes(view.as_ref(), filter, &Resolved::default(), *order, &request).unwrap();
                prop_assert_eq!(found.total, expected.len() as u64);
                all.extend(found.hits.iter().map(|(hit, _)| short(hit)));
                request.after = found.hits.last().map(|(_, cursor)| cursor.clone());
                if let Some(what) = writes.next() {
                    seq += 1;
                    done_between(&fixture, what, seq);
                }
                if !found.more {
                    break;
                }
            }
            prop_assert_eq!(all, expected, "{:?} {:?}", filter.text, order);
        }
    }
}
