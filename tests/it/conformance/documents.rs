//! What a log promises about documents, collections and operations.

use super::pair::{Pair, Sketch, at, name, news, sketch, stamp};
use dictum::domain::annotation::AnalyzerName;
use dictum::domain::document::{Document, IngestOutcome};
use dictum::domain::ids::{CollectionId, DocumentId, DocumentName, QuoteId, QuoteName};
use dictum::domain::operation::{Operation, OperationId, OperationState, Progress, Renewal, Task};
use dictum::domain::query::DocumentFilter;
use dictum::ports::{Change, Effect, Moment, Refusal, Stood, Write, basis_hash, content_hash};

const ANN: (&str, &str) = ("Ann Lee", "We wait");
const BOB: (&str, &str) = ("Bob Fox", "We go");

async fn whole(
    pair: &Pair,
    id: &str,
    revision: Option<u32>,
) -> Option<dictum::domain::document::StoredDocument> {
    pair.ports.log.documents(&[(name(id), revision)]).await.unwrap().pop().unwrap()
}

pub async fn a_document_comes_back_as_it_was_put(pair: Pair) {
    let labels = [("desk".to_owned(), "city".to_owned())].into();
    let sent =
        Sketch { title: Some("T".into()), published_at: Some(at(5)), labels, ..sketch("a", &[ANN, BOB]) };
    let applied = pair.put(&sent).await;
    let Effect::Put { outcome, revision, quotes, entities } = applied.effect else { panic!("{applied:?}") };
    assert_eq!((outcome, revision, quotes, entities), (IngestOutcome::Created, 1, 2, 2));
    let stored = whole(&pair, "a", None).await.unwrap();
    let document = sent.document();
    assert_eq!((&stored.text, &stored.analysis), (&document.text, &sent.analysis()));
    let info = &stored.info;
    assert_eq!(
        (&info.title, info.published_at, &info.labels),
        (&document.title, Some(at(5)), &document.labels)
    );
    assert_eq!(
        (info.revision, info.seq, info.created_at, info.updated_at),
        (1, applied.seq, at(100), at(100))
    );
    assert_eq!((info.content_hash, info.quotes, info.entities), (content_hash(&document), 2, 2));
    assert_eq!(stored.links.len(), 2);
    assert_eq!(pair.ports.log.infos(&[name("b"), name("a")]).await.unwrap(), [None, Some(info.clone())]);
    let current = pair.ports.log.current(&name("a")).await.unwrap().unwrap();
    assert_eq!(current.basis_hash, basis_hash(&document.text, Some(at(5)), Some("en")));
    let beginnings = pair.ports.log.beginnings(&[(name("a"), 1), (name("a"), 9)], 1 << 20).await.unwrap();
    assert_eq!(beginnings, [Some(document.text), None]);
    let collection = pair.ports.log.collection(&news()).await.unwrap().unwrap();
    assert_eq!((collection.documents, collection.quotes, collection.entities), (1, 2, 2));
}

pub async fn the_same_content_writes_nothing(pair: Pair) {
    let first = pair.put(&sketch("a", &[ANN])).await;
    let again = pair.put(&sketch("a", &[ANN])).await;
    assert_eq!(again.seq, first.seq);
    assert!(matches!(again.effect, Effect::Put { outcome: IngestOutcome::AlreadyCurrent, revision: 1, .. }));
    assert_eq!(pair.last().await, first.seq);
}

pub async fn two_revisions_are_kept_whole(pair: Pair) {
    for said in ["One", "Two", "Three"] {
        pair.put(&sketch("a", &[("Ann Lee", said)])).await;
    }
    assert!(whole(&pair, "a", Some(1)).await.is_none());
    for (revision, said) in [(Some(2), "Two"), (Some(3), "Three"), (None, "Three")] {
        let stored = whole(&pair, "a", revision).await.unwrap();
        assert!(stored.text.contains(said), "{revision:?}");
        assert_eq!(stored.analysis.quotes.len(), 1);
    }
    let quote = |id: &str| QuoteName { document: name("a"), quote: QuoteId::new(id).unwrap() };
    assert_eq!(
        pair.ports.log.last_revision_with(&quote("q0")).await.unwrap(),
        None,
        "the current one has it"
    );
    pair.put(&sketch("a", &[])).await;
    assert_eq!(pair.ports.log.last_revision_with(&quote("q0")).await.unwrap(), Some(3));
    assert_eq!(pair.ports.log.last_revision_with(&quote("q7")).await.unwrap(), None);
}

