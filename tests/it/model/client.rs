//! What one client does, step by step, and what it must be answered. It alone writes to its documents, some of them in the shared
//! collection and some in one of its own that comes and goes, so it knows exactly what each of them is.

use super::calls::{Calls, name};
use super::searches::{Question, found};
use super::texts::{Content, OUTLETS};
use super::{Board, Living, Own, SHARED};
use crate::random::Random;
use crate::server::assert_error;
use dictum::transport::wire::{IngestOutcome, IngestReceipt, ListDocumentsResponse, SearchQuotesRequest};
use std::sync::Arc;
use tonic::{Code, Status};

/// Documents of a client in each collection.
const DOCUMENTS: usize = 5;

pub struct Client {
    pub number: usize,
    pub own: Own,
    /// Whether its own collection is there.
    pub has_collection: bool,
    /// Of its last write.
    pub token: String,
    board: Arc<Board>,
    /// A token of an earlier list, and what has become of it nobody knows.
    kept: Option<String>,
}

impl Client {
    pub fn new(number: usize, board: Arc<Board>) -> Self {
        let (own, token) = (Own::new(), String::new());
        Self { number, own, has_collection: false, token, board, kept: None }
    }

    /// The collection that is the client's own.
    pub fn collection(&self) -> String {
        format!("own-{}", self.number)
    }

    pub async fn play(&mut self, calls: &Calls, mut random: Random, steps: usize) {
        for _ in 0..steps {
            self.step(calls, &mut random).await;
        }
    }

    async fn step(&mut self, calls: &Calls, random: &mut Random) {
        match random.below(20) {
            0..5 => self.write(calls, random).await,
            5 | 6 => self.stream(calls, random).await,
            7 => self.come_or_go(calls, random).await,
            8 | 9 => self.get(calls, random).await,
            10 => self.look_elsewhere(calls, random).await,
            11 | 12 => self.list(calls, random).await,
            13..16 => self.search(calls, random).await,
            16 | 17 => self.contest(calls).await,
            18 => self.count(calls, random).await,
            _ => self.bad_tokens(calls, random).await,
        }
    }

    fn place(&self, random: &mut Random) -> (String, String) {
        let collection = if random.below(2) == 0 { SHARED.to_owned() } else { self.collection() };
        (collection, format!("c{}-{}", self.number, random.below(DOCUMENTS)))
    }

    fn is_there(&self, collection: &str) -> bool {
        collection == SHARED || self.has_collection
    }

    /// One document is put, updated or deleted.
    pub async fn write(&mut self, calls: &Calls, random: &mut Random) {
        let place = self.place(random);
        match random.below(8) {
            0..4 => self.put(calls, random, place).await,
            4..6 => self.update(calls, random, place).await,
            _ => self.delete(calls, random, place).await,
        }
    }

    /// A revision that may be required, right or wrong.
    fn required(&self, random: &mut Random, place: &(String, String)) -> (u32, Option<u32>) {
        let current = self.own.get(place).map_or(0, |living| living.revision);
        let expected = [None, None, Some(current), Some(current + 1)][random.below(4)];
        (current, expected)
    }

    async fn put(&mut self, calls: &Calls, random: &mut Random, place: (String, String)) {
        let content = match self.own.get(&place) {
            Some(living) if random.below(4) == 0 => living.content.clone(),
            _ => Content::random(random, self.number),
        };
        let (current, expected) = self.required(random, &place);
        self.announce(&place, &content);
        let answer = calls.put(&place.0, &place.1, &content, expected).await;
        if !self.is_there(&place.0) {
            return assert_error(&answer.unwrap_err(), Code::NotFound, "NOT_FOUND");
        }
        if expected.is_some_and(|expected| expected != current) {
            return is_aborted(answer);
        }
        self.note(place, content, &answer.unwrap());
    }

    async fn update(&mut self, calls: &Calls, random: &mut Random, place: (String, String)) {
        let wanted = Content::random(random, self.number);
        let paths = [&["title"][..], &["source"], &["text"], &["title", "source"]][random.below(4)];
        let mut content = self.own.get(&place).map_or(wanted.clone(), |living| living.content.clone());
        for path in paths {
            match *path {
                "title" => content.title.clone_from(&wanted.title),
                "source" => content.source.clone_from(&wanted.source),
                _ => content.said.clone_from(&wanted.said),
            }
        }
        let (current, expected) = self.required(random, &place);
        self.announce(&place, &content);
        let answer = calls.update(&place.0, &place.1, (paths, &wanted), expected).await;
        if !self.own.contains_key(&place) {
            return assert_error(&answer.unwrap_err(), Code::NotFound, "NOT_FOUND");
        }
        if expected.is_some_and(|expected| expected != current) {
            return is_aborted(answer);
        }
        self.note(place, content, &answer.unwrap());
    }

