//! Any bytes as tokens: as they come, and sealed as the service seals its own, so that what reads cursors meets what no cursor holds.
//!
//! The first byte chooses the request, the second what the token is: 0, the rest itself; 1, the rest, sealed; else a real cursor in which
//! pairs of the rest, a place and a value, have been changed, sealed.

use super::service::{Service, framed};
use super::{Target, chosen, text};
use dictum::transport::paging::PagedRequest;
use dictum::transport::seal::{Purpose, Sealer, context_of};
use dictum::transport::wire::ingest_stream_request::Message as Ask;
use dictum::transport::wire::*;
use prost::{Message, Name};
use tonic::Code;

/// See the module.
pub const TARGET: Target = Target {
    name: "tokens",
    sample: 1_500,
    words: &["AAAA", "-_", "=", "default", "\0\0\0\0", "\x7f\x7f\x7f\x7f", "\x01"],
    seeds: || (0..18).flat_map(|kind| [0, 1, 2].map(|form| vec![kind, form, 3, 1, 0, 255])).collect(),
    begin: || {
        let mut tokens = Tokens { service: Service::new(), kinds: Vec::new(), of: None };
        Box::new(move |data| tokens.run(data))
    },
};

struct Tokens {
    service: Service,
    kinds: Vec<Kind>,
    /// A token of the store that the real cursors are of: services are made anew now and then.
    of: Option<String>,
}

/// A request with a place for a token.
struct Kind {
    path: &'static str,
    purpose: Purpose,
    context: Vec<u8>,
    /// The body with that token.
    with: Box<dyn Fn(String) -> Vec<u8> + Send>,
    /// What a real token holds.
    real: Vec<u8>,
}

impl Tokens {
    fn run(&mut self, data: &[u8]) {
        let sealer = self.service.sealer();
        let mark = Some(sealer.seal(Purpose::Resume, b"", b""));
        if self.of != mark {
            self.kinds = kinds(&mut self.service, &sealer);
            self.of = mark;
        }
        let (kind, rest) = chosen(data);
        let kind = &self.kinds[usize::from(kind) % self.kinds.len()];
        let (form, rest) = chosen(rest);
        let token = match form % 4 {
            0 => text(rest),
            1 => sealer.seal(kind.purpose, &kind.context, rest),
            _ => sealer.seal(kind.purpose, &kind.context, &edited(&kind.real, rest)),
        };
        let answer = self.service.call(kind.path, (kind.with)(token));
        assert!(!answer.is_fault(), "{}: {:?}", kind.path, answer.status);
    }
}

fn edited(real: &[u8], pairs: &[u8]) -> Vec<u8> {
    let mut edited = real.to_vec();
    for pair in pairs.chunks(2) {
        match pair {
            [at, value] if usize::from(*at) < edited.len() => edited[usize::from(*at)] = *value,
            [at, value] => edited.resize(usize::from(*at).min(edited.len() + 8), *value),
            _ => drop(edited.pop()),
        }
    }
    edited
}

const QUOTES: &str = "/dictum.v1.QuoteService/SearchQuotes";
const ENTITIES: &str = "/dictum.v1.EntityService/SearchEntities";

