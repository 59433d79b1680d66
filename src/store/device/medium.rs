//! The disk itself, as far as the device asks more of it than redb does: whether the file is still where it was, and how much
//! room is left.

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};
use rustix::fs::{StatVfs, statvfs};
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Bound;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file that the database lies in.
pub(in crate::store) trait Medium: StorageBackend {
    /// Fails where the file is not the one that its name leads to: what is written to it would be lost with the next opening.
    fn present(&self) -> io::Result<()>;

    /// Fails where nothing can be written beside the file.
    fn probe(&self) -> io::Result<()>;

    /// The room that its file system has.
    fn room(&self) -> io::Result<Room>;
}

/// Bytes of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Room {
    /// What this process may still use.
    pub(in crate::store) free: u64,
    /// All of it.
    pub(in crate::store) total: u64,
}

/// A file that knows its name.
#[derive(Debug)]
pub(in crate::store) struct NamedFile {
    file: FileBackend,
    path: PathBuf,
    /// Device and number of the file.
    id: (u64, u64),
}

impl NamedFile {
    /// Opens the file; makes it where it is missing and that is wanted.
    pub(in crate::store) fn open(path: &Path, make: bool) -> Result<Self, redb::Error> {
        let file = OpenOptions::new().read(true).write(true).create(make).truncate(false).open(path)?;
        Self::of(file, path)
    }

    /// Opens the file to read it alone, which is possible where nothing can be written.
    pub(in crate::store) fn open_to_read(path: &Path) -> Result<Self, redb::Error> {
        Self::of(File::open(path)?, path)
    }

    fn of(file: File, path: &Path) -> Result<Self, redb::Error> {
        let about = file.metadata()?;
        let id = (about.dev(), about.ino());
        Ok(Self { file: FileBackend::new(file)?, path: path.to_owned(), id })
    }
}

impl Medium for NamedFile {
    fn present(&self) -> io::Result<()> {
        let about = std::fs::metadata(&self.path)?;
        match (about.dev(), about.ino()) == self.id {
            true => Ok(()),
            false => Err(io::Error::other("another file has taken the place of the store's")),
        }
    }

    fn probe(&self) -> io::Result<()> {
        self.present()?;
        let path = self.path.with_extension("probe");
        let written = File::create(&path).and_then(|mut file| {
            io::Write::write_all(&mut file, &[0; 4096])?;
            file.sync_data()
        });
        let removed = std::fs::remove_file(&path);
        written.and(removed)
    }

    fn room(&self) -> io::Result<Room> {
        let StatVfs { f_frsize, f_blocks, f_bavail, .. } =
            statvfs(self.path.parent().unwrap_or(Path::new(".")))?;
        Ok(Room { free: f_bavail * f_frsize, total: f_blocks * f_frsize })
    }
}

impl StorageBackend for NamedFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.present()?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
