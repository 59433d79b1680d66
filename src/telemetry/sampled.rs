//! Which spans are made for traces: those with which a trace begins, and below them those of what is sampled. Of ten calls nine are not, and
//! a span that nobody will see costs almost as much as one that somebody will. Whoever begins a trace says in the field `sampled` of its
//! span what has been decided; this knows neither who decides nor how.

use tracing::field::{Field, Visit};
use tracing::span::{Id, Record};
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

/// The field, and the one span that begins a trace by itself and is made seldom.
const SAMPLED: &str = "sampled";
const FOLLOW: &str = "index.follow";

/// See the module.
pub(super) struct Sampled;

/// On a span that has said that it is sampled.
struct Mark;

impl<S> Filter<S> for Sampled
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn enabled(&self, of: &Metadata<'_>, cx: &Context<'_, S>) -> bool {
        is_ours(of) && (begins(of) || cx.lookup_current().is_some_and(|current| is_sampled(&current)))
    }

    fn callsite_enabled(&self, of: &'static Metadata<'static>) -> Interest {
        match (is_ours(of), begins(of)) {
            (false, _) => Interest::never(),
            (true, true) => Interest::always(),
            (true, false) => Interest::sometimes(),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, cx: Context<'_, S>) {
        let mut said = Said(false);
        values.record(&mut said);
        if let Some(span) = cx.span(id).filter(|_| said.0) {
            span.extensions_mut().replace(Mark);
        }
    }
}

/// Spans of this program, no events: those are what logs are for. Probes have spans for logs alone.
fn is_ours(of: &Metadata<'_>) -> bool {
    of.is_span() && of.target().starts_with("dictum") && !of.target().ends_with("::untraced")
}

fn begins(of: &Metadata<'_>) -> bool {
    of.name() == FOLLOW || of.fields().field(SAMPLED).is_some()
}

/// Whether what lies within a span is sampled. Of those that begin no trace there are none but in one that is.
fn is_sampled<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>) -> bool {
    span.metadata().fields().field(SAMPLED).is_none() || span.extensions().get::<Mark>().is_some()
}

/// Whether a record says that its span is sampled.
struct Said(bool);

impl Visit for Said {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0 |= value && field.name() == SAMPLED;
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
}
