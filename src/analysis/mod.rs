//! From a text to everything that is said in it: pure, total, deterministic.
