//! Backups: one file each, which holds the whole store as it stood at a moment and says itself what it is and whether it is whole.
//!
//! A backup is a database file that was made for it and made as small as it can be, and behind it a *tail*: the manifest as
//! JSON, the BLAKE3 of all bytes before, the manifest's length and a mark. It is checked by its last bytes first: a file that was
//! cut short has no mark. `manifest.rs` reads and writes the tail, `make.rs` makes a backup of a snapshot, at
//! the speed of `pace.rs`, `restore.rs` a store of a
//! backup, and `aside.rs` keeps the one that was there. How a file gets its name, and what else lies beside it, is not known here.

mod aside;
mod make;
mod manifest;
mod pace;
mod restore;
mod stoppable;

pub(super) use make::make;
pub use manifest::BackupFault;
pub(super) use pace::Pace;
pub use restore::{Unpacked, Unpacking};
