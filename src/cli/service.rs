//! The whole service in one call: engine, port, stop. `dictum serve` runs it with the user's configuration,
//! `dictum demo` with one of its own.

use crate::analysis::Analyzer;
use crate::config::Config;
use crate::engine::{Engine, Readiness};
use crate::transport;
use anyhow::{Context, anyhow};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// What is left to the engine of a drain whose calls took all the time: enough to finish a commit.
const LEAST_ENGINE_DRAIN: Duration = Duration::from_secs(1);

/// Serves until `stop` is cancelled, then drains, for no longer than twice the drain's time. `bound` is told the
/// address as soon as the port is open, which is before the service is ready.
pub async fn run(
    config: Config,
    stop: CancellationToken,
    bound: impl FnOnce(SocketAddr) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // The port first: where it is taken, nothing else should be touched.
    let incoming = transport::listen(config.listen).with_context(|| {
        format!(
            "cannot listen on {}; is another service running there? Try --listen 127.0.0.1:0",
            config.listen
        )
    })?;
    let address = incoming.local_addr().context("asking for the bound address")?;
    let data_dir = config.engine.data_dir.clone();
    let engine = tokio::task::spawn_blocking(move || Engine::open(config.engine, Arc::new(Analyzer::new())));
    let engine = engine
        .await?
        .map_err(|error| anyhow!(error))
        .with_context(|| format!("cannot open the data directory {}", data_dir.display()))?;
    bound(address)?;
    tracing::info!(%address, data_dir = %data_dir.display(), version = env!("CARGO_PKG_VERSION"), "listening");
    tokio::spawn(log_readiness(engine.clone()));
    let limit = config.transport.drain_timeout;
    transport::serve(incoming, engine.clone(), config.transport, stop).await?;
    let started = Instant::now();
    if engine.drain(limit.max(LEAST_ENGINE_DRAIN)).await.is_err() {
        tracing::warn!("stopped before the index held everything; the next start catches up");
    }
    tracing::info!(drained_ms = started.elapsed().as_millis() as u64, "stopped");
    Ok(())
}

async fn log_readiness(engine: Engine) {
    let mut readiness = engine.readiness();
    // Only the receiver lives on, so that this task keeps nothing open.
    drop(engine);
    loop {
        match &*readiness.borrow_and_update() {
            // The engine itself logs how far it is.
            Readiness::Recovering { .. } => {}
            Readiness::Ready => tracing::info!("ready"),
            Readiness::Degraded(fault) => tracing::error!(%fault, "index cannot follow the store"),
            Readiness::Draining => tracing::info!("draining"),
        }
        if readiness.changed().await.is_err() {
            return;
        }
    }
}
