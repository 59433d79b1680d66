//! The real binary as a child process.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// How long a start may take, recovery included; and how long a failpoint may take to be reached. A machine that many share can stand
/// still for a minute.
const PATIENCE: Duration = Duration::from_secs(180);

/// The variable of the failpoints.
const FAILPOINTS: &str = "DICTUM_FAILPOINTS";

/// The binary, without the variables of whoever runs the tests, and with these failpoints.
pub fn dictum(failpoints: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dictum"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DICTUM_")) {
        command.env_remove(name);
    }
    command.env(FAILPOINTS, failpoints).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Whether a failpoint ended the process.
pub fn was_killed(status: ExitStatus) -> bool {
    // SIGABRT, which no handler sees.
    status.signal() == Some(6)
}

/// A running `dictum serve`. Killed when dropped.
pub struct Process {
    child: Child,
    endpoint: Endpoint,
}

impl Process {
    /// Starts the service over a data directory and waits until health says SERVING.
    pub async fn start(dir: &Path) -> Self {
        Self::start_with(dir, "").await.expect("nothing kills it")
    }

    /// The same with failpoints. `None` where one of them has killed it.
    pub async fn start_with(dir: &Path, failpoints: &str) -> Option<Self> {
        let (address_file, config) = (dir.join("address"), dir.join("dictum.toml"));
        let _ = std::fs::remove_file(&address_file);
        std::fs::write(&config, format!("drain_timeout = '2s'\n[backup]\ndir = {:?}\n", backups(dir)))
            .unwrap();
        let child = dictum(failpoints)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "error", "--config"])
            .arg(&config)
            .arg("--data-dir")
            .arg(dir.join("data"))
            .arg("--address-file")
            .arg(&address_file)
            .spawn()
            .unwrap();
        let mut process = Self { child, endpoint: Endpoint::from_static("http://127.0.0.1:1") };
        let start = Instant::now();
        let address = loop {
            if process.has_ended() {
                return None;
            }
            match std::fs::read_to_string(&address_file) {
                Ok(address) => break address,
                Err(error) => assert!(start.elapsed() < PATIENCE, "no address: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let endpoint = Endpoint::from_shared(format!("http://{}", address.trim())).unwrap();
        process.endpoint = endpoint.tcp_nodelay(true);
        process.serves(start).await.then_some(process)
    }

    /// Waits for SERVING; false where the process has ended before.
    async fn serves(&mut self, start: Instant) -> bool {
        let mut health = HealthClient::new(self.channel());
        while !self.has_ended() {
            let answer = health.check(HealthCheckRequest::default()).await;
            if answer.is_ok_and(|answer| answer.into_inner().status() == ServingStatus::Serving) {
                return true;
            }
            assert!(start.elapsed() < PATIENCE, "not serving");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    /// Whether a failpoint has ended it by now.
    fn has_ended(&mut self) -> bool {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none_or(was_killed), "{ended:?}");
        ended.is_some()
    }

    /// A new connection, made when it is needed.
    pub fn channel(&self) -> Channel {
        self.endpoint.connect_lazy()
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        self.endpoint.uri().authority().unwrap().to_string()
    }

    /// SIGKILL: no handler, no destructor, no flush.
    pub fn kill(self) {
        drop(self);
    }

    /// Waits until a failpoint kills it; whether one does.
    pub async fn dies(mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.has_ended() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        false
    }

    /// SIGTERM; how it ended, and after how long.
    pub fn stop(mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        signal("-TERM", &self.child);
        (self.child.wait().unwrap(), start.elapsed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only where the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal, as a shell does.
pub fn signal(name: &str, child: &Child) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Where the service puts its backups.
pub fn backups(dir: &Path) -> std::path::PathBuf {
    dir.join("backups")
}
