//! The thread that writes. Writes are done in the order in which they come, each group in one transaction; between two of them
//! the [`Keeper`] looks after the store.

use super::super::core::Core;
use super::super::error::StoreError;
use super::keeper::{Keeper, LOOK};
use super::queue::{Jobs, Next};
use crate::domain::document::Seq;
use crate::domain::time::Timestamp;
use crate::ports::{Applied, PortError, Refusal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use tokio::sync::oneshot;

type Reply<T> = oneshot::Sender<Result<T, PortError>>;

/// Something to do.
#[derive(Debug)]
pub(super) enum Command {
    /// A group of writes.
    Apply { writes: Vec<Write>, at: Timestamp, reply: Reply<Vec<Result<Applied, Refusal>>> },
    /// A step of tidying.
    Tidy { followed: Seq, reply: Reply<bool> },
    /// Overwriting what was deleted.
    Erase { reply: Reply<()> },
}

/// Starts the thread, which holds `alive` as long as it lives and closes the file when it ends.
pub(super) fn start(mut keeper: Keeper, commands: Jobs<Command>, alive: Sender<()>) {
    let work = move || {
        let _alive = alive;
        loop {
            match commands.next_within(LOOK) {
                // The caller hears of it, since its answer is dropped unanswered.
                Next::Job(command) => {
                    if catch_unwind(AssertUnwindSafe(|| perform(&mut keeper, command))).is_err() {
                        tracing::error!("a write to the store has panicked");
                    }
                }
                Next::Nothing => keeper.look(),
                Next::Over => break,
            }
        }
        keeper.close();
    };
    std::thread::Builder::new()
        .name("dictum-write".into())
        .spawn(work)
        .expect("a process that cannot start its threads cannot start");
}

fn perform(keeper: &mut Keeper, command: Command) {
    match command {
        Command::Apply { writes, at, reply } => {
            let core = keeper.admit(&writes);
            answer(keeper, core, reply, |core| core.apply(writes, at));
        }
        Command::Tidy { followed, reply } => {
            let core = keeper.admit(&[]);
            answer(keeper, core, reply, |core| core.tidy(followed));
        }
        Command::Erase { reply } => {
            let core = keeper.admit(&[]);
            answer(keeper, core, reply, |_| Ok(()));
        }
    }
}

/// Does something with the store and tells the caller what came of it, after the state of the store shows it.
fn answer<T>(
    keeper: &mut Keeper,
    core: Result<Arc<Core>, crate::ports::Outage>,
    reply: Reply<T>,
    work: impl FnOnce(&Core) -> Result<T, StoreError>,
) {
    let result = match core {
        Err(outage) => Err(PortError::Unavailable(outage)),
        Ok(core) => match work(&core) {
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
        },
    };
    // A caller that has gone needs no answer; what it asked for is done.
    let _ = reply.send(result);
}
