//! What searches find, in which order, page by page.

use super::*;

#[test]
fn words_phrases_and_prefixes_must_all_match() {
    let index = Fixture::with(&[
        document("a", &["The gas prices will rise.", "Prices of gas are falling, Orbán’s ministers say."]),
        document("b", &["A minister rose against gasoline."]),
    ]);
    let cases: [(&str, &[&str]); 12] = [
        ("price", &["a/q1", "a/q2"]),
        ("GAS PRICE", &["a/q1", "a/q2"]),
        ("\"gas price\"", &["a/q1"]),
        ("\"prices gas\"", &[]),
        ("gas*", &["a/q1", "a/q2", "b/q1"]),
        ("minister*", &["a/q2", "b/q1"]),
        ("orban minister", &["a/q2"]),
        ("gas absent", &[]),
        ("\"", &[]),
        ("?!", &[]),
        ("  ", &["a/q1", "a/q2", "b/q1"]),
        ("zz*", &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(by_text(&index, query), expected, "{query}");
    }
    assert!(matches!(
        index.search_quotes(
            &news(),
            &text(&"x ".repeat(99)),
            &Resolved::default(),
            Order::Relevance,
            &page(1)
        ),
        Err(IndexError::TooManyTerms { .. })
    ));
}

#[test]
fn relevance_puts_the_quote_that_says_it_most_first() {
    let index = Fixture::with(&[
        document("a", &["Peace is far away, and war is near, as everyone who was at the front can tell."]),
        document("b", &["Peace, peace, peace."]),
    ]);
    let found =
        index.search_quotes(&news(), &text("peace"), &Resolved::default(), Order::Relevance, &page(9));
    let hits = found.unwrap().hits;
    assert_eq!(hits.iter().map(|(hit, _)| short(hit)).collect::<Vec<_>>(), ["b/q1", "a/q1"]);
    assert!(hits[0].0.score > hits[1].0.score && hits[1].0.score > 0.0);
}

/// Three documents that differ in everything that a filter can ask for.
fn varied() -> Fixture {
    let mut a = document("a", &["putin:Gas.", "peskov:Oil."]);
    a.document.source = Some("Reuters".into());
    a.document.published_at = Some(at(100));
    a.document.language = Some("en-GB".into());
    a.document.labels = [("desk".to_owned(), "world".to_owned())].into();
    a.analysis.quotes[1].quote_type = QuoteType::Mixed;
    a.analysis.quotes[1].confidence = 0.55;
    a.analysis.quotes[1].about = vec!["putin".into(), "e9".into()];
    let mut b = document("b", &["putin:Gas."]);
    b.document.source = Some("AP".into());
    b.document.published_at = Some(Timestamp { seconds: 200, nanos: 500_000 });
    b.analysis.quotes[0].kind = QuoteKind::Thought;
    let c = document("c", &["Gas."]);
    Fixture::with(&[a, b, c])
}

#[test]
fn every_filter_decides() {
    let index = varied();
    let all = QuoteFilter { kinds: vec![QuoteKind::Statement, QuoteKind::Thought], ..QuoteFilter::default() };
    let published = |from: Option<i64>, until: Option<i64>| {
        let published = crate::domain::time::TimeRange { from: from.map(at), until: until.map(at) };
        QuoteFilter { published, ..all.clone() }
    };
    let languages = |tag: &str| QuoteFilter { languages: vec![tag.into()], ..all.clone() };
    let document = Some(DocumentId::new("a").unwrap());
    let label = |value: &str| QuoteFilter { labels: vec![("desk".into(), value.into())], ..all.clone() };
    let cases: Vec<(QuoteFilter, &[&str])> = vec![
        (all.clone(), &["a/q1", "a/q2", "b/q1", "c/q1"]),
        (QuoteFilter::default(), &["a/q1", "a/q2", "c/q1"]),
        (QuoteFilter { kinds: vec![QuoteKind::Thought], ..all.clone() }, &["b/q1"]),
        (QuoteFilter { types: vec![QuoteType::Mixed, QuoteType::Indirect], ..all.clone() }, &["a/q2"]),
        (QuoteFilter { sources: vec!["Reuters".into()], ..all.clone() }, &["a/q1", "a/q2"]),
        (QuoteFilter { sources: vec!["AP".into(), "dpa".into()], ..all.clone() }, &["b/q1"]),
        (QuoteFilter { document, ..all.clone() }, &["a/q1", "a/q2"]),
        (QuoteFilter { min_confidence: 0.56, ..all.clone() }, &["a/q1", "b/q1", "c/q1"]),
        (QuoteFilter { min_confidence: 0.55, ..all.clone() }, &["a/q1", "a/q2", "b/q1", "c/q1"]),
        (published(Some(100), None), &["a/q1", "a/q2", "b/q1"]),
        (published(Some(101), Some(201)), &["b/q1"]),
        (published(None, Some(100)), &[]),
        (languages("EN"), &["a/q1", "a/q2", "b/q1", "c/q1"]),
        (languages("en-gb"), &["a/q1", "a/q2"]),
        (languages("de"), &[]),
        (label("world"), &["a/q1", "a/q2"]),
        (label("sport"), &[]),
    ];
    for (filter, expected) in cases {
        let mut found = quotes(&index, &filter, &Resolved::default(), Order::Relevance);
        found.sort();
        assert_eq!(found, expected, "{filter:?}");
        let with_text = QuoteFilter { text: Some("gas".into()), ..filter };
        let mut found = quotes(&index, &with_text, &Resolved::default(), Order::Relevance);
        found.sort();
        assert_eq!(found, expected.iter().filter(|quote| **quote != "a/q2").copied().collect::<Vec<_>>());
    }
}

#[test]
fn speakers_are_alternatives_and_mentions_are_demands() {
    let index = varied();
    let group = |ids: &[&str]| ids.iter().map(|id| entity(id)).collect::<Vec<_>>();
    let speakers = |groups: &[&[&str]]| Resolved {
        speakers: groups.iter().map(|ids| group(ids)).collect(),
        ..Resolved::default()
    };
    let mentions = |groups: &[&[&str]]| Resolved {
        mentions: groups.iter().map(|ids| group(ids)).collect(),
        ..Resolved::default()
    };
    let cases: [(Resolved, &[&str]); 7] = [
        (speakers(&[&["putin"]]), &["a/q1"]),
        (speakers(&[&["putin", "x"], &["peskov"]]), &["a/q1", "a/q2"]),
        (speakers(&[&[]]), &[]),
        (speakers(&[&[], &["peskov"]]), &["a/q2"]),
        (mentions(&[&["x", "putin"]]), &["a/q2"]),
        (mentions(&[&["putin"], &["x"]]), &[]),
        (mentions(&[&["putin"], &[]]), &[]),
    ];
    for (entities, expected) in cases {
        let found = quotes(&index, &QuoteFilter::default(), &entities, Order::OldestFirst);
        assert_eq!(found, expected, "{entities:?}");
    }
    let documents = |entities: &Resolved| {
        let filter = DocumentFilter::default();
        let found = index.search_documents(&news(), &filter, entities, Order::Relevance, &page(9)).unwrap();
        found.hits.into_iter().map(|(hit, _)| hit.document.document.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(documents(&speakers(&[&["putin"]])), ["b", "a"]);
    assert_eq!(documents(&mentions(&[&["putin"], &["peskov"]])), ["a"]);
}

#[test]
fn documents_are_found_by_title_and_text_and_ordered_by_time() {
    let mut a = document("a", &["Wheat."]);
    a.document.title = Some("Harvest fails".into());
    a.document.published_at = Some(at(-10));
    let mut b = document("b", &["Harvest of wheat."]);
    b.document.published_at = Some(at(10));
    let index = Fixture::with(&[a, b, document("c", &["Wheat"])]);
    let search = |text: &str, order| {
        let filter = DocumentFilter { text: Some(text.into()), ..DocumentFilter::default() };
        let found = index.search_documents(&news(), &filter, &Resolved::default(), order, &page(9)).unwrap();
        found.hits.into_iter().map(|(hit, _)| hit.document.document.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(search("\"harvest fails\"", Order::Relevance), ["a"]);
    assert_eq!(search("wheat", Order::NewestFirst), ["b", "a", "c"]);
    assert_eq!(search("wheat", Order::OldestFirst), ["a", "b", "c"]);
}

/// All pages of a search, `size` hits at a time, whose cursors are taken from the hit at which the page is cut.
fn paged(index: &Index, filter: &QuoteFilter, order: Order, size: usize) -> Vec<String> {
    let mut all = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let request = PageRequest { size, after: after.clone() };
        let found = index.search_quotes(&news(), filter, &Resolved::default(), order, &request).unwrap();
        assert!(found.hits.len() == size || !found.more);
        all.extend(found.hits.iter().map(|(hit, _)| short(hit)));
        after = found.hits.last().map(|(_, cursor)| cursor.clone());
        if !found.more {
            assert_eq!(found.total, all.len() as u64);
            return all;
        }
    }
}

#[test]
fn pages_over_ties_neither_overlap_nor_skip_whatever_the_segments() {
    let fixture = Fixture::new();
    for n in 0..6 {
        let documents: Vec<_> = (0..4)
            .map(|m| {
                let texts: Vec<String> = (0..12).map(|q| format!("The same words {}", q % 2)).collect();
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let mut stored = document(&format!("d{}", m * 6 + n), &texts);
                stored.document.published_at = (m > 0).then(|| at(m % 2));
                stored
            })
            .collect();
        fixture.apply(&documents.iter().map(IndexOp::PutDocument).collect::<Vec<_>>(), 1).unwrap();
    }
    let by_order = [
        (text("same"), Order::Relevance),
        (QuoteFilter::default(), Order::Relevance),
        (QuoteFilter::default(), Order::NewestFirst),
        (text("words"), Order::OldestFirst),
    ];
    for (filter, order) in by_order {
        let whole = paged(&fixture, &filter, order, 1000);
        assert_eq!(whole.len(), 24 * 12);
        for size in [1, 7, 100] {
            assert_eq!(paged(&fixture, &filter, order, size), whole, "{order:?} {size}");
        }
    }
    let oldest = paged(&fixture, &QuoteFilter::default(), Order::OldestFirst, 1000);
    let of_one = |document: &str| {
        let of = format!("{document}/");
        oldest.iter().filter(|quote| quote.starts_with(&of)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_one("d7"), (1..=12).map(|q| format!("d7/q{q}")).collect::<Vec<_>>());
    assert!(oldest.last().unwrap().starts_with("d5/"), "undated last");
}

#[test]
fn a_cursor_of_another_make_is_refused() {
    let index = Fixture::with(&[document("a", &["Words."])]);
    for cursor in [vec![], vec![1, 2, 3], [vec![0; 8], vec![0xff]].concat()] {
        let request = PageRequest { size: 1, after: Some(Cursor(cursor)) };
        let found = index.search_entities(&news(), &EntityFilter::default(), &request);
        assert!(matches!(found, Err(IndexError::Cursor)));
    }
}

fn collection_entity(
    id: &str,
    entity_type: EntityType,
    aliases: &[&str],
    documents: u64,
) -> CollectionEntity {
    CollectionEntity {
        name: EntityName { collection: news(), entity: entity(id) },
        entity_type,
        display_name: aliases[0].to_owned(),
        aliases: aliases.iter().map(|alias| Alias { text: alias.to_string(), documents }).collect(),
        roles: vec![],
        documents,
        quotes: 0,
        first_seen: None,
        last_seen: None,
        inferred_as: None,
        seq: 1,
    }
}

#[test]
fn entities_are_found_by_the_beginning_of_any_word_of_any_name() {
    let fixture = Fixture::new();
    let entities = [
        collection_entity("e1", EntityType::Person, &["Vladimir Putin", "Putin"], 9),
        collection_entity("e2", EntityType::Person, &["Lyudmila Putina"], 3),
        collection_entity("e3", EntityType::Organization, &["United Nations", "U.N."], 3),
        collection_entity("e4", EntityType::Gpe, &["Pútivl"], 50),
    ];
    fixture.apply(&entities.iter().map(IndexOp::PutEntity).collect::<Vec<_>>(), 4).unwrap();
    let search = |prefix: &str, types: &[EntityType]| {
        let filter = EntityFilter { name_prefix: Some(prefix.into()), types: types.to_vec() };
        let found = fixture.search_entities(&news(), &filter, &page(9)).unwrap();
        found.hits.into_iter().map(|(hit, _)| hit.entity.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(search("Put", &[]), ["e4", "e1", "e2"]);
    assert_eq!(search("put", &[EntityType::Person, EntityType::Norp]), ["e1", "e2"]);
    assert_eq!(search("putin", &[]), ["e1", "e2"]);
    assert_eq!(search("vlad PUT", &[]), ["e1"]);
    assert_eq!(search("UN", &[]), ["e3"]);
    assert_eq!(search("", &[]), ["e4", "e1", "e2", "e3"]);
    assert_eq!(search("…", &[]), [""; 0]);
    let fewer = collection_entity("e4", EntityType::Gpe, &["Sumy"], 5);
    fixture.apply(&[IndexOp::PutEntity(&fewer), IndexOp::DeleteEntity(&entities[0].name)], 5).unwrap();
    assert_eq!(search("put", &[]), ["e2"]);
    assert_eq!(search("", &[]), ["e4", "e2", "e3"]);
}
