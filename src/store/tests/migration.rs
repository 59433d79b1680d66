//! A store that an older program made: opening it brings it to the present format, with everything in it.

use super::super::record::decode;
use super::super::rows::EntityRow;
use super::disk::Disk;
use super::*;
use crate::folding::quote_id::quote_ids;
use redb::{ReadableDatabase, TableDefinition, TableHandle};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// A store of format 1 as its program left it: three living collections and one deleted; revisions, deletions, documents that
/// came back; namesakes and bare surnames; other languages.
const FORMAT_1: &[u8] = include_bytes!("../../../tests/fixtures/store-v1/store.redb.zst");

const META: TableDefinition<'static, &'static str, &'static [u8]> = TableDefinition::new("meta");

pub(super) fn image() -> Vec<u8> {
    zstd::decode_all(FORMAT_1).unwrap()
}

fn unpacked() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE), image()).unwrap();
    dir
}

fn fact(dir: &Path, key: &str) -> Vec<u8> {
    let database = redb::Database::open(dir.join(FILE)).unwrap();
    let meta = database.begin_read().unwrap().open_table(META).unwrap();
    meta.get(key).unwrap().unwrap().value().to_vec()
}

/// All documents of all collections, in the order of their changes.
fn everything(store: &Core) -> Vec<StoredDocument> {
    let documents = store.follow(0).into_iter().filter_map(|change| match change {
        Change::Put(document) => Some(*document),
        _ => None,
    });
    documents.collect()
}

/// The document as a client sent it.
fn as_sent(stored: &StoredDocument) -> Document {
    let DocumentInfo { name, title, published_at, source, url, language, labels, .. } = stored.info.clone();
    Document {
        name,
        text: stored.text.clone(),
        title,
        published_at,
        source,
        url,
        language,
        labels,
        page: None,
    }
}

fn put_again(stored: &StoredDocument) -> Write {
    let (document, analysis) = (as_sent(stored), stored.analysis.clone());
    Write::Put { document: Box::new(document), analysis: Some(Box::new(analysis)), expected: None }
}

/// Every entity of the collection, but for the numbers of its changes.
fn entities(store: &Core, collection_id: &str) -> BTreeMap<String, EntityRow> {
    let rows = store.read(|snapshot| {
        let generation = snapshot.generation(&collection(collection_id))?.unwrap();
        let rows = snapshot.entities.range((generation, "")..(generation + 1, ""))?;
        rows.map(|entry| {
            let (key, row) = entry?;
            Ok((key.value().1.to_owned(), EntityRow { seq: 0, ..decode(row.value())? }))
        })
        .collect()
    });
    rows.unwrap()
}

#[test]
fn an_older_store_is_brought_to_the_present_format_with_everything_in_it() {
    let dir = unpacked();
    let (id, secret, last) =
        (fact(dir.path(), "id"), fact(dir.path(), "secret"), fact(dir.path(), "last_seq"));
    let store = Fixture::at(dir);
    assert_eq!((store.facts().id.to_vec(), store.facts().secret.to_vec()), (id, secret));
    let (collections, count) = store.read(|snapshot| snapshot.collections(None, 100)).unwrap();
    let found: Vec<_> = collections.iter().map(|info| (info.id.as_str(), info.documents)).collect();
    assert_eq!((found.as_slice(), count), ([("default", 25), ("news", 7), ("sport", 4)].as_slice(), 3));
    let documents = everything(&store);
    assert_eq!(documents.len(), 36);
    for info in &collections {
        let of = documents.iter().filter(|document| document.info.name.collection == info.id);
        assert_eq!(info.quotes, of.map(|document| document.analysis.quotes.len() as u64).sum::<u64>());
    }
    let revisions = [("d0", 1), ("d1", 2), ("d2", 2), ("d3", 3), ("d4", 2), ("d23", 1), ("kanji", 1)];
    for (id, revision) in revisions {
        let document = store.document(&document_name("default", id)).unwrap();
        assert_eq!(document.info.revision, revision, "{id}");
        assert_eq!(document.info.created_at == document.info.updated_at, revision == 1, "{id}");
    }
    let corrected = as_sent(&store.document(&document_name("default", "d1")).unwrap());
    assert_eq!(corrected.title.as_deref(), Some("Item 1, corrected"));
    assert_eq!(corrected.url.as_deref(), Some("https://news.example/1"));
    assert_eq!(corrected.labels["desk"], "coast");
    assert!(corrected.text.starts_with("EASTMERE — Tomas Okafor"), "{}", corrected.text);
    // Followers begin anew.
    let last = u64::from_le_bytes(last.try_into().unwrap());
    assert_eq!((store.floor(), store.last_seq()), (last + 1, store.last_seq()));
}

