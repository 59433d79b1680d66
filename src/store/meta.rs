//! Facts about the store as a whole: the format of its tables, who it is, and the counters. [`prepare`] is the door: it makes a
//! new store, migrates an old one and refuses one from the future.

use super::error::Fault;
use super::migrate::{self, Migration};
use super::tables::{Generation, META, Tables};
use crate::domain::document::{Seq, StoreId};
use redb::{ReadableTable, Table, WriteTransaction};

/// The format of tables and rows that this program writes.
pub(super) const FORMAT: u32 = 2;

const KEY_FORMAT: &str = "format";
const KEY_ID: &str = "id";
const KEY_SECRET: &str = "secret";
const KEY_SEQ: &str = "last_seq";
const KEY_GENERATION: &str = "last_generation";
const KEY_FLOOR: &str = "floor";
const KEY_OPERATION: &str = "last_operation";

/// Who the store is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct StoreFacts {
    pub(super) id: StoreId,
    pub(super) secret: [u8; 32],
}

/// Numbers that only rise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counters {
    /// The last change; 0 before the first.
    pub(super) seq: Seq,
    /// The last collection's number.
    pub(super) generation: Generation,
    /// Removals before it may be forgotten.
    pub(super) floor: Seq,
    /// The last operation's number.
    pub(super) operation: u64,
}

/// Brings the database to the present format and reads its facts, within the caller's transaction.
pub(super) fn prepare(transaction: &WriteTransaction) -> Result<StoreFacts, Fault> {
    upgrade(transaction, FORMAT, migrate::STEPS)?;
    // Opening all tables makes those that are missing, so that readers find every one.
    facts(&mut Tables::open(transaction)?.meta)
}

