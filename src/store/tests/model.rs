//! Random writes against a model that keeps nothing but the living documents and counts everything anew: what the
//! store adds up write by write must equal that, after every batch and after purging.

use super::faults::Disk;
use super::*;
use crate::domain::entity::CollectionEntity;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
enum Step {
    Put { collection: usize, document: usize, sketch: Sketch },
    DeleteDocument { collection: usize, document: usize },
    CreateCollection(usize),
    DeleteCollection(usize),
    Purge(usize),
    Reopen,
}

const COLLECTIONS: [&str; 3] = ["default", "news", "sport"];
const NAMES: [&str; 8] =
    ["Ann Lee", "Dr. Ann Lee", "Bob Lee", "Lee", "Ms. Lee", "Cy Fox", "Fox", "Alexander Van der Bellen"];
const ROLES: [&str; 3] = ["mayor", "spokesperson", "judge"];

fn figures() -> impl Strategy<Value = Figure> {
    let entity_type = prop_oneof![
        6 => Just(EntityType::Person),
        1 => Just(EntityType::Organization),
        1 => Just(EntityType::Date),
    ];
    let roles = prop::sample::subsequence(ROLES.to_vec(), 0..3);
    (entity_type, prop::sample::select(NAMES.to_vec()), roles, 0..3usize)
        .prop_map(|(entity_type, name, roles, quotes)| Figure { entity_type, ..person(name, &roles, quotes) })
}

fn steps() -> impl Strategy<Value = Step> {
    let sketch = (prop::collection::vec(figures(), 0..4), prop::option::of(-3..3i64))
        .prop_map(|(figures, published)| Sketch { published_at: published.map(at), ..Sketch::of(&figures) });
    prop_oneof![
        12 => (0..3usize, 0..5usize, sketch)
            .prop_map(|(collection, document, sketch)| Step::Put { collection, document, sketch }),
        4 => (0..3usize, 0..5usize)
            .prop_map(|(collection, document)| Step::DeleteDocument { collection, document }),
        2 => (0..3usize).prop_map(Step::CreateCollection),
        1 => (0..3usize).prop_map(Step::DeleteCollection),
        1 => (1..30usize).prop_map(Step::Purge),
        1 => Just(Step::Reopen),
    ]
}

/// The living documents of the living collections, each with the time it is seen under.
#[derive(Default)]
struct Model {
    collections: BTreeMap<CollectionId, BTreeMap<DocumentId, (Sketch, Timestamp)>>,
}

impl Model {
    fn apply(&mut self, write: &Write, sketch: Option<&Sketch>, now: Timestamp) {
        match write {
            Write::PutDocument { document, .. } => {
                let (Some(documents), Some(sketch)) =
                    (self.collections.get_mut(&document.name.collection), sketch)
                else {
                    return;
                };
                let id = document.name.document.clone();
                if documents.get(&id).is_none_or(|(known, _)| !same_content(known, sketch, &document.name)) {
                    documents.insert(id, (sketch.clone(), sketch.published_at.unwrap_or(now)));
                }
            }
            Write::DeleteDocument(name) => {
                self.collections.get_mut(&name.collection).map(|documents| documents.remove(&name.document));
            }
            Write::CreateCollection(id) => drop(self.collections.entry(id.clone()).or_default()),
            Write::DeleteCollection(id) if *id == CollectionId::default_collection() => {}
            Write::DeleteCollection(id) => drop(self.collections.remove(id)),
        }
    }

    /// Counts the entities of a collection from nothing.
    fn entities(&self, id: &CollectionId) -> BTreeMap<String, Expected> {
        let mut entities = BTreeMap::<String, Expected>::new();
        for (document, (sketch, seen)) in &self.collections[id] {
            let mut here = BTreeSet::new();
            for figure in sketch.figures.iter().filter(|figure| figure.entity_type.is_nameable()) {
                let folded = crate::folding::names::fold(&figure.name);
                let key = format!("{} {folded}", figure.entity_type.as_str());
                let entity = entities.entry(key.clone()).or_insert_with(|| Expected {
                    surname: (figure.entity_type == EntityType::Person)
                        .then(|| crate::folding::names::surname_of(&figure.name))
                        .flatten(),
                    ..Expected::default()
                });
                entity.quotes += figure.quotes as u64;
                entity.documents.insert((*seen, document.clone()));
                here.insert((key.clone(), figure.name.clone(), true));
                here.extend(figure.roles.iter().map(|role| (key.clone(), role.clone(), false)));
            }
            for (key, form, is_name) in here {
                let entity = entities.entry(key).or_default();
                let tally = if is_name { &mut entity.aliases } else { &mut entity.roles };
                *tally.entry(form).or_default() += 1;
            }
        }
        entities
    }
}

