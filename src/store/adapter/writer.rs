//! The thread that writes. Writes are done in the order in which they come, each group in one transaction.

use super::super::core::Core;
use super::super::error::StoreError;
use super::Shared;
use super::queue::{Jobs, Next};
use crate::domain::document::Seq;
use crate::domain::time::Timestamp;
use crate::ports::{Applied, PortError, Refusal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::sync::{Arc, PoisonError};
use tokio::sync::oneshot;

type Reply<T> = oneshot::Sender<Result<T, PortError>>;

/// Something to do.
#[derive(Debug)]
pub(super) enum Command {
    /// A group of writes.
    Apply { writes: Arc<[Write]>, at: Timestamp, reply: Reply<Vec<Result<Applied, Refusal>>> },
    /// A step of tidying.
    Tidy { followed: Seq, reply: Reply<bool> },
    /// Overwriting what was deleted.
    Erase { reply: Reply<()> },
}

/// Starts the thread, which holds `alive` as long as it lives and closes the file when it ends.
pub(super) fn start(shared: Arc<Shared>, commands: Jobs<Command>, alive: Sender<()>) {
    let work = move || {
        let _alive = alive;
        while let Next::Job(command) = commands.next() {
            // The caller hears of it, since its answer is dropped unanswered.
            if catch_unwind(AssertUnwindSafe(|| perform(&shared, command))).is_err() {
                tracing::error!("a write to the store has panicked");
            }
        }
        let core = shared.core.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(core);
    };
    std::thread::Builder::new()
        .name("dictum-write".into())
        .spawn(work)
        .expect("a process that cannot start its threads cannot start");
}

fn perform(shared: &Shared, command: Command) {
    match command {
        Command::Apply { writes, at, reply } => answer(shared, reply, |core| core.apply(&writes, at)),
        Command::Tidy { followed, reply } => answer(shared, reply, |core| core.tidy(followed)),
        Command::Erase { reply } => answer(shared, reply, |_| Ok(())),
    }
}

fn answer<T>(shared: &Shared, reply: Reply<T>, work: impl FnOnce(&Core) -> Result<T, StoreError>) {
    let core = shared.core().map_err(PortError::Unavailable);
    // A caller that has gone needs no answer; what it asked for is done.
    let _ = reply.send(core.and_then(|core| work(&core).map_err(PortError::from)));
}
