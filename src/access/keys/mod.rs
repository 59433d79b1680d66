//! Keys that this service makes itself: `text` is what a client holds, `file` what the service keeps of it, `ring` tells
//! whether the one belongs to the other, `book` makes, lists and revokes them. A secret is seen once, when it is made.

mod book;
mod edit;
mod file;
mod replace;
mod ring;
mod text;

pub use book::{KeyBook, KeyBookError, NewKey, NewKeyFault};
pub use file::{KeyFileFault, KeyRecord};
pub(super) use ring::KeyRing;
pub use text::KeyText;
pub(super) use text::PREFIX;
