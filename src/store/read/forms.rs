//! The forms of words of an entity, most frequent first: the few that several documents use by their rank, then the long tail of
//! those that one document uses.

use super::super::entities::{NAME, RANKED};
use super::super::error::Fault;
use super::super::tables::{Form, Generation, Rank, Snapshot};
use crate::domain::entity::{Alias, MOST_FORMS};
use crate::ports::FormPlace;
use redb::Value;
use std::ops::Bound;

/// No form is that long, and none sorts after it.
const LAST: &str = "\u{10FFFF}";

impl Snapshot {
    /// Forms of a kind, most frequent first, then by the form, those after `after`.
    pub(super) fn forms_of(
        &self,
        (generation, entity, kind): (Generation, &str, u8),
        after: Option<&FormPlace>,
        limit: usize,
    ) -> Result<Vec<Alias>, Fault> {
        let mut found = Vec::new();
        let end: <Rank as Value>::SelfType<'_> = (generation, entity, kind, u64::MAX, LAST);
        let ranks_from = match after {
            None => Some(Bound::Included((generation, entity, kind, 0, ""))),
            Some(FormPlace { documents, text }) if *documents >= RANKED => {
                Some(Bound::Excluded((generation, entity, kind, u64::MAX - documents, text.as_str())))
            }
            Some(_) => None,
        };
        if let Some(from) = ranks_from {
            for entry in self.ranks.range((from, Bound::Included(end)))?.take(limit) {
                let (key, ()) = entry.map(|(key, _)| (key, ()))?;
                let (_, _, _, rest, form) = key.value();
                found.push(Alias { text: form.to_owned(), documents: u64::MAX - rest });
            }
        }
        let from = match after {
            Some(FormPlace { documents, text }) if *documents < RANKED => {
                Bound::Excluded((generation, entity, kind, text.as_str()))
            }
            _ => Bound::Included((generation, entity, kind, "")),
        };
        let end: <Form as Value>::SelfType<'_> = (generation, entity, kind, LAST);
        let mut tail = self.forms.range((from, Bound::Included(end)))?;
        while found.len() < limit {
            let Some((key, documents)) = tail.next().transpose()? else { break };
            if documents.value() < RANKED {
                found.push(Alias { text: key.value().3.to_owned(), documents: documents.value() });
            }
        }
        Ok(found)
    }

    /// The canonical name of most documents; of two, the longer one. Absent only for an entity without documents.
    pub(super) fn display_name(&self, generation: Generation, entity: &str) -> Result<Option<String>, Fault> {
        let names = self.forms_of((generation, entity, NAME), None, MOST_FORMS)?;
        let most = names.into_iter().max_by(|a, b| {
            let key = |name: &Alias| (name.documents, name.text.len());
            key(a).cmp(&key(b)).then_with(|| a.text.cmp(&b.text))
        });
        Ok(most.map(|name| name.text))
    }
}
