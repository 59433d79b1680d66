//! Which quotes, or documents, say the same words: copies, near copies and parts of each other, put together in clusters.
//!
//! An item is a key and the numbers of its words ([`tokens()`]; of a document, those of a [`sketch`]). Items of the very same
//! words are one [`Variant`]. [`Rule`] says which two variants are related: nearly all words of the shorter one stand in the
//! longer one, in their order and close together. Clusters are what is connected by relations, however
//! long the chain, so that they follow from the set of items alone: a book that has seen items come and go holds the clusters of
//! one that was given those that are left.
//!
//! Pure: it refuses to know texts, documents, speakers, collections and how any of this is stored; all of it is in memory and
//! is made again from the items. Start at [`Book`].

mod aligned;
mod book;
mod differences;
mod grams;
mod postings;
mod probe;
mod rings;
mod rule;
mod run;
mod split;
mod tokens;
mod variants;

pub use aligned::Aligned;
pub use book::Book;
pub use rings::{Cluster, Clusters};
pub use rule::Rule;
pub use tokens::{sketch, tokens};
pub use variants::Variant;

/// Makes room for more at the end. Vectors that live as long as the service grow by a sixteenth: doubled, half of them would
/// be empty.
fn make_room<T>(vector: &mut Vec<T>, more: usize) {
    if vector.capacity() - vector.len() < more {
        vector.reserve_exact(more.max(vector.len() / 16));
    }
}

#[cfg(test)]
mod tests;
