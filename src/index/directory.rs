//! The directory as the search engine sees it: the file system's, with four things added. It can be *halted*: from
//! then on nothing is written or deleted through it, so that a merge of a writer that was given up ends at its next
//! write, and cannot disturb the writer that follows. It remembers the last *failure* that the system told, which the
//! engine's own errors often hide. And a commit is *synced* to the end: the engine renames its file of facts into
//! place and leaves it to chance when the directory remembers the new name. And files that nobody reads any more are *forgotten*: the
//! engine keeps the name of every one that it has ever mapped, and each commit makes new ones.

use crate::failpoint::{Failpoint, pass};
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, Lock, MmapDirectory, TerminatingWrite, WatchCallback,
    WatchHandle, WritePtr,
};

/// Files that are opened between two looks at which of them nobody reads any more. A segment has some seven.
const OPENED: usize = 64;

/// The file that says which segments the index has.
const META: &str = "meta.json";

/// Holds a directory back, and knows what went wrong in it.
#[derive(Default)]
pub(super) struct Reins {
    halted: AtomicBool,
    /// The whole index is closing.
    stopped: Arc<AtomicBool>,
    /// Whether what is there is only looked at.
    looking: bool,
    failure: Mutex<Option<io::Error>>,
    /// Files that were opened so far.
    opened: AtomicUsize,
    /// In tests: what the system does at each access.
    #[cfg(test)]
    system: Option<Arc<super::tests::System>>,
}

impl Reins {
    pub(super) fn new(stopped: Arc<AtomicBool>) -> Self {
        Self { stopped, ..Self::default() }
    }

    /// For whoever has the directory to itself and only looks at it.
    pub(super) fn looking() -> Self {
        Self { looking: true, ..Self::default() }
    }

    /// In tests: with a system that fails when it is told to.
    #[cfg(test)]
    pub(super) fn under(mut self, system: Option<Arc<super::tests::System>>) -> Self {
        self.system = system;
        self
    }

    /// Lets nothing be written any more.
    pub(super) fn halt(&self) {
        self.halted.store(true, Ordering::Release);
    }

    pub(super) fn is_halted(&self) -> bool {
        self.halted.load(Ordering::Acquire) || self.stopped.load(Ordering::Acquire)
    }

    /// The last failure since this was asked before.
    pub(super) fn take_failure(&self) -> Option<io::Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn remember(&self, error: &io::Error) {
        let copy = match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error.to_string()),
        };
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(copy);
    }

    /// Before a change to the directory or to a file in it.
    fn permit(&self, path: &Path) -> io::Result<()> {
        if self.is_halted() {
            return Err(io::Error::other("the index has let go of this directory"));
        }
        self.access(Access::Change, path)
    }

    #[cfg(not(test))]
    fn access(&self, _: Access, _: &Path) -> io::Result<()> {
        Ok(())
    }

    #[cfg(test)]
    fn access(&self, access: Access, path: &Path) -> io::Result<()> {
        let failed = self.system.as_ref().map_or(Ok(()), |system| system.access(access, path));
        failed.inspect_err(|error| self.remember(error))
    }
}

/// What is about to be done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    Read,
    Change,
}

/// See the module.
#[derive(Clone)]
pub(super) struct Reined {
    files: MmapDirectory,
    reins: Arc<Reins>,
}

impl Reined {
    pub(super) fn open(dir: &Path, reins: &Arc<Reins>) -> io::Result<Self> {
        reins.access(Access::Read, dir)?;
        let files = MmapDirectory::open(dir).map_err(|error| match error {
            OpenDirectoryError::IoError { io_error, .. } => {
                io::Error::new(io_error.kind(), io_error.to_string())
            }
            other => io::Error::new(io::ErrorKind::NotFound, other.to_string()),
        })?;
        Ok(Self { files, reins: Arc::clone(reins) })
    }

    /// Remembers what went wrong with reading a file. That it is not there is the engine's to judge.
    fn read<T>(&self, read: Result<T, OpenReadError>) -> Result<T, OpenReadError> {
        if let Err(OpenReadError::IoError { io_error, .. }) = &read {
            self.reins.remember(io_error);
        }
        read
    }

    fn done<T>(&self, done: io::Result<T>) -> io::Result<T> {
        done.inspect_err(|error| self.reins.remember(error))
    }
}

impl Directory for Reined {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.reins
            .access(Access::Read, path)
            .map_err(|error| OpenReadError::wrap_io_error(error, path.to_owned()))?;
        if self.reins.opened.fetch_add(1, Ordering::Relaxed) % OPENED == OPENED - 1 {
            // It takes a look at what is mapped that makes the engine drop what is not.
            let _ = self.files.get_cache_info();
        }
        self.read(self.files.get_file_handle(path))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        let refused = |error| DeleteError::IoError { io_error: Arc::new(error), filepath: path.to_owned() };
        self.reins.permit(path).map_err(refused)?;
        self.files.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.read(self.files.exists(path))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let refused = |error| OpenWriteError::wrap_io_error(error, path.to_owned());
        self.reins.permit(path).map_err(refused)?;
        let opened = self.files.open_write(path).inspect_err(|error| {
            if let OpenWriteError::IoError { io_error, .. } = error {
                self.reins.remember(io_error);
            }
        })?;
        let file = opened.into_inner().map_err(|error| refused(error.into_error()))?;
        Ok(BufWriter::new(Box::new(ReinedFile { file, path: path.into(), reins: Arc::clone(&self.reins) })))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.reins
            .access(Access::Read, path)
            .map_err(|error| OpenReadError::wrap_io_error(error, path.to_owned()))?;
        self.read(self.files.atomic_read(path))
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.reins.permit(path)?;
        self.done(self.files.atomic_write(path, data))?;
        if path != Path::new(META) {
            return Ok(());
        }
        pass(Failpoint::IndexMeta);
        self.sync_directory()
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.reins.permit(Path::new(""))?;
        self.done(self.files.sync_directory())
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.reins.access(Access::Read, &lock.filepath).map_err(LockError::wrap_io_error)?;
        if self.reins.looking {
            // The file of a lock would be made; where nothing can be written, it could not be.
            return Ok(DirectoryLock::from(Box::new(())));
        }
        self.files.acquire_lock(lock).inspect_err(|error| {
            if let LockError::IoError(error) = error {
                self.reins.remember(error);
            }
        })
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }
}

impl fmt::Debug for Reined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.files, f)
    }
}

/// A file that is being written.
struct ReinedFile {
    file: Box<dyn TerminatingWrite + Send + Sync>,
    path: Box<Path>,
    reins: Arc<Reins>,
}

impl Write for ReinedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.reins.permit(&self.path)?;
        self.file.write(bytes).inspect_err(|error| self.reins.remember(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().inspect_err(|error| self.reins.remember(error))
    }
}

impl TerminatingWrite for ReinedFile {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        self.reins.permit(&self.path)?;
        self.file.terminate_ref(token).inspect_err(|error| self.reins.remember(error))
    }
}
