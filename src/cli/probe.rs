//! `dictum probe`: whether a service is ready, for containers, scripts and people. The exit code is the answer.

use super::client::{self, ServerArgs};
use super::{CliError, CommandResult};
use crate::config::parse_duration;
use anyhow::{Context, anyhow};
use clap::Args;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

/// Time between two questions while waiting.
const INTERVAL: Duration = Duration::from_millis(100);

/// Bytes of an answer that are read: it is a few lines.
const LONGEST_ANSWER: u64 = 64 << 10;

/// Flags of `dictum probe`.
#[derive(Debug, Args)]
pub struct ProbeArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// One service ("dictum.v1.QuoteService"); the whole where absent
    #[arg(long, default_value = "", hide_default_value = true)]
    service: String,
    /// Ask the plain HTTP port at this address instead, which knows nothing of TLS and keys
    #[arg(long, value_name = "ADDRESS", conflicts_with = "service")]
    http: Option<SocketAddr>,
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
    if let Some(address) = args.http {
        let answer = tokio::time::timeout(args.timeout, readyz(address)).await;
        return answer.map_err(|_| anyhow!("{address} did not answer within {:?}", args.timeout))?;
    }
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

/// What `/readyz` says at the address.
async fn readyz(address: SocketAddr) -> Result<ServingStatus, CliError> {
    let mut stream = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer).await?;
    Ok(match answer.starts_with(b"HTTP/1.1 200 ") {
        true => ServingStatus::Serving,
        false => ServingStatus::NotServing,
    })
}
