//! Backups through the port, what is put back from them, and what a check finds in a data directory.

use crate::cli::{Service, run, text};
use crate::server::{SOON, TestServer, assert_error, assert_violations, repository, statement};
use dictum::engine::offline::{CheckReport, DataDir, OfflineError, Restore, Restored};
use dictum::transport::TransportConfig;
use dictum::transport::wire::stream_backup_response::Part;
use dictum::transport::wire::{
    Backup, CreateBackupRequest, Document, DocumentView, GetDocumentRequest, IngestDocumentRequest,
    ListDocumentsRequest, SearchQuotesRequest, StreamBackupRequest,
};
use redb::{ReadableTable, TableDefinition};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tonic::{Code, Status};

/// A server whose backups go to a folder of its own.
async fn server(backups: &Path) -> TestServer {
    TestServer::with(TransportConfig::default(), |config| config.backup_dir = Some(backups.to_owned())).await
}

async fn create(server: &TestServer, name: &str) -> Result<Backup, Status> {
    let request = CreateBackupRequest { backup_id: name.into() };
    Ok(server.admin().await.create_backup(request).await?.into_inner().backup.unwrap())
}

/// All bytes of a backup that is sent, and what the last message says.
async fn received(server: &TestServer) -> (Vec<u8>, Backup) {
    let mut parts = server.admin().await.stream_backup(StreamBackupRequest {}).await.unwrap().into_inner();
    let mut bytes = Vec::new();
    loop {
        match parts.message().await.unwrap().unwrap().part.unwrap() {
            Part::Progress(progress) => assert!(bytes.is_empty() && progress.store_bytes > 0),
            Part::Chunk(chunk) => bytes.extend(chunk),
            Part::Backup(backup) => {
                assert!(parts.message().await.unwrap().is_none(), "it is the last");
                return (bytes, backup);
            }
        }
    }
}

fn restore(from: &Path, data_dir: &Path, aside: Option<&Path>) -> Result<Restored, OfflineError> {
    DataDir::take(data_dir)?.restore(&Restore { from, aside, accept_damage: false, watch: &|_| () })
}

fn check(data_dir: &Path) -> CheckReport {
    DataDir::existing(data_dir).unwrap().check(&|_| ()).unwrap()
}

#[track_caller]
fn assert_sound(data_dir: &Path) -> CheckReport {
    let report = check(data_dir);
    assert!(report.is_sound(), "{report:?}");
    report
}

/// The text of document `n`, of a length of its own.
fn article(n: usize) -> String {
    let people = ["Ada Moreno", "Ben Okafor", "Cleo Lindqvist"];
    let filling = "The council met for hours, and nobody left early. ".repeat(n % 40);
    format!("{}\n\n{filling}", statement(people[n % 3], &format!("Plan number {n} is the best one")))
}

async fn put(server: &TestServer, n: usize) {
    let document = Some(Document { text: article(n), ..Default::default() });
    let request = IngestDocumentRequest { document_id: format!("d{n:04}"), document, ..Default::default() };
    server.documents().await.ingest_document(request).await.unwrap();
}

/// The texts of all documents by number.
async fn texts(server: &TestServer) -> BTreeMap<usize, String> {
    let request = ListDocumentsRequest { page_size: 1000, ..Default::default() };
    let listed = server.documents().await.list_documents(request).await.unwrap().into_inner().documents;
    let mut texts = BTreeMap::new();
    for Document { name, .. } in listed {
        let view = DocumentView::Full.into();
        let get = GetDocumentRequest { name: name.clone(), view, ..Default::default() };
        let document = server.documents().await.get_document(get).await.unwrap().into_inner().document;
        let number = name.rsplit('d').next().unwrap().parse().unwrap();
        texts.insert(number, document.unwrap().text);
    }
    texts
}

async fn opened(dir: TempDir) -> TestServer {
    let server = TestServer::open(Arc::new(dir), TransportConfig::default(), |_| ()).await;
    server.ready().await;
    server
}

