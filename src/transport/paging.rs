//! Pages: from `page_size` and `page_token` to a [`PageRequest`], and from hits to a page that stops by count and
//! by bytes. A token holds the cursor after the last result sent, sealed to the request's other fields; for
//! another request, or another store, it does not open.

use super::answer::item_len;
use super::seal::{Purpose, Sealer};
use super::status::Failure;
use super::wire;
use crate::domain::query::{Cursor, HitPage, PageRequest};
use crate::engine::EngineError;
use prost::{Message, Name};

/// Results in a page where the request does not say.
pub const DEFAULT_PAGE_SIZE: usize = 50;
/// Most results in a page; larger wishes are cut to it.
pub const MAX_PAGE_SIZE: usize = 1000;

/// A request for one page of something.
pub trait PagedRequest: Message + Name + Clone {
    /// Most results that the client wants; 0 leaves it to the server.
    fn page_size(&self) -> i32;
    /// Where the page before ended; empty for the first.
    fn page_token(&self) -> &str;
    /// Clears what may differ from page to page.
    fn clear_page(&mut self);
}

macro_rules! paged {
    ($($request:ident { $($other:ident),* }),* $(,)?) => {$(
        impl PagedRequest for wire::$request {
            fn page_size(&self) -> i32 {
                self.page_size
            }
            fn page_token(&self) -> &str {
                &self.page_token
            }
            fn clear_page(&mut self) {
                self.page_size = 0;
                self.page_token.clear();
                $(self.$other.clear();)*
            }
        }
    )*};
}

paged! {
    ListDocumentsRequest {},
    ListCollectionsRequest {},
    ListMentionsRequest {},
    SearchDocumentsRequest { consistency_token },
    SearchQuotesRequest { consistency_token },
    SearchEntitiesRequest { consistency_token },
}

/// The pages of one query: what its tokens are sealed to.
pub struct Pages<'s> {
    sealer: &'s Sealer,
    context: [u8; 32],
}

impl<'s> Pages<'s> {
    /// The page that the request asks for.
    pub fn of<R: PagedRequest>(sealer: &'s Sealer, request: &R) -> Result<(Self, PageRequest), Failure> {
        let pages = Self { sealer, context: context(request) };
        let size = match usize::try_from(request.page_size()) {
            Ok(0) => DEFAULT_PAGE_SIZE,
            Ok(size) => size.min(MAX_PAGE_SIZE),
            Err(_) => return Err(Failure::field("INVALID_PAGE", "page_size", "must not be negative")),
        };
        let after = match request.page_token() {
            "" => None,
            token => Some(pages.open(token)?),
        };
        Ok((pages, PageRequest { size, after }))
    }

    fn open(&self, token: &str) -> Result<Cursor, Failure> {
        let payload = self.sealer.open(Purpose::Page, &self.context, token);
        payload.map(Cursor).ok_or_else(|| {
            Failure::field(
                "INVALID_TOKEN",
                "page_token",
                "is not the next_page_token of a request with the same fields",
            )
        })
    }

    fn token(&self, cursor: &Cursor) -> String {
        self.sealer.seal(Purpose::Page, &self.context, &cursor.0)
    }

    /// The page as wire messages, as many as `limit` bytes hold, with the token for what follows. Hits are fetched and
    /// rendered by the chunk, so that a page of large documents is not in memory at once. A hit that does not fit
    /// into an answer of its own is sent as `shorten` leaves it.
    pub async fn fill<H, M: Message, F>(
        &self,
        page: PageRequest,
        limit: usize,
        fetch: impl Fn(PageRequest) -> F,
        render: impl Fn(&[H]) -> Vec<M>,
        shorten: impl Fn(&mut M),
    ) -> Result<FilledPage<M>, Failure>
    where
        F: Future<Output = Result<HitPage<H>, EngineError>>,
    {
        let PageRequest { size, mut after } = page;
        let most = limit.saturating_sub(ENVELOPE_BYTES);
        let mut room = most;
        let mut filled = FilledPage { items: Vec::new(), next_page_token: String::new(), total: 0 };
        loop {
            let wanted = (size - filled.items.len()).min(CHUNK);
            let chunk = fetch(PageRequest { size: wanted, after: after.clone() }).await?;
            filled.total = filled.total.max(chunk.total);
            let (hits, cursors): (Vec<H>, Vec<Cursor>) = chunk.hits.into_iter().unzip();
            let mut more = chunk.more && !hits.is_empty();
            let mut full = false;
            for (mut item, cursor) in render(&hits).into_iter().zip(cursors) {
                if item_len(&item) > most {
                    shorten(&mut item);
                }
                if item_len(&item) > room && !filled.items.is_empty() {
                    (more, full) = (true, true);
                    break;
                }
                room = room.saturating_sub(item_len(&item));
                filled.items.push(item);
                after = Some(cursor);
            }
            if more && !full && filled.items.len() < size {
                continue;
            }
            if let (true, Some(cursor)) = (more, &after) {
                filled.next_page_token = self.token(cursor);
            }
            return Ok(filled);
        }
    }
}

