//! The index of one machine, in tantivy: words, filters, orders and pages over documents, quotes and entities. It
//! refuses to know where entries come from: whoever follows the log hands them over with the position that they
//! reach, and the index remembers it with the commit, so that a follower knows where to go on. It can be thrown away
//! at any time; damaged, of another version or of another log, it throws itself away at opening.
//!
//! Three kinds of thread work on it, all its own: one writes (`writer.rs`), a few search (`pool.rs`), the search
//! engine's merge. The async calls only hand over and wait.
//!
//! Entries are ordered like the changes that made them: a collection's deletion takes what came before it and leaves
//! what comes after, so a collection that is made again needs nothing to tell it from its predecessor.
//!
//! Start at [`TantivyIndex`]. Writing: `schema.rs` says what is indexed, `entries.rs` how. Asking: `view.rs`, then
//! `compile.rs` (how filters become questions), `conjunction.rs` (how a segment answers them), `page.rs` (how
//! orders and cursors work) and `facets` (how matches are counted); `alike.rs` finds what resembles a claim.

mod alike;
mod analyzer;
mod asked;
mod batch;
mod choice;
mod clusters;
mod compile;
mod conditions;
mod conjunction;
mod directory;
mod entries;
mod error;
mod explain;
mod expression;
mod facets;
mod fold;
mod gather;
mod highlight;
mod member;
mod merges;
mod merging;
mod near;
mod open;
mod page;
mod pairs;
mod payload;
mod pool;
mod predicate;
mod prepare;
mod query_text;
mod results;
mod row;
mod schema;
mod scopes;
mod segment;
mod session;
mod survey;
mod terms;

#[cfg(test)]
mod tests;
mod union;
mod view;
mod weight;
mod writer;

use crate::domain::document::Seq;
use crate::ports::{Followed, IndexOp, Opened, OutageKind, PortError, SearchIndex, SearchView};
use asked::View;
use async_trait::async_trait;
use directory::Reins;
use error::outage;
use pool::Pool;
use schema::Fields;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
pub use survey::Survey;
use tokio::sync::oneshot;
use writer::{Command, Reply, Writer};

/// Where an index is and what it may take.
#[derive(Debug, Clone)]
pub struct IndexConfig {
    /// The directory; everything in it is the index's own.
    pub dir: PathBuf,
    /// Memory of the indexing thread in bytes; at least 15 MB are taken. One segment holds about as much.
    pub heap_bytes: usize,
    /// Threads that search, at least 1.
    pub threads: usize,
    /// Most searches of each lane that wait for a thread, at least 1.
    pub queue: usize,
}

/// The index. Made without touching the disk; [`SearchIndex::open`] does that. Dropping it ends what it is doing at
/// the next write to the disk, and its views go on answering.
#[derive(Debug)]
pub struct TantivyIndex {
    commands: Option<Sender<Command>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread that writes shows to the others.
#[derive(Default)]
struct Shared {
    view: RwLock<Option<Arc<View>>>,
    applied: AtomicU64,
    stopped: Arc<AtomicBool>,
    #[cfg(test)]
    system: Option<Arc<tests::System>>,
}

impl TantivyIndex {
    /// Starts the threads.
    pub fn new(config: IndexConfig) -> Result<Arc<Self>, PortError> {
        Self::with(config, Shared::default())
    }

    fn with(config: IndexConfig, shared: Shared) -> Result<Arc<Self>, PortError> {
        let failed = |error| PortError::fault("a thread of the index cannot be started", error);
        let shared = Arc::new(shared);
        let pool = Arc::new(Pool::start(config.threads, config.queue).map_err(failed)?);
        let writer = Writer::new(config, Arc::new(Fields::new()), Arc::clone(&shared), pool);
        let (commands, receiver) = channel();
        let thread = std::thread::Builder::new().name("dictum-index-writer".into());
        let thread = thread.spawn(move || writer.run(&receiver)).map_err(failed)?;
        Ok(Arc::new(Self { commands: Some(commands), shared, thread: Some(thread) }))
    }

    /// Has the writing thread do something and waits for its answer.
    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, PortError> {
        let (reply, answer) = oneshot::channel();
        // If the thread is gone, so is the reply.
        let _ = self.commands.as_ref().map(|commands| commands.send(command(reply)));
        answer.await.unwrap_or_else(|_| Err(outage(OutageKind::Closed, "the index is closed".into())))
    }
}

#[async_trait]
impl SearchIndex for TantivyIndex {
    async fn open(&self, log: &Followed) -> Result<Opened, PortError> {
        self.ask(|reply| Command::Open(*log, reply)).await
    }

    fn applied(&self) -> Seq {
        self.shared.applied()
    }

    async fn apply(&self, ops: Vec<IndexOp>, up_to: Seq) -> Result<(), PortError> {
        self.ask(|reply| Command::Apply(ops, up_to, reply)).await
    }

    async fn open_view(&self) -> Result<Arc<dyn SearchView>, PortError> {
        match self.shared.view() {
            Some(view) => Ok(view),
            None => Err(outage(OutageKind::Closed, "it has not been opened yet".into())),
        }
    }

    fn stems(&self, text: &str) -> Vec<String> {
        analyzer::terms(&mut analyzer::stems(), text).into_iter().map(|token| token.text).collect()
    }

    async fn erase(&self) -> Result<(), PortError> {
        self.ask(Command::Erase).await
    }
}

impl Drop for TantivyIndex {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // Its panics are caught where they can be told.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn view(&self) -> Option<Arc<View>> {
        self.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn applied(&self) -> Seq {
        self.applied.load(Ordering::Acquire)
    }

    fn show(&self, view: Arc<View>) {
        let applied = view.snapshot().applied();
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Some(view);
        self.applied.store(applied, Ordering::Release);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Reins for a directory that is about to be opened.
    fn reins(&self) -> Arc<Reins> {
        let reins = Reins::new(Arc::clone(&self.stopped));
        #[cfg(test)]
        let reins = reins.under(self.system.clone());
        Arc::new(reins)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("applied", &self.applied).finish_non_exhaustive()
    }
}
