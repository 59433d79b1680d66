//! What was done to simulated disks, in its order, and what power losses make of it. Since its last sync anything may have
//! reached a disk or not: of one write some sectors and others not, of two writes the later one alone. A new name of a file holds once
//! its folder was synced, and may hold before.

use std::sync::{Arc, Mutex, MutexGuard};

/// Something done to a disk.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Write(u64, Arc<[u8]>),
    Resize(u64),
    Sync,
    /// The file is gone.
    Removed,
    /// It has got the store's name.
    Named,
}

/// See the module. Clones are the same trace.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace(Arc<Mutex<Parts>>);

#[derive(Debug, Default)]
struct Parts {
    /// Whether syncs do nothing.
    lying: bool,
    /// What each file held when its trace began.
    files: Vec<Vec<u8>>,
    events: Vec<(usize, Event)>,
    /// Before which events the folder was synced.
    settled: Vec<usize>,
}

/// Bytes of a sector, the most that a disk writes as a whole.
const SECTORS: [u64; 2] = [512, 4096];

impl Trace {
    /// That of disks that lie about their syncs.
    pub(super) fn of_liars() -> Self {
        Self(Arc::new(Mutex::new(Parts { lying: true, ..Parts::default() })))
    }

    /// Begins with another file; the first has the store's name.
    pub(super) fn begin(&self, image: Vec<u8>) -> usize {
        let mut parts = self.parts();
        parts.files.push(image);
        parts.files.len() - 1
    }

    pub(super) fn note(&self, file: usize, event: Event) {
        let mut parts = self.parts();
        if !(parts.lying && matches!(event, Event::Sync)) {
            parts.events.push((file, event));
        }
    }

    /// The folder was synced.
    pub(super) fn settle(&self) {
        let mut parts = self.parts();
        let now = parts.events.len();
        parts.settled.push(now);
    }

    /// How much was done.
    pub(super) fn len(&self) -> usize {
        self.parts().events.len()
    }

    /// What goes by the store's name when the power goes after so many events.
    pub(super) fn after_loss(&self, at: usize, chance: &mut Chance) -> Vec<u8> {
        let parts = self.parts();
        parts.left(parts.named(at, chance), at, chance)
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.0.lock().unwrap()
    }
}

impl Parts {
    /// The file that has the name.
    fn named(&self, at: usize, chance: &mut Chance) -> usize {
        let settled = self.settled.iter().copied().filter(|settled| *settled <= at).max().unwrap_or(0);
        let mut named = 0;
        for (n, (file, event)) in self.events[..at].iter().enumerate() {
            if matches!(event, Event::Named) && (n < settled || chance.of(2) == 0) {
                named = *file;
            }
        }
        named
    }

    /// What is left of a file.
    fn left(&self, file: usize, at: usize, chance: &mut Chance) -> Vec<u8> {
        let events: Vec<_> =
            self.events[..at].iter().filter(|(of, _)| *of == file).map(|(_, event)| event).collect();
        let safe = events.iter().rposition(|event| matches!(event, Event::Sync | Event::Removed));
        let (safe, unsafe_) = events.split_at(safe.map_or(0, |at| at + 1));
        let mut image = self.files[file].clone();
        for event in safe {
            match event {
                Event::Write(offset, data) => put(&mut image, *offset, data),
                Event::Resize(len) => image.resize(*len as usize, 0),
                Event::Removed => image.clear(),
                Event::Sync | Event::Named => {}
            }
        }
        lose(&mut image, unsafe_, chance);
        image
    }
}

/// Does some of what was not synced.
fn lose(image: &mut Vec<u8>, events: &[&Event], chance: &mut Chance) {
    // Lengths come in their order, and it is open how many have come.
    let resizes: Vec<_> = events
        .iter()
        .filter_map(|event| if let Event::Resize(len) = event { Some(*len) } else { None })
        .collect();
    if let Some(len) = resizes.get(chance.of(resizes.len() as u64 + 1) as usize) {
        image.resize(*len as usize, 0);
    }
    let sector = SECTORS[chance.of(2) as usize];
    let mut pieces = Vec::new();
    for event in events {
        if let Event::Write(offset, data) = event {
            pieces.extend(sectors(*offset, data, sector));
        }
    }
    if chance.of(3) == 0 {
        // The first so many, in their order: the last of the writes is torn.
        pieces.truncate(chance.of(pieces.len() as u64 + 1) as usize);
    } else {
        let eighths = chance.of(9);
        pieces.retain(|_| chance.of(8) < eighths);
    }
    if chance.of(2) == 0 {
        for n in (1..pieces.len()).rev() {
            pieces.swap(n, chance.of(n as u64 + 1) as usize);
        }
    }
    for (offset, data) in pieces {
        put(image, offset, data);
    }
}

/// The parts of a write that come or do not come as a whole.
fn sectors(offset: u64, data: &[u8], sector: u64) -> Vec<(u64, &[u8])> {
    let (mut at, mut rest, mut pieces) = (offset, data, Vec::new());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.len().min((sector - at % sector) as usize));
        pieces.push((at, piece));
        at += piece.len() as u64;
        rest = after;
    }
    pieces
}

fn put(image: &mut Vec<u8>, offset: u64, data: &[u8]) {
    let (from, until) = (offset as usize, offset as usize + data.len());
    if image.len() < until {
        image.resize(until, 0);
    }
    image[from..until].copy_from_slice(data);
}

/// Numbers that follow from a seed: the generator SplitMix64.
#[derive(Debug)]
pub(super) struct Chance(pub(super) u64);

impl Chance {
    /// A number below `most`.
    pub(super) fn of(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

#[test]
fn what_was_synced_is_there_and_of_the_rest_anything() {
    let trace = Trace::default();
    let file = trace.begin(vec![0; 1024]);
    trace.note(file, Event::Write(0, [1; 1024].as_slice().into()));
    trace.note(file, Event::Sync);
    trace.note(file, Event::Write(0, [2; 1024].as_slice().into()));
    trace.note(file, Event::Write(0, [3; 512].as_slice().into()));
    let left: std::collections::BTreeSet<_> = (0..2_000)
        .map(|seed| {
            let image = trace.after_loss(trace.len(), &mut Chance(seed));
            assert!(image[..512].iter().all(|byte| *byte == image[0]), "a sector is whole");
            (image[0], image[512])
        })
        .collect();
    assert_eq!(left, [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)].into());
    assert_eq!(trace.after_loss(1, &mut Chance(0)).len(), 1024);
}

#[test]
fn a_name_is_open_until_its_folder_is_synced() {
    let trace = Trace::default();
    for image in [b"old", b"new"] {
        trace.begin(image.to_vec());
    }
    trace.note(1, Event::Named);
    let left = || {
        (0..20).map(|seed| trace.after_loss(1, &mut Chance(seed))).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(left().len(), 2);
    trace.settle();
    assert_eq!(left(), [b"new".to_vec()].into());
}
