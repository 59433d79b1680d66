//! What the store keeps is bounded by what is there, not by what was once there or by how often something was said.

use super::super::record::decode;
use super::super::rows::EntityRow;
use super::super::tables::Snapshot;
use super::*;
use crate::domain::entity::{Alias, FormKind, MOST_FORMS};
use crate::ports::FormPlace;
use redb::ReadableTableMetadata;

/// Rows that tell followers of what is gone: removals, their places, traces of entities.
fn traces(store: &Core) -> u64 {
    let count = |snapshot: &Snapshot| {
        let living = |row: &[u8]| decode::<EntityRow>(row).map(|row| row.counts.documents > 0);
        let mut gone = 0;
        for entry in redb::ReadableTable::iter(&snapshot.entities)? {
            gone += u64::from(!living(entry?.1.value())?);
        }
        let (removals, removed) = (snapshot.removals.len()?, snapshot.removed.len()?);
        Ok(removals + removed + snapshot.fallen.len()? + snapshot.faded.len()? + gone)
    };
    store.read(count).unwrap()
}

fn tidy(store: &Core, followed: Seq) {
    while store.tidy(followed).unwrap() {}
}

#[test]
fn deleted_documents_leave_nothing_once_every_follower_knows() {
    let store = Fixture::new();
    for round in 0..100 {
        let names: Vec<_> = (0..10).map(|n| document_name("default", &format!("d{round}-{n}"))).collect();
        let put =
            |name: &DocumentName| Sketch::of(&[person(&format!("Ann {}", name.document), &[], 1)]).put(name);
        store.apply(&names.iter().map(put).collect::<Vec<_>>(), at(round)).unwrap();
        store.apply(&names.iter().map(delete).collect::<Vec<_>>(), at(round)).unwrap();
    }
    store.put(Sketch::of(&[person("Ann Lee", &[], 1)]).put(&document_name("default", "z")), 999).unwrap();
    let last = store.last_seq();
    assert_eq!(store.follow(0).len(), 1_001, "a follower that knows nothing yet is told of each");
    assert!(traces(&store) > 2_000 && store.touched(0).len() > 1_000);
    // Half of the way nothing is forgotten that somebody has not seen.
    tidy(&store, last / 2);
    assert!(store.floor() <= last / 2 && store.floor() > last / 2 - 20);
    assert_eq!(store.follow(last / 2).len(), 501);
    tidy(&store, last);
    assert_eq!((store.follow(0).len(), store.touched(0).len(), traces(&store)), (1, 1, 0));
    assert!(!store.tidy(last).unwrap(), "there is nothing more to do");
    assert_eq!(store.last_seq(), last, "tidying is no change");
}

#[test]
fn a_document_that_comes_back_has_one_entry_and_one_that_goes_again_has_one() {
    let store = Fixture::new();
    let name = document_name("default", "d");
    for n in 0..50 {
        store.put(Sketch::of(&[person("Ann Lee", &[], n % 3)]).put(&name), n as i64).unwrap();
        store.put(delete(&name), n as i64).unwrap();
        assert_eq!(store.follow(0).len(), 1);
    }
    store.put(Sketch::of(&[person("Ann Lee", &[], 1)]).put(&name), 99).unwrap();
    assert!(matches!(store.follow(0).as_slice(), [Change::Put(_)]));
    assert_eq!(traces(&store), 0);
}

#[test]
fn a_deleted_collection_is_cleared_away_step_by_step() {
    let store = Fixture::new();
    let rows = |store: &Core| {
        let count = |snapshot: &Snapshot| {
            let documents = snapshot.heads.len()? + snapshot.previous.len()? + snapshot.texts.len()?;
            let entities = snapshot.entities.len()? + snapshot.forms.len()? + snapshot.sightings.len()?;
            Ok(documents
                + entities
                + snapshot.contributions.len()?
                + snapshot.puts.len()?
                + snapshot.namings.len()?)
        };
        store.read(count).unwrap()
    };
    let before = rows(&store);
    for round in 0..3 {
        store.put(Write::CreateCollection(collection("c")), 1).unwrap();
        let put = |n| {
            Sketch::of(&[person(&format!("Ann {n}"), &["mayor"], 1)])
                .put(&document_name("c", &format!("d{n}")))
        };
        store.apply(&(0..300).map(put).collect::<Vec<_>>(), at(1)).unwrap();
        store.put(Write::DeleteCollection(collection("c")), 2).unwrap();
        assert!(rows(&store) > before + 2_000, "round {round}");
        let mut steps = 0;
        while store.tidy(store.last_seq()).unwrap() {
            steps += 1;
        }
        assert!(steps > 1, "a step is bounded");
        assert_eq!((rows(&store), traces(&store)), (before, 0), "round {round}");
    }
}

#[test]
fn an_entitys_row_does_not_grow_with_its_forms_and_all_of_them_are_listed_by_pages() {
    let store = Fixture::new();
    let (groups, size) = (40, 25);
    let mut bytes = Vec::new();
    let mut name = None;
    for group in 0..groups {
        let put = |n: usize| {
            let role = format!("keeper of lighthouse number {group} {n}");
            Sketch::of(&[person("Ann Lee", &[&role, "keeper"], 1)])
                .put(&document_name("default", &format!("d{group}-{n}")))
        };
        store.apply(&(0..size).map(put).collect::<Vec<_>>(), at(group as i64)).unwrap();
        let entity = only_entity(&store, "default", "Ann Lee");
        let row = |snapshot: &Snapshot| {
            Ok(snapshot.entities.get((1, entity.name.entity.as_str()))?.unwrap().value().len())
        };
        bytes.push(store.read(row).unwrap());
        name = Some(entity.name);
    }
    assert!(bytes[groups - 1] <= bytes[0] + 16, "{bytes:?}");
    let name = name.unwrap();
    let entity = store.entity(&name).unwrap();
    assert_eq!((entity.roles.len(), entity.role_count), (MOST_FORMS, 1_001));
    assert_eq!(entity.roles[0], Alias { text: "keeper".into(), documents: 1_000 });
    let mut listed: Vec<Alias> = Vec::new();
    loop {
        let place =
            listed.last().map(|form| FormPlace { documents: form.documents, text: form.text.clone() });
        let page = store.read(|snapshot| snapshot.forms(&name, FormKind::Role, place.as_ref(), 60)).unwrap();
        assert!(page.len() <= 60);
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    let distinct: std::collections::BTreeSet<_> = listed.iter().map(|form| &form.text).collect();
    assert_eq!((listed.len(), distinct.len()), (1_001, 1_001));
}