/// The facts of a store that is of the present format, without changing anything.
pub(super) fn present(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<StoreFacts, Fault> {
    let missing = |what| Fault::Corrupt(format!("it has no {what}"));
    let found = u32::from_le_bytes(get(meta, KEY_FORMAT)?.ok_or_else(|| missing("format"))?);
    if found > FORMAT {
        return Err(Fault::Version { found, supported: FORMAT });
    }
    if found < FORMAT {
        return Err(Fault::Older { found, present: FORMAT });
    }
    let secret = get(meta, KEY_SECRET)?.ok_or_else(|| missing("secret"))?;
    Ok(StoreFacts { id: get(meta, KEY_ID)?.ok_or_else(|| missing("id"))?, secret })
}

/// Runs the migrations that lie between the stored format and `newest`, within the caller's transaction: either
/// all of them are done or none.
fn upgrade(transaction: &WriteTransaction, newest: u32, migrations: &[Migration]) -> Result<(), Fault> {
    let oldest = newest - migrations.len() as u32;
    let stored = get(&transaction.open_table(META)?, KEY_FORMAT)?.map(u32::from_le_bytes);
    let found = stored.unwrap_or(newest);
    if found > newest {
        return Err(Fault::Version { found, supported: newest });
    }
    let Some(done) = found.checked_sub(oldest) else {
        return Err(Fault::Corrupt(format!("its format {found} is older than the first, {oldest}")));
    };
    for migrate in &migrations[done as usize..] {
        migrate(transaction)?;
    }
    transaction.open_table(META)?.insert(KEY_FORMAT, newest.to_le_bytes().as_slice())?;
    Ok(())
}

/// Reads who the store is; decides it where nobody has.
fn facts(meta: &mut Table<'_, &'static str, &'static [u8]>) -> Result<StoreFacts, Fault> {
    let secret = match get(meta, KEY_SECRET)? {
        Some(secret) => secret,
        None => put(meta, KEY_SECRET, random::<32>()?)?,
    };
    let id = match get(meta, KEY_ID)? {
        Some(id) => id,
        None => put(meta, KEY_ID, random::<16>()?)?,
    };
    Ok(StoreFacts { id, secret })
}

impl Counters {
    /// Reads them.
    pub(super) fn read(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<Self, Fault> {
        let number = |key| Ok::<_, Fault>(get(meta, key)?.map_or(0, u64::from_le_bytes));
        Ok(Self {
            seq: number(KEY_SEQ)?,
            generation: number(KEY_GENERATION)?,
            floor: number(KEY_FLOOR)?,
            operation: number(KEY_OPERATION)?,
        })
    }

    /// Writes them.
    pub(super) fn write(self, meta: &mut Table<'_, &'static str, &'static [u8]>) -> Result<(), Fault> {
        let Self { seq, generation, floor, operation } = self;
        for (key, number) in
            [(KEY_SEQ, seq), (KEY_GENERATION, generation), (KEY_FLOOR, floor), (KEY_OPERATION, operation)]
        {
            put(meta, key, number.to_le_bytes())?;
        }
        Ok(())
    }
}

fn get<const N: usize>(
    meta: &impl ReadableTable<&'static str, &'static [u8]>,
    key: &str,
) -> Result<Option<[u8; N]>, Fault> {
    let Some(value) = meta.get(key)? else { return Ok(None) };
    let bytes = value.value().try_into();
    bytes.map(Some).map_err(|_| Fault::Corrupt(format!("the fact {key:?} does not have {N} bytes")))
}

fn put<const N: usize>(
    meta: &mut Table<'_, &'static str, &'static [u8]>,
    key: &str,
    value: [u8; N],
) -> Result<[u8; N], Fault> {
    meta.insert(key, value.as_slice())?;
    Ok(value)
}

/// Bytes that nobody can guess.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| redb::Error::Io(std::io::Error::other(error)))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use redb::Database;
    use redb::backends::InMemoryBackend;

    fn database_of_format(format: u32) -> Database {
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let transaction = database.begin_write().unwrap();
        put(&mut transaction.open_table(META).unwrap(), KEY_FORMAT, format.to_le_bytes()).unwrap();
        transaction.commit().unwrap();
        database
    }

    fn format_of(database: &Database) -> u32 {
        let transaction = database.begin_write().unwrap();
        let format = get(&transaction.open_table(META).unwrap(), KEY_FORMAT).unwrap();
        u32::from_le_bytes(format.unwrap())
    }

    /// Appends its name to a fact of the store, so that the test sees which steps ran and in which order.
    fn step<const NAME: char>(transaction: &WriteTransaction) -> Result<(), Fault> {
        let mut meta = transaction.open_table(META)?;
        let mut log = meta.get("log")?.map(|log| log.value().to_vec()).unwrap_or_default();
        log.push(NAME as u8);
        meta.insert("log", log.as_slice())?;
        Ok(())
    }

    #[test]
    fn an_older_format_takes_every_step_that_it_lacks() {
        for (format, expected) in [(1, Some("ab")), (2, Some("b")), (3, None)] {
            let database = database_of_format(format);
            let transaction = database.begin_write().unwrap();
            upgrade(&transaction, 3, &[step::<'a'>, step::<'b'>]).unwrap();
            let log =
                transaction.open_table(META).unwrap().get("log").unwrap().map(|log| log.value().to_vec());
            assert_eq!(log.as_deref(), expected.map(str::as_bytes));
            transaction.commit().unwrap();
            assert_eq!(format_of(&database), 3);
        }
    }

    #[test]
    fn a_failed_step_leaves_the_older_format() {
        let fail: Migration = |_| Err(Fault::Corrupt("as the test wants".into()));
        let database = database_of_format(1);
        let transaction = database.begin_write().unwrap();
        assert!(upgrade(&transaction, 3, &[step::<'a'>, fail]).is_err());
        drop(transaction);
        assert_eq!(format_of(&database), 1);
    }

    #[test]
    fn formats_of_other_times_are_refused() {
        let prepared = |format| prepare(&database_of_format(format).begin_write().unwrap()).map(drop);
        assert!(
            matches!(prepared(FORMAT + 1), Err(Fault::Version { found, supported }) if (found, supported) == (FORMAT + 1, FORMAT))
        );
        assert!(matches!(prepared(0), Err(Fault::Corrupt(_))));
    }
}
