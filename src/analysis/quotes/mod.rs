//! From roles to quotes: which cue, which source and which contents belong together, of what type and kind. It reads
//! signals and quotation marks, and refuses to know who detected them and who a source is.
//!
//! Start at [`assemble`], the list of steps: [`pieces`] settles the edges of each span, [`grouping`] puts pieces together
//! around cues, [`tagged`] gives a cue the clause before it that was missed, [`parting`] takes apart what different sentences
//! say, [`continuation`] adds the quotations that go on without an attribution of their own, [`nested`] the statements inside
//! of statements, and [`filter`] leaves out what is no statement, whoever found it. Where the form of the lines alone tells
//! who speaks, [`told`] goes before all that: [`transcript`], [`introduced`] and [`signed`] know one form each; [`headline`]
//! comes after it. Marks that somebody forgot are put in their place first, by [`forgotten`]. [`thoughts`] come from another
//! convention of annotation; [`form`] and [`kind`] name what came out. In a language that nobody knows, [`marked`] stands for
//! all of this.

mod continuation;
mod filter;
mod forgotten;
mod form;
mod grouping;
mod headline;
mod introduced;
mod kind;
pub mod marked;
mod nested;
mod parting;
mod pieces;
mod place;
mod signed;
mod tagged;
mod thoughts;
mod told;
mod transcript;

use super::signals::{Layout, Link, NameSpan, RoleSpan, Signals};
use crate::domain::annotation::{QuoteKind, QuoteType};
use crate::domain::span::ByteSpan;
use crate::text::quote_marks::QuotedRegion;
use std::ops::Range;
use told::Told;

/// A quote whose speaker is still to be resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftQuote {
    /// Ascending, disjoint, never empty.
    pub contents: Vec<ByteSpan>,
    /// The words that signal it.
    pub cue: Option<ByteSpan>,
    /// The words that name the source; absent for an unattributed quotation.
    pub source: Option<ByteSpan>,
    /// How much of the contents stands inside quotation marks.
    pub quote_type: QuoteType,
    /// Speech or thought.
    pub kind: QuoteKind,
    /// 0 to 1.
    pub confidence: f32,
}

/// The parts of a quote while they are being put together.
#[derive(Debug, Clone, PartialEq)]
struct Attribution {
    /// Any order.
    contents: Vec<ByteSpan>,
    cue: Option<Range<usize>>,
    source: Option<ByteSpan>,
    /// The layout says that every word is the source's own, quotation marks or not.
    verbatim: bool,
    confidence: f32,
}

/// Settles what the form of a text alone says of its quotations and names, before anything is put together: where
/// quotations end whose closing mark was forgotten, and who the labels of a transcript are.
pub fn prepare(layout: &mut Layout<'_>, names: &mut Vec<NameSpan>) {
    forgotten::close(layout);
    transcript::name_labels(layout, names);
}

/// The quotes of a text, in order of their first content byte.
pub fn assemble(layout: &Layout<'_>, signals: &Signals) -> Vec<DraftQuote> {
    let mut told = transcript::turns(layout, &signals.names);
    told.extend(introduced::quotations(layout, &signals.names));
    told.extend(signed::quotations(layout, &signals.names));
    let told = Told::disjoint(told);
    let mut attributions = attributions(layout, &signals.roles, &signals.links, &told);
    tagged::complete(layout, &mut attributions);
    parting::part(layout, &mut attributions);
    let headlines = headline::headlines(layout, &signals.names, &signals.roles);
    attributions.extend(headlines.into_iter().filter(|headline| !told.has(layout, headline)));
    attributions.extend(told.attributions.iter().cloned());
    attributions.sort_by_key(|attribution| attribution.cue.as_ref().map(|cue| cue.start));
    continuation::attach(layout, &signals.roles, &mut attributions);
    let inner = pieces::pieces(layout, &signals.inner.roles);
    nested::add(layout, &mut attributions, grouping::by_cue(layout, &inner, &signals.inner.links));
    filter::statements(layout, &mut attributions);
    let thoughts = thoughts::beside(layout, &signals.attributed, &told, &attributions);
    let stated = attributions.into_iter().map(|attribution| (attribution, QuoteKind::Statement));
    let all = stated.chain(thoughts.into_iter().map(|attribution| (attribution, QuoteKind::Thought)));
    let drafts = all.filter_map(|(attribution, kind)| draft(layout, attribution, kind));
    let mut drafts: Vec<DraftQuote> = drafts.collect();
    drafts.sort_by_key(|draft| (draft.contents[0].begin, draft.contents[0].end, draft.cue));
    drafts
}

