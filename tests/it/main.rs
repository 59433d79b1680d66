//! All integration tests, in one binary: each binary links the whole program, which costs seconds.

mod cli;
mod engine;
