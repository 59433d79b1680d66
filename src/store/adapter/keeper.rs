//! Watches over the store between two writes: says in what state it is, gives it back its disk, and opens it anew where it has
//! to be. Belongs to the thread that writes.

use super::super::config::StoreConfig;
use super::super::core::{Core, Known, Opening};
use super::super::device::{Failure, Medium, Room, Site};
use super::super::error::{Fault, StoreError};
use super::eraser::Again;
use super::shared::Shared;
use crate::domain::document::Seq;
use crate::ports::{LogState, Outage, OutageKind, PortError, Write};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How often the keeper looks when nobody writes. A failed read is noticed after that time at the latest.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// First and longest pause between two tries to mend the store.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// How long those who still read from a store that has failed are waited for.
const LEAVE: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    site: Box<dyn Site>,
    config: StoreConfig,
    known: Known,
    pause: Duration,
    next_try: Instant,
    /// Bytes that deletions have made free within the file since there is too little room.
    made_free: u64,
    /// See [`Core::freed`], at the last commit.
    freed: u64,
    /// A store that has failed and is still being read from.
    leaving: Weak<Core>,
}

impl Keeper {
    pub(super) fn new(shared: Arc<Shared>, site: Box<dyn Site>, config: StoreConfig, known: Known) -> Self {
        let (pause, next_try) = (PAUSES[0], Instant::now());
        Self { shared, site, config, known, pause, next_try, made_free: 0, freed: 0, leaving: Weak::new() }
    }

    /// The store, if it takes the writes; otherwise why not.
    pub(super) fn admit(&mut self, writes: &[Write]) -> Result<Arc<Core>, Outage> {
        let core = self.shared.core()?;
        if let Some(outage) = self.trouble(&core) {
            return Err(outage);
        }
        let room =
            core.device().medium().room().map_err(|error| self.outage(OutageKind::ReadOnly, &error))?;
        let (mark, need) = (self.mark(room), need(writes));
        // What takes hardly any room, deletions above all, may use some of the reserve.
        let least = if need == 0 { mark / 4 } else { mark.saturating_add(need) };
        if room.free < least {
            self.made_free =
                (room.free + self.made_free).checked_sub(least).ok_or_else(|| self.full(room))?;
        }
        Ok(core)
    }

    /// Notes a commit.
    pub(super) fn committed(&mut self, core: &Core) {
        let last = core.read(|snapshot| Ok(snapshot.counters()?.seq));
        self.known.seq = self.known.seq.max(last.unwrap_or_default());
        self.pause = PAUSES[0];
        let freed = core.freed();
        if self.is_full() {
            // Half of it, since pages that are free in part are no room.
            self.made_free += freed.saturating_sub(self.freed) / 2;
        }
        self.freed = freed;
    }

    /// What a failure means for whoever asked, once the keeper has looked.
    pub(super) fn explain(&self, error: StoreError, broken: bool) -> PortError {
        match error {
            StoreError::Out { failure: Failure { kind, detail }, .. } => {
                PortError::Unavailable(self.outage(kind, &detail))
            }
            error if broken => PortError::Unavailable(self.outage(OutageKind::Closed, &error)),
            StoreError::Io { source, .. } => {
                let Failure { kind, detail } = Failure::of(&source);
                PortError::Unavailable(self.outage(kind, &detail))
            }
            error => error.into(),
        }
    }

    /// How the store is set up.
    pub(super) fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// The last change that was acknowledged.
    pub(super) fn last_seq(&self) -> Seq {
        self.known.seq
    }

    /// Opens an empty file for a copy.
    pub(super) fn open_copy(&self) -> Result<Box<dyn Medium>, PortError> {
        self.site.open_copy().map_err(|error| self.explain(self.named(error), false))
    }

    /// Removes a copy that is worth nothing.
    pub(super) fn discard_copy(&self) {
        if let Err(error) = self.site.discard_copy() {
            tracing::warn!(%error, "a copy of the store cannot be removed");
        }
    }

    /// Room that a copy has to leave.
    pub(super) fn reserve(&self, medium: &dyn Medium) -> u64 {
        medium.room().map_or(0, |room| self.mark(room))
    }

    /// Puts the copy in the store's place, if it was made: of the changes up to `copied`; those after it are done again.
    pub(super) fn exchange(
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
        self.freed = 0;
        let reopened = self.reopened().map(|core| self.shared.put(core));
        if reopened.is_err() {
            drop(self.shared.take());
        }
        self.look();
        reopened
    }

    /// Closes the store.
    pub(super) fn close(self) {
        drop(self.shared.take());
    }

    /// Looks after the store and says how it is.
    pub(super) fn look(&mut self) {
        let Some(core) = self.shared.core().ok().filter(|core| !core.device().is_broken()) else {
            return self.open_anew();
        };
        self.mend(&core);
        let state = match self.trouble(&core).or_else(|| self.scarcity(&core)) {
            Some(outage) => LogState::Out(outage),
            None => LogState::Ready,
        };
        self.say(state);
    }

