//! What a projection promises about the things that documents share.

use super::pair::{Pair, Sketch, at, name, news, sketch};
use dictum::domain::entity::FormKind;
use dictum::domain::ids::{CollectionId, EntityId, EntityName};
use dictum::domain::query::EntityRef;
use dictum::ports::{EntityChange, FormPlace, Write};

fn named(name: &str) -> EntityRef {
    EntityRef::Name(name.into())
}

async fn resolve(pair: &Pair, reference: EntityRef) -> Vec<EntityId> {
    pair.ports.entities.resolve(&news(), &[reference]).await.unwrap().unwrap().pop().unwrap()
}

async fn only(pair: &Pair, reference: &str) -> EntityName {
    let found = resolve(pair, named(reference)).await;
    assert_eq!(found.len(), 1, "{reference}: {found:?}");
    EntityName { collection: news(), entity: found[0].clone() }
}

pub async fn an_entity_sums_up_its_documents(pair: Pair) {
    pair.put(&Sketch { published_at: Some(at(7)), ..sketch("a", &[("Ann Lee", "One"), ("Ann Lee", "Two")]) })
        .await;
    pair.put(&Sketch { published_at: Some(at(3)), ..sketch("b", &[("Ann Lee", "Three")]) }).await;
    pair.put(&sketch("c", &[("Bob Fox", "Four")])).await;
    let ann = only(&pair, "Ann Lee").await;
    let entity = pair.ports.entities.entity(&ann).await.unwrap().unwrap();
    let ids = [ann.entity.clone(), EntityId::new("nobody").unwrap()];
    let names = pair.ports.entities.display_names(&ann.collection, &ids).await.unwrap();
    assert_eq!(names, [Some(entity.display_name.clone()), None]);
    assert_eq!((entity.display_name.as_str(), entity.documents, entity.quotes), ("Ann Lee", 2, 3));
    assert_eq!((entity.statements, entity.alias_count, entity.role_count), (3, 1, 1));
    assert_eq!((entity.first_seen, entity.last_seen), (Some(at(3)), Some(at(7))));
    let listed = pair.ports.entities.documents(&ann, None, 10).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|one| one.place.document.to_string()).collect();
    assert_eq!(ids, ["a", "b"], "latest first");
    let rest = pair.ports.entities.documents(&ann, Some(&listed[0].place), 10).await.unwrap();
    assert_eq!(rest, listed[1..]);
    pair.done(Write::Delete { name: name("a"), expected: None }).await;
    let entity = pair.ports.entities.entity(&ann).await.unwrap().unwrap();
    assert_eq!((entity.documents, entity.quotes, entity.last_seen), (1, 1, Some(at(3))));
    pair.done(Write::Delete { name: name("b"), expected: None }).await;
    assert_eq!(pair.ports.entities.entity(&ann).await.unwrap(), None);
}

pub async fn a_bare_surname_counts_with_the_full_name_it_is_taken_for(pair: Pair) {
    pair.put(&sketch("a", &[("Ann Lee", "One")])).await;
    pair.put(&sketch("b", &[("Lee", "Two")])).await;
    pair.put(&sketch("c", &[("Lee", "Three"), ("Ann Lee", "Four")])).await;
    let group = resolve(&pair, named("Ann Lee")).await;
    assert_eq!(group.len(), 2, "the bare surname is taken for her");
    let mut full = None;
    for entity in &group {
        let name = EntityName { collection: news(), entity: entity.clone() };
        let entity = pair.ports.entities.entity(&name).await.unwrap().unwrap();
        if entity.inferred_as.is_none() {
            assert_eq!((entity.documents, entity.quotes), (3, 4), "each document once");
            full = Some(name);
        } else {
            assert_eq!((entity.documents, entity.quotes), (2, 2));
        }
    }
    let listed = pair.ports.entities.documents(&full.unwrap(), None, 10).await.unwrap();
    assert_eq!(listed.len(), 3);
    let both = listed.iter().find(|one| one.place.document.as_str() == "c").unwrap();
    assert_eq!(both.entities.len(), 2);
}

pub async fn names_resolve_however_they_are_written(pair: Pair) {
    pair.put(&sketch("a", &[("Łukasz Ørsted", "One")])).await;
    for spelling in ["Łukasz Ørsted", "lukasz orsted", "President Łukasz Ørsted’s", "LUKASZ  ORSTED"] {
        only(&pair, spelling).await;
    }
    assert!(resolve(&pair, named("nobody at all")).await.is_empty());
    let id = only(&pair, "lukasz orsted").await.entity;
    assert_eq!(resolve(&pair, EntityRef::Id(id.clone())).await, [id]);
    let nowhere = CollectionId::new("no").unwrap();
    assert_eq!(pair.ports.entities.resolve(&nowhere, &[named("x")]).await.unwrap(), None);
}

pub async fn forms_are_listed_by_frequency(pair: Pair) {
    pair.put(&sketch("a", &[("Ann Lee", "One")])).await;
    pair.put(&sketch("b", &[("Ann Lee", "Two")])).await;
    pair.put(&sketch("c", &[("ANN LEE", "Three")])).await;
    let ann = only(&pair, "Ann Lee").await;
    let forms = pair.ports.entities.forms(&ann, FormKind::Alias, None, 10).await.unwrap();
    let listed: Vec<_> = forms.iter().map(|form| (form.text.as_str(), form.documents)).collect();
    assert_eq!(listed, [("Ann Lee", 2), ("ANN LEE", 1)]);
    let place = FormPlace { documents: 2, text: "Ann Lee".into() };
    let rest = pair.ports.entities.forms(&ann, FormKind::Alias, Some(&place), 10).await.unwrap();
    assert_eq!(rest, forms[1..]);
    let roles = pair.ports.entities.forms(&ann, FormKind::Role, None, 10).await.unwrap();
    assert_eq!(roles.iter().map(|role| role.documents).collect::<Vec<_>>(), [3]);
}

pub async fn what_a_change_touched_is_told(pair: Pair) {
    pair.put(&sketch("a", &[("Ann Lee", "One")])).await;
    let seen = pair.last().await;
    let ann = only(&pair, "Ann Lee").await;
    pair.put(&sketch("b", &[("Bob Fox", "Two")])).await;
    pair.done(Write::Delete { name: name("a"), expected: None }).await;
    let touched = pair.ports.entities.touched(seen, pair.last().await).await.unwrap();
    let gone = touched.iter().any(|change| matches!(change, EntityChange::Gone(name) if *name == ann));
    let put = touched
        .iter()
        .any(|change| matches!(change, EntityChange::Put(bob) if bob.display_name == "Bob Fox"));
    assert!(gone && put && touched.len() == 2, "{touched:?}");
}