pub async fn a_write_that_expects_another_revision_is_refused_alone(pair: Pair) {
    let expecting = |id: &str, expected| Sketch { expected: Some(expected), ..sketch(id, &[ANN]) }.put();
    let outcomes = pair.apply(vec![expecting("a", 0), expecting("b", 3), sketch("c", &[BOB]).put()]).await;
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    assert_eq!(outcomes[1], Err(Refusal::OtherRevision { current: 0 }));
    let delete = |expected| Write::Delete { name: name("a"), expected };
    let nowhere = DocumentName { collection: CollectionId::new("no").unwrap(), ..name("a") };
    let refused = pair.apply(vec![
        delete(Some(2)),
        delete(None),
        delete(None),
        Write::Delete { name: nowhere, expected: None },
        Write::CreateCollection(news()),
        Write::DeleteCollection(news()),
    ]);
    let refused = refused.await;
    assert_eq!(refused[0], Err(Refusal::OtherRevision { current: 1 }));
    assert!(refused[1].is_ok());
    let rest: Vec<_> = refused[2..].iter().map(|outcome| outcome.unwrap_err()).collect();
    use Refusal::{CollectionExists, DefaultCollection, UnknownCollection, UnknownDocument};
    assert_eq!(rest, [UnknownDocument, UnknownCollection, CollectionExists, DefaultCollection]);
}

pub async fn metadata_changes_without_a_new_analysis(pair: Pair) {
    let sent = sketch("a", &[ANN]);
    pair.put(&sent).await;
    let titled = Document { title: Some("New".into()), ..sent.document() };
    let keep =
        |document: Document| Write::Put { document: Box::new(document), analysis: None, expected: None };
    let applied = pair.done(keep(titled)).await;
    assert!(matches!(
        applied.effect,
        Effect::Put { outcome: IngestOutcome::Revised, revision: 2, quotes: 1, .. }
    ));
    let stored = whole(&pair, "a", None).await.unwrap();
    assert_eq!((stored.info.title.as_deref(), &stored.analysis), (Some("New"), &sent.analysis()));
    assert_eq!(stored.links.len(), 1);
    let other = Document { text: "Another text.".into(), ..sent.document() };
    let refused = pair.apply(vec![keep(other), keep(sketch("b", &[ANN]).document())]).await;
    assert_eq!(refused, [Err(Refusal::OtherBasis), Err(Refusal::OtherBasis)]);

    let renewed = Sketch { stamp: "2.0.0", ..sent };
    let renew =
        |revision| Write::Reanalyze { name: name("a"), revision, analysis: Box::new(renewed.analysis()) };
    let outcomes = pair.apply(vec![renew(1), renew(2)]).await;
    assert_eq!(outcomes[0], Err(Refusal::OtherRevision { current: 2 }));
    assert_eq!(outcomes[1].unwrap().effect, Effect::Reanalyzed);
    let stored = whole(&pair, "a", None).await.unwrap();
    assert_eq!((stored.info.revision, stored.info.analyzer.version.as_str()), (2, "2.0.0"));
    assert!(outcomes[1].unwrap().seq > applied.seq, "followers see it");
}

pub async fn a_follower_sees_what_is_there_and_what_has_gone(pair: Pair) {
    for id in ["a", "b", "c"] {
        pair.put(&sketch(id, &[ANN])).await;
    }
    let seen = pair.last().await;
    pair.put(&sketch("b", &[BOB])).await;
    pair.done(Write::Delete { name: name("c"), expected: None }).await;
    let stretch = pair.ports.log.follow(seen, 100, 1 << 20).await.unwrap();
    let told: Vec<_> = stretch
        .changes
        .iter()
        .map(|change| match change {
            Change::Put(document) => (document.info.name.clone(), document.info.revision),
            Change::Gone(name) => (name.clone(), 0),
            Change::CollectionGone(id) => panic!("{id}"),
        })
        .collect();
    assert_eq!(told, [(name("b"), 2), (name("c"), 0)]);
    assert_eq!(stretch.up_to, pair.last().await);
    let nothing = pair.ports.log.follow(stretch.up_to, 100, 1 << 20).await.unwrap();
    assert_eq!((nothing.changes.len(), nothing.up_to), (0, stretch.up_to));

    while pair.ports.log.tidy(stretch.up_to).await.unwrap() {}
    let anew = pair.ports.log.follow(0, 100, 1 << 20).await.unwrap();
    assert!(anew.changes.iter().all(|change| matches!(change, Change::Put(_))), "removals are forgotten");
    assert_eq!(anew.changes.len(), 2);
    assert!(pair.ports.log.floor().await.unwrap() > seen, "whoever stands before it has missed one");
}

