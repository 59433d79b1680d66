//! A text being read, window by window. What the network says of a line is decoded as soon as the line has been read whole,
//! and only the vectors that its spans need are kept, so that a long text takes little more room than its words. No
//! span crosses a line break: the network learned it so, and lines can be decoded by themselves. Start at [`Reading::read`].

use super::again;
use super::crf::Ends;
use super::layers::Labelled;
use super::links::Vectors;
use super::pieces::Encoded;
use super::rows::{Rows, keep_links, links, roles};
use super::windows::Window;
use super::{Encoder, Layers};
use crate::analysis::grammar::phrases;
use crate::analysis::references::References;
use crate::analysis::signals::{Attributed, Detection, Layout, Role, RoleSpan, Signals};
use std::collections::VecDeque;
use std::ops::Range;

/// Slots that may wait for the end of their line. A longer line is cut where a window ends.
const LONGEST_LINE: usize = 4096;

/// See the module.
pub(super) struct Reading<'e> {
    encoder: &'e Encoder,
    encoded: Encoded,
    /// Those still to be read.
    windows: std::vec::IntoIter<Window>,
    pending: Rows,
    found: Found,
    /// Contents to be read again, as words.
    suspects: VecDeque<Range<usize>>,
}

/// What has been decoded.
#[derive(Default)]
struct Found {
    worldwide: Vec<Labelled>,
    people: Vec<Labelled>,
    stated: Vec<RoleSpan>,
    attributed: Vec<RoleSpan>,
    vectors: Vectors,
    references: References,
    /// Inside of contents that were read again.
    inner: Attributed,
}

impl<'e> Reading<'e> {
    pub fn new(encoder: &'e Encoder, encoded: Encoded, windows: Vec<Window>) -> Self {
        let references = References::new(encoder.references.clone());
        let found = Found { references, ..Found::default() };
        Self {
            encoder,
            encoded,
            windows: windows.into_iter(),
            pending: Rows::default(),
            found,
            suspects: VecDeque::new(),
        }
    }

    /// Reads one window more, if there is one.
    fn read(&mut self) -> Option<()> {
        let window = self.windows.next()?;
        let (ids, cases) = self.encoder.enclosed(&self.encoded, &window.read);
        let scores = self.encoder.network.run(&ids, &cases);
        self.pending.take(&self.encoded, &window, &scores);
        Some(())
    }

    /// Reads all that is left without decoding it: the layers' names, for a layer of the caller's choice.
    pub fn tagged(mut self, layer: &super::layers::NameLayer) -> Vec<Labelled> {
        while self.read().is_some() {}
        let all = 0..self.encoded.slots.len();
        layer.tagged(&self.encoded, &self.pending.part(all, self.encoder.tags_width, Ends::default()))
    }

    /// Decodes the lines that have been read whole; with `all`, what is left of the last one, too.
    fn decode(&mut self, layout: &Layout<'_>, all: bool) {
        let read = self.pending.first + self.pending.slots;
        let whole = (self.pending.first..read).rev().find(|&slot| self.is_break(slot));
        let whole = whole.unwrap_or(self.pending.first);
        let end = if all || self.pending.slots > LONGEST_LINE { read } else { whole };
        let mut begin = self.pending.first;
        while begin < end {
            let stop = (begin + 1..end).find(|&slot| self.is_break(slot)).unwrap_or(end);
            self.decode_line(layout, begin..stop);
            begin = stop;
        }
        self.pending.drop_to(end, self.encoder);
    }

    /// A line with the break before it.
    fn decode_line(&mut self, layout: &Layout<'_>, slots: Range<usize>) {
        let after_outside = self.is_break(slots.start);
        let line = slots.start + usize::from(after_outside)..slots.end;
        if line.is_empty() {
            return;
        }
        let ends = Ends { after_outside, before_outside: self.is_break(line.end) };
        let encoder = self.encoder;
        let Layers { worldwide, people, stated, attributed, .. } = &encoder.layers;
        let part = self.pending.part(line.clone(), encoder.tags_width, ends);
        let names = worldwide.tagged(&self.encoded, &part);
        let persons = people.tagged(&self.encoded, &part);
        let (stated, attributed) =
            (roles(&self.encoded, stated, &part), roles(&self.encoded, attributed, &part));
        self.suspects.extend(again::suspects(encoder, &self.encoded, layout, &part, &stated));
        for span in stated.iter().chain(&attributed) {
            keep_links(encoder, &self.encoded, &self.pending, &mut self.found.vectors, span);
        }
        for name in names.iter().chain(&persons) {
            name.words.clone().for_each(|word| self.keep_key(word));
        }
        let word = |slot: usize| self.encoded.slots[slot].word;
        if let (Some(first), Some(last)) = (word(line.start), word(line.end - 1)) {
            for phrase in phrases::referring(layout, first..last + 1) {
                self.keep_query(phrase.words.start);
                self.keep_query(phrase.words.end - 1);
            }
        }
        for span in &stated {
            match span.role {
                Role::Source => {
                    self.keep_query(span.words.start);
                    self.keep_query(span.words.end - 1);
                }
                Role::Content => self.keep_query(span.words.start),
                Role::Cue => {}
            }
        }
        self.found.worldwide.extend(names);
        self.found.people.extend(persons);
        self.found.stated.extend(stated);
        self.found.attributed.extend(attributed);
    }

    fn is_break(&self, slot: usize) -> bool {
        self.encoded.slots.get(slot).is_some_and(|slot| slot.word.is_none())
    }

    fn keep_query(&mut self, word: usize) {
        let slot = self.encoded.slot_of_word[word];
        let row =
            self.pending.row(&self.pending.scores.reference_queries, slot, self.encoder.references.dims);
        self.found.references.keep_query(word, slot, row);
    }

    fn keep_key(&mut self, word: usize) {
        let slot = self.encoded.slot_of_word[word];
        let row = self.pending.row(&self.pending.scores.reference_keys, slot, self.encoder.references.dims);
        self.found.references.keep_key(word, slot, row);
    }

    fn signals(&mut self, layout: &Layout<'_>) -> Signals {
        let mut found = std::mem::take(&mut self.found);
        // All have been read; what comes now takes room of its own.
        (self.encoded.pieces, self.encoded.cases, self.pending) = Default::default();
        let names = self.encoder.names(layout, &found.worldwide, &found.people);
        let by_begin = |span: &RoleSpan| (span.words.start, span.role);
        found.stated.sort_by_key(by_begin);
        found.attributed.sort_by_key(by_begin);
        found.inner.roles.sort_by_key(by_begin);
        let linked = |roles: &[RoleSpan]| links(self.encoder, &self.encoded, roles, &found.vectors);
        let (links, attributed_links) = (linked(&found.stated), linked(&found.attributed));
        let attributed = Attributed { roles: found.attributed, links: attributed_links };
        Signals {
            names,
            roles: found.stated,
            links,
            inner: found.inner,
            attributed,
            references: found.references,
        }
    }
}

impl Detection for Reading<'_> {
    fn step(&mut self, layout: &Layout<'_>) -> Option<Signals> {
        let more = self.read().is_some();
        self.decode(layout, !more);
        if more {
            return None;
        }
        let Some(content) = self.suspects.pop_front() else { return Some(self.signals(layout)) };
        let inner = again::read(self.encoder, &self.encoded, &content);
        self.found.inner.roles.extend(inner.roles);
        self.found.inner.links.extend(inner.links);
        None
    }
}
