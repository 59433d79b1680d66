//! What a check has found: bounded, since a store may be damaged all over, with a count of what is left out.

use crate::domain::document::{Seq, StoreId};

/// Findings that are told; of further ones only the number is.
const MOST: usize = 200;

/// What is wrong in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub kind: FindingKind,
    /// Where: a resource name where there is one.
    pub place: String,
    /// What was found there.
    pub what: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// Something cannot be read, or is not what was written: it is lost.
    Unreadable,
    /// Two rows that should agree do not: answers may be wrong, and nothing is lost.
    Disagreement,
}

/// What a check of a store says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreReport {
    /// Who the store is.
    pub store: StoreId,
    /// Bytes of its file; 0 where it was no file that was checked.
    pub bytes: u64,
    /// Its last change.
    pub seq: Seq,
    /// Living collections.
    pub collections: u64,
    /// Documents, as counted.
    pub documents: u64,
    /// Earlier revisions that are kept.
    pub revisions: u64,
    /// Quotes, as counted.
    pub quotes: u64,
    /// Entities, as counted.
    pub entities: u64,
    /// Bytes of the texts that were read.
    pub text_bytes: u64,
    /// The first findings.
    pub findings: Vec<Finding>,
    /// All of them.
    pub finding_count: u64,
    /// Those among them of [`FindingKind::Unreadable`].
    pub unreadable_count: u64,
}

impl StoreReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.finding_count == 0
    }

    /// The first place that cannot be read.
    pub fn first_unreadable(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.kind == FindingKind::Unreadable)
    }

    pub(super) fn note(&mut self, kind: FindingKind, place: &str, what: String) {
        self.finding_count += 1;
        self.unreadable_count += u64::from(kind == FindingKind::Unreadable);
        // What is lost comes before what disagrees because of it, so that the first of it is never left out.
        let first = kind == FindingKind::Unreadable && self.first_unreadable().is_none();
        if self.findings.len() < MOST || first {
            self.findings.push(Finding { kind, place: place.to_owned(), what });
        }
    }
}
