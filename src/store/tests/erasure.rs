//! Erasure: nothing of what was deleted is left in the file, nothing of the rest is lost.

use super::super::record::pack;
use super::super::write::TEXT;
use super::disk::Desk;
use super::*;
use crate::ports::{LogState, Outage, OutageKind};
use std::io;
use std::time::Duration;

/// Words that mean nothing and are hard to compress.
fn noise(seed: &str) -> String {
    let mut bytes = [0; 9_000];
    blake3::Hasher::new().update(seed.as_bytes()).finalize_xof().fill(&mut bytes);
    data_encoding::BASE64URL_NOPAD.encode(&bytes)
}

/// A document of noise about somebody.
fn secret(id: &str, seed: &str, about: &str) -> (Write, Vec<u8>) {
    let sketch = Sketch::of(&[person(about, &["keeper of the seal"], 2)]);
    let (mut document, analysis) = sketch.document(&document_name("default", id));
    document.text.push_str(&noise(seed));
    let packed = pack(TEXT, document.text.as_bytes()).unwrap();
    let put = Write::Put { document: Box::new(document), analysis: Some(Box::new(analysis)), expected: None };
    // From the middle, where the frame's header is over.
    (put, packed[4_000..4_040].to_vec())
}

async fn apply(store: &Store, writes: Vec<Write>) {
    let outcomes = store.apply(writes.into(), at(9)).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}

async fn tidy(store: &Store) {
    while store.tidy(store.last_seq().await.unwrap()).await.unwrap() {}
}

async fn until_ready(store: &Store) {
    let mut state = store.state();
    let ready = state.wait_for(|state| matches!(state, LogState::Ready));
    tokio::time::timeout(Duration::from_secs(20), ready).await.expect("the state changes").unwrap();
}

fn holds(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn nothing_of_a_deleted_document_is_left_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &StoreConfig::default(), at(0)).unwrap();
    let ids: Vec<String> = (0..60).map(|n| format!("d{n:02}")).collect();
    apply(&store, batch(&ids.iter().map(String::as_str).collect::<Vec<_>>())).await;
    let name = "Wyxlqor Pzzt";
    let (first, first_mark) = secret("s", "one", name);
    let (second, second_mark) = secret("s", "two", name);
    let (third, third_mark) = secret("s", "three", name);
    for write in [first, second, third] {
        apply(&store, vec![write]).await;
    }
    // One that shares pages with others in the transaction that removes it.
    let (brief, brief_mark) = secret("t", "four", "Wyxlqor Qwwt");
    apply(&store, vec![brief]).await;
    let (changed, changed_mark) = secret("t", "five", "Wyxlqor Rvvt");
    apply(&store, vec![changed, delete(&document_name("default", "t"))]).await;
    let marks = [&first_mark, &second_mark, &third_mark, &brief_mark, &changed_mark];
    let file = || std::fs::read(dir.path().join(FILE)).unwrap();
    let before = file();
    assert!(holds(&before, name.as_bytes()) && holds(&before, &third_mark), "the test sees what is there");
    apply(&store, vec![delete(&document_name("default", "s"))]).await;
    tidy(&store).await;
    store.erase().await.unwrap();
    let after = file();
    for word in ["Wyxlqor", "wyxlqor", "Pzzt", "qwwt", "rvvt", "keeper of the seal"] {
        assert!(!holds(&after, word.as_bytes()), "{word}");
    }
    for (n, mark) in marks.into_iter().enumerate() {
        assert!(!holds(&after, mark), "text {n}");
    }
    assert!(after.len() < before.len());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "the copy is the only file");
    assert_eq!(answered(&store).await.unwrap(), ids);
    apply(&store, batch(&["e"])).await;
    let (identity, last) = (store.identity(), store.last_seq().await.unwrap());
    drop(store);
    let store = Store::open(dir.path(), &StoreConfig::default(), at(0)).unwrap();
    assert_eq!(answered(&store).await.unwrap().len(), 61);
    assert_eq!((store.identity().store, store.last_seq().await.unwrap()), (identity.store, last));
    assert!(store.remembers(identity.epoch, last));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_during_an_erasure_is_there_after_it() {
    let desk = Desk::new();
    let store = std::sync::Arc::new(desk.open(&StoreConfig::default()));
    apply(&store, batch(&["a", "b", "c"])).await;
    let (old, copy) = (desk.disk(), desk.copy());
    copy.state().held = true;
    let erasing = |store: &std::sync::Arc<Store>| {
        let store = store.clone();
        tokio::spawn(async move { store.erase().await })
    };
    let (one, two) = (erasing(&store), erasing(&store));
    tokio::time::sleep(Duration::from_millis(20)).await;
    for n in 0..30 {
        apply(&store, batch(&[&format!("n{n:02}")])).await;
    }
    apply(&store, vec![delete(&document_name("default", "b")), delete(&document_name("default", "n07"))])
        .await;
    tidy(&store).await;
    apply(&store, batch(&["o"])).await;
    let expected = answered(&store).await.unwrap();
    let (seq, floor) = (store.last_seq().await.unwrap(), store.floor().await.unwrap());
    assert!(!one.is_finished() && !two.is_finished());
    copy.state().held = false;
    one.await.unwrap().unwrap();
    two.await.unwrap().unwrap();
    assert!(!old.state().present, "the copy has taken the place");
    assert_eq!(answered(&store).await.unwrap(), expected);
    assert_eq!((store.last_seq().await.unwrap(), store.floor().await.unwrap()), (seq, floor));
    apply(&store, batch(&["p"])).await;
    assert_eq!(documents_of(&desk.disk().after_power_loss()).len(), expected.len() + 1);
}

