//! The thread that owns the search engine's writer. It opens the index, applies what it is given, erases, and sees to
//! merges while it has nothing else to do; one thing after the other, each answered when it is done. After a failure
//! it lets go of everything, whatever state that is in, and only says so until it is told to open the index anew.
//! The last view answers meanwhile.

use super::directory::Reins;
use super::entries;
use super::error::{IndexError, outage};
use super::merges::{Merges, Progress};
use super::merging::Pace;
use super::open::{Opened, Opening, Verified, commit};
use super::pool::Pool;
use super::schema::{self, Fields, Kind};
use super::view::{Snapshot, View};
use super::{IndexConfig, Shared};
use crate::domain::document::{Seq, StoreId};
use crate::ports::{Followed, IndexOp, OutageKind, PortError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use tantivy::{Index, IndexReader, IndexWriter, TantivyError, Term};
use tokio::sync::oneshot;

/// How often merges are looked after while they are under way or may be due.
const LOOK: Duration = Duration::from_millis(50);

/// How long no commit must have come for it to be quiet.
const QUIET: Duration = Duration::from_secs(1);

/// Where an answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, PortError>>;

/// What the thread is asked to do.
pub(super) enum Command {
    Open(Followed, Reply<crate::ports::Opened>),
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
    state: State,
}

enum State {
    Open(Box<Session>),
    /// Why not.
    Closed(PortError),
}

/// An open index.
struct Session {
    store: StoreId,
    reins: Arc<Reins>,
    index: Index,
    writer: IndexWriter,
    reader: IndexReader,
    merges: Merges,
    last_commit: Instant,
    at_rest: bool,
    erasures: Vec<Reply<()>>,
}

impl Writer {
    pub(super) fn new(
        config: IndexConfig,
        fields: Arc<Fields>,
        shared: Arc<Shared>,
        pool: Arc<Pool>,
    ) -> Self {
        let state = State::Closed(outage(OutageKind::Closed, "it has not been opened yet".into()));
        Self { config, fields, shared, pool, verified: Verified::default(), known: false, state }
    }

    /// Serves until nobody can ask for anything more.
    pub(super) fn run(mut self, commands: &Receiver<Command>) {
        loop {
            let command = match self.patience() {
                Some(patience) => commands.recv_timeout(patience),
                None => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match command {
                Ok(_) | Err(RecvTimeoutError::Disconnected) if self.shared.is_stopped() => return,
                Ok(Command::Open(log, reply)) => drop(reply.send(self.open(&log))),
                Ok(Command::Apply(ops, up_to, reply)) => drop(reply.send(self.apply(&ops, up_to))),
                Ok(Command::Erase(reply)) => self.erase(reply),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.look_after_merges();
        }
    }

    /// How long to wait for a command before looking after merges; for ever where there is nothing to look after.
    fn patience(&self) -> Option<Duration> {
        match &self.state {
            State::Open(session) if !session.at_rest => Some(LOOK),
            _ => None,
        }
    }

    fn open(&mut self, log: &Followed) -> Result<crate::ports::Opened, PortError> {
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
            let view = self.view(&opened.reader, opened.applied)?;
            Ok((opened, view))
        });
        let (opened, view) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                reins.halt();
                let mut failure = error.of_change("the index cannot be opened", reins.take_failure());
                if let (PortError::Unavailable(outage), false) = (&mut failure, self.known) {
                    outage.kind = OutageKind::Closed;
                }
                self.state = State::Closed(failure.clone());
                return Err(failure);
            }
        };
        self.known = true;
        let Opened { index, writer, reader, origin, applied } = opened;
        let (merges, last_commit) = (Merges::default(), Instant::now());
        let (at_rest, erasures) = (false, Vec::new());
        let session = Session {
            store: log.store,
            reins,
            index,
            writer,
            reader,
            merges,
            last_commit,
            at_rest,
            erasures,
        };
        self.state = State::Open(Box::new(session));
        self.shared.show(view);
        Ok(crate::ports::Opened { applied, origin })
    }

    /// A view of what the reader sees; the one that is shown already where that sees the same.
    fn view(&self, reader: &IndexReader, applied: Seq) -> Result<Arc<View>, TantivyError> {
        let (before, searcher) = (self.shared.view(), reader.searcher());
        let snapshot = before.as_ref().map(|view| view.snapshot());
        match (before.as_ref(), snapshot) {
            (Some(view), Some(snapshot)) if snapshot.sees(&searcher, applied) => Ok(Arc::clone(view)),
            _ => {
                let snapshot = Snapshot::new(&self.fields, searcher, applied, snapshot.map(Arc::as_ref))?;
                Ok(Arc::new(View::new(Arc::new(snapshot), Arc::clone(&self.pool))))
            }
        }
    }

    fn apply(&mut self, ops: &[IndexOp], up_to: Seq) -> Result<(), PortError> {
        let session = match &mut self.state {
            State::Open(session) => session,
            State::Closed(why) => return Err(why.clone()),
        };
        let fields = &self.fields;
        let done = caught(|| session.apply(fields, ops, up_to));
        let shown = done.and_then(|()| self.refresh(up_to));
        shown.map_err(|error| self.fail(error, "the index cannot be written"))
    }

    fn erase(&mut self, reply: Reply<()>) {
        match &mut self.state {
            State::Open(session) => {
                session.merges.erase();
                session.erasures.push(reply);
                session.at_rest = false;
            }
            State::Closed(why) => drop(reply.send(Err(why.clone()))),
        }
    }

    fn look_after_merges(&mut self) {
        let State::Open(session) = &mut self.state else { return };
        if session.at_rest {
            return;
        }
        let looked = caught(|| session.look()).and_then(|progress| {
            if progress.ended || progress.erased {
                self.refresh(self.shared.applied())?;
            }
            Ok(progress)
        });
        let State::Open(session) = &mut self.state else { return };
        match looked {
            Ok(progress) => session.at_rest = progress.at_rest && session.is_quiet(),
            Err(error) => drop(self.fail(error, "the index cannot be merged")),
        }
    }

    /// Shows what the last commit or merge has left, as of position `applied`.
    fn refresh(&mut self, applied: Seq) -> Result<(), IndexError> {
        let State::Open(session) = &self.state else { return Ok(()) };
        let view = caught(|| {
            session.reader.reload()?;
            Ok(self.view(&session.reader, applied)?)
        })?;
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
            for erasure in session.erasures.drain(..) {
                let _ = erasure.send(Err(why.clone()));
            }
            // Whatever its state: what it has locked is unlocked on the way.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(session)));
        }
    }
}

