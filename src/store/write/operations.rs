//! Operations: kept as they are given, under numbers that are never given twice.

use super::super::error::Fault;
use super::super::record::encode;
use super::{Batch, Outcome};
use crate::domain::operation::{Operation, OperationId};
use crate::ports::{Effect, Refusal};
use redb::ReadableTable;

impl Batch<'_> {
    pub(super) fn save_operation(&mut self, mut operation: Operation) -> Result<Outcome, Fault> {
        if operation.id == OperationId(0) {
            self.counters.operation += 1;
            operation.id = OperationId(self.counters.operation);
            self.counters.write(&mut self.tables.meta)?;
        } else if self.tables.operations.get(operation.id.0)?.is_none() {
            return Ok(Err(Refusal::UnknownOperation));
        }
        self.tables.operations.insert(operation.id.0, encode(&operation)?.as_slice())?;
        self.written = true;
        self.applied(self.counters.seq, Effect::OperationSaved(operation.id))
    }

    pub(super) fn forget_operation(&mut self, id: OperationId) -> Result<Outcome, Fault> {
        if self.tables.operations.remove(id.0)?.is_none() {
            return Ok(Err(Refusal::UnknownOperation));
        }
        self.written = true;
        self.applied(self.counters.seq, Effect::OperationForgotten)
    }
}
