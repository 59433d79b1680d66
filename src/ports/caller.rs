//! Who a call is made for, and for how long. Made where the call comes in and carried to every place where work is done for it,
//! so that work whose caller has gone stops at the next seam.

use crate::access::{Meter, Principal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The caller of one call, or of one item of a stream. Cheap to clone; all clones end together.
#[derive(Debug, Clone)]
pub struct Caller {
    /// On whose behalf.
    pub principal: Arc<Principal>,
    /// What they have used, where it is limited.
    pub meter: Option<Arc<Meter>>,
    /// What comes to light on the way, for the log of decisions.
    pub note: Arc<Note>,
    /// How the call shares the machine with others.
    pub lane: Lane,
    /// When nobody waits any more.
    pub deadline: Option<Instant>,
    /// Cancelled when the client goes away.
    pub cancelled: CancellationToken,
    /// The name under which the call is found in the log.
    pub request_id: Arc<str>,
}

/// Whoever calls where nobody is asked who they are: the same for all calls.
static LOCAL: LazyLock<Arc<Principal>> = LazyLock::new(|| Arc::new(Principal::local()));

/// What comes to light about one call while it is answered.
#[derive(Debug, Default)]
pub struct Note {
    collection: OnceLock<String>,
    hidden: AtomicBool,
}

impl Note {
    /// The call is about this collection; the first one stands.
    pub fn about(&self, collection: &str) {
        self.collection.get_or_init(|| collection.to_owned());
    }

    /// The collection was out of the caller's reach.
    pub fn hide(&self) {
        self.hidden.store(true, Ordering::Relaxed);
    }

    /// What the call was about, as far as it came to that.
    pub fn collection(&self) -> Option<&str> {
        self.collection.get().map(String::as_str)
    }

    /// Whether the caller was told that there is nothing, since it may not know.
    pub fn is_hidden(&self) -> bool {
        self.hidden.load(Ordering::Relaxed)
    }
}

/// How a call shares the machine with others, in falling order of urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Somebody waits for this one answer: it overtakes bulk work, and is refused at once when there is no room.
    Interactive,
    /// One of many: it takes the room that is left, and waits for it, up to a bound.
    Bulk,
    /// Nobody waits: it takes what no one else wants.
    Background,
}

/// Why work for a caller should stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The client has gone.
    Cancelled,
    /// Its deadline has passed.
    Expired,
}

impl Caller {
    /// The service itself, at work for nobody in particular; never over.
    pub fn service(what: &str) -> Self {
        Self {
            principal: Arc::clone(&LOCAL),
            meter: None,
            note: Arc::default(),
            lane: Lane::Background,
            deadline: None,
            cancelled: CancellationToken::new(),
            request_id: what.into(),
        }
    }

    /// A client of a service that asks nobody who they are, without a deadline.
    pub fn anonymous(lane: Lane, request_id: impl Into<Arc<str>>) -> Self {
        Self { lane, request_id: request_id.into(), ..Self::service("") }
    }

    /// The same caller for work that goes on when nobody waits any more.
    pub fn detached(&self) -> Self {
        Self { deadline: None, cancelled: CancellationToken::new(), ..self.clone() }
    }

    /// Whether and why the work should stop.
    pub fn over(&self) -> Option<Over> {
        if self.cancelled.is_cancelled() {
            return Some(Over::Cancelled);
        }
        self.deadline.filter(|deadline| *deadline <= Instant::now()).map(|_| Over::Expired)
    }

    /// Fails where the work should stop: `caller.check()?` at every seam.
    pub fn check(&self) -> Result<(), Over> {
        self.over().map_or(Ok(()), Err)
    }

    /// The time that is left; `None` where there is no end to it.
    pub fn left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_over_when_its_client_has_gone_or_its_time_has_passed() {
        let caller = Caller::anonymous(Lane::Interactive, "r");
        assert_eq!(caller.check(), Ok(()));
        let late = Caller { deadline: Some(Instant::now()), ..caller.clone() };
        assert_eq!((late.over(), late.left()), (Some(Over::Expired), Some(Duration::ZERO)));
        caller.clone().cancelled.cancel();
        assert_eq!(caller.over(), Some(Over::Cancelled));
    }
}
