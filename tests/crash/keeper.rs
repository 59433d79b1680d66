//! Somebody who makes backups, has them sent, and has what was deleted erased, while others write and until the service is gone. What
//! has a backup's name is whole, and what was acknowledged is there.

use crate::process::{Process, backups};
use dictum::transport::wire::admin_service_client::AdminServiceClient;
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::operation_service_client::OperationServiceClient;
use dictum::transport::wire::{
    Backup, CreateBackupRequest, DocumentFilter, PurgeDocumentsRequest, StreamBackupRequest,
    WaitOperationRequest,
};
use std::fs;
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinHandle;
use tonic::Status;
use tonic::transport::Channel;

/// Bytes behind the manifest of a backup: the checksum of all before, the manifest's length, and a mark.
const AFTER: usize = 32 + 4 + 16;

/// How often something is tried that the service had no turn for.
const TRIES: usize = 20;

/// Begins; what ends with the service gives the backups that were acknowledged.
pub fn begin(server: &Process, round: u64) -> JoinHandle<Vec<Backup>> {
    let channel = server.channel();
    tokio::spawn(async move {
        let mut made = Vec::new();
        for n in 0.. {
            let Ok(backup) = back_up(&channel, &format!("r{round}-{n}")).await else { break };
            made.push(backup);
            if erase(&channel).await.is_err() || receive(&channel).await.is_err() {
                break;
            }
        }
        made
    })
}

/// Every backup that has its name is whole, every one of `made` is there, and one more can be made.
pub async fn check(server: &Process, dir: &Path, made: &[Backup]) {
    let folder = backups(dir);
    for backup in made {
        let file = folder.join(format!("{}.dictum", backup.name.strip_prefix("backups/").unwrap()));
        assert_eq!(
            blake3::hash(&fs::read(&file).unwrap()).to_hex().as_str(),
            backup.blake3,
            "{}",
            backup.name
        );
    }
    back_up(&server.channel(), "once-more").await.unwrap();
    for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if name != ".lock" {
            assert!(name.ends_with(".dictum"), "{name} is left of a backup that was cut short");
            assert_whole(&entry.path());
            fs::remove_file(entry.path()).unwrap();
        }
    }
}

#[track_caller]
pub fn assert_whole(backup: &Path) {
    let bytes = fs::read(backup).unwrap();
    let (covered, after) = bytes.split_at(bytes.len() - AFTER);
    assert_eq!(blake3::hash(covered).as_bytes(), &after[..32], "{} is not whole", backup.display());
    assert!(after.ends_with(b"dictum-backup-1\n"));
}

/// Makes a backup on the service's side.
pub async fn back_up(channel: &Channel, name: &str) -> Result<Backup, Status> {
    let mut admin = AdminServiceClient::new(channel.clone());
    let request = CreateBackupRequest { backup_id: name.into() };
    let mut result = admin.create_backup(request.clone()).await;
    for _ in 1..TRIES {
        // One that nobody wants any more may have its turn still.
        if result.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        result = admin.create_backup(request.clone()).await;
    }
    Ok(result?.into_inner().backup.unwrap())
}

/// Has what was deleted erased, and deletes nothing more.
async fn erase(channel: &Channel) -> Result<(), Status> {
    let filter = DocumentFilter { text: "wordsthatnobodywrites".into(), ..Default::default() };
    let request = PurgeDocumentsRequest { filter: Some(filter), erase: true, ..Default::default() };
    let purge = DocumentServiceClient::new(channel.clone()).purge_documents(request).await?;
    let mut operation = purge.into_inner().operation.unwrap();
    let mut operations = OperationServiceClient::new(channel.clone());
    while !operation.done {
        let request = WaitOperationRequest { name: operation.name.clone(), ..Default::default() };
        operation = operations.wait_operation(request).await?.into_inner().operation.unwrap();
    }
    Ok(())
}

/// Has a backup sent, and throws it away.
async fn receive(channel: &Channel) -> Result<(), Status> {
    let mut admin = AdminServiceClient::new(channel.clone());
    let mut parts = admin.stream_backup(StreamBackupRequest {}).await?.into_inner();
    while parts.message().await?.is_some() {}
    Ok(())
}
