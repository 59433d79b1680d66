//! The stages of one analysis as they pass: how long each has kept its thread, and a span for each from its begin to its end, in which
//! others may have had the thread between two steps. Knows nothing of what a stage does.

use super::observer::Observed;
use crate::analysis::job::Stage;
use std::time::{Duration, Instant};
use tracing::Span;

/// See the module.
#[derive(Default)]
pub(super) struct Stages {
    took: [Duration; Stage::ALL.len()],
    /// The stage that goes on, and its span.
    now: Option<(Stage, Span)>,
}

impl Stages {
    /// Does a step of the stage, and counts its time.
    pub(super) fn step<T>(&mut self, stage: Stage, step: impl FnOnce() -> T) -> T {
        if self.now.as_ref().is_none_or(|(now, _)| *now != stage) {
            // Ends before the next begins.
            self.now = None;
            self.now = Some((
                stage,
                tracing::trace_span!("stage", otel.name = format_args!("analysis.{}", stage.as_str())),
            ));
        }
        let began = Instant::now();
        let done = step();
        self.took[stage as usize] += began.elapsed();
        done
    }

    /// Tells of the stages that there were.
    pub(super) fn tell(self, observed: &Observed) {
        observed.tell(|observer| {
            for (stage, took) in Stage::ALL.into_iter().zip(self.took).filter(|(_, took)| !took.is_zero()) {
                observer.staged(stage.as_str(), took);
            }
        });
    }
}
