//! Lines in, lines out: on all cores, in order, in bounded memory. Knows nothing of what is done with a line.
//!
//! Each line travels twice: to whichever worker is free, and, as the receiving end of its answer, down a queue in
//! input order. The writer waits for the answers in that order; the queue's length bounds how far workers run ahead.

use std::io::{self, BufRead};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// What became of a line.
type Outcome = Result<String, String>;

/// How many lines a thread may be ahead of the writer.
const AHEAD: usize = 16;

struct Job {
    line: Vec<u8>,
    answer: SyncSender<Outcome>,
}

struct Pending {
    number: u64,
    answer: Receiver<Outcome>,
}

/// Runs `work` over every line of `input` that is not blank and hands the outcomes to `emit`, with the line's
/// number from 1, in input order.
///
/// # Errors
/// Where `input` cannot be read or `emit` fails; lines that `work` refuses are outcomes, not errors.
pub fn map_lines(
    input: impl BufRead + Send,
    threads: usize,
    work: impl Fn(&str) -> Outcome + Sync,
    mut emit: impl FnMut(u64, Outcome) -> io::Result<()>,
) -> io::Result<()> {
    let (jobs, queue) = sync_channel::<Job>(threads);
    let (order, pending) = sync_channel::<Pending>(threads * AHEAD);
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        let reader = scope.spawn(move || read(input, &jobs, &order));
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(job) = next(&queue) {
                    job.run(&work)
                }
            });
        }
        for Pending { number, answer } in pending {
            emit(number, answer.recv().unwrap_or_else(|_| Err("the analysis broke off".into())))?;
        }
        // The reader returns what it met; it has no way to panic.
        reader.join().unwrap_or(Ok(()))
    })
}

fn read(mut input: impl BufRead, jobs: &SyncSender<Job>, order: &SyncSender<Pending>) -> io::Result<()> {
    for number in 1.. {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let (answer, receiver) = sync_channel(1);
        let gone = order.send(Pending { number, answer: receiver }).is_err();
        if gone || jobs.send(Job { line, answer }).is_err() {
            break;
        }
    }
    Ok(())
}

fn next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    // A worker that panicked did so outside the lock; the queue is whole.
    queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).recv().ok()
}

impl Job {
    fn run(self, work: &(impl Fn(&str) -> Outcome + Sync)) {
        let outcome = match std::str::from_utf8(&self.line) {
            Ok(line) => {
                // A bug that one text meets must not cost the others.
                let work = std::panic::AssertUnwindSafe(|| work(line));
                std::panic::catch_unwind(work).unwrap_or_else(|_| Err("the analysis panicked".into()))
            }
            Err(error) => Err(format!("is no UTF-8: {error}")),
        };
        // The writer may have gone, with a broken pipe; then nobody waits.
        let _ = self.answer.send(outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn run(input: &[u8], threads: usize) -> Vec<(u64, Outcome)> {
        let mut all = Vec::new();
        let work = |line: &str| match line.trim() {
            "panic" => panic!("asked for"),
            "slow" => {
                thread::sleep(Duration::from_millis(30));
                Ok("slow".into())
            }
            "bad" => Err("refused".into()),
            other => Ok(other.to_owned()),
        };
        map_lines(input, threads, work, |number, outcome| {
            all.push((number, outcome));
            Ok(())
        })
        .unwrap();
        all
    }

    #[test]
    fn outcomes_come_in_input_order_and_failures_stay_their_own() {
        let all = run(b"slow\na\n\nbad\n\xff\npanic\nlast", 3);
        let ok: Vec<_> = all.iter().map(|(number, outcome)| (*number, outcome.is_ok())).collect();
        assert_eq!(ok, [(1, true), (2, true), (4, false), (5, false), (6, false), (7, true)]);
        assert_eq!(all[5].1, Ok("last".into()));
    }

    #[test]
    fn more_lines_than_any_queue_holds_pass_through() {
        let input: String = (0..1000).map(|n| format!("{n}\n")).collect();
        let all = run(input.as_bytes(), 2);
        assert!(all.iter().enumerate().all(|(at, (_, outcome))| *outcome == Ok(at.to_string())));
        assert_eq!(all.len(), 1000);
    }

    #[test]
    fn a_writer_that_fails_ends_everything() {
        let input = "a\n".repeat(500);
        let result = map_lines(
            input.as_bytes(),
            2,
            |line| Ok(line.into()),
            |_, _| Err(io::ErrorKind::BrokenPipe.into()),
        );
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
