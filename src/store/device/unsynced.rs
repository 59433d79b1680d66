//! What was done to the file since the last good sync, in order: enough to do it again, and to read the file as if it had been
//! done.

use super::Medium;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::Arc;

/// Bytes of the file for which writes are found together.
const BLOCK: u64 = 64 << 10;

/// Something done to the file.
#[derive(Debug, Clone)]
pub(super) enum Op {
    Write(u64, Arc<[u8]>),
    Resize(u64),
    Sync,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Unsynced {
    ops: Vec<Op>,
    bytes: usize,
    /// Whether there was more than may be kept.
    lost: bool,
    /// Only while the device is away: the operations that matter for a block, and the length that the file should have.
    blocks: HashMap<u64, Vec<usize>>,
    resizes: Vec<usize>,
    len: Option<u64>,
}

impl Unsynced {
    /// Keeps an operation; false where there is no room.
    pub(super) fn keep(&mut self, op: Op, limit: usize) -> bool {
        let bytes = if let Op::Write(_, data) = &op { data.len() } else { 0 };
        if self.lost || self.bytes + bytes > limit {
            if self.len.is_none() {
                self.ops.clear();
                (self.bytes, self.lost) = (0, true);
            }
            return false;
        }
        self.bytes += bytes;
        self.ops.push(op);
        if self.len.is_some() {
            self.index(self.ops.len() - 1);
        }
        true
    }

    /// The file is safe as it is.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether nothing was done that could not be kept.
    pub(super) fn is_whole(&self) -> bool {
        !self.lost
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn ops(&self) -> Vec<Op> {
        self.ops.clone()
    }

    /// Reads go through here from now on; the file itself has `len` bytes.
    pub(super) fn turn_to(&mut self, len: u64) {
        self.len = Some(len);
        (0..self.ops.len()).for_each(|at| self.index(at));
    }

    /// The length that the file should have.
    pub(super) fn len(&self) -> u64 {
        self.len.unwrap_or_default()
    }

    /// Forgets the first operations, which are safe by now; all of them end the detour.
    pub(super) fn forget(&mut self, safe: usize) {
        if safe == 0 && !self.ops.is_empty() {
            return;
        }
        let len = self.len();
        let rest = self.ops.split_off(safe.min(self.ops.len()));
        self.clear();
        for op in rest {
            self.keep(op, usize::MAX);
        }
        if !self.ops.is_empty() {
            self.turn_to(len);
        }
    }

    /// Reads what the file should hold.
    pub(super) fn read(&self, medium: &dyn Medium, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let end = offset + out.len() as u64;
        if end > self.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let there = medium.len()?.clamp(offset, end) - offset;
        let (there, beyond) = out.split_at_mut(there as usize);
        medium.read(offset, there)?;
        beyond.fill(0);
        let blocks = offset / BLOCK..=end.saturating_sub(1) / BLOCK;
        let ops = blocks.filter_map(|block| self.blocks.get(&block)).flatten().chain(&self.resizes);
        for at in ops.collect::<BTreeSet<_>>() {
            self.ops[*at].overlay(offset, out);
        }
        Ok(())
    }

    fn index(&mut self, at: usize) {
        match &self.ops[at] {
            Op::Write(offset, data) => {
                let last = (offset + data.len() as u64).saturating_sub(1);
                for block in offset / BLOCK..=last / BLOCK {
                    self.blocks.entry(block).or_default().push(at);
                }
            }
            Op::Resize(len) => {
                self.len = Some(*len);
                self.resizes.push(at);
            }
            Op::Sync => {}
        }
    }
}

impl Op {
    /// Does the operation to the part of the file that starts at `offset`.
    fn overlay(&self, offset: u64, out: &mut [u8]) {
        let end = offset + out.len() as u64;
        match self {
            Self::Write(at, data) => {
                let from = (*at).max(offset);
                let until = (at + data.len() as u64).min(end);
                if from < until {
                    let data = &data[(from - at) as usize..(until - at) as usize];
                    out[(from - offset) as usize..(until - offset) as usize].copy_from_slice(data);
                }
            }
            Self::Resize(len) => out[(len.clamp(&offset, &end) - offset) as usize..].fill(0),
            Self::Sync => {}
        }
    }
}
