//! A disk in memory that fails when a test wants it to. It knows what it has synced, the least that a power loss leaves; with a
//! [`Trace`] it keeps all that was done to it, of which a power loss may leave anything since the last sync.

use super::super::device::{Medium, Room, Site};
use super::trace::{Event, Trace};
use super::*;
use redb::StorageBackend;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// See the module. Clones are the same disk.
#[derive(Debug, Clone)]
pub(super) struct Disk(Arc<Mutex<State>>);

#[derive(Debug)]
pub(super) struct State {
    pub(super) live: Vec<u8>,
    pub(super) synced: Vec<u8>,
    /// Writes, resizes and syncs so far.
    pub(super) done: usize,
    /// Those that fail, from one on to another.
    pub(super) failing: std::ops::Range<usize>,
    /// How they fail.
    pub(super) error: io::ErrorKind,
    /// Reads that fail before one succeeds.
    pub(super) bad_reads: usize,
    pub(super) room: Room,
    pub(super) present: bool,
    /// Whether operations wait until the test lets them go on.
    pub(super) held: bool,
    /// Where what is done is written down, and what the file is called there.
    trace: Option<(Trace, usize)>,
}

/// Never.
const NEVER: std::ops::Range<usize> = usize::MAX..usize::MAX;

impl Disk {
    pub(super) fn new() -> Self {
        Self::with(Vec::new())
    }

    pub(super) fn with(image: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(State {
            live: image.clone(),
            synced: image,
            done: 0,
            failing: NEVER,
            error: io::ErrorKind::Other,
            bad_reads: 0,
            room: Room { free: 1 << 40, total: 1 << 41 },
            present: true,
            held: false,
            trace: None,
        })))
    }

    /// The same, with a trace of what is done to it from now on.
    pub(super) fn traced(self, trace: &Trace) -> Self {
        let mut state = self.state();
        state.trace = Some((trace.clone(), trace.begin(state.live.clone())));
        drop(state);
        self
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Fails all operations from the `n`th after now on.
    pub(super) fn fail_after(&self, n: usize, error: io::ErrorKind) {
        let mut state = self.state();
        (state.failing, state.error) = (state.done + n..usize::MAX, error);
    }

    pub(super) fn heal(&self) {
        let mut state = self.state();
        (state.failing, state.bad_reads, state.present) = (NEVER, 0, true);
    }

    pub(super) fn open(&self) -> Result<Core, StoreError> {
        self.open_with(&StoreConfig::default())
    }

    pub(super) fn open_with(&self, config: &StoreConfig) -> Result<Core, StoreError> {
        Core::open(Box::new(self.clone()), Path::new("disk of the test"), config, Opening::New(at(0)))
    }

    /// What a new process finds after a power loss.
    pub(super) fn after_power_loss(&self) -> Core {
        Self::with(self.state().synced.clone()).open().unwrap()
    }

    /// What a new process finds after the death of this one.
    pub(super) fn after_kill(&self) -> Core {
        Self::with(self.state().live.clone()).open().unwrap()
    }

    fn attempt(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        while state.held {
            drop(state);
            std::thread::sleep(Duration::from_millis(1));
            state = self.state();
        }
        state.done += 1;
        match state.failing.contains(&(state.done - 1)) {
            true => Err(state.error.into()),
            false => Ok(state),
        }
    }
}

impl State {
    fn note(&self, event: impl FnOnce() -> Event) {
        if let Some((trace, file)) = &self.trace {
            trace.note(*file, event());
        }
    }
}

