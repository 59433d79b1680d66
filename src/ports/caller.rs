//! Who a call is made for, and for how long. Made where the call comes in and carried to every place where work is done for it,
//! so that work whose caller has gone stops at the next seam.

use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The caller of one call, or of one item of a stream. Cheap to clone; all clones end together.
#[derive(Debug, Clone)]
pub struct Caller {
    /// On whose behalf.
    pub principal: Principal,
    /// How the call shares the machine with others.
    pub lane: Lane,
    /// When nobody waits any more.
    pub deadline: Option<Instant>,
    /// Cancelled when the client goes away.
    pub cancelled: CancellationToken,
    /// The name under which the call is found in the log.
    pub request_id: Arc<str>,
}

/// Who asks. Nobody is known by name yet: authentication will fill this.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Principal {
    /// A client that has not said who it is.
    #[default]
    Anonymous,
    /// The service itself.
    Service,
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
            principal: Principal::Service,
            lane: Lane::Background,
            deadline: None,
            cancelled: CancellationToken::new(),
            request_id: what.into(),
        }
    }

    /// An anonymous client without a deadline.
    pub fn anonymous(lane: Lane, request_id: impl Into<Arc<str>>) -> Self {
        Self { principal: Principal::Anonymous, lane, request_id: request_id.into(), ..Self::service("") }
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
