//! What an index promises about views and what they find.

use super::pair::{Pair, Sketch, at, name, news, sketch};
use dictum::domain::annotation::QuoteKind;
use dictum::domain::hit::{HitPage, QuoteHit};
use dictum::domain::query::{
    DocumentFilter, DocumentQuery, EntityFilter, EntityQuery, EntityRef, Fold, Order, PageRequest,
    QuoteFilter, QuoteQuery, Resolved, WordingQuery,
};
use dictum::domain::time::TimeRange;
use dictum::ports::{Caller, Followed, Lane, Origin, PortError, SearchView, Write};
use std::collections::BTreeSet;

fn caller() -> Caller {
    Caller::anonymous(Lane::Interactive, "test")
}

fn page(size: usize) -> PageRequest {
    PageRequest { size, bytes: 1 << 20, after: None }
}

fn everything(order: Order) -> QuoteQuery {
    let (filter, entities) = (QuoteFilter::default(), Resolved::default());
    QuoteQuery { within: news().into(), filter, entities, order, fold: Fold::Nothing, explain: false }
}

fn words(text: &str) -> QuoteQuery {
    let filter = QuoteFilter { text: Some(text.into()), ..QuoteFilter::default() };
    QuoteQuery { filter, ..everything(Order::Relevance) }
}

async fn ids(view: &dyn SearchView, query: &QuoteQuery) -> Vec<String> {
    let found: HitPage<QuoteHit> = view.quotes(query, &page(100), &caller()).await.unwrap();
    assert_eq!(found.total, found.hits.len() as u64);
    found.hits.into_iter().map(|(hit, _)| hit.document.id.to_string()).collect()
}

async fn filled(pair: &Pair) {
    let said = [("a", "Ann Lee", "The harbour opens", 3), ("b", "Bob Fox", "The harbour closes", 1)];
    for (id, who, what, seconds) in said.into_iter().chain([("c", "Ann Lee", "Trains run late", 2)]) {
        let labels = [("desk".to_owned(), id.to_owned())].into();
        pair.put(&Sketch { published_at: Some(at(seconds)), labels, ..sketch(id, &[(who, what)]) }).await;
    }
}

pub async fn a_view_stays_whatever_is_applied(pair: Pair) {
    filled(&pair).await;
    let before = pair.followed().await;
    pair.put(&sketch("d", &[("Ann Lee", "The harbour is new")])).await;
    pair.put(&sketch("a", &[("Ann Lee", "Nothing")])).await;
    pair.done(Write::Delete { name: name("b"), expected: None }).await;
    let after = pair.followed().await;
    assert_ne!(before.id(), after.id());
    assert!(before.applied() < after.applied());
    let sorted =
        async |view: &dyn SearchView| ids(view, &words("harbour")).await.into_iter().collect::<BTreeSet<_>>();
    assert!(sorted(&*before).await.iter().eq(["a", "b"]));
    assert!(sorted(&*after).await.iter().eq(["d"]));
    let again = pair.ports.index.open_view().await.unwrap();
    assert_eq!(again.id(), after.id(), "views of one commit are one view");
}

pub async fn a_hit_shows_all_there_is_to_show(pair: Pair) {
    filled(&pair).await;
    let view = pair.followed().await;
    let found = view.quotes(&words("harbour opens"), &page(10), &caller()).await.unwrap();
    let (hit, _) = &found.hits[0];
    let text = |span| hit.excerpts.slice(span);
    assert_eq!(text(hit.quote.contents[0]), "“The harbour opens,”");
    assert_eq!((text(hit.quote.cue.unwrap()), text(hit.quote.speaker.mention.unwrap())), ("said", "Ann Lee"));
    let marked: Vec<_> = hit.highlights.iter().map(|span| text(*span)).collect();
    assert_eq!(marked, ["harbour", "opens"]);
    assert_eq!((hit.document.revision, hit.document.published_at), (1, Some(at(3))));
    assert_eq!(hit.document.labels["desk"], "a");
    assert!(hit.speaker.is_some() && hit.score > 0.0 && hit.sentence.is_some());
    assert_eq!(hit.name.document, name("a"));
}