pub async fn a_deleted_collection_takes_everything_along(pair: Pair) {
    let sport = CollectionId::new("sport").unwrap();
    let inside =
        |id: &str| DocumentName { collection: sport.clone(), document: DocumentId::new(id).unwrap() };
    pair.done(Write::CreateCollection(sport.clone())).await;
    pair.done(Sketch { name: inside("a"), ..sketch("a", &[ANN]) }.put()).await;
    pair.put(&sketch("a", &[BOB])).await;
    let seen = pair.last().await;
    pair.done(Write::DeleteCollection(sport.clone())).await;
    assert_eq!(pair.ports.log.collection(&sport).await.unwrap(), None);
    assert_eq!(pair.ports.log.documents(&[(inside("a"), None)]).await.unwrap(), [None]);
    let stretch = pair.ports.log.follow(seen, 100, 1 << 20).await.unwrap();
    assert!(matches!(&stretch.changes[..], [Change::CollectionGone(id)] if *id == sport));
    while pair.ports.log.tidy(stretch.up_to).await.unwrap() {}
    pair.done(Write::CreateCollection(sport.clone())).await;
    assert_eq!(pair.ports.log.collection(&sport).await.unwrap().unwrap().documents, 0);
    assert!(whole(&pair, "a", None).await.is_some(), "others are not touched");
}

pub async fn an_erasure_keeps_what_lives_and_every_position(pair: Pair) {
    for (id, said) in [("a", ANN), ("b", BOB), ("a", BOB)] {
        pair.put(&sketch(id, &[said])).await;
    }
    pair.done(Write::Delete { name: name("b"), expected: None }).await;
    let before = (whole(&pair, "a", None).await, whole(&pair, "a", Some(1)).await, pair.last().await);
    let log = &pair.ports.log;
    while log.tidy(before.2).await.unwrap() {}
    log.erase().await.unwrap();
    let after = (whole(&pair, "a", None).await, whole(&pair, "a", Some(1)).await, pair.last().await);
    assert_eq!(after, before);
    let put = pair.put(&sketch("c", &[ANN])).await.seq;
    assert!(put > before.2 && log.remembers(log.identity().epoch, put));
    let pair = pair.again().await;
    assert_eq!(whole(&pair, "a", None).await, before.0);
    assert!(whole(&pair, "b", None).await.is_none() && whole(&pair, "c", None).await.is_some());
}

pub async fn positions_belong_to_an_opening(pair: Pair) {
    let first = pair.put(&sketch("a", &[ANN])).await.seq;
    let epoch = pair.ports.log.identity().epoch;
    assert!(pair.ports.log.remembers(epoch, first));
    let pair = pair.again().await;
    let second = pair.put(&sketch("b", &[ANN])).await.seq;
    let next = pair.ports.log.identity().epoch;
    assert!(next > epoch);
    assert!(pair.ports.log.remembers(epoch, first) && pair.ports.log.remembers(next, second));
    assert!(!pair.ports.log.remembers(epoch, second), "that opening never gave it out");
    assert!(!pair.ports.log.remembers(next + 1, second));
}

fn operation() -> Operation {
    Operation {
        id: OperationId(0),
        task: Task::Reanalyze {
            collection: news(),
            filter: Some(DocumentFilter::default()),
            renewal: Renewal::OlderBy(AnalyzerName::Fast),
        },
        progress: Progress::default(),
        state: OperationState::Waiting,
        began_at: 0,
        created_at: at(1),
        updated_at: at(1),
    }
}

pub async fn operations_are_kept_until_they_are_forgotten(pair: Pair) {
    let save = |operation| Write::SaveOperation(Box::new(operation));
    let mut ids = Vec::new();
    for _ in 0..2 {
        let Effect::OperationSaved(id) = pair.done(save(operation())).await.effect else { panic!() };
        ids.push(id);
    }
    let ended = Operation { id: ids[0], state: OperationState::Succeeded, ..operation() };
    pair.done(save(ended.clone())).await;
    let pair = pair.again().await;
    assert_eq!(pair.ports.log.operation(ids[0]).await.unwrap(), Some(ended));
    let listed: Vec<_> = pair.ports.log.operations().await.unwrap().iter().map(|one| one.id).collect();
    assert_eq!(listed, [ids[1], ids[0]]);
    pair.done(Write::ForgetOperation(ids[0])).await;
    let refused = pair.apply(vec![Write::ForgetOperation(ids[0])]).await;
    assert_eq!(refused, [Err(Refusal::UnknownOperation)]);
    assert_eq!(pair.ports.log.operation(ids[0]).await.unwrap(), None);
}

pub async fn everything_is_there_after_opening_again(pair: Pair) {
    let store = pair.ports.log.identity().store;
    pair.put(&sketch("a", &[ANN])).await;
    pair.put(&sketch("a", &[BOB])).await;
    let before = whole(&pair, "a", None).await;
    let pair = pair.again().await;
    assert_eq!(pair.ports.log.identity().store, store);
    assert_eq!(whole(&pair, "a", None).await, before);
    assert!(whole(&pair, "a", Some(1)).await.is_some());
}