fn same_content(one: &Sketch, other: &Sketch, name: &DocumentName) -> bool {
    content_hash(&one.document(name).0) == content_hash(&other.document(name).0)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Expected {
    surname: Option<String>,
    quotes: u64,
    documents: BTreeSet<(Timestamp, DocumentId)>,
    aliases: BTreeMap<String, u64>,
    roles: BTreeMap<String, u64>,
}

/// The key of the full name that `surname` should be taken for.
fn expected_inference<'m>(entities: &'m BTreeMap<String, Expected>, surname: &str) -> Option<&'m String> {
    let mut full: Vec<_> = entities
        .iter()
        .filter(|(_, entity)| entity.surname.as_deref() == Some(surname))
        .map(|(key, entity)| (entity.documents.len(), key))
        .collect();
    full.sort();
    match full.as_slice() {
        [] => None,
        [(_, key)] => Some(key),
        [.., (second, _), (first, key)] => (*first >= 5 * second).then_some(*key),
    }
}

fn check_collection(store: &Store, model: &Model, id: &CollectionId) {
    let documents = &model.collections[id];
    let expected = model.entities(id);
    let info = store.collection(id).unwrap().unwrap();
    assert_eq!(info.documents, documents.len() as u64);
    let quotes: usize = documents.values().flat_map(|(s, _)| &s.figures).map(|figure| figure.quotes).sum();
    assert_eq!(info.quotes, quotes as u64);
    assert_eq!(info.entities, expected.len() as u64);
    let stored = store.documents(id, None, 100).unwrap();
    assert!(stored.iter().map(|stored| &stored.document.name.document).eq(documents.keys()));
    for document in &stored {
        let (sketch, _) = &documents[&document.document.name.document];
        assert_eq!(document.document, sketch.document(&document.document.name).0);
    }
    let keyed: BTreeMap<String, CollectionEntity> = entities(store, id);
    assert!(keyed.keys().eq(expected.keys()), "{:?} {:?}", keyed.keys(), expected.keys());
    for (key, entity) in &keyed {
        let expected_entity = &expected[key];
        assert_eq!(entity.documents, expected_entity.documents.len() as u64, "{key}");
        assert_eq!(entity.quotes, expected_entity.quotes, "{key}");
        let tally = |forms: &[crate::domain::entity::Alias]| -> BTreeMap<String, u64> {
            forms.iter().map(|form| (form.text.clone(), form.documents)).collect()
        };
        assert_eq!(tally(&entity.aliases), expected_entity.aliases, "{key}");
        assert_eq!(tally(&entity.roles), expected_entity.roles, "{key}");
        let listed = store.entity_documents(&entity.name, None, 100).unwrap();
        let listed = listed.into_iter().map(|document| (document.seen, document.document));
        assert!(listed.eq(expected_entity.documents.iter().rev().cloned()), "{key}");
        assert_eq!(entity.first_seen, expected_entity.documents.first().map(|(seen, _)| *seen));
        assert_eq!(entity.last_seen, expected_entity.documents.last().map(|(seen, _)| *seen));
        let inferred = key
            .strip_prefix("PERSON ")
            .filter(|_| expected_entity.surname.is_none())
            .and_then(|surname| expected_inference(&expected, surname));
        assert_eq!(entity.inferred_as.as_ref(), inferred.map(|key| &keyed[key].name.entity), "{key}");
    }
}

/// Every entity of the collection that a name leads to, by type and folded name.
fn entities(store: &Store, id: &CollectionId) -> BTreeMap<String, CollectionEntity> {
    let found = NAMES.iter().flat_map(|name| store.entities_named(id, name).unwrap());
    found
        .map(|entity| store.entity(&EntityName { collection: id.clone(), entity }).unwrap().unwrap())
        .map(|entity| {
            let folded = crate::folding::names::fold(&entity.display_name);
            (format!("{} {folded}", entity.entity_type.as_str()), entity)
        })
        .collect()
}

