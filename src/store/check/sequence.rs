//! The sequence of changes: what it leads to is there, and what is gone is gone.

use super::Check;
use crate::store::error::Fault;
use crate::store::record::decode;
use crate::store::rows::{EntityRow, HeadRow, RemovalRow};
use redb::ReadableTable;

impl Check<'_> {
    /// Every change of a document or an entity.
    pub(super) fn changes(&mut self) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        for entry in snapshot.puts.iter()? {
            let (seq, row) = entry?;
            let (seq, (generation, collection, document)) = (seq.value(), row.value());
            if !self.living.contains_key(&generation) {
                continue;
            }
            let place = format!("change {seq}, collections/{collection}/documents/{document}");
            self.agrees(seq <= self.report.seq, &place, || "it comes after the last change".into());
            let head = snapshot.heads.get((generation, document))?;
            // One that cannot be read is noted elsewhere.
            let here =
                head.is_some_and(|head| decode::<HeadRow>(head.value()).map_or(true, |head| head.seq == seq));
            self.agrees(here, &place, || "the document is not there, or has changed since".into());
        }
        for table in [&snapshot.touched, &snapshot.faded] {
            for entry in table.iter()? {
                let (key, _) = entry?;
                let (seq, generation, id) = key.value();
                if !self.living.contains_key(&generation) {
                    continue;
                }
                let row = snapshot.entities.get((generation, id))?;
                let here = row
                    .is_some_and(|row| decode::<EntityRow>(row.value()).map_or(true, |row| row.seq == seq));
                if !here {
                    let place = self.entity_name(generation, id);
                    self.agrees(false, &place, || format!("change {seq} is not its last one"));
                }
            }
        }
        Ok(())
    }

    /// Everything that followers may still have to hear is gone.
    pub(super) fn removals(&mut self) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        for entry in snapshot.removals.iter()? {
            let (seq, row) = entry?;
            let (seq, place) = (seq.value(), format!("change {}", seq.value()));
            let Some(row) = self.decoded::<RemovalRow>(&place, row.value()) else { continue };
            let traced = match &row {
                RemovalRow::Document(generation, name) => {
                    let key = (*generation, name.document.as_str());
                    snapshot.removed.get(key)?.is_some_and(|at| at.value() == seq)
                }
                RemovalRow::Collection(id) => {
                    snapshot.fallen.get(id.as_str())?.is_some_and(|at| at.value() == seq)
                }
            };
            self.agrees(traced, &place, || "what it removed does not lead back to it".into());
        }
        for entry in snapshot.removed.iter()? {
            let (key, seq) = entry?;
            let (generation, id) = key.value();
            let there = snapshot.removals.get(seq.value())?.is_some();
            let again = snapshot.heads.get((generation, id))?.is_some();
            if !there || again {
                let place = self.document_name(generation, id);
                self.agrees(there, &place, || {
                    format!("it was removed by change {}, which is not there", seq.value())
                });
                self.agrees(!again, &place, || "it is there, and marked as removed".into());
            }
        }
        for entry in snapshot.fallen.iter()? {
            let (id, seq) = entry?;
            let there = snapshot.removals.get(seq.value())?.is_some();
            self.agrees(there, &format!("collections/{}", id.value()), || {
                format!("it was removed by change {}, which is not there", seq.value())
            });
        }
        Ok(())
    }
}
