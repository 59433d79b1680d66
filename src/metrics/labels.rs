//! What recorded numbers are told apart by.

use prometheus_client::encoding::EncodeLabelSet;

/// A method and how its call ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Call {
    pub method: &'static str,
    pub code: &'static str,
}

/// A method.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Method {
    pub method: &'static str,
}

/// Why a call failed, as its error says it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Reason {
    pub reason: String,
}

/// A limit of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Quota {
    pub quota: String,
}

/// An analyzer, by its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Analyzer {
    pub analyzer: String,
}

/// A part of an analysis.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Stage {
    pub stage: &'static str,
}

/// Whether a transaction was committed: `done` or `failed`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Commit {
    pub outcome: &'static str,
}

/// A build.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Build {
    pub version: &'static str,
}
