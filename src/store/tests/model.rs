//! Random writes against a model that keeps nothing but the living documents and counts everything anew: what the
//! store adds up write by write must equal that, after every batch and after tidying.

mod checks;

use super::*;
use crate::domain::document::IngestOutcome;
use crate::folding::names;
use crate::ports::{basis_hash, content_hash};
use checks::{check_analyzers, check_documents, check_entities, entities};
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
enum Step {
    Put { collection: usize, document: usize, sketch: Sketch, analysed: bool, expected: Option<u32> },
    Retitle { collection: usize, document: usize, title: u8 },
    Reanalyze { collection: usize, document: usize, overlooked: usize, revision: Option<u32> },
    Delete { collection: usize, document: usize, expected: Option<u32> },
    CreateCollection(usize),
    DeleteCollection(usize),
    Tidy,
    Reopen,
}

const COLLECTIONS: [&str; 3] = ["default", "news", "sport"];
const NAMES: [&str; 9] = [
    "Ann Lee",
    "Dr. Ann Lee",
    "Bob Lee",
    "Lee",
    "Ms. Lee",
    "Cy Fox",
    "Fox",
    "Alexander Van der Bellen",
    "Van der Bellen",
];
const ROLES: [&str; 3] = ["mayor", "spokesperson", "judge"];

fn figures() -> impl Strategy<Value = Figure> {
    let entity_type = prop_oneof![
        6 => Just(EntityType::Person),
        1 => Just(EntityType::Organization),
        1 => Just(EntityType::Date),
    ];
    let roles = prop::sample::subsequence(ROLES.to_vec(), 0..3);
    (entity_type, prop::sample::select(NAMES.to_vec()), roles, 0..4usize)
        .prop_map(|(entity_type, name, roles, quotes)| Figure { entity_type, ..person(name, &roles, quotes) })
}

fn steps() -> impl Strategy<Value = Step> {
    let sketch = (prop::collection::vec(figures(), 0..4), prop::option::of(-3..3i64), 0..2usize).prop_map(
        |(figures, published, overlooked)| Sketch {
            published_at: published.map(at),
            overlooked,
            ..Sketch::of(&figures)
        },
    );
    let place = || (0..3usize, 0..5usize);
    let expected = || prop_oneof![4 => Just(None), 1 => (0..4u32).prop_map(Some)];
    prop_oneof![
        12 => (place(), sketch, prop::bool::weighted(0.9), expected()).prop_map(
            |((collection, document), sketch, analysed, expected)| Step::Put { collection, document, sketch, analysed, expected }
        ),
        4 => (place(), 0..3u8).prop_map(|((collection, document), title)| Step::Retitle { collection, document, title }),
        4 => (place(), 0..3usize, expected()).prop_map(|((collection, document), overlooked, revision)| Step::Reanalyze { collection, document, overlooked, revision }),
        4 => (place(), expected()).prop_map(|((collection, document), expected)| Step::Delete { collection, document, expected }),
        2 => (0..3usize).prop_map(Step::CreateCollection),
        1 => (0..3usize).prop_map(Step::DeleteCollection),
        2 => Just(Step::Tidy),
        1 => Just(Step::Reopen),
    ]
}

/// A living document as the model remembers it.
#[derive(Debug, Clone)]
struct Living {
    sketch: Sketch,
    created: Timestamp,
    seen: Timestamp,
    revision: u32,
    previous: Option<Sketch>,
    gone: BTreeMap<String, u32>,
}

/// The living documents of the living collections.
#[derive(Default)]
struct Model {
    collections: BTreeMap<CollectionId, BTreeMap<DocumentId, Living>>,
}

fn quote_ids(sketch: &Sketch, name: &DocumentName) -> BTreeSet<String> {
    sketch.document(name).1.quotes.into_iter().map(|quote| quote.id).collect()
}

fn basis(sketch: &Sketch, name: &DocumentName) -> [u8; 32] {
    let (document, _) = sketch.document(name);
    basis_hash(&document.text, document.published_at, None)
}

/// What a write should be answered.
type Verdict = Result<Option<(IngestOutcome, u32)>, Refusal>;

