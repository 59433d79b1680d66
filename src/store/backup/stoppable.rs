//! A file that can be taken away from the database that is being written to it, and given to it slowly: every read and every write asks
//! first. A database that is made small by itself asks nobody else.

use super::pace::Pace;
use crate::store::device::{Medium, NamedFile, Room};
use redb::StorageBackend;
use std::io;
use std::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(super) struct Stoppable {
    pub(super) file: NamedFile,
    pub(super) pace: Arc<Pace>,
}

impl Stoppable {
    fn asked(&self) -> io::Result<&NamedFile> {
        self.pace.step();
        match self.pace.over() {
            None => Ok(&self.file),
            Some(_) => Err(io::ErrorKind::Interrupted.into()),
        }
    }
}

impl StorageBackend for Stoppable {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.asked()?.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.asked()?.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.asked()?.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.asked()?.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }
}

impl Medium for Stoppable {
    fn present(&self) -> io::Result<()> {
        self.file.present()
    }

    fn probe(&self) -> io::Result<()> {
        self.file.probe()
    }

    fn room(&self) -> io::Result<Room> {
        self.file.room()
    }
}
