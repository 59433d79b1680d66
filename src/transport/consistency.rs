//! Consistency tokens: a position in the change sequence of one store, with the opening of the store that gave it out. Every write
//! answers one, and a query that carries it waits until its answer reflects that write.

use super::seal::{Purpose, Sealer};
use super::status::Failure;
use crate::domain::document::Seq;
use crate::engine::Position;
use crate::ports::Epoch;

/// Makes the tokens of one opening of a store.
#[derive(Clone)]
pub struct Tokens {
    sealer: Sealer,
    epoch: Epoch,
}

impl Tokens {
    /// For the store whose secret the sealer has, opened for the `epoch`th time.
    pub fn new(sealer: Sealer, epoch: Epoch) -> Self {
        Self { sealer, epoch }
    }

    /// The token of a write; empty where nothing was written yet.
    pub fn of(&self, seq: Seq) -> String {
        if seq == 0 {
            return String::new();
        }
        let mut payload = self.epoch.to_le_bytes().to_vec();
        payload.extend(seq.to_le_bytes());
        self.sealer.seal(Purpose::Consistency, b"", &payload)
    }

    /// The write that a request wants to see, if it names one.
    pub fn position(&self, token: &str) -> Result<Option<Position>, Failure> {
        if token.is_empty() {
            return Ok(None);
        }
        let payload = self.sealer.open(Purpose::Consistency, b"", token);
        match payload.as_deref().and_then(read) {
            Some(position) => Ok(Some(position)),
            None => Err(Failure::field(
                "INVALID_TOKEN",
                "consistency_token",
                "is not a consistency token of this server's store",
            )),
        }
    }
}

fn read(payload: &[u8]) -> Option<Position> {
    let (epoch, rest) = payload.split_first_chunk::<8>()?;
    let seq = rest.try_into().ok()?;
    Some(Position { epoch: u64::from_le_bytes(*epoch), seq: Seq::from_le_bytes(seq) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_keep_their_position_and_foreign_ones_are_refused() {
        let tokens = Tokens::new(Sealer::new(&[1; 32]), 3);
        assert_eq!(tokens.position(&tokens.of(42)).unwrap(), Some(Position { epoch: 3, seq: 42 }));
        assert_eq!(tokens.position("").unwrap(), None);
        assert_eq!(tokens.of(0), "");
        assert!(Tokens::new(Sealer::new(&[2; 32]), 3).position(&tokens.of(42)).is_err());
    }
}
