//! The gRPC services: wire messages in, domain calls, wire messages out. Wire types stop here; this module refuses
//! to know how anything is analysed, stored or indexed.
//!
//! Start at [`serve`]. A call passes the [`layers`], then one file per service ([`analysis`], [`documents`] with
//! [`ingest_stream`], [`collections`], [`quotes`], [`entities`], [`health`]): parse ([`from_proto`]), call the
//! engine, render ([`to_proto`]), stay within the client's limits ([`paging`], [`answer`]). Every failure becomes a
//! [`status::Failure`]. [`wire`] holds the generated messages and clients, [`json`] their JSON form.

pub mod analysis;
pub mod answer;
pub mod caller;
pub mod codec;
pub mod collections;
mod config;
mod connection;
pub mod consistency;
pub mod context;
pub mod documents;
mod door;
pub mod entities;
pub mod from_proto;
mod goaway;
pub mod health;
pub mod ingest_stream;
pub mod json;
pub mod layers;
pub mod operations;
pub mod paging;
pub mod quotes;
pub mod seal;
mod server;
pub mod status;
pub mod to_proto;
mod windows;
pub mod wire;

pub use config::TransportConfig;
pub use door::Door;
pub use server::{ServeError, listen, serve};