    async fn delete(&mut self, calls: &Calls, random: &mut Random, place: (String, String)) {
        let allow_missing = random.below(2) == 0;
        let answer = calls.delete(&place.0, &place.1, allow_missing).await;
        match self.own.remove(&place) {
            Some(_) => self.token = answer.unwrap(),
            None if allow_missing => assert_eq!(answer.unwrap(), ""),
            None => assert_error(&answer.unwrap_err(), Code::NotFound, "NOT_FOUND"),
        }
    }

    async fn stream(&mut self, calls: &Calls, random: &mut Random) {
        let (collection, _) = self.place(random);
        let mut items: Vec<(String, Content)> = Vec::new();
        for n in 0..DOCUMENTS {
            if random.below(2) == 0 {
                items.push((format!("c{}-{n}", self.number), Content::random(random, self.number)));
            }
        }
        for (id, content) in &items {
            self.announce(&(collection.clone(), id.clone()), content);
        }
        let became = calls.stream(&collection, &items).await;
        if !self.is_there(&collection) {
            return assert_error(&became.unwrap_err(), Code::NotFound, "NOT_FOUND");
        }
        let mut became = became.unwrap();
        assert_eq!(became.len(), items.len(), "each is answered once");
        for (id, content) in items {
            let at = became.iter().position(|(of, _)| *of == id).expect("each is answered");
            let receipt = became.swap_remove(at).1.expect("an ack");
            // Which of them was written last is not told: whoever has seen all of them has seen the last.
            calls.see(&receipt.consistency_token).await;
            self.note((collection.clone(), id), content, &receipt);
        }
    }

    /// What a write must have been answered, and what is there from now on.
    fn note(&mut self, place: (String, String), content: Content, receipt: &IngestReceipt) {
        assert!(self.is_there(&place.0), "{receipt:?}");
        let (revision, outcome) = match self.own.get(&place) {
            None => (1, IngestOutcome::Created),
            Some(living) if living.content == content => (living.revision, IngestOutcome::AlreadyCurrent),
            Some(living) => (living.revision + 1, IngestOutcome::Revised),
        };
        let quotes = content.quotes().len() as u32;
        assert_eq!(
            (receipt.outcome(), receipt.revision, receipt.quote_count, &receipt.name),
            (outcome, revision, quotes, &name(&place.0, &place.1)),
            "{content:?}"
        );
        // What was stored already has the token of the write that stored it, which is not the last one.
        if outcome != IngestOutcome::AlreadyCurrent {
            self.token.clone_from(&receipt.consistency_token);
        }
        self.own.insert(place, Living { content, revision });
    }

    fn announce(&self, place: &(String, String), content: &Content) {
        let mut written = self.board.written.lock().unwrap();
        written.entry(name(&place.0, &place.1)).or_default().push(content.text());
    }

    async fn come_or_go(&mut self, calls: &Calls, random: &mut Random) {
        let id = self.collection();
        if random.below(3) < 2 {
            let answer = calls.create_collection(&id).await;
            match self.has_collection {
                false => answer.unwrap(),
                true => assert_error(&answer.unwrap_err(), Code::AlreadyExists, "ALREADY_EXISTS"),
            }
            self.has_collection = true;
        } else {
            let allow_missing = random.below(2) == 0;
            let answer = calls.delete_collection(&id, allow_missing).await;
            match (self.has_collection, allow_missing) {
                (true, _) => self.token = answer.unwrap(),
                (false, true) => assert_eq!(answer.unwrap(), ""),
                (false, false) => assert_error(&answer.unwrap_err(), Code::NotFound, "NOT_FOUND"),
            }
            self.has_collection = false;
            self.own.retain(|(collection, _), _| *collection != id);
        }
    }

    async fn get(&mut self, calls: &Calls, random: &mut Random) {
        let place = self.place(random);
        let answer = calls.get(&place.0, &place.1).await;
        match self.own.get(&place) {
            None => assert_error(&answer.unwrap_err(), Code::NotFound, "NOT_FOUND"),
            Some(living) => living.is(&answer.unwrap()),
        }
        let names = (0..DOCUMENTS).map(|n| name(&place.0, &format!("c{}-{n}", self.number)));
        let several = calls.batch_get(names.collect()).await.unwrap();
        let here = self.own.iter().filter(|((collection, _), _)| *collection == place.0);
        let texts: Vec<_> = here.map(|(_, living)| living.content.text()).collect();
        assert_eq!(several.documents.iter().map(|document| document.text.clone()).collect::<Vec<_>>(), texts);
        assert_eq!(several.missing.len() + texts.len(), DOCUMENTS);
    }

