//! Erasing: what was deleted is nowhere on the disk, and what was not is all there.

use super::*;
use std::collections::BTreeSet;

/// Words that no compression hides and that occur nowhere else.
const SECRET: &str = "vqkzxjwpyhb";

fn betrays(bytes: &[u8]) -> bool {
    // The beginning of a term may be left to the one before it.
    let middle = &SECRET.as_bytes()[3..];
    bytes.windows(middle.len()).any(|window| window == middle)
}

/// The kinds of files in which the secret stands. Dictionaries of terms are read through the search engine, since their bytes show no
/// word.
fn betrayed(dir: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut kinds: BTreeSet<String> = files
        .filter(|file| std::fs::read(file).is_ok_and(|bytes| betrays(&bytes)))
        .map(|file| file.extension().unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    if !segments_with_the_term(dir).is_empty() {
        kinds.insert("term".into());
    }
    kinds
}

fn segments_with_the_term(dir: &Path) -> Vec<String> {
    let index = tantivy::Index::open_in_dir(dir).unwrap();
    let searcher = index.reader().unwrap().searcher();
    let has_it = |segment: &&tantivy::SegmentReader| {
        index.schema().fields().filter(|(_, entry)| entry.is_indexed()).any(|(field, _)| {
            let dictionary = segment.inverted_index(field).unwrap();
            let mut terms = dictionary.terms().stream().unwrap();
            std::iter::from_fn(|| terms.advance().then(|| betrays(terms.key()))).any(|betrays| betrays)
        })
    };
    searcher
        .segment_readers()
        .iter()
        .filter(has_it)
        .map(|segment| segment.segment_id().uuid_string())
        .collect()
}

fn nowhere() -> BTreeSet<String> {
    BTreeSet::new()
}

fn secret(id: &str) -> StoredDocument {
    let mut stored = document(id, &[&format!("{SECRET}speaker:The word is {SECRET}.")]);
    stored.info.title = Some(format!("About {SECRET}"));
    stored.info.source = Some(format!("{SECRET} source"));
    stored.info.url = Some(format!("https://{SECRET}.example"));
    stored.info.labels = [(format!("{SECRET} key"), format!("{SECRET} value"))].into();
    stored
}

#[test]
fn what_was_deleted_is_in_no_file_once_it_is_erased() {
    let fixture = Fixture::new();
    for n in 0..5 {
        let others: Vec<_> =
            (0..20).map(|m| document(&format!("d{n}-{m}"), &["Other words.", "More."])).collect();
        fixture.put(&[&others[..], &[secret(&format!("s{n}"))]].concat(), n + 1);
    }
    let person =
        collection_entity(&format!("{SECRET}-id"), EntityType::Person, &[&format!("{SECRET} person")], 1);
    fixture.apply(vec![IndexOp::PutEntity(Box::new(person.clone()))], 6);
    let everywhere = ["fast", "store", "term"].map(str::to_owned).into();
    assert_eq!(betrayed(fixture.dir.path()), everywhere, "the test sees what is there");
    let before = fixture.view();
    let mut gone: Vec<_> =
        (0..4).map(|n| IndexOp::DeleteDocument(secret(&format!("s{n}")).info.name)).collect();
    gone.push(IndexOp::DeleteEntity(person.name));
    // A new revision takes the place of what is to be forgotten.
    gone.push(put(&document("s4", &["Nothing to see."])));
    fixture.apply(gone, 7);
    // Merges have perhaps taken some of it away.
    assert!(!betrayed(fixture.dir.path()).is_empty(), "a deletion alone leaves it there");
    let segments = segments_with_the_term(fixture.dir.path());
    done(fixture.index.erase()).unwrap();
    assert_eq!(betrayed(fixture.dir.path()), nowhere());
    for file in std::fs::read_dir(fixture.dir.path()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(!segments.iter().any(|segment| name.starts_with(segment.as_str())), "{name} is still there");
    }
    let view = fixture.view();
    assert_eq!(by_text(view.as_ref(), SECRET), [""; 0]);
    let all =
        ask_quotes(view.as_ref(), &QuoteFilter::default(), &Resolved::default(), Order::Relevance, &page(1));
    assert_eq!((all.unwrap().total, view.applied()), (201, 7));
    assert_eq!(by_text(before.as_ref(), SECRET).len(), 5, "a view that was opened before keeps its own");
    let fixture = fixture.again();
    assert_eq!(fixture.opened, Opened { applied: 7, origin: Origin::Opened });
    assert_eq!(betrayed(fixture.dir.path()), nowhere());
}

#[test]
fn a_collection_can_be_erased_whole() {
    let fixture = Fixture::with(&[secret("a"), secret("b")]);
    fixture.apply(vec![IndexOp::DeleteCollection(news())], 2);
    done(fixture.index.erase()).unwrap();
    assert_eq!(betrayed(fixture.dir.path()), nowhere());
    fixture.put(&[document("a", &["After."])], 3);
    assert_eq!(by_text(fixture.view().as_ref(), "after"), ["a/q1"]);
}

#[test]
fn writes_go_on_while_it_erases() {
    let fixture = Fixture::new();
    for n in 1..30 {
        let some: Vec<_> = (0..10).map(|m| document(&format!("d{m}"), &["The same words."])).collect();
        fixture.put(&[&some[..], &[secret("s")]].concat(), n);
    }
    fixture.apply(vec![IndexOp::DeleteDocument(secret("s").info.name)], 30);
    let writes = async {
        for n in 31..60 {
            fixture.index.apply(vec![put(&document("d1", &["The same words."]))], n).await.unwrap();
        }
    };
    let (erased, ()) = done(async { tokio::join!(fixture.index.erase(), writes) });
    erased.unwrap();
    assert_eq!(betrayed(fixture.dir.path()), nowhere());
    assert_eq!(by_text(fixture.view().as_ref(), "same").len(), 10);
}

#[test]
fn an_erasure_that_fails_says_so() {
    let system = Arc::new(System::default());
    let fixture = Fixture::under(&system);
    fixture.put(&[secret("s"), document("a", &["Words."])], 1);
    fixture.apply(vec![IndexOp::DeleteDocument(secret("s").info.name)], 2);
    system.fail(|access, _| match access {
        Access::Change => Err(io::Error::from_raw_os_error(28)),
        Access::Read => Ok(()),
    });
    assert!(done(fixture.index.erase()).is_err());
    system.heal();
    assert_eq!(by_text(fixture.view().as_ref(), "words"), ["a/q1"]);
    done(fixture.index.open(&log())).unwrap();
    done(fixture.index.erase()).unwrap();
    assert_eq!(betrayed(fixture.dir.path()), nowhere());
}
