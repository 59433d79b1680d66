//! What an index promises about entities that go together, and about outlets side by side.

use super::pair::{Pair, Sketch, at, name, news, sketch};
use dictum::domain::annotation::EntityType;
use dictum::domain::facet::FacetValue;
use dictum::domain::ids::EntityId;
use dictum::domain::query::{EntityRef, Fold, Order, QuoteFilter, QuoteQuery, Resolved};
use dictum::domain::related::{Related, RelatedOrder, RelatedQuery};
use dictum::domain::time::TimeRange;
use dictum::ports::{Caller, Lane, SearchView, Write};

fn caller() -> Caller {
    Caller::anonymous(Lane::Interactive, "test")
}

async fn group(pair: &Pair, name: &str) -> Vec<EntityId> {
    let named = [EntityRef::Name(name.into())];
    pair.ports.entities.resolve(&news(), &named).await.unwrap().unwrap().remove(0)
}

/// Who goes with Ann Lee, and in how many documents.
async fn beside_ann(pair: &Pair, view: &dyn SearchView, query: &RelatedQuery) -> Vec<(&'static str, u64)> {
    let Related { relations, .. } = view.related(query, &caller()).await.unwrap();
    let mut found = Vec::new();
    for relation in relations {
        for name in ["Ann Lee", "Bob Fox", "Cid Orr"] {
            if group(pair, name).await.contains(&relation.entity) {
                found.push((name, relation.documents));
            }
        }
    }
    found
}

pub async fn entities_go_together_by_their_documents(pair: Pair) {
    let said = |id, seconds, who: &[&'static str]| {
        let said: Vec<_> = who.iter().map(|who| (*who, "The harbour opens")).collect();
        Sketch { published_at: Some(at(seconds)), ..sketch(id, &said) }
    };
    let all: [(&str, i64, &[&'static str]); 5] = [
        ("a", 1, &["Ann Lee", "Cid Orr", "Bob Fox"]),
        ("b", 2, &["Lee", "Bob Fox"]),
        ("c", 3, &["Ann Lee", "Cid Orr"]),
        ("d", 4, &["Cid Orr"]),
        ("e", 5, &["Cid Orr"]),
    ];
    for (id, seconds, who) in all {
        pair.put(&said(id, seconds, who)).await;
    }
    let view = pair.followed().await;
    let query = RelatedQuery {
        collection: news(),
        group: group(&pair, "Ann Lee").await,
        taken_for: None,
        types: vec![],
        published: TimeRange::default(),
        order: RelatedOrder::Association,
        most: 10,
    };
    let related = view.related(&query, &caller()).await.unwrap();
    assert_eq!(
        (related.documents, related.distinct),
        (3, 2),
        "by either of her names, and not beside herself"
    );
    // Two of three documents here and two of two elsewhere are less often.
    assert_eq!(beside_ann(&pair, &*view, &query).await, [("Bob Fox", 2)]);
    let by_count = RelatedQuery { order: RelatedOrder::Documents, ..query.clone() };
    assert_eq!(beside_ann(&pair, &*view, &by_count).await, [("Bob Fox", 2), ("Cid Orr", 2)]);
    assert_eq!(
        beside_ann(&pair, &*view, &RelatedQuery { most: 1, ..by_count.clone() }).await,
        [("Bob Fox", 2)]
    );
    let people = RelatedQuery { types: vec![EntityType::Person], ..by_count.clone() };
    assert_eq!(beside_ann(&pair, &*view, &people).await.len(), 2);
    let places = RelatedQuery { types: vec![EntityType::Gpe], ..by_count.clone() };
    assert_eq!(beside_ann(&pair, &*view, &places).await, []);
    let published = TimeRange { from: Some(at(3)), until: None };
    let late = RelatedQuery { published, ..by_count.clone() };
    assert_eq!(beside_ann(&pair, &*view, &late).await, [("Cid Orr", 1)]);
    pair.done(Write::Delete { name: name("a"), expected: None }).await;
    let view = pair.followed().await;
    let found = view.related(&by_count, &caller()).await.unwrap();
    assert_eq!((found.documents, found.distinct), (2, 2));
}

pub async fn outlets_have_their_matches_documents_and_speakers(pair: Pair) {
    pair.put(&sketch("a", &[("Ann Lee", "The harbour opens"), ("Bob Fox", "The harbour closes")])).await;
    pair.put(&sketch("b", &[("Lee", "The harbour is new"), ("Bob Fox", "Trains run late")])).await;
    let view = pair.followed().await;
    let filter = QuoteFilter { text: Some("harbour".into()), ..QuoteFilter::default() };
    let entities = Resolved::default();
    let (order, fold) = (Order::Relevance, Fold::Nothing);
    let query = QuoteQuery { within: news().into(), filter, entities, order, fold, explain: false };
    let outlets = view.compare_outlets(&query, 1, &caller()).await.unwrap();
    let [outlet] = outlets.as_slice() else { panic!("{outlets:?}") };
    assert_eq!((outlet.source.as_str(), outlet.quotes, outlet.documents), ("The Wire", 3, 2));
    let ann = &outlet.speakers.buckets[0];
    let FacetValue::Entity(id) = &ann.value else { panic!("{ann:?}") };
    assert!(group(&pair, "Ann Lee").await.contains(id));
    assert_eq!((ann.count, outlet.speakers.distinct, outlet.speakers.other), (2, 2, 1));
    assert_eq!(outlet.exclusive_speakers, outlet.speakers, "there is no other outlet");
}
