//! Backups while the service goes on: into the configured folder, or as a stream of bytes. One at a time. The log makes the file; here
//! it gets its place and its name, and goes away where nobody wants it any more. `folder.rs` is the folder, `stream.rs` the way of a
//! backup to a client. What is in the file is not known here.

mod folder;
mod stream;

pub use stream::BackupPart;

use super::error::{EngineError, Fault, Precondition, Resource};
use super::{Engine, clock};
use crate::domain::backup::{Backup, BackupName};
use crate::ports::{BackupError, Caller, Copied, DocumentLog, Outage, OutageKind};
use folder::Folder;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// When somebody should come back who found a backup under way, or no room for one.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Parts that a client has not taken.
const PARTS: usize = 4;

/// Where backups that are streamed lie for a moment, in the data directory, where no folder is configured.
const ON_THE_WAY: &str = "backup";

/// Whose turn it is, and the end of all.
#[derive(Debug, Default)]
pub(super) struct Backups {
    turn: Arc<Mutex<()>>,
    stop: CancellationToken,
}

impl Backups {
    /// Stops the backup that is under way, and waits until nothing is left of it. No other one begins.
    pub(super) async fn stop(&self) {
        self.stop.cancel();
        drop(self.turn.lock().await);
    }
}

/// A backup that has its turn.
struct Work {
    log: Arc<dyn DocumentLog>,
    /// Over with the call, and with the engine.
    caller: Caller,
    stop: CancellationToken,
    dir: PathBuf,
    _turn: OwnedMutexGuard<()>,
}

impl Engine {
    /// Writes a backup of everything as it stands now into the configured folder, under a name that is free; writes go on meanwhile.
    /// When this answers, it is there for good; before, or where this fails or is dropped, nothing is there under the name.
    pub async fn create_backup(&self, caller: &Caller, name: &BackupName) -> Result<Backup, EngineError> {
        let dir = self.core.config.backup_dir.clone();
        let dir = dir.ok_or(EngineError::FailedPrecondition(Precondition::NoBackupFolder))?;
        let work = self.backup_work(caller, dir)?;
        let token = work.caller.cancelled.clone();
        let _guard = token.clone().drop_guard();
        // A task of its own, so that what a dropped call leaves behind is gone before the next one begins.
        let mut task = tokio::spawn(work.create(name.clone()));
        let ended = tokio::select! {
            ended = &mut task => ended,
            () = caller.cancelled.cancelled() => {
                token.cancel();
                task.await
            }
        };
        ended.map_err(|_| Fault::Panicked)?
    }

    /// Sends a backup of everything as it stands now: how far it is, then its bytes, and at last what it holds. Where the receiver is
    /// dropped, nothing is left of it.
    pub fn stream_backup(
        &self,
        caller: &Caller,
    ) -> Result<mpsc::Receiver<Result<BackupPart, EngineError>>, EngineError> {
        let config = &self.core.config;
        let dir = config.backup_dir.clone().unwrap_or_else(|| config.data_dir.join(ON_THE_WAY));
        let work = self.backup_work(caller, dir)?;
        let (sender, parts) = mpsc::channel(PARTS);
        tokio::spawn(async move {
            if let Err(error) = work.stream(&sender).await {
                // A client that has gone needs no reason.
                let _ = sender.send(Err(error)).await;
            }
        });
        Ok(parts)
    }

    fn backup_work(&self, caller: &Caller, dir: PathBuf) -> Result<Work, EngineError> {
        self.begins_over_all(caller)?;
        let backups = &self.core.backups;
        if backups.stop.is_cancelled() {
            return Err(EngineError::Draining);
        }
        let turn = backups.turn.clone().try_lock_owned();
        let turn = turn.map_err(|_| EngineError::BackupUnderWay { retry_after: RETRY_AFTER })?;
        let caller = Caller { cancelled: backups.stop.child_token(), ..caller.clone() };
        Ok(Work { log: self.core.log.clone(), caller, stop: backups.stop.clone(), dir, _turn: turn })
    }
}

impl Work {
    async fn create(self, name: BackupName) -> Result<Backup, EngineError> {
        let began = Instant::now();
        let folder = self.folder().await?;
        let taken = || EngineError::AlreadyExists(Resource::Backup(name.clone()));
        if folder.has(&name) {
            return Err(taken());
        }
        let backup = self.make(&folder, watch::Sender::default()).await?;
        let published = blocking({
            let name = name.clone();
            move || folder.publish(&name)
        });
        match published.await? {
            true => {
                let (bytes, documents) = (backup.bytes, backup.documents);
                let seconds = began.elapsed().as_secs_f32();
                tracing::info!(%name, bytes, documents, seconds, "a backup is complete");
                Ok(backup)
            }
            false => Err(taken()),
        }
    }

    async fn folder(&self) -> Result<Folder, EngineError> {
        let dir = self.dir.clone();
        let taken = blocking(move || Folder::take(&dir)).await?;
        taken.ok_or(EngineError::BackupUnderWay { retry_after: RETRY_AFTER })
    }

    async fn make(&self, folder: &Folder, copied: watch::Sender<Copied>) -> Result<Backup, EngineError> {
        let made = self.log.back_up(&self.caller, &folder.partial(), clock::now(), copied).await;
        made.map_err(|error| match error {
            _ if self.stop.is_cancelled() => EngineError::Draining,
            BackupError::Log(error) => error.into(),
            BackupError::Place(outage) => place(outage),
        })
    }
}

/// Does something with files where that holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, EngineError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|_| Fault::Panicked)?;
    done.map_err(|error| {
        let kind = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OutageKind::Full,
            _ => OutageKind::ReadOnly,
        };
        place(Outage { kind, detail: error.to_string(), retry_after: RETRY_AFTER })
    })
}

fn place(outage: Outage) -> EngineError {
    tracing::error!(detail = outage.detail, "a backup cannot be written");
    EngineError::BackupPlace(outage)
}