impl Model {
    /// Does a step; the write that asks the store for the same, and what it should answer.
    fn step(&mut self, step: &Step, now: Timestamp) -> Option<(Write, Verdict)> {
        let name = |c: usize, d: usize| document_name(COLLECTIONS[c], &format!("d{d}"));
        Some(match step {
            Step::Put { collection, document, sketch, analysed, expected } => {
                let name = name(*collection, *document);
                let (document, analysis) = sketch.document(&name);
                let analysis = analysed.then(|| Box::new(analysis));
                let write = Write::Put { document: Box::new(document), analysis, expected: *expected };
                (write, self.put(&name, sketch, *analysed, *expected, now).map(Some))
            }
            Step::Retitle { collection, document, title } => {
                let name = name(*collection, *document);
                let current = self.collections.get(&name.collection).and_then(|all| all.get(&name.document));
                let sketch = current.map_or_else(|| Sketch::of(&[]), |living| living.sketch.clone());
                let sketch = Sketch { title: Some(title.to_string()), ..sketch };
                (sketch.put_meta(&name), self.put(&name, &sketch, false, None, now).map(Some))
            }
            Step::Reanalyze { collection, document, overlooked, revision } => {
                let name = name(*collection, *document);
                let current =
                    self.collections.get_mut(&name.collection).and_then(|all| all.get_mut(&name.document));
                let living = current?;
                let revision = revision.unwrap_or(living.revision);
                let sketch = Sketch { overlooked: *overlooked, ..living.sketch.clone() };
                let write = sketch.reanalyze(&name, revision);
                if revision != living.revision {
                    return Some((write, Err(Refusal::OtherRevision { current: living.revision })));
                }
                living.note_gone(&sketch, &name);
                living.sketch = sketch;
                (write, Ok(None))
            }
            Step::Delete { collection, document, expected } => {
                let name = name(*collection, *document);
                let write = Write::Delete { name: name.clone(), expected: *expected };
                (write, self.delete(&name, *expected).map(|()| None))
            }
            Step::CreateCollection(n) => {
                let id = collection(COLLECTIONS[*n]);
                let result = match self.collections.contains_key(&id) {
                    true => Err(Refusal::CollectionExists),
                    false => Ok(None),
                };
                self.collections.entry(id.clone()).or_default();
                (Write::CreateCollection(id), result)
            }
            Step::DeleteCollection(n) => {
                let id = collection(COLLECTIONS[*n]);
                let result = if *n == 0 {
                    Err(Refusal::DefaultCollection)
                } else {
                    self.collections.remove(&id).map(|_| None).ok_or(Refusal::UnknownCollection)
                };
                (Write::DeleteCollection(id), result)
            }
            Step::Tidy | Step::Reopen => return None,
        })
    }

    fn put(
        &mut self,
        name: &DocumentName,
        sketch: &Sketch,
        analysed: bool,
        expected: Option<u32>,
        now: Timestamp,
    ) -> Result<(IngestOutcome, u32), Refusal> {
        let documents = self.collections.get_mut(&name.collection).ok_or(Refusal::UnknownCollection)?;
        let known = documents.get_mut(&name.document);
        let current = known.as_ref().map_or(0, |known| known.revision);
        if expected.is_some_and(|expected| expected != current) {
            return Err(Refusal::OtherRevision { current });
        }
        let hash = |sketch: &Sketch| content_hash(&sketch.document(name).0);
        match known {
            Some(known) if hash(&known.sketch) == hash(sketch) => {
                Ok((IngestOutcome::AlreadyCurrent, current))
            }
            Some(known) => {
                let mut sketch = sketch.clone();
                if !analysed {
                    if basis(&known.sketch, name) != basis(&sketch, name) {
                        return Err(Refusal::OtherBasis);
                    }
                    sketch.overlooked = known.sketch.overlooked;
                }
                known.note_gone(&sketch, name);
                known.previous = Some(std::mem::replace(&mut known.sketch, sketch));
                known.revision += 1;
                known.seen = known.sketch.published_at.unwrap_or(known.created);
                Ok((IngestOutcome::Revised, known.revision))
            }
            None if !analysed => Err(Refusal::OtherBasis),
            None => {
                let seen = sketch.published_at.unwrap_or(now);
                let (sketch, gone) = (sketch.clone(), BTreeMap::new());
                let living = Living { sketch, created: now, seen, revision: 1, previous: None, gone };
                documents.insert(name.document.clone(), living);
                Ok((IngestOutcome::Created, 1))
            }
        }
    }

