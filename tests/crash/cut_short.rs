//! What runs beside a service or instead of it, killed or interrupted in the middle: a backup that is received, a restore, a
//! compaction, the migration of an older store. It can be done again, and nothing is lost or left behind.

use crate::keeper::{self, assert_whole};
use crate::process::{Process, dictum, signal, was_killed};
use dictum::engine::offline::DataDir;
use dictum::failpoint::Failpoint::{self, *};
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::{Document, IngestDocumentRequest};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long something may take that is seen to by looking.
const SOON: Duration = Duration::from_secs(30);

const FORMAT_1: &[u8] = include_bytes!("../fixtures/store-v1/store.redb.zst");

/// Where restores are killed, and at which pass.
pub const RESTORING: [(Failpoint, u64); 10] = [
    (RestoreBytes, 1),
    (RestoreUnpacked, 1),
    (DiskWrite, 2),
    (OpenPrepared, 1),
    (OpenDone, 1),
    (RestoreRead, 1),
    (RestoreIndex, 1),
    (RestoreAside, 1),
    (ExchangeSynced, 1),
    (ExchangeRenamed, 1),
];

/// Where compactions are.
pub const COMPACTING: [(Failpoint, u64); 8] = [
    (OpenDone, 1),
    (CopyTable, 1),
    (CopyTable, 9),
    (DiskSync, 4),
    (CompactCopied, 1),
    (CompactCompared, 1),
    (ExchangeSynced, 1),
    (ExchangeRenamed, 1),
];

/// Where migrations are.
pub const MIGRATING: [(Failpoint, u64); 6] = [
    (MigrateDocument, 1),
    (MigrateDocument, 36),
    (OpenPrepared, 1),
    (DiskWrite, 30),
    (DiskSync, 2),
    (OpenDone, 1),
];

/// Where those are who receive a backup.
pub const RECEIVING: [Failpoint; 2] = [BackupReceived, BackupKept];

/// Stores documents by number.
async fn put(server: &Process, documents: std::ops::Range<u32>) {
    let mut client = DocumentServiceClient::new(server.channel());
    for n in documents {
        let text = format!("“This is number {n},” nobody said.");
        let document = Some(Document { text, language: "zz".into(), ..Document::default() });
        let request = IngestDocumentRequest { document_id: format!("d{n}"), document, ..Default::default() };
        client.ingest_document(request).await.unwrap();
    }
}

/// A command, with these failpoints.
fn command(failpoints: &str, arguments: &[&OsStr]) -> Command {
    let mut command = dictum(failpoints);
    command.args(arguments).stderr(Stdio::null());
    command
}

#[track_caller]
fn assert_killed(point: Failpoint, pass: u64, arguments: &[&OsStr]) {
    let status = command(&format!("{}=kill:{pass}", point.name()), arguments).status().unwrap();
    assert!(was_killed(status), "{} was not passed {pass} times: {status}", point.name());
}

#[track_caller]
fn assert_done(arguments: &[&OsStr]) {
    let output = dictum("").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Documents of a data directory, which must be sound.
#[track_caller]
fn documents(data_dir: &Path) -> u64 {
    let report = DataDir::existing(data_dir).unwrap().check(&|_| ()).unwrap();
    assert!(report.is_sound(), "{report:?}");
    report.store.documents
}

/// Names in a folder.
fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn arguments<'a>(words: &[&'a str], file: &'a Path, dir: &'a Path) -> Vec<&'a OsStr> {
    let words = words.iter().map(|word| OsStr::new(*word));
    words.chain([file.as_os_str(), "--data-dir".as_ref(), dir.as_os_str()]).collect()
}

