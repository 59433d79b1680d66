//! What the engine's lists have in common: a page is checked, asked for with one result more than it holds (that
//! one says whether more follow), and each result carries the cursor just after it.

use super::error::{EngineError, Invalid};
use crate::domain::hit::HitPage;
use crate::domain::query::{Cursor, PageRequest};

/// Refuses a page that can hold nothing.
pub(super) fn check(page: &PageRequest) -> Result<(), EngineError> {
    if page.size == 0 {
        return Err(EngineError::InvalidArgument { field: "page.size", reason: Invalid::BelowMinimum(1) });
    }
    Ok(())
}

/// The text that a list's cursor holds.
pub(super) fn text(cursor: &Cursor) -> Result<&str, EngineError> {
    std::str::from_utf8(&cursor.0).map_err(|_| not_ours())
}

/// What to say of a cursor that no list made.
pub(super) fn not_ours() -> EngineError {
    EngineError::InvalidArgument { field: "page.after", reason: Invalid::Cursor }
}

/// A page of `size` from up to `size + 1` results.
pub(super) fn cut<T>(
    mut results: Vec<T>,
    size: usize,
    total: u64,
    cursor: impl Fn(&T) -> Cursor,
) -> HitPage<T> {
    let more = results.len() > size;
    results.truncate(size);
    let hits = results.into_iter().map(|result| {
        let after = cursor(&result);
        (result, after)
    });
    HitPage { hits: hits.collect(), total, more }
}
