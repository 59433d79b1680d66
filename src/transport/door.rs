//! The door of a server: the port is open from the first moment, the engine behind it may still be opening. Until
//! it is there, health answers NOT_SERVING, reflection works, and every other call is told to come back. Nothing
//! else here knows that a server can be without an engine.

use super::consistency::Tokens;
use super::paging::{PagedRequest, Pages};
use super::seal::Sealer;
use super::status::Failure;
use crate::engine::Engine;
use crate::ports::Caller;
use std::sync::Arc;
use tokio::sync::SetOnce;

/// Where the engine comes in, once. Cheap to clone.
#[derive(Clone, Default)]
pub struct Door(Arc<SetOnce<Opened>>);

/// What there is once the engine has come in. Cheap to clone.
#[derive(Clone)]
pub struct Opened {
    /// Answers everything.
    pub engine: Engine,
    /// Seals tokens with the store's secret.
    pub sealer: Sealer,
    /// Makes and reads consistency tokens.
    pub tokens: Tokens,
}

impl Door {
    /// Lets the engine in: from now on calls are answered. A second engine is turned away.
    pub fn open(&self, engine: Engine) {
        let identity = engine.identity();
        let sealer = Sealer::new(&identity.secret);
        let tokens = Tokens::new(sealer.clone(), identity.epoch);
        // An error means that the door is open already.
        let _ = self.0.set(Opened { engine, sealer, tokens });
    }

    /// What is behind the door, where it is open.
    pub fn opened(&self) -> Option<&Opened> {
        self.0.get()
    }

    /// Waits until the door is open.
    pub async fn wait(&self) -> &Opened {
        self.0.wait().await
    }
}

impl From<Engine> for Door {
    /// A door that was never closed.
    fn from(engine: Engine) -> Self {
        let door = Self::default();
        door.open(engine);
        door
    }
}

impl Opened {
    /// The page that a request asks for, and what makes the tokens of the next one, for the same caller alone.
    pub fn pages<R: PagedRequest>(&self, caller: &Caller, request: &R) -> Result<Pages, Failure> {
        Pages::of(self.sealer.of(&caller.principal), request)
    }
}
