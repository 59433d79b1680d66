#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dictum_fuzz::run(data));
