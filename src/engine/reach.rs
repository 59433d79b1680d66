//! How far callers reach: asked first by whatever is about a collection. What is out of reach and what is not there are answered alike.
//! Who calls, and which kinds of work a caller may do at all, has been settled before the engine is asked.

use super::Engine;
use super::error::{EngineError, Resource};
use crate::domain::ids::CollectionId;
use crate::domain::query::Within;
use crate::ports::Caller;

/// Fails where the collection is out of the caller's reach, as where `what` is asked for is not there.
pub(super) fn reaches(
    caller: &Caller,
    collection: &CollectionId,
    what: impl FnOnce() -> Resource,
) -> Result<(), EngineError> {
    caller.note.about(collection.as_str());
    // What stands for all of them is narrowed to those that the caller reaches.
    if collection.is_every() || caller.principal.reach.allows(collection.as_str()) {
        return Ok(());
    }
    caller.note.hide();
    Err(EngineError::NotFound(what()))
}

/// Fails where the collection itself is asked for, or to be written to, and is out of the caller's reach.
pub(super) fn reaches_collection(caller: &Caller, collection: &CollectionId) -> Result<(), EngineError> {
    reaches(caller, collection, || Resource::Collection(collection.clone()))
}

/// Fails where something new would be out of the caller's reach: whether it is there already may not be told.
pub(super) fn reaches_new(caller: &Caller, collection: &CollectionId) -> Result<(), EngineError> {
    match reaches_collection(caller, collection) {
        Err(EngineError::NotFound(_)) => {
            Err(EngineError::Denied("a collection of that name is out of the caller's reach"))
        }
        other => other,
    }
}

/// Fails where everything is meant, and the caller does not reach all of it.
pub fn reaches_all(caller: &Caller) -> Result<(), EngineError> {
    match caller.principal.reach.is_everything() {
        true => Ok(()),
        false => Err(EngineError::Denied(
            "this is about every collection, and the caller does not reach all of them",
        )),
    }
}

impl Engine {
    /// Fails where work over everything cannot begin for the caller now.
    pub(super) fn begins_over_all(&self, caller: &Caller) -> Result<(), EngineError> {
        caller.check()?;
        reaches_all(caller)?;
        match self.core.readiness.borrow().draining {
            true => Err(EngineError::Draining),
            false => Ok(()),
        }
    }
}

/// Of some collections those that the caller reaches.
pub(super) fn reached(caller: &Caller, within: Within) -> Within {
    let reach = &caller.principal.reach;
    if reach.is_everything() {
        return within;
    }
    Within::several(within.all().iter().filter(|one| reach.allows(one.as_str())).cloned())
}
