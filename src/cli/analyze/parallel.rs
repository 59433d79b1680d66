//! Records in, lines out: on all cores, in order, in bounded memory. Knows nothing of what is done with a record.
//!
//! Each record travels twice: to whichever worker is free, and, as the receiving end of its answer, down a queue in
//! input order. The writer waits for the answers in that order; the queue's length bounds how far workers run ahead.

use std::io;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// What became of a record.
type Outcome = Result<String, String>;

/// How many records a thread may be ahead of the writer.
const AHEAD: usize = 16;

/// A record to work on, or why it is none.
pub type Read<T> = Result<T, String>;

struct Job<T> {
    record: T,
    answer: SyncSender<Outcome>,
}

struct Pending {
    line: u64,
    answer: Receiver<Outcome>,
}

/// Runs `work` over every record of `input`, each of which comes with the line that it begins on, and hands the
/// outcomes to `emit` in input order.
///
/// # Errors
/// Where `emit` fails; records that cannot be read, or that `work` refuses, are outcomes, not errors.
pub fn map<T: Send>(
    input: impl Iterator<Item = (u64, Read<T>)> + Send,
    threads: usize,
    work: impl Fn(T) -> Outcome + Sync,
    mut emit: impl FnMut(u64, Outcome) -> io::Result<()>,
) -> io::Result<()> {
    let (jobs, queue) = sync_channel::<Job<T>>(threads);
    let (order, pending) = sync_channel::<Pending>(threads * AHEAD);
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        scope.spawn(move || read(input, &jobs, &order));
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(job) = next(&queue) {
                    job.run(&work)
                }
            });
        }
        for Pending { line, answer } in pending {
            emit(line, answer.recv().unwrap_or_else(|_| Err("the analysis broke off".into())))?;
        }
        Ok(())
    })
}

fn read<T>(
    input: impl Iterator<Item = (u64, Read<T>)>,
    jobs: &SyncSender<Job<T>>,
    order: &SyncSender<Pending>,
) {
    for (line, record) in input {
        let (answer, receiver) = sync_channel(1);
        let gone = order.send(Pending { line, answer: receiver }).is_err();
        let gone = gone
            || match record {
                Ok(record) => jobs.send(Job { record, answer }).is_err(),
                Err(reason) => answer.send(Err(reason)).is_err(),
            };
        if gone {
            break;
        }
    }
}

fn next<T>(queue: &Mutex<Receiver<Job<T>>>) -> Option<Job<T>> {
    // A worker that panicked did so outside the lock; the queue is whole.
    queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).recv().ok()
}

impl<T> Job<T> {
    fn run(self, work: &(impl Fn(T) -> Outcome + Sync)) {
        let Self { record, answer } = self;
        // A bug that one text meets must not cost the others.
        let work = std::panic::AssertUnwindSafe(|| work(record));
        let outcome = std::panic::catch_unwind(work).unwrap_or_else(|_| Err("the analysis panicked".into()));
        // The writer may have gone, with a broken pipe; then nobody waits.
        let _ = answer.send(outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn run(input: &str, threads: usize) -> Vec<(u64, Outcome)> {
        let mut all = Vec::new();
        let work = |line: &str| match line {
            "panic" => panic!("asked for"),
            "slow" => {
                thread::sleep(Duration::from_millis(30));
                Ok("slow".into())
            }
            "bad" => Err("refused".into()),
            other => Ok(other.to_owned()),
        };
        map(lines(input), threads, work, |line, outcome| {
            all.push((line, outcome));
            Ok(())
        })
        .unwrap();
        all
    }

    fn lines(input: &str) -> impl Iterator<Item = (u64, Read<&str>)> + Send {
        let read = |line| if line == "torn" { Err("torn".into()) } else { Ok(line) };
        (1..).zip(input.lines().map(read))
    }

    #[test]
    fn outcomes_come_in_input_order_and_failures_stay_their_own() {
        let all = run("slow\na\ntorn\nbad\npanic\nlast", 3);
        let ok: Vec<_> = all.iter().map(|(line, outcome)| (*line, outcome.is_ok())).collect();
        assert_eq!(ok, [(1, true), (2, true), (3, false), (4, false), (5, false), (6, true)]);
        assert_eq!(all[2].1, Err("torn".into()));
        assert_eq!(all[5].1, Ok("last".into()));
    }

    #[test]
    fn more_records_than_any_queue_holds_pass_through() {
        let input: String = (0..1000).map(|n| format!("{n}\n")).collect();
        let all = run(&input, 2);
        assert!(all.iter().enumerate().all(|(at, (_, outcome))| *outcome == Ok(at.to_string())));
        assert_eq!(all.len(), 1000);
    }

    #[test]
    fn a_writer_that_fails_ends_everything() {
        let input = "a\n".repeat(500);
        let work = |line: &str| Ok(line.into());
        let result = map(lines(&input), 2, work, |_, _| Err(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
