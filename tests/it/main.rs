//! Integration tests, in one binary since each links the whole service. [`architecture`] reads the source, [`engine`]
//! drives the engine without a wire; all others talk to a real server on a free port through a real client. Start at
//! [`server`].

mod analyze;
mod architecture;
mod cli;
mod cli_input;
mod collections;
mod conformance;
mod documents;
mod door;
mod drain;
mod edges;
mod engine;
mod entities;
mod folding;
mod gold;
mod health;
mod ingest;
mod ingest_stream;
mod invalid;
mod odd_text;
mod operations;
mod paging;
mod quotes;
mod raw;
mod reflection;
mod restored;
mod revisions;
mod sample;
mod server;
mod small_frames;
mod texts;
mod views;
