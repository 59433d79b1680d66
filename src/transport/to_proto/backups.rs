//! Backups.

use super::time::timestamp;
use crate::domain::backup::Backup;
use crate::ports::Copied;
use crate::transport::wire;
use data_encoding::HEXLOWER;

/// What a backup holds, without a name.
pub fn backup(backup: &Backup) -> wire::Backup {
    wire::Backup {
        name: String::new(),
        create_time: Some(timestamp(backup.created_at)),
        version: backup.version.clone(),
        store_id: HEXLOWER.encode(&backup.store),
        store_format: backup.store_format,
        last_change: backup.seq,
        collection_count: backup.collections,
        document_count: backup.documents,
        quote_count: backup.quotes,
        entity_count: backup.entities,
        size_bytes: backup.bytes,
        blake3: HEXLOWER.encode(&backup.digest),
    }
}

/// How far one is.
pub fn progress(copied: Copied) -> wire::BackupProgress {
    wire::BackupProgress { copied_bytes: copied.bytes, store_bytes: copied.most }
}