/// Hits that are fetched at once.
const CHUNK: usize = 50;

/// Room for the page token and the total.
const ENVELOPE_BYTES: usize = 8 << 10;

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
    let mut hasher = blake3::Hasher::new();
    hasher.update(R::full_name().as_bytes());
    hasher.update(&[0]);
    hasher.update(&request.encode_to_vec());
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::wire::{Collection, ListDocumentsRequest, SearchQuotesRequest};

    /// The numbers after the cursor, up to `count`.
    async fn numbers(count: u8, page: PageRequest) -> Result<HitPage<u8>, EngineError> {
        let first = page.after.map_or(0, |cursor| cursor.0[0] + 1);
        let hits: Vec<_> = (first..count).take(page.size).map(|n| (n, Cursor(vec![n]))).collect();
        let more = usize::from(first) + hits.len() < usize::from(count);
        Ok(HitPage { hits, total: u64::from(count), more })
    }

    fn collections(numbers: &[u8]) -> Vec<Collection> {
        let collection = |&n: &u8| Collection {
            name: "x".repeat(1000),
            document_count: n.into(),
            ..Collection::default()
        };
        numbers.iter().map(collection).collect()
    }

    fn list() -> ListDocumentsRequest {
        ListDocumentsRequest { parent: "collections/a".into(), page_size: 1000, ..Default::default() }
    }

    #[tokio::test]
    async fn a_page_stops_by_bytes_and_its_token_goes_on_after_the_last_result_sent() {
        let sealer = Sealer::new(&[3; 32]);
        let (pages, page) = Pages::of(&sealer, &list()).unwrap();
        let limit = ENVELOPE_BYTES + 60_500;
        let filled = pages.fill(page, limit, |page| numbers(99, page), collections, |_| ()).await.unwrap();
        assert_eq!((filled.items.len(), filled.total), (59, 99));
        let next = ListDocumentsRequest { page_token: filled.next_page_token, page_size: 7, ..list() };
        let (_, page) = Pages::of(&sealer, &next).unwrap();
        assert_eq!(page, PageRequest { size: 7, after: Some(Cursor(vec![58])) });
    }

    #[tokio::test]
    async fn a_page_of_several_chunks_holds_every_result_once() {
        let sealer = Sealer::new(&[3; 32]);
        for (count, size, expected) in
            [(120, 1000, 120), (120, 120, 120), (120, 101, 101), (50, 50, 50), (0, 9, 0)]
        {
            let (pages, _) = Pages::of(&sealer, &list()).unwrap();
            let page = PageRequest { size, after: None };
            let fetch = |page| numbers(count, page);
            let filled = pages.fill(page, usize::MAX, fetch, collections, |_| ()).await.unwrap();
            let got: Vec<u64> = filled.items.iter().map(|item| item.document_count).collect();
            assert_eq!(got, (0..expected).collect::<Vec<_>>());
            assert_eq!(filled.next_page_token.is_empty(), expected == u64::from(count));
        }
    }

    #[tokio::test]
    async fn the_last_page_has_no_token_and_an_oversized_result_is_shortened() {
        let sealer = Sealer::new(&[3; 32]);
        let (pages, page) = Pages::of(&sealer, &list()).unwrap();
        let limit = ENVELOPE_BYTES + 100;
        let fetch = |page| numbers(2, page);
        let filled = pages.fill(page, limit, fetch, collections, |item| item.name.clear()).await.unwrap();
        assert_eq!(filled.next_page_token, "");
        assert_eq!(filled.items.iter().map(|item| item.document_count).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn tokens_are_bound_to_the_request_but_not_to_size_and_consistency() {
        let sealer = Sealer::new(&[3; 32]);
        let first = SearchQuotesRequest { parent: "collections/a".into(), ..Default::default() };
        let (pages, page) = Pages::of(&sealer, &first).unwrap();
        assert_eq!(page, PageRequest { size: DEFAULT_PAGE_SIZE, after: None });
        let page_token = pages.token(&Cursor(b"here".to_vec()));
        let next = SearchQuotesRequest {
            page_token: page_token.clone(),
            page_size: 5000,
            consistency_token: "later".into(),
            ..first
        };
        let (_, page) = Pages::of(&sealer, &next).unwrap();
        assert_eq!(page, PageRequest { size: MAX_PAGE_SIZE, after: Some(Cursor(b"here".to_vec())) });
        let other = SearchQuotesRequest { parent: "collections/b".into(), ..next };
        assert!(Pages::of(&sealer, &other).is_err());
        assert!(Pages::of(&sealer, &ListDocumentsRequest { page_token, ..Default::default() }).is_err());
        assert!(Pages::of(&sealer, &ListDocumentsRequest { page_size: -1, ..Default::default() }).is_err());
    }
}
