//! The door of a server: the port is open from the first moment, the engine behind it may still be opening. Until
//! it is there, health answers NOT_SERVING, reflection works, and every other call is told to come back. Nothing
//! else here knows that a server can be without an engine.

use super::consistency;
use super::paging::{PagedRequest, Pages};
use super::seal::Sealer;
use super::status::Failure;
use crate::domain::document::Seq;
use crate::domain::query::PageRequest;
use crate::engine::{Engine, EngineError};
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
}

impl Door {
    /// Lets the engine in: from now on calls are answered. A second engine is turned away.
    pub fn open(&self, engine: Engine) {
        let sealer = Sealer::new(&engine.token_secret());
        // An error means that the door is open already.
        let _ = self.0.set(Opened { engine, sealer });
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
    /// The page that a request asks for, and what makes the tokens of the next one.
    pub fn pages<R: PagedRequest>(&self, request: &R) -> Result<(Pages<'_>, PageRequest), Failure> {
        Pages::of(&self.sealer, request)
    }

    /// The consistency token of a write.
    pub fn token(&self, seq: Seq) -> String {
        consistency::token(&self.sealer, seq)
    }

    /// The failure of a write: where it is durable already, with the token to see it by.
    pub fn failure(&self, error: EngineError) -> Failure {
        match error {
            EngineError::NotSearchable(written) => {
                let token = self.token(written.seq);
                Failure::from(EngineError::NotSearchable(written)).with("consistency_token", token)
            }
            error => error.into(),
        }
    }

    /// The write that a query wants to see.
    pub fn at_least(&self, token: &str) -> Result<Option<Seq>, Failure> {
        consistency::position(&self.sealer, token)
    }
}
