//! Bytes in, UTF-8 out, in bounded memory: [`Decoded`] reads any encoding as a stream. What it assumes it keeps as a
//! note to be said; what it cannot decode it never papers over: each malformed sequence comes out as the one byte
//! [`MALFORMED`], which no UTF-8 holds, so that whoever makes strings of the stream cannot miss it.
//!
//! The encoding is settled at the first byte beyond ASCII, wherever that comes. UTF-8 is known at once; where it is
//! something else, up to [`SAMPLE`] bytes are looked at before anything more is decoded.

use super::encoding::{self, Refusal, Settled};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use std::io::{self, BufRead, ErrorKind, Read};

/// Stands for a malformed sequence.
pub const MALFORMED: u8 = 0xff;

/// Bytes that are looked at, at most, to find out an encoding or a shape.
pub const SAMPLE: usize = 64 << 10;

/// Bytes that are read at once, at first.
const PIECE: usize = 8 << 10;

/// The longest byte order mark, and two characters of UTF-16.
const BEGIN: usize = 4;

/// Begins what changes the meaning of ASCII in ISO-2022-JP.
const ESCAPE: u8 = 0x1b;

/// A stream in UTF-8, whatever `source` is in.
pub struct Decoded<R> {
    source: R,
    /// Read and not decoded, at most [`SAMPLE`] bytes.
    raw: Vec<u8>,
    /// Whether `source` has ended.
    is_read: bool,
    /// Bytes of `source` before `raw`.
    offset: u64,
    /// Decoded; what lies before `taken` is consumed.
    out: Vec<u8>,
    taken: usize,
    encoding: &'static Encoding,
    state: State,
    malformed: Option<u64>,
    note: Option<String>,
}

enum State {
    /// All ASCII so far, and the encoding open.
    Ascii,
    /// The encoding is settled.
    Decoding(Box<Decoder>),
    /// Everything is decoded, or cannot be.
    Ended,
}

impl<R: Read> Decoded<R> {
    /// Begins to read. `named` is the encoding that the user names; a byte order mark wins over it.
    ///
    /// # Errors
    /// Where `source` cannot be read, is plainly no text, or does not begin in the encoding named.
    pub fn new(source: R, named: Option<&'static Encoding>) -> io::Result<Self> {
        let mut decoded = Self {
            source,
            raw: Vec::new(),
            is_read: false,
            offset: 0,
            out: Vec::new(),
            taken: 0,
            encoding: UTF_8,
            state: State::Ascii,
            malformed: None,
            note: None,
        };
        while decoded.raw.len() < BEGIN && decoded.read()? {}
        decoded.begin(named)?;
        Ok(decoded)
    }

    fn begin(&mut self, named: Option<&'static Encoding>) -> io::Result<()> {
        let mark = encoding::mark(&self.raw).map_err(refused)?;
        if let Some((encoding, length)) = mark {
            self.raw.drain(..length);
            self.offset = length as u64;
            self.settle_on(encoding);
            if let Some(named) = named.filter(|named| *named != encoding) {
                let (encoding, named) = (encoding.name(), named.name());
                self.note = Some(format!("has a byte order mark and is read as {encoding}, not as {named}"));
            }
        } else if let Some(encoding) = named {
            if let Some(at) = encoding::malformed(encoding, &self.raw) {
                return Err(refused(malformed(encoding, at as u64)));
            }
            self.settle_on(encoding);
        } else if let Some(encoding) = encoding::by_zeros(&self.raw).map_err(refused)? {
            self.note =
                Some(format!("has no byte order mark and is read as {}, by its zeros", encoding.name()));
            self.settle_on(encoding);
        }
        Ok(())
    }

    fn settle_on(&mut self, encoding: &'static Encoding) {
        self.encoding = encoding;
        self.state = State::Decoding(Box::new(encoding.new_decoder_without_bom_handling()));
    }

    /// What was assumed since the last call, for people.
    pub fn take_note(&mut self) -> Option<String> {
        self.note.take()
    }

    /// The name of the encoding, as far as it is known.
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// What comes next, without taking it: as much as is `enough`, or [`SAMPLE`] bytes, or all.
    ///
    /// # Errors
    /// As for reading.
    pub fn peek(&mut self, enough: impl Fn(&[u8]) -> bool) -> io::Result<&[u8]> {
        while self.out.len() - self.taken < SAMPLE && !enough(&self.out[self.taken..]) && self.more()? {}
        Ok(&self.out[self.taken..])
    }

