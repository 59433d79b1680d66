//! Logs: structured events on standard error, for people or as one JSON object a line. This module is the only
//! one that knows which subscriber listens; everyone else calls `tracing`.

mod filter;

pub use filter::{Change, Filter};

use crate::config::{LogFormat, LogSettings};
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt, prelude::*, reload};

/// Starts listening, for the rest of the process; gives what changes the filter. One that does not parse falls back to `info`;
/// `Settings::check` has refused it before.
pub fn init(log: &LogSettings) -> Filter {
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let (filter, handle) = reload::Layer::new(filter);
    let registry = tracing_subscriber::registry().with(filter);
    // A second call, in tests that share a process, finds the first one's subscriber and leaves it.
    let _ = match log.format {
        LogFormat::Json => {
            registry.with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr)).try_init()
        }
        LogFormat::Human => registry
            .with(fmt::layer().with_ansi(colour()).with_target(false).with_writer(std::io::stderr))
            .try_init(),
    };
    Filter::behind(handle, &log.filter)
}

fn colour() -> bool {
    std::io::stderr().is_terminal() && anstream::stderr().current_choice() != anstream::ColorChoice::Never
}
