//! What writes do and what reads then show.

use super::*;
use crate::domain::document::IngestOutcome;

fn outcome(applied: &Result<Applied, Refusal>) -> (IngestOutcome, u32) {
    match applied {
        Ok(Applied { effect: Effect::Put { outcome, revision, .. }, .. }) => (*outcome, *revision),
        other => panic!("not a put: {other:?}"),
    }
}

#[test]
fn a_new_store_has_the_default_collection_and_keeps_its_identity() {
    let fixture = Fixture::new();
    let default = fixture.collection(&CollectionId::default_collection()).unwrap().unwrap();
    assert_eq!((default.documents, default.quotes, default.entities), (0, 0, 0));
    let (id, secret) = (fixture.id(), fixture.secret());
    let fixture = fixture.reopen();
    assert_eq!((fixture.id(), fixture.secret()), (id, secret));
    assert_ne!(Fixture::new().id(), id);
    assert_eq!(fixture.collections(None, 10).unwrap().len(), 1);
}

#[test]
fn the_same_content_writes_nothing_and_other_content_is_a_revision() {
    let fixture = Fixture::new();
    let name = document_name("default", "a");
    let sketch = Sketch::of(&[person("Ann Lee", &[], 2)]);
    let first = fixture.apply(vec![sketch.put(&name)], at(10)).unwrap();
    assert_eq!(outcome(&first[0]), (IngestOutcome::Created, 1));
    let again = fixture.apply(vec![sketch.put(&name)], at(20)).unwrap();
    assert_eq!(outcome(&again[0]), (IngestOutcome::AlreadyCurrent, 1));
    assert_eq!(again[0].unwrap().seq, first[0].unwrap().seq);
    assert_eq!(fixture.last_seq().unwrap(), first[0].unwrap().seq);
    assert_eq!(fixture.document(&name).unwrap().unwrap().ingested_at, at(10));

    let retitled = Sketch { title: Some("Another".into()), ..sketch };
    let third = fixture.apply(vec![retitled.put(&name)], at(30)).unwrap();
    assert_eq!(outcome(&third[0]), (IngestOutcome::Revised, 2));
    let stored = fixture.document(&name).unwrap().unwrap();
    assert_eq!((stored.revision, stored.ingested_at), (2, at(30)));
    let revisions = fixture.revisions(&name).unwrap();
    assert_eq!(
        revisions.iter().map(|r| (r.revision, r.ingested_at)).collect::<Vec<_>>(),
        [(1, at(10)), (2, at(30))]
    );
    assert_eq!(fixture.collection(&name.collection).unwrap().unwrap().documents, 1);
}

#[test]
fn a_document_comes_back_as_it_was_with_links_to_the_collections_entities() {
    let fixture = Fixture::new();
    let name = document_name("default", "a");
    let date = Figure { entity_type: EntityType::Date, ..person("Monday", &[], 0) };
    let sketch = Sketch::of(&[person("Ann Lee", &["mayor"], 1), date, person("Dr. Ann Lee", &[], 1)]);
    let (document, analysis) = sketch.document(&name);
    fixture.apply(vec![sketch.put(&name)], at(10)).unwrap();
    let stored = fixture.reopen().document(&name).unwrap().unwrap();
    assert_eq!(stored.content_hash, content_hash(&document));
    assert_eq!((&stored.document, &stored.analysis), (&document, &analysis));
    assert_eq!(stored.links.keys().collect::<Vec<_>>(), ["e1", "e3"]);
    assert_eq!(stored.links["e1"], stored.links["e3"]);
}

#[test]
fn writes_of_one_batch_see_those_before_them() {
    let fixture = Fixture::new();
    let name = document_name("c", "a");
    let (one, two) = (Sketch::of(&[person("Ann Lee", &[], 1)]), Sketch::of(&[person("Bob Ray", &[], 3)]));
    let outcomes = fixture
        .apply(
            vec![
                one.put(&name),
                Write::CreateCollection(collection("c")),
                Write::CreateCollection(collection("c")),
                one.put(&name),
                one.put(&name),
                two.put(&name),
                Write::DeleteDocument(document_name("c", "b")),
                Write::DeleteCollection(CollectionId::default_collection()),
            ],
            at(5),
        )
        .unwrap();
    assert_eq!(outcomes[0], Err(Refusal::UnknownCollection));
    assert!(outcomes[1].is_ok());
    assert_eq!(outcomes[2], Err(Refusal::CollectionExists));
    assert_eq!(outcome(&outcomes[3]), (IngestOutcome::Created, 1));
    assert_eq!(outcome(&outcomes[4]), (IngestOutcome::AlreadyCurrent, 1));
    assert_eq!(outcome(&outcomes[5]), (IngestOutcome::Revised, 2));
    assert_eq!(outcomes[6], Err(Refusal::UnknownDocument));
    assert_eq!(outcomes[7], Err(Refusal::DefaultCollection));
    let info = fixture.collection(&collection("c")).unwrap().unwrap();
    assert_eq!((info.documents, info.quotes, info.entities), (1, 3, 1));
    assert!(fixture.entities_named(&collection("c"), "Ann Lee").unwrap().is_empty());
}

