//! The derived view that queries run on, in tantivy; it can be thrown away and rebuilt from the store.
