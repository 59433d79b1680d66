//! Opening the directory. An index is worth keeping when it is whole, of this version, of this log, and at a place
//! from which it can follow it; anything else is emptied, since the log can fill it again. Whole means that every
//! byte is what the commit wrote: the search engine trusts its files, so their checksums are verified here, at about
//! a second a gigabyte, each file once in the life of the process. What the system fails to read is not damaged: that
//! is told, and tried again.

use super::analyzer;
use super::directory::{Reined, Reins};
use super::error::IndexError;
use super::payload;
use super::schema::Fields;
use crate::domain::document::{Seq, StoreId};
use crate::failpoint::{Failpoint, pass};
use crate::ports::{Followed, Origin};
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tantivy::index::SegmentComponent;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::store::Compressor;
use tantivy::{Index, IndexMeta, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyError};

/// Least memory that the search engine takes for its indexing thread.
const LEAST_HEAP_BYTES: usize = 15_000_000;

/// Bytes of rows that are compressed together. A hit unpacks one block: small ones cost less time, and a little more
/// room, since a document's quotes repeat each other.
const BLOCK_BYTES: usize = 4096;

/// Unpacked blocks that each segment of a view keeps: enough for the hits of a page that share one.
const BLOCKS: usize = 16;

/// Merges at a time.
pub(super) const MERGES: usize = 2;

/// What opening yields.
pub(super) struct Opened {
    pub(super) index: Index,
    pub(super) writer: IndexWriter,
    pub(super) reader: IndexReader,
    pub(super) origin: Origin,
    pub(super) applied: Seq,
}

/// Files whose checksums were right, by what would change with their contents.
pub(super) type Verified = HashSet<(PathBuf, u64, Option<SystemTime>)>;

/// What to open, and how.
pub(super) struct Opening<'o> {
    pub(super) dir: &'o Path,
    pub(super) heap_bytes: usize,
    pub(super) fields: &'o Fields,
    pub(super) log: &'o Followed,
    pub(super) reins: &'o Arc<Reins>,
    pub(super) verified: &'o mut Verified,
}

