//! `dictum serve`: the service itself. Puts configuration, logs, engine and transport together and stops them in
//! order; whatever happens to a call is not known here.

use super::{CliError, CommandResult};
use crate::config::{self, Config, Overrides};
use anyhow::Context;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

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
        return Ok(ExitCode::SUCCESS);
    }
    serve(&config)
}

fn serve(config: &Config) -> CommandResult {
    crate::telemetry::init(&config.log);
    Ok(ExitCode::SUCCESS)
}
