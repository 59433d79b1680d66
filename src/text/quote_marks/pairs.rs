//! Puts the marks of one paragraph into pairs and keeps the outermost. A stack holds what is open; a mark that cannot
//! be matched costs itself, never the pairs around it. Each mark is pushed and popped at most once.

use super::marks::{self, Direction, Family, Mark};
use crate::domain::span::ByteSpan;
use std::collections::HashSet;

/// How a quotation ends within its paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    Mark,
    Paragraph,
    /// Another quotation begins before any mark closes it.
    NextOpening,
}

/// A quotation within one paragraph, marks included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paired {
    pub(super) span: ByteSpan,
    pub(super) family: Family,
    pub(super) closed: Closed,
}

/// A mark that opens a quotation, at whatever depth, with the one that closes it.
#[derive(Debug, Clone, Copy)]
pub(in crate::text) struct Matched {
    pub(in crate::text) opening: Sign,
    /// Absent where the quotation ends otherwise.
    pub(in crate::text) closing: Option<Sign>,
    /// How many quotations are open around it.
    pub(in crate::text) depth: usize,
}

/// A mark as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::text) struct Sign {
    pub(in crate::text) span: ByteSpan,
    pub(in crate::text) c: char,
}

/// What is open, with the pairs already complete inside it.
struct Open {
    mark: Mark,
    /// Index in `done` from which pairs lie inside.
    inside: usize,
    /// For single marks: a closing mark that may be a possessive, to fall back on.
    fallback: Option<Sign>,
}

/// The outermost quotations of one paragraph, in order, disjoint. `next` is the family of the mark that the next
/// paragraph begins with: an open quotation of that family goes on there.
pub(super) fn pair(text: &str, paragraph: ByteSpan, next: Option<Family>) -> Vec<Paired> {
    let mut stack = Stack::default();
    marks::marks(text, paragraph).into_iter().for_each(|mark| stack.push(mark));
    stack.finish(text, paragraph, next);
    stack.done
}

/// The quotations of one paragraph at every depth, in no promised order, and the marks that belong to none.
pub(super) fn matched(text: &str, paragraph: ByteSpan, next: Option<Family>) -> (Vec<Matched>, Vec<Sign>) {
    let marks = marks::marks(text, paragraph);
    let mut stack = Stack { matched: Some(Vec::new()), ..Stack::default() };
    marks.iter().for_each(|mark| stack.push(*mark));
    stack.finish(text, paragraph, next);
    let matched = stack.matched.unwrap_or_default();
    let used: HashSet<u32> = matched
        .iter()
        .flat_map(|pair| [Some(pair.opening), pair.closing])
        .flatten()
        .map(|sign| sign.span.begin)
        .collect();
    let loose = marks.iter().map(sign).filter(|sign| !used.contains(&sign.span.begin));
    let loose = loose.collect();
    (matched, loose)
}

fn sign(mark: &Mark) -> Sign {
    Sign { span: mark.span, c: mark.c }
}

#[derive(Default)]
struct Stack {
    open: Vec<Open>,
    counts: [usize; Family::COUNT],
    /// Complete pairs, none inside another, in order of their begin.
    done: Vec<Paired>,
    /// Pairs at every depth, where somebody asks.
    matched: Option<Vec<Matched>>,
}

impl Stack {
    fn push(&mut self, mark: Mark) {
        let opens = match mark.direction {
            Direction::Opens => true,
            Direction::Closes => false,
            Direction::Either => self.counts[mark.family as usize] == 0,
        };
        match opens {
            true => self.open(mark),
            false if self.counts[mark.family as usize] > 0 => self.close(mark),
            false => {}
        }
    }

    fn open(&mut self, mark: Mark) {
        if let Some(top) = self.open.last_mut()
            && top.mark.family == Family::Single
            && mark.family == Family::Single
        {
            // ‘workers’ … ‘wages’: the possessive before was the closing mark after all; without one, an apostrophe.
            let fallback = top.fallback.take();
            self.pop(fallback);
        }
        self.counts[mark.family as usize] += 1;
        self.open.push(Open { mark, inside: self.done.len(), fallback: None });
    }

