//! What says the same does not depend on how the index came to hold what it holds.

use super::*;
use crate::domain::facet::{Counts, Facet, FacetField, FacetValue};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Sentences near to each other and far from each other; the last one is too short to be like anything.
const SAID: [&str; 6] = [
    "The ferry will run again in the spring and no islander will pay more than five crowns for it.",
    "The ferry will sail anew in the spring and no islander will pay more than five crowns for it.",
    "The ferry will run again in the spring.",
    "We close the old bridge to lorries because its northern pillar has moved by an inch.",
    "Close the old bridge to lorries because its pillar has moved by an inch.",
    "We close the bridge.",
];

/// What is done to the index.
#[derive(Debug, Clone)]
enum Step {
    Put { document: usize, said: Vec<usize> },
    Delete { document: usize },
    Erase,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let said = prop::collection::vec(0..SAID.len(), 1..4);
    prop_oneof![
        6 => (0usize..8, said).prop_map(|(document, said)| Step::Put { document, said }),
        3 => (0usize..8).prop_map(|document| Step::Delete { document }),
        1 => Just(Step::Erase),
        1 => Just(Step::Reopen),
    ]
}

fn counted(view: &dyn SearchView) -> Counts {
    let (filter, entities) = (QuoteFilter::default(), Resolved::default());
    let (order, fold) = (Order::Relevance, Fold::Nothing);
    let query = QuoteQuery { within: news().into(), filter, entities, order, fold, explain: false };
    let by = |by| Facet { by, limit: 1000, nested: None };
    done(view.count_quotes(&query, &[by(FacetField::Cluster), by(FacetField::Variant)], &caller())).unwrap()
}

/// Of each cluster and of each variant the first quote and how many there are.
fn clusters(view: &dyn SearchView) -> Vec<Vec<(String, u64)>> {
    let counts = counted(view);
    let bucket = |value: &FacetValue, count: u64| match value {
        FacetValue::Quote(name, _) => (name.to_string(), count),
        other => panic!("{other:?}"),
    };
    let all = counts.facets.iter().map(|facet| {
        let mut buckets: Vec<_> = facet.buckets.iter().map(|one| bucket(&one.value, one.count)).collect();
        buckets.sort();
        buckets
    });
    all.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn clusters_follow_from_what_is_there_alone(steps in prop::collection::vec(step(), 1..14)) {
        let mut fixture = Fixture::new();
        let mut there: BTreeMap<usize, StoredDocument> = BTreeMap::new();
        for (seq, step) in (1..).zip(steps) {
            match step {
                Step::Put { document: id, said } => {
                    let texts: Vec<&str> = said.iter().map(|n| SAID[*n]).collect();
                    let mut stored = document(&format!("d{id}"), &texts);
                    stored.info.seq = seq;
                    fixture.put(std::slice::from_ref(&stored), seq);
                    there.insert(id, stored);
                }
                Step::Delete { document } => {
                    let name = DocumentName { collection: news(), document: DocumentId::new(format!("d{document}")).unwrap() };
                    fixture.apply(vec![IndexOp::DeleteDocument(name)], seq);
                    there.remove(&document);
                }
                Step::Erase => done(fixture.index.erase()).unwrap(),
                Step::Reopen => fixture = fixture.again(),
            }
        }
        let documents: Vec<StoredDocument> = there.into_values().collect();
        let rebuilt = Fixture::with(&documents);
        prop_assert_eq!(clusters(fixture.view().as_ref()), clusters(rebuilt.view().as_ref()));
    }
}

#[test]
fn a_view_keeps_its_clusters() {
    let documents = in_turn((0..3).map(|n| document(&format!("d{n}"), &[SAID[n]])));
    let fixture = Fixture::with(&documents);
    let before = fixture.view();
    let expected = clusters(before.as_ref());
    assert_eq!(expected[0].iter().map(|(_, count)| *count).collect::<Vec<_>>(), [3]);
    let name = documents[0].info.name.clone();
    fixture.apply(vec![IndexOp::DeleteDocument(name)], 4);
    for (seq, said) in [(5, SAID[3]), (6, SAID[4])] {
        let mut stored = document(&format!("d{seq}"), &[said]);
        stored.info.seq = seq;
        fixture.put(&[stored], seq);
    }
    assert_eq!(clusters(before.as_ref()), expected, "as it was when the view was opened");
    let now = clusters(fixture.view().as_ref());
    assert_eq!(
        now[0].iter().map(|(_, count)| *count).collect::<Vec<_>>(),
        [1, 1, 2],
        "what it held together is two"
    );
}

#[test]
fn what_is_compared_is_bounded_whatever_is_sent() {
    let long = |last: &str| {
        let words: Vec<String> = (0..200_000).map(|n| format!("w{n}")).chain([last.to_owned()]).collect();
        words.join(" ")
    };
    let (one, other) = (long("end"), long("stop"));
    let many = vec![SAID[3]; 1200];
    let documents = in_turn([document("d0", &[&one]), document("d1", &[&other]), document("d2", &many)]);
    let fixture = Fixture::with(&documents);
    let counts = counted(fixture.view().as_ref());
    let sizes: Vec<u64> = counts.facets[0].buckets.iter().map(|bucket| bucket.count).collect();
    assert_eq!((sizes, counts.facets[0].missing), (vec![1000, 2], 200));
}

#[test]
fn collections_never_meet() {
    let mut other = document("d1", &[SAID[0]]);
    other.info.name.collection = CollectionId::new("elsewhere").unwrap();
    let fixture = Fixture::with(&in_turn([document("d0", &[SAID[0]]), other]));
    assert_eq!(clusters(fixture.view().as_ref())[0].len(), 1);
    assert_eq!(counted(fixture.view().as_ref()).facets[0].buckets[0].count, 1);
}