impl Medium for Disk {
    fn present(&self) -> io::Result<()> {
        match self.state().present {
            true => Ok(()),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn probe(&self) -> io::Result<()> {
        self.attempt().map(drop)
    }

    fn room(&self) -> io::Result<Room> {
        Ok(self.state().room)
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut state = self.state();
        if state.bad_reads > 0 {
            state.bad_reads -= 1;
            return Err(io::Error::other("the sector cannot be read"));
        }
        let from = offset as usize;
        let bytes = state.live.get(from..from + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.attempt()?;
        state.live.resize(len as usize, 0);
        state.note(|| Event::Resize(len));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.present()?;
        let mut state = self.attempt()?;
        state.synced = state.live.clone();
        state.note(|| Event::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let from = offset as usize;
        let mut attempt = self.attempt();
        // A write that fails has been done in part.
        let done = if attempt.is_ok() { data.len() } else { data.len() / 2 };
        let result = attempt.as_mut().map(|_| ()).map_err(|error| error.kind().into());
        drop(attempt);
        let mut state = self.state();
        if state.live.len() < from + done {
            state.live.resize(from + done, 0);
        }
        state.live[from..from + done].copy_from_slice(&data[..done]);
        state.note(|| Event::Write(offset, data[..done].into()));
        result
    }
}

/// A disk as the place of a store, with another one for copies. Clones are the same place.
#[derive(Debug, Clone)]
pub(super) struct Desk(Arc<Mutex<Disks>>);

#[derive(Debug)]
struct Disks {
    now: Disk,
    copy: Disk,
    /// Whether a power loss may bring back the disk that was here before.
    unsettled: bool,
    trace: Option<Trace>,
}

impl Disks {
    fn settle(&mut self) {
        if std::mem::take(&mut self.unsettled)
            && let Some(trace) = &self.trace
        {
            trace.settle();
        }
    }
}

impl Desk {
    pub(super) fn new() -> Self {
        Self::with(Vec::new(), None)
    }

    /// A place with a trace of what is done to its disks.
    pub(super) fn traced(image: Vec<u8>, trace: &Trace) -> Self {
        Self::with(image, Some(trace.clone()))
    }

    fn with(image: Vec<u8>, trace: Option<Trace>) -> Self {
        let traced = |disk: Disk| match &trace {
            Some(trace) => disk.traced(trace),
            None => disk,
        };
        let (now, copy) = (traced(Disk::with(image)), traced(Disk::new()));
        Self(Arc::new(Mutex::new(Disks { now, copy, unsettled: false, trace })))
    }

    /// The disk that the store lies on now.
    pub(super) fn disk(&self) -> Disk {
        self.0.lock().unwrap().now.clone()
    }

    /// The disk that the next copy is made on.
    pub(super) fn copy(&self) -> Disk {
        self.0.lock().unwrap().copy.clone()
    }

    /// Puts another disk in the place of the one that the store lies on, which is returned.
    pub(super) fn put(&self, disk: Disk) -> Disk {
        let before = std::mem::replace(&mut self.0.lock().unwrap().now, disk);
        before.state().present = false;
        before
    }

    pub(super) fn open(&self, config: &StoreConfig) -> Store {
        Store::open_at(Arc::new(self.clone()), config, at(0)).unwrap()
    }
}

impl Site for Desk {
    fn open(&self, _make: bool) -> Result<Box<dyn Medium>, redb::Error> {
        self.0.lock().unwrap().settle();
        Ok(Box::new(self.disk()))
    }

    fn open_copy(&self) -> Result<Box<dyn Medium>, redb::Error> {
        Ok(Box::new(self.copy()))
    }

    fn exchange(&self) -> io::Result<()> {
        let copy = self.copy();
        copy.sync_data()?;
        copy.state().note(|| Event::Named);
        self.put(copy);
        let mut disks = self.0.lock().unwrap();
        disks.copy = match &disks.trace {
            Some(trace) => Disk::new().traced(trace),
            None => Disk::new(),
        };
        disks.unsettled = true;
        Ok(())
    }

    fn discard_copy(&self) -> io::Result<()> {
        let copy = self.copy();
        let mut state = copy.state();
        (state.live, state.synced) = (Vec::new(), Vec::new());
        state.note(|| Event::Removed);
        Ok(())
    }

    fn path(&self) -> &Path {
        Path::new("disk of the test")
    }
}
