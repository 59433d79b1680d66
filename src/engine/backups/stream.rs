//! The way of a backup to a client: it is made whole first, in a file that has no name any more when its first bytes go out, so that a
//! process that dies leaves nothing. A client that takes nothing for a while is given up, since others wait for their turn.

use super::{Work, blocking};
use crate::domain::backup::Backup;
use crate::engine::error::EngineError;
use crate::failpoint::{Failpoint, pass};
use crate::ports::{Copied, Over};
use std::fs::File;
use std::io::Read;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Bytes in one part.
const PART_BYTES: usize = 512 << 10;

/// How long a client may take for one part.
const PATIENCE: Duration = Duration::from_secs(120);

/// A part of a backup on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackupPart {
    /// How far the backup is: no bytes of it are there yet.
    Copied(Copied),
    /// The next bytes.
    Bytes(Vec<u8>),
    /// That was all. Its size and digest are those of the bytes that were sent.
    Done(Box<Backup>),
}

type Parts = mpsc::Sender<Result<BackupPart, EngineError>>;

impl Work {
    pub(super) async fn stream(self, parts: &Parts) -> Result<(), EngineError> {
        let folder = self.folder().await?;
        let (copied, watched) = watch::channel(Copied::default());
        let making = self.make(&folder, copied);
        let backup = self.tell(making, watched, parts).await?;
        let (mut file, folder) = blocking(move || Ok((folder.open_and_remove()?, folder))).await?;
        loop {
            let bytes;
            (bytes, file) = blocking(move || read(file)).await?;
            if bytes.is_empty() {
                break;
            }
            self.send(parts, BackupPart::Bytes(bytes)).await?;
            pass(Failpoint::BackupSent);
        }
        // Held to the end, so that the next backup finds the room that this one took.
        drop(folder);
        tracing::info!(bytes = backup.bytes, documents = backup.documents, "a backup is sent");
        self.send(parts, BackupPart::Done(Box::new(backup))).await
    }

    /// Waits for the backup and tells how far it is, as often as there is a place for it.
    async fn tell(
        &self,
        making: impl Future<Output = Result<Backup, EngineError>>,
        mut copied: watch::Receiver<Copied>,
        parts: &Parts,
    ) -> Result<Backup, EngineError> {
        tokio::pin!(making);
        loop {
            tokio::select! {
                made = &mut making => return made,
                Ok(()) = copied.changed() => {
                    let copied = *copied.borrow_and_update();
                    // A client that is slow misses some.
                    let _ = parts.try_send(Ok(BackupPart::Copied(copied)));
                }
                () = parts.closed() => {
                    self.caller.cancelled.cancel();
                    return making.await;
                }
            }
        }
    }

    async fn send(&self, parts: &Parts, part: BackupPart) -> Result<(), EngineError> {
        self.caller.check()?;
        let sent = tokio::select! {
            sent = tokio::time::timeout(PATIENCE, parts.send(Ok(part))) => sent,
            () = self.stop.cancelled() => return Err(EngineError::Draining),
        };
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(EngineError::Over(Over::Cancelled)),
            Err(_) => Err(EngineError::Over(Over::Expired)),
        }
    }
}

/// The next part; empty at the end.
fn read(mut file: File) -> std::io::Result<(Vec<u8>, File)> {
    let mut bytes = Vec::with_capacity(PART_BYTES);
    (&mut file).take(PART_BYTES as u64).read_to_end(&mut bytes)?;
    Ok((bytes, file))
}