    /// Whatever another client is doing to a document, it has a text that was meant for it.
    async fn look_elsewhere(&mut self, calls: &Calls, random: &mut Random) {
        let id = format!("c{}-{}", random.below(super::CLIENTS), random.below(DOCUMENTS));
        if let Ok(document) = calls.get(SHARED, &id).await {
            let written = self.board.written.lock().unwrap();
            assert!(written[&name(SHARED, &id)].contains(&document.text), "{document:?}");
        }
    }

    /// Pages of a collection to which others write: its own documents are there, each once and as it is.
    async fn list(&mut self, calls: &Calls, random: &mut Random) {
        let (collection, _) = self.place(random);
        let size = 1 + random.below(5) as i32;
        let mut pages: Vec<ListDocumentsResponse> = Vec::new();
        let mut token = String::new();
        loop {
            let page = calls.list(&collection, size, &token).await;
            let page = match self.is_there(&collection) {
                true => page.unwrap(),
                false => return assert_error(&page.unwrap_err(), Code::NotFound, "NOT_FOUND"),
            };
            assert!(page.documents.len() <= size as usize);
            token.clone_from(&page.next_page_token);
            pages.push(page);
            if token.is_empty() {
                break;
            }
            self.kept = Some(token.clone());
        }
        let documents: Vec<_> = pages.into_iter().flat_map(|page| page.documents).collect();
        assert!(documents.is_sorted_by(|a, b| a.name < b.name), "in the order of their ids, each once");
        let ours = documents.iter().filter(|document| document.labels["owner"] == self.number.to_string());
        let here = self.own.iter().filter(|((within, _), _)| *within == collection);
        let (ours, here): (Vec<_>, Vec<_>) = (ours.collect(), here.collect());
        assert_eq!(ours.len(), here.len());
        for (document, ((_, id), living)) in ours.iter().zip(here) {
            assert_eq!(document.name, name(&collection, id));
            living.is(document);
        }
    }

    async fn search(&mut self, calls: &Calls, random: &mut Random) {
        let (collection, _) = self.place(random);
        let question = Question::random(random, &collection, Some(self.number));
        if self.is_there(&collection) {
            found(calls, random, self, &question).await;
        } else {
            let answer = calls.quotes().search_quotes(question.request(&self.token)).await;
            assert_error(&answer.unwrap_err(), Code::NotFound, "NOT_FOUND");
        }
    }

    /// Counts of its own quotes.
    async fn count(&mut self, calls: &Calls, random: &mut Random) {
        let (collection, _) = self.place(random);
        if self.is_there(&collection) {
            let question = Question::random(random, &collection, Some(self.number));
            question.counts(calls, self.own.iter(), &self.token).await;
        }
    }

    /// All write to one document, each as the next of the revision that it has read: nobody's write is lost, and no two are the same.
    async fn contest(&mut self, calls: &Calls) {
        let document = calls.get(SHARED, "contest").await.unwrap();
        let content = Content {
            title: format!("{} by {}", document.revision + 1, self.number),
            source: OUTLETS[self.number % OUTLETS.len()].into(),
            ..Content::first(super::CLIENTS)
        };
        let update =
            calls.update(SHARED, "contest", (&["title", "source"], &content), Some(document.revision));
        match update.await {
            Ok(receipt) => {
                assert_eq!(receipt.revision, document.revision + 1);
                let before = self.board.contest.lock().unwrap().insert(receipt.revision, self.number);
                assert_eq!(before, None, "two clients have made revision {}", receipt.revision);
            }
            Err(status) => assert_eq!(status.code(), Code::Aborted, "{status:?}"),
        }
    }

    async fn bad_tokens(&mut self, calls: &Calls, random: &mut Random) {
        let mut garbage: String =
            (0..random.below(40)).map(|_| char::from(b'A' + random.below(26) as u8)).collect();
        garbage.push('x');
        for token in [garbage.clone(), format!("{}{garbage}", self.token), "é".into()] {
            let status = calls.list(SHARED, 3, &token).await.unwrap_err();
            assert_error(&status, Code::InvalidArgument, "INVALID_TOKEN");
            let request = SearchQuotesRequest { consistency_token: token, ..Default::default() };
            let status = calls.quotes().search_quotes(request).await.unwrap_err();
            assert_error(&status, Code::InvalidArgument, "INVALID_TOKEN");
        }
        // A token of an earlier list holds a place and nothing else, also after a restart; in another collection it is none.
        if let Some(kept) = self.kept.take() {
            if let Err(status) = calls.list(SHARED, 3, &kept).await {
                assert_error(&status, Code::InvalidArgument, "INVALID_TOKEN");
            }
            let status = calls.list("default", 3, &kept).await.unwrap_err();
            assert_error(&status, Code::InvalidArgument, "INVALID_TOKEN");
        }
    }
}

fn is_aborted(answer: Result<IngestReceipt, Status>) {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::Aborted, "{status:?}");
}
