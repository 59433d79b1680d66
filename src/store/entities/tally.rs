//! The forms of words that an entity gathers, one row each, so that a document's commit costs what its own forms cost and not
//! what the entity has gathered before. Forms that more than one document uses have a second row that sorts them by frequency;
//! of the long tail of the others, any will do.

use super::super::error::Fault;
use super::super::tables::{Generation, Tables};
use super::{ALIAS, ROLE};
use crate::folding::names;
use redb::ReadableTable;
use std::collections::BTreeMap;

/// Least number of documents for a place among the frequent forms.
pub(in crate::store) const RANKED: u64 = 2;

/// By how many documents each form's count changes.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<(u8, String), i64>);

/// How many more distinct forms there are, by kind.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Distinct {
    pub(super) aliases: i64,
    pub(super) roles: i64,
}

impl Tally {
    /// One document more, or less, uses the forms.
    pub(super) fn count<'f>(&mut self, kind: u8, forms: impl IntoIterator<Item = &'f String>, by: i64) {
        for form in forms {
            *self.0.entry((kind, form.clone())).or_default() += by;
        }
    }

    /// Writes the counts of an entity's forms and the names that lead to it.
    pub(super) fn write(
        &self,
        tables: &mut Tables<'_>,
        generation: Generation,
        entity: &str,
    ) -> Result<Distinct, Fault> {
        let mut distinct = Distinct::default();
        let mut folded = BTreeMap::<String, i64>::new();
        for ((kind, form), by) in self.0.iter().filter(|(_, by)| **by != 0) {
            let difference = shift(tables, (generation, entity, *kind, form), *by)?;
            match *kind {
                ALIAS if difference != 0 => {
                    distinct.aliases += difference;
                    *folded.entry(names::fold(form)).or_default() += difference;
                }
                ROLE => distinct.roles += difference,
                _ => {}
            }
        }
        for (name, by) in folded.iter().filter(|(name, by)| !name.is_empty() && **by != 0) {
            let key = (generation, name.as_str(), entity);
            let before = tables.namings.get(key)?.map_or(0, |forms| forms.value());
            match before.saturating_add_signed(*by) {
                0 => drop(tables.namings.remove(key)?),
                after => drop(tables.namings.insert(key, after)?),
            }
        }
        Ok(distinct)
    }
}

/// Changes one form's count; 1 where the form is new, -1 where it is gone.
fn shift(
    tables: &mut Tables<'_>,
    key @ (generation, entity, kind, form): (Generation, &str, u8, &str),
    by: i64,
) -> Result<i64, Fault> {
    let before = tables.forms.get(key)?.map_or(0, |documents| documents.value());
    let after = before.saturating_add_signed(by);
    match after {
        0 => drop(tables.forms.remove(key)?),
        _ => drop(tables.forms.insert(key, after)?),
    }
    let rank = |documents: u64| (generation, entity, kind, u64::MAX - documents, form);
    if before >= RANKED {
        tables.ranks.remove(rank(before))?;
    }
    if after >= RANKED {
        tables.ranks.insert(rank(after), ())?;
    }
    Ok(i64::from(after > 0) - i64::from(before > 0))
}
