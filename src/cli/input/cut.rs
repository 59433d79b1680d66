//! Where a record ends: at the line end, and in a table at the line end outside of quotation marks. Rows are cut here
//! and not by the `csv` crate, which only takes them apart, since what it is lenient about would change what somebody
//! said without a word: a quotation mark that is not doubled inside a quoted field would be dropped, and one that is
//! never closed would make one field of the rest of the file. Works on pieces of input as they come.

/// What separates the fields of a table, likeliest first.
pub const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Finds the ends of records.
#[derive(Debug)]
pub enum Cutter {
    /// One record a line.
    Lines,
    /// One record a row.
    Rows(Quoting),
}

impl Cutter {
    /// How many bytes of `piece` belong to the record under way, where that ends in it.
    pub fn end(&mut self, piece: &[u8]) -> Option<usize> {
        match self {
            Self::Lines => memchr::memchr(b'\n', piece).map(|at| at + 1),
            Self::Rows(quoting) => piece.iter().position(|byte| quoting.ends(*byte)).map(|at| at + 1),
        }
    }

    /// Gets ready for the next record, and says what is wrong with the one that is over.
    pub fn finish(&mut self) -> Option<&'static str> {
        match self {
            Self::Lines => None,
            Self::Rows(quoting) => quoting.finish(),
        }
    }
}

/// Where in a row we are, as RFC 4180 has it.
#[derive(Debug, Default)]
pub struct Quoting {
    /// What separates fields: any of [`DELIMITERS`] while the first row is read.
    delimiter: Option<u8>,
    place: Place,
    is_torn: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first character of a field.
    #[default]
    Begin,
    /// In a field without quotation marks around it.
    Plain,
    /// Inside quotation marks.
    Quoted,
    /// After one that closes the field, unless another follows.
    Closed,
}

impl Quoting {
    /// For rows after the first.
    pub fn separated_by(delimiter: u8) -> Self {
        Self { delimiter: Some(delimiter), ..Self::default() }
    }

    fn ends(&mut self, byte: u8) -> bool {
        use Place::{Begin, Closed, Plain, Quoted};
        self.place = match (self.place, byte) {
            (Quoted, b'"') => Closed,
            (Quoted, _) | (Begin | Closed, b'"') => Quoted,
            (_, b'\n') => return true,
            (_, byte) if self.separates(byte) => Begin,
            (Closed, b'\r') => Closed,
            (Closed, _) => {
                self.is_torn = true;
                Plain
            }
            (Begin | Plain, _) => Plain,
        };
        false
    }

    fn separates(&self, byte: u8) -> bool {
        self.delimiter.map_or_else(|| DELIMITERS.contains(&byte), |delimiter| delimiter == byte)
    }

    fn finish(&mut self) -> Option<&'static str> {
        let is_torn = std::mem::take(&mut self.is_torn);
        match std::mem::take(&mut self.place) {
            Place::Quoted => Some(
                "a quotation mark that opens a field of this row is never closed; everything to the end of the file \
                 would be in it",
            ),
            _ if is_torn => Some("a quotation mark inside a quoted field must be doubled (\"\")"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a table, each with what is wrong with it, however the input comes in pieces.
    fn rows(table: &str, size: usize) -> Vec<(String, bool)> {
        let mut cutter = Cutter::Rows(Quoting::separated_by(b','));
        let (mut rows, mut row) = (Vec::new(), String::new());
        for piece in table.as_bytes().chunks(size) {
            let mut rest = piece;
            while let Some(end) = cutter.end(rest) {
                row.push_str(std::str::from_utf8(&rest[..end]).unwrap());
                rows.push((std::mem::take(&mut row), cutter.finish().is_some()));
                rest = &rest[end..];
            }
            row.push_str(std::str::from_utf8(rest).unwrap());
        }
        if !row.is_empty() {
            rows.push((row, cutter.finish().is_some()));
        }
        rows
    }

    #[test]
    fn rows_end_outside_of_quotation_marks() {
        let cases: [(&str, &[(&str, bool)]); 7] = [
            ("a,b\r\nc", &[("a,b\r\n", false), ("c", false)]),
            ("\"a\nb\",c\r\nd\n", &[("\"a\nb\",c\r\n", false), ("d\n", false)]),
            ("\"a \"\"b\"\"\"\r\nd", &[("\"a \"\"b\"\"\"\r\n", false), ("d", false)]),
            ("5\" x,b\nc", &[("5\" x,b\n", false), ("c", false)]),
            ("\"No,\" she said,b\nc", &[("\"No,\" she said,b\n", true), ("c", false)]),
            ("\"a\";b\nc", &[("\"a\";b\n", true), ("c", false)]),
            ("a\n\"b\nc\n", &[("a\n", false), ("\"b\nc\n", true)]),
        ];
        for (table, wanted) in cases {
            let wanted: Vec<_> = wanted.iter().map(|(row, is_bad)| ((*row).to_owned(), *is_bad)).collect();
            for size in [1, 2, 100] {
                assert_eq!(rows(table, size), wanted, "{table:?} by {size}");
            }
        }
    }
}
