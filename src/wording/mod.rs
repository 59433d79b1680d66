//! How quotations compare: which words a text says, whatever its punctuation, case, accents, brackets and spelling
//! ([`words`]); by which runs of words a quote is found ([`runs`]); how a claim lies in a quote and where they differ
//! ([`compare`]); which parts of a claim stand in which of several quotes ([`stitch`]); and where one verdict ends and the
//! next begins ([`rules`]). Pure: it refuses to know documents, speakers, indexes and the wire. What is indexed depends on
//! `words` and `runs`, so that a change there raises the version of the index. It stands apart from `folding`, on which
//! analyses depend, so that a change here renews no analysis. Start at [`words`].

pub mod compare;
mod names;
mod place;
pub mod rules;
mod runs;
mod spelling;
pub mod stitch;
pub mod words;

pub use compare::{Comparison, Effort};
pub use names::{same_name, tells_who};
pub use runs::runs;
pub use words::{Voice, Word, Wording};
