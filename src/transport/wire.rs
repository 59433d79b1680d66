//! The messages, services and clients that `build.rs` generates from `proto/`, with their comments, and the
//! compiled descriptors that reflection and the JSON mapping read.

// Generated code: `oneof` variants differ in size as their messages do.
#![allow(clippy::large_enum_variant, missing_docs)]

tonic::include_proto!("dictum.v1");

/// The compiled `proto/`, with comments and imports: an encoded `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/dictum.v1.bin"));