    fn close(&mut self, mark: Mark) {
        if mark.family == Family::Single {
            // A single mark never closes across an open double one: it is an apostrophe inside that quotation.
            let is_partner = |open: Mark| open.family == Family::Single && (mark.c != '‘' || open.c == '‚');
            let Some(top) = self.open.last_mut().filter(|top| is_partner(top.mark)) else {
                return;
            };
            if mark.doubtful {
                top.fallback = Some(sign(&mark));
                return;
            }
            self.pop(Some(sign(&mark)));
            return;
        }
        while self.open.last().is_some_and(|top| top.mark.family != mark.family) {
            let fallback = self.open.last_mut().and_then(|top| top.fallback.take());
            self.pop(fallback);
        }
        self.pop(Some(sign(&mark)));
    }

    /// Takes the innermost open mark off; with a closing mark it becomes a pair that swallows the pairs inside.
    fn pop(&mut self, closing: Option<Sign>) {
        let Some(open) = self.open.pop() else { return };
        self.counts[open.mark.family as usize] -= 1;
        let Some(closing) = closing else { return };
        self.note(&open.mark, Some(closing));
        let span = open.mark.span.cover(closing.span);
        // A fallback may lie before pairs that were found since: those stay.
        let later = self.done[open.inside..].iter().position(|pair| pair.span.begin >= span.end);
        let keep = later.map_or(self.done.len(), |later| open.inside + later);
        self.done
            .splice(open.inside..keep, [Paired { span, family: open.mark.family, closed: Closed::Mark }]);
    }

    fn note(&mut self, opening: &Mark, closing: Option<Sign>) {
        let depth = self.open.len();
        if let Some(matched) = &mut self.matched {
            matched.push(Matched { opening: sign(opening), closing, depth });
        }
    }

    /// Ends what is still open with the paragraph, from the last mark to the first.
    fn finish(&mut self, text: &str, paragraph: ByteSpan, next: Option<Family>) {
        // What follows the mark in hand, last first: putting each pair into its place in `done` would move all the
        // pairs behind it, over and over.
        let mut behind: Vec<Paired> = Vec::new();
        while let Some(Open { mark, inside, fallback }) = self.open.pop() {
            if let Some(closing) = fallback {
                self.note(&mark, Some(closing));
                let span = mark.span.cover(closing.span);
                self.move_behind(inside, span.end, &mut behind);
                self.done.truncate(inside);
                behind.push(Paired { span, family: mark.family, closed: Closed::Mark });
                continue;
            }
            self.move_behind(inside, 0, &mut behind);
            // Without a closing mark, one that may as well close or measure is no quotation, and a single one is an
            // apostrophe unless the next paragraph goes on with it.
            let doubtful = mark.direction == Direction::Either || mark.family == Family::Single;
            if doubtful && !(mark.family == Family::Single && next == Some(Family::Single)) {
                continue;
            }
            self.note(&mark, None);
            let (end, closed) = match behind.last() {
                Some(following) => (following.span.begin, Closed::NextOpening),
                None => (paragraph.end, Closed::Paragraph),
            };
            let length = text[mark.span.begin as usize..end as usize].trim_end().len();
            let span = ByteSpan::at(mark.span.begin as usize, mark.span.begin as usize + length);
            behind.push(Paired { span, family: mark.family, closed });
        }
        self.done.extend(behind.into_iter().rev());
        self.done.retain(|pair| text[pair.span.range()].contains(char::is_alphanumeric));
    }

    /// Moves the pairs from index `inside` on that begin at `from` or later.
    fn move_behind(&mut self, inside: usize, from: u32, behind: &mut Vec<Paired>) {
        while self.done.len() > inside
            && let Some(pair) = self.done.pop_if(|pair| pair.span.begin >= from)
        {
            behind.push(pair);
        }
    }
}
