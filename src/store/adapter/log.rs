//! The store as the log of documents and changes.

use super::backups::Order;
use super::{Command, Store};
use crate::domain::annotation::AnalyzerStamp;
use crate::domain::backup::Backup;
use crate::domain::document::{CollectionInfo, DocumentInfo, Seq, StoredDocument};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName, QuoteName};
use crate::domain::operation::{Operation, OperationId};
use crate::domain::time::Timestamp;
use crate::ports::{
    Applied, BackupError, Caller, Copied, Current, DocumentLog, Epoch, LogIdentity, LogState, Moment,
    PortError, Refusal, Standing, Stretch, Write,
};
use async_trait::async_trait;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

#[async_trait]
impl DocumentLog for Store {
    fn identity(&self) -> LogIdentity {
        self.identity
    }

    fn state(&self) -> watch::Receiver<LogState> {
        self.shared.state()
    }

    fn remembers(&self, epoch: Epoch, seq: Seq) -> bool {
        self.epochs.remember(epoch, seq)
    }

    async fn apply(
        &self,
        writes: Arc<[Write]>,
        at: Timestamp,
    ) -> Result<Vec<Result<Applied, Refusal>>, PortError> {
        self.command(|reply| Command::Apply { writes, at, reply }).await
    }

    async fn last_seq(&self) -> Result<Seq, PortError> {
        self.read(|snapshot| Ok(snapshot.counters()?.seq)).await
    }

    async fn floor(&self) -> Result<Seq, PortError> {
        self.read(|snapshot| Ok(snapshot.counters()?.floor)).await
    }

    async fn follow(&self, after: Seq, changes: usize, bytes: usize) -> Result<Stretch, PortError> {
        self.read(move |snapshot| snapshot.follow(after, changes, bytes)).await
    }

    async fn current(&self, name: &DocumentName) -> Result<Option<Current>, PortError> {
        let name = name.clone();
        self.read(move |snapshot| snapshot.current(&name)).await
    }

    async fn documents(
        &self,
        names: &[(DocumentName, Option<u32>)],
    ) -> Result<Vec<Option<StoredDocument>>, PortError> {
        let names = names.to_vec();
        self.read(move |snapshot| {
            names.iter().map(|(name, revision)| snapshot.document(name, *revision)).collect()
        })
        .await
    }

    async fn infos(&self, names: &[DocumentName]) -> Result<Vec<Option<DocumentInfo>>, PortError> {
        let names = names.to_vec();
        self.read(move |snapshot| names.iter().map(|name| snapshot.info(name)).collect()).await
    }

    async fn list(
        &self,
        collection: &CollectionId,
        after: Option<&DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentInfo>, PortError> {
        let (collection, after) = (collection.clone(), after.cloned());
        self.read(move |snapshot| snapshot.list(&collection, after.as_ref(), limit)).await
    }

    async fn standing(
        &self,
        collection: &CollectionId,
        moment: Moment,
        after: Option<&DocumentId>,
        looked_at: usize,
    ) -> Result<Standing, PortError> {
        let (collection, after) = (collection.clone(), after.cloned());
        self.read(move |snapshot| snapshot.standing(&collection, moment, after.as_ref(), looked_at)).await
    }

    async fn beginnings(
        &self,
        of: &[(DocumentName, u32)],
        bytes: usize,
    ) -> Result<Vec<Option<String>>, PortError> {
        let of = of.to_vec();
        self.read(move |snapshot| {
            of.iter().map(|(name, revision)| snapshot.beginning(name, *revision, bytes)).collect()
        })
        .await
    }

    async fn last_revision_with(&self, quote: &QuoteName) -> Result<Option<u32>, PortError> {
        let quote = quote.clone();
        self.read(move |snapshot| snapshot.last_revision_with(&quote)).await
    }

    async fn collection(&self, id: &CollectionId) -> Result<Option<CollectionInfo>, PortError> {
        let id = id.clone();
        self.read(move |snapshot| snapshot.collection(&id)).await
    }

    async fn collections(
        &self,
        after: Option<&CollectionId>,
        limit: usize,
    ) -> Result<(Vec<CollectionInfo>, u64), PortError> {
        let after = after.cloned();
        self.read(move |snapshot| snapshot.collections(after.as_ref(), limit)).await
    }

    async fn analyzers(&self) -> Result<Vec<(AnalyzerStamp, u64)>, PortError> {
        self.read(|snapshot| snapshot.analyzers()).await
    }

    async fn operation(&self, id: OperationId) -> Result<Option<Operation>, PortError> {
        self.read(move |snapshot| snapshot.operation(id)).await
    }

    async fn operations(&self) -> Result<Vec<Operation>, PortError> {
        self.read(|snapshot| snapshot.operations()).await
    }

    async fn tidy(&self, followed: Seq) -> Result<bool, PortError> {
        self.command(|reply| Command::Tidy { followed, reply }).await
    }

    async fn erase(&self) -> Result<(), PortError> {
        self.command(|reply| Command::Erase { reply }).await
    }
    async fn back_up(
        &self,
        caller: &Caller,
        to: &Path,
        at: Timestamp,
        copied: watch::Sender<Copied>,
    ) -> Result<Backup, BackupError> {
        let (caller, path, config) = (caller.clone(), to.to_owned(), self.config.clone());
        self.make_backup(|core| {
            let most = core.device().medium().len().unwrap_or_default();
            copied.send_modify(|copied| copied.most = most);
            Order { core, config, caller, path, at, copied }
        })
        .await
    }
}