#[test]
fn quotes_of_an_older_store_get_ids_that_last() {
    let store = Fixture::at(unpacked());
    let mut quotes = 0;
    for StoredDocument { info, text, analysis, .. } in everything(&store) {
        let ids: Vec<&str> = analysis.quotes.iter().map(|quote| quote.id.as_str()).collect();
        let contents =
            analysis.quotes.iter().map(|quote| quote.contents.iter().map(|span| span.slice(&text)));
        let expected: Vec<String> = quote_ids(contents).iter().map(QuoteId::to_string).collect();
        assert_eq!(ids, expected, "{:?}", info.name);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        quotes += ids.len();
    }
    assert!(quotes > 100, "{quotes}");
}

#[test]
fn documents_of_an_older_store_are_known_by_their_analyzer() {
    let store = Fixture::at(unpacked());
    let analyzers = store.read(|snapshot| snapshot.analyzers()).unwrap();
    let [(stamp, 36)] = analyzers.as_slice() else { panic!("{analyzers:?}") };
    assert_eq!(stamp.name, "dictum-en");
    assert!(everything(&store).iter().all(|document| document.analysis.analyzer == *stamp));
}

#[test]
fn entities_of_an_older_store_are_those_that_its_documents_give_anew() {
    let (migrated, anew) = (Fixture::at(unpacked()), Fixture::new());
    for id in ["news", "sport"] {
        anew.put(Write::CreateCollection(collection(id)), 1).unwrap();
    }
    for document in everything(&migrated) {
        anew.put(put_again(&document), 1).unwrap();
    }
    for id in ["default", "news", "sport"] {
        let found = entities(&migrated, id);
        assert!(found.len() > 1, "{found:?}");
        assert_eq!(found, entities(&anew, id), "{id}");
    }
}

#[test]
fn an_older_store_goes_on_like_any_other() {
    let store = Fixture::at(unpacked());
    let name = document_name("default", "d5");
    let before = store.document(&name).unwrap();
    store.put(put_again(&before), 1_800_000_000).unwrap();
    assert_eq!(store.document(&name).unwrap().info.revision, 1, "the same content is current already");
    store.put(Sketch::of(&[person("Ann Lee", &["mayor"], 1)]).put(&name), 1_800_000_000).unwrap();
    assert_eq!(as_sent(&store.revision(&name, 1).unwrap()), as_sent(&before));
    store.put(delete(&document_name("news", "d0")), 1_800_000_001).unwrap();
    while store.tidy(store.last_seq()).unwrap() {}
    let identity = store.facts();
    let store = store.reopen();
    assert!(store.facts() == identity);
    assert_eq!((everything(&store).len(), store.document(&name).unwrap().info.revision), (35, 2));
    let Fixture { core, dir } = store;
    drop(core);
    let database = redb::Database::open(dir.path().join(FILE)).unwrap();
    let transaction = database.begin_read().unwrap();
    let mut tables = transaction.list_tables().unwrap();
    assert!(!tables.any(|table| table.name().contains("format")), "nothing of the older one is left");
}

#[test]
fn a_power_loss_at_any_time_leaves_a_store_of_one_format_or_the_other() {
    for n in (0..).step_by(7) {
        let disk = Disk::with(image());
        disk.fail_after(n, io::ErrorKind::Other);
        let store = disk.open().unwrap();
        assert_eq!(everything(&store).len(), 36, "what is there is answered from memory");
        assert_eq!(everything(&disk.after_power_loss()).len(), 36, "operation {n}");
        assert_eq!(everything(&disk.after_kill()).len(), 36, "operation {n}");
        if store.device().failure().is_none() {
            assert!(n > 20, "only {n} operations");
            break;
        }
    }
}

#[test]
fn damage_in_an_older_store_is_named_and_the_store_stays_as_it_was() {
    let dir = unpacked();
    let path = dir.path().join(FILE);
    let database = redb::Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    let texts: TableDefinition<'static, (u64, &'static str), &'static [u8]> = TableDefinition::new("texts");
    transaction.open_table(texts).unwrap().insert((1, "d3"), [1, 2, 3].as_slice()).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = Store::open(dir.path(), &StoreConfig::default(), at(0)).unwrap_err();
    let told = error.to_string();
    assert!(told.contains("\"d3\"") && told.contains("default") && told.contains("format 1"), "{told}");
    assert_eq!(fact(dir.path(), "format"), 1u32.to_le_bytes());
}
