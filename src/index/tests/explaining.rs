//! What a score is made of adds up to it, and words joined by OR score as the best of them.

use super::*;
use crate::domain::filter::{Condition, Expression, TextField};

/// Documents in several segments, one of them a copy of another and one deleted.
fn harbours() -> Fixture {
    let fixture = Fixture::new();
    let documents = in_turn([
        document("a", &["The harbour stays open for ships", "A harbour is a harbour, and ships rest in it"]),
        document("b", &["Shipping pays at the port of entry", "A port of call for ships, and a harbour"]),
        document("c", &["The harbour stays open for ships"]),
        document("d", &["No ship enters the harbour at the port of entry"]),
    ]);
    for (n, document) in documents.iter().enumerate() {
        let mut document = document.clone();
        document.info.published_at = Some(at(n as i64 * 86_400));
        document.info.labels = [("desk".to_owned(), "world".to_owned())].into();
        fixture.put(&[document], 1 + n as u64);
    }
    let gone = DocumentName { collection: news(), document: DocumentId::new("d").unwrap() };
    fixture.apply(vec![IndexOp::DeleteDocument(gone)], 9);
    fixture
}

fn query(filter: QuoteFilter, order: Order, fold: Fold) -> QuoteQuery {
    let entities = Resolved { expression: resolved(&filter), ..Resolved::default() };
    QuoteQuery { within: news().into(), filter, entities, order, fold, explain: true }
}

fn resolved(filter: &QuoteFilter) -> Option<crate::domain::filter::ResolvedExpression> {
    filter.expression.clone().map(|plain| plain.with_entities(&mut |_| Vec::new()))
}

/// The hits, each with what its score is made of, which adds up to it.
fn explained(view: &dyn SearchView, query: &QuoteQuery) -> Vec<(String, Vec<String>)> {
    let found = done(view.quotes(query, &page(99), &caller())).unwrap();
    let checked = found.hits.iter().map(|(hit, _)| {
        let total: f32 = hit.explanation.iter().map(|part| part.score).sum();
        assert!((total - hit.score).abs() <= hit.score * 1e-5, "{query:?}: {hit:?}");
        (short(hit), hit.explanation.iter().map(|part| part.words.clone()).collect())
    });
    checked.collect()
}

fn any_words(words: &[&str]) -> QuoteFilter {
    let words = words.iter().map(|words| Condition::Words(TextField::Content, (*words).to_owned()));
    QuoteFilter {
        expression: Some(Expression::Any(words.map(Expression::Is).collect())),
        ..Default::default()
    }
}

#[test]
fn the_parts_of_a_score_add_up_to_it() {
    let fixture = harbours();
    let view = fixture.view();
    let cases: [(&str, &[&str]); 6] = [
        ("Harbours", &["harbour"]),
        ("ship* harbour", &["ship*", "harbour"]),
        ("\"port of call\" harbour", &["\"port of call\"", "harbour"]),
        ("\"port ships\"~3", &["\"port ship\"~3"]),
        ("harbuor~ ships SHIP", &["harbuor~1", "ship"]),
        ("\"a harbour\" ships rest*", &["\"a harbour\"", "ship", "rest*"]),
    ];
    let orders = [Order::Relevance, Order::Recent { half_life: 86_400 }, Order::NewestFirst];
    for (words, parts) in cases {
        for order in orders {
            for fold in [Fold::Nothing, Fold::Quotes, Fold::Documents] {
                let found = explained(view.as_ref(), &query(text(words), order, fold));
                assert!(!found.is_empty(), "{words}");
                assert!(found.iter().all(|(_, found)| found == parts), "{words}: {found:?}");
            }
        }
    }
}

#[test]
fn nothing_is_explained_that_was_not_asked_for_or_does_not_score() {
    let fixture = harbours();
    let view = fixture.view();
    let plain = QuoteQuery { explain: false, ..query(text("harbour"), Order::Relevance, Fold::Nothing) };
    let found = done(view.quotes(&plain, &page(99), &caller())).unwrap();
    assert!(found.hits.iter().all(|(hit, _)| hit.explanation.is_empty() && hit.score > 0.0));

    let labelled = Expression::Is(Condition::Label("desk".to_owned(), None));
    let filter = QuoteFilter { expression: Some(labelled), ..Default::default() };
    let found = explained(view.as_ref(), &query(filter.clone(), Order::Relevance, Fold::Nothing));
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|(_, parts)| parts.is_empty()));
    let both = QuoteFilter { text: Some("ship*".to_owned()), ..filter };
    let found = explained(view.as_ref(), &query(both, Order::Relevance, Fold::Nothing));
    assert!(found.iter().all(|(_, parts)| parts == &["ship*"]), "a label adds nothing: {found:?}");
}

#[test]
fn of_words_joined_by_or_the_best_scores() {
    let fixture = harbours();
    let view = fixture.view();
    let filter = any_words(&["ships harbour", "\"port of entry\"", "\"port of call\"", "absent", "open"]);
    let found = explained(view.as_ref(), &query(filter, Order::Relevance, Fold::Nothing));
    let of = |id: &str| found.iter().find(|(found, _)| found == id).map(|(_, parts)| parts.join(" + "));
    assert_eq!(found.len(), 5, "{found:?}");
    assert_eq!(of("b/q1").as_deref(), Some("\"port of entri\""));
    assert_eq!(of("b/q2").as_deref(), Some("\"port of call\""), "rarer than ships and harbours");
    assert_eq!(of("a/q2").as_deref(), Some("ship + harbour"));
    let alone = explained(view.as_ref(), &query(text("harbour"), Order::Relevance, Fold::Nothing));
    let joined =
        explained(view.as_ref(), &query(any_words(&["harbour", "nothing"]), Order::Relevance, Fold::Nothing));
    assert_eq!(joined, alone, "in the same order, by the same words");
    let nothing = query(any_words(&["?", "absent"]), Order::Relevance, Fold::Nothing);
    assert!(explained(view.as_ref(), &nothing).is_empty());
}

#[test]
fn documents_are_explained_too() {
    let fixture = harbours();
    let (filter, entities) = (
        DocumentFilter { text: Some("ports \"a harbour\"".into()), ..Default::default() },
        Resolved::default(),
    );
    let (order, fold) = (Order::Relevance, Fold::Documents);
    let query = DocumentQuery { within: news().into(), filter, entities, order, fold, explain: true };
    let found = done(fixture.view().documents(&query, &page(9), &caller())).unwrap();
    assert_eq!(found.total, 1);
    let (hit, _) = &found.hits[0];
    let words: Vec<&str> = hit.explanation.iter().map(|part| part.words.as_str()).collect();
    assert_eq!(words, ["port", "\"a harbour\""]);
    assert!((hit.explanation.iter().map(|part| part.score).sum::<f32>() - hit.score).abs() < 1e-4);
}
