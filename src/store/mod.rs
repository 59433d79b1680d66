//! The source of truth: documents, analyses, collections and the sequence of changes, in redb.
