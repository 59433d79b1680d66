//! What searches find, in which order, and what hits show.

use super::*;

#[test]
fn words_phrases_and_prefixes_must_all_match() {
    let fixture = Fixture::with(&in_turn([
        document("a", &["The gas prices will rise.", "Prices of gas are falling, Orbán’s ministers say."]),
        document("b", &["A minister rose against gasoline."]),
    ]));
    let view = fixture.view();
    let cases: [(&str, &[&str]); 18] = [
        ("price", &["a/q1", "a/q2"]),
        ("GAS PRICE", &["a/q1", "a/q2"]),
        ("\"gas price\"", &["a/q1"]),
        ("\"gas price\" \"will rise\" will", &["a/q1"]),
        ("\"prices gas\"", &[]),
        ("\"gas rise\"~2", &["a/q1"]),
        ("\"gas rise\"~1", &[]),
        ("\"prices gas\"~1", &["a/q2"]),
        ("\"gas prices\"~9", &["a/q1"]),
        ("\"gas gas\"~9", &[]),
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
        assert_eq!(by_text(view.as_ref(), query), expected, "{query}");
    }
    let many = text(&"x ".repeat(99));
    let refused = ask_quotes(view.as_ref(), &many, &Resolved::default(), Order::Relevance, &page(1));
    assert!(matches!(
        refused,
        Err(PortError::Query(crate::ports::QueryFault::TooManyTerms { terms: 99, limit: 64 }))
    ));
}

/// Ways to choose places for the words of such a phrase are without number.
#[test]
fn a_phrase_of_repeated_words_with_others_between_costs_no_more_than_they_do() {
    let rain = "rain, rain, go away and come again. ".repeat(500);
    let fixture = Fixture::with(&in_turn([document("a", &[&rain])]));
    let view = fixture.view();
    let of = |words: &str, times: usize| format!("\"{}\"~100", words.repeat(times));
    assert_eq!(by_text(view.as_ref(), &of("rain ", 60)), [] as [&str; 0], "145 others between");
    assert_eq!(by_text(view.as_ref(), &of("rain ", 30)), ["a/q1"]);
    assert_eq!(by_text(view.as_ref(), &of("rain go come ", 20)), ["a/q1"]);
}

#[test]
fn relevance_puts_the_quote_that_says_it_most_first() {
    let fixture = Fixture::with(&in_turn([
        document("a", &["Peace is far away, and war is near, as everyone who was at the front can tell."]),
        document("b", &["Peace, peace, peace."]),
    ]));
    let view = fixture.view();
    let found = |order| {
        ask_quotes(view.as_ref(), &text("peace"), &Resolved::default(), order, &page(9)).unwrap().hits
    };
    let hits = found(Order::Relevance);
    assert_eq!(hits.iter().map(|(hit, _)| short(hit)).collect::<Vec<_>>(), ["b/q1", "a/q1"]);
    assert!(hits[0].0.score > hits[1].0.score && hits[1].0.score > 0.0);
    let by_time = found(Order::OldestFirst);
    assert_eq!(by_time[0].0.score, hits[1].0.score, "the score does not depend on the order");
}

/// Three documents that differ in everything that a filter can ask for.
fn varied() -> Fixture {
    let mut a = document("a", &["putin:Gas.", "peskov:Oil."]);
    a.info.source = Some("Reuters".into());
    a.info.published_at = Some(at(100));
    a.info.language = Some("en-GB".into());
    a.info.labels = [("desk".to_owned(), "world".to_owned())].into();
    a.analysis.quotes[1].quote_type = QuoteType::Mixed;
    a.analysis.quotes[1].confidence = 0.55;
    a.analysis.quotes[1].about = vec!["putin".into(), "e9".into()];
    let mut b = document("b", &["putin:Gas."]);
    b.info.source = Some("AP".into());
    b.info.published_at = Some(Timestamp { seconds: 200, nanos: 500_000 });
    b.analysis.quotes[0].kind = QuoteKind::Thought;
    let c = document("c", &["Gas."]);
    Fixture::with(&in_turn([a, b, c]))
}

#[test]
fn every_filter_decides() {
    let fixture = varied();
    let view = fixture.view();
    let all = QuoteFilter { kinds: vec![QuoteKind::Statement, QuoteKind::Thought], ..QuoteFilter::default() };
    let published = |from: Option<i64>, until: Option<i64>| {
        let published = crate::domain::time::TimeRange { from: from.map(at), until: until.map(at) };
        QuoteFilter { published, ..all.clone() }
    };
    let languages = |tag: &str| QuoteFilter { languages: vec![tag.into()], ..all.clone() };
    let document = Some(DocumentId::new("a").unwrap());
    let label =
        |key: &str, value: &str| QuoteFilter { labels: vec![(key.into(), value.into())], ..all.clone() };
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
        (published(None, Some(101)), &["a/q1", "a/q2"]),
        (languages("EN"), &["a/q1", "a/q2", "b/q1", "c/q1"]),
        (languages("en-gb"), &["a/q1", "a/q2"]),
        (languages("de"), &[]),
        (label("desk", "world"), &["a/q1", "a/q2"]),
        (label("desk", "sport"), &[]),
        (label("des", "kworld"), &[]),
    ];
    for (filter, expected) in cases {
        let mut found = quotes(view.as_ref(), &filter, &Resolved::default(), Order::Relevance);
        found.sort();
        assert_eq!(found, expected, "{filter:?}");
        let with_text = QuoteFilter { text: Some("gas".into()), ..filter };
        let mut found = quotes(view.as_ref(), &with_text, &Resolved::default(), Order::Relevance);
        found.sort();
        assert_eq!(found, expected.iter().filter(|quote| **quote != "a/q2").copied().collect::<Vec<_>>());
    }
}

