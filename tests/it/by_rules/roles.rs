//! Roles by the grammar of reported speech, sentence by sentence, and by the words beside quotations.

use dictum::analysis::grammar::clauses::{Report, reports};
use dictum::analysis::signals::{Layout, Link, Role, RoleSpan};
use std::ops::Range;

/// How sure the rules are of what they find.
const BY_RULE: f32 = 0.7;
/// Logit of a link between the parts of one report.
const LINKED: f32 = 4.0;

/// The roles of a text, with their links; spans of one role are disjoint.
pub(super) fn roles(layout: &Layout<'_>) -> (Vec<RoleSpan>, Vec<Link>) {
    let mut page = Page { layout, roles: Vec::new(), links: Vec::new(), free: [0; 3] };
    for stretch in stretches(layout) {
        let mut subject = None;
        for mut report in reports(layout, stretch) {
            report.source = report.source.or(subject);
            subject = report.source.clone();
            page.add(report);
        }
    }
    page.roles.sort_by_key(|role| (role.words.start, role.role));
    (page.roles, page.links)
}

/// Sentences as word ranges; sentences that one quotation runs over are one stretch, so that the attribution behind
/// it sees all of it.
fn stretches(layout: &Layout<'_>) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::with_capacity(layout.sentences.len());
    for sentence in &layout.sentences {
        let words = layout.words_of(*sentence);
        let goes_on =
            layout.quoted_at(sentence.begin).is_some_and(|region| region.span.begin < sentence.begin);
        match stretches.last_mut() {
            Some(last) if goes_on => last.end = words.end,
            _ => stretches.push(words),
        }
    }
    stretches
}

struct Page<'a> {
    layout: &'a Layout<'a>,
    roles: Vec<RoleSpan>,
    links: Vec<Link>,
    /// For each role, the first word that no span of it covers.
    free: [usize; 3],
}

impl Page<'_> {
    fn add(&mut self, report: Report) {
        let cue = report.cue.start;
        let Some(content) = report.content.or_else(|| self.quotation_before(cue)) else {
            // "Ames said:" at the end of a paragraph: the quotation follows in the next one.
            if self.layout.word(report.cue.end) == ":" && self.push(Role::Cue, report.cue) {
                self.push_source(report.source, cue);
            }
            return;
        };
        if !self.push(Role::Content, content.clone()) || !self.push(Role::Cue, report.cue) {
            return;
        }
        self.link(Role::Content, content.start, cue);
        self.push_source(report.source, cue);
    }

    fn push_source(&mut self, source: Option<Range<usize>>, cue: usize) {
        if let Some(source) = source {
            self.push(Role::Source, source.clone());
            self.link(Role::Source, source.start, cue);
        }
    }

    fn quotation_before(&self, at: usize) -> Option<Range<usize>> {
        let before = self.layout.words.get(at.checked_sub(1)?)?;
        self.layout.quoted_at(before.span.begin).map(|region| self.layout.words_of(region.span))
    }

    /// Adds a span unless one of its role covers part of it already.
    fn push(&mut self, role: Role, words: Range<usize>) -> bool {
        if words.is_empty() || words.start < self.free[role as usize] {
            return false;
        }
        self.free[role as usize] = words.end;
        self.roles.push(RoleSpan { role, words, confidence: BY_RULE });
        true
    }

    fn link(&mut self, role: Role, from: usize, cue: usize) {
        self.links.push(Link { role, from, cue: Some(cue), score: LINKED });
    }
}
