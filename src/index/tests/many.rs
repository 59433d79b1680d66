//! Questions with far more matches than are asked about together find each of them once, in whichever way they are asked.

use super::*;
use crate::domain::facet::{Counted, Facet, FacetField, FacetValue};
use crate::domain::filter::{Condition, Expression, TextField};
use crate::domain::query::{EntityRef, Within};
use std::collections::{BTreeMap, BTreeSet};

const WORDS: [&str; 5] = ["gold", "iron", "salt", "corn", "wine"];
const DOCUMENTS: usize = 7;
const QUOTES: usize = 200;

/// What the `n`th quote of all says: words in an order that differs from quote to quote, now and then one of them twice.
fn said(n: usize) -> Vec<&'static str> {
    let chosen = n.wrapping_mul(0x9E37_79B9) >> 7;
    let mut words: Vec<&str> =
        (0..WORDS.len()).filter(|bit| chosen >> bit & 1 == 1).map(|bit| WORDS[bit]).collect();
    let turns = n % words.len().max(1);
    words.rotate_left(turns);
    words.extend(words.first().copied().filter(|_| n.is_multiple_of(3)));
    words.push("end");
    words
}

/// All of it in one segment, of which one document is deleted.
fn mines() -> (Fixture, Vec<(String, Vec<&'static str>)>) {
    let mut all = Vec::new();
    let documents: Vec<StoredDocument> = (0..DOCUMENTS)
        .map(|d| {
            let quotes: Vec<Vec<&str>> = (0..QUOTES).map(|q| said(d * QUOTES + q)).collect();
            let texts: Vec<String> = quotes.iter().map(|words| words.join(" ")).collect();
            let one = document(&format!("d{d}"), &texts.iter().map(String::as_str).collect::<Vec<_>>());
            let ids = one.analysis.quotes.iter().map(|quote| format!("d{d}/{}", quote.id));
            all.extend(ids.zip(quotes).filter(|_| d != 3));
            one
        })
        .collect();
    let fixture = Fixture::with(&in_turn(documents));
    let gone = DocumentName { collection: news(), document: DocumentId::new("d3").unwrap() };
    fixture.apply(vec![IndexOp::DeleteDocument(gone)], 99);
    (fixture, all)
}

fn words(words: &str) -> Expression<EntityRef> {
    Expression::Is(Condition::Words(TextField::Content, words.to_owned()))
}

/// A filter, and whether it wants a quote of these words.
type Case = (QuoteFilter, fn(&[&str]) -> bool);

fn cases() -> Vec<Case> {
    let expression = |one| QuoteFilter { expression: Some(one), ..QuoteFilter::default() };
    let any = |all: &[&str]| Expression::Any(all.iter().map(|one| words(one)).collect());
    vec![
        (text(""), |_| true),
        (text("gold"), |said| said.contains(&"gold")),
        (text("gold salt wine"), |said| ["gold", "salt", "wine"].iter().all(|word| said.contains(word))),
        (text("\"gold iron\""), |said| said.windows(2).any(|two| two == ["gold", "iron"])),
        (text("salt \"gold iron\""), |said| {
            said.contains(&"salt") && said.windows(2).any(|two| two == ["gold", "iron"])
        }),
        (text("go* corn"), |said| said.contains(&"gold") && said.contains(&"corn")),
        (expression(any(&["iron", "wine"])), |said| said.contains(&"iron") || said.contains(&"wine")),
        (expression(any(&["iron", "wi*", "salt~1"])), |said| {
            ["iron", "wine", "salt"].iter().any(|word| said.contains(word))
        }),
        (expression(Expression::All(vec![any(&["gold", "sal*"]), words("iron")])), |said| {
            said.contains(&"iron") && (said.contains(&"gold") || said.contains(&"salt"))
        }),
        (expression(any(&["iron salt", "wine"])), |said| {
            said.contains(&"wine") || said.contains(&"iron") && said.contains(&"salt")
        }),
        (expression(Expression::All(vec![any(&["\"corn wine\"", "salt gold"]), words("iron")])), |said| {
            let either = said.windows(2).any(|two| two == ["corn", "wine"])
                || said.contains(&"salt") && said.contains(&"gold");
            either && said.contains(&"iron")
        }),
        (
            expression(Expression::All(vec![words("gold"), Expression::Not(Box::new(words("salt")))])),
            |said| said.contains(&"gold") && !said.contains(&"salt"),
        ),
    ]
}

#[test]
fn every_match_of_hundreds_is_found_once_with_its_score() {
    let (fixture, all) = mines();
    let view = fixture.view();
    for (filter, wanted) in cases() {
        let expected: BTreeSet<&str> =
            all.iter().filter(|(_, said)| wanted(said)).map(|(id, _)| id.as_str()).collect();
        assert!(expected.len() > 64, "more than are asked about together: {filter:?}");
        let expression = filter.expression.clone().map(|plain| plain.with_entities(&mut |_| Vec::new()));
        for order in [Order::Relevance, Order::OldestFirst] {
            let entities = Resolved { expression: expression.clone(), ..Resolved::default() };
            let (within, filter) = (news().into(), filter.clone());
            let query = QuoteQuery { within, filter, entities, order, fold: Fold::Nothing, explain: true };
            let (mut found, mut after, mut last) = (BTreeSet::new(), None, f32::INFINITY);
            loop {
                let asked = PageRequest { after, ..page(50) };
                let part = done(view.quotes(&query, &asked, &caller())).unwrap();
                assert_eq!(part.total, expected.len() as u64, "{query:?}");
                for (hit, _) in &part.hits {
                    let parts: f32 = hit.explanation.iter().map(|part| part.score).sum();
                    assert!((parts - hit.score).abs() <= hit.score * 1e-5, "{query:?}: {hit:?}");
                    assert!(order != Order::Relevance || hit.score <= last, "{query:?}: {hit:?}");
                    last = hit.score;
                    assert!(found.insert(short(hit)), "twice: {hit:?}");
                }
                after = part.hits.last().map(|(_, after)| after.clone());
                if !part.more {
                    break;
                }
            }
            assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected, "{query:?}");
        }
    }
}

