//! What is there after a restart, whatever became of the index in between.

use super::stage::{PATIENCE, Stage, default, page, single};
use dictum::domain::query::{Order, QuoteFilter};
use dictum::engine::{EngineConfig, EngineError, Fault, IndexState};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Three documents by two speakers, the second one revised.
async fn filled() -> Stage {
    let stage = Stage::set().await;
    stage.put("a", "\"The harbour is closed,\" said Ada Moreno.").await;
    stage.put("b", "\"A draft that was withdrawn,\" said Ada Moreno.").await;
    stage.put("c", "\"Nobody was hurt,\" said Jonas Weber.").await;
    stage.put("b", "\"It opens again on Monday,\" said Ada Moreno.").await;
    stage
}

async fn assert_complete(stage: &Stage) {
    let mut said = stage.said_by("Ada Moreno", 0).await;
    said.sort();
    assert_eq!(said, ["\"It opens again on Monday,\"", "\"The harbour is closed,\""]);
    assert_eq!(stage.said_by("Jonas Weber", 0).await.len(), 1);
    let info = stage.engine.get_collection(&single(), &default()).await.unwrap();
    assert_eq!((info.documents, info.quotes), (3, 3));
    let everything = QuoteFilter::default();
    let all = stage.quotes(everything, Order::NewestFirst, page(10), None).await;
    assert_eq!(all.unwrap().page.total, 3, "nothing twice");
}

fn index_dir(config: &EngineConfig) -> PathBuf {
    config.data_dir.join("index")
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let stage = filled().await.restarted(|_| ()).await;
    assert_complete(&stage).await;
    let again = stage.put("a", "\"The harbour is closed,\" said Ada Moreno.").await;
    assert_eq!(again.revision, 1, "and known to be there");
}

#[tokio::test]
async fn the_index_is_rebuilt_from_the_store_when_it_is_gone_or_damaged() {
    let gone = |config: &EngineConfig| remove_dir(&index_dir(config));
    let scribbled = |config: &EngineConfig| {
        for entry in std::fs::read_dir(index_dir(config)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "json") {
                std::fs::write(path, "not what it was").unwrap();
            }
        }
    };
    let mut stage = filled().await;
    for damage in [&gone as &dyn Fn(&EngineConfig), &scribbled] {
        stage = stage.restarted(damage).await;
        assert_complete(&stage).await;
    }
}

#[tokio::test]
async fn an_index_that_is_older_than_the_store_catches_up_and_one_that_is_newer_is_rebuilt() {
    let copy = tempfile::tempdir().unwrap();
    let saved = |of: &str| copy.path().join(of);
    let take = |config: &EngineConfig| {
        for part in ["store", "index"] {
            copy_dir(&config.data_dir.join(part), &saved(part));
        }
    };
    let stage = filled().await.restarted(take).await;
    stage.put("d", "\"One more thing,\" said Jonas Weber.").await;
    let stage = stage
        .restarted(|config| {
            remove_dir(&index_dir(config));
            copy_dir(&saved("index"), &index_dir(config));
        })
        .await;
    assert_eq!(stage.said_by("Jonas Weber", 0).await.len(), 2, "the store is ahead");
    let stage = stage
        .restarted(|config| {
            let store = config.data_dir.join("store");
            remove_dir(&store);
            copy_dir(&saved("store"), &store);
        })
        .await;
    assert_complete(&stage).await;
}

#[tokio::test]
async fn while_the_index_cannot_be_written_writes_stay_durable_and_readiness_says_so() {
    let stage = Stage::with(|config| config.consistency_wait = Duration::from_millis(200)).await;
    let mut readiness = stage.engine.readiness();
    remove_dir(&index_dir(&stage.config));
    let durable = stage.put("a", "\"The disk is full,\" said Ada Moreno.").await;
    let degraded = readiness.wait_for(|state| matches!(&state.index, IndexState::Degraded(Fault::Port(_))));
    tokio::time::timeout(PATIENCE, degraded).await.unwrap().unwrap();
    assert!(stage.has("a").await);
    assert!(matches!(
        stage.engine.wait_for(&single(), stage.position(durable.seq)).await,
        Err(EngineError::DeadlineExceeded)
    ));
    let stage = stage.restarted(|_| ()).await;
    assert_eq!(stage.said_by("Ada Moreno", 0).await, ["\"The disk is full,\""]);
}

/// Within one process a merge of the search engine may outlive the index by a moment and write one more file.
fn remove_dir(dir: &Path) {
    let until = Instant::now() + PATIENCE;
    while let Err(error) = std::fs::remove_dir_all(dir) {
        assert!(Instant::now() < until, "{error}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
