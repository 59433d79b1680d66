//! The messages, services and clients that `build.rs` generates from `proto/`, with their comments, and the
//! compiled descriptors that reflection, the JSON mapping and the weighing of requests read.

// Generated code: `oneof` variants differ in size as their messages do.
#![allow(clippy::large_enum_variant, missing_docs)]

use prost_reflect::DescriptorPool;
use std::sync::LazyLock;

tonic::include_proto!("dictum.v1");

/// The compiled `proto/`, with comments and imports: an encoded `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/dictum.v1.bin"));

/// What [`FILE_DESCRIPTOR_SET`] describes.
pub static DESCRIPTORS: LazyLock<DescriptorPool> = LazyLock::new(|| {
    // The bytes are compiled in and read by a test: they decode here or in no build at all.
    DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap_or_default()
});
