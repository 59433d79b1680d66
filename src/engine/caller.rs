//! Who calls, in which lane, and until when anybody waits for the answer. The transport makes one caller for each
//! call and hands it to every operation; the engine carries it to wherever work can still be given up. Nothing here
//! knows how a client says any of it.

use super::api::Lane;
use super::error::EngineError;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// What an answer is given for its way to the client: a tenth of what is left, within these.
const LEAST_WAY_BACK: Duration = Duration::from_millis(10);
const MOST_WAY_BACK: Duration = Duration::from_millis(250);

/// On whose behalf something is done. There is nobody to tell apart yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Principal {
    /// Somebody who has not said who they are.
    #[default]
    Anonymous,
}

/// The caller of one operation. Cheap to clone; clones share the cancellation.
#[derive(Debug, Clone)]
pub struct Caller {
    /// On whose behalf.
    pub principal: Principal,
    /// How the call shares the machine with others.
    pub lane: Lane,
    /// When the answer ceases to be of use; never where absent.
    pub deadline: Option<Instant>,
    /// Cancelled when nobody waits for the answer any more.
    pub cancelled: CancellationToken,
    /// What the log and the client know the call by.
    pub request_id: Arc<str>,
}

impl Caller {
    /// Somebody who waits for as long as it takes.
    pub fn patient(lane: Lane) -> Self {
        Self {
            principal: Principal::default(),
            lane,
            deadline: None,
            cancelled: CancellationToken::new(),
            request_id: "".into(),
        }
    }

    /// The same caller for work that is to be done even if nobody waits for it: what was promised, or taken off a
    /// stream.
    pub fn unattended(&self) -> Self {
        Self { deadline: None, cancelled: CancellationToken::new(), ..self.clone() }
    }

    /// Fails where nobody waits any more, with the reason. To be asked at every seam of work that can be given up.
    pub fn check(&self) -> Result<(), EngineError> {
        if self.cancelled.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        match self.deadline {
            Some(deadline) if deadline <= Instant::now() => Err(EngineError::DeadlineExceeded),
            _ => Ok(()),
        }
    }

    /// How long something may take so that its answer still arrives in time: a little less than what is left.
    pub fn patience(&self) -> Option<Duration> {
        let left = self.deadline?.saturating_duration_since(Instant::now());
        Some(left.saturating_sub((left / 10).clamp(LEAST_WAY_BACK, MOST_WAY_BACK)))
    }

    /// Waits until nobody waits any more, and says why.
    pub async fn over(&self) -> EngineError {
        let late = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => EngineError::Cancelled,
            () = late => EngineError::DeadlineExceeded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[tokio::test]
    async fn a_call_is_over_when_it_is_cancelled_or_late_and_unattended_work_never() {
        let patient = Caller::patient(Lane::Bulk);
        assert!(patient.check().is_ok());
        let late = Caller { deadline: Some(Instant::now()), ..patient.clone() };
        assert!(matches!(late.check(), Err(EngineError::DeadlineExceeded)));
        assert!(matches!(late.over().await, EngineError::DeadlineExceeded));
        assert!(late.unattended().check().is_ok());
        let waiting = patient.clone();
        let over = tokio::spawn(async move { waiting.over().await });
        patient.cancelled.cancel();
        assert!(matches!(patient.check(), Err(EngineError::Cancelled)));
        let over = tokio::time::timeout(Duration::from_secs(10), over).await.unwrap();
        assert!(matches!(over.unwrap(), EngineError::Cancelled));
        assert!(patient.unattended().check().is_ok());
    }
}
