//! Random writes against a model that keeps nothing but the living documents and counts everything anew: what the
//! store adds up write by write must equal that, after every batch and after tidying.

mod check;
mod steps;

use super::*;
use crate::domain::document::IngestOutcome;
use crate::folding::names;
use crate::ports::{EntityDocument, basis_hash, content_hash};
use check::{Follower, check_analyzers, check_documents, check_entities, check_itself, nothing_is_left_over};
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use steps::{COLLECTIONS, NAMES, Step, steps};

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
        check_itself(&store);
        assert!(follower.at == 0 || follower.at >= store.floor());
        follower.catch_up(&store, 1 + clock % 3, [1, usize::MAX][clock % 2]);
        follower.check(&store, &model);
    }
    while store.tidy(follower.at).unwrap() {}
    for id in model.collections.keys() {
        check_documents(&store, &model, id);
        check_entities(&store, &model, id);
    }
    check_itself(&store);
    let mut fresh = Follower::default();
    fresh.catch_up(&store, 2, 1);
    fresh.check(&store, &model);
    nothing_is_left_over(&store, &model);
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