impl Session {
    fn apply(&mut self, fields: &Fields, ops: &[IndexOp], up_to: Seq) -> Result<(), IndexError> {
        for op in ops {
            stage(&self.writer, fields, op)?;
        }
        commit(&mut self.writer, self.store, up_to)?;
        self.last_commit = Instant::now();
        self.at_rest = false;
        Ok(())
    }

    fn is_quiet(&self) -> bool {
        self.last_commit.elapsed() >= QUIET
    }

    fn look(&mut self) -> Result<Progress, IndexError> {
        let pace = if self.is_quiet() { Pace::Quiet } else { Pace::Busy };
        let progress = self.merges.look(&self.index, &mut self.writer, pace);
        if matches!(progress, Ok(Progress { erased: false, .. })) {
            return progress;
        }
        let done = progress.and_then(|progress| {
            let collected = self.writer.garbage_collect_files().wait()?;
            match collected.failed_to_delete_files.first() {
                None => Ok(progress),
                Some(file) => Err(std::io::Error::other(format!("{} stays", file.display())).into()),
            }
        });
        let failure = |error: &IndexError| {
            PortError::fault("the index cannot be erased", std::io::Error::other(error.to_string()))
        };
        for erasure in self.erasures.drain(..) {
            let _ = erasure.send(done.as_ref().map(drop).map_err(failure));
        }
        done
    }
}

/// Hands one operation to the indexing thread.
fn stage(writer: &IndexWriter, fields: &Fields, op: &IndexOp) -> Result<(), TantivyError> {
    let delete = |field, value: &str| {
        writer.delete_term(Term::from_field_text(field, value));
    };
    match op {
        IndexOp::PutDocument(put) => {
            delete(fields.owner, &put.document.info.name.to_string());
            for entry in entries::of_document(fields, put)? {
                writer.add_document(entry)?;
            }
        }
        IndexOp::DeleteDocument(name) => delete(fields.owner, &name.to_string()),
        IndexOp::DeleteCollection(id) => {
            Kind::ALL.iter().for_each(|kind| delete(fields.scope, &schema::scope(*kind, id)));
        }
        IndexOp::PutEntity(entity) => {
            delete(fields.owner, &entity.name.to_string());
            writer.add_document(entries::of_entity(fields, entity)?)?;
        }
        IndexOp::DeleteEntity(name) => delete(fields.owner, &name.to_string()),
    }
    Ok(())
}

/// Does `work`; a panic of the search engine is an error like others, since all that it could leave half done is let
/// go of afterwards.
fn caught<T>(work: impl FnOnce() -> Result<T, IndexError>) -> Result<T, IndexError> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|panic| Err(IndexError::panicked(panic.as_ref())))
}
