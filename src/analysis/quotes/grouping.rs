//! Puts pieces together around cues. A detector that scores links decides; where it has none for a piece, distance in
//! words does, with a price for every sentence and piece of content between.

use super::Attribution;
use super::pieces::Piece;
use crate::analysis::signals::{Layout, Link, Role};
use std::collections::HashMap;

/// Least share of a piece's probability at which a source counts as linked to a cue: sources are often shared.
const SHARED: f32 = 0.2;
/// Greatest cost at which pieces without links are joined.
const FAR: u32 = 40;

/// One attribution for each cue, in text order, also where no content was found for it; then one for each quoted
/// content that no cue claims.
pub(super) fn by_cue(layout: &Layout<'_>, pieces: &[Piece], links: &[Link]) -> Vec<Attribution> {
    let scene = Scene::new(layout, pieces, links);
    let mut contents: HashMap<usize, Vec<&Piece>> = HashMap::new();
    let mut loose: Vec<Attribution> = Vec::new();
    let mut before: Option<(&Piece, Option<usize>)> = None;
    for content in &scene.contents {
        let goes_on = before.is_some_and(|(previous, _)| scene.goes_on(previous, content));
        let cue = match before {
            Some((_, cue)) if goes_on => cue,
            _ => scene.cue_of(content),
        };
        match (cue, loose.last_mut()) {
            (Some(cue), _) => contents.entry(cue).or_default().push(content),
            (None, Some(last)) if goes_on => last.contents.push(content.span),
            (None, _) => loose.extend(scene.unattributed(content)),
        }
        before = Some((content, cue));
    }
    let mut attributions: Vec<Attribution> = Vec::new();
    for (at, cue) in scene.cues.iter().enumerate() {
        let contents = contents.get(&at).map_or(&[][..], Vec::as_slice);
        let source = scene.source_of(at);
        let parts = contents.iter().copied().chain(source).chain([*cue]);
        attributions.push(Attribution {
            contents: contents.iter().map(|content| content.span).collect(),
            cue: Some(cue.words.clone()),
            source: source.map(|source| source.span),
            confidence: mean(parts.map(|piece| piece.confidence)),
        });
    }
    attributions.extend(loose);
    attributions
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values.fold((0.0, 0u16), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / f32::from(count) }
}

struct Scene<'a> {
    layout: &'a Layout<'a>,
    cues: Vec<&'a Piece>,
    sources: Vec<&'a Piece>,
    contents: Vec<&'a Piece>,
    /// For a piece's role and first word: each cue (by index; absent for none) with its probability.
    linked: HashMap<(Role, usize), Vec<(Option<usize>, f32)>>,
}

impl<'a> Scene<'a> {
    fn new(layout: &'a Layout<'a>, pieces: &'a [Piece], links: &[Link]) -> Self {
        let of = |role: Role| pieces.iter().filter(|piece| piece.role == role).collect::<Vec<_>>();
        let cues = of(Role::Cue);
        let at: HashMap<usize, usize> =
            cues.iter().enumerate().map(|(at, cue)| (cue.words.start, at)).collect();
        let mut linked: HashMap<(Role, usize), Vec<(Option<usize>, f32)>> = HashMap::new();
        for link in links {
            let cue = link.cue.map(|word| at.get(&word).copied());
            if cue != Some(None) {
                linked.entry((link.role, link.from)).or_default().push((cue.flatten(), link.score));
            }
        }
        linked.values_mut().for_each(|scores| softmax(scores));
        Self { layout, cues, sources: of(Role::Source), contents: of(Role::Content), linked }
    }

    fn links(&self, piece: &Piece) -> &[(Option<usize>, f32)] {
        self.linked.get(&(piece.role, piece.words.start)).map_or(&[], Vec::as_slice)
    }

    /// Whether a content is the next paragraph of the same quotation.
    fn goes_on(&self, previous: &Piece, next: &Piece) -> bool {
        let Some(region) = self.layout.quoted_at(previous.span.end.saturating_sub(1)) else { return false };
        region.span.contains(next.span)
            && region
                .pieces
                .iter()
                .any(|piece| piece.begin >= previous.span.end && piece.begin == next.span.begin)
    }

    fn cue_of(&self, content: &Piece) -> Option<usize> {
        let best = self.links(content).iter().max_by(|a, b| a.1.total_cmp(&b.1));
        match best {
            Some(&(cue, _)) => cue,
            None => self.nearest(content, &self.cues),
        }
    }

    /// Content without a cue counts where marks say that somebody speaks.
    fn unattributed(&self, content: &Piece) -> Option<Attribution> {
        self.layout.quoted_at(content.span.begin).map(|_| Attribution {
            contents: vec![content.span],
            cue: None,
            source: None,
            confidence: content.confidence,
        })
    }

    fn source_of(&self, cue: usize) -> Option<&'a Piece> {
        let share = |source: &&Piece| {
            let links = self.links(source).iter();
            links.filter(|(linked, _)| *linked == Some(cue)).map(|(_, share)| *share).fold(0.0, f32::max)
        };
        let best = self.sources.iter().copied().max_by(|a, b| share(a).total_cmp(&share(b)));
        best.filter(|source| share(source) >= SHARED).or_else(|| {
            let unlinked: Vec<&Piece> =
                self.sources.iter().copied().filter(|source| self.links(source).is_empty()).collect();
            self.nearest(self.cues[cue], &unlinked).map(|at| unlinked[at])
        })
    }

    /// Index of the cheapest of `others` to join `piece` with.
    fn nearest(&self, piece: &Piece, others: &[&Piece]) -> Option<usize> {
        let costs = others.iter().enumerate().map(|(at, other)| (self.cost(piece, other), at));
        costs.min().filter(|(cost, _)| *cost <= FAR).map(|(_, at)| at)
    }

    /// Words between two pieces, with a price for sentences and paragraphs crossed.
    fn cost(&self, a: &Piece, b: &Piece) -> u32 {
        let (first, second) = if a.words.start <= b.words.start { (a, b) } else { (b, a) };
        let gap = second.words.start.saturating_sub(first.words.end) as u32;
        let [from, to] = [first.span.end.saturating_sub(1), second.span.begin];
        let sentences = self.layout.sentence_at(to).saturating_sub(self.layout.sentence_at(from)) as u32;
        let paragraphs = self.layout.paragraph_at(to).saturating_sub(self.layout.paragraph_at(from)) as u32;
        gap.saturating_add(sentences.saturating_mul(12)).saturating_add(paragraphs.saturating_mul(12))
    }
}

/// Turns logits into probabilities.
fn softmax(scores: &mut [(Option<usize>, f32)]) {
    let top = scores.iter().map(|(_, score)| *score).fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|(_, score)| *score = (*score - top).exp());
    let sum: f32 = scores.iter().map(|(_, score)| *score).sum();
    scores.iter_mut().for_each(|(_, score)| *score /= sum);
}