    /// What keeps the store from writing anything.
    fn trouble(&self, core: &Core) -> Option<Outage> {
        if let Some(Failure { kind, detail }) = core.device().failure() {
            return Some(self.outage(kind, &detail));
        }
        let gone = core.device().medium().present().err();
        gone.map(|error| {
            self.outage(OutageKind::ReadOnly, &format_args!("the file is not in its place: {error}"))
        })
    }

    /// Whether there is too little room for documents. It takes somewhat more to end a scarcity than to begin one.
    fn scarcity(&mut self, core: &Core) -> Option<Outage> {
        let room = match core.device().medium().room() {
            Ok(room) => room,
            Err(error) => return Some(self.outage(OutageKind::ReadOnly, &error)),
        };
        let mark = self.mark(room);
        let least = if self.is_full() { mark + mark / 4 } else { mark };
        if room.free >= least {
            self.made_free = 0;
        }
        (room.free.saturating_add(self.made_free) < least).then(|| self.full(room))
    }

    fn is_full(&self) -> bool {
        matches!(&*self.shared.state().borrow(), LogState::Out(Outage { kind: OutageKind::Full, .. }))
    }

    /// Gives the store its disk back, if it is away from it and the time for a try has come.
    fn mend(&mut self, core: &Core) {
        let device = core.device();
        let Some(failure) = device.failure() else { return };
        if failure.kind == OutageKind::Full
            && let Ok(room) = device.medium().room()
            && room.free < self.mark(room).saturating_add(device.waiting())
        {
            // The moment that there is room is the moment to try.
            self.next_try = Instant::now();
            return;
        }
        if Instant::now() < self.next_try {
            return;
        }
        match device.mend() {
            Ok(()) => tracing::info!("the store's disk works again"),
            Err(error) => tracing::warn!(%error, "the store's disk does not work yet"),
        }
        self.wait_longer();
    }

    /// Opens a store that redb has given up.
    fn open_anew(&mut self) {
        if let Some(core) = self.shared.take() {
            let detail = core.device().failure().map_or("a read has failed".into(), |failure| failure.detail);
            self.say(LogState::Out(self.outage(OutageKind::Closed, &detail)));
            self.leaving = Arc::downgrade(&core);
            self.next_try = Instant::now();
        }
        // Whoever still reads gets errors by now, and holds the file until then.
        let until = Instant::now() + LEAVE;
        while self.leaving.strong_count() > 0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        if Instant::now() < self.next_try {
            return;
        }
        match self.reopened() {
            Ok(core) => {
                tracing::info!("the store is open again");
                self.freed = 0;
                self.shared.put(core);
                self.wait_longer();
                self.look();
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store cannot be opened");
                self.say(LogState::Out(self.outage(OutageKind::Closed, &error)));
                self.wait_longer();
            }
        }
    }

    fn reopened(&self) -> Result<Core, StoreError> {
        let medium = self.site.open(false).map_err(|error| self.named(error))?;
        Core::open(medium, self.site.path(), &self.config, Opening::Again(self.known))
    }

    fn named(&self, fault: impl Into<Fault>) -> StoreError {
        fault.into().at(self.site.path())
    }

    fn wait_longer(&mut self) {
        self.next_try = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(PAUSES[1]);
    }

    fn outage(&self, kind: OutageKind, detail: &dyn std::fmt::Display) -> Outage {
        let left = self.next_try.saturating_duration_since(Instant::now());
        Outage { kind, detail: detail.to_string(), retry_after: left.max(PAUSES[0]) }
    }

    fn full(&self, room: Room) -> Outage {
        let detail = format!("{} of {} bytes are free", room.free, room.total);
        Outage { kind: OutageKind::Full, detail, retry_after: Duration::from_secs(1) }
    }

    /// Free space below which documents are refused.
    fn mark(&self, room: Room) -> u64 {
        self.config.free_space_mark.unwrap_or_else(|| (64 << 20).min(room.total / 50))
    }

    fn say(&self, state: LogState) {
        self.shared.say(state);
    }
}

/// Bytes that a document may take on the disk beside its own: pages of many tables are written anew for it.
const PER_DOCUMENT: u64 = 256 << 10;

/// How many times its own bytes a document may take with its analysis.
const TIMES: u64 = 4;

/// Bytes that the disk must have for the writes, at most; 0 for those that take hardly any.
fn need(writes: &[Write]) -> u64 {
    let of = |write: &Write| match write {
        Write::Put { document, .. } => PER_DOCUMENT + TIMES * document.text.len() as u64,
        Write::Reanalyze { .. } => PER_DOCUMENT,
        _ => 0,
    };
    writes.iter().map(of).sum()
}
