//! What a commit says of itself: which version of the index wrote it, which log it follows, and how far. Sealed, since
//! the search engine keeps it in the one file that has no checksum of its own.

use super::schema::VERSION;
use crate::domain::document::{Seq, StoreId};
use data_encoding::HEXLOWER;

/// The payload of a commit that has reached `seq` of the log `store`.
pub(super) fn write(store: StoreId, seq: Seq) -> String {
    let facts = format!("dictum {VERSION} {} {seq}", HEXLOWER.encode(&store));
    let seal = seal(&facts);
    format!("{facts} {seal}")
}

fn seal(facts: &str) -> String {
    HEXLOWER.encode(&blake3::hash(facts.as_bytes()).as_bytes()[..4])
}

/// The position in a payload of this version and log; otherwise what is the matter with it.
pub(super) fn read(payload: &str, store: StoreId) -> Result<Seq, String> {
    let facts =
        payload.rsplit_once(' ').filter(|(facts, found)| seal(facts) == *found).map(|(facts, _)| facts);
    let parts: Vec<&str> = facts.unwrap_or_default().split(' ').collect();
    let ["dictum", version, id, seq] = parts.as_slice() else {
        return Err("it says nothing sound about the log that it follows".into());
    };
    if *version != VERSION.to_string() {
        return Err(format!("it has version {version}, not {VERSION}"));
    }
    if *id != HEXLOWER.encode(&store) {
        return Err("it follows another log".into());
    }
    seq.parse().map_err(|_| format!("its position {seq:?} is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sound_payload_of_this_version_and_log_is_believed() {
        let store = [7; 16];
        assert_eq!(read(&write(store, 41), store), Ok(41));
        assert!(read(&write(store, 41), [8; 16]).is_err_and(|reason| reason.contains("another log")));
        let older = write(store, 41).replace(&format!("dictum {VERSION} "), "dictum 0 ");
        let older = older.rsplit_once(' ').map(|(facts, _)| format!("{facts} {}", seal(facts)));
        assert_eq!(read(&older.unwrap(), store), Err(format!("it has version 0, not {VERSION}")));
        for damaged in [String::new(), "dictum".into(), write(store, 41).replace(" 41 ", " 43 ")] {
            assert!(read(&damaged, store).is_err_and(|reason| reason.contains("nothing sound")), "{damaged}");
        }
    }
}
