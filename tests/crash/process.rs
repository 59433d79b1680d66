//! The real binary as a child process.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// How long a start may take, recovery included.
const START: Duration = Duration::from_secs(60);

/// A running `dictum serve`. Killed when dropped.
pub struct Process {
    child: Child,
    endpoint: Endpoint,
}

impl Process {
    /// Starts the service over a data directory and waits until health says SERVING.
    pub async fn start(dir: &Path) -> Self {
        let address_file = dir.join("address");
        let _ = std::fs::remove_file(&address_file);
        let child = Command::new(env!("CARGO_BIN_EXE_dictum"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "error", "--data-dir"])
            .arg(dir.join("data"))
            .arg("--address-file")
            .arg(&address_file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        let address = loop {
            match std::fs::read_to_string(&address_file) {
                Ok(address) => break address,
                Err(error) => assert!(start.elapsed() < START, "no address: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let endpoint = Endpoint::from_shared(format!("http://{}", address.trim())).unwrap().tcp_nodelay(true);
        let process = Self { child, endpoint };
        process.serving(start).await;
        process
    }

    async fn serving(&self, start: Instant) {
        let mut health = HealthClient::new(self.channel().await);
        loop {
            let answer = health.check(HealthCheckRequest::default()).await.unwrap().into_inner();
            if answer.status() == ServingStatus::Serving {
                return;
            }
            assert!(start.elapsed() < START, "not serving");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// A new connection.
    pub async fn channel(&self) -> Channel {
        self.endpoint.connect().await.unwrap()
    }

    /// SIGKILL: no handler, no destructor, no flush.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only where the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
