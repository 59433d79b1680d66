//! The gRPC services: wire messages in, domain calls, wire messages out. Wire types stop here; this module refuses
//! to know how anything is analysed, stored or indexed. Start at [`wire`] for the messages.

pub mod codec;
pub mod json;
pub mod to_proto;
pub mod wire;