pub async fn filters_hold_all_together(pair: Pair) {
    filled(&pair).await;
    let view = pair.followed().await;
    let groups =
        pair.ports.entities.resolve(&news(), &[EntityRef::Name("Ann Lee".into())]).await.unwrap().unwrap();
    let by_ann = Resolved { speakers: groups, mentions: Vec::new(), expression: None };
    let nobody = Resolved { speakers: vec![Vec::new()], mentions: Vec::new(), expression: None };
    let query = |filter: QuoteFilter, entities: &Resolved| QuoteQuery {
        filter,
        entities: entities.clone(),
        ..everything(Order::OldestFirst)
    };
    let none = Resolved::default();
    let all = QuoteFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let published = TimeRange { from: Some(at(2)), until: Some(at(3)) };
    let cases = [
        (query(all(), &none), vec!["b", "c", "a"]),
        (query(all(), &by_ann), vec!["c", "a"]),
        (query(all(), &nobody), vec![]),
        (query(QuoteFilter { text: text("harbour"), ..all() }, &by_ann), vec!["a"]),
        (query(QuoteFilter { text: text("\"the harbour\""), ..all() }, &none), vec!["b", "a"]),
        (query(QuoteFilter { text: text("tra*"), ..all() }, &none), vec!["c"]),
        (query(QuoteFilter { text: text("?!"), ..all() }, &none), vec![]),
        (query(QuoteFilter { published, ..all() }, &none), vec!["c"]),
        (query(QuoteFilter { labels: vec![("desk".into(), "b".into())], ..all() }, &none), vec!["b"]),
        (query(QuoteFilter { document: Some(name("a").document), ..all() }, &none), vec!["a"]),
        (query(QuoteFilter { min_confidence: 0.95, ..all() }, &none), vec![]),
        (
            query(
                QuoteFilter { sources: vec!["The Wire".into()], languages: vec!["EN".into()], ..all() },
                &none,
            ),
            vec!["b", "c", "a"],
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&*view, &query).await, expected, "{query:?}");
    }
    let documents =
        DocumentFilter { documents: vec![name("a").document, name("c").document], ..Default::default() };
    let query = DocumentQuery {
        within: news().into(),
        filter: documents,
        entities: none,
        order: Order::NewestFirst,
        fold: Fold::Nothing,
        explain: false,
    };
    let found = view.documents(&query, &page(10), &caller()).await.unwrap();
    let found: Vec<_> = found.hits.iter().map(|(hit, _)| hit.document.id.to_string()).collect();
    assert_eq!(found, ["a", "c"]);
}

pub async fn the_order_of_changes_ends_at_one_and_goes_on_in_any_later_view(pair: Pair) {
    filled(&pair).await;
    let (up_to, before) = (pair.last().await, pair.followed().await);
    let stored = everything(Order::Stored { up_to });
    assert_eq!(ids(&*before, &stored).await, ["a", "b", "c"], "not by time of publication");
    let first = before.quotes(&stored, &page(1), &caller()).await.unwrap();
    assert_eq!((first.total, first.more), (3, true));
    pair.put(&sketch("b", &[("Ann Lee", "Something else")])).await;
    pair.put(&sketch("d", &[("Ann Lee", "Something new")])).await;
    let after = pair.followed().await;
    let rest = PageRequest { after: Some(first.hits[0].1.clone()), ..page(9) };
    for (view, expected) in [(&before, &["b", "c"][..]), (&after, &["c"])] {
        let found = view.quotes(&stored, &rest, &caller()).await.unwrap();
        let found: Vec<_> = found.hits.iter().map(|(hit, _)| hit.document.id.as_str()).collect();
        assert_eq!(found, expected);
    }
    let by_time = after.quotes(&everything(Order::OldestFirst), &rest, &caller()).await;
    assert!(matches!(by_time, Err(PortError::Query(_))), "the cursor of one order is none of another");
}

