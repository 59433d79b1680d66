//! How callers share what there is not enough of: turns and time in line ([`WaitingLine`]), room ([`Shares`]), and what one kind of work
//! may take from another ([`Allowance`]). Nobody is kept from using what nobody else wants, and one who asks for more than everybody
//! together still leaves something to each. Knows callers by a name alone, and nothing of what they want.

mod allowance;
mod line;
mod patience;
mod queue;
mod shares;

pub use allowance::Allowance;
pub use line::{Next, WaitingLine};
pub use shares::{Share, Shares};
