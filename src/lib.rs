//! Dictum: who said what, about whom, where and when.
//!
//! Data flows one way: `transport` → `engine` → (`analysis` → `store` → `index`) → `engine` → `transport`.
//! `domain` holds the plain types that all of them share, `folding` says which spellings are one, `wording` how
//! quotations compare, `clusters` which of them say the same words; `html` takes articles out of pages. Before the
//! services stand `tls` and `access`, who may do what; `metrics` tells those who watch, `fairness` shares what runs short
//! among callers. `failpoint` is for tests. The layering is
//! checked by `tests/it/architecture/`; `docs/architecture.md` explains it.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod access;
pub mod analysis;
pub mod cli;
pub mod clusters;
pub mod config;
pub mod domain;
pub mod engine;
pub mod failpoint;
mod fairness;
pub mod folding;
pub mod html;
pub mod index;
pub mod metrics;
pub mod ports;
pub mod shutdown;
pub mod stamp;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod tls;
pub mod transport;
pub mod wording;
