//! How claims fit quotes.
