//! Pages: from `page_size`, `page_token` and `max_answer_bytes` to a [`PageRequest`], and from hits to a page that stops by count
//! and by bytes. A token holds the cursor after the last result sent, sealed to the request's other fields; for
//! another request, or another store, it does not open.

use super::answer::{self, item_len};
use super::seal::{Purpose, Sealer, context_of};
use super::status::Failure;
use super::wire;
use crate::domain::hit::HitPage;
use crate::domain::query::{Cursor, PageRequest};
use prost::{Message, Name};

/// Results in a page where the request does not say.
pub const DEFAULT_PAGE_SIZE: usize = 50;
/// Most results in a page; larger wishes are cut to it.
pub const MAX_PAGE_SIZE: usize = 1000;
/// Room for the page token, the counts and the freshness.
const ENVELOPE_BYTES: usize = 8 << 10;

/// A request for one page of something.
pub trait PagedRequest: Message + Name + Clone {
    /// Most results that the client wants; 0 leaves it to the server.
    fn page_size(&self) -> i32;
    /// Where the page before ended; empty for the first.
    fn page_token(&self) -> &str;
    /// Most bytes of an answer that the client takes; 0 leaves it to the server.
    fn max_answer_bytes(&self) -> i32;
    /// Clears what may differ from page to page.
    fn clear_page(&mut self);
}

macro_rules! paged {
    // Requests whose answers are short say nothing about bytes.
    (@bytes $request:ident bytes) => { $request.max_answer_bytes };
    (@bytes $request:ident) => { 0 };
    ($($name:ident { $($other:ident),* } $($bytes:ident)?;)*) => {$(
        impl PagedRequest for wire::$name {
            fn page_size(&self) -> i32 {
                self.page_size
            }
            fn page_token(&self) -> &str {
                &self.page_token
            }
            fn max_answer_bytes(&self) -> i32 {
                let _request = self;
                paged!(@bytes _request $($bytes)?)
            }
            fn clear_page(&mut self) {
                self.page_size = Default::default();
                self.page_token = Default::default();
                $(self.$other = Default::default();)*
            }
        }
    )*};
}

paged! {
    ListDocumentsRequest { max_answer_bytes } bytes;
    ListCollectionsRequest {};
    ListMentionsRequest { max_answer_bytes } bytes;
    ListEntityFormsRequest {};
    ListOperationsRequest {};
    SearchDocumentsRequest { consistency_token, max_answer_bytes } bytes;
    GetQuoteClusterRequest { consistency_token, max_answer_bytes } bytes;
    SearchQuotesRequest { consistency_token, max_answer_bytes } bytes;
    SearchEntitiesRequest { consistency_token, max_answer_bytes } bytes;
}

