//! An input as records, one after the other, in memory for one: lines of JSON, or rows of a table. A record that
//! cannot be read is an item like any other, with its line, and the next one follows. Start at [`Records::next`].

use super::csv::{Columns, OtherColumns};
use super::cut::{Cutter, Quoting};
use super::decode::{Decoded, too_long};
use super::shape::{MARK, NOT_IN_LINES};
use crate::cli::record::Record;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

/// The longest record, or text: sixteen times the longest text of a service that is configured as it comes.
pub const LONGEST: usize = 128 << 20;

/// What comes out of an input.
#[derive(Debug)]
pub enum Piece {
    /// A record that is text, at least.
    Record(Raw),
    /// What is none, and why.
    Failed {
        /// Where it begins, from 1.
        line: u64,
        /// For people.
        reason: String,
    },
    /// Something about the input that was assumed, for people.
    Note(String),
}

/// A record as it came.
#[derive(Debug)]
pub struct Raw {
    /// Where it begins, from 1.
    pub line: u64,
    /// A JSON object, or a row.
    pub text: String,
    columns: Option<Arc<Columns>>,
}

impl Raw {
    /// What it says.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(&self) -> Result<Record, String> {
        match &self.columns {
            None => Record::parse(&self.text),
            Some(columns) => columns.record(&self.text),
        }
    }
}

/// The records of an input.
pub struct Records<R> {
    input: Decoded<R>,
    cutter: Cutter,
    form: Form,
    /// Line ends so far.
    lines: u64,
    has_ended: bool,
}

/// How records are written, and what is known of it.
enum Form {
    /// One JSON object a line; whether one was seen.
    Json { is_begun: bool },
    /// Rows, once the first one has named the columns.
    Table { columns: Option<Arc<Columns>>, others: OtherColumns },
}

impl<R: Read> Records<R> {
    /// One JSON object a line.
    pub fn lines(input: Decoded<R>) -> Self {
        Self {
            input,
            cutter: Cutter::Lines,
            form: Form::Json { is_begun: false },
            lines: 0,
            has_ended: false,
        }
    }

    /// One row each, after one that names the columns.
    pub fn rows(input: Decoded<R>, others: OtherColumns) -> Self {
        let (cutter, form) = (Cutter::Rows(Quoting::default()), Form::Table { columns: None, others });
        Self { input, cutter, form, lines: 0, has_ended: false }
    }

    /// The bytes of the next record, or why they are not kept. `None` at the end.
    fn cut(&mut self) -> io::Result<Option<Result<Vec<u8>, String>>> {
        let mut record = Vec::new();
        let mut length = 0;
        loop {
            let piece = self.input.fill_buf()?;
            let end = self.cutter.end(piece);
            let taken = end.unwrap_or(piece.len());
            let is_over = end.is_some() || piece.is_empty();
            length += taken;
            if length <= LONGEST {
                record.extend_from_slice(&piece[..taken]);
            }
            self.lines += memchr::memchr_iter(b'\n', &piece[..taken]).count() as u64;
            self.input.consume(taken);
            if is_over {
                break;
            }
        }
        let fault = self.cutter.finish().map(str::to_owned);
        let fault = fault.or_else(|| (length > LONGEST).then(|| too_long(LONGEST)));
        Ok((length > 0).then(|| fault.map_or(Ok(record), Err)))
    }

    /// What a record is; nothing where it is blank, or names the columns.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(&mut self, line: u64, record: Result<Vec<u8>, String>) -> Result<Option<Raw>, String> {
        let text = text(record?, self.input.encoding())?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        match &mut self.form {
            Form::Json { is_begun } => {
                self.has_ended = !*is_begun && is_no_line(&text);
                *is_begun = true;
                if self.has_ended {
                    return Err(format!("begins JSON that is not in lines: {NOT_IN_LINES}"));
                }
                Ok(Some(Raw { line, text, columns: None }))
            }
            Form::Table { columns: Some(columns), .. } if columns.is_blank(&text) => Ok(None),
            Form::Table { columns: Some(columns), .. } => {
                Ok(Some(Raw { line, text, columns: Some(Arc::clone(columns)) }))
            }
            Form::Table { columns, others } => {
                let read = Columns::parse(&text, *others)?;
                self.cutter = Cutter::Rows(Quoting::separated_by(read.delimiter));
                *columns = Some(Arc::new(read));
                Ok(None)
            }
        }
    }

    /// Without columns no row says anything.
    fn ends_with_fault(&self) -> bool {
        self.has_ended || matches!(self.form, Form::Table { columns: None, .. })
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(note) = self.input.take_note() {
                return Some(Piece::Note(note));
            }
            if self.has_ended {
                return None;
            }
            let line = self.lines + 1;
            let read = match self.cut() {
                Ok(None) => {
                    self.has_ended = true;
                    continue;
                }
                Ok(Some(record)) => self.read(line, record),
                Err(error) => {
                    self.has_ended = true;
                    Err(error.to_string())
                }
            };
            match read {
                Ok(None) => {}
                Ok(Some(raw)) => return Some(Piece::Record(raw)),
                Err(reason) => {
                    self.has_ended = self.ends_with_fault();
                    return Some(Piece::Failed { line, reason });
                }
            }
        }
    }
}

/// A record without marks before and line ends after it.
///
/// # Errors
/// Where the input was malformed. Says after what.
fn text(record: Vec<u8>, encoding: &str) -> Result<String, String> {
    const SHOWN: usize = 24;
    let mut text = String::from_utf8(record).map_err(|error| {
        // A malformed sequence came out as what no UTF-8 holds.
        let right = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        let from = right.char_indices().rev().nth(SHOWN - 1).map_or(0, |(at, _)| at);
        format!("is no {encoding} after `{}`; --encoding names another", &right[from..])
    })?;
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    text.drain(..text.len() - text.trim_start_matches(MARK).len());
    Ok(text)
}

/// Whether JSON begins that goes on over several lines, or has its objects in an array.
fn is_no_line(text: &str) -> bool {
    text.trim() == "{" || text.trim_start().starts_with('[')
}

#[cfg(test)]
mod tests;
