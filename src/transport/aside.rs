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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn others_go_on_while_a_long_message_is_worked_on() {
        let (tell, told) = channel();
        let long = tokio::spawn(async move {
            aside(SHORT + 1, || {
                let other = tokio::spawn(async move { tell.send(()) });
                (told.recv_timeout(Duration::from_secs(30)), other)
            })
        });
        assert!(long.await.unwrap().0.is_ok());
    }

    #[tokio::test]
    async fn with_one_thread_it_is_done_there() {
        assert_eq!(aside(SHORT + 1, || 7), 7);
    }
}
