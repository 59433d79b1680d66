//! Windows: how a long text is cut into runs that the network reads one by one. Every slot is answered by exactly one
//! window, with context on both sides where there is text; cuts fall on line breaks or sentence ends where these are
//! near. Knows counts of pieces, not what they say. Start at [`plan`].

use super::pieces::Encoded;
use std::ops::Range;

/// Sizes in word pieces, without the two special pieces that enclose a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSize {
    /// Most pieces of a window, context included; a text that fits is one window. Attention costs more than its share
    /// in a longer one, so that the best size is far from the most that the network can read.
    pub pieces: usize,
    /// Pieces of context towards a neighbour.
    pub context: usize,
    /// Most pieces that the network can read.
    pub longest: usize,
}

/// One run of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// What it reads, as slots.
    pub read: Range<usize>,
    /// What it answers, as slots.
    pub answer: Range<usize>,
}

/// Cuts a text into windows. `cuttable` says where a cut is welcome: before a line break or at a sentence's begin.
pub fn plan(encoded: &Encoded, size: WindowSize, cuttable: impl Fn(usize) -> bool) -> Vec<Window> {
    let slots = encoded.slots.len();
    let total = encoded.pieces.len();
    if slots == 0 {
        return Vec::new();
    }
    let pieces = size.pieces.min(size.longest);
    if total <= pieces {
        return vec![Window { read: 0..slots, answer: 0..slots }];
    }
    let room = pieces.saturating_sub(2 * size.context).max(1);
    let share = total / total.div_ceil(room) + 1;
    let mut windows = Vec::new();
    let mut begin = 0;
    while begin < slots {
        let end = next_cut(encoded, begin, share.min(room), &cuttable);
        windows.push(Window { read: widened(encoded, &(begin..end), size), answer: begin..end });
        begin = end;
    }
    windows
}

/// The end of an answer that begins at a slot: at most `room` pieces on, a quarter earlier where a cut is welcome.
/// Takes one slot at least.
fn next_cut(encoded: &Encoded, begin: usize, room: usize, cuttable: impl Fn(usize) -> bool) -> usize {
    let from = encoded.slots[begin].first;
    let slot_at = |pieces: usize| encoded.slots.partition_point(|slot| slot.first < pieces);
    if encoded.pieces.len() - from <= room {
        return encoded.slots.len();
    }
    let last = (slot_at(from + room + 1) - 1).max(begin + 1);
    let earliest = slot_at(from + room - room / 4).max(begin + 1);
    (earliest..=last).rev().find(|&slot| cuttable(slot)).unwrap_or(last)
}

/// An answer with its context on both sides, where there is text. No more than that, even where the window has room:
/// every piece read twice is paid for twice.
fn widened(encoded: &Encoded, answer: &Range<usize>, size: WindowSize) -> Range<usize> {
    let (begin, end) = (encoded.slots[answer.start].first, encoded.end(answer.end - 1));
    let start = encoded.slots.partition_point(|slot| slot.first < begin.saturating_sub(size.context));
    let stop = encoded.slots.partition_point(|slot| slot.first <= end + size.context);
    let stop = if end + size.context >= encoded.pieces.len() { encoded.slots.len() } else { stop - 1 };
    start..stop.max(answer.end)
}

#[cfg(test)]
mod tests {
    use super::super::pieces::Slot;
    use super::*;
    use proptest::prelude::*;

    /// A text whose slots have these numbers of pieces.
    fn text(lengths: &[usize]) -> Encoded {
        let mut first = 0;
        let slots = lengths.iter().enumerate().map(|(at, length)| {
            first += length;
            Slot { word: Some(at), first: first - length }
        });
        let slots = slots.collect();
        Encoded { slots, slot_of_word: vec![], pieces: vec![0; first], cases: vec![0; first] }
    }

    const SIZE: WindowSize = WindowSize { pieces: 20, context: 4, longest: 30 };

    #[test]
    fn a_text_that_fits_is_one_window() {
        assert_eq!(plan(&text(&[1; 20]), SIZE, |_| false), [Window { read: 0..20, answer: 0..20 }]);
        assert_eq!(plan(&text(&[]), SIZE, |_| false), []);
    }

    #[test]
    fn cuts_prefer_welcome_places() {
        let windows = plan(&text(&[1; 48]), SIZE, |slot| slot % 10 == 0);
        let answers: Vec<_> = windows.iter().map(|w| w.answer.clone()).collect();
        assert_eq!(answers, [0..10, 10..20, 20..30, 30..40, 40..48]);
        assert_eq!(windows[1].read, 6..24);
    }

    proptest! {
        #[test]
        fn every_slot_is_answered_once_with_context_within_the_limits(
            lengths in prop::collection::vec(1usize..6, 0..400),
            every in 1usize..40,
        ) {
            let encoded = text(&lengths);
            let windows = plan(&encoded, SIZE, |slot| slot % every == 0);
            let mut next = 0;
            for window in &windows {
                prop_assert_eq!(window.answer.start, next);
                prop_assert!(window.answer.end > window.answer.start);
                next = window.answer.end;
                prop_assert!(window.read.start <= window.answer.start && window.answer.end <= window.read.end);
                let pieces = encoded.end(window.read.end - 1) - encoded.slots[window.read.start].first;
                prop_assert!(pieces <= SIZE.pieces.max(5 + 2 * SIZE.context));
                if windows.len() > 1 {
                    let before = encoded.slots[window.answer.start].first - encoded.slots[window.read.start].first;
                    prop_assert!(window.read.start == 0 || before + 5 >= SIZE.context, "context {}", before);
                    let after = encoded.end(window.read.end - 1) - encoded.end(window.answer.end - 1);
                    prop_assert!(window.read.end == lengths.len() || after + 5 >= SIZE.context, "context {}", after);
                }
            }
            prop_assert_eq!(next, lengths.len());
        }
    }
}
