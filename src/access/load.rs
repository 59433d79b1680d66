//! Reading the files that say who may do what, into one state that is used whole.

use super::keys::{KeyFileFault, KeyRing};
use super::tokens::{JwksFault, TokenSettings, Tokens};
use crate::stamp;
use crate::stamp::Stamp;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Longest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Where it is said who may do what.
#[derive(Debug, Clone, Default)]
pub struct AccessSettings {
    /// The file of keys. Without it no key counts.
    pub keys: Option<PathBuf>,
    /// How tokens are checked. Without it no token counts.
    pub tokens: Option<TokenSettings>,
}

/// Why nobody can be told from anybody else.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file of keys is none.
    #[error("in the file of keys {}", path.display())]
    Keys {
        /// Which file.
        path: PathBuf,
        /// Which key, and what is wrong with it.
        source: KeyFileFault,
    },
    /// The file of public keys is none.
    #[error("in the file of public keys {}", path.display())]
    Jwks {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: JwksFault,
    },
    /// A setting cannot be used.
    #[error("{key} {reason}")]
    Setting {
        /// As it is called in [`TokenSettings`].
        key: &'static str,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// Neither keys nor tokens: nobody could ever call.
    #[error("neither a file of keys nor tokens are set up, so nobody could call")]
    Nothing,
}

/// What was in the files.
#[derive(Debug, Default)]
pub struct State {
    pub keys: Option<KeyRing>,
    pub tokens: Option<Tokens>,
}

impl AccessSettings {
    /// Checks what can be told without the files.
    pub fn check(&self) -> Result<(), LoadError> {
        match (&self.keys, &self.tokens) {
            (None, None) => Err(LoadError::Nothing),
            (_, Some(tokens)) => tokens.check(),
            _ => Ok(()),
        }
    }

    /// Reads the files.
    pub(super) fn load(&self) -> Result<State, LoadError> {
        let keys = self.keys.as_ref().map(|path| keys(path)).transpose()?;
        let tokens = self.tokens.as_ref().map(tokens).transpose()?;
        Ok(State { keys, tokens })
    }

    /// What the file system says of the files.
    pub(super) fn stamps(&self) -> Vec<Stamp> {
        let jwks = self.tokens.as_ref().map(|tokens| &tokens.jwks);
        self.keys.iter().chain(jwks).map(|path| Stamp::of(path)).collect()
    }
}

fn keys(path: &Path) -> Result<KeyRing, LoadError> {
    let text = String::from_utf8(read(path)?).map_err(|error| LoadError::Read {
        path: path.to_owned(),
        source: io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()),
    })?;
    KeyRing::parse(&text).map_err(|source| LoadError::Keys { path: path.to_owned(), source })
}

fn tokens(settings: &TokenSettings) -> Result<Tokens, LoadError> {
    let text = read(&settings.jwks)?;
    Tokens::new(settings, &text).map_err(|source| LoadError::Jwks { path: settings.jwks.clone(), source })
}

fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    let bytes = stamp::plain(path).and_then(|()| std::fs::File::open(path)).and_then(|file| {
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 16 MiB"));
        }
        Ok(bytes)
    });
    bytes.map_err(|source| LoadError::Read { path: path.to_owned(), source })
}