pub async fn every_order_pages_through_everything_once(pair: Pair) {
    let ids: Vec<_> = (0..23).map(|n| format!("d{n}")).collect();
    for (n, id) in ids.iter().enumerate() {
        let published_at = (n % 3 > 0).then(|| at(n as i64 % 5));
        let said = [("Ann Lee", "A plan"), ("Bob Fox", "A plan of many words and another plan")];
        pair.put(&Sketch { published_at, ..sketch(id, &said[..1 + n % 2]) }).await;
    }
    let view = pair.followed().await;
    let total = 23 + 11;
    for order in [Order::Relevance, Order::NewestFirst, Order::OldestFirst] {
        for size in [1, 4, 100] {
            let query = QuoteQuery { order, ..words("plan") };
            let (mut names, mut after) = (Vec::new(), None);
            loop {
                let page = PageRequest { after, ..page(size) };
                let found = view.quotes(&query, &page, &caller()).await.unwrap();
                assert_eq!(found.total, total);
                after = found.hits.last().map(|(_, after)| after.clone());
                names.extend(found.hits.into_iter().map(|(hit, _)| hit.name.to_string()));
                if !found.more {
                    break;
                }
            }
            let distinct: BTreeSet<_> = names.iter().collect();
            assert_eq!((names.len(), distinct.len()), (total as usize, total as usize), "{order:?} {size}");
        }
    }
    let foreign = PageRequest { after: Some(dictum::domain::query::Cursor(vec![1, 2, 3])), ..page(1) };
    let refused = view.quotes(&words("plan"), &foreign, &caller()).await;
    assert!(matches!(refused, Err(PortError::Query(_))));
}

pub async fn entities_are_found_by_prefix_and_type(pair: Pair) {
    filled(&pair).await;
    let view = pair.followed().await;
    let find = async |filter: EntityFilter| {
        let query = EntityQuery { within: news().into(), filter };
        let found = view.entities(&query, &page(10), &caller()).await.unwrap();
        found.hits.into_iter().map(|(entity, _)| entity.display_name).collect::<Vec<_>>()
    };
    assert_eq!(find(EntityFilter::default()).await, ["Ann Lee", "Bob Fox"], "those of most documents first");
    let prefix = |prefix: &str| EntityFilter { name_prefix: Some(prefix.into()), ..EntityFilter::default() };
    assert_eq!(find(prefix("le")).await, ["Ann Lee"]);
    assert_eq!(find(prefix("zz")).await, Vec::<String>::new());
    let places =
        EntityFilter { types: vec![dictum::domain::annotation::EntityType::Gpe], ..EntityFilter::default() };
    assert_eq!(find(places).await, Vec::<String>::new());
}

pub async fn what_is_deleted_is_found_no_more(pair: Pair) {
    filled(&pair).await;
    pair.followed().await;
    pair.done(Write::Delete { name: name("a"), expected: None }).await;
    pair.put(&sketch("b", &[("Bob Fox", "Something else")])).await;
    let view = pair.followed().await;
    let mut found = ids(&*view, &everything(Order::OldestFirst)).await;
    found.sort();
    assert_eq!(found, ["b", "c"]);
    assert!(ids(&*view, &words("harbour")).await.is_empty());
}

pub async fn an_index_goes_on_where_it_stood(pair: Pair) {
    filled(&pair).await;
    pair.followed().await;
    let applied = pair.ports.index.applied();
    let pair = pair.again().await;
    let log = &pair.ports.log;
    let followed = Followed {
        store: log.identity().store,
        last: pair.last().await,
        floor: log.floor().await.unwrap(),
        anew: false,
    };
    let opened = pair.ports.index.open(&followed).await.unwrap();
    assert_eq!((opened.applied, opened.origin), (applied, Origin::Opened));
    let opened = pair.ports.index.open(&followed).await.unwrap();
    assert_eq!(opened.applied, applied, "opened anew");
    let view = pair.followed().await;
    assert_eq!(ids(&*view, &everything(Order::OldestFirst)).await.len(), 3);
}

