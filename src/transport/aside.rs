//! Work that takes long enough to hold up other calls: the thread that does it hands over the others first. Refuses to know what the
//! work is.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// Messages up to this length are worked on where they are: a few milliseconds.
const SHORT: usize = 256 << 10;

/// Does what a message of so many bytes asks for.
pub fn aside<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    match flavor {
        Ok(RuntimeFlavor::MultiThread) if bytes > SHORT => block_in_place(work),
        // Without other threads there is nobody to hand over to.
        _ => work(),
    }
}
