//! Format 1 as it was: its tables, under the names that they bear while they are read for the last time, and those of its rows
//! that the next format takes over. What it counted is counted anew.

use super::super::error::Fault;
use super::super::record::{Record, decode_version};
use super::super::tables::{Generation, Member};
use crate::domain::annotation::AnalyzerStamp;
use crate::domain::document::Seq;
use crate::domain::ids::{CollectionId, DocumentName};
use crate::domain::time::Timestamp;
use redb::{ReadableTable, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version byte of its rows.
const VERSION: u8 = 1;

pub(super) const COLLECTIONS: Bytes<&str> = TableDefinition::new("collections of format 1");
pub(super) const HEADS: Bytes<Member> = TableDefinition::new("heads of format 1");
pub(super) const TEXTS: Bytes<Member> = TableDefinition::new("texts of format 1");
pub(super) const ANALYSES: Bytes<Member> = TableDefinition::new("analyses of format 1");
pub(super) const REVISIONS: Bytes<(Generation, &str, u32)> = TableDefinition::new("revisions of format 1");
pub(super) const CHANGES: Bytes<u64> = TableDefinition::new("changes of format 1");

type Bytes<K> = TableDefinition<'static, K, &'static [u8]>;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CollectionRow {
    pub(super) generation: Generation,
    pub(super) created_at: Timestamp,
    pub(super) seq: Seq,
    documents: u64,
    quotes: u64,
    entities: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HeadRow {
    pub(super) revision: u32,
    content_hash: [u8; 32],
    pub(super) seq: Seq,
    pub(super) ingested_at: Timestamp,
    analyzer: AnalyzerStamp,
    quotes: u32,
    entities: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RevisionRow {
    content_hash: [u8; 32],
    pub(super) ingested_at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    name: DocumentName,
    pub(super) text: String,
    pub(super) title: Option<String>,
    pub(super) published_at: Option<Timestamp>,
    pub(super) source: Option<String>,
    pub(super) url: Option<String>,
    pub(super) language: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ChangeKind {
    DocumentPut(DocumentName),
    DocumentDeleted(DocumentName),
    CollectionCreated(CollectionId),
    CollectionDeleted(CollectionId),
}

impl Record for CollectionRow {
    const NAME: &'static str = "collection of format 1";
}

impl Record for HeadRow {
    const NAME: &'static str = "document head of format 1";
}

impl Record for RevisionRow {
    const NAME: &'static str = "revision of format 1";
}

impl Record for Document {
    const NAME: &'static str = "document of format 1";
    const PACKED: bool = true;
}

impl Record for ChangeKind {
    const NAME: &'static str = "change of format 1";
}

/// Gives the tables that are read their new names and removes the others, so that those of the next format can take their place.
pub(super) fn make_way(transaction: &WriteTransaction) -> Result<(), Fault> {
    fn rename<K: redb::Key + 'static>(
        transaction: &WriteTransaction,
        from: &str,
        to: Bytes<K>,
    ) -> Result<(), Fault> {
        let from: TableDefinition<'_, K, &'static [u8]> = TableDefinition::new(from);
        // A store that was left before its first use may lack a table.
        drop(transaction.open_table(from)?);
        Ok(transaction.rename_table(from, to)?)
    }
    rename(transaction, "collections", COLLECTIONS)?;
    rename(transaction, "heads", HEADS)?;
    rename(transaction, "texts", TEXTS)?;
    rename(transaction, "analyses", ANALYSES)?;
    rename(transaction, "revisions", REVISIONS)?;
    rename(transaction, "changes", CHANGES)?;
    for counted in ["doomed", "contributions", "entities", "touched", "sightings", "namings", "surnames"] {
        delete(transaction, counted)?;
    }
    Ok(())
}

/// Removes what has been read.
pub(super) fn clear_away(transaction: &WriteTransaction) -> Result<(), Fault> {
    transaction.delete_table(COLLECTIONS)?;
    transaction.delete_table(HEADS)?;
    transaction.delete_table(TEXTS)?;
    transaction.delete_table(ANALYSES)?;
    transaction.delete_table(REVISIONS)?;
    transaction.delete_table(CHANGES)?;
    Ok(())
}

fn delete(transaction: &WriteTransaction, name: &str) -> Result<(), Fault> {
    let found = transaction.list_tables()?.find(|table| redb::TableHandle::name(table) == name);
    if let Some(table) = found {
        transaction.delete_table(table)?;
    }
    Ok(())
}

/// A row of format 1.
pub(super) fn row<'k, K: redb::Key + 'static, R: Record>(
    table: &impl ReadableTable<K, &'static [u8]>,
    key: K::SelfType<'k>,
) -> Result<Option<R>, Fault> {
    table.get(key)?.map(|row| read(row.value())).transpose()
}

/// The row of the bytes.
pub(super) fn read<R: Record>(bytes: &[u8]) -> Result<R, Fault> {
    decode_version(bytes, VERSION)
}
