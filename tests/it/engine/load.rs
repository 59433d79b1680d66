//! What holds when there is more work than room, when work fails, and when the service stops.

use super::stage::{PATIENCE, Stage, analyze, bulk, draft, ingest, scripted, single};
use dictum::analysis::{Input, Options};
use dictum::domain::document::{AckLevel, IngestOutcome};
use dictum::engine::{AnalyzeRequest, Engine, EngineError, Fault};
use futures_util::future::join_all;
use std::time::{Duration, Instant};

fn request(text: &str) -> AnalyzeRequest {
    AnalyzeRequest {
        form: Default::default(),
        text: text.into(),
        published_at: None,
        language: None,
        analyzer: None,
        options: Options::default(),
    }
}

#[tokio::test]
async fn without_room_a_single_call_is_told_when_to_come_back_and_bulk_waits() {
    let stage = Stage::with(|config| {
        config.max_document_bytes = 16 << 10;
        // 50 for bulk, 18 for single documents.
        config.max_inflight_bytes = 72 << 10;
    })
    .await;
    let engine = &stage.engine;
    let (one, many) = (single(), bulk());
    let long = |n: usize| format!("HOLD {n} {}", "x".repeat(15 << 10));
    let holds = [long(1), long(2), long(3)];
    let filling = holds.iter().map(|text| analyze(engine, &many, request(text)));
    let late = analyze(engine, &many, request("no hurry"));
    let single = analyze(engine, &one, request(&long(4)));
    let refused = async {
        // All five have asked for room by now. Two threads are sure to be held: the third takes single calls alone,
        // and the one there is may be with another thread.
        stage.controls.held_up(2).await;
        let refused = analyze(engine, &one, request("quick")).await;
        stage.controls.open_gate();
        refused
    };
    let all = async { tokio::join!(join_all(filling), late, single, refused) };
    let (filled, late, single, refused) = tokio::time::timeout(PATIENCE, all).await.unwrap();
    assert!(filled.iter().chain([&late, &single]).all(Result::is_ok));
    assert!(matches!(refused, Err(EngineError::Overloaded { retry_after }) if !retry_after.is_zero()));
    assert!(analyze(engine, &one, request("quick")).await.is_ok(), "there is room again");
}

#[tokio::test]
async fn a_single_call_is_quick_beside_bulk_work() {
    let stage = Stage::set().await;
    let (one, many) = (single(), bulk());
    let slow: Vec<_> = (0..200).map(|n| format!("SLOW {n}")).collect();
    let bulk = join_all(slow.iter().map(|text| analyze(&stage.engine, &many, request(text))));
    tokio::pin!(bulk);
    let started = tokio::time::timeout(Duration::from_millis(50), &mut bulk).await;
    assert!(started.is_err(), "two threads need a second for it");
    let quick = analyze(&stage.engine, &one, request("one line"));
    tokio::select! {
        biased;
        quick = quick => assert!(quick.is_ok()),
        _ = &mut bulk => panic!("a single call waited for all of the bulk work"),
    }
}

#[tokio::test]
async fn a_panic_in_one_analysis_fails_that_call_alone() {
    let stage = Stage::with(|config| config.analysis_threads = 1).await;
    let many = bulk();
    let put =
        async |id: &str, text: &str| ingest(&stage.engine, &many, draft(id, text), AckLevel::Durable).await;
    for n in 0..3 {
        let id = format!("bad{n}");
        let failed = put(&id, "PANIC").await;
        assert!(matches!(failed, Err(EngineError::Internal(Fault::Panicked))), "{failed:?}");
        assert!(!stage.has(&id).await);
        let again = put(&id, "a text that does no harm").await.unwrap();
        assert_eq!(again.outcome, IngestOutcome::Created, "the document's turn was given back");
    }
}

#[tokio::test]
async fn one_thread_and_two_give_the_same_bytes() {
    let (one, two) = tokio::join!(
        Stage::with(|config| config.analysis_threads = 1),
        Stage::with(|config| config.analysis_threads = 2)
    );
    let texts: Vec<_> = (0..40)
        .map(|n| {
            format!("Report {n}. \"It rained for {n} days,\" said Ada Moreno. \"Ok\"{}", "\u{a0}’x".repeat(n))
        })
        .collect();
    let many = bulk();
    let analyses = async |stage: &Stage| {
        let calls = texts.iter().map(|text| analyze(&stage.engine, &many, request(text)));
        let results = join_all(calls).await.into_iter().map(Result::unwrap);
        results.map(|analysis| postcard::to_stdvec(&analysis).unwrap()).collect::<Vec<_>>()
    };
    let direct = texts.iter().map(|text| {
        let input = Input { text, published_at: None, language: None };
        let analysis = scripted(&one.controls).get(None).analyze(&input, &Options::default());
        postcard::to_stdvec(&analysis).unwrap()
    });
    let expected: Vec<_> = direct.collect();
    assert_eq!(analyses(&one).await, expected);
    assert_eq!(analyses(&two).await, expected);
}

#[tokio::test]
async fn a_drain_finishes_what_is_in_flight_and_takes_nothing_new() {
    let stage = Stage::with(|config| config.index_idle = Duration::from_secs(1)).await;
    let text = "HOLD \"We are nearly done,\" said Ada Moreno.";
    let writer = stage.engine.clone();
    let write =
        tokio::spawn(async move { ingest(&writer, &bulk(), draft("last", text), AckLevel::Durable).await });
    stage.controls.held_up(1).await;
    let drainer = stage.engine.clone();
    let drain = tokio::spawn(async move { drainer.drain(PATIENCE).await });
    let mut readiness = stage.engine.readiness();
    readiness.wait_for(|state| state.draining).await.unwrap();
    let late = ingest(&stage.engine, &bulk(), draft("late", "too late"), AckLevel::Durable).await;
    assert!(matches!(late, Err(EngineError::Draining)));
    stage.controls.open_gate();
    drain.await.unwrap().unwrap();
    let receipt = write.await.unwrap().unwrap();
    assert_eq!(stage.said_by("Ada Moreno", receipt.seq).await.len(), 1, "the index has it");
    assert!(stage.engine.readiness().borrow().draining, "draining is final");
}

#[tokio::test]
async fn a_drain_ends_in_time_even_if_work_does_not() {
    let stage = Stage::set().await;
    let busy = stage.engine.clone();
    let stuck = tokio::spawn(async move { analyze(&busy, &bulk(), request("HOLD")).await });
    stage.controls.held_up(1).await;
    let began = Instant::now();
    let drained = stage.engine.drain(Duration::from_millis(50)).await;
    assert!(matches!(drained, Err(EngineError::DeadlineExceeded)));
    assert!(began.elapsed() < Duration::from_secs(5));
    stage.controls.open_gate();
    stuck.await.unwrap().unwrap();
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_at_the_door() {
    let stage = Stage::set().await;
    let config = dictum::engine::EngineConfig { analysis_threads: 0, ..stage.config.clone() };
    let opened = Engine::open(config, scripted(&stage.controls)).await;
    assert!(matches!(opened, Err(EngineError::Internal(Fault::Config(_)))));
}
