//! While the service runs: certificates and keys are read again when their files change, and on SIGHUP, which also has the log of
//! decisions opened anew. A file that cannot be used is complained about, and what was in force stays. Warns of a certificate that is
//! about to expire.

use crate::transport::Gate;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long before its end a certificate is warned of, and how often.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
const WARN_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Watches until `stop` is cancelled, where there is anything to watch.
pub async fn watch(gate: Arc<Gate>, interval: Duration, stop: CancellationToken) {
    if gate.certificates.is_none() && gate.guard.is_none() && gate.audit.is_none() {
        return;
    }
    let hangup = signal(SignalKind::hangup()).inspect_err(|error| {
        tracing::error!(%error, "SIGHUP cannot be waited for; files are still read again when they change");
    });
    let (mut hangup, mut warned) = (hangup.ok(), None);
    loop {
        let asked = async {
            match &mut hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        let asked = tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(interval) => false,
            _ = asked => true,
        };
        look(&gate, asked, &mut warned).await;
    }
}

/// Looks at the files where that holds up no call.
async fn look(gate: &Arc<Gate>, asked: bool, warned: &mut Option<Instant>) {
    let looked_at = Arc::clone(gate);
    let looked = tokio::task::spawn_blocking(move || renew(&looked_at, asked));
    if looked.await.is_err() {
        tracing::error!("reading certificates and keys again has panicked");
    }
    warn(gate, warned);
}

fn renew(gate: &Gate, asked: bool) {
    if let Some(audit) = gate.audit.as_ref().filter(|_| asked) {
        audit.reopen();
    }
    if let Some(guard) = gate.guard.as_ref().filter(|guard| asked || guard.changed()) {
        match guard.reload() {
            Ok(loaded) => {
                tracing::info!(keys = loaded.keys, public_keys = loaded.public_keys, "keys were read again");
            }
            Err(error) => {
                let error = anyhow::Error::from(error);
                tracing::error!(error = format!("{error:#}"), "keys stay as they were");
            }
        }
    }
    if let Some(all) = gate.certificates.as_ref().filter(|all| asked || all.changed()) {
        match all.reload() {
            Ok(()) => tracing::info!(expires = %all.expires(), "the certificate was read again"),
            Err(error) => tracing::error!(%error, "the certificate stays as it was"),
        }
    }
}

/// Warns of a certificate that is about to expire, or has.
fn warn(gate: &Gate, warned: &mut Option<Instant>) {
    let Some(certificates) = &gate.certificates else { return };
    let (expires, now) = (certificates.expires(), Timestamp::now());
    let is_time = warned.is_none_or(|warned| warned.elapsed() >= WARN_EVERY);
    if expires.duration_since(now) > SOON || !is_time {
        return;
    }
    *warned = Some(Instant::now());
    match expires > now {
        true => tracing::warn!(%expires, "the certificate expires soon"),
        false => tracing::error!(%expires, "the certificate has expired"),
    }
}
