//! How callers share what there is not enough of: turns and time in line ([`WaitingLine`]), and room ([`Shares`]). Nobody is kept
//! from using what nobody else wants, and one who asks for more than everybody together still leaves something to each. Knows callers by a name alone, and
//! nothing of what they want.

mod line;
mod patience;
mod queue;
mod shares;

pub use line::{Next, WaitingLine};
pub use shares::{Share, Shares};