/// A follower who reads the present state of what the changes name ends where the model is.
fn check_changes(store: &Store, model: &Model, after: Seq, known: &mut BTreeSet<DocumentName>) {
    for change in store.changes(after, 1000).unwrap() {
        match change.kind {
            ChangeKind::DocumentPut(name) | ChangeKind::DocumentDeleted(name) => {
                match store.document(&name).unwrap() {
                    Some(_) => known.insert(name),
                    None => known.remove(&name),
                };
            }
            ChangeKind::CollectionCreated(_) => {}
            ChangeKind::CollectionDeleted(id) => {
                known.retain(|name| name.collection != id || store.document(name).unwrap().is_some());
            }
        }
    }
    let living = model.collections.iter().flat_map(|(collection, documents)| {
        documents
            .keys()
            .map(|document| DocumentName { collection: collection.clone(), document: document.clone() })
    });
    assert_eq!(*known, living.collect());
}

/// A follower of entities, who drops a collection's with the collection, ends with exactly those that are there.
fn check_touched(store: &Store, model: &Model, after: Seq, known: &mut BTreeSet<EntityName>) {
    for change in store.changes(after, 1000).unwrap() {
        if let ChangeKind::CollectionDeleted(id) = change.kind {
            known.retain(|name| name.collection != id);
        }
    }
    for name in store.entities_touched(after, store.last_seq().unwrap()).unwrap() {
        match store.entity(&name).unwrap() {
            Some(_) => known.insert(name),
            None => known.remove(&name),
        };
    }
    let living = model.collections.keys().flat_map(|id| entities(store, id).into_values());
    assert_eq!(*known, living.map(|entity| entity.name).collect());
}

fn write_of(step: &Step) -> Option<(Write, Option<&Sketch>)> {
    let name = |c: usize, d: usize| document_name(COLLECTIONS[c], &format!("d{d}"));
    Some(match step {
        Step::Put { collection, document, sketch } => {
            (sketch.put(&name(*collection, *document)), Some(sketch))
        }
        Step::DeleteDocument { collection, document } => {
            (Write::DeleteDocument(name(*collection, *document)), None)
        }
        Step::CreateCollection(n) => (Write::CreateCollection(collection(COLLECTIONS[*n])), None),
        Step::DeleteCollection(n) => (Write::DeleteCollection(collection(COLLECTIONS[*n])), None),
        Step::Purge(_) | Step::Reopen => return None,
    })
}

fn run(batches: Vec<Vec<Step>>) {
    let disk = Disk::with(Vec::new(), usize::MAX);
    let mut store = disk.open().unwrap();
    let mut model = Model::default();
    model.collections.insert(CollectionId::default_collection(), BTreeMap::new());
    let (mut documents, mut touched) = (BTreeSet::new(), BTreeSet::new());
    let (mut from_start, mut followed) = (0, 0);
    for (clock, batch) in batches.into_iter().enumerate() {
        let now = at(clock as i64 + 10);
        let mut writes = Vec::new();
        for step in &batch {
            match (step, write_of(step)) {
                (_, Some((write, sketch))) => {
                    model.apply(&write, sketch, now);
                    writes.push(write);
                }
                (Step::Purge(limit), None) => drop(store.purge_step(*limit).unwrap()),
                (_, None) => {
                    drop(store);
                    store = disk.open().unwrap();
                }
            }
        }
        store.apply(writes, now).unwrap();
        for id in model.collections.keys() {
            check_collection(&store, &model, id);
        }
        check_changes(&store, &model, followed, &mut documents);
        check_touched(&store, &model, followed, &mut touched);
        followed = store.last_seq().unwrap();
        from_start = from_start.max(followed);
    }
    while store.purge_step(50).unwrap() {}
    assert_eq!(followed, from_start);
    for id in model.collections.keys() {
        check_collection(&store, &model, id);
    }
    check_changes(&store, &model, 0, &mut BTreeSet::new());
    check_touched(&store, &model, 0, &mut BTreeSet::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_writes_ends_where_counting_anew_would(
        batches in prop::collection::vec(prop::collection::vec(steps(), 1..6), 1..12)
    ) {
        run(batches);
    }
}
