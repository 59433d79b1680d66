#![no_main]

libfuzzer_sys::fuzz_target!(
    // A restore catches what the database's code does on pages that somebody else wrote; only what gets out is a finding.
    init: std::panic::set_hook(Box::new(|_| ())),
    |data: &[u8]| dictum_fuzz::run(data)
);
