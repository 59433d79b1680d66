//! The gRPC services: wire messages in, domain calls, wire messages out. Wire types stop here; this module refuses
//! to know how anything is analysed, stored or indexed.
//!
//! Start at [`serve`]. A call passes the [`layers`], then one file per service ([`analysis`] with [`analyze_stream`],
//! [`documents`] with [`ingest_stream`], [`collections`], [`quotes`], [`entities`], [`verify`], [`exports`],
//! [`operations`], [`admin`], [`health`]): parse ([`from_proto`]), call the engine, render ([`to_proto`]), stay within the client's limits ([`paging`],
//! [`answer`]). Streams come in through [`inbound`] and go out through [`outbound`], within the [`windows`] of
//! HTTP/2; [`compression`] unpacks what is compressed, and [`codec`] decodes what its [`weight`] lets through. Every failure becomes a [`status::Failure`]. What whoever runs the
//! service may ask of its process comes in by [`steering`]. [`wire`] holds the generated messages and clients, [`json`]
//! their JSON form.

pub mod admin;
pub mod analysis;
pub mod analyze_stream;
pub mod answer;
mod aside;
pub mod caller;
pub mod codec;
pub mod collections;
mod compression;
mod config;
mod connection;
pub mod consistency;
pub mod context;
pub mod documents;
mod door;
pub mod entities;
pub mod exports;
pub mod frames;
pub mod from_proto;
mod gate;
mod goaway;
pub mod health;
mod http;
pub mod inbound;
mod ingest_settings;
pub mod ingest_stream;
pub mod json;
pub mod layers;
pub mod methods;
pub mod operations;
pub mod outbound;
pub mod paging;
mod places;
pub mod quotes;
pub mod seal;
mod server;
mod socket;
pub mod status;
mod steering;
pub mod to_proto;
pub mod verify;
mod weight;
mod windows;
pub mod wire;

pub use config::TransportConfig;
pub use door::Door;
pub use gate::{Gate, OpenTo};
pub use http::listen as listen_for_watchers;
pub use server::{Ports, ServeError, listen, routes, serve};
pub use steering::{LogFilter, Set as LogFilterSet, Steering};
