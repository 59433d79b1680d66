//! What the keeper does for an erasure: a copy is made beside the file, brought up to date, and put in its place.

use super::super::super::config::StoreConfig;
use super::super::super::core::{Core, Known};
use super::super::super::device::{Failure, Site};
use super::super::super::error::{Fault, StoreError};
use super::super::eraser::Again;
use super::Keeper;
use crate::failpoint::{Failpoint, pass};
use crate::ports::{Outage, PortError};
use std::sync::Arc;

impl Keeper {
    /// How the store is set up.
    pub(in crate::store::adapter) fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// What has been acknowledged.
    pub(in crate::store::adapter) fn known(&self) -> Known {
        self.known
    }

    /// Where the store lies.
    pub(in crate::store::adapter) fn site(&self) -> Arc<dyn Site> {
        self.site.clone()
    }

    /// Removes a copy that is worth nothing.
    pub(in crate::store::adapter) fn discard_copy(&self) {
        if let Err(error) = self.site.discard_copy() {
            tracing::warn!(%error, "a copy of the store cannot be removed");
        }
    }

    /// Puts the copy in the store's place, if it was made, after `rest` was done to it, too.
    pub(in crate::store::adapter) fn exchange(
        &mut self,
        copy: Result<Core, StoreError>,
        rest: &[Again],
    ) -> Result<(), PortError> {
        let exchanged = copy.and_then(|copy| self.complete(copy, rest)).and_then(|()| {
            let core = self
                .admit(&[])
                .map_err(|Outage { kind, detail, .. }| self.named(Fault::Out(Failure { kind, detail })))?;
            pass(Failpoint::EraseComplete);
            let exchanged = self.site.exchange().map_err(|error| self.named(error));
            match core.device().medium().present() {
                // Nothing has changed.
                Ok(()) => exchanged,
                Err(_) => {
                    core.device().retire();
                    self.move_in().and(exchanged)
                }
            }
        });
        exchanged.map_err(|error| {
            self.discard_copy();
            self.explain(error, false)
        })
    }

    /// Does the rest to the copy, and closes it.
    fn complete(&self, copy: Core, rest: &[Again]) -> Result<(), StoreError> {
        rest.iter().try_for_each(|again| again.redo(&copy))?;
        let last = copy.read(|snapshot| Ok(snapshot.counters()?.seq))?;
        let device = copy.device().clone();
        drop(copy);
        if let Some(failure) = device.failure() {
            return Err(self.named(Fault::Out(failure)));
        }
        match last == self.known.seq {
            true => Ok(()),
            false => {
                let reason = format!("its copy has {last} changes, not {}", self.known.seq);
                Err(self.named(Fault::Corrupt(reason)))
            }
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
        pass(Failpoint::EraseMoved);
        reopened
    }
}
