//! One writer at a time for each document, in the order of the calls. Without it two revisions that a client sends
//! one after the other could overtake each other on the analysis threads, and the older text would win. Knows
//! nothing about documents but their names.

use crate::domain::ids::DocumentName;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedMutexGuard;

type Lines = Mutex<HashMap<DocumentName, Arc<tokio::sync::Mutex<()>>>>;

/// The lines before the documents that are being written.
#[derive(Debug, Default)]
pub(super) struct Turns {
    lines: Arc<Lines>,
}

/// The right to write one document. Dropping it lets the next in line go.
#[derive(Debug)]
pub(super) struct Turn {
    // Declared first, so that it is given back before the place looks whether anyone else is in line.
    _go: OwnedMutexGuard<()>,
    _place: Place,
}

/// A place in line; the last one to leave takes the line away.
#[derive(Debug)]
struct Place {
    name: DocumentName,
    line: Arc<tokio::sync::Mutex<()>>,
    lines: Arc<Lines>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lines = lock(&self.lines);
        // The table's reference and this place's own: nobody else is in line, and joining needs the lock held here.
        if Arc::strong_count(&self.line) == 2 {
            lines.remove(&self.name);
        }
    }
}

impl Turns {
    /// Waits for the turn to write the document. First come, first served.
    pub(super) async fn take(&self, name: &DocumentName) -> Turn {
        let line = Arc::clone(lock(&self.lines).entry(name.clone()).or_default());
        let place = Place { name: name.clone(), line: Arc::clone(&line), lines: Arc::clone(&self.lines) };
        Turn { _go: line.lock_owned().await, _place: place }
    }
}

fn lock(lines: &Lines) -> MutexGuard<'_, HashMap<DocumentName, Arc<tokio::sync::Mutex<()>>>> {
    // Nothing panics while the lock is held.
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn turns_come_in_order_and_leave_nothing_behind() {
        let turns = Turns::default();
        let name = DocumentName::parse("collections/c/documents/d").unwrap();
        let other = DocumentName::parse("collections/c/documents/e").unwrap();
        let first = turns.take(&name).await;
        let mut second = Box::pin(turns.take(&name));
        let mut gives_up = Box::pin(turns.take(&name));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(gives_up.as_mut().now_or_never().is_none());
        assert!(turns.take(&other).now_or_never().is_some(), "other documents do not wait");
        drop(first);
        let second = second.now_or_never().expect("the next in line goes");
        drop(gives_up);
        drop(second);
        assert!(lock(&turns.lines).is_empty());
    }
}
