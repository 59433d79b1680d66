//! Consistency tokens: a position in the change sequence of one store. Every write answers one, and a query that
//! carries it waits until its answer reflects that write.

use super::seal::{Purpose, Sealer};
use super::status::Failure;
use crate::domain::document::Seq;

/// The token of a write; empty where nothing was written yet.
pub fn token(sealer: &Sealer, seq: Seq) -> String {
    match seq {
        0 => String::new(),
        seq => sealer.seal(Purpose::Consistency, b"", &seq.to_le_bytes()),
    }
}

/// The write that a request wants to see, if it names one.
pub fn position(sealer: &Sealer, token: &str) -> Result<Option<Seq>, Failure> {
    if token.is_empty() {
        return Ok(None);
    }
    let payload = sealer.open(Purpose::Consistency, b"", token);
    match payload.and_then(|bytes| bytes.try_into().ok()) {
        Some(bytes) => Ok(Some(Seq::from_le_bytes(bytes))),
        None => Err(Failure::field(
            "INVALID_TOKEN",
            "consistency_token",
            "is not a consistency token of this server's store",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_keep_their_position_and_foreign_ones_are_refused() {
        let sealer = Sealer::new(&[1; 32]);
        assert_eq!(position(&sealer, &token(&sealer, 42)).unwrap(), Some(42));
        assert_eq!(position(&sealer, "").unwrap(), None);
        assert!(position(&Sealer::new(&[2; 32]), &token(&sealer, 42)).is_err());
    }
}
