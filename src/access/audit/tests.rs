//! A disk that stalls or fails under the log of decisions.

use super::AuditEvent;
use super::log::AuditLog;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A disk that stalls while somebody holds the lock, and fails where it is told to.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<(Vec<u8>, bool)>>);

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut disk = self.0.lock().unwrap();
        if disk.1 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        disk.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn event() -> AuditEvent {
    AuditEvent::new(jiff::Timestamp::UNIX_EPOCH, "1".into(), "x")
}

fn log(disk: &Disk) -> AuditLog {
    let anew = disk.clone();
    AuditLog::start(Box::new(disk.clone()), Box::new(move || Ok(Box::new(anew.clone()))), 4).unwrap()
}

#[test]
fn a_disk_that_stalls_holds_up_no_call_and_the_log_says_what_it_lacks() {
    let disk = Disk::default();
    let log = log(&disk);
    let stall = disk.0.lock().unwrap();
    let begin = Instant::now();
    (0..10_000).for_each(|_| log.record(event()));
    assert!(begin.elapsed() < Duration::from_secs(5));
    let lost = log.lost();
    assert!(lost >= 9_700, "{lost}");
    drop(stall);
    drop(log);
    let text = String::from_utf8(disk.0.lock().unwrap().0.clone()).unwrap();
    let told = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["lost"].as_u64());
    assert_eq!(told.sum::<u64>(), lost);
    assert_eq!(text.matches("\"rpc\"").count() as u64, 10_000 - lost);
}

#[test]
fn what_a_failing_disk_did_not_take_is_counted() {
    let disk = Disk::default();
    let log = log(&disk);
    disk.0.lock().unwrap().1 = true;
    log.record(event());
    let begin = Instant::now();
    while log.lost() == 0 {
        assert!(begin.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(5));
    }
    disk.0.lock().unwrap().1 = false;
    log.record(event());
    drop(log);
    let text = String::from_utf8(disk.0.lock().unwrap().0.clone()).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("\"lost\":1"), "{text}");
}
