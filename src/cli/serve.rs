//! `dictum serve`: the service itself. Reads the configuration, starts logs and run time, and runs [`service`] until a
//! signal stops it.

use super::{CliError, CommandResult, gate, service};
use crate::config::{self, Config, Overrides};
use crate::shutdown;
use crate::telemetry::Telemetry;
use crate::transport::{Gate, Steering};
use anyhow::Context;
use clap::Args;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;
use tokio::runtime::{Builder, Runtime};

/// Flags of `dictum serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Configuration file in TOML; the environment and flags go over it
    #[arg(long, value_name = "FILE", env = "DICTUM_CONFIG")]
    config: Option<PathBuf>,
    /// Print the configuration in force, as a file that --config takes, and exit
    #[arg(long)]
    print_config: bool,
    /// Check the configuration and exit: 0 where it can be used, 2 where not
    #[arg(long)]
    check_config: bool,
    #[command(flatten)]
    overrides: Overrides,
}

/// Runs the service until a signal stops it.
pub fn run(args: &ServeArgs) -> CommandResult {
    let settings = config::load(args.config.as_deref(), &args.overrides).map_err(CliError::usage)?;
    let toml = settings.to_toml();
    let config = settings.check().map_err(CliError::usage)?;
    if args.print_config {
        anstream::stdout().write_all(toml.as_bytes()).context("printing the configuration")?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.check_config {
        gate::check(&config.security).map_err(CliError::usage)?;
        return Ok(ExitCode::SUCCESS);
    }
    serve(config, toml)
}

fn serve(config: Config, toml: String) -> CommandResult {
    let telemetry = crate::telemetry::init(&config.log, &config.traces).map_err(CliError::usage)?;
    let served = with_logs(config, toml, &telemetry);
    telemetry.stop();
    served
}

fn with_logs(config: Config, toml: String, telemetry: &Telemetry) -> CommandResult {
    let gate = gate::gate(&config.security).map_err(CliError::usage)?;
    let log = Arc::new(telemetry.filter());
    let steering = Some(Steering { configuration: toml, log, started: SystemTime::now() });
    let gate = Gate { lost_spans: telemetry.lost_spans(), steering, ..gate };
    let runtime = runtime()?;
    let address_file = config.address_file.clone();
    let announced = AtomicBool::new(false);
    let served = runtime.block_on(async {
        let stop = shutdown::on_signal().context("installing signal handlers")?;
        let bound = |address| {
            announced.store(true, Ordering::Relaxed);
            announce(address, address_file.as_deref())
        };
        service::run(config, gate, stop, bound).await
    });
    // Work on the blocking pool that outlived the drain is abandoned, as a crash would abandon it.
    runtime.shutdown_background();
    if let Some(path) = address_file.as_ref().filter(|_| announced.load(Ordering::Relaxed)) {
        // Nothing listens there any more. Where the file cannot be removed, a reader meets a refused connection.
        let _ = std::fs::remove_file(path);
    }
    served?;
    Ok(ExitCode::SUCCESS)
}

/// The async workers only move messages; analysis, commits and queries have threads of their own.
fn runtime() -> std::io::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread().worker_threads((cores / 2).clamp(1, 4)).enable_all().build()
}

/// Writes the bound address where scripts look for it: whole or not at all.
fn announce(address: SocketAddr, file: Option<&Path>) -> anyhow::Result<()> {
    let Some(path) = file else { return Ok(()) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut written = tempfile::NamedTempFile::new_in(folder)?;
        writeln!(written, "{address}")?;
        written.persist(path).map(drop).map_err(|error| error.error)
    };
    write().with_context(|| format!("cannot write the address file {}", path.display()))
}
