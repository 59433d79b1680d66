//! Traces as a collector gets them: the binary sends, a server of the test's own takes, and callers name the traces that they are part of.

mod collector;

use crate::cli::{Service, dictum, json_lines, run, text};
use crate::server::statement;
use collector::{Collector, attribute, below};
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::ingest_stream_request::Message;
use dictum::transport::wire::quote_service_client::QuoteServiceClient;
use dictum::transport::wire::{
    AckLevel, Document, GetQuoteRequest, IngestDocumentRequest, IngestStreamItem, IngestStreamOpen,
    IngestStreamRequest, SearchQuotesRequest,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};
use tonic_types::StatusExt;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Words that must be in no trace.
const SECRET: &str = "harbour";

/// A service that sends its traces there, with its log in a file.
fn service(folder: &Path, flags: &[&str], environment: &[(&str, &str)]) -> Service {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let mut command =
        dictum(&["serve", "--listen", "127.0.0.1:0", "--log", "dictum=debug", "--log-format", "json"]);
    command.args(flags).envs(environment.iter().copied()).stdout(Stdio::null()).stderr(log);
    Service::start_by(folder, command)
}

async fn channel(service: &Service) -> Channel {
    Endpoint::from_shared(format!("http://{}", service.address)).unwrap().connect().await.unwrap()
}

/// A request as part of a trace.
fn within<T>(message: T, parent: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("traceparent", parent.parse().unwrap());
    request.metadata_mut().insert("tracestate", "vendor=opaque".parse().unwrap());
    request
}

fn sampled() -> String {
    format!("00-{TRACE}-{PARENT}-01")
}

fn document(id: &str) -> IngestDocumentRequest {
    IngestDocumentRequest {
        document_id: id.into(),
        document: Some(Document {
            text: statement("Jane Miller", &format!("The {SECRET} waits")),
            ..Document::default()
        }),
        ack_level: AckLevel::Searchable.into(),
        ..Default::default()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn named<'s>(spans: &'s [Span], name: &str) -> &'s Span {
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name}"))
}

