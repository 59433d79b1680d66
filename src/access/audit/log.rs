//! Lines on their way to a file. Calls hand them over and never wait: between them and one thread that writes there is a
//! queue with an end, and what finds it full is counted and lost. A log that must not lose anything would have to stop
//! the service when the disk does; this one says in itself how much it lacks.

use super::AuditEvent;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Lines that may be on their way.
const QUEUE: usize = 8192;
/// Lines that are written at once.
const BATCH: usize = 256;
/// How long the writer waits for a line before it looks whether to open the file anew.
const PAUSE: Duration = Duration::from_millis(200);

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditTarget {
    /// To the end of a file, made for its owner alone where there is none.
    File(PathBuf),
    /// To standard output.
    Stdout,
}

/// The log of decisions. Dropping it writes what is on its way.
#[derive(Debug)]
pub struct AuditLog {
    /// Taken when the log is dropped, which ends the writer.
    lines: Option<SyncSender<AuditEvent>>,
    writer: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    lost: AtomicU64,
    reopen: AtomicBool,
}

impl AuditLog {
    /// Opens the file, and starts the thread that writes.
    pub fn open(target: AuditTarget) -> io::Result<Self> {
        let output = open(&target)?;
        Self::start(output, Box::new(move || open(&target)), QUEUE)
    }

    pub(super) fn start(output: Output, reopen: Reopen, queue: usize) -> io::Result<Self> {
        let (lines, received) = sync_channel(queue);
        let shared = Arc::new(Shared::default());
        let writer = Writer { output, reopen, shared: Arc::clone(&shared), told: 0, is_broken: false };
        let writer = std::thread::Builder::new().name("audit".into()).spawn(move || writer.run(&received))?;
        Ok(Self { lines: Some(lines), writer: Some(writer), shared })
    }

    /// Hands a line over, or counts it as lost.
    pub fn record(&self, event: AuditEvent) {
        if self.lines.as_ref().is_none_or(|lines| lines.try_send(event).is_err()) {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Has the file opened anew soon, by its name: for programs that have moved it away.
    pub fn reopen(&self) {
        self.shared.reopen.store(true, Ordering::Release);
    }

    /// Lines that were lost since the start, to a full queue or a failing disk.
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }
}

impl Drop for AuditLog {
    fn drop(&mut self) {
        self.lines = None;
        if let Some(writer) = self.writer.take() {
            // One that panicked has written what it could.
            let _ = writer.join();
        }
    }
}

pub(super) type Output = Box<dyn Write + Send>;
pub(super) type Reopen = Box<dyn FnMut() -> io::Result<Output> + Send>;

struct Writer {
    output: Output,
    reopen: Reopen,
    shared: Arc<Shared>,
    /// How many lost lines the log has told of.
    told: u64,
    /// Whether the last write failed, so that the service's log says it once.
    is_broken: bool,
}

impl Writer {
    fn run(mut self, lines: &Receiver<AuditEvent>) {
        loop {
            let next = lines.recv_timeout(PAUSE);
            if self.shared.reopen.swap(false, Ordering::AcqRel) {
                self.open_anew();
            }
            match next {
                Ok(event) => self.write_with_others(event, lines),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Where that fails, what is open stays in use.
    fn open_anew(&mut self) {
        match (self.reopen)() {
            Ok(output) => self.output = output,
            Err(error) => {
                tracing::error!(%error, "the log of decisions cannot be opened anew; the old file goes on")
            }
        }
    }

    /// Writes a line and those that wait behind it, at once.
    fn write_with_others(&mut self, first: AuditEvent, lines: &Receiver<AuditEvent>) {
        let mut text = Vec::new();
        let time = first.time;
        let mut count = 0;
        for event in std::iter::once(first).chain(lines.try_iter().take(BATCH - 1)) {
            // Its fields are texts and numbers, none of which fails.
            if serde_json::to_writer(&mut text, &event).is_ok() {
                text.push(b'\n');
            }
            count += 1;
        }
        let lost = self.shared.lost.load(Ordering::Relaxed);
        if lost > self.told {
            let line = serde_json::json!({ "time": time, "lost": lost - self.told });
            text.extend_from_slice(format!("{line}\n").as_bytes());
        }
        let written = self.output.write_all(&text).and_then(|()| self.output.flush());
        if written.is_ok() {
            self.told = lost;
        }
        self.note(written, count);
    }

    /// Says in the service's log when writing stops and when it goes on; counts what was lost.
    fn note(&mut self, result: io::Result<()>, lines: u64) {
        match &result {
            Err(error) => {
                self.shared.lost.fetch_add(lines, Ordering::Relaxed);
                if !self.is_broken {
                    tracing::error!(%error, "the log of decisions cannot be written; its lines are lost");
                }
            }
            Ok(()) if self.is_broken => tracing::info!("the log of decisions is written again"),
            Ok(()) => {}
        }
        self.is_broken = result.is_err();
    }
}

fn open(target: &AuditTarget) -> io::Result<Output> {
    match target {
        AuditTarget::File(path) => append(path),
        AuditTarget::Stdout => Ok(Box::new(io::stdout())),
    }
}

fn append(path: &Path) -> io::Result<Output> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    Ok(Box::new(options.open(path)?))
}
