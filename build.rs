//! Compiles `proto/` to Rust and to a descriptor set, with protox: no protoc is needed. Digests models and rules for the stamps of
//! the analyzers, and packs the lexicon of given names and the table of British and American spellings.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};

/// What decides what an analysis says, beside the model.
const RULES: [&str; 4] = ["src/analysis", "src/folding", "src/text", "models/vocab.txt"];

/// The models, each under the variable that tells its digest.
const MODELS: [(&str, &str); 2] =
    [("DICTUM_EN", "models/dictum-en"), ("DICTUM_EN_FAST", "models/dictum-en-fast")];

/// Made by `training/given_names.py`.
const GIVEN_NAMES: &str = "src/analysis/entities/lexicon/given_names.txt";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=build.rs");
    for rules in RULES {
        println!("cargo:rerun-if-changed={rules}");
    }
    for (variable, model) in MODELS {
        println!("cargo:rerun-if-changed={model}");
        println!("cargo:rustc-env={variable}={:016x}", digest(RULES.into_iter().chain([model]))?);
    }
    pack_given_names()?;
    pack_spellings()?;
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

/// A line of the table is a name and a number; both sorted by name already, as the map wants them.
fn pack_given_names() -> Result<(), Box<dyn Error>> {
    let table = std::fs::read_to_string(GIVEN_NAMES)?;
    let mut map = fst::MapBuilder::memory();
    for line in table.lines() {
        let (name, percent) = line.split_once(' ').ok_or("a line of given names without a number")?;
        map.insert(name, percent.parse()?)?;
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("given_names.fst"), map.into_inner()?)?;
    Ok(())
}

/// British spellings and their American ones, out of the table that `varcon` has: an automaton from each British word to where its
/// American one begins in a list. A word that is American as it stands is left alone, whatever it is in another sense.
fn pack_spellings() -> Result<(), Box<dyn Error>> {
    let plain = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let (mut american, mut pairs) = (BTreeSet::new(), BTreeMap::new());
    for entry in varcon::VARCON.iter().flat_map(|cluster| cluster.entries).filter(|entry| !entry.archaic) {
        let of = |wanted: fn(&varcon::Type) -> bool| {
            let variants = entry.variants.iter();
            variants.filter(move |variant| plain(variant.word) && variant.types.iter().any(wanted))
        };
        let first =
            |found: &varcon::Type| found.category == varcon::Category::American && found.tag.is_none();
        american.extend(of(first).map(|variant| variant.word));
        let Some(ours) = of(first).next() else { continue };
        for theirs in of(is_british) {
            pairs.entry(theirs.word).or_insert(ours.word);
        }
    }
    pairs.retain(|theirs, _| !american.contains(theirs));
    let (mut map, mut list, mut places) = (fst::MapBuilder::memory(), String::new(), BTreeMap::new());
    for (theirs, ours) in pairs {
        let place = *places.entry(ours).or_insert_with(|| {
            let begin = list.len() as u64;
            list.push_str(ours);
            list.push('\n');
            begin
        });
        map.insert(theirs, place)?;
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("spellings.fst"), map.into_inner()?)?;
    std::fs::write(out.join("spellings.txt"), list)?;
    Ok(())
}

/// Whether the British write a word so, first or as well.
fn is_british(found: &varcon::Type) -> bool {
    use varcon::{Category, Tag};
    matches!(found.category, Category::BritishIse | Category::BritishIze)
        && matches!(found.tag, None | Some(Tag::Eq | Tag::Variant))
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

/// FNV-1a over files and folders in a fixed order: another digest, another stamp.
fn digest<'p>(paths: impl Iterator<Item = &'p str>) -> std::io::Result<u64> {
    let mut files: Vec<PathBuf> = paths.map(PathBuf::from).collect();
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