    /// Everything that is left, as one text.
    ///
    /// # Errors
    /// As for reading; where anything is malformed; where it is longer than `longest` bytes.
    pub fn text(&mut self, longest: usize) -> io::Result<String> {
        let mut text = Vec::new();
        self.by_ref().take(longest as u64 + 1).read_to_end(&mut text)?;
        if text.len() > longest {
            return Err(refused(too_long(longest)));
        }
        String::from_utf8(text)
            .map_err(|_| refused(malformed(self.encoding, self.malformed.unwrap_or(self.offset))))
    }

    /// Decodes a piece more. False at the end.
    fn more(&mut self) -> io::Result<bool> {
        if self.taken == self.out.len() {
            self.out.clear();
            self.taken = 0;
        }
        if self.raw.is_empty() {
            self.read()?;
        }
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Ended => Ok(false),
            State::Ascii => self.ascii(),
            State::Decoding(decoder) => Ok(self.decode(decoder)),
        }
    }

    /// Passes ASCII on, and settles the encoding where it ends.
    fn ascii(&mut self) -> io::Result<bool> {
        let plain = Encoding::ascii_valid_up_to(&self.raw);
        let plain = memchr::memchr(ESCAPE, &self.raw[..plain]).unwrap_or(plain);
        // Two characters stay, as context for the guess.
        let passed = if plain == self.raw.len() { plain } else { plain.saturating_sub(2) };
        if passed > 0 || self.raw.is_empty() {
            self.state = if self.raw.is_empty() { State::Ended } else { State::Ascii };
            self.out.extend(self.raw.drain(..passed));
            self.offset += passed as u64;
            return Ok(passed > 0);
        }
        loop {
            let whole = self.is_read || self.raw.len() >= SAMPLE;
            match encoding::settle(&self.raw, whole).map_err(refused)? {
                Settled::Unsure => {
                    // Twice as much each time, so that small pieces do not cost a look at everything each.
                    let enough = self.raw.len() * 2;
                    while self.raw.len() < enough && self.read()? {}
                }
                Settled::Utf8 => self.settle_on(UTF_8),
                Settled::Guessed(encoding) => {
                    let at = self.offset + plain as u64;
                    let name = encoding.name();
                    self.note = Some(format!(
                        "is no UTF-8 at byte {at} and is read as {name}; --encoding names another"
                    ));
                    self.settle_on(encoding);
                }
            }
            if let State::Decoding(_) = self.state {
                return Ok(true);
            }
        }
    }

    fn decode(&mut self, mut decoder: Box<Decoder>) -> bool {
        let mut read = 0;
        loop {
            let rest = &self.raw[read..];
            let room = decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(SAMPLE);
            let begin = self.out.len();
            self.out.resize(begin + room, 0);
            let (result, taken, written) =
                decoder.decode_to_utf8_without_replacement(rest, &mut self.out[begin..], self.is_read);
            self.out.truncate(begin + written);
            read += taken;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, after) => {
                    let end = self.offset + read as u64;
                    self.malformed.get_or_insert(end.saturating_sub(u64::from(length) + u64::from(after)));
                    self.out.push(MALFORMED);
                }
            }
        }
        self.offset += self.raw.len() as u64;
        self.raw.clear();
        if !self.is_read {
            self.state = State::Decoding(decoder);
        }
        true
    }

    /// Reads once, as far as there is room. False where nothing came.
    fn read(&mut self) -> io::Result<bool> {
        let had = self.raw.len();
        if self.is_read || had >= SAMPLE {
            return Ok(false);
        }
        self.raw.resize((had + had.max(PIECE)).min(SAMPLE), 0);
        let result = loop {
            match self.source.read(&mut self.raw[had..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.raw.truncate(had + *result.as_ref().unwrap_or(&0));
        self.is_read = result? == 0;
        Ok(!self.is_read)
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.taken == self.out.len() && self.more()? {}
        Ok(&self.out[self.taken..])
    }

    fn consume(&mut self, amount: usize) {
        self.taken += amount;
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

fn refused(refusal: Refusal) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, refusal)
}

fn malformed(encoding: &'static Encoding, at: u64) -> Refusal {
    format!("is no {} at byte {at}; if it is in another encoding, name it with --encoding", encoding.name())
}

/// For a text or a record that is longer than `longest` bytes.
pub fn too_long(longest: usize) -> Refusal {
    format!("is longer than {} MiB", longest >> 20)
}

#[cfg(test)]
mod tests;
