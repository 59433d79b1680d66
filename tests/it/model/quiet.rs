//! What must hold when nobody calls: everything that is stored and everything that can be asked of it equals what the clients' models
//! say together.

use super::calls::{Calls, parent};
use super::client::Client;
use super::searches::{Found, Question, seen};
use super::texts::{Content, PEOPLE, WORDS};
use super::{Board, CLIENTS, Living, Own, SHARED};
use crate::server::{TestServer, assert_error};
use dictum::transport::wire::{
    AggregateDocumentsRequest, Document, DocumentFilter, GetQuoteRequest, SearchDocumentsRequest,
};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use tonic::Code;

static TIMES: AtomicU64 = AtomicU64::new(0);

impl Living {
    /// The document is this one.
    pub fn is(&self, document: &Document) {
        let quotes = self.content.quotes();
        assert_eq!(
            (&document.text, &document.title, &document.source, document.revision, document.quote_count),
            (
                &self.content.text(),
                &self.content.title,
                &self.content.source,
                self.revision,
                quotes.len() as u32
            )
        );
        let analysis = document.analysis.as_ref().expect("the view has it");
        let ids: Vec<_> = analysis.quotes.iter().map(|quote| quote.id.clone()).collect();
        assert_eq!(ids, quotes.into_iter().map(|quote| quote.id).collect::<Vec<_>>());
    }
}

/// See the module.
pub async fn check(server: &TestServer, clients: &[Client], board: &Board) {
    let calls = Calls::to(server).await;
    // Whoever sees this sees all that was written before. Each time it is another text, since the same is no write.
    let text = format!("Nothing is said here, {} times.", TIMES.fetch_add(1, Ordering::Relaxed));
    let token = server.ingest("quiet", &text).await.consistency_token;
    let everything = together(&calls, clients, board).await;
    let mut collections = vec![(SHARED.to_owned(), true)];
    collections.extend(clients.iter().map(|client| (client.collection(), client.has_collection)));
    for (collection, is_there) in collections {
        if is_there {
            stored(&calls, &collection, &everything).await;
            searchable(&calls, &collection, &everything, &token).await;
        } else {
            let answer = calls.collection(&collection).await;
            assert_error(&answer.unwrap_err(), Code::NotFound, "NOT_FOUND");
        }
    }
}

/// All documents: those of the clients, and the one that they share, which has as many revisions as writes of it were answered.
async fn together(calls: &Calls, clients: &[Client], board: &Board) -> Own {
    let mut everything: Own = clients.iter().flat_map(|client| client.own.clone()).collect();
    let contest = board.contest.lock().unwrap().clone();
    let revision = 1 + contest.len() as u32;
    assert!(contest.keys().copied().eq(2..=revision), "each revision was answered once: {contest:?}");
    let document = calls.get(SHARED, "contest").await.unwrap();
    if let Some(by) = contest.get(&revision) {
        assert_eq!(document.title, format!("{revision} by {by}"));
    }
    let content = Content { title: document.title, source: document.source, ..Content::first(CLIENTS) };
    everything.insert((SHARED.into(), "contest".into()), Living { content, revision });
    everything
}

/// What the store has of a collection, read in pages.
async fn stored(calls: &Calls, collection: &str, everything: &Own) {
    let here: Vec<_> = everything.iter().filter(|((within, _), _)| within == collection).collect();
    let (mut documents, mut token) = (Vec::new(), String::new());
    loop {
        let page = calls.list(collection, 3, &token).await.unwrap();
        assert_eq!(page.total_size, here.len() as u64);
        documents.extend(page.documents);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(documents.len(), here.len());
    for (document, ((_, id), living)) in documents.iter().zip(&here) {
        assert_eq!(document.name, super::calls::name(collection, id));
        living.is(document);
    }
    let counts = calls.collection(collection).await.unwrap();
    let quotes: usize = here.iter().map(|(_, living)| living.content.quotes().len()).sum();
    assert_eq!((counts.document_count, counts.quote_count), (here.len() as u64, quotes as u64));
}

/// What the index finds of it.
async fn searchable(calls: &Calls, collection: &str, everything: &Own, token: &str) {
    let all = Question::everything(collection);
    let words = WORDS.iter().map(|word| Question { word: Some(word), ..all.clone() });
    let people = PEOPLE.iter().map(|speaker| Question { speaker: Some(speaker), ..all.clone() });
    for question in words.chain(people).chain([all.clone()]) {
        let answer = calls.quotes().search_quotes(question.request(token)).await.unwrap().into_inner();
        let found: Found = answer.results.iter().map(seen).collect();
        assert_eq!(found, question.answer(everything.iter()), "{question:?}");
        assert_eq!(answer.results.len(), found.len(), "nothing is there twice: {question:?}");
        question.counts(calls, everything.iter(), token).await;
        if let Some(result) = answer.results.first() {
            let request = GetQuoteRequest { name: result.name.clone(), ..Default::default() };
            let alone = calls.quotes().get_quote(request).await.unwrap().into_inner().result.unwrap();
            assert_eq!(seen(&alone), seen(result));
        }
    }
    let count = AggregateDocumentsRequest {
        parent: parent(collection),
        consistency_token: token.into(),
        ..Default::default()
    };
    let counted = calls.documents().aggregate_documents(count).await.unwrap().into_inner().total_size;
    let here = everything.iter().filter(|((within, _), _)| within == collection);
    assert_eq!(counted, here.clone().count() as u64);
    for word in WORDS {
        let request = SearchDocumentsRequest {
            parent: parent(collection),
            filter: Some(DocumentFilter { text: word.into(), ..Default::default() }),
            page_size: 1000,
            consistency_token: token.into(),
            ..Default::default()
        };
        let found = calls.documents().search_documents(request).await.unwrap().into_inner().results;
        let found: BTreeSet<_> =
            found.into_iter().map(|result| result.document.unwrap_or_default().name).collect();
        let with = here.clone().filter(|(_, living)| living.content.text().contains(word));
        let with: BTreeSet<_> = with.map(|((_, id), _)| super::calls::name(collection, id)).collect();
        assert_eq!(found, with, "{word}");
    }
}
