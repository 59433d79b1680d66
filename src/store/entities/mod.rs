//! The entities that the documents of a collection have in common: what each document adds to them, which of them are one, and
//! what they add up to. Counting is incremental and exact: what a document added is kept beside it and taken away again when it
//! leaves. Start at [`ledger`].

mod account;
mod contribution;
mod identity;
mod ledger;
mod tally;

pub(super) use account::is_living;
pub(super) use contribution::{Portions, portions};
pub(super) use identity::entity_id;
pub(super) use ledger::{Ledger, Place};
pub(super) use tally::RANKED;

use crate::domain::entity::FormKind;

/// Kinds of forms in the keys of the tables.
pub(super) const NAME: u8 = 0;
pub(super) const ALIAS: u8 = 1;
pub(super) const ROLE: u8 = 2;

/// The kind in the keys of the tables.
pub(super) fn kind_key(kind: FormKind) -> u8 {
    match kind {
        FormKind::Alias => ALIAS,
        FormKind::Role => ROLE,
    }
}
