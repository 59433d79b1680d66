//! The thread that owns the open index. It opens, applies what it is given, erases, and sees to merges while it has
//! nothing else to do; one thing after the other, each answered when it is done. After a failure it lets go of
//! everything, whatever state that is in, and only says so until it is told to open the index anew. The last view
//! answers meanwhile.

use super::asked::View;
use super::clusters::Books;
use super::error::{IndexError, outage};
use super::open::{Opening, Verified};
use super::pool::Pool;
use super::schema::Fields;
use super::session::{Brought, Session};
use super::view::Snapshot;
use super::{IndexConfig, Shared};
use crate::domain::document::Seq;
use crate::failpoint::{Failpoint, pass};
use crate::ports::{Followed, IndexOp, Opened, OutageKind, PortError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use tantivy::Searcher;
use tokio::sync::oneshot;

/// How often merges are looked after while they are under way or may be due.
const LOOK: Duration = Duration::from_millis(50);

/// Where an answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, PortError>>;

/// What the thread is asked to do.
pub(super) enum Command {
    Open(Followed, Reply<Opened>),
    Apply(Vec<IndexOp>, Seq, Reply<()>),
    Erase(Reply<()>),
}

/// See the module.
pub(super) struct Writer {
    config: IndexConfig,
    fields: Arc<Fields>,
    shared: Arc<Shared>,
    pool: Arc<Pool>,
    verified: Verified,
    /// Whether the index was open before.
    known: bool,
    /// What says the same, as the last view sees it.
    books: Books,
    state: State,
}

enum State {
    Open(Box<Session>),
    /// Why not.
    Closed(PortError),
}

impl Writer {
    pub(super) fn new(
        config: IndexConfig,
        fields: Arc<Fields>,
        shared: Arc<Shared>,
        pool: Arc<Pool>,
    ) -> Self {
        let state = State::Closed(outage(OutageKind::Closed, "it has not been opened yet".into()));
        let (verified, books) = (Verified::default(), Books::default());
        Self { config, fields, shared, pool, verified, known: false, books, state }
    }

    /// Serves until nobody can ask for anything more.
    pub(super) fn run(mut self, commands: &Receiver<Command>) {
        loop {
            let command = match &self.state {
                State::Open(session) if !session.at_rest() => commands.recv_timeout(LOOK),
                _ => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            if self.shared.is_stopped() {
                return self.close(outage(OutageKind::Closed, "the index is closed".into()));
            }
            // Nobody to tell is no failure.
            match command {
                Ok(Command::Open(log, reply)) => drop(reply.send(self.open(&log))),
                Ok(Command::Apply(ops, up_to, reply)) => drop(reply.send(self.apply(&ops, up_to))),
                Ok(Command::Erase(reply)) => self.erase(reply),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.look_after_merges();
            self.put_together();
        }
    }

    /// Works out what says the same in the view that is shown: after the answer, since few wait for that.
    fn put_together(&mut self) {
        if let Some(view) = self.shared.view() {
            let shared = Arc::clone(&self.shared);
            view.snapshot().put_together(&mut self.books, &move || shared.is_stopped());
        }
    }

    fn open(&mut self, log: &Followed) -> Result<Opened, PortError> {
        self.close(outage(OutageKind::Closed, "it is being opened".into()));
        let reins = self.shared.reins();
        let opened = caught(|| {
            let opening = Opening {
                dir: &self.config.dir,
                heap_bytes: self.config.heap_bytes,
                fields: &self.fields,
                log,
                reins: &reins,
                verified: &mut self.verified,
            };
            let opened = opening.open(!self.known)?;
            let view = self.view(opened.reader.searcher(), opened.applied)?;
            Ok((opened, view))
        });
        match opened {
            Ok((opened, view)) => {
                let found = Opened { applied: opened.applied, origin: opened.origin.clone() };
                self.known = true;
                self.state = State::Open(Box::new(Session::new(log.store, reins, opened)));
                self.shared.show(view);
                Ok(found)
            }
            Err(error) => {
                reins.halt();
                let mut failure = error.of_change("the index cannot be opened", reins.take_failure());
                if let (PortError::Unavailable(outage), None) = (&mut failure, self.shared.view()) {
                    outage.kind = OutageKind::Closed;
                }
                self.state = State::Closed(failure.clone());
                Err(failure)
            }
        }
    }

    /// A view of what the searcher sees; the one that is shown already where that sees the same.
    fn view(&self, searcher: Searcher, applied: Seq) -> Result<Arc<View>, IndexError> {
        let before = self.shared.view();
        if let Some(view) = before.as_ref().filter(|view| view.snapshot().sees(&searcher, applied)) {
            return Ok(Arc::clone(view));
        }
        let before = before.as_ref().map(|view| view.snapshot().as_ref());
        let snapshot = Snapshot::new(&self.fields, searcher, applied, before)?;
        Ok(Arc::new(View::new(Arc::new(snapshot), Arc::clone(&self.pool))))
    }

    fn apply(&mut self, ops: &[IndexOp], up_to: Seq) -> Result<(), PortError> {
        let session = match &mut self.state {
            State::Open(session) => session,
            State::Closed(why) => return Err(why.clone()),
        };
        let done = caught(|| session.apply(&self.fields, ops, up_to));
        let shown = done.and_then(|()| self.show(up_to));
        pass(Failpoint::IndexShown);
        shown.map_err(|error| self.fail(error, "the index cannot be written"))
    }

    fn erase(&mut self, reply: Reply<()>) {
        match &mut self.state {
            State::Open(session) => session.erase(reply),
            State::Closed(why) => drop(reply.send(Err(why.clone()))),
        }
    }

    /// A merge that fails leaves the index as it was; only a panic is a reason to let go of it.
    fn look_after_merges(&mut self) {
        let State::Open(session) = &mut self.state else { return };
        if session.at_rest() {
            return;
        }
        let brought = caught(|| session.look());
        let shown = match brought {
            Ok(Brought::Nothing) => return,
            Ok(brought) => self.show(self.shared.applied()).map(|()| brought),
            Err(error) => Err(error),
        };
        let State::Open(session) = &mut self.state else { return };
        match shown {
            Ok(Brought::Erasure) => session.end_erasures(&Ok(())),
            Ok(Brought::Nothing | Brought::Segments) => {}
            Err(error @ IndexError::Panicked(_)) => drop(self.fail(error, "the index cannot be merged")),
            Err(error) => {
                tracing::warn!(%error, "the segments of the index cannot be merged");
                session.pause();
                let failure = error.of_change("the index cannot be erased", session.reins.take_failure());
                session.end_erasures(&Err(failure));
            }
        }
    }

    /// Shows what the last commit or merge has left, as of position `applied`.
    fn show(&self, applied: Seq) -> Result<(), IndexError> {
        let State::Open(session) = &self.state else { return Ok(()) };
        let view = caught(|| self.view(session.searcher()?, applied))?;
        self.shared.show(view);
        Ok(())
    }

    /// Lets go of everything after a failure.
    fn fail(&mut self, error: IndexError, what: &str) -> PortError {
        let seen = match &self.state {
            State::Open(session) => session.reins.take_failure(),
            State::Closed(_) => None,
        };
        let failure = error.of_change(what, seen);
        self.close(failure.clone());
        failure
    }

    fn close(&mut self, why: PortError) {
        if let State::Open(mut session) = std::mem::replace(&mut self.state, State::Closed(why.clone())) {
            session.reins.halt();
            session.end_erasures(&Err(why));
            // Whatever its state: what it has locked is unlocked on the way.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(session)));
        }
    }
}

/// Does `work`; a panic of the search engine is an error like others, since all that it could leave half done is let
/// go of afterwards.
fn caught<T>(work: impl FnOnce() -> Result<T, IndexError>) -> Result<T, IndexError> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|panic| Err(IndexError::panicked(panic.as_ref())))
}
