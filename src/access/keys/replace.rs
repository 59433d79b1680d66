//! A file changed whole or not at all, by one program at a time. Readers need no lock: they find the old file or the new
//! one. Writers hold a lock on a file beside it, since the file itself is another one after each change.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long to wait for another writer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(10);
/// Owner alone.
const PRIVATE: u32 = 0o600;

/// Keeps other writers out until it is dropped; only who holds it can write.
#[derive(Debug)]
pub struct WriteLock {
    /// What is replaced: of a link, what it leads to.
    path: PathBuf,
    _file: File,
}

/// Takes the lock of a file, which need not exist. The file of the lock, `FILE.lock`, stays: to remove it would let
/// two writers hold two of them.
pub fn lock(path: &Path) -> io::Result<WriteLock> {
    let path = match path.canonicalize() {
        Ok(path) => path,
        Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(PRIVATE).open(name)?;
    let begin = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(WriteLock { path, _file: file }),
            Err(TryLockError::WouldBlock) if begin.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                let reason = "another program has held its lock for 10 s";
                return Err(io::Error::new(ErrorKind::TimedOut, reason));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

impl WriteLock {
    /// Puts a text in the file's place, on the disk before this returns. A new file is its owner's alone; one that there
    /// was keeps its owner, and the rights of its owner and group, so that a service under another name can go on
    /// reading it.
    pub fn replace(&self, text: &str) -> io::Result<()> {
        let folder = folder(&self.path);
        let mut new = tempfile::Builder::new().prefix(".dictum-keys-").tempfile_in(&folder)?;
        new.write_all(text.as_bytes())?;
        set_rights(new.as_file(), &self.path)?;
        new.as_file().sync_all()?;
        new.persist(&self.path)?;
        // The new name is durable once the folder is.
        File::open(folder)?.sync_all()
    }
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn set_rights(new: &File, path: &Path) -> io::Result<()> {
    let mode = match std::fs::metadata(path) {
        Ok(old) => {
            let mine = new.metadata()?;
            if (mine.uid(), mine.gid()) != (old.uid(), old.gid()) {
                fchown(new, Some(old.uid()), Some(old.gid()))?;
            }
            old.mode() & 0o660 | PRIVATE
        }
        Err(error) if error.kind() == ErrorKind::NotFound => PRIVATE,
        Err(error) => return Err(error),
    };
    new.set_permissions(Permissions::from_mode(mode))
}
