//! How callers share what there is not enough of: turns ([`FairQueue`]), room ([`Shares`]), and time in line ([`Patience`]). Nobody is kept
//! from using what nobody else wants, and one who asks for more than everybody together still leaves something to each. Knows callers by a name alone, and
//! nothing of what they want.

mod patience;
mod queue;
mod shares;

pub use patience::Patience;
pub use queue::FairQueue;
pub use shares::{Share, Shares};
