//! Watches over the store between two writes: says in what state it is, gives it back its disk, and opens it anew where it has
//! to be. Belongs to the thread that writes.

mod exchange;

use super::super::config::StoreConfig;
use super::super::core::{Core, Known, Opening};
use super::super::device::{Failure, Room, Site};
use super::super::error::{Fault, StoreError};
use super::margin::Margin;
use super::shared::Shared;
use crate::ports::{LogState, Outage, OutageKind, PortError, Write};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How often the keeper looks. A failed read is noticed after that time at the latest.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// First and longest pause between two tries to mend the store.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// How long those who still read from a store that has failed are waited for.
const LEAVE: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    site: Arc<dyn Site>,
    config: StoreConfig,
    known: Known,
    pause: Duration,
    next_try: Instant,
    looked: Instant,
    margin: Margin,
    /// A store that has failed and is still being read from.
    leaving: Weak<Core>,
}

impl Keeper {
    pub(super) fn new(shared: Arc<Shared>, site: Arc<dyn Site>, config: StoreConfig, known: Known) -> Self {
        let (now, margin) = (Instant::now(), Margin::new(config.free_space_mark));
        let (pause, next_try, looked) = (PAUSES[0], now, now);
        Self { shared, site, config, known, pause, next_try, looked, margin, leaving: Weak::new() }
    }

    /// The store, if it takes the writes; otherwise why not.
    pub(super) fn admit(&mut self, writes: &[Write]) -> Result<Arc<Core>, Outage> {
        let core = self.shared.core()?;
        if let Some(outage) = self.trouble(&core) {
            return Err(outage);
        }
        let room =
            core.device().medium().room().map_err(|error| self.outage(OutageKind::ReadOnly, &error))?;
        match self.margin.admits(room, writes) {
            true => Ok(core),
            false => Err(full(room)),
        }
    }

    /// Notes a commit.
    pub(super) fn committed(&mut self, core: &Core) {
        let last = core.read(|snapshot| Ok(snapshot.counters()?.seq));
        self.known.seq = self.known.seq.max(last.unwrap_or_default());
        self.pause = PAUSES[0];
        self.margin.committed(core.freed(), self.is_full());
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

    /// Closes the store.
    pub(super) fn close(self) {
        drop(self.shared.take());
    }

    /// Looks after the store if nobody has for a while: under load there is no time at which nobody writes.
    pub(super) fn look_now_and_then(&mut self) {
        if self.looked.elapsed() >= LOOK {
            self.look();
        }
    }

    /// Looks after the store and says how it is.
    pub(super) fn look(&mut self) {
        self.looked = Instant::now();
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

    /// Whether there is too little room for documents.
    fn scarcity(&mut self, core: &Core) -> Option<Outage> {
        let room = match core.device().medium().room() {
            Ok(room) => room,
            Err(error) => return Some(self.outage(OutageKind::ReadOnly, &error)),
        };
        let already = self.is_full();
        self.margin.is_passed(room, already).then(|| full(room))
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
            && room.free < self.margin.mark(room).saturating_add(device.waiting())
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
                self.margin.begin_anew();
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

    fn say(&self, state: LogState) {
        self.shared.say(state);
    }
}

fn full(room: Room) -> Outage {
    let detail = format!("{} of {} bytes are free", room.free, room.total);
    Outage { kind: OutageKind::Full, detail, retry_after: Duration::from_secs(1) }
}
