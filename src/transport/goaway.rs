//! Notices when the HTTP/2 library gives up a connection. It says so to the client alone, by a GOAWAY frame with an
//! error; whoever runs the service should read it in the log. Everything that the server writes passes by here, and
//! only frame headers are looked at.

use std::fmt;

const HEADER: usize = 9;
const GOAWAY: u8 = 7;
/// The last stream and the error's code, before the text.
const FIXED: usize = 8;
/// Most bytes of the text that are kept.
const MOST_TEXT: usize = 64;

/// Follows the frames of one connection.
#[derive(Debug, Default)]
pub struct Watcher {
    /// The header of a frame as far as it has come, and for GOAWAY what follows it.
    kept: Vec<u8>,
    /// Bytes of the frame that are of no interest.
    skip: usize,
}

/// Why the library gave the connection up.
#[derive(Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// HTTP/2's error code: 11 is ENHANCE_YOUR_CALM.
    pub code: u32,
    /// The library's own word, `too_many_data_frames`.
    pub text: String,
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP/2 error {}, {:?}", self.code, self.text)
    }
}

impl Watcher {
    /// Takes note of the next bytes on the wire, cut anywhere.
    pub fn written(&mut self, mut bytes: &[u8]) -> Option<GivenUp> {
        let mut given_up = None;
        while !bytes.is_empty() {
            let skipped = self.skip.min(bytes.len());
            (self.skip, bytes) = (self.skip - skipped, &bytes[skipped..]);
            let missing = self.wanted() - self.kept.len();
            let (taken, rest) = bytes.split_at(missing.min(bytes.len()));
            self.kept.extend_from_slice(taken);
            bytes = rest;
            if self.kept.len() >= HEADER && self.kept.len() == self.wanted() {
                given_up = given_up.or(self.end_of_frame());
            }
        }
        given_up
    }

    /// Bytes of the present frame that are kept.
    fn wanted(&self) -> usize {
        match self.kept.get(3) {
            Some(&GOAWAY) if self.kept.len() >= HEADER => HEADER + self.length().min(FIXED + MOST_TEXT),
            _ => HEADER,
        }
    }

    /// The length that the header tells.
    fn length(&self) -> usize {
        let [high, middle, low] = [0, 1, 2].map(|at| usize::from(self.kept[at]));
        high << 16 | middle << 8 | low
    }

    fn end_of_frame(&mut self) -> Option<GivenUp> {
        self.skip = self.length() + HEADER - self.kept.len();
        let payload = self.kept.split_off(HEADER);
        self.kept.clear();
        let (code, text) = payload.get(4..)?.split_first_chunk::<4>()?;
        // Without an error it is the polite end of a connection.
        let code = Some(u32::from_be_bytes(*code)).filter(|code| *code != 0)?;
        Some(GivenUp { code, text: String::from_utf8_lossy(text).into_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = (payload.len() as u32).to_be_bytes();
        [&length[1..], &[kind, 0, 0, 0, 0, 0], payload].concat()
    }

    fn goaway(code: u32, text: &str) -> Vec<u8> {
        frame(GOAWAY, &[&[0, 0, 0, 9], &code.to_be_bytes()[..], text.as_bytes()].concat())
    }

    #[test]
    fn only_an_error_is_told() {
        let data = [frame(4, &[1; 30]), frame(0, &[7; 20_000]), frame(8, &[0; 4]), frame(4, &[])].concat();
        let mut watcher = Watcher::default();
        assert_eq!(watcher.written(&[data.clone(), goaway(0, "")].concat()), None);
        let told = watcher.written(&[data, goaway(11, "too_many_data_frames")].concat()).unwrap();
        assert_eq!((told.code, told.text.as_str()), (11, "too_many_data_frames"));
    }

    #[test]
    fn a_long_text_is_cut_and_the_next_frame_is_found() {
        let mut watcher = Watcher::default();
        let told = watcher.written(&goaway(1, &"x".repeat(500))).unwrap();
        assert_eq!(told.text.len(), MOST_TEXT);
        assert!(watcher.written(&goaway(2, "again")).is_some());
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_bytes_are_cut(cuts in prop::collection::vec(1_usize..40, 1..80)) {
            let frames = [frame(0, &[7; 300]), frame(GOAWAY, &[0; 8]), goaway(11, "calm"), frame(6, &[7; 8])];
            let bytes = frames.concat();
            let (mut watcher, mut told, mut rest) = (Watcher::default(), None, bytes.as_slice());
            for cut in cuts.iter().cycle() {
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                told = told.or(watcher.written(piece));
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(told, Some(GivenUp { code: 11, text: "calm".into() }));
        }
    }
}