/// Has a backup sent to the file, as soon as the service has its turn for it.
fn receive(server: &Process, file: &Path) {
    let start = Instant::now();
    while !receiving(server, file, "").status().unwrap().success() {
        assert!(start.elapsed() < SOON);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_whole(file);
}

fn receiving(server: &Process, file: &Path, failpoints: &str) -> Command {
    let mut command = command(failpoints, &["backup".as_ref(), "--to".as_ref(), file.as_os_str()]);
    command.env("DICTUM_SERVER", server.address());
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_whose_client_is_killed_or_interrupted_has_no_name_and_the_next_one_succeeds() {
    let dir = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (file, part) = (folder.path().join("b.dictum"), folder.path().join("b.dictum.part"));
    // Copying takes its time, so that there is a middle.
    let server = Process::start_with(dir.path(), "copy.table=wait:30").await.unwrap();
    put(&server, 0..20).await;
    for point in RECEIVING {
        let status = receiving(&server, &file, &format!("{}=kill:1", point.name())).status().unwrap();
        assert!(was_killed(status), "{}: {status}", point.name());
        assert_eq!(names(folder.path()), ["b.dictum.part"], "{}", point.name());
        receive(&server, &file);
        assert_eq!(names(folder.path()), ["b.dictum"], "what was left behind is gone");
        fs::remove_file(&file).unwrap();
    }
    for (name, leaves) in [("-KILL", true), ("-INT", false)] {
        let mut child = receiving(&server, &file, "").spawn().unwrap();
        let start = Instant::now();
        while !part.exists() {
            assert!(start.elapsed() < SOON);
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(100));
        signal(name, &child);
        assert!(!child.wait().unwrap().success(), "{name}");
        assert_eq!((file.exists(), part.exists()), (false, leaves), "{name}");
        put(&server, 20..25).await;
        receive(&server, &file);
        assert_eq!(names(folder.path()), ["b.dictum"], "{name}");
        fs::remove_file(&file).unwrap();
    }
    keeper::back_up(&server.channel(), "on-its-side").await.unwrap();
    let (status, _) = server.stop();
    assert!(status.success());
    assert_eq!(documents(&dir.path().join("data")), 25);
}

/// A data directory with 5 documents, and a backup with 3.
async fn with_backup() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path()).await;
    put(&server, 0..3).await;
    let file = dir.path().join("b.dictum");
    receive(&server, &file);
    put(&server, 3..5).await;
    assert!(server.stop().0.success());
    (dir, file)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_is_killed_leaves_one_store_or_the_other_and_can_be_done_again() {
    let (dir, file) = with_backup().await;
    let original = fs::read(dir.path().join("data/store/store.redb")).unwrap();
    for (point, pass) in RESTORING {
        // Over a store, and where there is none.
        for occupied in [true, false] {
            if !occupied && point == RestoreAside {
                continue;
            }
            let data = dir.path().join(format!("{}-{occupied}", point.name()));
            fs::create_dir_all(data.join("store")).unwrap();
            let store = data.join("store/store.redb");
            let replace: &[&str] = if occupied { &["restore", "--replace"] } else { &["restore"] };
            if occupied {
                fs::write(&store, &original).unwrap();
            }
            let told = format!("{}, {occupied}", point.name());
            assert_killed(point, pass, &arguments(replace, &file, &data));
            let done = point == ExchangeRenamed;
            if occupied || done {
                assert_eq!(documents(&data), if done { 3 } else { 5 }, "{told}");
            } else {
                assert!(!store.exists(), "{told}");
            }
            assert!(done || !occupied || fs::read(&store).unwrap() == original, "{told}: it is as it was");
            let again: &[&str] = if done { &["restore", "--replace"] } else { replace };
            assert_done(&arguments(again, &file, &data));
            assert_eq!(documents(&data), 3, "{told}");
            assert_eq!(names(&data.join("store")), ["lock", "store.redb"], "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compaction_that_is_killed_changes_nothing_and_can_be_done_again() {
    let (dir, _) = with_backup().await;
    let data = dir.path().join("data");
    let compact = ["compact".as_ref(), "--data-dir".as_ref(), data.as_os_str()];
    let original = fs::read(data.join("store/store.redb")).unwrap();
    for (point, pass) in COMPACTING {
        fs::write(data.join("store/store.redb"), &original).unwrap();
        assert_killed(point, pass, &compact);
        assert_eq!(documents(&data), 5, "{}", point.name());
        assert_done(&compact);
        assert_eq!(documents(&data), 5, "{}", point.name());
        assert_eq!(names(&data.join("store")), ["lock", "store.redb"], "{}", point.name());
    }
}

#[test]
fn a_migration_that_is_killed_is_done_again_from_the_older_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store/store.redb");
    fs::create_dir_all(store.parent().unwrap()).unwrap();
    let original = zstd::decode_all(FORMAT_1).unwrap();
    let compact = ["compact".as_ref(), "--data-dir".as_ref(), dir.path().as_os_str()];
    for (point, pass) in MIGRATING {
        fs::write(&store, &original).unwrap();
        assert_killed(point, pass, &compact);
        assert_done(&compact);
        assert_eq!(documents(dir.path()), 36, "{}", point.name());
    }
}
