//! What whoever runs a service asks of it while it goes on: its configuration, its log, a small store, a new index, its end.

use crate::access::{Guarded, key, shown};
use crate::cli::{Service, json_lines, text};
use crate::server::{TestServer, assert_error, statement};
use dictum::access::Scope;
use dictum::transport::wire::{
    CompactStoreRequest, DeleteDocumentRequest, Document, DrainRequest, GetConfigurationRequest,
    RebuildIndexRequest, SearchQuotesRequest, SetLogFilterRequest,
};
use std::time::{Duration, Instant};
use tonic::Code;

async fn found(server: &TestServer, token: &str) -> Vec<String> {
    let request = SearchQuotesRequest {
        parent: "collections/default".into(),
        consistency_token: token.into(),
        ..Default::default()
    };
    let answer = server.quotes().await.search_quotes(request).await.unwrap().into_inner();
    let mut names: Vec<String> = answer.results.into_iter().map(|result| result.name).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_is_made_small_while_documents_come_in() {
    let server = TestServer::start().await;
    // Of a language that no analyzer knows, so that nobody waits for an analysis.
    let digits = |n: u64| format!("{:016x} ", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for n in 0..20 {
        let text = (1..4000).map(|m| digits(n * 4000 + m)).collect();
        let document = Document { text, language: "zz".into(), ..Document::default() };
        server.ingest_document(&format!("gone-{n}"), document).await;
    }
    for n in 0..20 {
        let name = format!("collections/default/documents/gone-{n}");
        let request = DeleteDocumentRequest { name, ..Default::default() };
        server.documents().await.delete_document(request).await.unwrap();
    }
    server.ingest("before", &statement("Jane Miller", "We stay")).await;
    let mut admin = server.admin().await;
    let compacted = admin.compact_store(CompactStoreRequest {});
    let come = statement("Ann Lee", "We come");
    let (compacted, receipt) = tokio::join!(compacted, server.ingest("meanwhile", &come));
    let compacted = compacted.unwrap().into_inner();
    assert!(compacted.bytes_after < compacted.bytes_before / 2, "{compacted:?}");
    let after = server.ingest("after", &statement("Bob Jones", "We go")).await;
    assert_eq!(found(&server, &after.consistency_token).await.len(), 3);
    let server = server.restart(|_| ()).await;
    assert_eq!(found(&server, &receipt.consistency_token).await.len(), 3, "it is there after a start too");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_is_made_anew_with_all_that_is_stored_and_nothing_else() {
    let server = TestServer::start().await;
    for n in 0..30 {
        server.ingest(&format!("d{n}"), &statement("Jane Miller", &format!("We stay for {n} days"))).await;
    }
    let name = "collections/default/documents/d7".to_owned();
    let request = DeleteDocumentRequest { name, ..Default::default() };
    let token =
        server.documents().await.delete_document(request).await.unwrap().into_inner().consistency_token;
    let before = found(&server, &token).await;
    let mut admin = server.admin().await;
    let rebuilt = admin.rebuild_index(RebuildIndexRequest {});
    let come = statement("Ann Lee", "We come");
    let (rebuilt, receipt) = tokio::join!(rebuilt, server.ingest("meanwhile", &come));
    assert!(rebuilt.unwrap().into_inner().last_change >= 31);
    let after = found(&server, &receipt.consistency_token).await;
    assert_eq!(after.len(), before.len() + 1);
    assert!(before.iter().all(|name| after.contains(name)));
    // Several who ask at once are all answered.
    let mut others = [server.admin().await, server.admin().await];
    let [first, second] = &mut others;
    let both = tokio::join!(
        first.rebuild_index(RebuildIndexRequest {}),
        second.rebuild_index(RebuildIndexRequest {})
    );
    assert!(both.0.is_ok() && both.1.is_ok());
    assert_eq!(found(&server, &receipt.consistency_token).await, after);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_of_some_collections_looks_after_no_service() {
    let guarded = Guarded::start().await;
    let some = guarded.key(key("some", &[Scope::Admin], "news-*"));
    let mut admin = guarded.server.admin().await;
    let answers = [
        admin.compact_store(shown(&some, CompactStoreRequest {})).await.map(drop),
        admin.rebuild_index(shown(&some, RebuildIndexRequest {})).await.map(drop),
        admin.get_configuration(shown(&some, GetConfigurationRequest {})).await.map(drop),
        admin.set_log_filter(shown(&some, SetLogFilterRequest::default())).await.map(drop),
        admin.drain(shown(&some, DrainRequest {})).await.map(drop),
    ];
    for answer in answers {
        assert_error(&answer.unwrap_err(), Code::PermissionDenied, "PERMISSION_DENIED");
    }
    guarded.server.stop().await;
}

#[test]
fn the_configuration_in_force_is_one_that_the_service_takes() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start_with(folder.path(), "127.0.0.1:0", &["--analysis-threads", "1"]);
    let shown = service.run(&["admin", "config"]);
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    let file = folder.path().join("shown.toml");
    std::fs::write(&file, &shown.stdout).unwrap();
    assert!(text(&shown.stdout).contains("threads = 1"));
    let again = crate::cli::run(&["serve", "--print-config", "--config", file.to_str().unwrap()]);
    assert_eq!(text(&again.stdout).trim_end(), text(&shown.stdout).trim_end());
    let json = json_lines(&service.run(&["admin", "config", "--json"]).stdout).remove(0);
    assert_eq!((&json["logFilter"], &json["version"]), (&"warn".into(), &env!("CARGO_PKG_VERSION").into()));
    assert!(json["startTime"].as_str().unwrap().starts_with("20"));
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn the_log_is_filtered_anew_at_once_and_for_a_while() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), "127.0.0.1:0");
    let filter = || {
        let json = json_lines(&service.run(&["admin", "config", "--json"]).stdout).remove(0);
        json["logFilter"].as_str().unwrap().to_owned()
    };
    let set = service.run(&["admin", "log", "info,dictum::engine=debug", "--json"]);
    assert!(set.status.success(), "{}", text(&set.stderr));
    let set = json_lines(&set.stdout).remove(0);
    assert_eq!(
        (&set["filter"], &set["previousFilter"]),
        (&"info,dictum::engine=debug".into(), &"warn".into())
    );
    assert_eq!(filter(), "info,dictum::engine=debug");
    let wrong = service.run(&["admin", "log", "dictum=loud=very"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("filter"), "{}", text(&wrong.stderr));
    let set = json_lines(&service.run(&["admin", "log", "error", "--for", "1s", "--json"]).stdout).remove(0);
    assert!(set["expireTime"].is_string());
    let deadline = Instant::now() + Duration::from_secs(30);
    while filter() != "warn" {
        assert!(Instant::now() < deadline, "the filter of the configuration does not come back");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_service_that_is_asked_to_drain_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), "127.0.0.1:0");
    let drained = service.run(&["admin", "drain", "--json"]);
    assert!(drained.status.success(), "{}", text(&drained.stderr));
    // What is left of the drain's 10 s is for commits and the index.
    assert_eq!(json_lines(&drained.stdout)[0]["drainTimeout"], "7.500s");
    assert_eq!(service.ended(), Some(0));
}
