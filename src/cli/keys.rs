//! `dictum keys`: makes, lists and revokes the keys that callers of a service show. Works on the file alone; a service that runs sees the
//! change by itself.

use super::query::table;
use super::record::parse_time;
use super::{CliError, CommandResult};
use crate::access::{KeyBook, KeyRecord, Limits, NewKey, Reach, Scope};
use crate::domain::time;
use anyhow::Context;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of `dictum keys`.
#[derive(Debug, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    action: Action,
    /// The file of keys, as auth.keys in the service's configuration names it
    #[arg(long, global = true, value_name = "FILE", env = "DICTUM_KEYS", default_value = "keys.toml")]
    file: PathBuf,
    /// JSON, one object a key, for scripts
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key, and show it: it can be seen this once
    New(NewArgs),
    /// List the keys, without their secrets
    List,
    /// Make a key count no more
    Revoke {
        /// Its public id, as the list has it
        id: String,
    },
}

#[derive(Debug, Args)]
struct NewArgs {
    /// What people know it by: who holds it, what it is for
    name: String,
    /// What it allows: read, write, admin; none includes another
    #[arg(long, value_name = "SCOPE", value_delimiter = ',', default_value = "read")]
    scope: Vec<Scope>,
    /// Where it does: a collection's id, a beginning such as news-*, or * for all
    #[arg(long, value_name = "ID", value_delimiter = ',', default_value = "*")]
    collection: Vec<String>,
    /// From when on it counts no more: 2027-01-01 or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    expires: Option<time::Timestamp>,
    /// Its public id; a random one where absent
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Most requests a second
    #[arg(long, value_name = "N")]
    requests_per_second: Option<u32>,
    /// Most bytes of messages a minute
    #[arg(long, value_name = "N")]
    bytes_per_minute: Option<u64>,
    /// Most analyses at once
    #[arg(long, value_name = "N")]
    analyses: Option<u32>,
    /// Documents of a collection from which on it adds no more
    #[arg(long, value_name = "N")]
    documents: Option<u64>,
}

/// Does it.
pub fn run(args: &KeysArgs) -> CommandResult {
    let book = KeyBook::new(&args.file);
    match &args.action {
        Action::New(new) => make(args, &book, new)?,
        Action::List => list(args, &book.list()?)?,
        Action::Revoke { id } => {
            let revoked = book.revoke(id, Timestamp::now())?;
            list(args, &[revoked])?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn make(args: &KeysArgs, book: &KeyBook, new: &NewArgs) -> Result<(), CliError> {
    let collections = Reach::parse(&new.collection).context("--collection").map_err(CliError::usage)?;
    let time =
        |time: time::Timestamp| Timestamp::new(time.seconds, i32::try_from(time.nanos).unwrap_or_default());
    let wanted = NewKey {
        id: new.id.clone(),
        name: new.name.clone(),
        scopes: new.scope.iter().copied().collect(),
        collections,
        expires: new.expires.map(time).transpose()?,
        quotas: Limits {
            requests_per_second: new.requests_per_second,
            bytes_per_minute: new.bytes_per_minute,
            analyses: new.analyses,
            documents: new.documents,
            ..Limits::default()
        },
    };
    let (key, record) = book.create(wanted, Timestamp::now())?;
    if args.json {
        let mut shown = shown(&record);
        shown["key"] = key.to_string().into();
        writeln!(anstream::stdout(), "{shown}")?;
    } else {
        writeln!(anstream::stdout(), "{key}")?;
        writeln!(
            anstream::stderr(),
            "Made {:?}. Keep it: only a hash is in {}. Clients send it as `authorization: Bearer KEY`; dictum takes it \
             from DICTUM_TOKEN.",
            record.name,
            args.file.display()
        )?;
    }
    Ok(())
}

fn list(args: &KeysArgs, keys: &[KeyRecord]) -> Result<(), CliError> {
    let mut out = anstream::stdout();
    if args.json {
        for key in keys {
            writeln!(out, "{}", shown(key))?;
        }
        return Ok(());
    }
    let mut table = table(&["id", "name", "scopes", "collections", "expires", "revoked"]);
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    for key in keys {
        table.add_row([
            key.id.clone(),
            key.name.clone(),
            words(key.scopes.iter()),
            words(key.collections.patterns()),
            time(key.expires),
            time(key.revoked),
        ]);
    }
    writeln!(out, "{table}")?;
    Ok(())
}

fn words<T: ToString>(all: impl Iterator<Item = T>) -> String {
    all.map(|one| one.to_string()).collect::<Vec<_>>().join(" ")
}

fn shown(key: &KeyRecord) -> serde_json::Value {
    let scopes: Vec<String> = key.scopes.iter().map(|scope| scope.to_string()).collect();
    let collections: Vec<String> = key.collections.patterns().collect();
    let mut shown = json!({
        "id": key.id,
        "name": key.name,
        "scopes": scopes,
        "collections": collections,
        "created": key.created,
        "quotas": key.quotas,
    });
    for (field, time) in [("expires", key.expires), ("revoked", key.revoked)] {
        if let Some(time) = time {
            shown[field] = time.to_string().into();
        }
    }
    shown
}
