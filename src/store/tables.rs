//! The tables, their keys and what they hold. Everything inside a collection is keyed by the collection's *generation*, a
//! number that is never used again: deleting a collection forgets the number, which hides all its rows at once, and a new
//! collection of the same name starts from nothing. Rows are in [`super::rows`].

use super::copy::{Copying, same};
use super::error::Fault;
use crate::domain::time::Timestamp;
use redb::{ReadOnlyTable, ReadTransaction, Table, TableDefinition, TableError, WriteTransaction};

/// A collection's number. Never reused.
pub(super) type Generation = u64;

/// A document or an entity of a collection.
pub(super) type Member = (Generation, &'static str);
/// A document, the change that wrote the body, and the number of the chunk.
pub(super) type Chunk = (Generation, &'static str, u64, u32);
/// Entity, then when its document was seen (seconds, nanoseconds; all bits turned, so that the latest comes first), then the
/// document. Made by [`sighting`].
pub(super) type Sighting = (Generation, &'static str, i64, u32, &'static str);
/// A folded name, then the entity.
pub(super) type Naming = (Generation, &'static str, &'static str);
/// A folded surname, then how far the documents of the full name are from the highest number, then the entity.
pub(super) type Surname = (Generation, &'static str, u64, &'static str);
/// Entity, kind of form, form.
pub(super) type Form = (Generation, &'static str, u8, &'static str);
/// Entity, kind of form, how far its documents are from the highest number, form.
pub(super) type Rank = (Generation, &'static str, u8, u64, &'static str);
/// A change, then the entity.
pub(super) type Touch = (u64, Generation, &'static str);

/// Declares each table once: its definition, its place among the writable and among the readable tables.
macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident $constant:ident: $key:ty => $value:ty;)*) => {
        $($(#[$doc])* pub(super) const $constant: TableDefinition<'static, $key, $value> =
            TableDefinition::new(stringify!($field));)*

        /// Every table of a write transaction.
        pub(super) struct Tables<'t> {
            $($(#[$doc])* pub(super) $field: Table<'t, $key, $value>,)*
        }

        impl<'t> Tables<'t> {
            /// Opens all tables; the first time makes them.
            pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, TableError> {
                Ok(Self { $($field: transaction.open_table($constant)?,)* })
            }
        }

        /// The tables as they stood at one moment. While it lives, so do the pages that it reads.
        pub(super) struct Snapshot {
            $($(#[$doc])* pub(super) $field: ReadOnlyTable<$key, $value>,)*
        }

        impl Snapshot {
            /// Opens all tables.
            pub(super) fn open(transaction: &ReadTransaction) -> Result<Self, TableError> {
                Ok(Self { $($field: transaction.open_table($constant)?,)* })
            }

            /// The name of the first table whose rows are not those of another snapshot, byte for byte.
            pub(super) fn differs(&self, from: &Self) -> Result<Option<&'static str>, Fault> {
                $(if !same(&self.$field, &from.$field)? {
                    return Ok(Some(stringify!($field)));
                })*
                Ok(None)
            }

            /// Copies all rows.
            pub(super) fn copy_into(&self, to: &mut Tables<'_>, copying: &mut Copying<'_>) -> Result<(), Fault> {
                $(copying.table(&self.$field, &mut to.$field)?;)*
                Ok(())
            }
        }
    };
}

tables! {
    /// Facts about the store as a whole; see [`super::meta`].
    meta META: &'static str => &'static [u8];
    /// Openings, each with the first position that it gave out.
    epochs EPOCHS: u64 => u64;
    /// Living collections by id: `CollectionRow`.
    collections COLLECTIONS: &'static str => &'static [u8];
    /// Deleted collections whose rows are not all gone.
    doomed DOOMED: Generation => ();
    /// `HeadRow` of the current revision.
    heads HEADS: Member => &'static [u8];
    /// `HeadRow` of the revision before.
    previous PREVIOUS: Member => &'static [u8];
    /// Texts of both, packed.
    texts TEXTS: Chunk => &'static [u8];
    /// Analyses of both, packed.
    analyses ANALYSES: Chunk => &'static [u8];
    /// `GoneRow` of documents that have lost quotes.
    gone GONE: Member => &'static [u8];
    /// `ContributionRow`: what each document adds to the collection's entities.
    contributions CONTRIBUTIONS: Member => &'static [u8];
    /// Stamps of analyzers: `AnalyzerStamp`.
    analyzers ANALYZERS: u32 => &'static [u8];
    /// Documents of a collection whose analysis is of an analyzer.
    analyzed ANALYZED: (Generation, u32) => u64;
    /// Which document a change put: collection and document. One row for each living document.
    puts PUTS: u64 => (Generation, &'static str, &'static str);
    /// `RemovalRow` by change.
    removals REMOVALS: u64 => &'static [u8];
    /// The change that removed a document.
    removed REMOVED: Member => u64;
    /// The change that last removed a collection of an id.
    fallen FALLEN: &'static str => u64;
    /// `EntityRow`.
    entities ENTITIES: Member => &'static [u8];
    /// Which entities a change touched last, with the collection's id.
    touched TOUCHED: Touch => &'static str;
    /// The same for entities that are gone.
    faded FADED: Touch => &'static str;
    /// Which documents mention an entity, by time.
    sightings SIGHTINGS: Sighting => ();
    /// Forms of an entity with the number of documents that use them.
    forms FORMS: Form => u64;
    /// Those that more than one document uses, most frequent first.
    ranks RANKS: Rank => ();
    /// Which entities go by a folded name, with the number of their forms that fold to it.
    namings NAMINGS: Naming => u64;
    /// Persons with a full name, by surname, those of most documents first.
    surnames SURNAMES: Surname => ();
    /// `Operation`.
    operations OPERATIONS: u64 => &'static [u8];
}

/// The key of a sighting.
pub(super) fn sighting<'k>(
    generation: Generation,
    entity: &'k str,
    seen: Timestamp,
    document: &'k str,
) -> (Generation, &'k str, i64, u32, &'k str) {
    (generation, entity, !seen.seconds, !seen.nanos, document)
}
