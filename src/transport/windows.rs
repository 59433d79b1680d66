//! How much a client may send before somebody reads it. HTTP/2 gives each stream and each connection a window in
//! bytes; a session that is busy does not read, and what fits into its window waits in memory. Two dangers follow,
//! and the windows here are chosen so that neither can happen.
//!
//! **A busy session must not end its connection.** Each unread DATA frame takes memory beside its payload, so the
//! HTTP/2 library charges a frame of `n` bytes, 1 ≤ n < 256, with 256 − n until it is read, and closes the
//! connection (GOAWAY, `too_many_data_frames`) once the charges exceed half of the connection's window. With `N`
//! streams of `S` bytes each, and the 65,535 bytes that a client may send before it has read our settings, at most
//! `N·S + 65,535` bytes are unread. Frames of one byte are the dearest: 255 for each byte. So nothing is ever cut as
//! long as
//!
//! ```text
//! 255 · (N·S + 65,535)  ≤  C / 2
//! ```
//!
//! whatever the size of the frames. `C` is the largest window that HTTP/2 knows, 2³¹ − 1, which leaves `S` = 32,384
//! bytes for the 128 streams of the default.
//!
//! **A busy session must not hold up its neighbours.** `C` is far above `N·S`, so that the connection's window never
//! closes: a full session is felt by its own stream alone. What bounds memory is `N·S`, 4 MiB a connection.
//!
//! Large windows would only help a client far away: one stream carries `S` bytes a round trip, 32 MB/s at 1 ms and
//! 1.6 MB/s at 20 ms, and the analysis reads some 30 kB/s a core.

/// The largest window of the protocol.
pub const CONNECTION: u32 = (1 << 31) - 1;
/// No stream needs more.
const MOST: u32 = 64 << 10;
/// What the library charges a frame of one byte.
const DEAREST_BYTE: u32 = 255;
/// What a client may send before it has read the server's settings.
const BEFORE_SETTINGS: u32 = 65_535;

/// The window of a stream, in bytes, where a connection may have `streams` of them open; see the module.
pub fn stream(streams: u32) -> u32 {
    let unread = CONNECTION / 2 / DEAREST_BYTE - BEFORE_SETTINGS;
    (unread / streams.max(1)).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The library's charge for `window` unread bytes in frames of `frame` bytes.
    fn charge(window: u64, frame: u64) -> u64 {
        window.div_ceil(frame) * 256_u64.saturating_sub(frame)
    }

    #[test]
    fn unread_frames_of_any_size_stay_within_the_budget() {
        for streams in [1, 2, 64, 100, 128, 256, 1000, 10_000] {
            let unread = u64::from(stream(streams)) * u64::from(streams) + u64::from(BEFORE_SETTINGS);
            for frame in 1..=256 {
                let charge = charge(unread, frame);
                assert!(
                    charge <= u64::from(CONNECTION / 2),
                    "{streams} streams, frames of {frame}: {charge}"
                );
            }
            assert!(unread <= u64::from(CONNECTION), "a full stream would stop its neighbours");
        }
    }

    #[test]
    fn the_default_leaves_a_useful_window() {
        assert_eq!(stream(128), 32_384);
        assert_eq!(stream(1), MOST);
    }
}