#[test]
fn entities_gather_what_documents_say_and_forget_it_with_them() {
    let fixture = Fixture::new();
    let (a, b) = (document_name("default", "a"), document_name("default", "b"));
    let mut early = Sketch::of(&[person("Vladimir Putin", &["president"], 2)]);
    early.published_at = Some(at(-50));
    let late = Sketch::of(&[person("President Vladimir Putin", &["leader", "president"], 1)]);
    fixture.apply(vec![early.put(&a), late.put(&b)], at(100)).unwrap();
    let putin = only_entity(&fixture, "default", "VLADIMIR PUTIN's");
    assert_eq!((putin.documents, putin.quotes), (2, 3));
    assert_eq!((putin.first_seen, putin.last_seen), (Some(at(-50)), Some(at(100))));
    let roles: Vec<_> = putin.roles.iter().map(|role| (role.text.as_str(), role.documents)).collect();
    assert_eq!(roles, [("president", 2), ("leader", 1)]);
    let documents = fixture.entity_documents(&putin.name, None, 10).unwrap();
    assert_eq!(documents.iter().map(|d| d.document.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(fixture.entity_documents(&putin.name, Some(&documents[0]), 10).unwrap(), documents[1..]);

    fixture.apply(vec![Write::DeleteDocument(b)], at(101)).unwrap();
    let putin = only_entity(&fixture, "default", "Vladimir Putin");
    assert_eq!((putin.documents, putin.quotes, putin.last_seen), (1, 2, Some(at(-50))));
    assert_eq!(putin.roles.len(), 1);
    fixture.apply(vec![Write::DeleteDocument(a)], at(102)).unwrap();
    assert_eq!(fixture.entity(&putin.name).unwrap(), None);
    assert_eq!(fixture.collection(&putin.name.collection).unwrap().unwrap().entities, 0);
}

#[test]
fn a_bare_surname_follows_the_one_dominant_full_name() {
    let fixture = Fixture::new();
    let name = |id: &str| document_name("default", id);
    let group = |full: &str| fixture.entities_named(&collection("default"), full).unwrap().len();
    let only = |figure| Sketch::of(&[figure]);
    fixture.apply(vec![only(person("Putin", &[], 1)).put(&name("bare"))], at(1)).unwrap();
    assert_eq!(only_entity(&fixture, "default", "Putin").inferred_as, None);

    fixture.apply(vec![only(person("Vladimir Putin", &[], 0)).put(&name("v"))], at(2)).unwrap();
    let bare = only_entity(&fixture, "default", "Putin");
    assert!(bare.inferred_as.is_some());
    assert_eq!(bare.seq, fixture.last_seq().unwrap(), "followers learn of the inference");
    assert_eq!(group("Vladimir Putin"), 2);
    let full = EntityName { collection: collection("default"), entity: bare.inferred_as.unwrap() };
    assert_eq!(fixture.entity_group(&full).unwrap().len(), 2);

    fixture.apply(vec![only(person("Lyudmila Putin", &[], 0)).put(&name("l"))], at(3)).unwrap();
    assert_eq!(only_entity(&fixture, "default", "Putin").inferred_as, None);
    assert_eq!(group("Vladimir Putin"), 1);

    fixture.apply(vec![Write::DeleteDocument(name("l"))], at(4)).unwrap();
    assert_eq!(group("Vladimir Putin"), 2);
    fixture.apply(vec![Write::DeleteDocument(name("v"))], at(5)).unwrap();
    assert_eq!(only_entity(&fixture, "default", "Putin").inferred_as, None);
}

#[test]
fn namesakes_with_conflicting_callings_stay_apart() {
    let fixture = Fixture::new();
    let put = |id: &str, roles: &[&str]| {
        let write = Sketch::of(&[person("John Barnes", roles, 1)]).put(&document_name("default", id));
        fixture.apply(vec![write], at(1)).unwrap();
    };
    put("a", &["Home Office minister"]);
    put("b", &["Liverpool winger"]);
    put("c", &["former striker"]);
    put("d", &[]);
    let ids = fixture.entities_named(&collection("default"), "John Barnes").unwrap();
    let mut documents: Vec<u64> = ids
        .into_iter()
        .map(|entity| EntityName { collection: collection("default"), entity })
        .map(|name| fixture.entity(&name).unwrap().unwrap().documents)
        .collect();
    documents.sort_unstable();
    assert_eq!(documents, [2, 2], "minister and unknown; winger and striker");
}

#[test]
fn a_deleted_collection_is_out_of_sight_at_once_and_purged_in_steps() {
    let fixture = Fixture::new();
    let news = collection("news");
    let put = |id: String, name: &str| {
        Sketch::of(&[person(name, &[], 1), person("Putin", &[], 0)]).put(&document_name("news", &id))
    };
    let mut writes = vec![Write::CreateCollection(news.clone())];
    writes.extend((0..20).map(|n| put(format!("d{n}"), "Ann Lee")));
    fixture.apply(writes, at(1)).unwrap();
    let old = only_entity(&fixture, "news", "Ann Lee").name;
    let again = vec![
        Write::DeleteCollection(news.clone()),
        Write::CreateCollection(news.clone()),
        put("x".into(), "Cy Fox"),
    ];
    fixture.apply(again, at(2)).unwrap();

    assert_eq!(fixture.document(&document_name("news", "d1")).unwrap(), None);
    assert_eq!(fixture.entity(&old).unwrap(), None);
    let shown = || (fixture.documents(&news, None, 99).unwrap(), fixture.collection(&news).unwrap());
    let before = shown();
    assert_eq!(before.0.len(), 1);
    assert_eq!(fixture.stats().unwrap().purging, 1);
    let mut steps = 1;
    while fixture.purge_step(7).unwrap() {
        steps += 1;
        assert_eq!(shown(), before);
    }
    assert!(steps > 20, "{steps} steps of 7 rows");
    assert_eq!(fixture.stats().unwrap().purging, 0);
    assert_eq!(shown(), before);
    let changes = fixture.changes(0, 100).unwrap();
    let kinds: Vec<_> = changes.into_iter().map(|change| change.kind).collect();
    assert_eq!(
        kinds,
        [
            ChangeKind::CollectionCreated(CollectionId::default_collection()),
            ChangeKind::CollectionCreated(news.clone()),
            ChangeKind::CollectionDeleted(news.clone()),
            ChangeKind::CollectionCreated(news),
            ChangeKind::DocumentPut(document_name("news", "x")),
        ]
    );
}

#[test]
fn pages_of_documents_and_changes_go_on_where_the_one_before_ended() {
    let fixture = Fixture::new();
    let sketch = Sketch::of(&[]);
    fixture
        .apply((0..9).map(|n| sketch.put(&document_name("default", &format!("d{n}")))).collect(), at(1))
        .unwrap();
    let mut seen = Vec::new();
    loop {
        let page = fixture.documents(&collection("default"), seen.last(), 4).unwrap();
        seen.extend(page.iter().map(|stored| stored.document.name.document.clone()));
        if page.len() < 4 {
            break;
        }
    }
    assert_eq!(seen.len(), 9);
    let first = fixture.changes(0, 6).unwrap();
    let rest = fixture.changes(first[5].seq, 6).unwrap();
    assert_eq!(first.len() + rest.len(), 10);
    assert_eq!(rest.last().unwrap().seq, fixture.last_seq().unwrap());
}

#[test]
fn every_field_but_the_name_counts_for_the_hash() {
    let (plain, _) = Sketch::of(&[]).document(&document_name("default", "a"));
    let renamed = Document { name: document_name("default", "b"), ..plain.clone() };
    assert_eq!(content_hash(&plain), content_hash(&renamed));
    let some = || Some("x".to_owned());
    let variants = [
        Document { text: "x".into(), ..plain.clone() },
        Document { title: some(), ..plain.clone() },
        Document { title: Some(String::new()), ..plain.clone() },
        Document { source: some(), ..plain.clone() },
        Document { url: some(), ..plain.clone() },
        Document { language: some(), ..plain.clone() },
        Document { published_at: Some(at(0)), ..plain.clone() },
        Document { labels: [("x".to_owned(), "y".to_owned())].into(), ..plain.clone() },
        Document { labels: [("xy".to_owned(), String::new())].into(), ..plain.clone() },
    ];
    let hashes: std::collections::BTreeSet<_> = variants.iter().chain([&plain]).map(content_hash).collect();
    assert_eq!(hashes.len(), variants.len() + 1);
}
