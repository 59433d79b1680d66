//! A backup with bytes that nobody wrote: restored, or refused with the data directory as it was. What a changed database makes the
//! database's own code do, panics among it, stays within the restore.
//!
//! The first byte chooses what is done to a real backup: 0, the rest is the file; 1, the rest changes it; 2, the same, with a
//! checksum that fits; 3, the rest is the manifest, with all that must fit to it.

use super::service::Service;
use super::{Target, chosen};
use dictum::engine::offline::{DataDir, Restore};
use dictum::transport::wire::{StreamBackupRequest, StreamBackupResponse, stream_backup_response::Part};
use prost::Message;
use std::path::Path;

/// Bytes behind the manifest: a checksum, its length, a mark.
const AFTER: usize = 32 + 4 + 16;
/// A page of the database, in bytes.
const PAGE: usize = 4096;

/// See the module.
pub const TARGET: Target = Target {
    name: "backup",
    sample: 40,
    words: &[
        "\"store_bytes\":",
        "\"store_id\":\"",
        "18446744073709551616",
        "-1",
        "}",
        "{",
        "\x02\0\0\0",
        "dictum-backup-2\n",
    ],
    seeds: || {
        let of = |choice: u8, edits: &[u8]| [&[choice], edits].concat();
        let manifest = br#"{"dictum":"0","store_format":1,"store_id":"00","created_unix_seconds":0,"created_nanos":0,"last_change":0,"collections":0,"documents":0,"quotes":0,"entities":0,"store_bytes":0}"#;
        vec![
            of(0, b"dictum-backup-1\n"),
            of(1, &[0, 1, 0, 1, 1]),
            of(2, &[]),
            of(2, &[0, 40, 2, 2, 9]),
            of(3, manifest),
        ]
    },
    begin: || {
        let whole = whole();
        let folder = tempfile::tempdir().unwrap();
        Box::new(move |data| run(folder.path(), &whole, data))
    },
};

/// A real backup.
fn whole() -> Vec<u8> {
    let answer = Service::new().ask("/dictum.v1.AdminService/StreamBackup", &StreamBackupRequest {});
    let parts = answer.messages.into_iter().map(|part| StreamBackupResponse::decode(part).unwrap().part);
    let chunks = parts.filter_map(|part| match part {
        Some(Part::Chunk(chunk)) => Some(chunk),
        _ => None,
    });
    chunks.flatten().collect()
}

fn run(folder: &Path, whole: &[u8], data: &[u8]) {
    let (choice, rest) = chosen(data);
    let bytes = match choice % 4 {
        0 => rest.to_vec(),
        1 => edited(whole.to_vec(), rest),
        2 => sealed(edited(database(whole).to_vec(), rest), manifest(whole)),
        _ => sealed(database(whole).to_vec(), rest),
    };
    let (from, target) = (folder.join("b"), folder.join("data"));
    std::fs::write(&from, bytes).unwrap();
    let restored = {
        let data = DataDir::take(&target).unwrap();
        data.restore(&Restore { from: &from, aside: None, accept_damage: true, watch: &|_| () })
    };
    let store = target.join("store").join("store.redb");
    match restored {
        Ok(_) => assert!(store.exists()),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(!store.exists(), "refused, and there all the same");
        }
    }
    std::fs::remove_dir_all(&target).unwrap();
}

fn manifest_at(whole: &[u8]) -> usize {
    let end = whole.len() - AFTER;
    let length = u32::from_le_bytes(whole[end + 32..end + 36].try_into().unwrap());
    end - length as usize
}

fn database(whole: &[u8]) -> &[u8] {
    &whole[..manifest_at(whole)]
}

fn manifest(whole: &[u8]) -> &[u8] {
    &whole[manifest_at(whole)..whole.len() - AFTER]
}

/// A database with this manifest, as a backup whose checksum fits.
fn sealed(mut database: Vec<u8>, manifest: &[u8]) -> Vec<u8> {
    database.extend(manifest);
    let digest = blake3::hash(&database);
    database.extend(digest.as_bytes());
    database.extend((manifest.len() as u32).to_le_bytes());
    database.extend(b"dictum-backup-1\n");
    database
}

/// Changes by fives: a place in three bytes, what, and with which value. The file keeps its length.
fn edited(mut bytes: Vec<u8>, edits: &[u8]) -> Vec<u8> {
    for edit in edits.chunks_exact(5) {
        let at = u32::from_be_bytes([0, edit[0], edit[1], edit[2]]) as usize % bytes.len();
        let (page, value) = (at / PAGE * PAGE, edit[4]);
        match edit[3] % 5 {
            0 => bytes[at] = value,
            1 => bytes[at] ^= 1 << (value % 8),
            2 => {
                let from = usize::from(value) * PAGE % bytes.len();
                let length = PAGE.min(bytes.len() - from).min(bytes.len() - page);
                bytes.copy_within(from..from + length, page);
            }
            3 => {
                let end = (at + usize::from(value)).min(bytes.len());
                bytes[at..end].fill(0);
            }
            // What begins a page says what it is and how much is on it.
            _ => bytes[page + usize::from(value % 8)] = edit[2],
        }
    }
    bytes
}
