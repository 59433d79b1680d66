//! Where the database's file lies: its folder, in which a copy can be made beside it and put in its place.

use super::{Medium, NamedFile};
use crate::failpoint::{Failpoint, pass};
use crate::store::folder;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A place for a database and for one copy of it.
pub(in crate::store) trait Site: Send + Sync {
    /// Opens the database's file; makes it where it is missing and that is wanted.
    fn open(&self, make: bool) -> Result<Box<dyn Medium>, redb::Error>;

    /// Opens the copy's file; an empty one where none is there.
    fn open_copy(&self) -> Result<Box<dyn Medium>, redb::Error>;

    /// Puts the copy, which is closed, in the database's place, all at once. [`Site::open`] finds it there, and sees to it first
    /// that it stays there through a power loss.
    fn exchange(&self) -> io::Result<()>;

    /// Removes the copy, if there is one.
    fn discard_copy(&self) -> io::Result<()>;

    /// What errors call the file.
    fn path(&self) -> &Path;
}

/// A file and its folder.
#[derive(Debug)]
pub(in crate::store) struct FileSite {
    path: PathBuf,
    copy: PathBuf,
    /// Whether a power loss may bring back the file that was here before.
    unsettled: AtomicBool,
}

impl FileSite {
    /// The site of the file of this path.
    pub(in crate::store) fn new(path: PathBuf) -> Self {
        let copy = path.with_extension("copy");
        Self { path, copy, unsettled: AtomicBool::new(false) }
    }
}

impl FileSite {
    /// An empty file in the copy's place, for whoever has the bytes of a database.
    pub(in crate::store) fn create_copy(&self) -> io::Result<File> {
        File::create(&self.copy)
    }
}

impl Site for FileSite {
    fn open(&self, make: bool) -> Result<Box<dyn Medium>, redb::Error> {
        if self.unsettled.load(Ordering::Acquire) {
            folder::sync_one(self.path.parent().unwrap_or(Path::new(".")))?;
            self.unsettled.store(false, Ordering::Release);
        }
        Ok(Box::new(NamedFile::open(&self.path, make)?))
    }

    fn open_copy(&self) -> Result<Box<dyn Medium>, redb::Error> {
        Ok(Box::new(NamedFile::open(&self.copy, true)?))
    }

    fn exchange(&self) -> io::Result<()> {
        File::open(&self.copy)?.sync_all()?;
        pass(Failpoint::ExchangeSynced);
        self.unsettled.store(true, Ordering::Release);
        std::fs::rename(&self.copy, &self.path).inspect(|()| pass(Failpoint::ExchangeRenamed))
    }

    fn discard_copy(&self) -> io::Result<()> {
        match std::fs::remove_file(&self.copy) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self) -> &Path {
        &self.path
    }
}
