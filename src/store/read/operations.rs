//! Operations as they were last saved.

use super::super::error::Fault;
use super::super::record::decode;
use super::super::tables::Snapshot;
use crate::domain::operation::{Operation, OperationId};

impl Snapshot {
    /// An operation.
    pub(in crate::store) fn operation(&self, id: OperationId) -> Result<Option<Operation>, Fault> {
        self.operations.get(id.0)?.map(|row| decode(row.value())).transpose()
    }

    /// All operations, the latest first.
    pub(in crate::store) fn operations(&self) -> Result<Vec<Operation>, Fault> {
        self.operations.range::<u64>(..)?.rev().map(|entry| decode(entry?.1.value())).collect()
    }
}
