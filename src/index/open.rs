//! Opening the directory. An index is worth keeping when it is whole, of this version and of this store; anything
//! else is emptied, since the store can fill it again. Whole means that every byte is what the commit wrote: the
//! search engine trusts its files, so their checksums are verified here, at about a second a gigabyte.

use super::error::IndexError;
use super::schema::{Fields, VERSION};
use super::{IndexConfig, Origin, analyzer};
use crate::domain::document::{Seq, StoreId};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tantivy::index::SegmentComponent;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::{Index, IndexMeta, IndexReader, IndexWriter, ReloadPolicy, TantivyError};

/// Least memory that the search engine takes for its indexing thread.
const LEAST_HEAP_BYTES: usize = 15_000_000;

/// Share of deleted entries from which a segment is merged whatever its size, so that revisions of documents leave
/// no more than this much garbage behind.
const MOST_GARBAGE: f32 = 0.3;

/// What opening yields.
pub(super) struct Opened {
    pub(super) writer: IndexWriter,
    pub(super) reader: IndexReader,
    pub(super) origin: Origin,
    pub(super) applied: Seq,
}

/// Opens the directory, or makes it anew.
pub(super) fn open(config: &IndexConfig, fields: &Fields) -> Result<Opened, IndexError> {
    let dir = config.dir.as_path();
    let in_dir = |source| IndexError::Directory { path: dir.to_owned(), source };
    std::fs::create_dir_all(dir).map_err(in_dir)?;
    let fresh = std::fs::read_dir(dir).map_err(in_dir)?.next().is_none();
    let (kept, origin) = if fresh {
        (None, Origin::Created)
    } else {
        match examine(dir, fields, config.store) {
            Ok(kept) => (Some(kept), Origin::Opened),
            Err(reason) => (None, Origin::Recreated(reason)),
        }
    };
    let engine = |source| IndexError::Engine { path: dir.to_owned(), source };
    let (index, applied) = match kept {
        Some(kept) => kept,
        None => {
            clear(dir).map_err(in_dir)?;
            (Index::create_in_dir(dir, fields.schema.clone()).map_err(engine)?, 0)
        }
    };
    analyzer::register(index.tokenizers());
    let mut writer = writer(&index, config.heap_bytes).map_err(engine)?;
    if origin != Origin::Opened {
        commit(&mut writer, config.store, 0).map_err(engine)?;
    }
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(engine)?;
    Ok(Opened { writer, reader, origin, applied })
}

/// Makes everything written so far visible to readers that reload, as of position `seq` of the store's changes.
pub(super) fn commit(writer: &mut IndexWriter, store: StoreId, seq: Seq) -> Result<(), TantivyError> {
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&payload(store, seq));
    prepared.commit().map(drop)
}

fn writer(index: &Index, heap_bytes: usize) -> Result<IndexWriter, TantivyError> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(heap_bytes.max(LEAST_HEAP_BYTES))
        .build();
    let writer = index.writer_with_options(options)?;
    let mut merges = LogMergePolicy::default();
    merges.set_del_docs_ratio_before_merge(MOST_GARBAGE);
    writer.set_merge_policy(Box::new(merges));
    Ok(writer)
}

/// The index in the directory and the position it has reached, or why it cannot be kept.
fn examine(dir: &Path, fields: &Fields, store: StoreId) -> Result<(Index, Seq), String> {
    // Damage can make the search engine panic before a checksum is looked at.
    let examined = catch_unwind(AssertUnwindSafe(|| -> Result<(Index, Seq), String> {
        let index = Index::open_in_dir(dir).map_err(|error| error.to_string())?;
        if index.schema() != fields.schema {
            return Err("its fields are not those of this version".into());
        }
        let metas = index.load_metas().map_err(|error| error.to_string())?;
        let applied = applied(metas.payload.as_deref().unwrap_or_default(), store)?;
        verify(&index, &metas)?;
        // Opens every segment, so that what is missing or cut short shows here.
        index.reader().map_err(|error| error.to_string())?;
        Ok((index, applied))
    }));
    examined.unwrap_or_else(|_| Err("it is damaged".into()))
}

/// Compares every file of the commit with its checksum. The search engine's own check goes by a list of files that
/// may be damaged itself, and it does without some files until a query needs them.
fn verify(index: &Index, metas: &IndexMeta) -> Result<(), String> {
    use SegmentComponent::{Delete, FastFields, FieldNorms, Positions, Postings, Store, Terms};
    for segment in &metas.segments {
        let always = [Postings, Positions, Terms, Store, FastFields, FieldNorms];
        for component in always.into_iter().chain(segment.has_deletes().then_some(Delete)) {
            let file = segment.relative_path(component);
            let intact = index.directory().validate_checksum(&file).map_err(|error| error.to_string())?;
            if !intact {
                return Err(format!("{} is damaged", file.display()));
            }
        }
    }
    Ok(())
}

/// Version, store and position, sealed: `meta.json` is the one file that has no checksum of its own.
fn payload(store: StoreId, seq: Seq) -> String {
    let facts = format!("dictum {VERSION} {} {seq}", data_encoding::HEXLOWER.encode(&store));
    let seal = seal(&facts);
    format!("{facts} {seal}")
}

fn seal(facts: &str) -> String {
    data_encoding::HEXLOWER.encode(&blake3::hash(facts.as_bytes()).as_bytes()[..4])
}

/// The position in a payload of this version and store.
fn applied(payload: &str, store: StoreId) -> Result<Seq, String> {
    let facts =
        payload.rsplit_once(' ').filter(|(facts, found)| seal(facts) == *found).map(|(facts, _)| facts);
    let parts: Vec<&str> = facts.unwrap_or_default().split(' ').collect();
    let ["dictum", version, id, seq] = parts.as_slice() else {
        return Err("it says nothing sound about the store that it follows".into());
    };
    if *version != VERSION.to_string() {
        return Err(format!("it has version {version}, not {VERSION}"));
    }
    if *id != data_encoding::HEXLOWER.encode(&store) {
        return Err("it follows another store".into());
    }
    seq.parse().map_err(|_| format!("its position {seq:?} is no number"))
}

/// Empties the directory; it may be a mount point, which cannot be removed itself.
fn clear(dir: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => std::fs::remove_dir_all(entry.path())?,
            false => std::fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sound_payload_of_this_version_and_store_is_believed() {
        let store = [7; 16];
        assert_eq!(applied(&payload(store, 41), store), Ok(41));
        assert!(applied(&payload(store, 41), [8; 16]).is_err_and(|reason| reason.contains("another store")));
        let older = payload(store, 41).replace(&format!("dictum {VERSION} "), "dictum 0 ");
        let older = older.rsplit_once(' ').map(|(facts, _)| format!("{facts} {}", seal(facts)));
        assert_eq!(applied(&older.unwrap(), store), Err(format!("it has version 0, not {VERSION}")));
        for damaged in [String::new(), "dictum".into(), payload(store, 41).replace(" 41 ", " 43 ")] {
            assert!(
                applied(&damaged, store).is_err_and(|reason| reason.contains("nothing sound")),
                "{damaged}"
            );
        }
    }
}
