//! What a write promises.

use super::stage::{PATIENCE, Stage, caller, default, draft, eventually, ingest, name, nameless, page};
use dictum::domain::document::{AckLevel, IngestOutcome};
use dictum::domain::ids::CollectionId;
use dictum::domain::query::{Order, QuoteFilter};
use dictum::engine::{Caller, Engine, EngineError, Invalid, Lane, Precondition, Resource};
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
    let put = async |text| {
        ingest(&stage.engine, nameless(text), AckLevel::Durable, Lane::Interactive).await.unwrap()
    };
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
    assert_eq!(stage.engine.get_document(&caller(), &name("a")).await.unwrap().document.text, texts[7]);
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
        let found = stage
            .engine
            .search_quotes(&caller(), &default(), everything, Order::NewestFirst, page(10), None)
            .await;
        found.unwrap().hits.len()
    };
    assert_eq!(all().await, 0, "no query has asked to see the write");
    let ingest = ingest(&stage.engine, draft("b", TUNNEL), AckLevel::Searchable, Lane::Interactive);
    let receipt =
        tokio::time::timeout(PATIENCE, ingest).await.expect("the wait makes the index hurry").unwrap();
    assert_eq!(receipt.level, AckLevel::Searchable);
    assert_eq!(all().await, 2);
}