#[tokio::test]
async fn an_erasure_that_fails_at_any_operation_leaves_the_store_as_it_was() {
    for n in (0..).step_by(3) {
        let desk = Desk::new();
        let store = desk.open(&StoreConfig::default());
        apply(&store, batch(&["a", "b"])).await;
        let copy = desk.copy();
        copy.fail_after(n, io::ErrorKind::StorageFull);
        let result = store.erase().await;
        copy.heal();
        // The copy's disk may be the store's by now.
        until_ready(&store).await;
        assert_eq!(answered(&store).await.unwrap(), ["a", "b"], "operation {n}");
        apply(&store, batch(&["c"])).await;
        assert_eq!(documents_of(&desk.disk().after_power_loss()), ["a", "b", "c"], "operation {n}");
        if result.is_ok() {
            assert!(n > 10, "only {n} operations");
            break;
        }
        let full = matches!(&result, Err(PortError::Unavailable(Outage { kind: OutageKind::Full, .. })));
        assert!(full, "operation {n}: {result:?}");
        assert!(copy.state().live.is_empty(), "operation {n}: the copy is gone");
        store.erase().await.unwrap();
        assert_eq!(answered(&store).await.unwrap(), ["a", "b", "c"], "operation {n}");
    }
}

#[tokio::test]
async fn a_copy_that_was_left_half_done_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let files = || std::fs::read_dir(dir.path()).unwrap().count();
    // By a process that died.
    std::fs::write(dir.path().join(FILE).with_extension("copy"), "half a copy").unwrap();
    let store = Store::open(dir.path(), &StoreConfig::default(), at(0)).unwrap();
    assert_eq!(files(), 1);
    let ids: Vec<String> = (0..400).map(|n| format!("d{n:03}")).collect();
    apply(&store, batch(&ids.iter().map(String::as_str).collect::<Vec<_>>())).await;
    // By a store that is closed while it is at it.
    let _ = tokio::time::timeout(Duration::from_millis(1), store.erase()).await;
    drop(store);
    assert_eq!(files(), 1);
    let store = Store::open(dir.path(), &StoreConfig::default(), at(0)).unwrap();
    assert_eq!(answered(&store).await.unwrap(), ids);
}
