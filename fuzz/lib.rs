//! The targets of `../tests/fuzz` for libFuzzer: each program in `fuzz_targets/` runs one of them.

#![forbid(unsafe_code)]

#[path = "../tests/fuzz/targets/mod.rs"]
pub mod targets;

use std::sync::{LazyLock, Mutex, PoisonError};

/// Runs the target that this program is named after.
pub fn run(data: &[u8]) {
    static BODY: LazyLock<Mutex<targets::Body>> = LazyLock::new(|| Mutex::new((targets::named(&name()).begin)()));
    BODY.lock().unwrap_or_else(PoisonError::into_inner)(data);
}

fn name() -> String {
    let program = std::env::current_exe().expect("a program knows its file");
    program.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
