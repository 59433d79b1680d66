//! Creates, revisions, deletions and collections that come and go, all at once, in a service that is killed again and again at
//! random times: after each restart everything is as it was last acknowledged, or as the one write that was under way would have left
//! it; nothing is there twice, in the store or in the index, and nothing that was deleted comes back.

use crate::crew::Crew;
use crate::process::Process;
use std::time::Duration;

/// Kills of the sample.
const ROUNDS: u64 = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_acknowledged_is_so_after_every_kill() {
    let dir = tempfile::tempdir().unwrap();
    let mut crew = Crew::new();
    let rounds = crate::rounds(ROUNDS);
    for round in 0..rounds {
        let server = Process::start(dir.path()).await;
        crew.check(&server).await;
        let before = crew.writes();
        let shift = crew.begin(&server);
        // Between one write and two hundred: killed in every stage of group, commit, index step and merge.
        let kill_after = before + 1 + (round * 53) % 200;
        while crew.writes() < kill_after {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        server.kill();
        crew.end(shift).await;
    }
    let server = Process::start(dir.path()).await;
    crew.check(&server).await;
    println!("{} writes over {rounds} kills", crew.writes());
}
