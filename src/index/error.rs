//! What can go wrong in the index. Damage found at opening is no error: the directory is made anew.

use std::path::PathBuf;

/// Why the index failed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The directory cannot be made, emptied or locked.
    #[error("index directory {path} cannot be used")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The search engine failed.
    #[error("index {path} failed")]
    Engine {
        /// The directory.
        path: PathBuf,
        /// What the search engine said.
        source: tantivy::TantivyError,
    },
    /// The query has too many words.
    #[error("the query has {terms} terms; at most {limit} are allowed")]
    TooManyTerms {
        /// Terms in the query.
        terms: usize,
        /// Most terms allowed.
        limit: usize,
    },
    /// The page cursor was not made by this index.
    #[error("the page cursor is not one of this query")]
    Cursor,
}
