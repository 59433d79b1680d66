//! What the keeper does for an erasure: a copy is made beside the file, brought up to date, and put in its place.

use super::super::super::config::StoreConfig;
use super::super::super::core::{Core, Known, Opening};
use super::super::super::device::{Failure, Medium};
use super::super::super::error::{Fault, StoreError};
use super::super::eraser::Again;
use super::Keeper;
use crate::domain::document::Seq;
use crate::ports::{Outage, PortError};

impl Keeper {
    /// How the store is set up.
    pub(in crate::store::adapter) fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// The last change that was acknowledged.
    pub(in crate::store::adapter) fn last_seq(&self) -> Seq {
        self.known.seq
    }

    /// Opens an empty file for a copy.
    pub(in crate::store::adapter) fn open_copy(&self) -> Result<Box<dyn Medium>, PortError> {
        self.site.open_copy().map_err(|error| self.explain(self.named(error), false))
    }

    /// Removes a copy that is worth nothing.
    pub(in crate::store::adapter) fn discard_copy(&self) {
        if let Err(error) = self.site.discard_copy() {
            tracing::warn!(%error, "a copy of the store cannot be removed");
        }
    }

    /// Room that a copy has to leave.
    pub(in crate::store::adapter) fn reserve(&self, medium: &dyn Medium) -> u64 {
        medium.room().map_or(0, |room| self.margin.mark(room))
    }

    /// Puts the copy in the store's place, if it was made: of the changes up to `copied`; those after it are done again.
    pub(in crate::store::adapter) fn exchange(
        &mut self,
        copying: Result<(), Fault>,
        copied: Seq,
        again: &[Again],
    ) -> Result<(), PortError> {
        let done = copying.map_err(|fault| self.named(fault)).and_then(|()| self.complete(copied, again));
        let exchanged = done.and_then(|()| {
            let core = self
                .admit(&[])
                .map_err(|Outage { kind, detail, .. }| self.named(Fault::Out(Failure { kind, detail })))?;
            let exchanged = self.site.exchange().map_err(|error| self.named(error));
            match core.device().medium().present() {
                // Nothing has changed.
                Ok(()) => exchanged,
                Err(_) => self.move_in().and(exchanged),
            }
        });
        exchanged.map_err(|error| {
            self.discard_copy();
            self.explain(error, false)
        })
    }

    /// Does in the copy what was done to the store since.
    fn complete(&self, copied: Seq, again: &[Again]) -> Result<(), StoreError> {
        let medium = self.site.open_copy().map_err(|error| self.named(error))?;
        let known = Known { seq: copied, ..self.known };
        let copy = Core::open(medium, self.site.path(), &self.config, Opening::Again(known))?;
        again.iter().try_for_each(|again| again.redo(&copy))?;
        let last = copy.read(|snapshot| Ok(snapshot.counters()?.seq))?;
        let device = copy.device().clone();
        drop(copy);
        match device.failure() {
            Some(failure) => Err(self.named(Fault::Out(failure))),
            None if last != self.known.seq => {
                Err(self
                    .named(Fault::Corrupt(format!("its copy has {last} changes, not {}", self.known.seq))))
            }
            None => Ok(()),
        }
    }

    /// Goes over to the file that has taken the place of the one that is open.
    fn move_in(&mut self) -> Result<(), StoreError> {
        self.margin.begin_anew();
        let reopened = self.reopened().map(|core| self.shared.put(core));
        if reopened.is_err() {
            drop(self.shared.take());
        }
        self.look();
        reopened
    }
}
