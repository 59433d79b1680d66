//! What people hand in, read one way everywhere: files and standard input, in any encoding, as one text or as records.
//! Nothing here knows what is done with them. An [`Input`] is opened, asked for its shape, and then read whole or as
//! [`Records`]; `encoding` and `decode` make UTF-8 of bytes, `shape` says what an input holds, `cut` and `csv` take
//! tables apart.

mod csv;
mod cut;
mod decode;
mod encoding;
mod records;
mod shape;

pub use csv::OtherColumns;
pub use records::{Piece, Raw, Records};
pub use shape::{Shape, of_name, settle};

use super::layout::FAINT;
use clap::Args;
use decode::Decoded;
use encoding_rs::Encoding;
use records::LONGEST;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// What standard input is called in messages.
pub const STDIN: &str = "standard input";

/// How bytes are to be read, where they do not say so themselves.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct EncodingArgs {
    /// Encoding of all input that has no byte order mark, such as windows-1252; found out where absent
    #[arg(long, value_name = "LABEL", value_parser = encoding::by_label)]
    encoding: Option<&'static Encoding>,
}

/// How tables are to be read.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct TableArgs {
    /// What becomes of columns of a table that no field is named after
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = OtherColumns::Refuse)]
    other_columns: OtherColumns,
}

/// Where bytes come from.
type Source = Box<dyn Read + Send>;

/// A file or standard input that is being read.
pub struct Input {
    source: Decoded<Source>,
}

impl Input {
    /// Opens a file.
    ///
    /// # Errors
    /// Where it cannot be read, is plainly no text, or does not begin in the encoding named.
    pub fn file(path: &Path, args: EncodingArgs) -> io::Result<Self> {
        Self::of(Box::new(File::open(path)?), args)
    }

    /// Begins to read standard input.
    ///
    /// # Errors
    /// As for [`Self::file`].
    pub fn stdin(args: EncodingArgs) -> io::Result<Self> {
        Self::of(Box::new(io::stdin()), args)
    }

    /// Begins to read bytes, wherever they come from.
    ///
    /// # Errors
    /// As for [`Self::file`].
    pub fn of(source: Box<dyn Read + Send>, args: EncodingArgs) -> io::Result<Self> {
        Ok(Self { source: Decoded::new(source, args.encoding)? })
    }

    /// Its first characters, as many as tell its shape.
    ///
    /// # Errors
    /// As for reading.
    pub fn begin(&mut self) -> io::Result<&[u8]> {
        self.source.peek(shape::is_told)
    }

    /// All of it, and what was assumed.
    ///
    /// # Errors
    /// As for reading; where anything in it is malformed, or it is longer than one text can be.
    pub fn text(mut self) -> io::Result<(String, Option<String>)> {
        let text = self.source.text(LONGEST)?;
        Ok((text, self.source.take_note()))
    }

    /// Its lines.
    pub fn lines(self) -> Records<Source> {
        Records::lines(self.source)
    }

    /// Its rows.
    pub fn rows(self, args: TableArgs) -> Records<Source> {
        Records::rows(self.source, args.other_columns)
    }
}

/// Tells people on standard error what was assumed of an input.
pub fn say(place: &str, note: &str) {
    // Where standard error is closed, nobody wants to know.
    let _ = writeln!(anstream::stderr(), "{}", note_line(place, note));
}

/// A note as people see it.
pub fn note_line(place: &str, note: &str) -> String {
    format!("{FAINT}note{FAINT:#}  {place}: {note}")
}
