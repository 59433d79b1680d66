//! The tables, their keys and what they hold. Everything inside a collection is keyed by the collection's
//! *generation*, a number that is never used again: deleting a collection forgets the number, which hides all its
//! rows at once, and a new collection of the same name starts from nothing. Rows are in [`super::record`].

use redb::{Key, ReadOnlyTable, ReadTransaction, Table, TableDefinition, Value, WriteTransaction};

/// A collection's number. Never reused.
pub(super) type Generation = u64;

/// A document or an entity of a collection.
type Member = (Generation, &'static str);
/// Entity, then when its document was seen (seconds, nanoseconds), then the document.
type Sighting = (Generation, &'static str, i64, u32, &'static str);
/// A folded name or surname, then the entity.
type Naming = (Generation, &'static str, &'static str);

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
            pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, redb::TableError> {
                Ok(Self { $($field: transaction.open_table($constant)?,)* })
            }
        }
    };
}

tables! {
    /// Facts about the store as a whole; see [`super::meta`].
    meta META: &'static str => &'static [u8];
    /// Living collections by id: `CollectionRow`.
    collections COLLECTIONS: &'static str => &'static [u8];
    /// Deleted collections whose rows are not all gone.
    doomed DOOMED: Generation => ();
    /// `HeadRow`: what is current, without its text.
    heads HEADS: Member => &'static [u8];
    /// `TextRow`: the document as sent.
    texts TEXTS: Member => &'static [u8];
    /// `AnalysisRow`.
    analyses ANALYSES: Member => &'static [u8];
    /// `RevisionRow` of every revision, the current one among them.
    revisions REVISIONS: (Generation, &'static str, u32) => &'static [u8];
    /// `ContributionRow`: what each document adds to the collection's entities.
    contributions CONTRIBUTIONS: Member => &'static [u8];
    /// `ChangeKind` by position. One row for each living document: a later change takes an earlier one's place.
    changes CHANGES: u64 => &'static [u8];
    /// `EntityRow`.
    entities ENTITIES: Member => &'static [u8];
    /// Which entities the change at a position touched last, with the collection's id.
    touched TOUCHED: (u64, Generation, &'static str) => &'static str;
    /// Which documents mention an entity, by time.
    sightings SIGHTINGS: Sighting => ();
    /// Which entities go by a folded name.
    namings NAMINGS: Naming => ();
    /// Persons with a full name, by surname, with the number of their documents.
    surnames SURNAMES: Naming => u64;
}

/// The tables as they stood at one moment.
pub(super) struct Snapshot(pub(super) ReadTransaction);

impl Snapshot {
    /// One of the tables above.
    pub(super) fn open<K: Key, V: Value>(
        &self,
        table: TableDefinition<'_, K, V>,
    ) -> Result<ReadOnlyTable<K, V>, redb::TableError> {
        self.0.open_table(table)
    }
}
