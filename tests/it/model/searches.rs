//! Questions with exact answers: quotes by word and by speaker, of one client's documents or of everybody's; what is found, and how it
//! divides.

use super::calls::{Calls, parent};
use super::client::Client;
use super::texts::{Content, OUTLETS, PEOPLE, Said, WORDS};
use super::{Living, Own};
use crate::random::Random;
use dictum::transport::wire::{
    AggregateQuotesRequest, Facet, FacetBy, FacetField, FacetResult, QuoteFilter, QuoteKind, QuoteResult,
    SearchOrder, SearchQuotesRequest,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Question {
    pub collection: String,
    pub owner: Option<usize>,
    pub word: Option<&'static str>,
    pub speaker: Option<&'static str>,
    pub source: Option<&'static str>,
    pub size: i32,
    pub order: SearchOrder,
}

/// Document, revision, quote.
pub type Found = BTreeSet<(String, u32, Said)>;

impl Question {
    /// Everything in a collection.
    pub fn everything(collection: &str) -> Self {
        Self {
            collection: collection.into(),
            owner: None,
            word: None,
            speaker: None,
            source: None,
            size: 1000,
            order: SearchOrder::Relevance,
        }
    }

    pub fn random(random: &mut Random, collection: &str, owner: Option<usize>) -> Self {
        let orders = [SearchOrder::Relevance, SearchOrder::NewestFirst, SearchOrder::OldestFirst];
        Self {
            owner,
            word: WORDS.get(random.below(WORDS.len() * 2)).copied(),
            speaker: PEOPLE.get(random.below(PEOPLE.len() * 2)).copied(),
            source: OUTLETS.get(random.below(OUTLETS.len() * 3)).copied(),
            size: 1 + random.below(4) as i32,
            order: orders[random.below(orders.len())],
            ..Self::everything(collection)
        }
    }

    fn filter(&self) -> QuoteFilter {
        let some = |value: Option<&str>| value.map(str::to_owned).into_iter().collect();
        QuoteFilter {
            text: self.word.unwrap_or_default().into(),
            speakers: some(self.speaker),
            sources: some(self.source),
            kinds: vec![QuoteKind::Statement.into(), QuoteKind::Thought.into()],
            labels: self.owner.map(Content::label).into_iter().collect(),
            ..QuoteFilter::default()
        }
    }

    pub fn request(&self, token: &str) -> SearchQuotesRequest {
        SearchQuotesRequest {
            parent: parent(&self.collection),
            filter: Some(self.filter()),
            order: self.order.into(),
            page_size: self.size,
            consistency_token: token.into(),
            ..Default::default()
        }
    }

    /// What the model answers.
    pub fn answer<'a>(&self, documents: impl Iterator<Item = (&'a (String, String), &'a Living)>) -> Found {
        let asked = |living: &Living| {
            self.owner.is_none_or(|owner| living.content.owner == owner)
                && self.source.is_none_or(|source| living.content.source == source)
        };
        let fits = |said: &Said| {
            self.word.is_none_or(|word| said.words.contains(word))
                && self.speaker.is_none_or(|speaker| said.speaker.as_deref() == Some(speaker))
        };
        documents
            .filter(|((collection, _), living)| *collection == self.collection && asked(living))
            .flat_map(|((_, id), living)| {
                let quotes = living.content.quotes().into_iter().filter(&fits);
                quotes.map(|said| (id.clone(), living.revision, said)).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Counts are those of the model, over all and divided.
    pub async fn counts<'a>(
        &self,
        calls: &Calls,
        documents: impl Iterator<Item = (&'a (String, String), &'a Living)> + Clone,
        token: &str,
    ) {
        let by = |field: FacetField| Facet {
            by: Some(FacetBy { field: field.into(), ..FacetBy::default() }),
            limit: 100,
            ..Facet::default()
        };
        let request = AggregateQuotesRequest {
            parent: parent(&self.collection),
            filter: Some(self.filter()),
            facets: vec![by(FacetField::Speaker), by(FacetField::Source)],
            consistency_token: token.into(),
            ..Default::default()
        };
        let answer = calls.quotes().aggregate_quotes(request).await.unwrap().into_inner();
        let expected = self.answer(documents.clone());
        assert_eq!(answer.total_size, expected.len() as u64, "{self:?}");
        let speakers = expected.iter().map(|(_, _, said)| said.speaker.clone());
        assert_eq!(divided(&answer.results[0]), tally(speakers), "{self:?}");
        let sources: BTreeMap<_, _> = documents
            .filter(|((collection, _), _)| *collection == self.collection)
            .map(|((_, id), living)| (id.clone(), living.content.source.clone()))
            .collect();
        let sources = expected.iter().map(|(id, _, _)| Some(sources[id].clone()));
        assert_eq!(divided(&answer.results[1]), tally(sources), "{self:?}");
    }
}

fn tally(values: impl Iterator<Item = Option<String>>) -> BTreeMap<String, u64> {
    let mut tally = BTreeMap::new();
    for value in values.flatten() {
        *tally.entry(value).or_default() += 1;
    }
    tally
}

fn divided(result: &FacetResult) -> BTreeMap<String, u64> {
    result.buckets.iter().map(|bucket| (bucket.value.clone(), bucket.count)).collect()
}

/// A result as the model knows it.
pub fn seen(result: &QuoteResult) -> (String, u32, Said) {
    let quote = result.quote.as_ref().unwrap();
    let speaker = quote.speaker.as_ref().map(|speaker| speaker.name.clone()).filter(|name| !name.is_empty());
    let words = quote.contents.iter().map(|span| span.text.as_str()).collect::<Vec<_>>().join(" ");
    let id = result.name.split('/').nth(3).unwrap().to_owned();
    let revision = result.document.as_ref().unwrap().revision;
    (id, revision, Said { id: quote.id.clone(), speaker, words })
}

/// Searches page by page, with a write of the client's own after the first: what was there at the first page is found, each once, but
/// for what the write has deleted.
pub async fn found(calls: &Calls, random: &mut Random, client: &mut Client, question: &Question) {
    let before = question.answer(client.own.iter());
    let mut request = question.request(&client.token);
    let (mut all, mut gone, mut is_first) = (Vec::new(), 0, true);
    let living = client.own.clone();
    loop {
        let page = calls.quotes().search_quotes(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, before.len() as u64, "{question:?}");
        assert!(page.results.len() <= question.size as usize);
        all.extend(page.results.iter().map(seen));
        gone += page.gone_count as usize;
        if page.next_page_token.is_empty() {
            break;
        }
        if std::mem::take(&mut is_first) {
            client.write(calls, random).await;
        }
        request.page_token = page.next_page_token;
    }
    let distinct: Found = all.iter().cloned().collect();
    assert_eq!(distinct.len(), all.len(), "nothing is there twice: {question:?}");
    assert!(distinct.is_subset(&before), "{distinct:?} of {before:?}, {question:?}");
    let lost: Vec<_> = before.difference(&distinct).collect();
    assert_eq!(lost.len(), gone, "what is left out is counted: {question:?}");
    for (id, _, _) in lost {
        let place = (question.collection.clone(), id.clone());
        assert!(is_deleted(&living, &client.own, &place), "{place:?} is lost: {question:?}");
    }
}

fn is_deleted(before: &Own, after: &Own, place: &(String, String)) -> bool {
    before.contains_key(place) && !after.contains_key(place)
}
