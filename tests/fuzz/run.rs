//! Runs a target: its seeds, then mutations of them. A run fails where it panics, on whichever thread, and where it does not end.
//! What is found is made small and written to a file.
//!
//! Set from outside: `DICTUM_FUZZ_RUNS`, how many; `DICTUM_FUZZ_SEED`, which (1 where absent); `DICTUM_FUZZ_INPUT`, a file to run
//! alone; `DICTUM_FUZZ_SEEDS_TO`, a folder that the seeds are written to for another fuzzer, and nothing is run.

use crate::mutation::mutated;
use crate::random::Random;
use crate::targets::{Body, Target};
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

/// How long one run may take, on a machine with much else to do.
const HANG: Duration = Duration::from_secs(60);
/// How often it is said how far a target is.
const NEWS: Duration = Duration::from_secs(30);
/// Attempts to make a failing input smaller.
const ATTEMPTS: usize = 4_000;
/// What is said of a panic after which the process aborts: one within a destructor that another has called, and the like.
const ENDS: [&str; 2] = ["panic in a destructor during cleanup", "panic in a function that cannot unwind"];
/// Threads of services that panicked.
static ELSEWHERE: Mutex<Vec<String>> = Mutex::new(Vec::new());

thread_local! {
    /// Whether this is the thread of a target.
    static OURS: Cell<bool> = const { Cell::new(false) };
    /// The last panic of this thread within a run.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
    static RUNNING: Cell<bool> = const { Cell::new(false) };
    /// The target that this thread runs.
    static TARGET: RefCell<(&'static str, Now)> = RefCell::default();
}

/// Since when a run goes on, and what it was given.
type Now = Arc<Mutex<Option<(Instant, Vec<u8>)>>>;

/// Runs a target as often as is asked for.
pub fn target(target: &Target) {
    let seeds = target.seeds();
    if let Some(folder) = std::env::var_os("DICTUM_FUZZ_SEEDS_TO") {
        return write_seeds(&Path::new(&folder).join(target.name), &seeds);
    }
    watch_panics();
    let mut runner = Runner { name: target.name, body: (target.begin)(), now: Arc::default() };
    TARGET.set((target.name, Arc::clone(&runner.now)));
    let _watch = runner.watch();
    if let Some(file) = std::env::var_os("DICTUM_FUZZ_INPUT") {
        return runner.run(&std::fs::read(file).unwrap());
    }
    let runs = number("DICTUM_FUZZ_RUNS").unwrap_or(target.sample);
    let seed = number("DICTUM_FUZZ_SEED").unwrap_or(1);
    seeds.iter().for_each(|data| runner.run(data));
    let begin = Instant::now();
    let mut said = begin;
    for run in 0..runs {
        runner.run(&mutated(&mut Random::of(seed, run), &seeds, target.words));
        if said.elapsed() > NEWS {
            runner.say(run + 1, begin);
            said = Instant::now();
        }
    }
    runner.say(runs, begin);
}

fn number(variable: &str) -> Option<u64> {
    Some(std::env::var(variable).ok()?.parse().expect("a number"))
}

fn write_seeds(folder: &Path, seeds: &[Vec<u8>]) {
    std::fs::create_dir_all(folder).unwrap();
    for (at, data) in seeds.iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{at}")), data).unwrap();
    }
}

struct Runner {
    name: &'static str,
    body: Body,
    now: Now,
}

impl Runner {
    fn run(&mut self, data: &[u8]) {
        let Some(reason) = self.failure(data) else { return };
        let small = self.smallest(data);
        let path = self.write(&small);
        let bytes = if small.len() == 1 { "1 byte".to_owned() } else { format!("{} bytes", small.len()) };
        let shown = small.escape_ascii().to_string();
        let shown = &shown[..shown.len().min(2_000)];
        panic!("{} fails on {bytes}, in {}: {reason}\n{shown}", self.name, path.display());
    }

    /// Why these bytes fail, if they do.
    fn failure(&mut self, data: &[u8]) -> Option<String> {
        *locked(&self.now) = Some((Instant::now(), data.to_vec()));
        RUNNING.set(true);
        let ended = catch_unwind(AssertUnwindSafe(|| (self.body)(data)));
        RUNNING.set(false);
        *locked(&self.now) = None;
        let last = LAST.take();
        let elsewhere = std::mem::take(&mut *locked(&ELSEWHERE));
        match ended {
            Err(_) => Some(last.unwrap_or_default()),
            Ok(()) if elsewhere.is_empty() => None,
            Ok(()) => Some(format!("on another thread: {}", elsewhere.join("; "))),
        }
    }

    /// The same failure with fewer bytes, or another one: stretches are left out for as long as it fails.
    fn smallest(&mut self, data: &[u8]) -> Vec<u8> {
        let (mut small, mut left) = (data.to_vec(), ATTEMPTS);
        let mut length = small.len();
        while length > 0 && left > 0 {
            let mut at = 0;
            while at < small.len() && left > 0 {
                let mut less = small.clone();
                less.drain(at..(at + length).min(small.len()));
                left -= 1;
                match self.failure(&less) {
                    Some(_) => small = less,
                    None => at += length,
                }
            }
            length /= 2;
        }
        small
    }

    fn write(&self, data: &[u8]) -> PathBuf {
        write(self.name, data)
    }

    fn say(&self, runs: u64, begin: Instant) {
        let rate = runs as f64 / begin.elapsed().as_secs_f64().max(1e-9);
        // Not by a macro, whose output the test harness keeps to itself.
        let _ =
            writeln!(std::io::stderr(), "{}: {runs} runs without a finding, {rate:.0} a second", self.name);
    }

    /// Ends the process where a run does not end.
    fn watch(&self) -> Watch {
        let (now, name) = (Arc::downgrade(&self.now), self.name);
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            while let Err(std::sync::mpsc::RecvTimeoutError::Timeout) = stopped.recv_timeout(HANG / 10) {
                let Some(now) = now.upgrade() else { return };
                if let Some((since, data)) = &*locked(&now)
                    && since.elapsed() > HANG
                {
                    let path = write(name, data);
                    let _ = writeln!(std::io::stderr(), "{name} hangs on what is in {}", path.display());
                    std::process::abort();
                }
            }
        });
        Watch(Some((stop, thread)))
    }
}

/// The thread that looks for hangs, until it is dropped.
struct Watch(Option<(std::sync::mpsc::Sender<()>, std::thread::JoinHandle<()>)>);

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

fn write(name: &str, data: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
    std::fs::write(&path, data).unwrap();
    path
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes panics in place of printing them: those of this thread, within a run, belong to the run; those of threads that a service
/// has started are found by whoever looks next.
fn watch_panics() {
    static ONCE: Once = Once::new();
    OURS.set(true);
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| match (OURS.get(), RUNNING.get()) {
            (true, true) if ENDS.iter().any(|ends| panic.to_string().contains(ends)) => {
                let ((name, now), last) = (TARGET.take(), LAST.take().unwrap_or_default());
                if let Some((_, data)) = &*locked(&now) {
                    let path = write(name, data);
                    let _ =
                        writeln!(std::io::stderr(), "{name} aborts on what is in {}: {last}", path.display());
                }
            }
            (true, true) => LAST.set(Some(panic.to_string())),
            (false, _) => locked(&ELSEWHERE).push(panic.to_string()),
            _ => usual(panic),
        }));
    });
}
