//! The steps from each format of the store to the next. A step runs inside the transaction that opens the store: it is done whole
//! or not at all. Each keeps the rows of its format as they were.

mod to_v2;
mod v1;

use super::error::Fault;
use redb::WriteTransaction;

/// One step from a format to the next.
pub(super) type Migration = fn(&WriteTransaction) -> Result<(), Fault>;

/// `STEPS[n]` makes format `n + 2` of format `n + 1`.
pub(super) const STEPS: &[Migration] = &[to_v2::step];
