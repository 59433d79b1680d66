//! Who may do what. A credential, as a client sends it, becomes a [`Principal`], with the kinds of work that it may do and the collections
//! that it reaches; what it uses is held against its [`Limits`]; what was decided becomes an [`AuditEvent`]. Nothing here knows of HTTP,
//! gRPC or the engine: headers are bytes, collections and calls are names, and what an error becomes on the wire is for others to say.
//! Start at [`Guard`], which holds what is in force.

mod audit;
mod clock;
mod credentials;
mod guard;
mod keys;
mod limits;
mod load;
mod principal;
mod quotas;
mod reach;
mod rejection;
mod scope;
#[cfg(test)]
mod tests;
mod tokens;

pub use audit::{AuditEvent, AuditLog, AuditTarget, Outcome, Who};
pub use clock::{Clock, ManualClock, SystemClock};
pub use credentials::Credential;
pub use guard::{Guard, Loaded};
pub use keys::{KeyBook, KeyBookError, KeyFileFault, KeyRecord, KeyText, NewKey, NewKeyFault};
pub use limits::{LimitFault, Limits};
pub use load::{AccessSettings, LoadError};
pub use principal::{Lack, Origin, Principal};
pub use quotas::{AnalysisSlot, DocumentSlot, Meter, OverQuota, Quota, QuotaSettings, Quotas};
pub use reach::{Reach, ReachFault};
pub use rejection::{Rejection, Unauthenticated};
pub use scope::{Scope, Scopes, UnknownScope};
pub use tokens::{JwksFault, TokenSettings};