#[tokio::test]
async fn an_accepted_document_arrives() {
    let stage = Stage::set().await;
    let receipt = ingest(&stage.engine, draft("a", BRIDGE), AckLevel::Accepted, Lane::Bulk).await.unwrap();
    assert_eq!((receipt.outcome, receipt.level, receipt.seq), (IngestOutcome::Queued, AckLevel::Accepted, 0));
    let until = Instant::now() + PATIENCE;
    while !stage.has("a").await {
        assert!(Instant::now() < until);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_dropped_call_is_done_whole_once_its_analysis_began_and_not_at_all_before() {
    let stage = Stage::with(|config| config.analysis_threads = 1).await;
    let begun = format!("HOLD {BRIDGE}");
    let drop_after = async |engine: &Engine, id: &str, text: &str, begins: usize| {
        let call = ingest(engine, draft(id, text), AckLevel::Durable, Lane::Bulk);
        tokio::select! {
            biased;
            done = call => panic!("{done:?}"),
            () = stage.controls.held_up(begins) => {}
        }
    };
    drop_after(&stage.engine, "begun", &begun, 1).await;
    let queued = ingest(&stage.engine, draft("queued", TUNNEL), AckLevel::Durable, Lane::Bulk);
    assert!(
        tokio::time::timeout(Duration::from_millis(50), queued).await.is_err(),
        "the only thread is held up"
    );
    stage.controls.open_gate();
    let after = stage.put("after", TUNNEL).await;
    assert_eq!(after.outcome, IngestOutcome::Created);
    assert!(!stage.has("queued").await);
    assert!(stage.has("begun").await);
    assert_eq!(stage.put("begun", &begun).await.outcome, IngestOutcome::AlreadyCurrent);
}

#[tokio::test]
async fn a_call_that_is_given_up_during_its_analysis_writes_nothing_and_an_accepted_one_is_stored() {
    let stage = Stage::with(|config| config.analysis_threads = 1).await;
    let gone = Caller::patient(Lane::Bulk);
    let permit = stage.engine.admit(&gone, 100).await.unwrap();
    let held = format!("HOLD {BRIDGE}");
    let given_up = stage.engine.ingest(&gone, permit, draft("given-up", &held), AckLevel::Durable);
    let give_up = async {
        stage.controls.held_up(1).await;
        gone.cancelled.cancel();
        stage.controls.open_gate();
    };
    let (given_up, ()) = tokio::join!(given_up, give_up);
    assert!(matches!(given_up, Err(EngineError::Cancelled)));
    assert!(!stage.has("given-up").await);

    let accepted = Caller::patient(Lane::Bulk);
    let permit = stage.engine.admit(&accepted, 100).await.unwrap();
    let queued = stage.engine.ingest(&accepted, permit, draft("accepted", TUNNEL), AckLevel::Accepted).await;
    accepted.cancelled.cancel();
    assert_eq!(queued.unwrap().outcome, IngestOutcome::Queued);
    assert_eq!(stage.put("accepted", TUNNEL).await.outcome, IngestOutcome::AlreadyCurrent);
}

#[tokio::test]
async fn a_write_that_queries_do_not_see_in_time_keeps_its_receipt() {
    let slow = Duration::from_secs(3600);
    let stage = Stage::with(|config| {
        (config.index_idle, config.index_interval) = (slow, slow);
        config.consistency_wait = Duration::from_millis(1);
    })
    .await;
    let receipt = stage.put("a", BRIDGE).await;
    // The index is asked to hurry, but a millisecond is less than a commit of it takes.
    let unseen = ingest(&stage.engine, draft("a", TUNNEL), AckLevel::Searchable, Lane::Interactive).await;
    let Err(EngineError::NotSearchable(written)) = unseen else { panic!("{unseen:?}") };
    assert_eq!((written.revision, written.seq > receipt.seq), (Some(2), true));
    assert_eq!(written.name, Resource::Document(name("a")));
}

#[tokio::test]
async fn a_deleted_document_is_gone_with_its_quotes() {
    let stage = Stage::set().await;
    let put = stage.put("a", BRIDGE).await;
    assert_eq!(stage.said_by("Ada Moreno", put.seq).await.len(), 1);
    let seq = stage.engine.delete_document(&caller(), &name("a"), AckLevel::Searchable).await.unwrap();
    assert!(!stage.has("a").await);
    assert!(stage.said_by("Ada Moreno", seq).await.is_empty());
    let again = stage.engine.delete_document(&caller(), &name("a"), AckLevel::Durable).await;
    assert!(matches!(again, Err(EngineError::NotFound(Resource::Document(_)))));
}

#[tokio::test]
async fn deleting_a_large_collection_leaves_the_rest_quick() {
    let stage = Stage::set().await;
    let large = CollectionId::new("large").unwrap();
    stage.engine.create_collection(&caller(), &large).await.unwrap();
    let exists = stage.engine.create_collection(&caller(), &large).await;
    assert!(matches!(exists, Err(EngineError::AlreadyExists(_))));
    let texts: Vec<_> = (0..400).map(|n| format!("\"Line {n},\" said Ada Moreno{n}.")).collect();
    let puts = texts.iter().enumerate().map(|(n, text)| {
        let draft = dictum::engine::Draft { collection: large.clone(), ..draft(&format!("d{n}"), text) };
        ingest(&stage.engine, draft, AckLevel::Durable, Lane::Bulk)
    });
    for put in futures_util::future::join_all(puts).await {
        put.unwrap();
    }
    assert_eq!(stage.engine.get_collection(&caller(), &large).await.unwrap().documents, 400);
    let seq = stage.engine.delete_collection(&caller(), &large, AckLevel::Durable).await.unwrap();
    let began = Instant::now();
    stage.put("a", BRIDGE).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let gone = stage.engine.get_collection(&caller(), &large).await;
    assert!(matches!(gone, Err(EngineError::NotFound(Resource::Collection(_)))));
    stage.engine.create_collection(&caller(), &large).await.unwrap();
    let everything = QuoteFilter::default();
    let found = stage
        .engine
        .search_quotes(&caller(), &large, everything, Order::NewestFirst, page(10), Some(seq))
        .await;
    assert_eq!(found.unwrap().total, 0, "a new collection of the same name begins empty");
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused_with_the_reason() {
    let stage = Stage::with(|config| config.max_document_bytes = 100).await;
    let put = |draft| ingest(&stage.engine, draft, AckLevel::Durable, Lane::Interactive);
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
    let delete = stage.engine.delete_collection(&caller(), &default(), AckLevel::Durable).await;
    assert!(matches!(delete, Err(EngineError::FailedPrecondition(Precondition::DefaultCollection))));
    let future = stage.engine.wait_for(&caller(), 1_000_000).await;
    assert!(matches!(future, Err(EngineError::InvalidArgument { reason: Invalid::UnknownSequence, .. })));
    eventually(|| stage.engine.readiness().borrow().is_ready()).await;
}