/// Whom the `n`th quote of all is about: none, one or two, now and then one of them twice.
fn about(n: usize) -> Vec<&'static str> {
    ["anna", "bert", "carl"].into_iter().cycle().skip(n / 2).step_by(2).take(n % 4).collect()
}

/// The outlet of a document, if it has one.
fn outlet(d: usize) -> Option<&'static str> {
    [None, Some("Reuters"), Some("AP")][d % 3]
}

/// How often each value and, of each entry that has it, each value of another field is there; the empty value is that of entries without.
fn divided<'v>(entries: &[(Vec<&'v str>, Vec<&'v str>)]) -> BTreeMap<&'v str, (u64, BTreeMap<&'v str, u64>)> {
    let or_none = |values: &[&'v str]| -> BTreeSet<&'v str> {
        if values.is_empty() { [""].into() } else { values.iter().copied().collect() }
    };
    let mut all: BTreeMap<&str, (u64, BTreeMap<&str, u64>)> = BTreeMap::new();
    for (outer, inner) in entries {
        for value in or_none(outer) {
            let (count, within) = all.entry(value).or_default();
            *count += 1;
            or_none(inner).into_iter().for_each(|value| *within.entry(value).or_default() += 1);
        }
    }
    all
}

fn named(value: &FacetValue) -> &str {
    match value {
        FacetValue::Entity(id) => id.as_str(),
        FacetValue::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

/// The counts by value; those of entries without one under the empty value.
fn counts(counted: &Counted) -> BTreeMap<&str, u64> {
    let missing = (counted.missing > 0).then_some(("", counted.missing));
    counted.buckets.iter().map(|bucket| (named(&bucket.value), bucket.count)).chain(missing).collect()
}

#[test]
fn hundreds_of_matches_are_counted_by_each_value_and_within_each_other() {
    let (mut documents, mut entries) = (Vec::new(), Vec::new());
    for d in 0..DOCUMENTS {
        let quotes: Vec<String> = (0..QUOTES).map(|q| said(d * QUOTES + q).join(" ")).collect();
        let mut one = document(&format!("d{d}"), &quotes.iter().map(String::as_str).collect::<Vec<_>>());
        one.info.source = outlet(d).map(str::to_owned);
        for (q, quote) in one.analysis.quotes.iter_mut().enumerate() {
            let about = about(d * QUOTES + q);
            quote.about = about.iter().map(|who| (*who).to_owned()).collect();
            one.links.extend(about.iter().map(|who| ((*who).to_owned(), entity(who))));
            if said(d * QUOTES + q).contains(&"gold") {
                entries.push((about, outlet(d).into_iter().collect::<Vec<_>>()));
            }
        }
        documents.push(one);
    }
    let fixture = Fixture::with(&in_turn(documents));
    let view = fixture.view();
    let by = |by, nested| Facet { by, limit: 10, nested };
    let (mention, source) = (FacetField::Mention, FacetField::Source);
    let facets = [
        by(mention.clone(), Some(Box::new(by(source.clone(), None)))),
        by(source, Some(Box::new(by(mention, None)))),
    ];
    let (within, filter, entities) = (news().into(), text("gold"), Resolved::default());
    let (order, fold) = (Order::Relevance, Fold::Nothing);
    let query = QuoteQuery { within, filter, entities, order, fold, explain: false };
    let found = done(view.count_quotes(&query, &facets, &caller())).unwrap();
    assert_eq!(found.total, entries.len() as u64);
    let swapped: Vec<_> = entries.iter().map(|(about, outlet)| (outlet.clone(), about.clone())).collect();
    for (counted, expected) in found.facets.iter().zip([divided(&entries), divided(&swapped)]) {
        let outer = expected.iter().map(|(value, (count, _))| (*value, *count)).collect();
        assert_eq!(counts(counted), outer);
        for bucket in &counted.buckets {
            let nested = bucket.nested.as_ref().unwrap();
            assert_eq!(counts(nested), expected[named(&bucket.value)].1, "within {:?}", bucket.value);
        }
    }
}

#[test]
fn all_collections_of_a_segment_are_searched_whether_they_are_few_or_many() {
    for count in [1, 2, 5, 300] {
        let collections: Vec<CollectionId> =
            (0..count).map(|n| CollectionId::new(format!("c{n:03}")).unwrap()).collect();
        let of = |collection: &CollectionId| {
            let mut one = document("a", &["gold and iron", "wine"]);
            one.info.name.collection = collection.clone();
            one.analysis.quotes[1].kind = QuoteKind::Thought;
            one
        };
        let fixture = Fixture::with(&in_turn(collections.iter().map(of)));
        let view = fixture.view();
        let ask = |within: &[CollectionId], query: &str, kinds: &[QuoteKind]| {
            let filter = QuoteFilter { kinds: kinds.to_vec(), ..text(query) };
            let (within, entities) = (Within::several(within.to_vec()), Resolved::default());
            let (order, fold) = (Order::Relevance, Fold::Nothing);
            let query = QuoteQuery { within, filter, entities, order, fold, explain: false };
            let found = done(view.quotes(&query, &page(1000), &caller())).unwrap();
            let names = found.hits.into_iter().map(|(hit, _)| hit.name.document.collection);
            names.collect::<BTreeSet<CollectionId>>().into_iter().collect::<Vec<_>>()
        };
        let both = [QuoteKind::Statement, QuoteKind::Thought];
        assert_eq!(ask(&collections, "gold", &[]), collections, "{count}");
        assert_eq!(ask(&collections, "wine", &both), collections, "{count}");
        assert_eq!(ask(&collections, "wine", &[QuoteKind::Statement]), [], "{count}");
        let middle = &collections[count / 2..=count / 2];
        assert_eq!(ask(middle, "gold", &both), middle, "{count}");
    }
}
