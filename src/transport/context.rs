//! What every service holds: the door that the engine comes in by, and the signal to stop.

use super::door::{Door, Opened};
use super::status::Failure;
use tokio_util::sync::CancellationToken;

/// Shared by all services of one server.
pub struct Context {
    /// Closed until the engine is open.
    pub door: Door,
    /// Cancelled at the first moment of a drain; open streams watch it.
    pub shutdown: CancellationToken,
}

impl Context {
    /// The engine and what belongs to it; a failure that asks to come back while it is still opening.
    pub fn opened(&self) -> Result<&Opened, Failure> {
        self.door.opened().ok_or_else(Failure::starting)
    }
}
