//! Conditions joined in any way find what sets joined in the same way hold.

use super::*;
use crate::domain::filter::{Condition, Expression, ResolvedExpression, TextField};
use crate::domain::time::TimeRange;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Documents that differ in what the conditions of [`condition`] ask for; some undated, some without outlet.
fn varied() -> Fixture {
    let documents: Vec<StoredDocument> = (0..12_i64)
        .map(|n| {
            let mut one = document(
                &format!("d{n:02}"),
                &[
                    ["putin:Gas is dear.", "peskov:Oil is dear.", "Wheat is cheap."][n as usize % 3],
                    "Gas rises.",
                ],
            );
            one.info.source = (n % 4 != 3).then(|| ["Reuters", "AP"][n as usize % 2].to_owned());
            one.info.published_at = (n % 5 != 4).then(|| at(n * 10));
            one.info.seq = n as Seq + 1;
            one.info.title = Some(format!("Number {n}"));
            if n % 3 == 1 {
                one.info.labels = [("desk".to_owned(), ["world", "sport"][n as usize % 2].to_owned())].into();
            }
            one.analysis.quotes[1].quote_type = [QuoteType::Direct, QuoteType::Mixed][n as usize % 2];
            one.analysis.quotes[1].confidence = n as f32 / 12.0;
            one
        })
        .collect();
    let fixture = Fixture::new();
    // Several segments, and one with a deletion.
    for (n, some) in documents.chunks(5).enumerate() {
        fixture.put(some, 1 + n as u64);
    }
    fixture
}

fn condition() -> impl Strategy<Value = Condition<Vec<EntityId>>> {
    let words = |field: TextField, words: &str| Condition::Words(field, words.to_owned());
    let ids = |ids: &[&str]| ids.iter().map(|id| entity(id)).collect::<Vec<_>>();
    prop::sample::select(vec![
        words(TextField::Content, "gas"),
        words(TextField::Content, "dear gas"),
        words(TextField::Content, "\"is dear\""),
        words(TextField::Content, "whe*"),
        words(TextField::Content, "whaet~"),
        words(TextField::Content, "?"),
        words(TextField::Context, "number"),
        words(TextField::Article, "wheat"),
        Condition::Speaker(ids(&["putin"])),
        Condition::Speaker(ids(&["putin", "peskov"])),
        Condition::Speaker(vec![]),
        Condition::Source("Reuters".into()),
        Condition::Label("desk".into(), None),
        Condition::Label("desk".into(), Some("sport".into())),
        Condition::Document(DocumentId::new("d03").unwrap()),
        Condition::Published(TimeRange { from: Some(at(30)), until: None }),
        Condition::Published(TimeRange { from: None, until: Some(at(70)) }),
        Condition::Type(QuoteType::Mixed),
        Condition::Confidence(0.5),
        Condition::Named,
        Condition::Kind(QuoteKind::Statement),
    ])
}

fn expression() -> impl Strategy<Value = ResolvedExpression> {
    condition().prop_map(Expression::Is).prop_recursive(4, 24, 4, |inner| {
        let several = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            several().prop_map(Expression::All),
            several().prop_map(Expression::Any),
            inner.clone().prop_map(|one| Expression::Not(Box::new(one))),
        ]
    })
}

fn found(view: &dyn SearchView, expression: &ResolvedExpression) -> BTreeSet<String> {
    let entities = Resolved { expression: Some(expression.clone()), ..Resolved::default() };
    let filter = QuoteFilter { kinds: vec![QuoteKind::Statement], ..QuoteFilter::default() };
    let found = ask_quotes(view, &filter, &entities, Order::OldestFirst, &page(99)).unwrap();
    assert_eq!(found.total, found.hits.len() as u64);
    found.hits.iter().map(|(hit, _)| short(hit)).collect()
}

/// What the sets of the single conditions make.
fn expected(
    view: &dyn SearchView,
    all: &BTreeSet<String>,
    expression: &ResolvedExpression,
) -> BTreeSet<String> {
    let of = |part| expected(view, all, part);
    match expression {
        Expression::All(parts) => {
            parts.iter().map(of).fold(all.clone(), |left, part| left.intersection(&part).cloned().collect())
        }
        Expression::Any(parts) => parts.iter().flat_map(of).collect(),
        Expression::Not(part) => all.difference(&of(part)).cloned().collect(),
        Expression::Is(_) => found(view, expression),
    }
}

#[test]
fn joined_conditions_find_what_joined_sets_hold() {
    let fixture = varied();
    let gone = DocumentName { collection: news(), document: DocumentId::new("d04").unwrap() };
    fixture.apply(vec![IndexOp::DeleteDocument(gone)], 9);
    let view = fixture.view();
    let all = found(view.as_ref(), &Expression::All(vec![]));
    assert_eq!(all.len(), 22, "two quotes of each document that is left");
    let config = ProptestConfig { cases: 400, ..ProptestConfig::default() };
    proptest!(config, |(one in expression())| {
        prop_assert_eq!(found(view.as_ref(), &one), expected(view.as_ref(), &all, &one));
    });
}
