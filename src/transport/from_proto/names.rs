//! Resource names.

use super::Violations;
use crate::domain::ids::{CollectionId, EntityName, IdError, parse_collection_name};
use crate::transport::status::Failure;

/// The collection that a request works in; the default one where it does not say.
pub fn parent(name: &str) -> Result<CollectionId, IdError> {
    match name {
        "" => Ok(CollectionId::default_collection()),
        name => parse_collection_name(name),
    }
}

/// The `parent` of a request that can get nothing else wrong.
pub fn only_parent(name: &str) -> Result<CollectionId, Failure> {
    only("parent", parent(name))
}

/// The `name` of a collection.
pub fn collection(name: &str) -> Result<CollectionId, Failure> {
    only("name", parse_collection_name(name))
}

/// The name of an entity, in `field`.
pub fn entity(field: &'static str, name: &str) -> Result<EntityName, Failure> {
    only(field, EntityName::parse(name))
}

/// The id of a collection that is to be created.
pub fn collection_id(id: &str) -> Result<CollectionId, Failure> {
    only("collection_id", CollectionId::for_new(id))
}

fn only<T>(field: &str, result: Result<T, IdError>) -> Result<T, Failure> {
    let mut violations = Violations::default();
    let value = violations.keep(field, result);
    violations.finish(value)
}
