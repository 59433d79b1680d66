//! The files of synonyms that the configuration names, one a collection.

use super::ConfigError;
use crate::domain::ids::CollectionId;
use crate::engine::Synonyms;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Reads the files.
pub(super) fn read(
    files: &BTreeMap<String, PathBuf>,
) -> Result<BTreeMap<CollectionId, Synonyms>, ConfigError> {
    let one = |(id, path): (&String, &PathBuf)| {
        let named = |error| ConfigError::Value { key: "search.synonyms", reason: format!("{id:?} {error}") };
        Ok((CollectionId::new(id.as_str()).map_err(named)?, of_file(path)?))
    };
    files.iter().map(one).collect()
}

fn of_file(path: &Path) -> Result<Synonyms, ConfigError> {
    let bytes =
        std::fs::read(path).map_err(|source| ConfigError::ReadSynonyms { path: path.to_owned(), source })?;
    Synonyms::parse(&bytes).map_err(|source| ConfigError::Synonyms { path: path.to_owned(), source })
}