fn kinds(service: &mut Service, sealer: &Sealer) -> Vec<Kind> {
    let everybody = service.ask(ENTITIES, &SearchEntitiesRequest::default()).messages;
    let entities = SearchEntitiesResponse::decode(everybody[0].clone()).unwrap().entities;
    let entity = &entities.iter().max_by_key(|entity| entity.document_count).expect("somebody").name;
    let all = service.ask(QUOTES, &SearchQuotesRequest::default()).messages;
    let found = SearchQuotesResponse::decode(all[0].clone()).unwrap().results;
    let quote = found[0].name.clone();
    let mut maker = Maker { service, sealer };
    macro_rules! page {
        ($path:literal, $request:expr) => {
            maker.page(concat!("/dictum.v1.", $path), $request, |request, token| request.page_token = token)
        };
    }
    let by = |order: SearchOrder, text: &str| SearchQuotesRequest {
        filter: Some(QuoteFilter { text: text.into(), ..QuoteFilter::default() }),
        order: order.into(),
        ..SearchQuotesRequest::default()
    };
    let folded = SearchQuotesRequest { fold: Fold::Quote.into(), ..by(SearchOrder::Relevance, "harbour") };
    let mut kinds = vec![
        page!("DocumentService/ListDocuments", ListDocumentsRequest::default()),
        page!("CollectionService/ListCollections", ListCollectionsRequest::default()),
        page!("OperationService/ListOperations", ListOperationsRequest::default()),
        page!("DocumentService/SearchDocuments", SearchDocumentsRequest::default()),
        page!("QuoteService/SearchQuotes", by(SearchOrder::Relevance, "harbour")),
        page!("QuoteService/SearchQuotes", by(SearchOrder::NewestFirst, "")),
        page!("QuoteService/SearchQuotes", by(SearchOrder::OldestFirst, "")),
        page!("QuoteService/SearchQuotes", folded),
        page!("QuoteService/GetQuoteCluster", GetQuoteClusterRequest { name: quote, ..Default::default() }),
        page!("EntityService/SearchEntities", SearchEntitiesRequest::default()),
        page!(
            "EntityService/ListMentions",
            ListMentionsRequest { parent: entity.clone(), ..Default::default() }
        ),
        page!(
            "EntityService/ListEntityForms",
            ListEntityFormsRequest {
                parent: entity.clone(),
                kind: EntityFormKind::Alias.into(),
                ..Default::default()
            }
        ),
    ];
    kinds.push(maker.export(
        "/dictum.v1.ExportService/ExportDocuments",
        ExportDocumentsRequest::default(),
        |request, token| {
            request.cursor = token;
        },
    ));
    kinds.push(maker.export(
        "/dictum.v1.ExportService/ExportQuotes",
        ExportQuotesRequest::default(),
        |request, token| {
            request.cursor = token;
        },
    ));
    kinds.push(Kind {
        path: QUOTES,
        purpose: Purpose::Consistency,
        context: Vec::new(),
        with: Box::new(|consistency_token| {
            framed(&SearchQuotesRequest { consistency_token, ..Default::default() }.encode_to_vec())
        }),
        real: [1_u64.to_le_bytes(), 3_u64.to_le_bytes()].concat(),
    });
    kinds.push(Kind {
        path: "/dictum.v1.DocumentService/IngestStream",
        purpose: Purpose::Resume,
        context: Vec::new(),
        with: Box::new(|resume_token| {
            let message = Some(Ask::Open(IngestStreamOpen { resume_token, ..Default::default() }));
            framed(&IngestStreamRequest { message }.encode_to_vec())
        }),
        real: b"\x03\x07\0\0\0\0\0\0\0news".to_vec(),
    });
    kinds
}

struct Maker<'a> {
    service: &'a mut Service,
    sealer: &'a Sealer,
}

impl Maker<'_> {
    /// Pages of one result, and the token of the second. A list that fits into one page has no token; any bytes do there.
    fn page<R: PagedRequest + Send + Sync + 'static>(
        &mut self,
        path: &'static str,
        request: R,
        put: fn(&mut R, String),
    ) -> Kind {
        let mut bound = request.clone();
        bound.clear_page();
        self.kind(path, (Purpose::Page, &bound), request, put, "next_page_token")
    }

    fn export<R: Message + Name + Clone + Default + Send + Sync + 'static>(
        &mut self,
        path: &'static str,
        request: R,
        put: fn(&mut R, String),
    ) -> Kind {
        self.kind(path, (Purpose::Export, &request.clone()), request, put, "cursor")
    }

    fn kind<R: Message + Name + Clone + Send + Sync + 'static>(
        &mut self,
        path: &'static str,
        (purpose, bound): (Purpose, &R),
        request: R,
        put: fn(&mut R, String),
        field: &str,
    ) -> Kind {
        let context = context_of(bound).to_vec();
        // `page_size` is told from page to page, and so bound to nothing.
        let first = [request.encode_to_vec(), one_result(R::full_name().as_str())].concat();
        let answer = self.service.call(path, framed(&first));
        assert_eq!(answer.status.code(), Code::Ok, "{path}: {:?}", answer.status);
        let tokens = answer.messages.iter().map(|message| super::service::field(path, message, field));
        let real = tokens.filter_map(|token| self.sealer.open(purpose, &context, &token)).next();
        let with = move |token| {
            let mut request = request.clone();
            put(&mut request, token);
            framed(&request.encode_to_vec())
        };
        Kind { path, purpose, context, with: Box::new(with), real: real.unwrap_or_else(|| vec![0; 16]) }
    }
}

/// The field `page_size` of that message, set to 1, as bytes.
fn one_result(message: &str) -> Vec<u8> {
    super::service::number_of(message, "page_size").map_or(Vec::new(), |number| vec![(number << 3) as u8, 1])
}
