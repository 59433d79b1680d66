//! How much room is left on the disk: documents are refused before it is full, so that there is still room to delete some.

use super::super::device::Room;
use crate::ports::Write;

/// Free space below which documents are refused, where nothing is set: the smaller of this and a fiftieth of the file system.
const MARK: u64 = 64 << 20;

/// Bytes that a document may take on the disk beside its own: pages of many tables are written anew for it.
const PER_DOCUMENT: u64 = 256 << 10;

/// How many times its own bytes a document may take with its analysis.
const TIMES: u64 = 4;

/// See the module.
#[derive(Debug)]
pub(super) struct Margin {
    mark: Option<u64>,
    /// Bytes that deletions have made free within the file since there is too little room.
    made_free: u64,
    /// Bytes that the store had removed at the last commit.
    freed: u64,
}

impl Margin {
    pub(super) fn new(mark: Option<u64>) -> Self {
        Self { mark, made_free: 0, freed: 0 }
    }

    /// Free space below which documents are refused.
    pub(super) fn mark(&self, room: Room) -> u64 {
        self.mark.unwrap_or_else(|| MARK.min(room.total / 50))
    }

    /// Whether there is room for the writes.
    pub(super) fn admits(&mut self, room: Room, writes: &[Write]) -> bool {
        let (mark, need) = (self.mark(room), need(writes));
        // What takes hardly any room, deletions above all, may use some of the reserve.
        let least = if need == 0 { mark / 4 } else { mark.saturating_add(need) };
        if room.free >= least {
            return true;
        }
        let rest = room.free.saturating_add(self.made_free).checked_sub(least);
        self.made_free = rest.unwrap_or(self.made_free);
        rest.is_some()
    }

    /// Notes a commit after which the store has removed `freed` bytes in all.
    pub(super) fn committed(&mut self, freed: u64, scarce: bool) {
        if scarce {
            // Half of it, since pages that are free in part are no room.
            self.made_free += freed.saturating_sub(self.freed) / 2;
        }
        self.freed = freed;
    }

    /// Whether there is too little room for documents. It takes somewhat more to end a scarcity than to begin one.
    pub(super) fn is_passed(&mut self, room: Room, already: bool) -> bool {
        let mark = self.mark(room);
        let least = if already { mark + mark / 4 } else { mark };
        if room.free >= least {
            self.made_free = 0;
        }
        room.free.saturating_add(self.made_free) < least
    }

    /// The store is another one now, and counts from 0.
    pub(super) fn begin_anew(&mut self) {
        self.freed = 0;
    }
}

/// Bytes that the disk must have for the writes, at most; 0 for those that take hardly any.
fn need(writes: &[Write]) -> u64 {
    let of = |write: &Write| match write {
        Write::Put { document, .. } => PER_DOCUMENT + TIMES * document.text.len() as u64,
        Write::Reanalyze { .. } => PER_DOCUMENT,
        _ => 0,
    };
    writes.iter().map(of).sum()
}
