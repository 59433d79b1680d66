//! Every method of the service, by its descriptors.

use super::{Guarded, bearer, key};
use dictum::access::Scope;
use dictum::transport::methods;
use dictum::transport::wire::FILE_DESCRIPTOR_SET;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MethodDescriptor, ReflectMessage, Value};
use std::collections::BTreeMap;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

/// The methods, with their paths.
fn all() -> Vec<(String, MethodDescriptor)> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let ours = pool.services().filter(|service| service.package_name() == "dictum.v1").collect::<Vec<_>>();
    let methods = ours.iter().flat_map(|service| service.methods().collect::<Vec<_>>());
    let mut all: Vec<_> = methods
        .map(|method| (format!("/{}/{}", method.parent_service().full_name(), method.name()), method))
        .collect();
    // After it there is no service to ask.
    all.sort_by_key(|(_, method)| method.name() == "Drain");
    all
}

/// The first answer, or how the call ended.
async fn ask(
    channel: Channel,
    path: &str,
    authorization: &[MetadataValue<Ascii>],
    message: Vec<u8>,
) -> Result<(), Status> {
    let mut request = Request::new(tokio_stream::iter([message]));
    for value in authorization {
        request.metadata_mut().append("authorization", value.clone());
    }
    crate::raw::first(channel, path.to_owned(), request).await.map(drop)
}