pub async fn analyzers_are_counted(pair: Pair) {
    pair.put(&sketch("a", &[ANN])).await;
    pair.put(&sketch("b", &[ANN])).await;
    pair.put(&Sketch { stamp: "2.0.0", ..sketch("b", &[BOB]) }).await;
    pair.put(&sketch("c", &[ANN])).await;
    pair.done(Write::Delete { name: name("c"), expected: None }).await;
    let mut counted = pair.ports.log.analyzers().await.unwrap();
    counted.sort_by(|one, other| one.0.version.cmp(&other.0.version));
    assert_eq!(counted, [(stamp("1.0.0"), 1), (stamp("2.0.0"), 1)]);
}

pub async fn lists_go_on_where_they_ended(pair: Pair) {
    for id in ["c", "a", "b"] {
        pair.put(&sketch(id, &[ANN])).await;
    }
    let mut after = None;
    let mut listed = Vec::new();
    while let [info] = &pair.ports.log.list(&news(), after.as_ref(), 1).await.unwrap()[..] {
        listed.push(info.name.document.to_string());
        after = Some(info.name.document.clone());
    }
    assert_eq!(listed, ["a", "b", "c"]);
    pair.done(Write::CreateCollection(CollectionId::new("sport").unwrap())).await;
    let (page, total) = pair.ports.log.collections(None, 1).await.unwrap();
    assert_eq!((page.len(), total), (1, 2));
    let (page, _) = pair.ports.log.collections(Some(&page[0].id), 10).await.unwrap();
    assert_eq!(page.len(), 1);
}

pub async fn a_moment_of_the_past_is_shown_as_far_as_it_is_kept(pair: Pair) {
    let log = &pair.ports.log;
    let apply = async |write: Write, seconds: i64| {
        log.apply([write].into(), at(seconds)).await.unwrap().pop().unwrap().unwrap()
    };
    let put = |id: &str, said: &'static str| sketch(id, &[("Ann Lee", said)]).put();
    let titled = |id: &str, analysis: bool| {
        let sent = sketch(id, &[("Ann Lee", "One")]);
        let document = Document { title: Some("New".into()), ..sent.document() };
        let analysis = analysis.then(|| Box::new(Sketch { stamp: "2.0.0", ..sent }.analysis()));
        Write::Put { document: Box::new(document), analysis, expected: None }
    };
    let renewed = |id: &str, revision| Write::Reanalyze {
        name: name(id),
        revision,
        analysis: Box::new(Sketch { stamp: "2.0.0", ..sketch(id, &[("Ann Lee", "One")]) }.analysis()),
    };
    let ids =
        ["bad", "deleted", "kept", "renewed", "retitled", "retitled-anew", "revised", "twice", "untouched"];
    for id in ids {
        apply(put(id, "Zero"), 10).await;
        apply(put(id, "One"), 20).await;
    }
    let moment = Moment { seq: pair.last().await, at: at(30) };
    apply(Write::Delete { name: name("deleted"), expected: None }, 40).await;
    apply(put("made-since", "One"), 40).await;
    apply(renewed("renewed", 2), 40).await;
    apply(titled("retitled", false), 40).await;
    apply(titled("retitled-anew", true), 40).await;
    apply(put("revised", "Two"), 40).await;
    apply(put("twice", "Two"), 40).await;
    apply(put("twice", "Three"), 50).await;
    // The revision of the moment, with another analysis, is the one before the current one.
    apply(renewed("kept", 2), 40).await;
    apply(put("kept", "Two"), 50).await;
    // Deleted, and made again under its name.
    apply(Write::Delete { name: name("bad"), expected: None }, 40).await;
    apply(put("bad", "One"), 50).await;
    apply(put("bad", "Two"), 60).await;

    let (mut shown, mut after) = (Vec::new(), None);
    loop {
        let standing = log.standing(&news(), moment, after.as_ref(), 2).await.unwrap();
        shown.extend(standing.documents.into_iter().map(|stood| match stood {
            Stood::Unchanged(info) => (info.name.document.to_string(), "unchanged", info.revision),
            Stood::Changed(info) => {
                assert!(info.title.is_none(), "{info:?}");
                (info.name.document.to_string(), "changed", info.revision)
            }
            Stood::Lost(id) => (id.to_string(), "lost", 0),
        }));
        after = standing.up_to;
        if after.is_none() {
            break;
        }
    }
    let expected = [
        ("kept", "changed", 2),
        ("renewed", "changed", 2),
        ("retitled", "changed", 2),
        ("retitled-anew", "changed", 2),
        ("revised", "changed", 2),
        ("twice", "lost", 0),
        ("untouched", "unchanged", 2),
    ];
    assert_eq!(shown, expected.map(|(id, how, revision)| (id.to_owned(), how, revision)));
    let nowhere = CollectionId::new("no").unwrap();
    assert!(log.standing(&nowhere, moment, None, 9).await.unwrap().documents.is_empty());
}
