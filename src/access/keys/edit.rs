//! Changes to the text of a file of keys. They touch what they must: order, spacing and comments of whoever else writes
//! in it stay.

use super::file::{KeyRecord, VERSION};
use jiff::Timestamp;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, TomlError, Value, value};

/// A file without keys.
pub fn empty() -> String {
    format!(
        "# API keys of Dictum, made by `dictum keys new`. The secrets are not here, only SHA-256 of them.\n\
         version = {VERSION}\n"
    )
}

/// The text with one key more, at its end; nothing where its keys are no `[[key]]` tables.
pub fn with(text: &str, record: &KeyRecord) -> Result<Option<String>, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let keys = document.entry("key").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(keys) = keys.as_array_of_tables_mut() else { return Ok(None) };
    keys.push(table(record));
    Ok(Some(document.to_string()))
}

/// The text with a key marked as revoked; nothing where it has no such `[[key]]` table.
pub fn revoked(text: &str, id: &str, at: Timestamp) -> Result<Option<String>, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let keys = document.get_mut("key").and_then(Item::as_array_of_tables_mut);
    let is_it = |key: &&mut Table| key.get("id").and_then(Item::as_str) == Some(id);
    let Some(key) = keys.and_then(|keys| keys.iter_mut().find(is_it)) else { return Ok(None) };
    key.insert("revoked", value(at.to_string()));
    Ok(Some(document.to_string()))
}

fn table(record: &KeyRecord) -> Table {
    let mut table = Table::new();
    table.insert("id", value(&record.id));
    table.insert("name", value(&record.name));
    table.insert("secret_sha256", value(record.hash.to_string()));
    table.insert("scopes", value(record.scopes.iter().map(|scope| scope.as_str()).collect::<Array>()));
    table.insert("collections", value(record.collections.patterns().collect::<Array>()));
    table.insert("created", value(record.created.to_string()));
    for (field, time) in [("expires", record.expires), ("revoked", record.revoked)] {
        if let Some(time) = time {
            table.insert(field, value(time.to_string()));
        }
    }
    let quotas = quotas(record);
    if !quotas.is_empty() {
        table.insert("quotas", Item::Table(quotas));
    }
    table
}

fn quotas(record: &KeyRecord) -> Table {
    let limits = &record.quotas;
    let quotas = [
        ("requests_per_second", limits.requests_per_second.map(i64::from)),
        ("request_burst", limits.request_burst.map(i64::from)),
        ("bytes_per_minute", limits.bytes_per_minute.map(toml_integer)),
        ("analyses", limits.analyses.map(i64::from)),
        ("documents", limits.documents.map(toml_integer)),
    ];
    quotas.into_iter().filter_map(|(field, limit)| Some((field, Value::from(limit?)))).collect()
}

/// TOML ends there, which is as good as without end.
fn toml_integer(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
