//! `dictum probe`: whether a service is ready, for containers, scripts and people. The exit code is the answer.

use super::client::{self, ServerArgs};
use super::{CliError, CommandResult};
use crate::config::parse_duration;
use anyhow::anyhow;
use clap::Args;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

/// Time between two questions while waiting.
const INTERVAL: Duration = Duration::from_millis(100);

/// Flags of `dictum probe`.
#[derive(Debug, Args)]
pub struct ProbeArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// One service ("dictum.v1.QuoteService"); the whole where absent
    #[arg(long, default_value = "", hide_default_value = true)]
    service: String,
    /// How long one answer may take
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = parse_duration)]
    timeout: Duration,
    /// Keep asking until the service is ready, for this long at most
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    wait: Option<Duration>,
}

/// Asks, and says what was answered.
pub fn run(args: &ProbeArgs) -> CommandResult {
    client::block_on(probe(args))
}

async fn probe(args: &ProbeArgs) -> CommandResult {
    let started = Instant::now();
    loop {
        let answer = ask(args).await;
        if let Ok(ServingStatus::Serving) = answer {
            writeln!(anstream::stdout(), "SERVING")?;
            return Ok(ExitCode::SUCCESS);
        }
        if let Err(CliError::Usage(_)) = answer {
            return answer.map(|_| ExitCode::FAILURE);
        }
        if args.wait.is_none_or(|wait| started.elapsed() >= wait) {
            writeln!(anstream::stdout(), "{}", answer?.as_str_name())?;
            return Ok(ExitCode::FAILURE);
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn ask(args: &ProbeArgs) -> Result<ServingStatus, CliError> {
    let server = &args.server.server;
    let answer = tokio::time::timeout(args.timeout, async {
        let connection = args.server.connect().await?;
        let request = HealthCheckRequest { service: args.service.clone() };
        let response = HealthClient::new(connection.channel()).check(request).await;
        response.map_err(|status| connection.explain(&status))
    });
    let response =
        answer.await.map_err(|_| anyhow!("{server} did not answer within {:?}", args.timeout))??;
    Ok(response.into_inner().status())
}
