//! Backups: what one is called on the service's side, and what one says about itself. Where they lie, how they are made and what
//! is in their bytes is not known here.

use super::document::{Seq, StoreId};
use super::ids::{IdError, MAX_ID_BYTES};
use super::time::Timestamp;
use std::fmt;

/// What a backup is called that lies on the service's side. A name that exists is one segment of a path, and neither hidden nor
/// taken for a flag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackupName(String);

impl BackupName {
    /// Checks length, first character and characters.
    ///
    /// # Errors
    /// Where the text is empty, longer than [`MAX_ID_BYTES`], begins with anything but a letter or a digit, or holds a character
    /// outside `A-Z a-z 0-9 . _ ~ -`.
    pub fn new(name: impl Into<String>) -> Result<Self, IdError> {
        let name = name.into();
        let Some(first) = name.chars().next() else { return Err(IdError::Empty) };
        if name.len() > MAX_ID_BYTES {
            return Err(IdError::TooLong);
        }
        if let Some(c) = name.chars().find(|c| !(c.is_ascii_alphanumeric() || "._~-".contains(*c))) {
            return Err(IdError::Character(c));
        }
        match first.is_ascii_alphanumeric() {
            true => Ok(Self(name)),
            false => Err(IdError::First(first)),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BackupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The moment that it shows.
    pub created_at: Timestamp,
    /// Version of the program that made it.
    pub version: String,
    /// Whose copy it is.
    pub store: StoreId,
    /// Format of the store's tables, which a later program brings to its own.
    pub store_format: u32,
    /// The last change in it.
    pub seq: Seq,
    /// Collections.
    pub collections: u64,
    /// Documents, of all collections.
    pub documents: u64,
    /// Quotes, of all collections.
    pub quotes: u64,
    /// Entities, of all collections.
    pub entities: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// BLAKE3 of all bytes of the file, as `b3sum` gives it.
    pub digest: [u8; 32],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_visible_segment_of_a_path() {
        for right in ["2026-11-27T03-00", "a", "before.upgrade_0.7~1"] {
            assert_eq!(BackupName::new(right).unwrap().as_str(), right);
        }
        let long = "a".repeat(MAX_ID_BYTES + 1);
        for wrong in ["", ".", "..", "../a", "a/b", "/a", "a\\b", ".hidden", "-rf", "a b", "a\0", "é", &long]
        {
            assert!(BackupName::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
