//! The engine through its public operations, with a detector that tests can count, hold up and make panic.

mod load;
mod queries;
mod recovery;
pub mod stage;
mod writes;