/// Names in a folder.
fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".lock")
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_holds_all_that_was_acknowledged_before_it_and_nothing_torn() {
    let backups = tempfile::tempdir().unwrap();
    let server = server(backups.path()).await;
    for n in 0..12 {
        put(&server, n).await;
    }
    let writing = async {
        for n in 12..60 {
            put(&server, n).await;
        }
    };
    let backing = async {
        let created = create(&server, "while-writing").await.unwrap();
        let (bytes, sent) = received(&server).await;
        (created, bytes, sent)
    };
    let ((), (created, bytes, sent)) = tokio::join!(writing, backing);
    let file = backups.path().join("while-writing.dictum");
    let sent_file = backups.path().join("sent");
    fs::write(&sent_file, &bytes).unwrap();
    server.stop().await;
    for (file, backup) in [(&file, &created), (&sent_file, &sent)] {
        let bytes = fs::read(file).unwrap();
        assert_eq!(backup.blake3, blake3::hash(&bytes).to_hex().as_str());
        assert_eq!(backup.size_bytes, bytes.len() as u64);
        let dir = tempfile::tempdir().unwrap();
        let restored = restore(file, dir.path(), None).unwrap();
        assert_eq!(restored.report.findings, [], "{backup:?}");
        assert_eq!(restored.report.documents, backup.document_count);
        assert_eq!((restored.backup.seq, restored.moved), (backup.last_change, None));
        let report = assert_sound(dir.path());
        assert!(report.index.made_anew.is_some(), "there is no index yet");
        assert_eq!(names(&dir.path().join("store")), ["lock", "store.redb"]);
        let server = opened(dir).await;
        let texts = texts(&server).await;
        assert!((12..=60).contains(&texts.len()), "{}", texts.len());
        assert_eq!(texts.len() as u64, backup.document_count);
        for (at, (n, text)) in texts.iter().enumerate() {
            assert_eq!((*n, text), (at, &article(at)), "what came in order is there without a gap");
        }
        let found = server.quotes().await.search_quotes(SearchQuotesRequest::default()).await.unwrap();
        assert_eq!(found.into_inner().total_size, texts.len() as u64);
        put(&server, 100).await;
        let dir = server.stop().await;
        let report = assert_sound(dir.path());
        assert_eq!((report.index.made_anew, report.index.behind), (None, 0));
        assert_eq!(report.index.documents, texts.len() as u64 + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_byte_anywhere_is_found_before_anything_is_replaced() {
    let server = TestServer::start().await;
    for n in 0..3 {
        put(&server, n).await;
    }
    let (bytes, _) = received(&server).await;
    assert!(names(&server.path().join("backup")).is_empty(), "what was sent is gone");
    let dir = server.stop().await;
    let before = fs::read(dir.path().join("store/store.redb")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (file, aside) = (folder.path().join("spoiled.dictum"), folder.path().join("aside"));
    let refused = |content: &[u8], what: &str| {
        fs::write(&file, content).unwrap();
        let error = restore(&file, dir.path(), Some(&aside)).map(drop);
        let error = error.expect_err(what).to_string();
        assert!(error.contains("spoiled.dictum"), "{what}: {error}");
        assert!(!aside.exists(), "{what}");
        assert_eq!(names(&dir.path().join("store")), ["lock", "store.redb"], "{what}");
        assert!(dir.path().join("index/meta.json").exists(), "{what}");
    };
    let end = bytes.len();
    let tail = (end.saturating_sub(420)..end).step_by(3);
    let spread = (0..48).map(|n| n * (end / 48) + (n * 37) % 64);
    for at in (0..8).chain(spread).chain(tail) {
        let mut spoiled = bytes.clone();
        spoiled[at] ^= 1 << (at % 8);
        refused(&spoiled, &format!("byte {at} of {end}"));
    }
    for length in [0, 1, 51, 52, 53, end / 2, end - 1] {
        refused(&bytes[..length], &format!("the first {length} bytes"));
    }
    refused(&[bytes.as_slice(), b"x"].concat(), "a byte too many");
    assert_eq!(fs::read(dir.path().join("store/store.redb")).unwrap(), before);
    fs::write(&file, &bytes).unwrap();
    restore(&file, dir.path(), Some(&aside)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_is_one_segment_and_is_given_once() {
    let backups = tempfile::tempdir().unwrap();
    let dir = backups.path().join("deep/down");
    let server = server(&dir).await;
    put(&server, 1).await;
    for wrong in ["", ".", "..", "../up", "a/b", "/etc/x", "a\\b", ".hidden", "-x", "a b", "ä"] {
        let status = create(&server, wrong).await.unwrap_err();
        assert_violations(&status, &["backup_id"]);
    }
    assert!(!dir.exists(), "nothing was tried");
    let first = create(&server, "2026-11-27T03-00").await.unwrap();
    assert_eq!((first.name.as_str(), first.document_count), ("backups/2026-11-27T03-00", 1));
    let file = dir.join("2026-11-27T03-00.dictum");
    let before = fs::read(&file).unwrap();
    put(&server, 2).await;
    let status = create(&server, "2026-11-27T03-00").await.unwrap_err();
    assert_error(&status, Code::AlreadyExists, "ALREADY_EXISTS");
    assert_eq!(fs::read(&file).unwrap(), before);
    // What a process that was killed has left is removed.
    fs::write(dir.join(".partial"), "half a backup").unwrap();
    create(&server, "next").await.unwrap();
    assert_eq!(names(&dir), ["2026-11-27T03-00.dictum", "next.dictum"]);
    server.stop().await;

    let server = TestServer::start().await;
    let status = create(&server, "a").await.unwrap_err();
    assert_error(&status, Code::FailedPrecondition, "FAILED_PRECONDITION");
    assert!(status.message().contains("backup.dir"), "{status:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_without_room_or_without_a_client_leaves_nothing() {
    let backups = tempfile::tempdir().unwrap();
    let server = server(backups.path()).await;
    for n in 0..20 {
        put(&server, n).await;
    }
    let mut parts = server.admin().await.stream_backup(StreamBackupRequest {}).await.unwrap().into_inner();
    parts.message().await.unwrap().unwrap();
    drop(parts);
    // The next one has its turn as soon as nothing is left of the one whose client has gone.
    let until = std::time::Instant::now() + SOON;
    while let Err(status) = create(&server, "after").await {
        assert_error(&status, Code::Unavailable, "BACKUP_UNDER_WAY");
        assert!(std::time::Instant::now() < until);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(names(backups.path()), ["after.dictum"]);

    // A stop waits for no client that reads nothing.
    let unread = server.admin().await.stream_backup(StreamBackupRequest {}).await.unwrap().into_inner();
    let dir = server.stop().await;
    drop(unread);
    assert_eq!(names(backups.path()), ["after.dictum"]);
    let server = TestServer::open(dir, TransportConfig::default(), |config| {
        config.backup_dir = Some(backups.path().to_owned());
        // More than there is.
        config.store_free_bytes = Some(1 << 60);
    })
    .await;
    let status = create(&server, "full").await.unwrap_err();
    assert_error(&status, Code::ResourceExhausted, "BACKUP_DISK_FULL");
    let mut parts = server.admin().await.stream_backup(StreamBackupRequest {}).await.unwrap().into_inner();
    let status = loop {
        match parts.message().await {
            Ok(part) => assert!(part.is_some(), "it cannot end well"),
            Err(status) => break status,
        }
    };
    assert_error(&status, Code::ResourceExhausted, "BACKUP_DISK_FULL");
    assert_eq!(names(backups.path()), ["after.dictum"]);
    server.stop().await;

    // A folder that is none.
    let file = backups.path().join("file");
    fs::write(&file, "").unwrap();
    let server = TestServer::with(TransportConfig::default(), |config| config.backup_dir = Some(file)).await;
    let status = create(&server, "a").await.unwrap_err();
    assert_error(&status, Code::Unavailable, "BACKUP_DISK_FAILED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_put_back_knows_what_it_never_had() {
    let server = TestServer::start().await;
    server.ingest("before", &statement("Ada Moreno", "It opens in May")).await;
    let (bytes, _) = received(&server).await;
    let lost = server.ingest("lost", &statement("Ada Moreno", "It opens in June")).await;
    let open = SearchQuotesRequest { page_size: 1, ..Default::default() };
    let page = server.quotes().await.search_quotes(open.clone()).await.unwrap().into_inner();
    let dir = server.stop().await;
    let file = dir.path().join("b");
    fs::write(&file, bytes).unwrap();

    let error = restore(&file, dir.path(), None).unwrap_err();
    assert!(matches!(error, OfflineError::NotEmpty { .. }), "{error}");
    let aside = dir.path().join("store.before");
    assert_eq!(restore(&file, dir.path(), Some(&aside)).unwrap().moved.as_ref(), Some(&aside));
    assert_eq!(names(&aside), ["store.redb"]);
    assert!(!dir.path().join("index").exists());

    // As a service has it.
    let held = DataDir::take(dir.path()).unwrap();
    let error = restore(&file, dir.path(), Some(&dir.path().join("other"))).unwrap_err();
    assert!(matches!(error, OfflineError::InUse { .. }), "{error}");
    drop(held);

    let server = TestServer::open(dir, TransportConfig::default(), |_| ()).await;
    server.ready().await;
    let seen = |token: &str| SearchQuotesRequest { consistency_token: token.into(), ..Default::default() };
    let status = server.quotes().await.search_quotes(seen(&lost.consistency_token)).await.unwrap_err();
    assert_violations(&status, &["consistency_token"]);
    let next = SearchQuotesRequest { page_token: page.next_page_token, ..open };
    let status = server.quotes().await.search_quotes(next).await.unwrap_err();
    assert_error(&status, Code::Aborted, "VIEW_EXPIRED");
    let found = server.quotes().await.search_quotes(SearchQuotesRequest::default()).await.unwrap();
    assert_eq!(found.into_inner().total_size, 1);
    server.stop().await;
}

/// A backup as a program of format 1 would have made it.
fn of_format_1(store: &[u8]) -> Vec<u8> {
    let manifest = serde_json::json!({
        "dictum": "0.2.0", "store_format": 1, "store_id": "00".repeat(16), "created_unix_seconds": 1,
        "created_nanos": 0, "last_change": 1, "collections": 1, "documents": 1, "quotes": 1, "entities": 1,
        "store_bytes": store.len(), "what later versions may add": true,
    });
    let manifest = manifest.to_string();
    let mut backup = [store, manifest.as_bytes()].concat();
    backup.extend(blake3::hash(&backup).as_bytes());
    backup.extend((manifest.len() as u32).to_le_bytes());
    backup.extend(b"dictum-backup-1\n");
    backup
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_an_older_format_is_brought_to_the_present_one_and_a_newer_one_is_refused() {
    let packed = fs::File::open(repository("tests/fixtures/0.2.0/data/store/store.redb.zst")).unwrap();
    let mut bytes = of_format_1(&zstd::decode_all(packed).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.dictum");
    fs::write(&file, &bytes).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let restored = restore(&file, dir.path(), None).unwrap();
    assert!(restored.report.documents > 0);
    assert_sound(dir.path());
    let server = opened(dir).await;
    let found = server.quotes().await.search_quotes(SearchQuotesRequest::default()).await.unwrap();
    assert!(found.into_inner().total_size >= 8);
    server.stop().await;

    let at = bytes.len() - 2;
    bytes[at] = b'2';
    fs::write(&file, &bytes).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let error = restore(&file, dir.path(), None).unwrap_err().to_string();
    assert!(error.contains("newer version"), "{error}");
}

/// A data directory with some documents, one of them revised and one deleted.
async fn stored() -> Arc<TempDir> {
    let server = TestServer::start().await;
    for n in 0..6 {
        put(&server, n).await;
    }
    server.ingest("d0001", &article(77)).await;
    server.ingest("d0002", &article(5)).await;
    let name = "collections/default/documents/d0003".into();
    let delete = dictum::transport::wire::DeleteDocumentRequest { name, ..Default::default() };
    server.documents().await.delete_document(delete).await.unwrap();
    server.stop().await
}

/// Changes the store's file without the store.
fn plant(data_dir: &Path, change: impl FnOnce(&redb::WriteTransaction)) {
    let database = redb::Database::open(data_dir.join("store/store.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    change(&transaction);
    transaction.commit().unwrap();
}

fn copied(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    for part in ["store", "index"] {
        fs::create_dir(to.path().join(part)).unwrap();
        for entry in fs::read_dir(from.join(part)).unwrap().map(|entry| entry.unwrap()) {
            fs::copy(entry.path(), to.path().join(part).join(entry.file_name())).unwrap();
        }
    }
    to
}

type Member = (u64, &'static str);
type Chunk = (u64, &'static str, u64, u32);

/// Damage by name, with what a check must say of it.
#[allow(clippy::type_complexity)]
fn damages() -> Vec<(&'static str, Box<dyn FnOnce(&redb::WriteTransaction)>, &'static str)> {
    const HEADS: TableDefinition<'_, Member, &[u8]> = TableDefinition::new("heads");
    const CONTRIBUTIONS: TableDefinition<'_, Member, &[u8]> = TableDefinition::new("contributions");
    const TEXTS: TableDefinition<'_, Chunk, &[u8]> = TableDefinition::new("texts");
    const PUTS: TableDefinition<'_, u64, (u64, &str, &str)> = TableDefinition::new("puts");
    const NAMINGS: TableDefinition<'_, (u64, &str, &str), u64> = TableDefinition::new("namings");
    const REMOVED: TableDefinition<'_, Member, u64> = TableDefinition::new("removed");
    const SIGHTINGS: TableDefinition<'_, (u64, &str, i64, u32, &str), ()> = TableDefinition::new("sightings");
    vec![
        (
            "a flipped head",
            Box::new(|t| {
                let mut heads = t.open_table(HEADS).unwrap();
                let mut row = heads.get((1, "d0004")).unwrap().unwrap().value().to_vec();
                row[0] ^= 0x40;
                heads.insert((1, "d0004"), row.as_slice()).unwrap();
            }),
            "documents/d0004: a document head cannot be read",
        ),
        (
            "a flipped text",
            Box::new(|t| {
                let mut texts = t.open_table(TEXTS).unwrap();
                let (key, mut row) = {
                    let entry = texts.range((1, "d0004", 0, 0)..).unwrap().next().unwrap().unwrap();
                    let (_, _, seq, n) = entry.0.value();
                    ((1, "d0004", seq, n), entry.1.value().to_vec())
                };
                let middle = row.len() / 2;
                row[middle] ^= 1;
                texts.insert(key, row.as_slice()).unwrap();
            }),
            "documents/d0004: ",
        ),
        (
            "a missing head",
            Box::new(|t| drop(t.open_table(HEADS).unwrap().remove((1, "d0000")).unwrap())),
            "it should have 5 documents, and has 4",
        ),
        (
            "a missing contribution",
            Box::new(|t| drop(t.open_table(CONTRIBUTIONS).unwrap().remove((1, "d0005")).unwrap())),
            "documents/d0005: its part in entities is missing",
        ),
        (
            "a missing change",
            Box::new(|t| drop(t.open_table(PUTS).unwrap().pop_last().unwrap())),
            "the sequence of changes does not have it at",
        ),
        (
            "a missing name",
            Box::new(|t| drop(t.open_table(NAMINGS).unwrap().pop_first().unwrap())),
            "does not lead to it",
        ),
        (
            "a missing sighting",
            Box::new(|t| drop(t.open_table(SIGHTINGS).unwrap().pop_first().unwrap())),
            "does not lead to it",
        ),
        (
            "a missing trace",
            Box::new(|t| drop(t.open_table(REMOVED).unwrap().pop_first().unwrap())),
            "what it removed does not lead back to it",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_finds_what_is_damaged_and_changes_nothing() {
    let dir = stored().await;
    let file = |dir: &Path| fs::read(dir.join("store/store.redb")).unwrap();
    let before = file(dir.path());
    let report = assert_sound(dir.path());
    assert_eq!((report.store.documents, report.store.revisions, report.index.documents), (5, 2, 5));
    assert_eq!(file(dir.path()), before);
    for (damage, change, expected) in damages() {
        let dir = copied(dir.path());
        plant(dir.path(), change);
        let before = file(dir.path());
        let report = check(dir.path());
        let findings: Vec<String> = report
            .store
            .findings
            .iter()
            .map(|finding| format!("{}: {}", finding.place, finding.what))
            .collect();
        assert!(findings.iter().any(|finding| finding.contains(expected)), "{damage}: {findings:#?}");
        assert_eq!(file(dir.path()), before, "{damage}");
    }
    // Bytes of the file itself; some of them lie in pages that are in use.
    let spoiled = copied(dir.path());
    let mut bytes = before.clone();
    for at in memchr::memmem::find_iter(&before, b"d0005") {
        bytes[at] ^= 1;
    }
    fs::write(spoiled.path().join("store/store.redb"), &bytes).unwrap();
    assert!(!check(spoiled.path()).is_sound());
    // The index of another store.
    let other = copied(stored().await.path());
    let mixed = copied(dir.path());
    fs::remove_dir_all(mixed.path().join("index")).unwrap();
    fs::rename(other.path().join("index"), mixed.path().join("index")).unwrap();
    let report = check(mixed.path());
    assert!(report.is_sound() && report.index.made_anew.unwrap().contains("another log"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compaction_keeps_every_row_and_makes_the_file_smaller() {
    let server = TestServer::start().await;
    for n in 0..80 {
        put(&server, n).await;
    }
    for n in 0..70 {
        let name = format!("collections/default/documents/d{n:04}");
        let delete = dictum::transport::wire::DeleteDocumentRequest { name, ..Default::default() };
        server.documents().await.delete_document(delete).await.unwrap();
    }
    let expected = texts(&server).await;
    let dir = server.stop().await;
    let compacted = DataDir::existing(dir.path()).unwrap().compact(&|_, _| ()).unwrap();
    assert!(compacted.after < compacted.before, "{compacted:?}");
    assert_eq!(fs::metadata(dir.path().join("store/store.redb")).unwrap().len(), compacted.after);
    let report = assert_sound(dir.path());
    assert_eq!((report.index.made_anew, report.index.documents), (None, 10), "the index stays");
    let server = TestServer::open(dir, TransportConfig::default(), |_| ()).await;
    server.ready().await;
    assert_eq!(texts(&server).await, expected);
    server.stop().await;
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_commands_back_up_restore_check_and_compact() {
    let folder = tempfile::tempdir().unwrap();
    let backups = folder.path().join("backups");
    let config = folder.path().join("dictum.toml");
    fs::write(&config, format!("[backup]\ndir = {:?}", path(&backups))).unwrap();
    let service = Service::start_with(folder.path(), "127.0.0.1:0", &["--config", path(&config)]);
    let article: PathBuf = repository("seeds/000_d53045ff0d7dd2d6.txt");
    assert!(service.run(&["ingest", path(&article)]).status.success());
    let data = folder.path().join("data");
    for command in [["check", "--data-dir", path(&data)], ["compact", "--data-dir", path(&data)]] {
        let output = run(&command);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("in use"), "{}", text(&output.stderr));
    }
    let file = folder.path().join("all.dictum");
    let output = service.run(&["backup", "--to", path(&file), "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["blake3"], blake3::hash(&fs::read(&file).unwrap()).to_hex().as_str());
    let again = service.run(&["backup", "--to", path(&file)]);
    assert_eq!(again.status.code(), Some(2), "{}", text(&again.stderr));
    let named = service.run(&["backup", "--name", "first"]);
    assert!(named.status.success(), "{}", text(&named.stderr));
    let piped = service.run(&["backup", "--to", "-"]);
    assert!(piped.status.success() && piped.stdout.ends_with(b"dictum-backup-1\n"));
    assert_eq!(names(folder.path()), ["address", "all.dictum", "backups", "data", "dictum.toml"]);
    assert_eq!(service.stop(), Some(0));

    let new = folder.path().join("new");
    let output = run(&["restore", path(&backups), "--data-dir", path(&new)]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let refused = run(&["restore", path(&file), "--data-dir", path(&new)]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--replace"), "{}", text(&refused.stderr));
    let output = run(&["restore", path(&file), "--data-dir", path(&new), "--replace"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(names(&new)[1].starts_with("store.before-restore-"), "{:?}", names(&new));
    let output = run(&["check", "--data-dir", path(&new), "--json"]);
    assert!(output.status.success(), "{}", text(&output.stdout));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&said["sound"], &said["store"]["documents"]), (&true.into(), &1.into()));
    let output = run(&["compact", "--data-dir", path(&new)]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    plant(&new, |transaction| {
        let heads: TableDefinition<'_, Member, &[u8]> = TableDefinition::new("heads");
        drop(transaction.open_table(heads).unwrap().pop_first().unwrap());
    });
    let output = run(&["check", "--data-dir", path(&new)]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    let nothing = run(&["check", "--data-dir", path(&folder.path().join("nothing"))]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(!folder.path().join("nothing").exists());
}
