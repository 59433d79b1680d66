//! Somebody who has shown who they are: what kinds of work they may do, which collections they may know of, and how much they may use.
//! Whoever knows what a call is about asks [`Principal::reach`], and answers for what is out of reach as for what is not there.

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

/// A caller lacks a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the scope {0} is needed")]
pub struct Lack(pub Scope);

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

    /// Whether others may call beside this one: nobody else does where nobody is asked.
    pub fn is_one_of_many(&self) -> bool {
        self.origin != Origin::Local
    }

    /// Fails where the principal may not do this kind of work. What it is done to is another question: see [`Principal::reach`].
    pub fn may(&self, scope: Scope) -> Result<(), Lack> {
        match self.scopes.contains(scope) {
            true => Ok(()),
            false => Err(Lack(scope)),
        }
    }

    /// Whether the principal's time is not over.
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}
