//! What kinds of methods there are, as far as the way to them differs: the one place where paths are named.

use crate::access::Scope;
use crate::engine::Need;
use crate::transport::wire::FILE_DESCRIPTOR_SET;
use prost_reflect::{DescriptorPool, MethodDescriptor};
use std::collections::HashSet;
use std::sync::LazyLock;

/// How a method of ours takes its messages in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One message with a text in it.
    Document,
    /// A stream of messages with texts in them.
    Stream,
    /// One message without a text.
    Question,
}

/// What a caller must be allowed to do for the method at `path`. What is new here is administration until somebody says otherwise.
pub fn scope(path: &str) -> Scope {
    let Some((service, method)) = path.trim_start_matches('/').rsplit_once('/') else { return Scope::Admin };
    let verbs: [(&[&str], Scope); 2] = [
        (
            &["Get", "List", "BatchGet", "Search", "Aggregate", "Compare", "Suggest", "Verify", "Export"],
            Scope::Read,
        ),
        (&["Ingest", "Update", "Delete"], Scope::Write),
    ];
    match (service, method) {
        ("dictum.v1.AnalysisService", _) | ("dictum.v1.OperationService", "WaitOperation") => Scope::Read,
        ("dictum.v1.CollectionService", "CreateCollection" | "DeleteCollection") => Scope::Admin,
        ("dictum.v1.OperationService", "DeleteOperation" | "CancelOperation") => Scope::Admin,
        ("dictum.v1.AdminService", _) => Scope::Admin,
        (service, method) if service.starts_with("dictum.v1.") => {
            let of = verbs.iter().find(|(verbs, _)| verbs.iter().any(|verb| method.starts_with(verb)));
            of.map_or(Scope::Admin, |(_, scope)| *scope)
        }
        // Health and reflection.
        _ => Scope::Read,
    }
}

/// The method at `path` as numbers are told apart by it; one name for all that is none of the service's.
pub fn label(path: &str) -> &'static str {
    static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(known);
    KNOWN.get(path.trim_start_matches('/')).map_or("unknown", String::as_str)
}

fn known() -> HashSet<String> {
    let mut pool = DescriptorPool::new();
    for set in [FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET] {
        // What is compiled in can be read; without it all methods would count as one.
        let _ = pool.decode_file_descriptor_set(set);
    }
    let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    let path =
        |method: MethodDescriptor| format!("{}/{}", method.parent_service().full_name(), method.name());
    let reflection = ["v1", "v1alpha"]
        .map(|version| format!("grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"));
    methods.map(path).chain(reflection).collect()
}

impl Kind {
    /// The kind of the method at `path`; `None` where it is none of ours: health and reflection.
    pub fn of(path: &str) -> Option<Self> {
        match path.strip_prefix("/dictum.v1.")? {
            "DocumentService/IngestDocument"
            | "DocumentService/UpdateDocument"
            | "AnalysisService/Analyze" => Some(Self::Document),
            "DocumentService/IngestStream" | "AnalysisService/AnalyzeStream" => Some(Self::Stream),
            _ => Some(Self::Question),
        }
    }

    /// What its messages need room for.
    pub fn need(self) -> Need {
        match self {
            Self::Document | Self::Stream => Need::Text,
            Self::Question => Need::Question,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_reflect::MessageDescriptor;

    /// Whether a message is, or holds, one of those that carry texts to be analysed.
    fn holds_a_text(message: &MessageDescriptor) -> bool {
        ["dictum.v1.Document", "dictum.v1.AnalyzeRequest"].contains(&message.full_name())
            || message.fields().any(|field| field.kind().as_message().is_some_and(holds_a_text))
    }

    #[test]
    fn every_method_is_of_the_kind_that_its_request_makes_it() {
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
        let ours = pool.services().filter(|service| service.package_name() == "dictum.v1");
        let methods: Vec<_> = ours.flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
        assert!(methods.len() > 15);
        for method in methods {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let expected = match (method.is_client_streaming(), holds_a_text(&method.input())) {
                (true, _) => Kind::Stream,
                (false, true) => Kind::Document,
                (false, false) => Kind::Question,
            };
            assert_eq!(Kind::of(&path), Some(expected), "{path}");
        }
        assert_eq!(Kind::of("/grpc.health.v1.Health/Check"), None);
    }
}
