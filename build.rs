//! Compiles `proto/` to Rust and to a descriptor set, with protox: no protoc is needed.

use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=models");
    println!("cargo:rustc-check-cfg=cfg(model)");
    if Path::new("models/dictum-int8.onnx").exists() {
        println!("cargo:rustc-cfg=model");
    }
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_source_info(true).include_imports(true);
    for file in proto_files(Path::new("proto/dictum/v1"))? {
        compiler.open_file(file)?;
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("dictum.v1.bin"), compiler.encode_file_descriptor_set())?;
    let mut config = tonic_prost_build::Config::new();
    // Type names let the JSON mapping find a message's descriptor.
    config.enable_type_names();
    tonic_prost_build::configure()
        // Maps in a fixed order: equal messages are equal bytes.
        .btree_map(".")
        // Answers a message that does not decode with INVALID_ARGUMENT rather than INTERNAL.
        .codec_path("crate::transport::codec::StrictCodec")
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(())
}

/// The files of the package, in a fixed order.
fn proto_files(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "proto"))
        .collect();
    files.sort();
    Ok(files)
}
