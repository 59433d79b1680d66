//! The detector by rules: roles by the grammar of reported speech, names by shape and context. It knows nothing of
//! what becomes of its signals, and stands in wherever no trained encoder is at hand.

mod names;
mod roles;

use super::signals::{Detector, Layout, Signals};

/// Rules need no weights.
#[derive(Debug, Default)]
pub struct Baseline;

impl Baseline {
    /// The rules, ready to use.
    pub fn new() -> Self {
        Self
    }
}

impl Detector for Baseline {
    fn detect(&self, layout: &Layout<'_>) -> Signals {
        let (roles, links) = roles::roles(layout);
        Signals { names: names::names(layout), roles, links, ..Signals::default() }
    }
}
