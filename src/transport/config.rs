//! The transport's settings, checked by whoever made them.

use std::time::Duration;

/// How the services listen and stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportConfig {
    /// Longest request message, in bytes. Longer ones are answered OUT_OF_RANGE before they are read. Should be well
    /// above the longest document, so that a document that is too long meets the clearer error of the engine.
    pub max_request_bytes: usize,
    /// Connections that may be open at once.
    pub max_connections: usize,
    /// Calls that one connection may have open at once.
    pub max_concurrent_streams: u32,
    /// Streams (ingest, analysis, export) that may be open at once, over all connections.
    pub max_streams: usize,
    /// How long a message may take to arrive, once there is room for it.
    pub message_timeout: Duration,
    /// How long a message of a stream waits for room before its client is asked to pause.
    pub backoff_after: Duration,
    /// Age at which a connection takes no more calls; what is under way on it goes on. None where absent.
    pub max_connection_age: Option<Duration>,
    /// Silence on a connection after which the peer is asked whether it is still there.
    pub keepalive_interval: Duration,
    /// How long the peer may take to answer that.
    pub keepalive_timeout: Duration,
    /// How long a stop waits for open calls before it closes their connections.
    pub drain_timeout: Duration,
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            max_request_bytes: 24 << 20,
            max_connections: 1024,
            max_concurrent_streams: 128,
            max_streams: 64,
            message_timeout: Duration::from_secs(60),
            backoff_after: Duration::from_secs(5),
            max_connection_age: None,
            keepalive_interval: Duration::from_secs(30),
            keepalive_timeout: Duration::from_secs(20),
            drain_timeout: Duration::from_secs(10),
        }
    }
}
