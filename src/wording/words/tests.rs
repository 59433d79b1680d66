//! Whatever way a text is written in, it says the same words.
