//! What is in force: who counts now, and what they have used. Calls look at one state from beginning to end; a reload
//! puts a new one in its place whole, or leaves the old one where the files cannot be used. Whatever watches the files
//! asks [`Guard::changed`] now and then, and calls [`Guard::reload`].

use super::load::State;
use super::quotas::{Meter, QuotaSettings, Quotas};
use super::{AccessSettings, Clock, Credential, LoadError, Origin, Principal, Rejection, Unauthenticated};
use crate::stamp::Stamp;
use arc_swap::ArcSwap;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// Tells who calls, and whether they may.
#[derive(Debug)]
pub struct Guard {
    settings: AccessSettings,
    state: ArcSwap<State>,
    /// Of the files as they were tried last, with or without success, so that a bad file is complained about once.
    tried: Mutex<Vec<Stamp>>,
    quotas: Quotas,
    clock: Arc<dyn Clock>,
}

/// What a reload found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// Keys in the file of keys, those that count no more included.
    pub keys: usize,
    /// Public keys that tokens are checked with.
    pub public_keys: usize,
}

impl Guard {
    /// Reads the files; without all of them there is no guard.
    pub fn new(
        settings: AccessSettings,
        quotas: QuotaSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LoadError> {
        settings.check()?;
        let guard = Self {
            settings,
            state: ArcSwap::default(),
            tried: Mutex::default(),
            quotas: Quotas::new(quotas, Arc::clone(&clock)),
            clock,
        };
        guard.reload()?;
        Ok(guard)
    }

    /// Who calls, by all values of the header `authorization`.
    pub fn authenticate<'a>(
        &self,
        headers: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Arc<Principal>, Rejection> {
        let state = self.state.load();
        let now = self.clock.now();
        match (Credential::parse(headers)?, &**state) {
            (Credential::Key(key), State { keys: Some(keys), .. }) => keys.authenticate(key, now),
            (Credential::Token(token), State { tokens: Some(tokens), .. }) => tokens.authenticate(token, now),
            (Credential::Key(_), _) => Err(Rejection::refused("keys are not set up")),
            (Credential::Token(_), _) => Err(Rejection::refused("tokens are not set up")),
        }
    }

    /// The same principal as it is by now, for calls that last: revoked and changed keys show at once, and expiry.
    /// A token stands until it expires, whatever becomes of the key that signed it.
    pub fn again(&self, principal: &Arc<Principal>) -> Result<Arc<Principal>, Rejection> {
        let now = self.clock.now();
        match (&principal.origin, &self.state.load().keys) {
            (Origin::Key { id }, Some(keys)) => keys.again(id, now),
            _ if principal.is_current(now) => Ok(Arc::clone(principal)),
            _ => Err(Rejection::new(Unauthenticated::Expired, "expired during the call")),
        }
    }

    /// The time, by the clock that expiry is compared with.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What the principal has used.
    pub fn meter(&self, principal: &Principal) -> Arc<Meter> {
        self.quotas.meter(principal)
    }

    /// Whether the files are others than those tried last. Asks the file system, so not for the thread of a call.
    pub fn changed(&self) -> bool {
        self.settings.stamps() != *self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the files again. Where one cannot be used, what was in force stays, all of it.
    pub fn reload(&self) -> Result<Loaded, LoadError> {
        // Held to the end: of two reloads, the one that read later stores later.
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        *tried = self.settings.stamps();
        let state = self.settings.load()?;
        let loaded = Loaded {
            keys: state.keys.as_ref().map_or(0, |keys| keys.len()),
            public_keys: state.tokens.as_ref().map_or(0, |tokens| tokens.keys()),
        };
        self.state.store(Arc::new(state));
        Ok(loaded)
    }
}
