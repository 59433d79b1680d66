//! What principals have used, by their ids. Kept in memory and for a while: a principal that has not called for
//! [`QuotaSettings::idle`] has all of its quotas back anyway, so it is forgotten. It outlives reloads of the files, and
//! begins anew for a principal whose limits have changed. Start at [`Quotas::meter`].

mod bucket;
mod meter;

pub use meter::{AnalysisSlot, DocumentSlot, Meter, OverQuota, Quota};

use super::limits::MAX_FILL_SECONDS;
use super::{Clock, Principal};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How much is kept about what has been used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaSettings {
    /// Principals that are remembered at most, beside those with analyses under way. Beyond it those are forgotten that
    /// have not called for longest, which gives them their quotas back too early: choose more than ever call within a
    /// minute.
    pub principals: usize,
    /// How long one that does not call is remembered; at least a minute, by which every bucket is empty.
    pub idle: Duration,
}

impl Default for QuotaSettings {
    fn default() -> Self {
        Self { principals: 10_000, idle: Duration::from_secs(10 * 60) }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Quotas {
    settings: QuotaSettings,
    clock: Arc<dyn Clock>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    meters: HashMap<Arc<str>, Arc<Meter>>,
    swept: Duration,
}

impl Quotas {
    /// Nobody has used anything.
    pub fn new(settings: QuotaSettings, clock: Arc<dyn Clock>) -> Self {
        let least = Duration::from_secs(MAX_FILL_SECONDS.into());
        let settings =
            QuotaSettings { principals: settings.principals.max(1), idle: settings.idle.max(least) };
        Self { settings, clock, kept: Mutex::default() }
    }

    /// What the principal has used. To be asked for at each call, and by streams at each message.
    pub fn meter(&self, principal: &Principal) -> Arc<Meter> {
        let now = self.clock.elapsed();
        // Nothing panics while the lock is held.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(kept.swept) >= self.settings.idle {
            self.sweep(&mut kept, now);
        }
        let former = kept.meters.get(&principal.id).cloned();
        let meter = match former {
            Some(meter) if meter.limits == principal.limits => meter,
            former => {
                if former.is_none() && kept.meters.len() >= self.settings.principals {
                    self.sweep(&mut kept, now);
                    self.make_room(&mut kept);
                }
                let meter = Arc::new(Meter::new(principal, former.as_deref(), Arc::clone(&self.clock)));
                kept.meters.insert(Arc::clone(&principal.id), Arc::clone(&meter));
                meter
            }
        };
        meter.touch(now);
        meter
    }

    /// How many principals are remembered.
    pub fn principals(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).meters.len()
    }

    fn sweep(&self, kept: &mut Kept, now: Duration) {
        kept.swept = now;
        let idle = self.settings.idle;
        kept.meters.retain(|_, meter| meter.is_busy() || now.saturating_sub(meter.used()) < idle);
    }

    /// Forgets who has not called for longest, a sixteenth at once, so that it is not done again at the next call.
    fn make_room(&self, kept: &mut Kept) {
        let most = self.settings.principals;
        if kept.meters.len() < most {
            return;
        }
        let excess = (kept.meters.len() + 1 - most).max(most / 16);
        let at_rest = kept.meters.iter().filter(|(_, meter)| !meter.is_busy());
        let mut by_use: Vec<_> = at_rest.map(|(id, meter)| (meter.used(), Arc::clone(id))).collect();
        by_use.sort_unstable();
        for (_, id) in by_use.into_iter().take(excess) {
            kept.meters.remove(&id);
        }
    }
}
