//! What holds for all documents of an ingest stream: said by its first message, or by the token with which an earlier
//! stream said goodbye.

use super::from_proto::{self, Violations};
use super::seal::{Purpose, Sealer};
use super::status::Failure;
use super::to_proto::documents::ack_level;
use super::wire;
use crate::domain::annotation::AnalyzerName;
use crate::domain::document::AckLevel;
use crate::domain::ids::CollectionId;

/// Where documents go, and how far each must get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The collection.
    pub collection: CollectionId,
    /// The level of each acknowledgement.
    pub level: AckLevel,
    /// Which analyzer; the one in use where absent.
    pub analyzer: Option<AnalyzerName>,
}

impl Settings {
    /// What a stream is opened with, and how many documents were acknowledged on the streams before it.
    pub fn of(open: &wire::IngestStreamOpen, sealer: &Sealer) -> Result<(Self, u64), Failure> {
        match open.resume_token.as_str() {
            "" => Ok((Self::fresh(open)?, 0)),
            token => Self::resumed(open, sealer, token),
        }
    }

    /// The token with which another stream goes on.
    pub fn token(&self, sealer: &Sealer, acks: u64) -> String {
        sealer.seal(Purpose::Resume, b"", &self.encode(acks))
    }

    fn fresh(open: &wire::IngestStreamOpen) -> Result<Self, Failure> {
        let mut violations = Violations::default();
        let collection = violations.keep("parent", from_proto::names::parent(&open.parent));
        let level = from_proto::documents::ack_level(&mut violations, open.ack_level);
        let analyzer = from_proto::analysis::analyzer(&mut violations, &open.analyzer);
        let settings = collection.zip(level).map(|(collection, level)| Self { collection, level, analyzer });
        violations.finish(settings)
    }

    fn resumed(open: &wire::IngestStreamOpen, sealer: &Sealer, token: &str) -> Result<(Self, u64), Failure> {
        let mut violations = Violations::default();
        violations.require(open.parent.is_empty(), "parent", "must be unset beside `resume_token`");
        violations.require(open.ack_level == 0, "ack_level", "must be unset beside `resume_token`");
        violations.require(open.analyzer.is_empty(), "analyzer", "must be unset beside `resume_token`");
        let payload = sealer.open(Purpose::Resume, b"", token);
        let resumed = payload.as_deref().and_then(Self::decode);
        let rule = "is not the token of a goodbye of this server's store";
        violations.require(resumed.is_some(), "resume_token", rule);
        violations.finish(resumed)
    }

    /// Level and analyzer in one byte, acks, collection. The upper half of the first byte is the analyzer's place among all of them,
    /// counted from 1; 0, as in tokens from before there were several, stands for none.
    fn encode(&self, acks: u64) -> Vec<u8> {
        let analyzer = AnalyzerName::ALL.iter().position(|name| Some(*name) == self.analyzer);
        let analyzer = analyzer.map_or(0, |place| place as u8 + 1);
        let mut payload = vec![ack_level(self.level) as u8 | analyzer << 4];
        payload.extend_from_slice(&acks.to_le_bytes());
        payload.extend_from_slice(self.collection.as_str().as_bytes());
        payload
    }

    fn decode(payload: &[u8]) -> Option<(Self, u64)> {
        let (&first, rest) = payload.split_first()?;
        let (acks, collection) = rest.split_first_chunk::<8>()?;
        let collection = CollectionId::new(std::str::from_utf8(collection).ok()?).ok()?;
        let level = from_proto::documents::ack_level(&mut Violations::default(), i32::from(first & 0xf))?;
        let analyzer = match usize::from(first >> 4) {
            0 => None,
            place => Some(*AnalyzerName::ALL.get(place - 1)?),
        };
        Some((Self { collection, level, analyzer }, u64::from_le_bytes(*acks)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resume_token_keeps_collection_level_analyzer_and_acks() {
        let collection = CollectionId::new("news").unwrap();
        for analyzer in [None, Some(AnalyzerName::Accurate), Some(AnalyzerName::Fast)] {
            let settings = Settings { collection: collection.clone(), level: AckLevel::Searchable, analyzer };
            assert_eq!(Settings::decode(&settings.encode(7)), Some((settings, 7)));
        }
        let from_before = b"\x03\x07\0\0\0\0\0\0\0news";
        let settings = Settings { collection, level: AckLevel::Searchable, analyzer: None };
        assert_eq!(Settings::decode(from_before), Some((settings, 7)));
        assert_eq!(Settings::decode(b"\x33\x07\0\0\0\0\0\0\0news"), None);
        assert_eq!(Settings::decode(b""), None);
    }
}
