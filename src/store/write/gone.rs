//! Quotes that a document has no more: a permalink to one of them is answered with the revision where it last was. A document
//! remembers a bounded number, the latest.

use super::super::rows::GoneRow;
use std::collections::HashSet;

/// Most quotes that a document remembers. They take some 20 bytes each.
const MOST: usize = 1_000;

impl GoneRow {
    /// Notes the quotes that a new analysis, with the quotes `after`, takes away from those of `revision`, `before`.
    pub(super) fn note(&mut self, before: &[String], after: &[String], revision: u32) {
        let after: HashSet<&str> = after.iter().map(String::as_str).collect();
        let lost: HashSet<&str> =
            before.iter().map(String::as_str).filter(|id| !after.contains(id)).collect();
        self.0.retain(|(id, _)| !after.contains(id.as_str()) && !lost.contains(id.as_str()));
        self.0.extend(before.iter().filter(|id| lost.contains(id.as_str())).map(|id| (id.clone(), revision)));
        self.0.drain(..self.0.len().saturating_sub(MOST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_gone_until_it_comes_back_and_the_latest_are_remembered() {
        let ids = |ids: &[&str]| ids.iter().map(|id| id.to_string()).collect::<Vec<_>>();
        let mut gone = GoneRow::default();
        gone.note(&ids(&["a", "b"]), &ids(&["b", "c"]), 1);
        gone.note(&ids(&["b", "c"]), &ids(&["a"]), 2);
        assert_eq!(gone.0, [("b".to_owned(), 2), ("c".to_owned(), 2)]);
        let many: Vec<String> = (0..MOST).map(|n| format!("n{n}")).collect();
        gone.note(&many, &[], 3);
        assert_eq!((gone.0.len(), gone.0[0].1), (MOST, 3));
    }
}
