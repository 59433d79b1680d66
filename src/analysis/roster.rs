//! The analyzers of a service: one that is used where nobody asks for another, and the rest. Each is loaded when it is first asked
//! for, so that one which nobody uses costs neither time at the start nor memory. Start at [`Roster::embedded`].

use super::{Analyzer, stamp};
use crate::domain::annotation::{AnalyzerName, AnalyzerStamp};
use std::fmt;
use std::sync::LazyLock;

/// Analyzers by name. The first is the one in use.
pub struct Roster(Vec<Entry>);

struct Entry {
    stamp: AnalyzerStamp,
    analyzer: LazyLock<Analyzer, Box<dyn FnOnce() -> Analyzer + Send>>,
}

impl Roster {
    /// All analyzers that are part of the binary. The one in use is loaded at once.
    pub fn embedded(in_use: AnalyzerName) -> Self {
        let others = AnalyzerName::ALL.into_iter().filter(|name| *name != in_use);
        let entry = |name| Entry {
            stamp: stamp(name),
            analyzer: LazyLock::new(Box::new(move || Analyzer::embedded(name))),
        };
        let roster = Self([in_use].into_iter().chain(others).map(entry).collect());
        roster.get(None);
        roster
    }

    /// One analyzer, whatever name it is asked for by.
    pub fn only(analyzer: Analyzer) -> Self {
        let stamp = analyzer.stamp().clone();
        Self(vec![Entry { stamp, analyzer: LazyLock::new(Box::new(move || analyzer)) }])
    }

    /// The analyzer of that name, or the one in use. Loads it where it is asked for the first time, which takes some tenths of a
    /// second.
    pub fn get(&self, name: Option<AnalyzerName>) -> &Analyzer {
        &self.entry(name).analyzer
    }

    /// Its stamp, without loading it.
    pub fn stamp(&self, name: Option<AnalyzerName>) -> &AnalyzerStamp {
        &self.entry(name).stamp
    }

    /// The stamps of all, that of the one in use first.
    pub fn stamps(&self) -> impl Iterator<Item = &AnalyzerStamp> {
        self.0.iter().map(|entry| &entry.stamp)
    }

    fn entry(&self, name: Option<AnalyzerName>) -> &Entry {
        let named = name.and_then(|name| self.0.iter().find(|entry| entry.stamp.name == name.as_str()));
        // Both constructors put one in at least.
        named.unwrap_or(&self.0[0])
    }
}

impl fmt::Debug for Roster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.stamps()).finish()
    }
}