const INGEST: &str = "dictum.v1.DocumentService/IngestDocument";
const SEARCH: &str = "dictum.v1.QuoteService/SearchQuotes";
const GET: &str = "dictum.v1.QuoteService/GetQuote";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stages_of_a_call_lie_within_the_trace_of_its_caller() {
    let (folder, collector) = (TempDir::new().unwrap(), Collector::start().await);
    let flags = ["--traces-endpoint", &collector.endpoint, "--traces-sample", "0"];
    let service = service(folder.path(), &flags, &[]);
    let channel = channel(&service).await;
    let mut documents = DocumentServiceClient::new(channel.clone());
    let mut quotes = QuoteServiceClient::new(channel);

    let answer = documents.ingest_document(within(document("d1"), &sampled())).await.unwrap();
    assert_eq!(answer.metadata().get("x-trace-id").unwrap(), TRACE);
    let request_id = answer.metadata().get("x-request-id").unwrap().to_str().unwrap().to_owned();
    let filter = dictum::transport::wire::QuoteFilter { text: SECRET.into(), ..Default::default() };
    let search = SearchQuotesRequest { filter: Some(filter), ..Default::default() };
    let found = quotes.search_quotes(within(search, &sampled())).await.unwrap().into_inner();
    assert_eq!(found.results.len(), 1);
    let missing = GetQuoteRequest {
        name: "collections/default/documents/none/quotes/none".into(),
        ..Default::default()
    };
    let missing = quotes.get_quote(within(missing, &sampled())).await.unwrap_err();
    assert_eq!(missing.get_error_details().request_info().unwrap().serving_data, TRACE);

    let there = |name: &'static str| move |spans: &[Span]| spans.iter().any(|span| span.name == name);
    let spans = collector.until("the last call", there(GET)).await;
    assert_eq!(service.stop(), Some(0));
    assert_eq!(collector.resource("service.name").as_deref(), Some("dictum"));
    assert_eq!(collector.resource("service.version").as_deref(), Some(env!("CARGO_PKG_VERSION")));

    let ingest = named(&spans, INGEST);
    assert_eq!((hex(&ingest.trace_id), hex(&ingest.parent_span_id)), (TRACE.into(), PARENT.into()));
    assert_eq!((ingest.trace_state.as_str(), ingest.kind()), ("vendor=opaque", SpanKind::Server));
    for (key, value) in [
        ("rpc.system", "grpc"),
        ("rpc.service", "dictum.v1.DocumentService"),
        ("rpc.method", "IngestDocument"),
        ("rpc.grpc.status_code", "0"),
        ("dictum.collection", "default"),
        ("request_id", &request_id),
    ] {
        assert_eq!(attribute(ingest, key).as_deref(), Some(value), "{key}");
    }
    let stages = ["encoder", "entities", "finish", "language", "quotes", "speakers", "text", "wait"];
    let mut expected = vec!["admission".to_owned(), "analysis".into()];
    expected.extend(stages.map(|stage| format!("analysis/analysis.{stage}")));
    expected.extend(["commit", "commit.queue", "index.wait", "turn"].map(str::to_owned));
    assert_eq!(below(ingest, &spans), expected);
    let search = named(&spans, SEARCH);
    let expected = [
        "admission",
        "render",
        "search",
        "search/search.collect",
        "search/search.rows",
        "search/search.wait",
    ];
    assert_eq!(below(search, &spans), expected);
    assert_eq!(attribute(search, "dictum.collection").as_deref(), Some("default"));

    // What a caller does wrong is no fault of the service.
    let missing = named(&spans, GET);
    let code = (Code::NotFound as i32).to_string();
    assert_eq!(attribute(missing, "rpc.grpc.status_code"), Some(code));
    assert_eq!(missing.status.clone().unwrap_or_default().code(), StatusCode::Unset);

    assert!(spans.iter().all(|span| hex(&span.trace_id) == TRACE), "nobody else's call is traced");
    for span in &spans {
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano, "{}", span.name);
        assert!(!format!("{span:?}").contains(SECRET), "{span:?}");
        let events = (span.events.len(), span.dropped_attributes_count);
        assert_eq!(events, (0, 0), "{}", span.name);
    }
    let took = |span: &Span| span.end_time_unix_nano - span.start_time_unix_nano;
    let children = || spans.iter().filter(|span| span.parent_span_id == ingest.span_id);
    assert!(children().all(|child| child.start_time_unix_nano >= ingest.start_time_unix_nano));
    assert!(children().all(|child| child.end_time_unix_nano <= ingest.end_time_unix_nano));
    assert!(children().map(took).sum::<u64>() > took(ingest) / 2, "no stage is missing that takes long");

    let log = std::fs::read(folder.path().join("log")).unwrap();
    let answered = json_lines(&log).into_iter().find(|line| line["span"]["request_id"] == *request_id);
    let span =
        answered.unwrap_or_else(|| panic!("{request_id} is in no line: {}", text(&log)))["span"].clone();
    assert_eq!((&span["trace_id"], &span["method"]), (&TRACE.into(), &INGEST.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_of_the_service_shows_in_its_span() {
    let (folder, collector) = (TempDir::new().unwrap(), Collector::start().await);
    let service = service(folder.path(), &["--traces-endpoint", &collector.endpoint], &[]);
    let mut documents = DocumentServiceClient::new(channel(&service).await);
    let mut long = document("long");
    long.document.as_mut().unwrap().text = statement("Jane Miller", "We will wait").repeat(2000);
    let mut request = within(long, &sampled());
    request.set_timeout(Duration::from_millis(200));
    let late = documents.ingest_document(request).await.unwrap_err();
    assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{late:?}");
    let ended = |spans: &[Span]| spans.iter().any(|span| span.name == INGEST);
    let spans = collector.until("the call", ended).await;
    let span = named(&spans, INGEST);
    let code = attribute(span, "rpc.grpc.status_code").unwrap();
    // Where the client is quicker, it is the one that gives up, and that is no fault.
    if code == (Code::DeadlineExceeded as i32).to_string() {
        assert_eq!(span.status.clone().unwrap().code(), StatusCode::Error);
        assert_eq!(attribute(span, "error.type").as_deref(), Some("DEADLINE_EXCEEDED"));
    } else {
        assert_eq!(code, (Code::Cancelled as i32).to_string());
    }
    service.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_of_what_is_not_sampled() {
    let (folder, collector) = (TempDir::new().unwrap(), Collector::start().await);
    let flags = ["--traces-endpoint", &collector.endpoint, "--traces-sample", "0"];
    let service = service(folder.path(), &flags, &[]);
    let mut documents = DocumentServiceClient::new(channel(&service).await);
    let shown = |answer: tonic::Response<_>| {
        let _: &dictum::transport::wire::IngestDocumentResponse = answer.get_ref();
        answer.metadata().get("x-trace-id").map(|id| id.to_str().unwrap().to_owned())
    };
    let plain = documents.ingest_document(document("a")).await.unwrap();
    assert_eq!(shown(plain), None, "it would lead nowhere");
    let bad = documents.ingest_document(within(document("b"), "00-nonsense-01")).await.unwrap();
    assert_eq!(shown(bad), None);
    let unsampled = format!("00-{TRACE}-{PARENT}-00");
    let unsampled = documents.ingest_document(within(document("c"), &unsampled)).await.unwrap();
    assert_eq!(shown(unsampled).as_deref(), Some(TRACE), "the caller's own is worth knowing");
    assert_eq!(service.stop(), Some(0));
    assert_eq!(collector.spans(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opentelemetrys_variables_turn_traces_on_and_the_service_begins_its_own() {
    let (folder, collector) = (TempDir::new().unwrap(), Collector::start().await);
    let environment =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint.as_str()), ("OTEL_SERVICE_NAME", "quotes")];
    let service = service(folder.path(), &["--traces-sample", "1"], &environment);
    let mut documents = DocumentServiceClient::new(channel(&service).await);
    let answer = documents.ingest_document(document("a")).await.unwrap();
    let trace = answer.metadata().get("x-trace-id").unwrap().to_str().unwrap().to_owned();

    // What a command is told by its environment, it tells the service.
    let mut command = dictum(&["quotes", "--collection", "none", "--server", &service.address]);
    let asked = command.env("TRACEPARENT", sampled()).env("TRACESTATE", "vendor=opaque").output().unwrap();
    assert!(text(&asked.stderr).contains(&format!("trace id {TRACE}")), "{}", text(&asked.stderr));
    let mut command = dictum(&["quotes", "--server", &service.address]);
    assert!(command.env("TRACEPARENT", "no parent").output().unwrap().status.success());

    assert_eq!(service.stop(), Some(0));
    // The last of them are sent when the service stops.
    let spans = collector.spans();
    assert_eq!(collector.resource("service.name").as_deref(), Some("quotes"));
    let ingest = named(&spans, INGEST);
    assert_eq!((hex(&ingest.trace_id), ingest.parent_span_id.as_slice()), (trace, [].as_slice()));
    let follow = named(&spans, "index.follow");
    assert_eq!(
        (below(follow, &spans), follow.parent_span_id.is_empty()),
        (vec!["index.commit".into(), "index.read".into()], true)
    );
    let of_command =
        spans.iter().find(|span| hex(&span.trace_id) == TRACE && hex(&span.parent_span_id) == PARENT);
    assert_eq!(of_command.unwrap().trace_state, "vendor=opaque");
    let began = |span: &Span| span.name == SEARCH && span.parent_span_id.is_empty();
    assert!(spans.iter().any(began), "what is no parent counts as none");
    assert!(!spans.iter().any(|span| span.name.contains("Health")), "probes are in no trace");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_item_of_a_stream_is_a_trace_linked_to_the_streams() {
    let (folder, collector) = (TempDir::new().unwrap(), Collector::start().await);
    let service =
        service(folder.path(), &["--traces-endpoint", &collector.endpoint, "--traces-sample", "1"], &[]);
    let mut documents = DocumentServiceClient::new(channel(&service).await);
    let open = IngestStreamOpen { ack_level: AckLevel::Durable.into(), ..Default::default() };
    let item = |id: &str| IngestStreamItem {
        client_id: id.into(),
        document_id: id.into(),
        document: document(id).document,
        ..Default::default()
    };
    let messages = [Message::Open(open), Message::Item(item("a")), Message::Item(item("b"))];
    let messages = messages.map(|message| IngestStreamRequest { message: Some(message) });
    let request = within(tokio_stream::iter(messages), &sampled());
    let mut answers = documents.ingest_stream(request).await.unwrap().into_inner();
    let mut count = 0;
    while answers.message().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 3);
    assert_eq!(service.stop(), Some(0));
    let spans = collector.spans();
    let stream = named(&spans, "dictum.v1.DocumentService/IngestStream");
    assert_eq!(hex(&stream.trace_id), TRACE);
    let items: Vec<&Span> = spans.iter().filter(|span| span.name == "IngestStream item").collect();
    assert_eq!(items.len(), 2);
    for item in items {
        assert!(item.parent_span_id.is_empty() && hex(&item.trace_id) != TRACE);
        assert_eq!(item.links.iter().map(|link| &link.span_id).collect::<Vec<_>>(), [&stream.span_id]);
        assert_eq!(attribute(item, "dictum.collection").as_deref(), Some("default"));
        let names = below(item, &spans);
        for name in ["analysis/analysis.encoder", "commit", "commit.queue"] {
            assert!(names.iter().any(|known| known == name), "{name} is not in {names:?}");
        }
    }
    assert_eq!(below(stream, &spans), [""; 0], "a stream's own trace stays small");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_not_there_or_says_nothing_costs_spans_and_nothing_else() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoints = [&silent, &gone].map(|listener| format!("http://{}", listener.local_addr().unwrap()));
    drop(gone);
    for (endpoint, is_silent) in endpoints.iter().zip([true, false]) {
        let folder = TempDir::new().unwrap();
        let http = free_address();
        let flags = ["--traces-endpoint", endpoint, "--traces-sample", "1", "--http", &http];
        let service = service(folder.path(), &flags, &[]);
        let mut documents = DocumentServiceClient::new(channel(&service).await);
        for number in 0..5 {
            documents.ingest_document(document(&format!("d{number}"))).await.unwrap();
        }
        if !is_silent {
            // Its spans are counted as soon as it is known that they are lost.
            let until = Instant::now() + Duration::from_secs(20);
            while dropped(&http).await == 0.0 {
                assert!(Instant::now() < until, "no lost span is counted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        let begun = Instant::now();
        assert_eq!(service.stop(), Some(0));
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
        let log = std::fs::read(folder.path().join("log")).unwrap();
        let complaints = json_lines(&log).into_iter().filter(|line| {
            line["message"].as_str().is_some_and(|message| message.starts_with("traces cannot be sent"))
        });
        let complaints = complaints.count();
        // One that is silent may still have time to answer.
        assert!(complaints <= 1 && (is_silent || complaints == 1), "told once: {}", text(&log));
    }
}

fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

async fn dropped(http: &str) -> f64 {
    let metrics = crate::watched::get(http.parse().unwrap(), "/metrics").await.1;
    crate::watched::value(&metrics, "dictum_traces_dropped_total")
}

#[test]
fn an_address_that_is_none_is_refused_before_anything_starts() {
    let refused = run(&["serve", "--check-config", "--traces-endpoint", "collector:4317"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("traces.endpoint: "), "{}", text(&refused.stderr));
    let share = run(&["serve", "--check-config", "--traces-sample", "7"]);
    assert_eq!(share.status.code(), Some(2));
    let printed = dictum(&["serve", "--print-config"])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317")
        .output()
        .unwrap();
    assert!(
        text(&printed.stdout).contains("endpoint = \"http://collector:4317\""),
        "{}",
        text(&printed.stdout)
    );
}
