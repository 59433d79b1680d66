//! A service that is killed at each failpoint in turn, while writers write, backups are made and what was deleted is erased: see
//! `src/failpoint.rs`. After each kill all is as in `mixed.rs`, backups that have their names are whole, and those that were
//! acknowledged are there. A point that is not reached fails the test.

use crate::crew::Crew;
use crate::cut_short::{COMPACTING, MIGRATING, RECEIVING, RESTORING};
use crate::keeper;
use crate::process::Process;
use dictum::failpoint::Failpoint::{self, *};
use std::time::Instant;

/// The points that a service comes to, each with the pass that it is killed at the latest.
const POINTS: [(Failpoint, u64); 42] = [
    (OpenPrepared, 1),
    (OpenDone, 1),
    (CommitGroup, 60),
    (CommitRows, 60),
    (CommitDone, 60),
    (CommitShown, 60),
    (CommitKnown, 60),
    (CommitAnswered, 150),
    (DiskWrite, 300),
    (DiskSync, 60),
    (DiskSynced, 60),
    (TidyRows, 2),
    (CopyTable, 40),
    (EraseCopied, 2),
    (EraseRedone, 2),
    (EraseComplete, 2),
    (ExchangeSynced, 2),
    (ExchangeRenamed, 2),
    (EraseMoved, 2),
    (BackupCopied, 3),
    (BackupHashed, 3),
    (BackupWritten, 3),
    (BackupSynced, 3),
    (BackupLinked, 2),
    (BackupNamed, 2),
    (BackupSent, 2),
    (IndexCleared, 1),
    (IndexOpened, 1),
    (IndexStaged, 150),
    (IndexPrepared, 5),
    (IndexMeta, 5),
    (IndexCommitted, 5),
    (IndexShown, 5),
    (MergeBegun, 2),
    (MergeEnded, 2),
    (IndexErased, 2),
    (FollowOpened, 1),
    (FollowRead, 5),
    (FollowApplied, 5),
    (FollowTold, 5),
    (FollowCaughtUp, 1),
    (OperationDone, 2),
];

#[test]
fn every_point_is_in_a_test() {
    let tested =
        POINTS.iter().chain(&RESTORING).chain(&COMPACTING).chain(&MIGRATING).map(|(point, _)| *point);
    let tested: Vec<_> = tested.chain(RECEIVING).collect();
    let forgotten: Vec<_> = Failpoint::ALL.iter().filter(|point| !tested.contains(point)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_point_loses_nothing_and_brings_nothing_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut crew = Crew::new();
    let (all, began) = (POINTS.len() as u64, Instant::now());
    let rounds = crate::rounds(all);
    for round in 0..rounds {
        let (point, most) = POINTS[(round % all) as usize];
        // Another pass each time that the point has its turn.
        let pass = 1 + (round / all * 7 + round * 3) % most;
        if [IndexCleared, FollowCaughtUp].contains(&point) {
            let _ = std::fs::remove_dir_all(dir.path().join("data/index"));
        }
        let order = format!("{}=kill:{pass}", point.name());
        let mut made = Vec::new();
        // Some points come before it serves.
        if let Some(server) = Process::start_with(dir.path(), &order).await {
            let (shift, keeping) = (crew.begin(&server), keeper::begin(&server, round));
            assert!(server.dies().await, "{order}: nothing came to it");
            crew.end(shift).await;
            made = keeping.await.unwrap();
        }
        println!("{order}, round {round}, after {:?}", began.elapsed());
        let server = Process::start(dir.path()).await;
        crew.check(&server).await;
        keeper::check(&server, dir.path(), &made).await;
        server.kill();
    }
    println!("{} writes over {rounds} kills at {all} points in {:?}", crew.writes(), began.elapsed());
}
