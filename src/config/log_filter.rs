//! The filter of the log, as it is written in the configuration and asked for while the service runs.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Longest filter, in bytes: what parses it takes its time with long ones.
const LONGEST: usize = 4 << 10;

/// Reads a filter.
///
/// # Errors
/// Why it is none, in words.
pub fn log_filter(filter: &str) -> Result<EnvFilter, String> {
    if filter.len() > LONGEST {
        return Err(format!("must have at most {LONGEST} bytes"));
    }
    // A lone word that is no level would be taken for the name of a part of the program, and silence all others.
    let words = filter.split(',').map(str::trim).filter(|word| !word.contains(['=', '[', ':']));
    let odd = words.filter(|word| word.parse::<LevelFilter>().is_err()).find(|word| *word != "dictum");
    match odd {
        Some(word) => Err(format!("{word:?} is no level: off, error, warn, info, debug or trace")),
        None => EnvFilter::try_new(filter).map_err(|error| error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_directives_are_taken_and_slips_are_not() {
        for right in
            ["info", "WARN,dictum=debug", "off", "dictum", "info,[call]=debug", "dictum::engine=trace, info"]
        {
            assert!(log_filter(right).is_ok(), "{right}");
        }
        for wrong in ["warning", "info,dbug", "dictum=loud", "nonsense words", &"info,".repeat(1000)] {
            assert!(log_filter(wrong).is_err(), "{wrong}");
        }
    }
}