/// The pages of one query: which one is asked for, and what the tokens of the next are sealed to.
pub struct Pages {
    sealer: Sealer,
    context: [u8; 32],
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Pages {
    /// The page that the request asks for.
    pub fn of<R: PagedRequest>(sealer: Sealer, request: &R) -> Result<Self, Failure> {
        let context = context(request);
        let size = match usize::try_from(request.page_size()) {
            Ok(0) => DEFAULT_PAGE_SIZE,
            Ok(size) => size.min(MAX_PAGE_SIZE),
            Err(_) => return Err(Failure::field("INVALID_PAGE", "page_size", "must not be negative")),
        };
        let bytes = answer::limit(request.max_answer_bytes())?.saturating_sub(ENVELOPE_BYTES);
        let after = match request.page_token() {
            "" => None,
            token => Some(open(&sealer, &context, token)?),
        };
        Ok(Self { sealer, context, page: PageRequest { size, bytes, after } })
    }

    fn token(&self, cursor: &Cursor) -> String {
        self.sealer.seal(Purpose::Page, &self.context, &cursor.0)
    }

    /// The page as wire messages, as many as its bytes hold, with the token for what follows. A hit that does not fit
    /// into an answer of its own is sent as `shorten` leaves it.
    pub fn filled<H, M: Message>(
        &self,
        found: HitPage<H>,
        render: impl Fn(&[H]) -> Vec<M>,
        shorten: impl Fn(&mut M),
    ) -> FilledPage<M> {
        let _rendering = tracing::trace_span!("render", items = found.hits.len()).entered();
        let most = self.page.bytes;
        let mut room = most;
        let (hits, cursors): (Vec<H>, Vec<Cursor>) = found.hits.into_iter().unzip();
        let mut filled = FilledPage { items: Vec::new(), next_page_token: String::new(), total: found.total };
        let (mut more, mut last) = (found.more, None);
        for (mut item, cursor) in render(&hits).into_iter().zip(&cursors) {
            let mut length = item_len(&item);
            if length > most {
                shorten(&mut item);
                length = item_len(&item);
            }
            if length > room && !filled.items.is_empty() {
                more = true;
                break;
            }
            room = room.saturating_sub(length);
            filled.items.push(item);
            last = Some(cursor);
        }
        if let (true, Some(cursor)) = (more, last) {
            filled.next_page_token = self.token(cursor);
        }
        filled
    }
}

fn open(sealer: &Sealer, context: &[u8; 32], token: &str) -> Result<Cursor, Failure> {
    let payload = sealer.open(Purpose::Page, context, token);
    payload.map(Cursor).ok_or_else(|| {
        Failure::field(
            "INVALID_TOKEN",
            "page_token",
            "is not the next_page_token of a request with the same fields",
        )
    })
}

/// A page, ready to be sent.
pub struct FilledPage<M> {
    /// The results.
    pub items: Vec<M>,
    /// For the next page; empty on the last.
    pub next_page_token: String,
    /// All results, over all pages.
    pub total: u64,
}

/// What tokens of this query are bound to: its kind and all fields that must stay the same.
fn context<R: PagedRequest>(request: &R) -> [u8; 32] {
    let mut request = request.clone();
    request.clear_page();
    context_of(&request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::wire::{Collection, ListDocumentsRequest, SearchQuotesRequest};

    /// Hits that are their numbers.
    fn numbers(count: u8) -> HitPage<u8> {
        let hits = (0..count).map(|number| (number, Cursor(vec![number]))).collect();
        HitPage { hits, total: 99, more: false }
    }

    fn collections(hits: &[u8]) -> Vec<Collection> {
        let name = "x".repeat(1000);
        hits.iter()
            .map(|hit| Collection {
                name: name.clone(),
                document_count: u64::from(*hit),
                ..Default::default()
            })
            .collect()
    }

    fn list() -> ListDocumentsRequest {
        ListDocumentsRequest { parent: "collections/a".into(), page_size: 1000, ..Default::default() }
    }

    #[test]
    fn a_page_stops_by_bytes_and_its_token_goes_on_after_the_last_result_sent() {
        let sealer = Sealer::new(&[3; 32]);
        let max_answer_bytes = ENVELOPE_BYTES as i32 + 60_500;
        let pages = Pages::of(sealer.clone(), &ListDocumentsRequest { max_answer_bytes, ..list() }).unwrap();
        let filled = pages.filled(numbers(99), collections, |_| ());
        assert_eq!((filled.items.len(), filled.total), (59, 99));
        let next = ListDocumentsRequest { page_token: filled.next_page_token, page_size: 7, ..list() };
        let page = Pages::of(sealer.clone(), &next).unwrap().page;
        assert_eq!((page.size, page.after), (7, Some(Cursor(vec![58]))));
    }

    #[test]
    fn the_last_page_has_no_token_and_an_oversized_result_is_shortened() {
        let sealer = Sealer::new(&[3; 32]);
        let mut pages = Pages::of(sealer.clone(), &list()).unwrap();
        pages.page.bytes = 100;
        let filled = pages.filled(numbers(2), collections, |item| item.name.clear());
        assert_eq!(filled.next_page_token, "");
        assert_eq!(filled.items.iter().map(|item| item.document_count).collect::<Vec<_>>(), [0, 1]);
        let filled = pages.filled(HitPage { more: true, ..numbers(0) }, collections, |_| ());
        assert_eq!(filled.next_page_token, "");
    }

    #[test]
    fn tokens_are_bound_to_the_request_but_not_to_sizes_and_consistency() {
        let sealer = Sealer::new(&[3; 32]);
        let first = SearchQuotesRequest { parent: "collections/a".into(), ..Default::default() };
        let pages = Pages::of(sealer.clone(), &first).unwrap();
        assert_eq!((pages.page.size, &pages.page.after), (DEFAULT_PAGE_SIZE, &None));
        let page_token = pages.token(&Cursor(b"here".to_vec()));
        let next = SearchQuotesRequest {
            page_token: page_token.clone(),
            page_size: 5000,
            consistency_token: "later".into(),
            max_answer_bytes: 1 << 20,
            ..first
        };
        let page = Pages::of(sealer.clone(), &next).unwrap().page;
        assert_eq!((page.size, page.after), (MAX_PAGE_SIZE, Some(Cursor(b"here".to_vec()))));
        let other = SearchQuotesRequest { parent: "collections/b".into(), ..next };
        assert!(Pages::of(sealer.clone(), &other).is_err());
        assert!(
            Pages::of(sealer.clone(), &ListDocumentsRequest { page_token, ..Default::default() }).is_err()
        );
        assert!(
            Pages::of(sealer.clone(), &ListDocumentsRequest { page_size: -1, ..Default::default() }).is_err()
        );
        assert!(
            Pages::of(sealer.clone(), &ListDocumentsRequest { max_answer_bytes: -1, ..Default::default() })
                .is_err()
        );
    }
}