/// What a client can tell one refusal from another by.
fn face(status: &Status) -> (Code, String, String) {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    (status.code(), reason, status.message().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_nobody_gets_nothing_out_of_any_method() {
    let guarded = Guarded::start().await;
    let now = jiff::Timestamp::now();
    let every = [Scope::Read, Scope::Write, Scope::Admin];
    let good = guarded.key(key("good", &every, "*"));
    let (revoked, record) = guarded.book().create(key("revoked", &every, "*"), now).unwrap();
    guarded.book().revoke(&record.id, now).unwrap();
    let soon = now + jiff::SignedDuration::from_millis(30);
    let mut expiring = key("expired", &every, "*");
    expiring.expires = Some(soon);
    let (expired, _) = guarded.book().create(expiring, now).unwrap();
    guarded.reload();
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    let (known, secret) = good.rsplit_once('_').unwrap();
    let wrong: String = secret.chars().rev().collect();
    let unknown = good.replacen(known.rsplit_once('_').unwrap().1, "nobodys", 1);
    let refused = [format!("{known}_{wrong}"), revoked.to_string(), unknown];
    let missing: Vec<MetadataValue<Ascii>> = Vec::new();
    let mut cases = vec![
        (missing, "CREDENTIAL_MISSING"),
        (vec![bearer(&expired.to_string())], "CREDENTIAL_EXPIRED"),
        (vec![bearer(&good), bearer(&good)], "CREDENTIAL_AMBIGUOUS"),
        (vec!["Basic YTpi".parse().unwrap()], "CREDENTIAL_MALFORMED"),
        (vec![bearer("")], "CREDENTIAL_MALFORMED"),
    ];
    cases.extend(refused.iter().map(|key| (vec![bearer(key)], "CREDENTIAL_REFUSED")));
    let channel = guarded.server.channel().await;
    let methods = all();
    assert!(methods.len() > 30);
    let mut faces = BTreeMap::new();
    for (path, _) in &methods {
        for (sent, reason) in &cases {
            let status = ask(channel.clone(), path, sent, Vec::new()).await.unwrap_err();
            let face = face(&status);
            assert_eq!((face.0, face.1.as_str()), (Code::Unauthenticated, *reason), "{path}: {status:?}");
            // One reason has one face: what is unknown, wrong and revoked cannot be told apart.
            assert_eq!(*faces.entry(*reason).or_insert(face.clone()), face, "{path}");
        }
    }
    guarded.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_method_works_without_its_scope() {
    let guarded = Guarded::start().await;
    let scopes = [Scope::Read, Scope::Write, Scope::Admin];
    let keys = scopes.map(|scope| (scope, guarded.key(key(&scope.to_string(), &[scope], "*"))));
    let channel = guarded.server.channel().await;
    let mut needed = BTreeMap::new();
    for (path, method) in all() {
        let need = methods::scope(&path);
        needed.entry(need.to_string()).or_insert_with(Vec::new).push(method.name().to_owned());
        for (scope, key) in &keys {
            let answer = ask(channel.clone(), &path, &[bearer(key)], Vec::new()).await;
            let denied = answer.err().filter(|status| status.code() == Code::PermissionDenied);
            assert_eq!(denied.is_some(), *scope != need, "{path} with {scope}: {denied:?}");
            if let Some(status) = denied {
                let details = status.get_error_details();
                assert_eq!(details.error_info().unwrap().metadata["scope"], need.to_string(), "{path}");
            }
        }
    }
    assert_eq!(needed["write"], ["IngestDocument", "IngestStream", "UpdateDocument", "DeleteDocument"]);
    let admin = &needed["admin"];
    for method in ["CreateCollection", "DeleteCollection", "PurgeDocuments", "ReanalyzeDocuments"] {
        assert!(admin.iter().any(|name| name == method), "{method} is administration: {admin:?}");
    }
    guarded.server.stop().await;
}

/// A request of the method that says `name` wherever it takes one, and something in whatever else it needs.
fn request(method: &MethodDescriptor, name: &str, collection: &str) -> DynamicMessage {
    let mut message = DynamicMessage::new(method.input());
    for field in method.input().fields() {
        let value = match (field.name(), field.kind()) {
            ("parent", Kind::String) | ("name", Kind::String) => Value::String(name.to_owned()),
            ("names", _) => Value::List(vec![Value::String(name.to_owned())]),
            ("text" | "speaker", Kind::String) => Value::String("Jane Miller".into()),
            ("collection_id", _) => Value::String(collection.to_owned()),
            ("interval", _) => Value::EnumNumber(1),
            ("kind", Kind::Enum(_)) if field.supports_presence() || !field.is_list() => Value::EnumNumber(1),
            ("before_time", Kind::Message(time)) => Value::Message(DynamicMessage::new(time)),
            ("document", Kind::Message(document)) => {
                let mut inner = DynamicMessage::new(document.clone());
                inner.set_field_by_name("text", Value::String("Jane Miller said nothing.".into()));
                if document.get_field_by_name("name").is_some() && method.name() == "UpdateDocument" {
                    inner.set_field_by_name("name", Value::String(name.to_owned()));
                }
                Value::Message(inner)
            }
            ("update_mask", Kind::Message(mask)) => {
                let mut inner = DynamicMessage::new(mask);
                inner.set_field_by_name("paths", Value::List(vec![Value::String("text".into())]));
                Value::Message(inner)
            }
            ("open", Kind::Message(open)) => {
                let mut inner = DynamicMessage::new(open);
                if inner.descriptor().get_field_by_name("parent").is_some() {
                    inner.set_field_by_name("parent", Value::String(name.to_owned()));
                }
                Value::Message(inner)
            }
            _ => continue,
        };
        message.set_field(&field, value);
    }
    message
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_out_of_reach_is_answered_like_what_is_not_there() {
    let guarded = Guarded::start().await;
    guarded.fill("hidden").await;
    let every = [Scope::Read, Scope::Write, Scope::Admin];
    let stranger = bearer(&guarded.key(key("stranger", &every, "default")));
    let owner = bearer(&guarded.key(key("owner", &every, "*")));
    let channel = guarded.server.channel().await;
    let mut told_apart = Vec::new();
    let forms = ["", "/documents/a", "/entities/e", "/documents/a/quotes/q"];
    for (path, method) in all() {
        let names_a_collection = method.input().fields().any(|field| {
            ["parent", "name", "names", "open"].contains(&field.name())
                || (field.name() == "document" && method.name() == "UpdateDocument")
        });
        let of_operations = path.contains("OperationService");
        if !names_a_collection
            || of_operations
            || ["/dictum.v1.AnalysisService/AnalyzeStream"].contains(&path.as_str())
        {
            continue;
        }
        let mut met = Vec::new();
        for form in forms {
            let mut answers = Vec::new();
            for (collection, who) in [("hidden", &stranger), ("absent", &owner), ("absent", &stranger)] {
                let name = format!("collections/{collection}{form}");
                let message = request(&method, &name, collection).encode_to_vec();
                let answer = ask(channel.clone(), &path, std::slice::from_ref(who), message).await;
                let answer = answer.map_err(|status| {
                    let (code, reason, message) = face(&status);
                    (code, reason, message.replace(collection, "?"))
                });
                answers.push(answer);
            }
            // Hidden from a stranger, absent for its owner, absent for a stranger.
            if answers.iter().any(|answer| *answer != answers[0]) {
                told_apart.push(format!("{path} of {form:?}: {answers:#?}"));
            }
            met.push(answers[0].as_ref().map_or_else(|face| face.0, |()| Code::Ok));
        }
        let found_out = met.contains(&Code::NotFound);
        let lists = ["BatchGetDocuments"].contains(&method.name());
        assert!(found_out || lists, "{path} was never asked for what is not there: {met:?}");
    }
    assert!(told_apart.is_empty(), "{}", told_apart.join("\n"));
    // And it is there.
    for path in ["/dictum.v1.QuoteService/SearchQuotes", "/dictum.v1.CollectionService/GetCollection"] {
        let (_, method) = all().into_iter().find(|(one, _)| one == path).unwrap();
        let message = request(&method, "collections/hidden", "hidden").encode_to_vec();
        ask(channel.clone(), path, std::slice::from_ref(&owner), message).await.unwrap();
    }
    guarded.server.stop().await;
}
