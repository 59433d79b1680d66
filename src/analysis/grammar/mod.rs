//! A small grammar of reported speech in English: which verbs report what, and where the subject and the reported
//! clause of one stand. It reads words alone, without a model. The assembly asks it about kinds and about
//! attributions inside attributions; the rule detector is built on it. Start at
//! [`clauses`].

pub mod clauses;
pub mod cues;
pub mod phrases;
pub mod words;