    fn delete(&mut self, name: &DocumentName, expected: Option<u32>) -> Result<(), Refusal> {
        let documents = self.collections.get_mut(&name.collection).ok_or(Refusal::UnknownCollection)?;
        let current = documents.get(&name.document).map_or(0, |known| known.revision);
        if expected.is_some_and(|expected| expected != current) {
            return Err(Refusal::OtherRevision { current });
        }
        documents.remove(&name.document).map(drop).ok_or(Refusal::UnknownDocument)
    }

    /// Counts the entities of a collection from nothing.
    fn entities(&self, id: &CollectionId) -> BTreeMap<String, Expected> {
        let mut entities = BTreeMap::<String, Expected>::new();
        for (document, living) in &self.collections[id] {
            let mut here = BTreeSet::new();
            for figure in living.sketch.seen().iter().filter(|figure| figure.entity_type.is_nameable()) {
                let folded = names::fold(&figure.name);
                let key = format!("{} {folded}", figure.entity_type.as_str());
                let entity = entities.entry(key.clone()).or_insert_with(|| Expected {
                    surname: (figure.entity_type == EntityType::Person)
                        .then(|| names::surname_of(&figure.name))
                        .flatten()
                        .filter(|surname| *surname != folded),
                    ..Expected::default()
                });
                entity.quotes += figure.quotes as u64;
                entity.statements +=
                    (0..figure.quotes).filter(|n| kind(*n) == QuoteKind::Statement).count() as u64;
                entity.documents.insert((Reverse(living.seen), document.clone()));
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

impl Living {
    fn note_gone(&mut self, next: &Sketch, name: &DocumentName) {
        let (before, after) = (quote_ids(&self.sketch, name), quote_ids(next, name));
        self.gone.extend(before.iter().map(|id| (id.clone(), self.revision)));
        self.gone.retain(|id, _| !after.contains(id));
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Expected {
    surname: Option<String>,
    quotes: u64,
    statements: u64,
    documents: BTreeSet<(Reverse<Timestamp>, DocumentId)>,
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

/// The key of the bare surname that should be taken for the entity of `key`.
fn expected_bare(entities: &BTreeMap<String, Expected>, key: &String) -> Option<String> {
    let surname = entities[key].surname.as_ref()?;
    let bare = format!("PERSON {surname}");
    (entities.contains_key(&bare) && expected_inference(entities, surname) == Some(key)).then_some(bare)
}

/// A follower, who keeps what the entries name, ends with exactly what is there.
#[derive(Default)]
struct Follower {
    at: Seq,
    documents: BTreeMap<DocumentName, StoredDocument>,
    entities: BTreeMap<EntityName, CollectionEntity>,
}

impl Follower {
    /// Reads on, a few changes at a time.
    fn catch_up(&mut self, store: &Core, limit: usize, bytes: usize) {
        loop {
            let stretch = store.read(|snapshot| snapshot.follow(self.at, limit, bytes)).unwrap();
            for change in stretch.changes {
                match change {
                    Change::Put(document) => {
                        drop(self.documents.insert(document.info.name.clone(), *document))
                    }
                    Change::Gone(name) => drop(self.documents.remove(&name)),
                    Change::CollectionGone(id) => {
                        self.documents.retain(|name, _| name.collection != id);
                        self.entities.retain(|name, _| name.collection != id);
                    }
                }
            }
            for change in store.read(|snapshot| snapshot.entities_touched(self.at, stretch.up_to)).unwrap() {
                match change {
                    EntityChange::Put(entity) => drop(self.entities.insert(entity.name.clone(), *entity)),
                    EntityChange::Gone(name) => drop(self.entities.remove(&name)),
                }
            }
            if stretch.up_to == self.at {
                break;
            }
            self.at = stretch.up_to;
        }
        assert_eq!(self.at, store.last_seq());
    }

    fn check(&self, store: &Core, model: &Model) {
        let living = model.collections.iter().flat_map(|(collection, documents)| {
            let name = |document: &DocumentId| DocumentName {
                collection: collection.clone(),
                document: document.clone(),
            };
            documents.keys().map(name)
        });
        assert!(self.documents.keys().cloned().eq(living));
        for (name, document) in &self.documents {
            assert_eq!(store.document(name).as_ref(), Some(document));
        }
        let living = model.collections.keys().flat_map(|id| entities(store, id).into_values());
        let living: BTreeMap<EntityName, CollectionEntity> =
            living.map(|entity| (entity.name.clone(), entity)).collect();
        assert_eq!(self.entities, living);
    }
}

fn run(batches: Vec<Vec<Step>>) {
    let mut store = Fixture::new();
    let mut model = Model::default();
    model.collections.insert(CollectionId::default_collection(), BTreeMap::new());
    let mut follower = Follower::default();
    for (clock, batch) in batches.into_iter().enumerate() {
        let now = at(clock as i64 + 10);
        let (mut writes, mut expected) = (Vec::new(), Vec::new());
        for step in &batch {
            match (step, model.step(step, now)) {
                (_, Some((write, result))) => {
                    writes.push(write);
                    expected.push(result);
                }
                (Step::Tidy, None) => while store.tidy(follower.at).unwrap() {},
                (Step::Reopen, None) => store = store.reopen(),
                (_, None) => {}
            }
        }
        let outcomes = store.apply(&writes, now).unwrap();
        let outcomes: Vec<_> = outcomes
            .into_iter()
            .map(|outcome| {
                outcome.map(|applied| match applied.effect {
                    Effect::Put { outcome, revision, .. } => Some((outcome, revision)),
                    _ => None,
                })
            })
            .collect();
        assert_eq!(outcomes, expected);
        for id in model.collections.keys() {
            check_documents(&store, &model, id);
            check_entities(&store, &model, id);
        }
        check_analyzers(&store, &model);
        assert!(follower.at == 0 || follower.at >= store.floor());
        follower.catch_up(&store, 1 + clock % 3, [1, usize::MAX][clock % 2]);
        follower.check(&store, &model);
    }
    while store.tidy(follower.at).unwrap() {}
    for id in model.collections.keys() {
        check_documents(&store, &model, id);
        check_entities(&store, &model, id);
    }
    let mut fresh = Follower::default();
    fresh.catch_up(&store, 2, 1);
    fresh.check(&store, &model);
    nothing_is_left_over(&store, &model);
}

/// After tidying there is one entry for each living document and entity, and no row of anything else.
fn nothing_is_left_over(store: &Core, model: &Model) {
    use redb::ReadableTableMetadata;
    let documents: u64 = model.collections.values().map(|all| all.len() as u64).sum();
    let entities: u64 = model.collections.keys().map(|id| model.entities(id).len() as u64).sum();
    let forms: u64 = model
        .collections
        .keys()
        .flat_map(|id| model.entities(id).into_values())
        .map(|one| 2 * one.aliases.len() as u64 + one.roles.len() as u64)
        .sum();
    store
        .read(|snapshot| {
            assert_eq!((snapshot.puts.len()?, snapshot.heads.len()?), (documents, documents));
            assert_eq!(snapshot.contributions.len()?, documents);
            assert_eq!(
                (snapshot.removals.len()?, snapshot.removed.len()?, snapshot.fallen.len()?),
                (0, 0, 0)
            );
            assert_eq!((snapshot.entities.len()?, snapshot.touched.len()?), (entities, entities));
            assert_eq!((snapshot.faded.len()?, snapshot.forms.len()?), (0, forms));
            let bodies = |previous: u64| documents..=documents + previous;
            let previous = snapshot.previous.len()?;
            assert!(bodies(previous).contains(&snapshot.texts.len()?));
            assert!(bodies(previous).contains(&snapshot.analyses.len()?));
            Ok(())
        })
        .unwrap();
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
