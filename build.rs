//! Compiles `proto/` to Rust and to a descriptor set, with protox: no protoc is needed. Digests the rules of the
//! analysis for its stamp.

use std::error::Error;
use std::path::{Path, PathBuf};

/// The sources that decide what an analysis says, beside the model.
const RULES: [&str; 3] = ["src/analysis", "src/folding", "src/text"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=build.rs");
    for rules in RULES {
        println!("cargo:rerun-if-changed={rules}");
    }
    println!("cargo:rustc-env=DICTUM_RULES={:016x}", rules_digest()?);
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

/// FNV-1a over the rules' sources in a fixed order: another digest, another analyzer stamp.
fn rules_digest() -> std::io::Result<u64> {
    let mut files: Vec<PathBuf> = RULES.iter().map(PathBuf::from).collect();
    let mut digest: u64 = 0xcbf2_9ce4_8422_2325;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            let mut entries: Vec<PathBuf> = std::fs::read_dir(&path)?
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<_, _>>()?;
            entries.sort();
            files.extend(entries);
        } else {
            for byte in std::fs::read(&path)? {
                digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    Ok(digest)
}
