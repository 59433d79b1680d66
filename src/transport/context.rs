//! What every service holds: the door that the engine comes in by, the signal to stop, and what a client's stream
//! may take.

use super::caller;
use super::config::TransportConfig;
use super::door::{Door, Opened};
use super::frames::Deframer;
use super::gate::Gate;
use super::inbound::{Asker, Inbound, Patience};
use super::layers::admission::{self, StreamBody};
use super::places::{Place, Places};
use super::status::Failure;
use crate::engine::Need;
use crate::ports::{Caller, Lane};
use http::Extensions;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Shared by all services of one server.
pub struct Context {
    /// Closed until the engine is open.
    pub door: Door,
    /// What stands before the services; those whose calls last are asked again who they are.
    pub gate: Arc<Gate>,
    /// Cancelled at the first moment of a drain; open streams watch it.
    pub shutdown: CancellationToken,
    /// Longest message, in bytes.
    pub longest_message: usize,
    /// How long a stop waits for calls that are under way.
    pub drain_timeout: Duration,
    /// How long a message may take to arrive, and wait in line.
    pub patience: Patience,
    /// Connections that may be open at once.
    pub connections: Places,
    /// Streams that may be open at once.
    pub streams: Places,
}

/// A stream of messages from a client, for as long as it lasts.
pub struct ClientStream<M> {
    /// The messages.
    pub inbound: Inbound<M>,
    /// Who sends them.
    pub caller: Caller,
    /// Cancelled at the first moment of a drain.
    pub shutdown: CancellationToken,
    /// Its place among the streams that may be open.
    pub place: Place,
}

impl Context {
    /// What the services of a server with this configuration share.
    pub fn new(door: Door, gate: Arc<Gate>, shutdown: CancellationToken, config: &TransportConfig) -> Self {
        Self {
            door,
            gate,
            shutdown,
            drain_timeout: config.drain_timeout,
            longest_message: config.max_request_bytes,
            patience: Patience { message: config.message_timeout, line: config.backoff_after },
            connections: Places::new(config.max_connections),
            streams: Places::new(config.max_streams),
        }
    }

    /// The engine and what belongs to it; a failure that asks to come back while it is still opening.
    pub fn opened(&self) -> Result<&Opened, Failure> {
        self.door.opened().ok_or_else(Failure::starting)
    }

    /// A place among the streams that may be open, if there is one more for this caller.
    pub fn place(&self, caller: &Caller) -> Result<Place, Failure> {
        let place = self.streams.take_for(&caller.principal);
        place.ok_or_else(|| Failure::too_many_streams(self.streams.taken(), self.streams.most()))
    }

    /// The stream that a request with these extensions brings, if there is a place for one more. Its messages need room of this kind.
    pub fn stream<M: prost::Message + prost::Name + Default>(
        &self,
        extensions: &Extensions,
        need: Need,
    ) -> Result<ClientStream<M>, Failure> {
        let engine = self.opened()?.engine.clone();
        let caller = caller::within(extensions, Lane::Bulk);
        let place = self.place(&caller)?;
        let StreamBody { body, encoding } = admission::take(extensions)?;
        let asker = Asker { engine, caller: caller.clone(), gate: Arc::clone(&self.gate) };
        let deframer = Deframer::new(self.longest_message, encoding);
        let inbound = Inbound::new(body, deframer, asker, need, self.patience);
        Ok(ClientStream { inbound, caller, shutdown: self.shutdown.clone(), place })
    }
}
