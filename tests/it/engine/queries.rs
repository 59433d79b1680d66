//! What queries answer, and that their pages fit together.

use super::stage::{Stage, default, name, page, single};
use dictum::domain::annotation::QuoteType;
use dictum::domain::hit::HitPage;
use dictum::domain::ids::{EntityName, QuoteName};
use dictum::domain::query::{
    Cursor, DocumentFilter, EntityFilter, EntityRef, Order, PageRequest, QuoteFilter,
};
use dictum::engine::{EngineError, Invalid, Resource, Shown};

async fn filled() -> (Stage, u64) {
    let stage = Stage::set().await;
    let mut seq = 0;
    for n in 0..7 {
        let text = format!("\"Rain on day {n} 👩‍🚀,\" said Ada Moreno.\n\n\"Sun later,\" said Jonas Weber.");
        seq = stage.put(&format!("d{n}"), &text).await.seq;
    }
    (stage, seq)
}

/// Every page of a list, one after the other.
async fn pages<T>(size: usize, list: impl AsyncFn(PageRequest) -> HitPage<T>) -> Vec<T> {
    let mut all = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let found = list(PageRequest { after, ..page(size) }).await;
        assert!(found.hits.len() <= size);
        after = found.hits.last().map(|(_, cursor)| cursor.clone());
        let more = found.more;
        all.extend(found.hits.into_iter().map(|(hit, _)| hit));
        if !more {
            return all;
        }
        assert!(after.is_some(), "more to come and no place to go on from");
    }
}

#[tokio::test]
async fn a_quote_comes_with_its_document_its_speaker_and_the_words_that_matched() {
    let (stage, seq) = filled().await;
    let filter = QuoteFilter {
        text: Some("rain".into()),
        speakers: vec![EntityRef::Name("ADA MORENO".into()), EntityRef::Name("nobody at all".into())],
        types: vec![QuoteType::Direct],
        ..QuoteFilter::default()
    };
    let found = stage.quotes(filter, Order::Relevance, page(10), Some(seq)).await.unwrap().page;
    assert_eq!(found.total, 7);
    for (hit, _) in &found.hits {
        let words: Vec<_> = hit.highlights.iter().map(|span| hit.excerpts.slice(*span)).collect();
        assert_eq!(words, ["Rain"]);
        let sentence = hit.excerpts.slice(hit.sentence.unwrap());
        assert!(sentence.ends_with("said Ada Moreno."), "{sentence}");
        assert!(hit.score > 0.0);
        let speaker = EntityName { collection: default(), entity: hit.speaker.clone().unwrap() };
        let entity = stage.engine.get_entity(&single(), &speaker).await.unwrap();
        assert_eq!((entity.display_name.as_str(), entity.documents), ("Ada Moreno", 7));
        let alone = stage.engine.get_quote(&single(), &hit.name, None).await.unwrap();
        assert_eq!((&alone.quote, &alone.speaker), (&hit.quote, &hit.speaker));
    }
}

#[tokio::test]
async fn pages_of_every_list_give_everything_once() {
    let (stage, seq) = filled().await;
    let engine = &stage.engine;
    for size in [1, 3, 14, 100] {
        let quotes = pages(size, async |page| {
            let all = QuoteFilter::default();
            stage.quotes(all, Order::NewestFirst, page, Some(seq)).await.unwrap().page
        });
        let mut quotes: Vec<_> = quotes.await.into_iter().map(|hit| hit.name.to_string()).collect();
        quotes.sort();
        quotes.dedup();
        assert_eq!(quotes.len(), 14);

        for whole in [false, true] {
            let list = async |page| engine.list_documents(&single(), &default(), &page, whole).await.unwrap();
            let documents = pages(size, list).await;
            let ids: Vec<_> = documents.iter().map(|shown| shown.info().name.document.as_str()).collect();
            assert_eq!(ids, ["d0", "d1", "d2", "d3", "d4", "d5", "d6"]);
            assert!(documents.iter().all(|shown| matches!(shown, Shown::Whole(_)) == whole));
        }

        let found = pages(size, async |page| {
            let filter = DocumentFilter { text: Some("\"sun later\"".into()), ..DocumentFilter::default() };
            engine.search_documents(&single(), stage.texts(filter, page, seq)).await.unwrap().page
        });
        let found = found.await;
        assert_eq!(found.len(), 7);
        for hit in &found {
            let marked: Vec<_> = hit.highlights.iter().map(|span| hit.excerpts.slice(*span)).collect();
            assert_eq!(marked, ["Sun later"]);
        }

        let entities = pages(size, async |page| {
            let (all, at_least) = (EntityFilter::default(), Some(stage.position(seq)));
            engine.search_entities(&single(), default(), all, &page, at_least).await.unwrap().page
        });
        let mut names: Vec<_> = entities.await.into_iter().map(|entity| entity.display_name).collect();
        names.sort();
        assert_eq!(names, ["Ada Moreno", "Jonas Weber"]);
    }
}

#[tokio::test]
async fn the_mentions_of_an_entity_come_latest_document_first_with_their_sentences() {
    let (stage, seq) = filled().await;
    let filter = EntityFilter { name_prefix: Some("mor".into()), ..EntityFilter::default() };
    let at_least = Some(stage.position(seq));
    let found =
        stage.engine.search_entities(&single(), default(), filter, &page(10), at_least).await.unwrap();
    let [(entity, _)] = found.page.hits.as_slice() else { panic!("{found:?}") };
    for size in [1, 2, 50] {
        let list = async |page| stage.engine.list_mentions(&single(), &entity.name, &page).await.unwrap();
        let mentions = pages(size, list).await;
        let ids: Vec<_> = mentions.iter().map(|hit| hit.document.info.name.document.as_str()).collect();
        assert_eq!(ids, ["d6", "d5", "d4", "d3", "d2", "d1", "d0"]);
        for hit in &mentions {
            let text = &hit.document.text;
            assert_eq!(hit.mention.span.slice(text), "Ada Moreno");
            assert!(hit.sentence.contains(hit.mention.span));
            assert!(!hit.sentence.slice(text).contains("Sun"), "the sentence and no more");
        }
    }
}

#[tokio::test]
async fn questions_that_make_no_sense_are_refused() {
    let (stage, _) = filled().await;
    let quotes = async |filter: QuoteFilter, page: PageRequest| {
        let found = stage.quotes(filter, Order::NewestFirst, page, None).await;
        found.map(|found| found.page.total)
    };
    let refused = |result: Result<u64, EngineError>, wanted: &str| match result {
        Err(EngineError::InvalidArgument { field, .. }) => assert_eq!(field, wanted),
        other => panic!("{other:?}"),
    };
    refused(quotes(QuoteFilter::default(), page(0)).await, "page.size");
    let tampered = PageRequest { after: Some(Cursor(vec![0xff; 3])), ..page(1) };
    refused(quotes(QuoteFilter::default(), tampered.clone()).await, "page.after");
    refused(
        quotes(QuoteFilter { min_confidence: f32::NAN, ..QuoteFilter::default() }, page(1)).await,
        "filter.min_confidence",
    );
    let listed = stage.engine.list_documents(&single(), &default(), &tampered, false).await;
    assert!(matches!(listed, Err(EngineError::InvalidArgument { reason: Invalid::Cursor, .. })));
    let quote = QuoteName { document: name("d0"), quote: dictum::domain::ids::QuoteId::new("q99").unwrap() };
    assert!(matches!(
        stage.engine.get_quote(&single(), &quote, None).await,
        Err(EngineError::NotFound(Resource::Quote(_)))
    ));
}
