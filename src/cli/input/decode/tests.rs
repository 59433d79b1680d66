//! Streams in every encoding, in pieces of every size.

use super::*;
use encoding_rs::{SHIFT_JIS, UTF_16LE, WINDOWS_1252};
use proptest::prelude::*;

/// Gives so many bytes at a time.
struct Slowly<'a>(&'a [u8], usize);

impl Read for Slowly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.1.min(buffer.len());
        self.0.read(&mut buffer[..most])
    }
}

fn stream(bytes: &[u8], step: usize, named: Option<&'static Encoding>) -> Vec<u8> {
    let mut out = Vec::new();
    Decoded::new(Slowly(bytes, step), named).unwrap().read_to_end(&mut out).unwrap();
    out
}

#[test]
fn pieces_of_any_size_give_the_same_text() {
    let text = "“Zoë, wir können warten”, said Renée Müller in the café. ".repeat(3000);
    let wide: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let old = WINDOWS_1252.encode(&text).0;
    for step in [1, 3, 1000, SAMPLE, usize::MAX] {
        for bytes in [text.as_bytes(), &wide, &old] {
            assert!(stream(bytes, step, None) == text.as_bytes(), "{:?} by {step}", &bytes[..4]);
        }
    }
}

#[test]
fn an_old_encoding_is_found_out_however_late_it_shows() {
    let text = "It is late. ".repeat(20_000) + "“Zoë is late”, said Renée Müller in the café.";
    let encoded = WINDOWS_1252.encode(&text).0;
    let mut decoded = Decoded::new(Slowly(&encoded, 5000), None).unwrap();
    assert!(decoded.text(1 << 20).unwrap() == text);
    assert!(decoded.take_note().unwrap().contains("at byte 240000 and is read as windows-1252"));
}

#[test]
fn utf8_is_not_held_up() {
    struct Once(Option<&'static [u8]>);
    impl Read for Once {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.take().expect("read again").read(buffer)
        }
    }
    let line = "{\"text\": \"“Late,” she said.\"}\n".as_bytes();
    let mut decoded = Decoded::new(Once(Some(line)), None).unwrap();
    let mut got = Vec::new();
    while got.len() < line.len() {
        let piece = decoded.fill_buf().unwrap();
        got.extend_from_slice(piece);
        let length = piece.len();
        decoded.consume(length);
    }
    assert_eq!(got, line);
}

#[test]
fn what_is_malformed_is_marked_in_a_stream_and_refused_in_a_text() {
    /// Bytes, the encoding named for them, what a stream gives, where a text is refused.
    type Case = (&'static [u8], Option<&'static Encoding>, &'static [u8], usize);
    let cases: [Case; 4] = [
        (b"\xef\xbb\xbfa\xe2\x80b\xe2\x80\x9c", None, b"a\xffb\xe2\x80\x9c", 4),
        (b"\xe2\x80\x9ca\xe2\x80", None, b"\xe2\x80\x9ca\xff", 4),
        (b"\xff\xfea\0b", None, b"a\xff", 4),
        (b"ab\x82\xa0cd\x82", Some(SHIFT_JIS), "abあcd\u{0}".as_bytes(), 6),
    ];
    for (bytes, named, marked, at) in cases {
        let marked: Vec<u8> = marked.iter().map(|byte| if *byte == 0 { MALFORMED } else { *byte }).collect();
        for step in [1, 100] {
            assert_eq!(stream(bytes, step, named), marked, "{bytes:?}");
            let error = Decoded::new(Slowly(bytes, step), named).unwrap().text(100).unwrap_err();
            assert!(error.to_string().contains(&format!(" at byte {at};")), "{bytes:?}: {error}");
        }
    }
}

#[test]
fn a_mark_wins_over_the_encoding_named_and_that_is_said() {
    let mut decoded = Decoded::new(&b"\xff\xfea\0"[..], Some(WINDOWS_1252)).unwrap();
    assert_eq!(decoded.text(100).unwrap(), "a");
    assert!(decoded.take_note().unwrap().contains("UTF-16LE, not as windows-1252"));
    let mut decoded = Decoded::new(&b"\xff\xfea\0"[..], Some(UTF_16LE)).unwrap();
    assert_eq!((decoded.text(100).unwrap().as_str(), decoded.take_note()), ("a", None));
}

#[test]
fn an_input_that_does_not_begin_in_the_encoding_named_is_refused() {
    let error = Decoded::new(&b"caf\xe9 and more"[..], Some(UTF_8)).err().unwrap();
    assert!(error.to_string().contains("no UTF-8 at byte 3"), "{error}");
    let error = Decoded::new(&b"0123456789"[..], None).unwrap().text(9).unwrap_err();
    assert!(error.to_string().contains("longer"), "{error}");
}

proptest! {
    #[test]
    fn utf8_comes_out_as_it_went_in(text in "[^\0\u{feff}]*", step in 1_usize..9) {
        prop_assert_eq!(stream(text.as_bytes(), step, None), text.as_bytes());
    }

    #[test]
    fn no_bytes_make_it_panic_or_invent_text(bytes in prop::collection::vec(any::<u8>(), 0..200), step in 1_usize..9) {
        if let Ok(mut decoded) = Decoded::new(Slowly(&bytes, step), None)
            && let Ok(text) = decoded.text(1000)
        {
            let replaced = text.contains('\u{fffd}');
            prop_assert!(!replaced || std::str::from_utf8(&bytes).is_ok());
        }
    }
}
