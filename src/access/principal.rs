//! Somebody who has shown who they are, and whether they may do what they ask. A decision is a comparison and can be
//! made again at any time, as long streams should. It never says whether a collection exists: what is out of reach
//! and what is not there are to be answered alike.

use super::{Limits, Reach, Scope, Scopes};
use jiff::Timestamp;
use std::sync::Arc;

/// Somebody who has shown who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Unique over all origins and lasting: `key:ab12`, `token:ISSUER#SUBJECT`, `local`. Quotas are counted by it.
    pub id: Arc<str>,
    /// For people: the key's name, the token's subject.
    pub name: Arc<str>,
    /// By what they have shown it.
    pub origin: Origin,
    /// What they may do.
    pub scopes: Scopes,
    /// Which collections they may know of.
    pub reach: Reach,
    /// How much they may use.
    pub limits: Limits,
    /// From when on they are nobody any more.
    pub expires: Option<Timestamp>,
}

/// What a principal has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A key of the file of keys.
    Key {
        /// Its public id.
        id: Box<str>,
    },
    /// A token that an issuer signed.
    Token,
    /// Nothing: the service asks nobody.
    Local,
}

/// What a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need<'a> {
    /// The kind of work.
    pub scope: Scope,
    /// What it is done to.
    pub over: Over<'a>,
}

/// What collections a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over<'a> {
    /// One, by its id.
    Collection(&'a str),
    /// Those that the caller may know of; the answer is made of them alone, see [`Principal::readable`].
    Known,
    /// All that there are, as for what concerns the service as a whole.
    All,
}

/// Whether a call may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allowed,
    /// The caller may not know of the collection: answer NOT_FOUND, word for word as for one that is not there. Where
    /// that would make no sense, as for a collection that is to be made, answer PERMISSION_DENIED whether it is there
    /// or not.
    Hidden,
    /// The caller may know of it and may not do this: PERMISSION_DENIED.
    Denied(Lack),
    /// The caller's time is over: UNAUTHENTICATED.
    Expired,
}

/// What a caller lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    /// A scope.
    #[error("the scope {0} is needed")]
    Scope(Scope),
    /// A reach without bounds.
    #[error("access to all collections is needed")]
    AllCollections,
}

impl<'a> Need<'a> {
    /// To do something to one collection.
    pub fn of(scope: Scope, collection: &'a str) -> Self {
        Self { scope, over: Over::Collection(collection) }
    }

    /// To do something to what the caller may know of.
    pub fn known(scope: Scope) -> Self {
        Self { scope, over: Over::Known }
    }

    /// To do something to everything.
    pub fn all(scope: Scope) -> Self {
        Self { scope, over: Over::All }
    }
}

impl Principal {
    /// Who calls a service that asks nobody: may do everything, without limits.
    pub fn local() -> Self {
        Self {
            id: "local".into(),
            name: "local".into(),
            origin: Origin::Local,
            scopes: Scopes::all(),
            reach: Reach::everything(),
            limits: Limits::default(),
            expires: None,
        }
    }

    /// Whether the principal may do it at that time.
    pub fn decide(&self, need: Need<'_>, now: Timestamp) -> Decision {
        if !self.is_current(now) {
            return Decision::Expired;
        }
        // Before the scope, or a denial would tell that there is such a collection.
        match need.over {
            Over::Collection(id) if !self.reach.allows(id) => return Decision::Hidden,
            Over::All if !self.reach.is_everything() => return Decision::Denied(Lack::AllCollections),
            _ => {}
        }
        match self.scopes.contains(need.scope) {
            true => Decision::Allowed,
            false => Decision::Denied(Lack::Scope(need.scope)),
        }
    }

    /// Of some collections those that the principal may read, in their order: for lists, and searches over all.
    pub fn readable<T: AsRef<str>>(
        &self,
        collections: impl IntoIterator<Item = T>,
    ) -> impl Iterator<Item = T> {
        let may = self.scopes.contains(Scope::Read);
        collections.into_iter().filter(move |id| may && self.reach.allows(id.as_ref()))
    }

    /// Whether the principal's time is not over.
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}
