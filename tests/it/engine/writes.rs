//! What a write promises.

use super::stage::{PATIENCE, Stage, bulk, default, draft, eventually, ingest, name, nameless, page, single};
use dictum::domain::document::{AckLevel, IngestOutcome};
use dictum::domain::ids::CollectionId;
use dictum::domain::query::{Fold, Order, QuoteFilter};
use dictum::engine::{EngineError, Invalid, Precondition, QuoteSearch, Resource, Shown};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const BRIDGE: &str = "\"The bridge will open in May,\" said Ada Moreno.";
const TUNNEL: &str = "\"The tunnel will open in June,\" said Ada Moreno.";

#[tokio::test]
async fn the_same_content_twice_is_current_already_and_is_not_analysed_again() {
    let stage = Stage::set().await;
    let first = stage.put("a", BRIDGE).await;
    assert_eq!((first.outcome, first.revision, first.quotes), (IngestOutcome::Created, 1, 1));
    let analyses = stage.controls.analyses.load(Ordering::SeqCst);
    let again = stage.put("a", BRIDGE).await;
    assert_eq!((again.outcome, again.revision, again.seq), (IngestOutcome::AlreadyCurrent, 1, first.seq));
    assert_eq!((again.quotes, again.entities), (first.quotes, first.entities));
    assert_eq!(stage.controls.analyses.load(Ordering::SeqCst), analyses);
}

#[tokio::test]
async fn other_content_under_the_same_id_is_a_revision_whose_quotes_replace_the_old_ones() {
    let stage = Stage::set().await;
    let first = stage.put("a", BRIDGE).await;
    assert_eq!(stage.said_by("Ada Moreno", first.seq).await, ["\"The bridge will open in May,\""]);
    let second = stage.put("a", TUNNEL).await;
    assert_eq!((second.outcome, second.revision), (IngestOutcome::Revised, 2));
    assert_eq!(stage.said_by("Ada Moreno", second.seq).await, ["\"The tunnel will open in June,\""]);
}

#[tokio::test]
async fn without_an_id_equal_content_gets_an_equal_id() {
    let stage = Stage::set().await;
    let put = async |text| ingest(&stage.engine, &single(), nameless(text), AckLevel::Durable).await.unwrap();
    let (first, other, again) = (put(BRIDGE).await, put(TUNNEL).await, put(BRIDGE).await);
    assert_eq!(first.document, again.document);
    assert_ne!(first.document, other.document);
    assert_eq!(again.outcome, IngestOutcome::AlreadyCurrent);
}

#[tokio::test]
async fn writes_to_one_document_take_effect_in_the_order_of_the_calls() {
    let stage = Stage::set().await;
    let texts: Vec<_> = (1..=8).map(|n| format!("\"Version {n},\" said Ada Moreno.")).collect();
    let puts = futures_util::future::join_all(texts.iter().map(|text| stage.put("a", text)));
    let revisions: Vec<_> = puts.await.iter().map(|receipt| receipt.revision).collect();
    assert_eq!(revisions, [1, 2, 3, 4, 5, 6, 7, 8]);
    let shown = stage.engine.get_document(&single(), &name("a"), None, true).await.unwrap();
    let Shown::Whole(document) = shown else { panic!("{shown:?}") };
    assert_eq!(document.text, texts[7]);
}

#[tokio::test]
async fn two_ingests_of_the_same_content_at_once_store_it_once() {
    let stage = Stage::set().await;
    let (one, two) = tokio::join!(stage.put("a", BRIDGE), stage.put("a", BRIDGE));
    assert_eq!([one.outcome, two.outcome], [IngestOutcome::Created, IngestOutcome::AlreadyCurrent]);
    assert_eq!(stage.controls.analyses.load(Ordering::SeqCst), 1);
    assert_eq!(one.seq, two.seq);
}

#[tokio::test]
async fn durable_comes_before_searchable() {
    let slow = Duration::from_secs(3600);
    let stage = Stage::with(|config| (config.index_idle, config.index_interval) = (slow, slow)).await;
    stage.put("a", BRIDGE).await;
    assert!(stage.has("a").await);
    let all = async || {
        let everything = QuoteFilter::default();
        stage.quotes(everything, Order::NewestFirst, page(10), None).await.unwrap().page.hits.len()
    };
    assert_eq!(all().await, 0, "no query has asked to see the write");
    let waiting = single();
    let put = ingest(&stage.engine, &waiting, draft("b", TUNNEL), AckLevel::Searchable);
    let receipt = tokio::time::timeout(PATIENCE, put).await.expect("the wait makes the index hurry").unwrap();
    assert_eq!(receipt.level, AckLevel::Searchable);
    assert_eq!(all().await, 2);
}