impl Opening<'_> {
    /// Opens the directory, or empties it. It is made where it is missing only if it `may_be_made`: one that vanished
    /// under a running service is more likely to come back than to be wanted anew.
    pub(super) fn open(mut self, may_be_made: bool) -> Result<Opened, IndexError> {
        if may_be_made {
            make(self.dir)?;
        } else if !self.dir.try_exists()? {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the directory is gone").into());
        }
        let (kept, origin) = self.find()?;
        let (index, applied) = match kept {
            Some(kept) => kept,
            None => {
                clear(self.dir)?;
                pass(Failpoint::IndexCleared);
                (self.create()?, 0)
            }
        };
        analyzer::register(index.tokenizers());
        analyzer::register(index.fast_field_tokenizer());
        let mut writer = self.writer(&index)?;
        if origin != Origin::Opened {
            commit(&mut writer, self.log.store, 0)?;
        }
        // What a writer that died has left behind.
        writer.garbage_collect_files().wait()?;
        let builder = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let reader = builder.doc_store_cache_num_blocks(BLOCKS).try_into()?;
        pass(Failpoint::IndexOpened);
        Ok(Opened { index, writer, reader, origin, applied })
    }

    /// The index that is there, for whoever only looks at it; or why it would be made anew.
    pub(super) fn look(mut self) -> Result<(Index, Seq), String> {
        // Damage can make the search engine panic before a checksum is looked at.
        catch_unwind(AssertUnwindSafe(|| self.examine())).unwrap_or_else(|_| Err("it is damaged".into()))
    }

    /// The index that is there, if it is worth keeping.
    fn find(&mut self) -> Result<(Option<(Index, Seq)>, Origin), IndexError> {
        if std::fs::read_dir(self.dir)?.next().is_none() {
            return Ok((None, Origin::Created));
        }
        if self.log.anew {
            return Ok((None, Origin::Recreated("as it was asked for".into())));
        }
        // Damage can make the search engine panic before a checksum is looked at.
        let examined = catch_unwind(AssertUnwindSafe(|| self.examine()));
        let reason = match examined.unwrap_or_else(|_| Err("it is damaged".into())) {
            Ok(kept) => return Ok((Some(kept), Origin::Opened)),
            Err(reason) => reason,
        };
        if self.reins.is_halted() {
            return Err(io::Error::other("the index is closing").into());
        }
        match self.reins.take_failure() {
            Some(error) if error.raw_os_error().is_some() => Err(error.into()),
            _ => Ok((None, Origin::Recreated(reason))),
        }
    }

    fn directory(&self) -> Result<Reined, IndexError> {
        Ok(Reined::open(self.dir, self.reins)?)
    }

    /// The index in the directory and the position it has reached, or why it cannot be kept.
    fn examine(&mut self) -> Result<(Index, Seq), String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let directory = self.directory().map_err(|error| text(&error))?;
        let index = Index::open(directory).map_err(|error| text(&error))?;
        if index.schema() != self.fields.schema {
            return Err("its fields are not those of this version".into());
        }
        let metas = index.load_metas().map_err(|error| text(&error))?;
        let applied = payload::read(metas.payload.as_deref().unwrap_or_default(), self.log.store)?;
        if applied > self.log.last {
            return Err(format!(
                "it is at change {applied}, ahead of the log, which is at {}",
                self.log.last
            ));
        }
        if applied != 0 && applied < self.log.floor {
            return Err(format!(
                "it is at change {applied}, and the log remembers none before {}",
                self.log.floor
            ));
        }
        self.verify(&index, &metas)?;
        // Opens every segment, so that what is missing or cut short shows here.
        index.reader().map_err(|error| text(&error))?;
        Ok((index, applied))
    }

    /// Compares every file of the commit with its checksum. The search engine's own check goes by a list of files
    /// that may be damaged itself, and it does without some files until a query needs them.
    fn verify(&mut self, index: &Index, metas: &IndexMeta) -> Result<(), String> {
        use SegmentComponent::{Delete, FastFields, FieldNorms, Positions, Postings, Store, Terms};
        for segment in &metas.segments {
            let always = [Postings, Positions, Terms, Store, FastFields, FieldNorms];
            for component in always.into_iter().chain(segment.has_deletes().then_some(Delete)) {
                let file = segment.relative_path(component);
                let known = std::fs::metadata(self.dir.join(&file)).ok();
                let known = known.map(|facts| (file.clone(), facts.len(), facts.modified().ok()));
                if known.as_ref().is_some_and(|known| self.verified.contains(known)) {
                    continue;
                }
                if self.reins.is_halted() {
                    return Err("it is closing".into());
                }
                let intact = index.directory().validate_checksum(&file).map_err(|error| error.to_string())?;
                if !intact {
                    return Err(format!("{} is damaged", file.display()));
                }
                self.verified.extend(known);
            }
        }
        Ok(())
    }

    fn create(&self) -> Result<Index, IndexError> {
        let settings = IndexSettings {
            docstore_compression: Compressor::Lz4,
            docstore_compress_dedicated_thread: false,
            docstore_blocksize: BLOCK_BYTES,
            ..IndexSettings::default()
        };
        Ok(Index::create(self.directory()?, self.fields.schema.clone(), settings)?)
    }

    /// A writer that merges what it is told to and nothing else.
    fn writer(&self, index: &Index) -> Result<IndexWriter, TantivyError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(MERGES)
            .memory_budget_per_thread(self.heap_bytes.max(LEAST_HEAP_BYTES))
            .build();
        let writer = index.writer_with_options(options)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(writer)
    }
}

/// Makes everything written so far visible to readers that reload, as of position `seq` of the log's changes.
pub(super) fn commit(writer: &mut IndexWriter, store: StoreId, seq: Seq) -> Result<(), TantivyError> {
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&payload::write(store, seq));
    pass(Failpoint::IndexPrepared);
    prepared.commit().map(drop)
}

/// Makes the directory and those above it that are missing, each of them remembered by the one above it.
fn make(dir: &Path) -> io::Result<()> {
    if dir.try_exists()? {
        return Ok(());
    }
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make(parent)?;
    match std::fs::create_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made?,
    }
    File::open(parent)?.sync_all()
}

/// Empties the directory; it may be a mount point, which cannot be removed itself. What a session that was let go is still tidying up may
/// vanish meanwhile.
fn clear(dir: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let removed = entry.file_type().and_then(|kind| match kind.is_dir() {
            true => std::fs::remove_dir_all(entry.path()),
            false => std::fs::remove_file(entry.path()),
        });
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    Ok(())
}
