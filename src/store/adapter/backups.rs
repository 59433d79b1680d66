//! Backups of an open store, each by a thread of its own that reads a snapshot: whoever writes does not notice. The thread keeps the
//! file open that it reads, even where an erasure has put another one in its place meanwhile.

use super::super::backup::{self, Pace};
use super::super::config::StoreConfig;
use super::super::core::Core;
use super::super::device::{Failure, Medium};
use super::super::error::Fault;
use super::margin::Margin;
use crate::domain::backup::Backup;
use crate::domain::time::Timestamp;
use crate::ports::{BackupError, Caller, Copied, Outage, OutageKind, PortError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// When another try at a disk that is full or fails may go better.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// A backup that is to be made.
pub(super) struct Order {
    pub(super) core: Arc<Core>,
    pub(super) config: StoreConfig,
    pub(super) caller: Caller,
    pub(super) path: PathBuf,
    pub(super) at: Timestamp,
    pub(super) copied: watch::Sender<Copied>,
}

/// Starts the thread, which holds `alive` as long as it lives.
pub(super) fn start(
    order: Order,
    alive: Sender<()>,
) -> Result<oneshot::Receiver<Result<Backup, BackupError>>, PortError> {
    let (reply, answer) = oneshot::channel();
    let work = move || {
        let _alive = alive;
        let made = order.make();
        // A caller that has gone needs no answer.
        let _ = reply.send(made);
    };
    let thread = std::thread::Builder::new().name("dictum-backup".into()).spawn(work);
    thread.map_err(|error| PortError::fault("a backup cannot begin", error))?;
    Ok(answer)
}

impl Order {
    fn make(self) -> Result<Backup, BackupError> {
        let snapshot = self.core.snapshot();
        let core = Arc::clone(&self.core);
        let pace = Arc::new(Pace::new(self.caller.clone(), move || core.commits()));
        let go_on = |medium: &dyn Medium, bytes: u64| {
            pace.step();
            self.go_on(medium, bytes)
        };
        let made =
            backup::make(&snapshot, self.core.facts(), (&self.path, self.at, &pace), &self.config, &go_on);
        made.map_err(|fault| {
            remove(&self.path);
            self.explain(fault)
        })
    }

    /// Fails where the backup is not wanted any more, or where it takes the room that others need.
    fn go_on(&self, medium: &dyn Medium, bytes: u64) -> Result<(), Fault> {
        if self.caller.over().is_some() {
            return Err(io::Error::from(io::ErrorKind::Interrupted).into());
        }
        self.copied.send_modify(|copied| copied.bytes = copied.bytes.max(bytes));
        let room = medium.room()?;
        if room.free < Margin::new(self.config.free_space_mark).mark(room) {
            let detail = format!("{} bytes are free, too few for a backup", room.free);
            return Err(Fault::Out(Failure { kind: OutageKind::Full, detail }));
        }
        Ok(())
    }

    /// Tells apart what the caller wanted, what the store's disk did and what the backup's did.
    fn explain(&self, fault: Fault) -> BackupError {
        if let Some(over) = self.caller.over() {
            return BackupError::Log(PortError::Over(over));
        }
        let place = |failure: Failure| {
            let Failure { kind, detail } = failure;
            BackupError::Place(Outage { kind, detail, retry_after: RETRY_AFTER })
        };
        match fault {
            Fault::Out(failure) => place(failure),
            Fault::Database(error) => match *error {
                redb::Error::Io(error) if !self.core.device().is_broken() => place(Failure::of(&error)),
                error => BackupError::Log(Fault::from(error).at(&self.path).into()),
            },
            fault => BackupError::Log(fault.at(&self.path).into()),
        }
    }
}

fn remove(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "what is left of a backup cannot be removed");
        }
        _ => {}
    }
}
