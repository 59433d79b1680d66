//! What the system says of this process. Where it says nothing, there are zeros: a number that is missing should not cost the others.

use std::fs;

/// The process at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Process {
    pub cpu_seconds: f64,
    pub resident_bytes: f64,
    pub open_fds: f64,
    pub max_fds: f64,
    /// In seconds since 1970.
    pub start_time: f64,
}

/// Fields of `/proc/self/stat` behind the name in parentheses, counted from 0 (proc_pid_stat(5)): times of user and system, and the
/// start, all in ticks.
const USER: usize = 11;
const SYSTEM: usize = 12;
const START: usize = 19;

impl Process {
    pub fn now() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let stat = read("/proc/self/stat");
        let fields: Vec<f64> =
            stat.rsplit(')').next().unwrap_or_default().split_whitespace().map(number).collect();
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        let ticks = rustix::param::clock_ticks_per_second() as f64;
        let boot = value(&read("/proc/stat"), "btime");
        Self {
            cpu_seconds: (field(USER) + field(SYSTEM)) / ticks,
            resident_bytes: value(&read("/proc/self/status"), "VmRSS:") * 1024.0,
            open_fds: fs::read_dir("/proc/self/fd").map_or(0.0, |all| all.count() as f64),
            max_fds: value(&read("/proc/self/limits"), "Max open files"),
            start_time: boot + field(START) / ticks,
        }
    }
}

/// The first number behind the name at the begin of a line.
fn value(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()).map_or(0.0, number)
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_default()
}
