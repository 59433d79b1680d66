//! Whether a store holds what the model says.

use super::*;

pub(super) fn check_documents(store: &Core, model: &Model, id: &CollectionId) {
    let documents = &model.collections[id];
    let info = store.read(|snapshot| snapshot.collection(id)).unwrap().unwrap();
    assert_eq!(info.documents, documents.len() as u64);
    let quotes: usize =
        documents.values().flat_map(|living| living.sketch.seen()).map(|figure| figure.quotes).sum();
    assert_eq!(info.quotes, quotes as u64);
    assert_eq!(info.entities, model.entities(id).len() as u64);
    let infos = store.list(id);
    assert!(infos.iter().map(|info| &info.name.document).eq(documents.keys()));
    for info in infos {
        let living = &documents[&info.name.document];
        let (document, analysis) = living.sketch.document(&info.name);
        let stored = store.document(&info.name).unwrap();
        assert_eq!((&stored.text, &stored.analysis), (&document.text, &analysis));
        assert_eq!(stored.info, info);
        assert_eq!((&info.title, info.published_at), (&document.title, document.published_at));
        assert_eq!((info.revision, info.created_at), (living.revision, living.created));
        assert_eq!((info.content_hash, &info.analyzer), (content_hash(&document), &analysis.analyzer));
        assert_eq!(store.revision(&info.name, info.revision).as_ref(), Some(&stored));
        let previous = store.revision(&info.name, info.revision.wrapping_sub(1));
        assert_eq!(previous.is_some(), living.previous.is_some());
        if let (Some(stored), Some(sketch)) = (previous, &living.previous) {
            let (document, analysis) = sketch.document(&info.name);
            assert_eq!(
                (&stored.text, &stored.analysis, &stored.info.title),
                (&document.text, &analysis, &document.title)
            );
            assert!(stored.links.is_empty());
        }
        for (quote, revision) in &living.gone {
            let name = QuoteName {
                document: info.name.clone(),
                quote: QuoteId::new(quote.replace(' ', "")).unwrap(),
            };
            assert_eq!(store.read(|snapshot| snapshot.last_revision_with(&name)).unwrap(), Some(*revision));
        }
    }
}

/// Whether the store's own check agrees.
pub(super) fn check_itself(store: &Core) {
    let report = crate::store::check::run(&store.snapshot(), &mut crate::store::check::Progress(&|_| ()));
    assert_eq!(report.findings, []);
}

pub(super) fn check_entities(store: &Core, model: &Model, id: &CollectionId) {
    let expected = model.entities(id);
    let keyed: BTreeMap<String, CollectionEntity> = entities(store, id);
    assert!(keyed.keys().eq(expected.keys()), "{:?} {:?}", keyed.keys(), expected.keys());
    for (key, entity) in &keyed {
        let mine = &expected[key];
        let bare = expected_bare(&expected, key);
        let theirs = bare.as_ref().map(|bare| &expected[bare]);
        let group: Vec<&Expected> = [Some(mine), theirs].into_iter().flatten().collect();
        let documents: BTreeSet<_> = group.iter().flat_map(|one| one.documents.iter().cloned()).collect();
        assert_eq!(entity.documents, documents.len() as u64, "{key}");
        assert_eq!(entity.quotes, group.iter().map(|one| one.quotes).sum::<u64>(), "{key}");
        assert_eq!(entity.statements, group.iter().map(|one| one.statements).sum::<u64>(), "{key}");
        let tally = |forms: &[crate::domain::entity::Alias]| -> Vec<(Reverse<u64>, String)> {
            forms.iter().map(|form| (Reverse(form.documents), form.text.clone())).collect()
        };
        let sorted = |tally: &BTreeMap<String, u64>| {
            let mut forms: Vec<_> = tally.iter().map(|(form, n)| (Reverse(*n), form.clone())).collect();
            forms.sort();
            forms
        };
        assert_eq!(tally(&entity.aliases), sorted(&mine.aliases), "{key}");
        assert_eq!(tally(&entity.roles), sorted(&mine.roles), "{key}");
        assert_eq!(
            (entity.alias_count, entity.role_count),
            (mine.aliases.len() as u64, mine.roles.len() as u64)
        );
        let listed = store.read(|snapshot| snapshot.entity_documents(&entity.name, None, 100)).unwrap();
        let mentioned = |EntityDocument { place, entities }: EntityDocument| {
            let of = |key: &String| {
                expected[key].documents.contains(&(Reverse(place.seen), place.document.clone()))
            };
            let here = [Some(key.clone()), bare.clone()].into_iter().flatten().filter(of);
            let mut here: Vec<EntityId> = here.map(|key| keyed[&key].name.entity.clone()).collect();
            here.sort();
            assert_eq!(entities, here, "{key}");
            (Reverse(place.seen), place.document)
        };
        assert!(listed.into_iter().map(mentioned).eq(documents.iter().cloned()), "{key}");
        assert_eq!(entity.last_seen, documents.first().map(|(Reverse(seen), _)| *seen));
        assert_eq!(entity.first_seen, documents.last().map(|(Reverse(seen), _)| *seen));
        let inferred = key
            .strip_prefix("PERSON ")
            .filter(|_| mine.surname.is_none())
            .and_then(|surname| expected_inference(&expected, surname));
        assert_eq!(entity.inferred_as.as_ref(), inferred.map(|key| &keyed[key].name.entity), "{key}");
    }
}

/// Every entity of the collection that a name leads to, by type and folded name.
fn entities(store: &Core, id: &CollectionId) -> BTreeMap<String, CollectionEntity> {
    let found = NAMES.iter().flat_map(|name| store.called(id, name));
    found
        .map(|entity| store.entity(&EntityName { collection: id.clone(), entity }).unwrap())
        .map(|entity| {
            let folded = names::fold(&entity.display_name);
            (format!("{} {folded}", entity.entity_type.as_str()), entity)
        })
        .collect()
}

/// Who made the analyses, counted anew.
pub(super) fn check_analyzers(store: &Core, model: &Model) {
    let mut expected = BTreeMap::<String, u64>::new();
    for living in model.collections.values().flat_map(BTreeMap::values) {
        *expected.entry(living.sketch.overlooked.to_string()).or_default() += 1;
    }
    let counts = store.read(|snapshot| snapshot.analyzers()).unwrap();
    let counts: BTreeMap<String, u64> = counts.into_iter().map(|(stamp, n)| (stamp.version, n)).collect();
    assert_eq!(counts, expected);
}

/// A follower, who keeps what the entries name, ends with exactly what is there.
#[derive(Default)]
pub(super) struct Follower {
    pub(super) at: Seq,
    documents: BTreeMap<DocumentName, StoredDocument>,
    entities: BTreeMap<EntityName, CollectionEntity>,
}

impl Follower {
    /// Reads on, a few changes at a time.
    pub(super) fn catch_up(&mut self, store: &Core, limit: usize, bytes: usize) {
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

    pub(super) fn check(&self, store: &Core, model: &Model) {
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

/// After tidying there is one entry for each living document and entity, and no row of anything else.
pub(super) fn nothing_is_left_over(store: &Core, model: &Model) {
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
