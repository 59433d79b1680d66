//! Threads that read. A job that panics ends itself alone.

use super::queue::{Jobs, Next};
use super::shared::Shared;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Sender;

/// Something to read from the store.
pub(super) type Job = Box<dyn FnOnce(&Shared) + Send>;

/// Starts one thread, which holds `alive` as long as it lives.
pub(super) fn start(shared: Arc<Shared>, jobs: Jobs<Job>, alive: Sender<()>) {
    let work = move || {
        let _alive = alive;
        while let Next::Job(job) = jobs.next() {
            // The caller hears of it, since its answer is dropped unanswered.
            if catch_unwind(AssertUnwindSafe(|| job(&shared))).is_err() {
                tracing::error!("a read of the store has panicked");
            }
        }
    };
    std::thread::Builder::new()
        .name("dictum-read".into())
        .spawn(work)
        .expect("a process that cannot start its threads cannot start");
}
