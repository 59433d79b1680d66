//! Keeping up with the store: order of operations, positions, and what a new revision leaves behind.

use super::*;

fn documents(index: &Index, collection: &CollectionId) -> Vec<String> {
    let (filter, entities) = (DocumentFilter::default(), Resolved::default());
    let found =
        index.search_documents(collection, &filter, &entities, Order::OldestFirst, &page(99)).unwrap();
    found.hits.into_iter().map(|(hit, _)| hit.document.document.to_string()).collect()
}

#[test]
fn a_revision_takes_the_place_of_the_old_quotes() {
    let fixture =
        Fixture::with(&[document("a", &["Old words.", "More old words."]), document("ab", &["Others."])]);
    fixture.apply(&[IndexOp::PutDocument(&document("a", &["New words."]))], 2).unwrap();
    assert_eq!(by_text(&fixture, "old"), [""; 0]);
    assert_eq!(by_text(&fixture, "new"), ["a/q1"]);
    assert_eq!(documents(&fixture, &news()), ["a", "ab"]);
    fixture.apply(&[IndexOp::DeleteDocument(&document("a", &[]).document.name)], 3).unwrap();
    assert_eq!(documents(&fixture, &news()), ["ab"]);
    assert_eq!(by_text(&fixture, "new"), [""; 0]);
}

#[test]
fn the_last_of_one_batch_wins() {
    let fixture = Fixture::new();
    let (one, two) = (document("a", &["One."]), document("a", &["Two.", "Three."]));
    let name = &one.document.name;
    let ops = [
        IndexOp::PutDocument(&one),
        IndexOp::DeleteDocument(name),
        IndexOp::PutDocument(&one),
        IndexOp::PutDocument(&two),
    ];
    fixture.apply(&ops, 4).unwrap();
    assert_eq!(by_text(&fixture, ""), ["a/q1", "a/q2"]);
    assert_eq!(documents(&fixture, &news()), ["a"]);
}

#[test]
fn a_collection_that_is_deleted_and_made_again_holds_only_what_came_after() {
    let mut other = document("x", &["Elsewhere."]);
    other.document.name.collection = CollectionId::new("news2").unwrap();
    let fixture = Fixture::with(&[document("a", &["Before."]), other.clone()]);
    let after = document("b", &["After."]);
    fixture.apply(&[IndexOp::DeleteCollection(&news()), IndexOp::PutDocument(&after)], 5).unwrap();
    assert_eq!(documents(&fixture, &news()), ["b"]);
    assert_eq!(documents(&fixture, &other.document.name.collection), ["x"]);
}

#[test]
fn the_position_survives_with_the_commit_and_only_with_it() {
    let Fixture { index, dir } = Fixture::new();
    assert_eq!((index.origin(), index.applied()), (&Origin::Created, 0));
    index.apply(&[IndexOp::PutDocument(&document("a", &["Words."]))], 41).unwrap();
    index.apply(&[], 42).unwrap();
    assert_eq!(index.applied(), 42);
    drop(index);
    let index = open(dir.path());
    assert_eq!((index.origin(), index.applied()), (&Origin::Opened, 42));
    assert_eq!(documents(&index, &news()), ["a"]);
}

#[test]
fn an_index_of_another_store_is_made_anew() {
    let Fixture { index, dir } = Fixture::with(&[document("a", &["Words."])]);
    drop(index);
    let index = Index::open(&IndexConfig { store: [8; 16], ..config(dir.path()) }).unwrap();
    assert_eq!(index.origin(), &Origin::Recreated("it follows another store".into()));
    assert_eq!((index.applied(), documents(&index, &news())), (0, vec![]));
}

#[test]
fn garbage_of_many_revisions_is_merged_away() {
    let fixture = Fixture::new();
    for revision in 1..40 {
        let documents: Vec<_> = (0..10).map(|n| document(&format!("d{n}"), &["The same words."])).collect();
        fixture.apply(&documents.iter().map(IndexOp::PutDocument).collect::<Vec<_>>(), revision).unwrap();
    }
    let Fixture { index, dir } = fixture;
    index.writer.into_inner().unwrap().wait_merging_threads().unwrap();
    let segments = tantivy::Index::open_in_dir(dir.path()).unwrap().searchable_segment_metas().unwrap();
    let entries: u32 = segments.iter().map(tantivy::SegmentMeta::max_doc).sum();
    assert!(entries < 200, "{entries} entries for 20 living ones in {} segments", segments.len());
}
