//! Resource names.

use super::Violations;
use crate::domain::backup::BackupName;
use crate::domain::ids::{CollectionId, EntityName, IdError, parse_collection_name};
use crate::transport::status::Failure;

/// The collection that a request works in; the default one where it does not say.
pub fn parent(name: &str) -> Result<CollectionId, IdError> {
    match name {
        "" => Ok(CollectionId::default_collection()),
        name => parse_collection_name(name),
    }
}

/// Whether what is of this collection can be found in that one, or in every one.
pub(super) fn is_within(collection: &CollectionId, searched: &CollectionId) -> bool {
    searched.is_every() || collection == searched
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

/// The id of a backup that is to be made.
pub fn backup(id: &str) -> Result<BackupName, Failure> {
    only("backup_id", BackupName::new(id))
}

/// A name with or without "@{revision}" behind it.
pub fn of_revision<T>(
    name: &str,
    parse: impl Fn(&str) -> Result<T, IdError>,
) -> Result<(T, Option<u32>), IdError> {
    let Some((name, revision)) = name.rsplit_once('@') else { return Ok((parse(name)?, None)) };
    let revision = number(revision).and_then(|revision| u32::try_from(revision).ok());
    let revision = revision.ok_or(IdError::Shape("{name}@{revision}, with a revision from 1"))?;
    Ok((parse(name)?, Some(revision)))
}

/// A number from 1 in the one spelling that it has in names.
pub(super) fn number(digits: &str) -> Option<u64> {
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
    plain.then(|| digits.parse().ok()).flatten()
}

fn only<T>(field: &str, result: Result<T, IdError>) -> Result<T, Failure> {
    let mut violations = Violations::default();
    let value = violations.keep(field, result);
    violations.finish(value)
}
