//! Collects what is wrong with a request.

use crate::transport::status::Failure;
use crate::transport::wire::FieldViolation;
use std::fmt::Display;

/// Most violations that are told: clients refuse answers whose details are longer than some kilobytes, and show nothing of them then.
const MOST: usize = 20;

/// The rules that one request breaks.
#[derive(Debug, Default)]
pub struct Violations {
    /// As many as are told.
    told: Vec<FieldViolation>,
    /// All others are only counted: a short message can break rules by the million.
    others: usize,
}

impl Violations {
    /// Notes that `field` breaks a rule.
    pub fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        match self.told.len() < MOST {
            true => self.told.push(FieldViolation { field: field.into(), description: description.into() }),
            false => self.others += 1,
        }
    }

    /// Notes that `field` breaks a rule, unless `holds`.
    pub fn require(&mut self, holds: bool, field: &str, description: impl Into<String>) {
        if !holds {
            self.add(field, description);
        }
    }

    /// The value, or a note of why `field` has none.
    pub fn keep<T, E: Display>(&mut self, field: impl Into<String>, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// The value that all fields together made, where none broke a rule.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Failure> {
        if self.others > 0
            && let Some(last) = self.told.last_mut()
        {
            last.description.push_str(&format!("; and {} more fields are wrong", self.others));
        }
        match value {
            Some(value) if self.told.is_empty() => Ok(value),
            _ => Err(Failure::invalid("INVALID_ARGUMENT", self.told)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_short_enough_for_every_client() {
        let mut violations = Violations::default();
        (0..1000).for_each(|n| violations.add(format!("sources[{n}]"), "must not be empty"));
        let failure = violations.finish::<()>(None).unwrap_err();
        let shown = format!("{failure:?}");
        assert!(shown.contains("sources[19]") && !shown.contains("sources[20]"), "{shown}");
        assert!(shown.contains("and 980 more fields are wrong"), "{shown}");
    }
}
