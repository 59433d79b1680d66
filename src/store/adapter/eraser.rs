//! Erasing what was deleted. The rows are copied into a new file by a thread of its own while the store goes on; what is written
//! meanwhile is done again in the copy, which then takes the file's place. Belongs to the thread that writes.

use super::super::config::StoreConfig;
use super::super::copy::copy;
use super::super::core::Core;
use super::super::device::{Failure, Medium};
use super::super::error::{Fault, StoreError};
use super::super::tables::Snapshot;
use super::keeper::Keeper;
use super::writer::Reply;
use crate::domain::document::Seq;
use crate::domain::time::Timestamp;
use crate::ports::{OutageKind, PortError, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Bytes of writes that are remembered to be done again; further ones wait until the rows are copied.
const MOST: usize = 64 << 20;

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
    /// The last change that is copied.
    copied: Seq,
    thread: JoinHandle<Result<(), Fault>>,
    stop: Arc<AtomicBool>,
    again: Vec<Again>,
    bytes: usize,
}

/// What was done to the store since the copying began.
#[derive(Debug)]
pub(super) enum Again {
    Writes(Arc<[Write]>, Timestamp),
    Tidy(Seq),
}

impl Again {
    /// Does it to the copy.
    pub(super) fn redo(&self, copy: &Core) -> Result<(), StoreError> {
        match self {
            Self::Writes(writes, at) => copy.apply(writes, *at).map(drop),
            Self::Tidy(followed) => copy.tidy(*followed).map(drop),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Tidy(_) => size_of::<Self>(),
            Self::Writes(writes, _) => writes.iter().map(weight).sum(),
        }
    }
}

/// Bytes that a write takes in memory, about.
fn weight(write: &Write) -> usize {
    match write {
        Write::Put { document, .. } => 1_024 + 4 * document.text.len(),
        Write::Reanalyze { analysis, .. } => 1_024 * (1 + analysis.quotes.len() + analysis.entities.len()),
        _ => 256,
    }
}

impl Eraser {
    /// Begins, or notes that it has to be done once more.
    pub(super) fn begin(&mut self, keeper: &mut Keeper, reply: Reply<()>) {
        self.waiting.push(reply);
        self.go_on(keeper);
    }

    /// Remembers what was done to the store.
    pub(super) fn note(&mut self, again: Again) {
        if let Some(work) = &mut self.work {
            work.bytes += again.bytes();
            work.again.push(again);
        }
    }

    /// Ends an erasure whose rows are all copied, and begins the next where one is waited for. Waits for the copying where too
    /// much is remembered.
    pub(super) fn attend(&mut self, keeper: &mut Keeper, pause: Duration) {
        while let Some(work) = &mut self.work {
            if work.thread.is_finished() {
                if let Some(work) = self.work.take() {
                    finish(keeper, work);
                }
                self.go_on(keeper);
                return;
            }
            if work.bytes < MOST {
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
            let _ = work.thread.join();
            keeper.discard_copy();
        }
    }

    fn go_on(&mut self, keeper: &mut Keeper) {
        if self.work.is_some() || self.waiting.is_empty() {
            return;
        }
        let replies = std::mem::take(&mut self.waiting);
        match start(keeper) {
            Ok((copied, thread, stop)) => {
                self.work = Some(Work { replies, copied, thread, stop, again: Vec::new(), bytes: 0 });
            }
            Err(error) => answer(replies, Err(error)),
        }
    }
}

type Started = (Seq, JoinHandle<Result<(), Fault>>, Arc<AtomicBool>);

fn start(keeper: &mut Keeper) -> Result<Started, PortError> {
    let core = keeper.admit(&[]).map_err(PortError::Unavailable)?;
    keeper.discard_copy();
    let (snapshot, medium) = (core.snapshot(), keeper.open_copy()?);
    let (copied, config, mark) =
        (keeper.last_seq(), keeper.config().clone(), keeper.reserve(medium.as_ref()));
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let work = move || copy_unless_stopped(&snapshot, medium, (&config, mark), &stopped);
    let thread = std::thread::Builder::new().name("dictum-erase".into()).spawn(work);
    Ok((copied, thread.map_err(|error| PortError::fault("an erasure cannot begin", error))?, stop))
}

fn copy_unless_stopped(
    snapshot: &Snapshot,
    medium: Box<dyn Medium>,
    (config, mark): (&StoreConfig, u64),
    stop: &AtomicBool,
) -> Result<(), Fault> {
    copy(snapshot, medium, config, |medium| {
        if stop.load(Ordering::Acquire) {
            return Err(std::io::Error::from(std::io::ErrorKind::Interrupted).into());
        }
        match medium.room()?.free {
            free if free < mark => {
                let detail = format!("{free} bytes are free, too few for a copy of the store");
                Err(Fault::Out(Failure { kind: OutageKind::Full, detail }))
            }
            _ => Ok(()),
        }
    })
}

fn finish(keeper: &mut Keeper, work: Work) {
    let Work { replies, copied, thread, again, .. } = work;
    let copying =
        thread.join().unwrap_or_else(|_| Err(Fault::Corrupt("a copy could not be made of it".into())));
    let result = keeper.exchange(copying, copied, &again);
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
