//! Erasing what was deleted. The rows are copied into a new file by a thread of its own while the store goes on; what is written
//! meanwhile is done again in the copy, which then takes the file's place. Belongs to the thread that writes.

mod backlog;
mod copier;

pub(super) use backlog::Again;

use super::super::core::Core;
use super::super::error::StoreError;
use super::keeper::Keeper;
use super::writer::Reply;
use crate::ports::PortError;
use backlog::Backlog;
use copier::Copier;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Eraser {
    work: Option<Work>,
    /// Those who asked while an erasure was under way: what they want erased may be in the copy already.
    waiting: Vec<Reply<()>>,
}

/// An erasure under way.
#[derive(Debug)]
struct Work {
    replies: Vec<Reply<()>>,
    thread: JoinHandle<Result<Core, StoreError>>,
    backlog: Arc<Backlog>,
    stop: Arc<AtomicBool>,
}

impl Eraser {
    /// Begins, or notes that it has to be done once more.
    pub(super) fn begin(&mut self, keeper: &mut Keeper, reply: Reply<()>) {
        self.waiting.push(reply);
        self.go_on(keeper);
    }

    /// Remembers what was done to the store.
    pub(super) fn note(&self, again: Again) {
        if let Some(work) = &self.work {
            work.backlog.push(again);
        }
    }

    /// Puts a copy that is done in the store's place, and begins the next erasure where one is waited for. Waits where too much is
    /// to be done again.
    pub(super) fn attend(&mut self, keeper: &mut Keeper, pause: Duration) {
        while let Some(work) = &self.work {
            if work.thread.is_finished() {
                if let Some(work) = self.work.take() {
                    finish(keeper, work);
                }
                return self.go_on(keeper);
            }
            if !work.backlog.is_full() {
                return;
            }
            keeper.look();
            std::thread::sleep(pause);
        }
    }

    /// Ends the copying, which nobody waits for any more.
    pub(super) fn stop(self, keeper: &Keeper) {
        if let Some(work) = self.work {
            work.stop.store(true, Ordering::Release);
            drop(work.thread.join());
            keeper.discard_copy();
        }
    }

    fn go_on(&mut self, keeper: &mut Keeper) {
        if self.work.is_some() || self.waiting.is_empty() {
            return;
        }
        let replies = std::mem::take(&mut self.waiting);
        match start(keeper) {
            Ok((thread, backlog, stop)) => self.work = Some(Work { replies, thread, backlog, stop }),
            Err(error) => answer(replies, Err(error)),
        }
    }
}

type Started = (JoinHandle<Result<Core, StoreError>>, Arc<Backlog>, Arc<AtomicBool>);

fn start(keeper: &mut Keeper) -> Result<Started, PortError> {
    let core = keeper.admit(&[]).map_err(PortError::Unavailable)?;
    keeper.discard_copy();
    let (backlog, stop) = (Arc::new(Backlog::default()), Arc::new(AtomicBool::new(false)));
    let copier = Copier {
        site: keeper.site(),
        snapshot: core.snapshot(),
        config: keeper.config().clone(),
        copied: keeper.known(),
        backlog: backlog.clone(),
        stop: stop.clone(),
    };
    let thread = std::thread::Builder::new().name("dictum-erase".into()).spawn(move || copier.work());
    Ok((thread.map_err(|error| PortError::fault("an erasure cannot begin", error))?, backlog, stop))
}

fn finish(keeper: &mut Keeper, work: Work) {
    let Work { replies, thread, backlog, .. } = work;
    let result = match thread.join() {
        Ok(copy) => keeper.exchange(copy, &backlog.take()),
        Err(_) => Err(PortError::fault("an erasure failed", std::io::Error::other("its thread panicked"))),
    };
    match &result {
        Ok(()) => tracing::info!("what was deleted from the store is erased"),
        Err(error) => {
            tracing::error!(error = error as &dyn std::error::Error, "the store could not be erased")
        }
    }
    answer(replies, result);
}

fn answer(replies: Vec<Reply<()>>, result: Result<(), PortError>) {
    for reply in replies {
        // A caller that has gone needs no answer.
        let _ = reply.send(result.clone());
    }
}
