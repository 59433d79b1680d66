//! Keeping up with the log: order of operations, positions, and what a new revision leaves behind.

use super::*;

#[test]
fn a_revision_takes_the_place_of_the_old_quotes() {
    let fixture = Fixture::with(&in_turn([
        document("a", &["Old words.", "More old words."]),
        document("ab", &["Others."]),
    ]));
    let before = fixture.view();
    fixture.put(&[document("a", &["New words."])], 2);
    let view = fixture.view();
    assert_eq!(by_text(view.as_ref(), "old"), [""; 0]);
    assert_eq!(by_text(view.as_ref(), "new"), ["a/q1"]);
    assert_eq!(documents(view.as_ref(), &news()), ["a", "ab"]);
    fixture.apply(vec![IndexOp::DeleteDocument(document("a", &[]).info.name)], 3);
    assert_eq!(documents(fixture.view().as_ref(), &news()), ["ab"]);
    assert_eq!(by_text(fixture.view().as_ref(), "new"), [""; 0]);
    assert_eq!(by_text(before.as_ref(), "old"), ["a/q1", "a/q2"], "a view stays as it was");
    assert_eq!((before.applied(), view.applied(), fixture.view().applied()), (1, 2, 3));
}

#[test]
fn views_of_one_commit_are_one() {
    let fixture = Fixture::with(&[document("a", &["Words."])]);
    let (one, other) = (fixture.view(), fixture.view());
    assert_eq!(one.id(), other.id());
    fixture.apply(vec![], 2);
    assert_ne!(fixture.view().id(), one.id());
}

#[test]
fn the_last_of_one_batch_wins() {
    let fixture = Fixture::new();
    let (one, two) = (document("a", &["One."]), document("a", &["Two.", "Three."]));
    let ops = vec![put(&one), IndexOp::DeleteDocument(one.info.name.clone()), put(&one), put(&two)];
    fixture.apply(ops, 4);
    assert_eq!(by_text(fixture.view().as_ref(), ""), ["a/q1", "a/q2"]);
    assert_eq!(documents(fixture.view().as_ref(), &news()), ["a"]);
}

#[test]
fn a_collection_that_is_deleted_and_made_again_holds_only_what_came_after() {
    let mut other = document("x", &["Elsewhere."]);
    other.info.name.collection = CollectionId::new("news2").unwrap();
    let fixture = Fixture::with(&[document("a", &["Before."]), other.clone()]);
    let person = collection_entity("e1", EntityType::Person, &["Jane Miller"], 1);
    fixture.apply(vec![IndexOp::PutEntity(Box::new(person))], 2);
    fixture.apply(vec![IndexOp::DeleteCollection(news()), put(&document("b", &["After."]))], 5);
    let view = fixture.view();
    assert_eq!(documents(view.as_ref(), &news()), ["b"]);
    assert_eq!(by_text(view.as_ref(), "before"), [""; 0]);
    assert_eq!(ask_entities(view.as_ref(), &EntityFilter::default(), &page(1)).unwrap().total, 0);
    assert_eq!(documents(view.as_ref(), &other.info.name.collection), ["x"]);
}

#[test]
fn the_position_survives_with_the_commit_and_only_with_it() {
    let fixture = Fixture::new();
    assert_eq!((&fixture.opened.origin, fixture.index.applied()), (&Origin::Created, 0));
    fixture.put(&[document("a", &["Words."])], 41);
    fixture.apply(vec![], 42);
    assert_eq!(fixture.index.applied(), 42);
    let fixture = fixture.again();
    assert_eq!(fixture.opened, Opened { applied: 42, origin: Origin::Opened });
    assert_eq!(fixture.index.applied(), 42);
    assert_eq!(documents(fixture.view().as_ref(), &news()), ["a"]);
}

#[test]
fn an_index_that_cannot_follow_the_log_is_emptied() {
    let cases = [
        (Followed { store: [8; 16], ..log() }, "another log"),
        (Followed { last: 40, ..log() }, "ahead of the log"),
        (Followed { floor: 42, ..log() }, "none before 42"),
    ];
    for (log, expected) in cases {
        let Fixture { index, dir, .. } = Fixture::new();
        done(index.apply(vec![put(&document("a", &["Words."]))], 41)).unwrap();
        drop(index);
        let fixture = Fixture::following(dir, &log);
        match &fixture.opened.origin {
            Origin::Recreated(reason) => assert!(reason.contains(expected), "{reason}"),
            other => panic!("{other:?}"),
        }
        assert_eq!((fixture.opened.applied, documents(fixture.view().as_ref(), &news())), (0, vec![]));
    }
    let fixture = Fixture::new();
    fixture.apply(vec![], 41);
    let Fixture { index, dir, .. } = fixture;
    drop(index);
    let fixture = Fixture::following(dir, &Followed { last: 41, floor: 41, ..log() });
    assert_eq!(fixture.opened, Opened { applied: 41, origin: Origin::Opened });
}

#[test]
fn nothing_is_done_before_the_index_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let index = TantivyIndex::new(config(&dir.path().join("a/b"))).unwrap();
    assert!(!dir.path().join("a").exists(), "making it touches no disk");
    let closed = |error: PortError| matches!(error, PortError::Unavailable(outage) if outage.kind == OutageKind::Closed);
    assert!(closed(done(index.apply(vec![], 1)).unwrap_err()));
    assert!(closed(done(index.erase()).unwrap_err()));
    assert!(closed(done(index.open_view()).unwrap_err()));
    assert_eq!(done(index.open(&log())).unwrap(), Opened { applied: 0, origin: Origin::Created });
    done(index.apply(vec![], 1)).unwrap();
}

#[test]
fn garbage_of_many_revisions_is_merged_away() {
    let fixture = Fixture::new();
    for revision in 1..40 {
        let documents: Vec<_> = (0..10).map(|n| document(&format!("d{n}"), &["The same words."])).collect();
        fixture.put(&documents, revision);
    }
    let segments =
        || tantivy::Index::open_in_dir(fixture.dir.path()).unwrap().searchable_segment_metas().unwrap();
    let entries = || segments().iter().map(tantivy::SegmentMeta::max_doc).sum::<u32>();
    let patient = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        entries() < 60 && segments().len() < 4
    });
    assert!(patient, "{} entries for 20 living ones in {} segments", entries(), segments().len());
    assert_eq!(documents(fixture.view().as_ref(), &news()).len(), 10);
}
