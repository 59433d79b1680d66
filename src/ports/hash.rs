//! The hashes that tell whether a document needs to be stored, and whether it needs to be analysed.

use crate::domain::document::Document;
use crate::domain::time::Timestamp;

/// BLAKE3 over everything that the client sent, except the name: two documents have equal hashes exactly when a
/// second ingest of the one under the other's name would change nothing. Metadata counts, since the analysis
/// depends on the publication time and queries on the rest.
pub fn content_hash(document: &Document) -> [u8; 32] {
    let Document { name: _, text, title, published_at, source, url, language, labels, page } = document;
    // What was read from a page says nothing that the page does not, and may be read otherwise one day.
    if let Some(page) = page {
        return blake3::derive_key("dictum page content v1", page);
    }
    let mut hasher = blake3::Hasher::new_derive_key("dictum document content v1");
    field(&mut hasher, Some(text.as_bytes()));
    for value in [title, source, url, language] {
        field(&mut hasher, value.as_deref().map(str::as_bytes));
    }
    time(&mut hasher, *published_at);
    for (key, value) in labels {
        field(&mut hasher, Some(key.as_bytes()));
        field(&mut hasher, Some(value.as_bytes()));
    }
    hasher.finalize().into()
}

/// BLAKE3 over what an analysis is made of: text, publication time and the client's word on the language. Where it is equal and
/// the analyzer the same, so is the analysis.
pub fn basis_hash(text: &str, published_at: Option<Timestamp>, language: Option<&str>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("dictum analysis basis v1");
    field(&mut hasher, Some(text.as_bytes()));
    field(&mut hasher, language.map(str::as_bytes));
    time(&mut hasher, published_at);
    hasher.finalize().into()
}

fn time(hasher: &mut blake3::Hasher, time: Option<Timestamp>) {
    let bytes = time.map(|time| {
        let mut bytes = time.seconds.to_le_bytes().to_vec();
        bytes.extend(time.nanos.to_le_bytes());
        bytes
    });
    field(hasher, bytes.as_deref());
}

/// Length first, so that no two lists of fields look alike; an absent field differs from an empty one.
fn field(hasher: &mut blake3::Hasher, value: Option<&[u8]>) {
    match value {
        None => hasher.update(&[0]),
        Some(bytes) => hasher.update(&[1]).update(&(bytes.len() as u64).to_le_bytes()).update(bytes),
    };
}