/// The attributions of roles and links, but for what lines have told.
fn attributions(layout: &Layout<'_>, roles: &[RoleSpan], links: &[Link], told: &Told) -> Vec<Attribution> {
    let mut pieces = pieces::pieces(layout, roles);
    pieces.retain(|piece| !told.covers(piece.span));
    let pieces = pieces::whole_quotations(layout, pieces);
    grouping::by_cue(layout, &pieces, links)
}

/// Puts an attribution into its final form; nothing where no content is left.
fn draft(layout: &Layout<'_>, attribution: Attribution, kind: QuoteKind) -> Option<DraftQuote> {
    let contents = merged(layout, attribution.contents);
    let quote_type =
        if attribution.verbatim { QuoteType::Direct } else { form::quote_type(layout, &contents) };
    (!contents.is_empty()).then_some(DraftQuote {
        quote_type,
        kind,
        cue: attribution.cue.map(|words| layout.span_of(&words)),
        source: attribution.source,
        confidence: attribution.confidence,
        contents,
    })
}

/// Ascending and disjoint; one that runs over paragraphs is parted between them, pieces of one paragraph with nothing but
/// blanks between them become one.
fn merged(layout: &Layout<'_>, contents: Vec<ByteSpan>) -> Vec<ByteSpan> {
    let mut contents: Vec<_> = contents.into_iter().flat_map(|content| parted(layout, content)).collect();
    contents.sort_unstable();
    let mut merged: Vec<ByteSpan> = Vec::with_capacity(contents.len());
    for content in contents {
        match merged.last_mut() {
            Some(last)
                if content.begin <= last.end
                    || touch(layout.text, *last, content) && !are_quotations(layout, *last, content) =>
            {
                *last = last.cover(content)
            }
            _ => merged.push(content),
        }
    }
    merged
}

fn parted(layout: &Layout<'_>, content: ByteSpan) -> impl Iterator<Item = ByteSpan> {
    let paragraphs = &layout.paragraphs[layout.paragraph_at(content.begin).min(layout.paragraphs.len())..];
    let touched = paragraphs.iter().take_while(move |paragraph| paragraph.begin < content.end);
    let parts = touched.map(move |paragraph| ByteSpan {
        begin: content.begin.max(paragraph.begin),
        end: content.end.min(paragraph.end),
    });
    parts.filter(|part| part.begin < part.end)
}

/// Whether one quotation ends where the next one begins: `“So it is,” “and so it was,”`. Single words in marks are a list.
fn are_quotations(layout: &Layout<'_>, before: ByteSpan, after: ByteSpan) -> bool {
    let (last, next) = (layout.quoted_at(before.end.saturating_sub(1)), layout.quoted_at(after.begin));
    let says = |region: &QuotedRegion| {
        let words = layout.words_of(region.span);
        words.filter(|at| !layout.is_mark(*at)).nth(1).is_some()
    };
    last.is_some_and(|last| last.span.end == before.end && says(last))
        && next.is_some_and(|next| next.span.begin == after.begin && says(next))
}

fn touch(text: &str, before: ByteSpan, after: ByteSpan) -> bool {
    let between = &text[before.end as usize..after.begin as usize];
    between.chars().all(|c| c.is_whitespace() && c != '\n' && c != '\r' && c != '\u{2028}' && c != '\u{2029}')
}
