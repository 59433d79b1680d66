//! The pair for one machine: a redb store and a tantivy index under one data directory. The only file of the engine that names them.

use super::config::EngineConfig;
use super::error::{EngineError, Fault};
use super::{Engine, Ports, clock};
use crate::analysis::roster::Roster;
use crate::index::{IndexConfig, TantivyIndex};
use crate::ports::PortError;
use crate::store::{Hold, Store, StoreConfig};
use std::path::PathBuf;
use std::sync::Arc;

/// Most searches of each lane that wait for a thread.
const SEARCHES: usize = 1024;

impl Engine {
    /// Takes the data directory for this process, for as long as what comes back lives: fails at once, and without having touched
    /// anything, where another process has it.
    pub fn hold(config: &EngineConfig) -> Result<Hold, EngineError> {
        let held = Hold::take(&store_dir(config));
        held.map_err(|error| {
            Fault::Port(PortError::fault("the data directory cannot be taken", error)).into()
        })
    }

    /// Opens store and index under `config.data_dir`, which is made where it is missing, and starts the engine over them. Takes as long
    /// as the repair of a store that was not closed.
    pub async fn open(config: EngineConfig, analyzers: Arc<Roster>) -> Result<Self, EngineError> {
        config.check().map_err(Fault::Config)?;
        let settings = config.clone();
        let ports =
            tokio::task::spawn_blocking(move || ports(&settings)).await.map_err(|_| Fault::Panicked)??;
        Self::start(config, analyzers, ports).await
    }
}

fn store_dir(config: &EngineConfig) -> PathBuf {
    config.data_dir.join("store")
}

fn ports(config: &EngineConfig) -> Result<Ports, EngineError> {
    let settings = StoreConfig { free_space_mark: config.store_free_bytes, ..StoreConfig::default() };
    let store = Store::open(&store_dir(config), &settings, clock::now())
        .map_err(|error| Fault::Port(PortError::fault("the store cannot be opened", error)))?;
    let index = TantivyIndex::new(IndexConfig {
        dir: config.data_dir.join("index"),
        heap_bytes: config.index_heap_bytes,
        threads: config.search_threads,
        queue: SEARCHES,
    })?;
    Ok(Ports { log: store.clone(), entities: store, index })
}
