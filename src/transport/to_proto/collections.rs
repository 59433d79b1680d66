//! Collections.

use super::time::timestamp;
use crate::domain::document::CollectionInfo;
use crate::domain::ids::collection_name;
use crate::transport::wire;

/// A collection with its counts.
pub fn collection(info: &CollectionInfo) -> wire::Collection {
    wire::Collection {
        name: collection_name(&info.id),
        create_time: Some(timestamp(info.created_at)),
        document_count: info.documents,
        quote_count: info.quotes,
        entity_count: info.entities,
    }
}
