//! Documents that come with an analysis that was made elsewhere: by another service, or on a machine that has more time. Nothing in it is
//! believed; what an analysis must be is checked in [`check`], and what passes is stored as of the analyzer that it names. No text is
//! analysed here.

mod check;

pub use check::Flaw;

use super::Engine;
use super::admission::Permit;
use super::api::Draft;
use super::error::{EngineError, Fault, Precondition};
use crate::domain::annotation::{Analysis, AnalyzerStamp};
use crate::domain::document::{AckLevel, IngestReceipt};
use crate::ports::Caller;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Analyzers that the documents of a store may name. Every write reads all of them.
const MOST_ANALYZERS: usize = 1_000;

/// The analyzers that are named so far; absent until somebody asks.
#[derive(Debug, Default)]
pub(super) struct Stamps(Mutex<Option<HashSet<AnalyzerStamp>>>);

impl Engine {
    /// Stores a document with an analysis that was made elsewhere; otherwise as [`Engine::ingest`] does. A document that is stored
    /// already in every field keeps the analysis that it has.
    pub async fn import(
        &self,
        caller: &Caller,
        permit: Permit,
        draft: Draft,
        analysis: Analysis,
        level: AckLevel,
    ) -> Result<IngestReceipt, EngineError> {
        self.core.check_text(&draft.text)?;
        self.writable(caller)?;
        // Quotes are folded for their ids: computation, which no async worker should do.
        let checked = tokio::task::spawn_blocking(move || {
            let checked = check::checked(&draft.text, analysis);
            (draft, checked)
        });
        let (draft, checked) = checked.await.map_err(|_| Fault::Panicked)?;
        let analysis = checked.map_err(|flaws| EngineError::NoAnalysis(flaws.into()))?;
        self.make_known(&analysis.analyzer).await?;
        self.take_in(caller, permit, draft, Some(Box::new(analysis)), level).await
    }

    /// Lets an analyzer be named, unless too many are.
    async fn make_known(&self, stamp: &AnalyzerStamp) -> Result<(), EngineError> {
        let stamps = &self.core.stamps;
        if let Some(outcome) = stamps.add(stamp) {
            return outcome;
        }
        let stored = self.core.log.analyzers().await?.into_iter().map(|(stamp, _)| stamp);
        stamps.begin(stored.chain(self.core.analyzers.stamps().cloned()).collect());
        stamps.add(stamp).unwrap_or(Ok(()))
    }
}

impl Stamps {
    /// `None` where nobody has looked yet which are there.
    fn add(&self, stamp: &AnalyzerStamp) -> Option<Result<(), EngineError>> {
        // Nothing panics while the lock is held.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.as_mut()?;
        if known.contains(stamp) {
            return Some(Ok(()));
        }
        if known.len() >= MOST_ANALYZERS {
            return Some(Err(EngineError::FailedPrecondition(Precondition::TooManyAnalyzers)));
        }
        known.insert(stamp.clone());
        Some(Ok(()))
    }

    fn begin(&self, stored: HashSet<AnalyzerStamp>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert(stored);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn analyzers_are_let_in_up_to_a_bound_and_those_that_are_known_after_it() {
        let stamp = |n: usize| AnalyzerStamp { name: format!("a{n}"), version: "1".into(), hash: "0".into() };
        let stamps = Stamps::default();
        assert!(stamps.add(&stamp(0)).is_none(), "nobody has looked yet");
        stamps.begin((0..MOST_ANALYZERS - 1).map(stamp).collect());
        assert!(matches!(stamps.add(&stamp(MOST_ANALYZERS)), Some(Ok(()))));
        assert!(matches!(stamps.add(&stamp(MOST_ANALYZERS + 1)), Some(Err(_))));
        assert!(matches!(stamps.add(&stamp(7)), Some(Ok(()))));
    }
}
