//! What the engine asks of whoever keeps documents ([`DocumentLog`]), whoever knows the things that documents share
//! ([`EntityProjection`]) and whoever finds ([`SearchIndex`]): three small async traits over the vocabulary. This layer holds no
//! code that does anything; it refuses to know databases, search engines, the wire and the analysis.
//!
//! An adapter owns the threads that it blocks: none of these calls may hold up an async worker. `store` and `index` are the pair
//! for one machine. `tests/it/conformance` is what any pair must pass.
//!
//! Start at [`log`]; [`caller`] is who every question is asked for, [`error`] how an adapter fails.

pub mod caller;
pub mod entities;
pub mod error;
mod hash;
pub mod log;
pub mod search;

pub use caller::{Caller, Lane, Note, Over};
pub use entities::{EntityChange, EntityDocument, EntityPlace, EntityProjection, FormPlace};
pub use error::{BackupError, Outage, OutageKind, PortError, QueryFault};
pub use hash::{basis_hash, content_hash};
pub use log::{
    Applied, Change, Copied, Current, DocumentLog, Effect, Epoch, LogIdentity, LogState, Moment, Refusal,
    Standing, Stood, Stretch, Write,
};
pub use search::{Entry, Followed, IndexOp, Opened, Origin, SearchIndex, SearchView};
