//! A data directory against itself: the store's rows with each other, and the documents that the index has with those of the store. An
//! index that is behind, damaged or missing is no error: it can be made anew at any time, and is brought up to date by the service.

use super::{DataDir, OfflineError, StoreReport};
use crate::domain::document::{Seq, StoreId};
use crate::domain::ids::DocumentName;
use crate::index::Survey;
use crate::ports::Followed;
use crate::store::{self, StoreConfig, Witness};
use std::path::PathBuf;

/// Findings about the index that are told; of further ones only the number is.
const MOST: usize = 200;

/// What a check has found.
#[derive(Debug)]
pub struct CheckReport {
    /// Of the store.
    pub store: StoreReport,
    /// Of the index.
    pub index: IndexReport,
}

/// What a check says of the index.
#[derive(Debug, Default)]
pub struct IndexReport {
    /// Why the service would make it anew; absent where it is there and sound.
    pub made_anew: Option<String>,
    /// The last change that it holds.
    pub applied: Seq,
    /// Documents that it has.
    pub documents: u64,
    /// Documents of the store that have changed since, and that it has as they were before, or not at all.
    pub behind: u64,
    /// What it should have otherwise. Deleting it mends that.
    pub findings: Vec<String>,
    /// How many of them there are.
    pub finding_count: u64,
}

impl CheckReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.store.is_sound() && self.index.finding_count == 0
    }
}

impl DataDir {
    /// Checks store and index. `watch` is told how many documents are done.
    ///
    /// # Errors
    /// Where there is no store, or it is of an older or newer format. What is damaged is no error, but in the report.
    pub fn check(&self, watch: &dyn Fn(u64)) -> Result<CheckReport, OfflineError> {
        self.must_hold_a_store()?;
        let mut side =
            IndexSide { dir: self.index(), watch, survey: None, report: IndexReport::default(), found: 0 };
        let store = store::check(&self.store(), &StoreConfig::default(), &mut side)?;
        Ok(CheckReport { index: side.finish(store.seq), store })
    }
}

/// The index, asked about every document that the store has.
struct IndexSide<'a> {
    dir: PathBuf,
    watch: &'a dyn Fn(u64),
    /// Absent where there is nothing to ask.
    survey: Option<Survey>,
    report: IndexReport,
    /// Documents of the store that it has, be it as they were.
    found: u64,
}

impl Witness for IndexSide<'_> {
    fn begin(&mut self, store: StoreId, last: Seq, floor: Seq) {
        match Survey::of(&self.dir, &Followed { store, last, floor, anew: false }) {
            Ok(survey) => {
                self.report.applied = survey.applied();
                self.survey = Some(survey);
            }
            Err(reason) => self.report.made_anew = Some(reason),
        }
    }

    fn document(&mut self, name: &DocumentName, seq: Seq) {
        let Some(survey) = &self.survey else { return };
        let changes = match survey.changes_of(name) {
            Ok(changes) => changes,
            Err(error) => return self.note(format!("{name}: {error}")),
        };
        self.found += changes.len() as u64;
        match changes.as_slice() {
            [change] if *change == seq => {}
            _ if seq > self.report.applied => self.report.behind += 1,
            [] => self.note(format!("{name} is missing")),
            [change] => {
                self.note(format!("{name} is there as of change {change}, and should be as of {seq}"))
            }
            many => self.note(format!("{name} is there {} times", many.len())),
        }
    }

    fn done(&mut self, documents: u64) {
        (self.watch)(documents);
    }
}

impl IndexSide<'_> {
    fn note(&mut self, finding: String) {
        self.report.finding_count += 1;
        if self.report.findings.len() < MOST {
            self.report.findings.push(finding);
        }
    }

    fn finish(mut self, last: Seq) -> IndexReport {
        match self.survey.as_ref().map(Survey::documents) {
            None => {}
            Some(Err(error)) => self.note(error.to_string()),
            Some(Ok(documents)) => {
                self.report.documents = documents;
                let others = documents.saturating_sub(self.found);
                // An index that is behind may not have heard yet that they are gone.
                if others > 0 && self.report.applied >= last {
                    self.note(format!("{others} documents are there that the store does not have"));
                }
            }
        }
        self.report
    }
}
