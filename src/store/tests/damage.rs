//! Rows that cannot be read: they harm whoever needs them and nobody else.

use super::super::tables;
use super::*;
use redb::TableDefinition;

type Rows = TableDefinition<'static, tables::Member, &'static [u8]>;

const GARBAGE: &[u8] = &[2, 0xff, 0xff, 0xff];

/// A store with the documents a, b and c, each about another person, of which the rows that `spoil` gets are damaged.
fn damaged(spoil: impl FnOnce(&redb::WriteTransaction)) -> Fixture {
    let store = Fixture::new();
    let puts: Vec<Write> =
        [("a", "Ann Lee"), ("b", "Ben Orr"), ("c", "Cy Fox")].map(|(id, who)| put(id, who, 1)).into();
    assert!(store.apply(&puts, at(1)).unwrap().iter().all(Result::is_ok));
    let Fixture { core, dir } = store;
    drop(core);
    let database = redb::Database::open(dir.path().join(FILE)).unwrap();
    let transaction = database.begin_write().unwrap();
    spoil(&transaction);
    transaction.commit().unwrap();
    drop(database);
    Fixture::at(dir)
}

fn put(id: &str, who: &str, quotes: usize) -> Write {
    Sketch::of(&[person(who, &[], quotes)]).put(&document_name("default", id))
}

fn row(table: Rows, key: &'static str) -> impl FnOnce(&redb::WriteTransaction) {
    move |transaction| drop(transaction.open_table(table).unwrap().insert((1, key), GARBAGE).unwrap())
}

fn entity_id(name: &str) -> EntityId {
    super::super::entities::entity_id(EntityType::Person, name, None)
}

#[test]
fn a_damaged_row_refuses_the_write_that_needs_it_and_no_other_of_its_group() {
    let ben: &'static str = entity_id("ben orr").as_str().to_owned().leak();
    for (table, key) in
        [(tables::HEADS, "b"), (tables::CONTRIBUTIONS, "b"), (tables::GONE, "b"), (tables::ENTITIES, ben)]
    {
        let store = damaged(row(table, key));
        let group = [
            put("a", "Ann Lee", 2),
            put("b", "Ben Orr", 2),
            put("d", "Dee Poe", 1),
            delete(&document_name("default", "c")),
        ];
        let outcomes: Vec<_> =
            store.apply(&group, at(2)).unwrap().into_iter().map(|outcome| outcome.map(drop)).collect();
        assert_eq!(outcomes, [Ok(()), Err(Refusal::Damaged), Ok(()), Ok(())], "{key} in {table}");
        assert_eq!(store.document(&document_name("default", "a")).unwrap().info.revision, 2);
        assert_eq!(only_entity(&store, "default", "Dee Poe").documents, 1);
        // The refused write has left nothing behind: what the others did is whole after a restart, too.
        let store = store.reopen();
        assert_eq!(store.put(put("a", "Ann Lee", 3), 3).map(drop), Ok(()));
        assert_eq!(only_entity(&store, "default", "Ann Lee").quotes, 3);
    }
}

#[test]
fn a_document_that_cannot_be_read_keeps_no_follower_from_the_others() {
    let spoil = |transaction: &redb::WriteTransaction| {
        let mut texts = transaction.open_table(tables::TEXTS).unwrap();
        texts.retain(|(_, id, ..), _| id != "b").unwrap();
        texts.insert((1, "b", 3, 0), GARBAGE).unwrap();
    };
    let store = damaged(spoil);
    let told: Vec<String> = store
        .follow(0)
        .into_iter()
        .map(|change| match change {
            Change::Put(document) => format!("put {}", document.info.name.document),
            Change::Gone(name) => format!("gone {}", name.document),
            Change::CollectionGone(id) => format!("gone {id}"),
        })
        .collect();
    assert_eq!(told, ["put a", "gone b", "put c"]);
    let read = store.read(|snapshot| snapshot.document(&document_name("default", "b"), None));
    assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
}

#[test]
fn the_damaged_row_of_a_namesake_does_not_fail_a_group() {
    // What "Lee" means depends on every Lee, whose rows are read when the group is written.
    let ann: &'static str = entity_id("ann lee").as_str().to_owned().leak();
    let store = damaged(row(tables::ENTITIES, ann));
    let group = [put("d", "Dan Lee", 1), put("e", "Lee", 1)];
    assert!(store.apply(&group, at(2)).unwrap().iter().all(Result::is_ok));
    assert_eq!(only_entity(&store, "default", "Dan Lee").documents, 1);
}