pub async fn an_index_of_another_log_begins_anew(pair: Pair) {
    filled(&pair).await;
    pair.followed().await;
    let (last, store) = (pair.last().await, pair.ports.log.identity().store);
    let others = [
        Followed { store: [9; 16], last, floor: 0, anew: false },
        Followed { store, last: last - 1, floor: 0, anew: false },
        Followed { store, last: last + 9, floor: last + 5, anew: false },
    ];
    for followed in others {
        let pair_last = pair.followed().await.applied();
        assert_eq!(pair_last, last);
        let opened = pair.ports.index.open(&followed).await.unwrap();
        assert_eq!(opened.applied, 0, "{followed:?}");
        assert!(matches!(opened.origin, Origin::Recreated(_)));
        let own = Followed { store, last, floor: 0, anew: false };
        pair.ports.index.open(&own).await.unwrap();
    }
}

pub async fn a_caller_who_has_gone_is_not_answered(pair: Pair) {
    filled(&pair).await;
    let view = pair.followed().await;
    let gone = caller();
    gone.cancelled.cancel();
    let answer = view.quotes(&everything(Order::NewestFirst), &page(10), &gone).await;
    assert!(matches!(answer, Err(PortError::Over(_))), "{answer:?}");
}

pub async fn what_resembles_a_claim_is_found_however_much_is_altered(pair: Pair) {
    filled(&pair).await;
    let long = "nobody on this island has ever seen a train that ran on time";
    pair.put(&Sketch {
        published_at: Some(at(9)),
        ..sketch("d", &[("Bob Fox", long), ("Ann Lee", "We wait")])
    })
    .await;
    let view = pair.followed().await;
    let words: Vec<String> = long.split(' ').map(str::to_owned).collect();
    let query = WordingQuery {
        within: news().into(),
        words: words.clone(),
        speakers: vec![],
        published: TimeRange::default(),
        kinds: vec![],
        most: 3,
    };
    let alike = async |query: &WordingQuery| -> Vec<String> {
        let found = view.alike(query, &caller()).await.unwrap().hits.into_iter();
        found.map(|hit| hit.document.id.to_string()).collect()
    };
    for first in 0..5 {
        let mut words = words.clone();
        words.iter_mut().skip(first).step_by(5).for_each(|word| *word = "other".into());
        assert_eq!(alike(&WordingQuery { words, ..query.clone() }).await[0], "d", "{first}");
    }
    let from = TimeRange { from: Some(at(3)), until: Some(at(9)) };
    assert!(!alike(&WordingQuery { published: from, ..query.clone() }).await.contains(&"d".to_owned()));
    assert!(alike(&WordingQuery { kinds: vec![QuoteKind::Thought], ..query.clone() }).await.is_empty());
    assert!(alike(&WordingQuery { words: vec![], ..query.clone() }).await.is_empty());
    let other = EntityRef::Name("Ann Lee".into());
    let speakers = pair.ports.entities.resolve(&news(), &[other]).await.unwrap().unwrap().remove(0);
    let theirs = WordingQuery {
        words: vec!["trains".into(), "train".into(), "wait".into()],
        speakers,
        ..query.clone()
    };
    let found = view.alike(&theirs, &caller()).await.unwrap();
    assert!(!found.bounded && found.hits.len() == 2, "{found:?}");
    let one = WordingQuery { most: 1, words: vec!["the".into()], ..query.clone() };
    let found = view.alike(&one, &caller()).await.unwrap();
    assert!(found.bounded && found.hits.len() == 1);
    pair.done(Write::Delete { name: name("d"), expected: None }).await;
    let view = pair.followed().await;
    assert!(
        view.alike(&query, &caller()).await.unwrap().hits.iter().all(|hit| hit.document.id.as_str() != "d")
    );
}
