//! A detector without a network, for tests of what comes after one on more text than a network reads in a test's time: roles
//! by the grammar of reported speech, names by shape and context. It is right often enough to keep every later stage busy.

mod names;
mod roles;

use dictum::analysis::Analyzer;
use dictum::analysis::signals::{Detector, Layout, Signals};
use dictum::domain::annotation::AnalyzerStamp;

/// The analyzer of the service over rules in the place of its network.
pub fn analyzer() -> Analyzer {
    let stamp = AnalyzerStamp { name: "rules".into(), version: "0".into(), hash: "0".into() };
    Analyzer::with_detector(Box::new(Rules), stamp)
}

struct Rules;

impl Detector for Rules {
    fn detect(&self, layout: &Layout<'_>) -> Signals {
        let (roles, links) = roles::roles(layout);
        Signals { names: names::names(layout), roles, links, ..Signals::default() }
    }
}
