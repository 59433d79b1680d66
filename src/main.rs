//! The `dictum` binary.

fn main() {}