#[tokio::test]
async fn an_accepted_document_arrives() {
    let stage = Stage::set().await;
    let receipt = ingest(&stage.engine, &bulk(), draft("a", BRIDGE), AckLevel::Accepted).await.unwrap();
    assert_eq!((receipt.outcome, receipt.level, receipt.seq), (IngestOutcome::Queued, AckLevel::Accepted, 0));
    let until = Instant::now() + PATIENCE;
    while !stage.has("a").await {
        assert!(Instant::now() < until);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_dropped_call_stops_until_its_document_is_queued_and_an_accepted_one_never() {
    let stage = Stage::with(|config| config.analysis_threads = 1).await;
    let begun = format!("HOLD {BRIDGE}");
    let caller = bulk();
    let call = ingest(&stage.engine, &caller, draft("begun", &begun), AckLevel::Durable);
    tokio::select! {
        biased;
        done = call => panic!("{done:?}"),
        () = stage.controls.held_up(1) => {}
    }
    let queued = ingest(&stage.engine, &caller, draft("queued", TUNNEL), AckLevel::Durable);
    let queued = tokio::time::timeout(Duration::from_millis(50), queued).await;
    assert!(queued.is_err(), "the only thread is held up");
    let accepted =
        ingest(&stage.engine, &caller, draft("accepted", BRIDGE), AckLevel::Accepted).await.unwrap();
    assert_eq!(accepted.outcome, IngestOutcome::Queued);
    caller.cancelled.cancel();
    stage.controls.open_gate();
    let after = stage.put("after", TUNNEL).await;
    assert_eq!(after.outcome, IngestOutcome::Created);
    assert!(!stage.has("queued").await && !stage.has("begun").await, "nobody waits for them");
    while !stage.has("accepted").await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(stage.put("begun", &begun).await.outcome, IngestOutcome::Created, "its turn was given back");
}

#[tokio::test]
async fn a_deleted_document_is_gone_with_its_quotes() {
    let stage = Stage::set().await;
    let put = stage.put("a", BRIDGE).await;
    assert_eq!(stage.said_by("Ada Moreno", put.seq).await.len(), 1);
    let seq = stage.engine.delete_document(&single(), &name("a"), None, AckLevel::Searchable).await.unwrap();
    assert!(!stage.has("a").await);
    assert!(stage.said_by("Ada Moreno", seq).await.is_empty());
    let again = stage.engine.delete_document(&single(), &name("a"), None, AckLevel::Durable).await;
    assert!(matches!(again, Err(EngineError::NotFound(Resource::Document(_)))));
}

#[tokio::test]
async fn deleting_a_large_collection_leaves_the_rest_quick() {
    let stage = Stage::set().await;
    let large = CollectionId::new("large").unwrap();
    stage.engine.create_collection(&single(), &large).await.unwrap();
    let exists = stage.engine.create_collection(&single(), &large).await;
    assert!(matches!(exists, Err(EngineError::AlreadyExists(_))));
    let texts: Vec<_> = (0..400).map(|n| format!("\"Line {n},\" said Ada Moreno{n}.")).collect();
    let many = bulk();
    let puts = texts.iter().enumerate().map(|(n, text)| {
        let draft = dictum::engine::Draft { collection: large.clone(), ..draft(&format!("d{n}"), text) };
        ingest(&stage.engine, &many, draft, AckLevel::Durable)
    });
    for put in futures_util::future::join_all(puts).await {
        put.unwrap();
    }
    assert_eq!(stage.engine.get_collection(&single(), &large).await.unwrap().documents, 400);
    let seq = stage.engine.delete_collection(&single(), &large, AckLevel::Durable).await.unwrap();
    let began = Instant::now();
    stage.put("a", BRIDGE).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let gone = stage.engine.get_collection(&single(), &large).await;
    assert!(matches!(gone, Err(EngineError::NotFound(Resource::Collection(_)))));
    stage.engine.create_collection(&single(), &large).await.unwrap();
    let search = QuoteSearch {
        collection: large,
        filter: QuoteFilter::default(),
        order: Order::NewestFirst,
        fold: Fold::Nothing,
        explain: false,
        page: page(10),
        at_least: Some(stage.position(seq)),
    };
    let found = stage.engine.search_quotes(&single(), search).await;
    assert_eq!(found.unwrap().page.total, 0, "a new collection of the same name begins empty");
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused_with_the_reason() {
    let stage = Stage::with(|config| config.max_document_bytes = 100).await;
    let caller = single();
    let put = |draft| ingest(&stage.engine, &caller, draft, AckLevel::Durable);
    assert!(matches!(
        put(draft("a", "")).await,
        Err(EngineError::InvalidArgument { field: "text", reason: Invalid::Empty })
    ));
    assert!(matches!(
        put(draft("a", &"x".repeat(101))).await,
        Err(EngineError::TooLarge { bytes: 101, limit: 100 })
    ));
    let nowhere = dictum::engine::Draft { collection: CollectionId::new("no").unwrap(), ..draft("a", "x") };
    assert!(matches!(put(nowhere).await, Err(EngineError::NotFound(Resource::Collection(_)))));
    assert_eq!(stage.controls.analyses.load(Ordering::SeqCst), 0, "refused before any work was done");
    let delete = stage.engine.delete_collection(&single(), &default(), AckLevel::Durable).await;
    assert!(matches!(delete, Err(EngineError::FailedPrecondition(Precondition::DefaultCollection))));
    let future = stage.engine.wait_for(&single(), stage.position(1_000_000)).await;
    assert!(matches!(future, Err(EngineError::InvalidArgument { reason: Invalid::UnknownSequence, .. })));
    eventually(|| stage.engine.readiness().borrow().is_ready()).await;
}
