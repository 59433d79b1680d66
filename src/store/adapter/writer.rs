//! The thread that writes. Writes are done in the order in which they come, each group in one transaction; between two of them
//! the [`Keeper`] looks after the store.

use super::super::core::Core;
use super::super::error::StoreError;
use super::eraser::{Again, Eraser};
use super::keeper::{Keeper, LOOK};
use super::queue::{Jobs, Next};
use crate::domain::document::Seq;
use crate::domain::time::Timestamp;
use crate::ports::{Applied, PortError, Refusal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use tokio::sync::oneshot;

/// Where an answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, PortError>>;

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
pub(super) fn start(mut keeper: Keeper, commands: Jobs<Command>, alive: Sender<()>) {
    let work = move || {
        let _alive = alive;
        let mut eraser = Eraser::default();
        loop {
            match commands.next_within(LOOK) {
                // The caller hears of it, since its answer is dropped unanswered.
                Next::Job(command) => {
                    let work = || perform(&mut keeper, &mut eraser, command);
                    if catch_unwind(AssertUnwindSafe(work)).is_err() {
                        tracing::error!("a write to the store has panicked");
                    }
                }
                Next::Nothing => {}
                Next::Over => break,
            }
            keeper.look_now_and_then();
            eraser.attend(&mut keeper, LOOK);
        }
        eraser.stop(&keeper);
        keeper.close();
    };
    std::thread::Builder::new()
        .name("dictum-write".into())
        .spawn(work)
        .expect("a process that cannot start its threads cannot start");
}

fn perform(keeper: &mut Keeper, eraser: &mut Eraser, command: Command) {
    match command {
        Command::Apply { writes, at, reply } => {
            let result = done(keeper, &writes, |core| core.apply(&writes, at));
            if result.is_ok() {
                eraser.note(Again::Writes(writes, at));
            }
            answer(reply, result);
        }
        Command::Tidy { followed, reply } => {
            let result = done(keeper, &[], |core| core.tidy(followed));
            if result.is_ok() {
                eraser.note(Again::Tidy(followed));
            }
            answer(reply, result);
        }
        Command::Erase { reply } => eraser.begin(keeper, reply),
    }
}

/// Does something to the store. The state of the store shows what comes of it before the caller hears.
fn done<T>(
    keeper: &mut Keeper,
    writes: &[Write],
    work: impl FnOnce(&Core) -> Result<T, StoreError>,
) -> Result<T, PortError> {
    let core = keeper.admit(writes).map_err(PortError::Unavailable)?;
    match work(&core) {
        Ok(done) => {
            keeper.committed(&core);
            Ok(done)
        }
        Err(error) => {
            let broken = core.device().is_broken();
            drop(core);
            keeper.look();
            Err(keeper.explain(error, broken))
        }
    }
}

fn answer<T>(reply: Reply<T>, result: Result<T, PortError>) {
    // A caller that has gone needs no answer; what it asked for is done.
    let _ = reply.send(result);
}
