//! The documents that a run sends, one for each number: made ones, or those of the user's files over and over. Knows nothing of where they
//! go. Start at [`Articles`].

use super::made;
use crate::cli::CliError;
use crate::cli::ingest::{Defaults, Files, Found, ReadArgs, read_documents};
use crate::cli::input::say;
use crate::transport::wire::Document;
use anyhow::anyhow;
use std::path::PathBuf;

/// The most text of files that is held, in bytes; what comes after it is not used.
const MOST_BYTES: usize = 256 << 20;

/// See the module.
#[derive(Debug)]
pub enum Articles {
    /// Made as they are needed.
    Made {
        /// What they follow from, with their number.
        seed: u64,
    },
    /// Read from files; at least one.
    Read(Vec<Document>),
}

impl Articles {
    /// Made ones, or where there are paths, what `dictum ingest` would read there.
    ///
    /// # Errors
    /// Where paths are given and no document is there. What cannot be read beside others is said.
    pub fn new(paths: &[PathBuf], args: &ReadArgs, seed: u64) -> Result<Self, CliError> {
        if paths.is_empty() {
            return Ok(Self::Made { seed });
        }
        match read(paths, args) {
            documents if documents.is_empty() => {
                Err(CliError::usage(anyhow!("--documents: no document was found")))
            }
            documents => Ok(Self::Read(documents)),
        }
    }

    /// The document of that number.
    pub fn document(&self, number: u64) -> Document {
        match self {
            Self::Made { seed } => made::article(*seed, number),
            // Less than their count, so that it fits.
            Self::Read(documents) => documents[(number % documents.len() as u64) as usize].clone(),
        }
    }
}

fn read(paths: &[PathBuf], args: &ReadArgs) -> Vec<Document> {
    let (mut documents, mut bytes) = (Vec::new(), 0);
    read_documents(&Files::find(paths), args, &Defaults::default(), |found| match found {
        Found::Document(item) => {
            bytes += item.document.text.len();
            if bytes > MOST_BYTES && !documents.is_empty() {
                say(&item.place, &format!("the {} documents before it are used", documents.len()));
                return false;
            }
            documents.push(item.document);
            true
        }
        Found::Failed { place, reason } => {
            say(&place, &reason);
            true
        }
        Found::Note { place, note } => {
            say(&place, &note);
            true
        }
    });
    documents
}