#[test]
fn labels_whose_parts_meet_differently_are_different() {
    let mut a = document("a", &["Words."]);
    a.info.labels = [("a".to_owned(), "b\u{1f}c".to_owned())].into();
    let mut b = document("b", &["Words."]);
    b.info.labels = [("a\u{1f}b".to_owned(), "c".to_owned())].into();
    let fixture = Fixture::with(&in_turn([a, b]));
    let filter = QuoteFilter { labels: vec![("a".into(), "b\u{1f}c".into())], ..QuoteFilter::default() };
    assert_eq!(quotes(fixture.view().as_ref(), &filter, &Resolved::default(), Order::Relevance), ["a/q1"]);
}

#[test]
fn speakers_are_alternatives_and_mentions_are_demands() {
    let fixture = varied();
    let view = fixture.view();
    let group = |ids: &[&str]| ids.iter().map(|id| entity(id)).collect::<Vec<_>>();
    let speakers = |groups: &[&[&str]]| Resolved {
        speakers: groups.iter().map(|ids| group(ids)).collect(),
        ..Resolved::default()
    };
    let mentions = |groups: &[&[&str]]| Resolved {
        mentions: groups.iter().map(|ids| group(ids)).collect(),
        ..Resolved::default()
    };
    let many: Vec<String> = (0..20).map(|n| format!("x{n}")).chain(["putin".into()]).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let cases: [(Resolved, &[&str]); 8] = [
        (speakers(&[&["putin"]]), &["a/q1"]),
        (speakers(&[&["putin", "x"], &["peskov"]]), &["a/q1", "a/q2"]),
        (speakers(&[&[]]), &[]),
        (speakers(&[&[], &["peskov"]]), &["a/q2"]),
        (speakers(&[&many]), &["a/q1"]),
        (mentions(&[&["x", "putin"]]), &["a/q2"]),
        (mentions(&[&["putin"], &["x"]]), &[]),
        (mentions(&[&["putin"], &[]]), &[]),
    ];
    for (entities, expected) in cases {
        let found = quotes(view.as_ref(), &QuoteFilter::default(), &entities, Order::OldestFirst);
        assert_eq!(found, expected, "{entities:?}");
    }
    let documents = |entities: &Resolved, filter: &DocumentFilter| {
        let found = ask_documents(view.as_ref(), filter, entities, Order::Relevance, &page(9)).unwrap();
        found.hits.into_iter().map(|(hit, _)| hit.document.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(documents(&speakers(&[&["putin"]]), &DocumentFilter::default()), ["b", "a"]);
    assert_eq!(documents(&mentions(&[&["putin"], &["peskov"]]), &DocumentFilter::default()), ["a"]);
    let some = ["c", "a", "x"].map(|id| DocumentId::new(id).unwrap()).to_vec();
    assert_eq!(
        documents(&Resolved::default(), &DocumentFilter { documents: some, ..Default::default() }),
        ["a", "c"]
    );
}

#[test]
fn documents_are_found_by_title_and_text_and_ordered_by_time() {
    let mut a = document("a", &["Wheat."]);
    a.info.title = Some("Harvest fails".into());
    a.info.published_at = Some(at(-10));
    let mut b = document("b", &["Harvest of wheat."]);
    b.info.published_at = Some(at(10));
    let fixture = Fixture::with(&in_turn([a.clone(), b, document("c", &["Wheat"])]));
    let view = fixture.view();
    let search = |text: &str, order| {
        let filter = DocumentFilter { text: Some(text.into()), ..DocumentFilter::default() };
        let found = ask_documents(view.as_ref(), &filter, &Resolved::default(), order, &page(9)).unwrap();
        found.hits.into_iter().map(|(hit, _)| hit.document).collect::<Vec<_>>()
    };
    let ids = |text: &str, order| {
        search(text, order).into_iter().map(|document| document.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids("\"harvest fails\"", Order::Relevance), ["a"]);
    assert_eq!(ids("wheat", Order::NewestFirst), ["b", "a", "c"]);
    assert_eq!(ids("wheat", Order::OldestFirst), ["a", "b", "c"]);
    assert_eq!(search("fail", Order::Relevance), [crate::domain::hit::Summary::of(&a.info)]);
}

#[test]
fn a_hit_is_complete_in_itself() {
    let line = "“Gas prices 👩‍🚀 rise,” the minister said of Peskov, “and gas is short.”";
    let mut stored = document("a", &[line]);
    stored.info.title = Some("Gas".into());
    stored.info.labels = [("desk".to_owned(), "world".to_owned())].into();
    stored.info.seq = 17;
    stored.info.revision = 3;
    stored.links = [("e1".to_owned(), entity("minister")), ("e2".to_owned(), entity("peskov"))].into();
    let span = |words: &str| {
        let begin = line.find(words).unwrap();
        ByteSpan::at(begin, begin + words.len())
    };
    let quote = &mut stored.analysis.quotes[0];
    quote.contents = vec![span("“Gas prices 👩‍🚀 rise,”"), span("“and gas is short.”")];
    quote.cue = Some(span("said"));
    quote.speaker.mention = Some(span("the minister"));
    quote.speaker.entity = Some("e1".into());
    quote.about = vec!["e9".into(), "e2".into()];
    let evidence =
        |spans| crate::domain::annotation::EvidenceStep { rule: "nominal".into(), score: 0.5, spans };
    quote.speaker.evidence = vec![evidence(vec![span("Peskov")])];
    let quote = quote.clone();
    let fixture = Fixture::with(&[stored.clone()]);
    let found =
        ask_quotes(fixture.view().as_ref(), &text("gas"), &Resolved::default(), Order::Relevance, &page(1));
    let (hit, _) = found.unwrap().hits.pop().unwrap();
    assert_eq!(hit.name.to_string(), "collections/news/documents/a/quotes/q1");
    assert_eq!(hit.document, crate::domain::hit::Summary::of(&stored.info));
    assert_eq!((hit.speaker, hit.about), (Some(entity("minister")), vec![entity("peskov")]));
    assert_eq!(hit.sentence, Some(quote.contents[0]));
    assert_eq!(hit.quote, quote);
    let spans = quote.contents.iter().chain(&quote.cue).chain(&quote.speaker.mention);
    for span in spans.chain(&quote.speaker.evidence[0].spans) {
        assert_eq!(hit.excerpts.slice(*span), span.slice(line));
    }
    let marked: Vec<&str> = hit.highlights.iter().map(|span| hit.excerpts.slice(*span)).collect();
    assert_eq!(marked, ["Gas", "gas"]);
    let map = crate::domain::span::OffsetMap::new(line);
    assert_eq!(hit.excerpts.position(span("and").begin), Some(map.position(span("and").begin)));
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
    let put = |entity: &CollectionEntity| IndexOp::PutEntity(Box::new(entity.clone()));
    fixture.apply(entities.iter().map(put).collect(), 4);
    let search = |prefix: &str, types: &[EntityType]| {
        let filter =
            EntityFilter { name_prefix: Some(prefix.into()), forgiving: false, types: types.to_vec() };
        let found = ask_entities(fixture.view().as_ref(), &filter, &page(9)).unwrap();
        found.hits.into_iter().map(|(hit, _)| hit).collect::<Vec<_>>()
    };
    let ids = |prefix: &str, types: &[EntityType]| {
        search(prefix, types).into_iter().map(|hit| hit.name.entity.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(search("Put", &[])[1], entities[0]);
    assert_eq!(ids("Put", &[]), ["e4", "e1", "e2"]);
    assert_eq!(ids("put", &[EntityType::Person, EntityType::Norp]), ["e1", "e2"]);
    assert_eq!(ids("putin", &[]), ["e1", "e2"]);
    assert_eq!(ids("vlad PUT", &[]), ["e1"]);
    assert_eq!(ids("UN", &[]), ["e3"]);
    assert_eq!(ids("", &[]), ["e4", "e1", "e2", "e3"]);
    assert_eq!(ids("…", &[]), [""; 0]);
    let fewer = collection_entity("e4", EntityType::Gpe, &["Sumy"], 5);
    fixture.apply(vec![put(&fewer), IndexOp::DeleteEntity(entities[0].name.clone())], 5);
    assert_eq!(ids("put", &[]), ["e2"]);
    assert_eq!(ids("", &[]), ["e4", "e2", "e3"]);
}

#[test]
fn texts_are_marked_with_what_a_query_asks_for() {
    let view = Fixture::new().view();
    let texts = vec!["War, and peace; war.".to_owned(), "Nothing.".to_owned()];
    let marked = done(view.highlights("war peac*", texts.clone(), 2, &caller())).unwrap();
    let spans = |n: usize| marked[n].1.iter().map(|span| span.slice(&texts[n])).collect::<Vec<_>>();
    assert_eq!((spans(0), spans(1)), (vec!["War", "peace"], vec![]));
    assert_eq!(marked.into_iter().map(|(text, _)| text).collect::<Vec<_>>(), texts);
}
