//! Configuration of the service, in two stages. [`Settings`] is what somebody wrote: defaults, then a TOML file,
//! then the environment and flags, each over the one before; what is left open then, OpenTelemetry's own variables may say. [`Config`] is what the rest of the program gets: the
//! same values, checked together, in the types that use them. Start at [`load`]; the defaults are in
//! `settings.rs` and nowhere else, and nothing outside this module and `cli` reads the environment.

mod check;
mod log_filter;
mod security;
mod settings;
mod size;
mod synonyms;
mod traces;

pub use check::Config;
pub use log_filter::log_filter;
pub use security::{AuthTable, Security, TlsTable};
pub use settings::{LogFormat, LogSettings, Overrides, Settings, parse_age, parse_duration};
pub use size::ByteSize;
pub use traces::TraceSettings;

use crate::engine::SynonymFault;
use std::path::{Path, PathBuf};

/// Why there is no configuration to start with. The text names the place and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was named cannot be read.
    #[error("cannot read the configuration file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no TOML, holds an unknown key, or a value of the wrong type.
    #[error("in the configuration file {}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: Box<toml::de::Error>,
    },
    /// A file of synonyms cannot be read.
    #[error("cannot read the synonyms {}", path.display())]
    ReadSynonyms {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of synonyms holds what are none.
    #[error("in the synonyms {}", path.display())]
    Synonyms {
        /// The file.
        path: PathBuf,
        /// Line and reason.
        source: SynonymFault,
    },
    /// A value is well formed but cannot be used.
    #[error("{key}: {reason}")]
    Value {
        /// The key as it is written in the file, `limits.document_bytes`.
        key: &'static str,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
}

/// Reads the file, if one is named, and lays the environment and the flags over it.
pub fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Settings, ConfigError> {
    let mut settings = match file {
        Some(path) => read(path)?,
        None => Settings::default(),
    };
    settings.apply(overrides);
    settings.traces.fill(|name| std::env::var(name).ok());
    Ok(settings)
}

fn read(path: &Path) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    toml::from_str(&text)
        .map_err(|source| ConfigError::Parse { path: path.to_owned(), source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn parse(text: &str) -> Result<Settings, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_file_gives_the_defaults_and_printed_settings_read_back_as_they_were() {
        assert_eq!(parse("").unwrap(), Settings::default());
        let settings = Settings { drain_timeout: Duration::from_millis(1500), ..Settings::default() };
        assert_eq!(parse(&settings.to_toml()).unwrap(), settings);
    }

    #[test]
    fn unknown_keys_are_refused_by_name_at_every_level() {
        for (text, key) in [("data = 'x'", "data"), ("[limits]\nbytes = 1", "bytes"), ("[logs]", "logs")] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(&format!("unknown field `{key}`")), "{error}");
            assert!(error.contains("line"), "{error}");
        }
    }

    #[test]
    fn flags_win_over_the_file() {
        let mut settings = parse("listen = '127.0.0.1:1'\ndata_dir = '/a'").unwrap();
        let overrides = Overrides { data_dir: Some("/b".into()), ..Overrides::default() };
        settings.apply(&overrides);
        assert_eq!(settings.data_dir, Path::new("/b"));
        assert_eq!(settings.listen, "127.0.0.1:1".parse().unwrap());
    }

    #[test]
    fn synonyms_are_read_with_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("uk.txt");
        let check = || {
            let text = format!("[search.synonyms]\nuk = '{}'", path.display());
            let settings = parse(&text).unwrap();
            assert_eq!(parse(&settings.to_toml()).unwrap(), settings);
            settings.check()
        };
        assert!(matches!(check(), Err(ConfigError::ReadSynonyms { .. })));
        std::fs::write(&path, "nhs, national health service\nnhs").unwrap();
        let error = check().unwrap_err();
        assert!(error.to_string().ends_with("uk.txt"), "{error}");
        assert!(std::error::Error::source(&error).unwrap().to_string().starts_with("line 2: "), "{error:?}");
        std::fs::write(&path, "nhs, national health service").unwrap();
        assert_eq!(check().unwrap().engine.synonyms.len(), 1);
        let unknown = parse("[search.synonyms]\n'no id' = 'x'").unwrap().check().unwrap_err().to_string();
        assert!(unknown.starts_with("search.synonyms: \"no id\" holds ' '"), "{unknown}");
    }

    #[test]
    fn values_that_cannot_be_used_are_refused_with_their_key() {
        for (text, key) in [
            ("drain_timeout = '0s'", "drain_timeout"),
            ("data_dir = ''", "data_dir"),
            ("[backup]\ndir = ''", "backup.dir"),
            ("[log]\nfilter = 'dictum=loud'", "log.filter"),
            ("[limits]\nrequest_bytes = '8MiB'", "limits.request_bytes"),
            ("[limits]\ninflight_bytes = '1KiB'", "limits.inflight_bytes"),
            ("[limits]\nconnections = 0", "limits.connections"),
            ("[limits]\nstreams = 0", "limits.streams"),
            ("[limits]\ncalls_per_connection = 2000", "limits.calls_per_connection"),
            ("[limits]\nmessage_timeout = '0s'", "limits.message_timeout"),
            ("[limits]\nconnection_age = '5ms'", "limits.connection_age"),
            ("[limits]\ndocument_bytes = 0", "limits.document_bytes"),
            ("[limits]\ndocument_bytes = '2GiB'\nrequest_bytes = '3GiB'", "limits.document_bytes"),
            ("[index]\nwriter_bytes = '1MiB'", "index.writer_bytes"),
            ("[traces]\nendpoint = 'collector:4317'", "traces.endpoint"),
            ("[traces]\nsample = 1.5", "traces.sample"),
            ("[traces]\nsample = nan", "traces.sample"),
            ("[traces]\nservice_name = ' '", "traces.service_name"),
        ] {
            let error = parse(text).unwrap().check().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{key}: ")), "{error}");
        }
        assert!(Settings::default().check().is_ok());
    }
}
