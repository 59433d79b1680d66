//! What the engine's lists have in common: a page is checked, asked for with one result more than it holds (that
//! one says whether more follow), and each result carries the cursor just after it.

use super::error::{EngineError, Invalid};
use crate::domain::query::{Cursor, HitPage, PageRequest};

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

/// A page of what hits stand for. A hit whose thing has gone since the index saw it is left out; where a whole page
/// has gone, the next one is looked at, so that an empty page is always the last.
pub(super) fn fetched<H, R>(
    mut page: PageRequest,
    search: impl Fn(&PageRequest) -> Result<HitPage<H>, EngineError>,
    mut fetch: impl FnMut(H) -> Result<Option<R>, EngineError>,
) -> Result<HitPage<R>, EngineError> {
    loop {
        let found = search(&page)?;
        page.after = found.hits.last().map(|(_, after)| after.clone());
        let mut hits = Vec::with_capacity(found.hits.len());
        for (hit, after) in found.hits {
            if let Some(result) = fetch(hit)? {
                hits.push((result, after));
            }
        }
        if !hits.is_empty() || !found.more || page.after.is_none() {
            return Ok(HitPage { hits, total: found.total, more: found.more });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(page: &PageRequest, upto: u8) -> HitPage<u8> {
        let first = page.after.as_ref().map_or(0, |cursor| cursor.0[0] + 1);
        let results = (first..upto).take(page.size + 1).collect();
        cut(results, page.size, u64::from(upto), |number| Cursor(vec![*number]))
    }

    #[test]
    fn hits_whose_thing_has_gone_are_left_out_and_never_end_the_pages_early() {
        let page = PageRequest { size: 2, after: None };
        let search = |page: &PageRequest| Ok(numbers(page, 7));
        let gone = |number: u8| Ok((number >= 5).then_some(number));
        let found = fetched(page.clone(), search, gone).unwrap();
        assert_eq!(found.hits, [(5, Cursor(vec![5]))]);
        assert!(found.more);
        let rest =
            fetched(PageRequest { after: Some(Cursor(vec![5])), ..page.clone() }, search, gone).unwrap();
        assert_eq!((rest.hits, rest.more), (vec![(6, Cursor(vec![6]))], false));
        let nothing = fetched(page, search, |_| Ok(None::<u8>)).unwrap();
        assert_eq!((nothing.hits, nothing.more), (vec![], false));
    }
}
