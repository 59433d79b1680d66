//! The thread that copies: all rows as they stood when it began, then what was done since, as long as there is much of that.

use super::super::super::config::StoreConfig;
use super::super::super::copy::copy;
use super::super::super::core::{Core, Known, Opening};
use super::super::super::device::{Failure, Medium, Site};
use super::super::super::error::{Fault, StoreError};
use super::super::super::tables::Snapshot;
use super::super::margin::Margin;
use super::backlog::Backlog;
use crate::failpoint::{Failpoint, pass};
use crate::ports::OutageKind;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// So few groups of writes are left to the thread that writes.
const FEW: usize = 4;

/// After so many times the rest is left to it, too: where writes come faster than they can be done again, they have to wait.
const ROUNDS: usize = 16;

/// See the module.
pub(super) struct Copier {
    pub(super) site: Arc<dyn Site>,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) config: StoreConfig,
    /// The state of the snapshot.
    pub(super) copied: Known,
    pub(super) backlog: Arc<Backlog>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Copier {
    /// Makes the copy; it lacks nothing but what is left in the backlog.
    pub(super) fn work(self) -> Result<Core, StoreError> {
        let Self { site, snapshot, config, copied, backlog, .. } = &self;
        let medium = site.open_copy().map_err(|error| self.named(error))?;
        copy(snapshot, medium, config, |medium, _| self.go_on(medium)).map_err(|fault| self.named(fault))?;
        pass(Failpoint::EraseCopied);
        let medium = site.open_copy().map_err(|error| self.named(error))?;
        let core = Core::open(medium, site.path(), config, Opening::Again(*copied))?;
        for _ in 0..ROUNDS {
            let again = backlog.take();
            for again in &again {
                self.go_on(core.device().medium()).map_err(|fault| self.named(fault))?;
                again.redo(&core)?;
            }
            if again.len() <= FEW {
                break;
            }
        }
        pass(Failpoint::EraseRedone);
        Ok(core)
    }

    /// Fails where the copy is not wanted any more, or where it takes the room that the store needs.
    fn go_on(&self, medium: &dyn Medium) -> Result<(), Fault> {
        if self.stop.load(Ordering::Acquire) {
            return Err(io::Error::from(io::ErrorKind::Interrupted).into());
        }
        let room = medium.room()?;
        if room.free < Margin::new(self.config.free_space_mark).mark(room) {
            let detail = format!("{} bytes are free, too few for a copy of the store", room.free);
            return Err(Fault::Out(Failure { kind: OutageKind::Full, detail }));
        }
        Ok(())
    }

    fn named(&self, fault: impl Into<Fault>) -> StoreError {
        fault.into().at(self.site.path())
    }
}
