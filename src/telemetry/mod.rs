//! What the service says of itself while it runs: logs on standard error, for people or as one JSON object a line, and traces for a
//! collector. This module is the only one that knows who listens; everyone else calls `tracing`. Each listener has a filter of its own, so
//! that spans for traces cost logs nothing. Start at [`init`]; [`traces`] has what goes to the collector, [`sampled`] what is made
//! for it, [`filter`] changes what is logged.

mod filter;
mod sampled;
mod traces;

use crate::config::{LogFormat, LogSettings, TraceSettings};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tracing::Subscriber;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, fmt, prelude::*, reload};

pub use filter::Filter;
pub use traces::TracesError;

/// A listener over any subscriber that keeps spans.
type Listener<S> = Box<dyn Layer<S> + Send + Sync>;

/// What goes on after [`init`]. Should be stopped, or the last spans are lost.
#[derive(Debug)]
pub struct Telemetry {
    traces: Option<traces::Exporter>,
    filter: Filter,
}

/// Starts listening, for the rest of the process.
///
/// # Errors
/// Where traces are wanted and nobody can be got ready to send them.
pub fn init(log: &LogSettings, traces: &TraceSettings) -> Result<Telemetry, TracesError> {
    let (traces, spans) = traces::start(traces)?.unzip();
    // A second call, in tests that share a process, finds the first one's subscriber and leaves it.
    let (logs, filter) = logs(log);
    let _ = tracing_subscriber::registry().with(spans).with(logs).try_init();
    Ok(Telemetry { traces, filter })
}

impl Telemetry {
    /// The filter of the log.
    pub fn filter(&self) -> Filter {
        self.filter.clone()
    }

    /// How many spans have been lost, as it grows.
    pub fn lost_spans(&self) -> Arc<AtomicU64> {
        self.traces.as_ref().map(traces::Exporter::lost).unwrap_or_default()
    }

    /// Sends what is left, for a moment at most.
    pub fn stop(self) {
        if let Some(traces) = self.traces {
            traces.stop();
        }
    }
}

/// Events for people and their programs. A filter that does not parse falls back to `info`; `Settings::check` has refused it before.
fn logs<S>(log: &LogSettings) -> (Listener<S>, Filter)
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let (filter, handle) = reload::Layer::new(filter);
    let layer = fmt::layer().with_writer(std::io::stderr);
    let listener = match log.format {
        LogFormat::Json => layer.json().flatten_event(true).with_filter(filter).boxed(),
        LogFormat::Human => layer.with_ansi(colour()).with_target(false).with_filter(filter).boxed(),
    };
    (listener, Filter::behind(handle, &log.filter))
}

fn colour() -> bool {
    std::io::stderr().is_terminal() && anstream::stderr().current_choice() != anstream::ColorChoice::Never
}
