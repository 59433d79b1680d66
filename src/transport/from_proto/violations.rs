//! Collects what is wrong with a request.

use crate::transport::status::Failure;
use crate::transport::wire::FieldViolation;
use std::fmt::Display;

/// The rules that one request breaks.
#[derive(Debug, Default)]
pub struct Violations(Vec<FieldViolation>);

impl Violations {
    /// Notes that `field` breaks a rule.
    pub fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.0.push(FieldViolation { field: field.into(), description: description.into() });
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
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Failure> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Failure::invalid("INVALID_ARGUMENT", self.0)),
        }
    }
}
