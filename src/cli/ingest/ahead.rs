//! What is read ahead of the stream, bounded by number and by bytes: files are read faster than anybody analyses
//! them. Knows nothing of files or streams.

use super::read::Found;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Documents that are read ahead, at most.
const MOST: usize = 32;

/// KiB of documents that are read ahead, at most; one may exceed it, alone.
const MOST_KIB: u32 = 32 << 10;

/// A document, and the room that it takes.
type Held = (Found, Option<OwnedSemaphorePermit>);

/// Where the thread that reads puts what it finds.
pub struct Sender {
    found: mpsc::Sender<Held>,
    room: Arc<Semaphore>,
    runtime: Handle,
}

/// Where the stream takes it from.
pub struct Receiver {
    found: mpsc::Receiver<Held>,
    room: Arc<Semaphore>,
}

/// Both ends, on the runtime at hand.
pub fn channel() -> (Sender, Receiver) {
    let room = Arc::new(Semaphore::new(MOST_KIB as usize));
    let (sender, receiver) = mpsc::channel(MOST);
    let sender = Sender { found: sender, room: Arc::clone(&room), runtime: Handle::current() };
    (sender, Receiver { found: receiver, room })
}

impl Sender {
    /// Waits for room. False where nobody takes anything any more. Must not be called on the runtime itself.
    pub fn send(&self, found: Found) -> bool {
        let room = match &found {
            Found::Document(item) => {
                let kib = u32::try_from(item.bytes >> 10).unwrap_or(u32::MAX).min(MOST_KIB);
                match self.runtime.block_on(Arc::clone(&self.room).acquire_many_owned(kib)) {
                    Ok(room) => Some(room),
                    Err(_) => return false,
                }
            }
            Found::Failed { .. } | Found::Note { .. } => None,
        };
        self.found.blocking_send((found, room)).is_ok()
    }
}

impl Receiver {
    /// The next one; `None` once all were taken.
    pub async fn recv(&mut self) -> Option<Found> {
        self.found.recv().await.map(|(found, _)| found)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // Whoever waits for room shall not wait for ever.
        self.room.close();
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::Item;
    use super::*;
    use crate::transport::wire::Document;

    fn found(mib: u64) -> Found {
        let item = Item {
            place: String::new(),
            id: String::new(),
            document: Document::default(),
            analysis: None,
            bytes: mib << 20,
        };
        Found::Document(Box::new(item))
    }

    #[tokio::test]
    async fn long_documents_wait_for_each_other_and_end_with_the_stream() {
        let (sender, mut receiver) = channel();
        let reading = std::thread::spawn(move || (0..).take_while(|_| sender.send(found(20))).count());
        for _ in 0..5 {
            assert!(receiver.recv().await.is_some());
        }
        drop(receiver);
        // Of 20 MiB each, one fits at a time, whatever the number that would.
        assert!(reading.join().unwrap() <= 6);
    }

    #[tokio::test]
    async fn a_document_longer_than_all_room_goes_alone() {
        let (sender, mut receiver) = channel();
        let reading = std::thread::spawn(move || sender.send(found(1000)) && sender.send(found(0)));
        assert!(receiver.recv().await.is_some() && receiver.recv().await.is_some());
        assert!(reading.join().unwrap() && receiver.recv().await.is_none());
    }
}
