//! Collections with their counts, which every write keeps, and who made the analyses.

use super::super::error::Fault;
use super::super::record::decode;
use super::super::rows::CollectionRow;
use super::super::tables::{Generation, Snapshot};
use super::collection_id;
use crate::domain::annotation::AnalyzerStamp;
use crate::domain::document::CollectionInfo;
use crate::domain::ids::CollectionId;
use redb::ReadableTableMetadata;
use std::collections::BTreeMap;
use std::ops::Bound;

impl Snapshot {
    /// The collection with its counts.
    pub(in crate::store) fn collection(&self, id: &CollectionId) -> Result<Option<CollectionInfo>, Fault> {
        Ok(self.collection_row(id)?.map(|row| info(id.clone(), &row)))
    }

    /// Collections by id, ascending, those after `after`; and how many there are.
    pub(in crate::store) fn collections(
        &self,
        after: Option<&CollectionId>,
        limit: usize,
    ) -> Result<(Vec<CollectionInfo>, u64), Fault> {
        let from = after.map_or(Bound::Unbounded, |id| Bound::Excluded(id.as_str()));
        let rows = self.collections.range::<&str>((from, Bound::Unbounded))?;
        let infos = rows.take(limit).map(|entry| {
            let (key, row) = entry?;
            Ok::<_, Fault>(info(collection_id(key.value())?, &decode(row.value())?))
        });
        Ok((infos.collect::<Result<_, _>>()?, self.collections.len()?))
    }

    /// Who made the analyses of the living documents, and of how many each.
    pub(in crate::store) fn analyzers(&self) -> Result<Vec<(AnalyzerStamp, u64)>, Fault> {
        let mut counts = BTreeMap::<u32, u64>::new();
        for entry in self.analyzed.range::<(Generation, u32)>(..)? {
            let (key, documents) = entry?;
            *counts.entry(key.value().1).or_default() += documents.value();
        }
        counts.into_iter().map(|(number, documents)| Ok((self.stamp(number)?, documents))).collect()
    }

    /// The stamp of a number.
    pub(super) fn stamp(&self, number: u32) -> Result<AnalyzerStamp, Fault> {
        let row = self.analyzers.get(number)?;
        decode(row.ok_or_else(|| Fault::Corrupt(format!("there is no analyzer {number}")))?.value())
    }

    /// The number of a living collection.
    pub(in crate::store) fn generation(&self, id: &CollectionId) -> Result<Option<Generation>, Fault> {
        Ok(self.collection_row(id)?.map(|row| row.generation))
    }

    fn collection_row(&self, id: &CollectionId) -> Result<Option<CollectionRow>, Fault> {
        self.collections.get(id.as_str())?.map(|row| decode(row.value())).transpose()
    }
}

fn info(id: CollectionId, row: &CollectionRow) -> CollectionInfo {
    let CollectionRow { created_at, documents, quotes, entities, .. } = *row;
    CollectionInfo { id, created_at, documents, quotes, entities }
}
