//! What every service holds: the engine, the sealer of tokens, and the signal to stop.

use super::consistency;
use super::paging::{PagedRequest, Pages};
use super::seal::Sealer;
use super::status::Failure;
use crate::domain::document::Seq;
use crate::domain::query::PageRequest;
use crate::engine::Engine;
use tokio_util::sync::CancellationToken;

/// Shared by all services of one server.
pub struct Context {
    /// Answers everything.
    pub engine: Engine,
    /// Seals tokens with the store's secret.
    pub sealer: Sealer,
    /// Cancelled at the first moment of a drain; open streams watch it.
    pub shutdown: CancellationToken,
}

impl Context {
    /// A context whose tokens belong to the engine's store.
    pub fn new(engine: Engine, shutdown: CancellationToken) -> Self {
        let sealer = Sealer::new(&engine.token_secret());
        Self { engine, sealer, shutdown }
    }

    /// The page that a request asks for, and what makes the tokens of the next one.
    pub fn pages<R: PagedRequest>(&self, request: &R) -> Result<(Pages<'_>, PageRequest), Failure> {
        Pages::of(&self.sealer, request)
    }

    /// The consistency token of a write.
    pub fn token(&self, seq: Seq) -> String {
        consistency::token(&self.sealer, seq)
    }

    /// The write that a query wants to see.
    pub fn at_least(&self, token: &str) -> Result<Option<Seq>, Failure> {
        consistency::position(&self.sealer, token)
    }
}
