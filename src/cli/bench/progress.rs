//! What people see while a run lasts: how far it is, and how much has been answered. Nothing where standard error is no terminal.

use super::drive::Course;
use super::workload::Workload;
use crate::cli::layout::count;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Time between two looks.
const INTERVAL: Duration = Duration::from_millis(250);

/// A bar that moves by itself.
pub struct Progress {
    bar: ProgressBar,
    moving: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows how far the run is until [`Self::finish`].
    pub fn start(workload: Arc<Workload>, course: Course) -> Self {
        if !io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden(), moving: None };
        }
        let length = course.end.saturating_duration_since(course.start);
        let bar = ProgressBar::new(length.as_secs());
        if let Ok(style) = ProgressStyle::with_template("{bar:32.cyan/dim} {pos} of {len} s  {msg}") {
            bar.set_style(style);
        }
        let moved = bar.clone();
        let moving = tokio::spawn(async move {
            loop {
                moved.set_position(Instant::now().saturating_duration_since(course.start).as_secs());
                moved.set_message(count(workload.tally.ended(), "request", "requests"));
                tokio::time::sleep(INTERVAL).await;
            }
        });
        Self { bar, moving: Some(moving) }
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Some(moving) = self.moving {
            moving.abort();
        }
        self.bar.finish_and_clear();
    }
}
