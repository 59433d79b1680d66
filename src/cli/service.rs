//! The whole service in one call: engine, port, stop. `dictum serve` runs it with the user's configuration,
//! `dictum demo` with one of its own.

use super::watch;
use crate::analysis::roster::Roster;
use crate::config::Config;
use crate::domain::annotation::AnalyzerName;
use crate::engine::{Engine, EngineConfig, EngineError, IndexState};
use crate::ports::LogState;
use crate::transport::{self, Door, Gate};
use anyhow::{Context, anyhow};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Of a drain that calls would take all of, one part in so many is the engine's: to finish commits, and to close log and index, without
/// which the next start repairs the log.
const ENGINE_PART: u32 = 4;

/// The most that the engine's part comes to.
const MOST_ENGINE_PART: Duration = Duration::from_secs(3);

/// What closing log and index may take beyond the drain's end. A step that is under way is not waited for any longer.
const CLOSE_WITHIN: Duration = Duration::from_millis(300);

/// Serves until `stop` is cancelled, then drains, for no longer than the drain's time and [`CLOSE_WITHIN`]. `bound` is told the
/// address as soon as the port is open, which is before the data directory is: until then health says NOT_SERVING.
pub async fn run(
    config: Config,
    gate: Gate,
    stop: CancellationToken,
    bound: impl FnOnce(SocketAddr) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let gate = Arc::new(gate);
    // The port first: where it is taken, nothing else should be touched.
    let incoming = transport::listen(config.listen).with_context(|| {
        format!(
            "cannot listen on {}; is another service running there? Try --listen 127.0.0.1:0",
            config.listen
        )
    })?;
    let http = match config.http {
        None => None,
        Some(address) => {
            let listener = transport::listen_for_watchers(address).await;
            Some(listener.with_context(|| format!("cannot listen on {address}, as http.listen says"))?)
        }
    };
    // Then the data directory, so that nobody is told an address that another service has.
    let _held = Engine::hold(&config.engine).map_err(named).with_context(|| unopened(&config.engine))?;
    let address = incoming.local_addr().context("asking for the bound address")?;
    bound(address)?;
    tokio::spawn(watch::watch(Arc::clone(&gate), config.security.reload_interval, stop.clone()));
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    let limit = config.transport.drain_timeout;
    let mut transport = config.transport;
    transport.drain_timeout = limit - (limit / ENGINE_PART).min(MOST_ENGINE_PART);
    let stopped = tokio::spawn({
        let stop = stop.clone();
        async move {
            stop.cancelled().await;
            Instant::now()
        }
    });
    if let Some(address) = http.as_ref().and_then(|listener| listener.local_addr().ok()) {
        tracing::info!(%address, "listening for those who watch");
    }
    let (door, ports) = (Door::default(), transport::Ports { grpc: incoming, http });
    let serving = transport::serve(ports, door.clone(), Arc::clone(&gate), transport, stop);
    tokio::pin!(serving);
    let engine = tokio::select! {
        opened = open(config.engine, config.analyzer) => opened?,
        // Stopped before there was anything to drain. Opening goes on until the process ends, which the store
        // survives as it survives a crash.
        served = &mut serving => return Ok(served?),
    };
    tokio::spawn(log_readiness(engine.clone()));
    engine.observe(gate.observer());
    door.open(engine.clone());
    serving.await?;
    let started = stopped.await.context("waiting for the stop")?;
    close(engine, door, started + limit).await;
    tracing::info!(drained_ms = started.elapsed().as_millis() as u64, "stopped");
    Ok(())
}

/// Finishes what is under way until the drain ends, and closes log and index not much later.
async fn close(engine: Engine, door: Door, end: Instant) {
    let left = |more: Duration| (end + more).saturating_duration_since(Instant::now());
    // The last third is for closing.
    if engine.drain(left(Duration::ZERO) * 2 / 3).await.is_err() {
        tracing::warn!("stopped before the index held everything; the next start catches up");
    }
    drop(door);
    let stopped = tokio::time::timeout(left(CLOSE_WITHIN), engine.stop()).await.is_ok();
    if !(let_go(engine, left(CLOSE_WITHIN)).await && stopped) {
        tracing::warn!("stopped in the middle of a step; the next start repairs what it left");
    }
}

/// Opens the data directory where it holds up no async worker: a repair may take minutes.
async fn open(config: EngineConfig, analyzer: AnalyzerName) -> anyhow::Result<Engine> {
    let (data_dir, failed) = (config.data_dir.clone(), unopened(&config));
    let started = Instant::now();
    let analyzers = tokio::task::spawn_blocking(move || Arc::new(Roster::embedded(analyzer))).await?;
    let engine = Engine::open(config, analyzers).await.map_err(named).context(failed)?;
    let opened_ms = started.elapsed().as_millis() as u64;
    tracing::info!(data_dir = %data_dir.display(), opened_ms, "open");
    Ok(engine)
}

fn unopened(config: &EngineConfig) -> String {
    format!("cannot open the data directory {}", config.data_dir.display())
}

/// The error as whoever starts the service may see it: a fault by its own name, which callers are not told.
fn named(error: EngineError) -> anyhow::Error {
    match error {
        EngineError::Internal(fault) => anyhow!(fault),
        error => anyhow!(error),
    }
}

/// Says in the log when the service can do less than it should, and when it can again.
async fn log_readiness(engine: Engine) {
    let mut readiness = engine.readiness();
    // Only the receiver lives on, so that this task keeps nothing open.
    drop(engine);
    let mut was_ready = false;
    loop {
        let ready = {
            let now = readiness.borrow_and_update();
            match (&now.log, &now.index) {
                _ if now.draining => tracing::info!("draining"),
                (LogState::Out(outage), _) => tracing::error!(%outage, "the store is out of order"),
                (LogState::Ready, IndexState::Degraded(fault)) => {
                    tracing::error!(%fault, "the index cannot follow the store");
                }
                // The engine itself logs how far it is.
                (LogState::Ready, IndexState::Recovering { .. }) => {}
                (LogState::Ready, IndexState::Ready) if !was_ready => tracing::info!("ready"),
                (LogState::Ready, IndexState::Ready) => {}
            }
            now.is_ready()
        };
        was_ready = ready;
        if readiness.changed().await.is_err() {
            return;
        }
    }
}

/// Drops what may take its time to be dropped; whether it was in time. Otherwise it goes on until the process ends.
async fn let_go<T: Send + 'static>(what: T, limit: Duration) -> bool {
    let dropped = tokio::task::spawn_blocking(move || drop(what));
    tokio::time::timeout(limit, dropped).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, channel};

    /// Takes until it is told to be gone.
    struct Stuck(Receiver<()>);

    impl Drop for Stuck {
        fn drop(&mut self) {
            let _ = self.0.recv();
        }
    }

    #[tokio::test]
    async fn what_takes_too_long_to_close_is_not_waited_for() {
        let (go, stuck) = channel();
        assert!(!let_go(Stuck(stuck), Duration::from_millis(20)).await);
        go.send(()).unwrap();
        assert!(let_go(7, Duration::from_secs(10)).await);
    }
}
