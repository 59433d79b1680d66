//! Puts pieces together around cues. A detector that scores links is believed up to a price for distance, since it
//! sees the meaning but forgets where paragraphs end; where it has no links for a piece, distance alone decides.

use super::Attribution;
use super::pieces::Piece;
use super::place::spoken;
use crate::analysis::grammar::clauses;
use crate::analysis::signals::{Layout, Link, Role};
use crate::domain::span::ByteSpan;
use std::collections::{BTreeMap, HashMap};

/// Price of one unit of [`Scene::cost`] in natural logarithms of probability.
const PRICE: f32 = 0.08;
/// Least logarithm of probability, after the price, at which a content or a source is joined with a cue.
const LEAST: f32 = -7.0;
/// Least share of a piece's probability at which a source counts as linked to a cue: sources are often shared.
const SHARED: f32 = 0.12;
/// Greatest cost at which pieces without links are joined.
const FAR: u32 = 40;
/// Share of a piece's probability beyond which a cue is its own, whatever came before.
const OWN: f32 = 0.5;
/// Greatest cost at which a quotation is joined with a cue that the detector did not think of.
const BESIDE: u32 = 8;
/// Greatest cost at which any other content is.
const TOUCHING: u32 = 2;
/// Words between a quotation that ends in a comma and the cue of its attribution, at most.
const TAG: usize = 5;
/// How many cues on either side of a piece distance looks at.
const NEIGHBOURS: usize = 3;
/// Cost of a sentence and of a paragraph crossed, in words.
const CROSSED: u32 = 12;

/// One attribution for each cue, in text order, also where no content was found for it.
pub(super) fn by_cue(layout: &Layout<'_>, pieces: &[Piece], links: &[Link]) -> Vec<Attribution> {
    let scene = Scene::new(layout, pieces, links);
    let contents = scene.contents_by_cue();
    let sources = scene.sources_by_cue(&contents);
    let attribution = |(at, cue): (usize, &&Piece)| {
        let source = sources[at];
        let parts = contents[at].iter().copied().chain(source).chain([*cue]);
        Attribution {
            contents: at_home(layout, cue, &contents[at]),
            cue: Some(cue.words.clone()),
            source: source.map(|source| source.span).or_else(|| subject(layout, cue, &contents[at])),
            verbatim: false,
            confidence: mean(parts.map(|piece| piece.confidence)),
        }
    };
    scene.cues.iter().enumerate().map(attribution).collect()
}

/// The contents of a cue without clauses in another sentence, where its own sentence has content: those were linked by
/// mistake.
fn at_home(layout: &Layout<'_>, cue: &Piece, contents: &[&Piece]) -> Vec<ByteSpan> {
    let home = layout.sentence_at(layout.span_of(&cue.words).begin);
    let is_home = |content: &ByteSpan| {
        let sentences = layout.sentence_at(content.begin)..=layout.sentence_at(content.end.saturating_sub(1));
        sentences.contains(&home)
    };
    let mut spans: Vec<ByteSpan> = contents.iter().map(|content| content.span).collect();
    if spans.iter().any(is_home) {
        spans.retain(|content| is_home(content) || spoken(layout, *content).is_some());
    }
    spans
}

/// The cue's subject where no source was found, unless it is what the words are about.
fn subject(layout: &Layout<'_>, cue: &Piece, contents: &[&Piece]) -> Option<ByteSpan> {
    let subject = clauses::subject(layout, &cue.words)?;
    contents.iter().all(|content| !content.span.overlaps(subject)).then_some(subject)
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values.fold((0.0, 0u16), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / f32::from(count) }
}

/// The cues (by index; absent for none) that a piece may belong to, each with its probability.
type Shares = Vec<(Option<usize>, f32)>;

struct Scene<'a> {
    layout: &'a Layout<'a>,
    /// In text order, as are the others.
    cues: Vec<&'a Piece>,
    sources: Vec<&'a Piece>,
    contents: Vec<&'a Piece>,
    /// By a piece's role and first word.
    linked: BTreeMap<(Role, usize), Shares>,
}

impl<'a> Scene<'a> {
    fn new(layout: &'a Layout<'a>, pieces: &'a [Piece], links: &[Link]) -> Self {
        let of = |role: Role| pieces.iter().filter(|piece| piece.role == role).collect::<Vec<_>>();
        let cues = of(Role::Cue);
        let at: HashMap<usize, usize> =
            cues.iter().enumerate().map(|(at, cue)| (cue.words.start, at)).collect();
        let mut linked: BTreeMap<(Role, usize), Shares> = BTreeMap::new();
        for link in links {
            let cue = link.cue.map(|word| at.get(&word).copied());
            if cue != Some(None) {
                linked.entry((link.role, link.from)).or_default().push((cue.flatten(), link.score));
            }
        }
        linked.values_mut().for_each(|scores| softmax(scores));
        Self { layout, cues, sources: of(Role::Source), contents: of(Role::Content), linked }
    }

    /// For each cue its contents.
    fn contents_by_cue(&self) -> Vec<Vec<&'a Piece>> {
        let mut contents = vec![Vec::new(); self.cues.len()];
        let mut before: Option<(&Piece, Option<usize>)> = None;
        for content in &self.contents {
            let cue = match before {
                Some((previous, cue)) if self.goes_on(previous, content) && !self.has_own(content, cue) => {
                    cue
                }
                _ => self.cue_of(content),
            };
            if let Some(cue) = cue {
                contents[cue].push(*content);
            }
            before = Some((content, cue));
        }
        contents
    }

    /// For each cue the source that fits it best, none of what is said.
    fn sources_by_cue(&self, contents: &[Vec<&Piece>]) -> Vec<Option<&'a Piece>> {
        let mut best: Vec<Option<(f32, &Piece)>> = vec![None; self.cues.len()];
        for source in &self.sources {
            let scored = self.scored(source, SHARED).into_iter();
            for (cue, score) in scored.filter(|(_, score)| *score >= LEAST) {
                let said = contents[cue].iter().any(|content| content.span.overlaps(source.span));
                if said || self.is_apart(source.span, self.layout.span_of(&self.cues[cue].words)) {
                    continue;
                }
                if best[cue].is_none_or(|(other, _)| score > other) {
                    best[cue] = Some((score, source));
                }
            }
        }
        best.into_iter().map(|best| best.map(|(_, source)| source)).collect()
    }

    /// Whether a sentence ends between a source and a cue, other than inside quotation marks.
    fn is_apart(&self, source: ByteSpan, cue: ByteSpan) -> bool {
        let (first, second) = (source.min(cue), source.max(cue));
        let sentences = self.layout.sentence_at(first.begin)..self.layout.sentence_at(second.begin);
        let mut ends = sentences.filter_map(|at| self.layout.sentences.get(at)).map(|sentence| sentence.end);
        ends.any(|end| {
            self.layout.quoted_at(end.saturating_sub(1)).is_none_or(|region| region.span.end == end)
        })
    }

    /// The cues that a piece may belong to. A quotation that a detector took for several contents has those of all of
    /// them, in equal parts.
    fn links(&self, piece: &Piece) -> Shares {
        let words = self.layout.words_of(piece.span);
        let within = (piece.role, words.start.min(piece.words.start))..(piece.role, words.end);
        let parts: Vec<&Shares> = self.linked.range(within).map(|(_, shares)| shares).collect();
        let mut sum: BTreeMap<Option<usize>, f32> = BTreeMap::new();
        for (cue, share) in parts.iter().copied().flatten() {
            *sum.entry(*cue).or_default() += share / parts.len() as f32;
        }
        sum.into_iter().collect()
    }

    /// Whether a content that could go on with an attributed one has a cue of its own right behind it.
    fn has_own(&self, content: &Piece, before: Option<usize>) -> bool {
        let own = |(cue, share): (Option<usize>, f32)| {
            cue.is_some_and(|at| share > OWN && !self.is_inner(content, at) && self.is_behind(content, at))
        };
        if let Some(tag) = self.tag(content) {
            return before != Some(tag);
        }
        before.is_some() && self.links(content).into_iter().filter(|(cue, _)| *cue != before).any(own)
    }

    /// Whether a cue stands in the paragraph of a content, a few words behind it.
    fn is_behind(&self, content: &Piece, cue: usize) -> bool {
        let end = self.layout.words_of(content.span).end;
        let cue = &self.cues[cue].words;
        let line = |span: ByteSpan| self.layout.paragraph_at(span.begin);
        (end..=end + BESIDE as usize).contains(&cue.start)
            && line(content.span) == line(self.layout.span_of(cue))
    }

    /// Whether a cue stands inside the quotation that a content is: it reports what somebody else said.
    fn is_inner(&self, content: &Piece, cue: usize) -> bool {
        content.role == Role::Content
            && spoken(self.layout, content.span)
                .is_some_and(|region| region.span.contains(self.cues[cue].span))
    }

    /// The cues that a piece may belong to, with logarithms of probability after the price for distance.
    fn scored(&self, piece: &Piece, least: f32) -> Vec<(usize, f32)> {
        let links = self.links(piece);
        if links.is_empty() {
            return self
                .near(piece)
                .filter(|(cue, _)| !self.is_inner(piece, *cue))
                .map(|(cue, cost)| (cue, -PRICE * cost as f32))
                .collect();
        }
        let scored = links.iter().filter(|(_, share)| *share >= least).filter_map(|&(cue, share)| {
            let cue = cue.filter(|cue| !self.is_inner(piece, *cue))?;
            Some((cue, share.max(f32::MIN_POSITIVE).ln() - PRICE * self.cost(piece, self.cues[cue]) as f32))
        });
        scored.collect()
    }

    /// Whether a content is the next paragraph of the same quotation.
    fn goes_on(&self, previous: &Piece, next: &Piece) -> bool {
        let Some(region) = self.layout.quoted_at(previous.span.end.saturating_sub(1)) else { return false };
        let begins_piece = region.pieces.binary_search_by_key(&next.span.begin, |piece| piece.begin);
        next.span.begin > previous.span.end && begins_piece.is_ok()
    }

    fn cue_of(&self, content: &Piece) -> Option<usize> {
        if let Some(cue) = self.tag(content) {
            return Some(cue);
        }
        let best = self.scored(content, 0.0).into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let none = self.links(content).iter().find(|(cue, _)| cue.is_none()).map_or(0.0, |(_, share)| *share);
        let linked = best.filter(|(_, score)| *score >= LEAST && (none < 0.5 || *score > none.ln() - 2.0));
        linked.map(|(cue, _)| cue).or_else(|| self.cue_beside(content))
    }

    /// The cue of a quotation whose sentence goes on: “…,” said Y; “…” said Y; ‘…’, said Y. A comma before the closing mark
    /// leads to the attribution, wherever a link points to.
    fn tag(&self, content: &Piece) -> Option<usize> {
        let region = self.layout.quoted_at(content.span.begin).filter(|region| region.closed)?;
        if region.span.begin != content.span.begin && spoken(self.layout, content.span).is_none() {
            return None;
        }
        let end = self.layout.words_of(region.span).end;
        let inside = region.span.slice(self.layout.text);
        let comma = inside.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ',').ends_with(',');
        let next = self.cues.partition_point(|cue| cue.words.start < end);
        let cue = self.cues.get(next)?;
        let behind = end + usize::from(self.layout.word(end) == ",");
        let joined = cue.words.start == behind && self.layout.word(behind).starts_with(char::is_lowercase);
        let near = joined || comma && cue.words.start <= end + TAG;
        let line = |span: ByteSpan| self.layout.paragraph_at(span.begin);
        (near && line(region.span) == line(cue.span)).then_some(next)
    }

    /// The cue right beside a content that the detector joined with none, or with some that are far away or stand inside of
    /// it: a link looks at the first word alone, and that of a long quotation is far from its cue.
    fn cue_beside(&self, content: &Piece) -> Option<usize> {
        let reach = if spoken(self.layout, content.span).is_some() { BESIDE } else { TOUCHING };
        let outer = self.near(content).filter(|(cue, _)| !self.is_inner(content, *cue));
        outer.min_by_key(|(_, cost)| *cost).filter(|(_, cost)| *cost <= reach).map(|(cue, _)| cue)
    }

    /// The cues around a piece that are near enough to be joined with it, with their costs.
    fn near(&self, piece: &Piece) -> impl Iterator<Item = (usize, u32)> {
        let before = self.cues.partition_point(|cue| cue.words.start < piece.reach.start);
        let after = self.cues.partition_point(|cue| cue.words.start < piece.reach.end);
        let around =
            (before.saturating_sub(NEIGHBOURS)..before).chain(after..self.cues.len().min(after + NEIGHBOURS));
        around.map(|cue| (cue, self.cost(piece, self.cues[cue]))).filter(|(_, cost)| *cost <= FAR)
    }

    /// Words between two pieces, with a price for sentences and paragraphs crossed.
    fn cost(&self, a: &Piece, b: &Piece) -> u32 {
        let (first, second) = if a.reach.start <= b.reach.start { (a, b) } else { (b, a) };
        let gap = second.reach.start.saturating_sub(first.reach.end) as u32;
        let [from, to] = [self.layout.span_of(&first.reach).end, self.layout.span_of(&second.reach).begin];
        let from = from.saturating_sub(1);
        let sentences = self.layout.sentence_at(to).saturating_sub(self.layout.sentence_at(from)) as u32;
        let paragraphs = self.layout.paragraph_at(to).saturating_sub(self.layout.paragraph_at(from)) as u32;
        gap.saturating_add(sentences.saturating_add(paragraphs).saturating_mul(CROSSED))
    }
}

/// Turns logits into probabilities.
fn softmax(scores: &mut [(Option<usize>, f32)]) {
    let top = scores.iter().map(|(_, score)| *score).fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|(_, score)| *score = (*score - top).exp());
    let sum: f32 = scores.iter().map(|(_, score)| *score).sum();
    scores.iter_mut().for_each(|(_, score)| *score /= sum);
}

#[cfg(test)]
mod tests {
    use super::super::pieces;
    use super::*;
    use crate::analysis::signals::RoleSpan;

    /// The contents of each cue, where every role is given by its words and every link by those of its ends, none by
    /// no words.
    fn grouped(text: &str, roles: &[(Role, &str)], links: &[(&str, &str, f32)]) -> Vec<Vec<String>> {
        let layout = Layout::new(text);
        let words = |part: &str| {
            let begin = text.find(part).expect("words of the text");
            layout.words_of(ByteSpan::at(begin, begin + part.len()))
        };
        let mut spans: Vec<RoleSpan> = roles
            .iter()
            .map(|(role, part)| RoleSpan { role: *role, words: words(part), confidence: 0.9 })
            .collect();
        spans.sort_by_key(|span| span.words.start);
        let link = |(content, cue, score): &(&str, &str, f32)| Link {
            role: Role::Content,
            from: words(content).start,
            cue: (!cue.is_empty()).then(|| words(cue).start),
            score: *score,
        };
        let links: Vec<Link> = links.iter().map(link).collect();
        let pieces = pieces::whole_quotations(&layout, pieces::pieces(&layout, &spans));
        let text_of = |span: &ByteSpan| span.slice(text).to_owned();
        by_cue(&layout, &pieces, &links).iter().map(|a| a.contents.iter().map(text_of).collect()).collect()
    }

    #[test]
    fn a_quotation_that_was_seen_as_two_contents_has_the_cues_of_both() {
        let text = "“It rained a lot,” Moe said.\n\n“They asked for a wall. It was never built,” he added.";
        let contents = [
            (Role::Content, "“It rained a lot,”"),
            (Role::Cue, "said"),
            (Role::Content, "“They asked for a wall."),
            (Role::Content, "It was never built,”"),
            (Role::Cue, "added"),
        ];
        let links = [
            ("“It rained", "said", 5.0),
            ("“It rained", "added", 0.0),
            ("“They", "said", 0.5),
            ("“They", "added", 0.0),
            ("It was", "said", 0.0),
            ("It was", "added", 5.0),
        ];
        let expected = [vec!["“It rained a lot,”"], vec!["“They asked for a wall. It was never built,”"]];
        assert_eq!(grouped(text, &contents, &links), expected);
    }

    #[test]
    fn a_quotation_beside_its_cue_is_joined_with_it_whatever_a_link_says() {
        let text = "“I want a door. It must be wide enough for all the carts of the town,” he said. He left.";
        let (quotation, _) = text.split_once(" he said").expect("an attribution");
        let roles = [(Role::Content, quotation), (Role::Cue, "said")];
        assert_eq!(
            grouped(text, &roles, &[(quotation, "said", -6.0), (quotation, "", 0.0)]),
            [vec![quotation]]
        );
        let text = "Some saw a door that was wide enough. Of the gate and the wall and all the rest she said little.";
        let roles = [(Role::Content, "a door that was wide enough"), (Role::Cue, "said")];
        let none = [("a door", "said", -6.0), ("a door", "", 0.0)];
        assert_eq!(grouped(text, &roles, &none), [Vec::<String>::new()]);
    }

    #[test]
    fn a_quotation_whose_sentence_goes_on_belongs_to_the_cue_behind_it() {
        for (quotation, text) in [
            ("“They came late,”", "“It rained,” Moe said. “They came late,” declared Hale."),
            ("‘They came late’", "“It rained,” Moe said. ‘They came late’, declared Hale."),
            ("“They came late,”", "“It rained,” Moe said. “They came late,” Mayor Hale declared."),
        ] {
            let first = "“It rained,”";
            let roles = [
                (Role::Content, first),
                (Role::Cue, "said"),
                (Role::Content, quotation),
                (Role::Cue, "declared"),
            ];
            let links = [(first, "said", 5.0), (quotation, "said", 9.0), (quotation, "declared", 0.0)];
            assert_eq!(grouped(text, &roles, &links), [vec![first], vec![quotation]], "{text}");
        }
    }

    #[test]
    fn a_quotation_of_which_only_the_ends_were_seen_is_whole() {
        let text = "“I want a door. It must be wide enough for all the carts of the town. It must be green,” Moe said.";
        let contents =
            [(Role::Content, "“I want a door."), (Role::Content, "It must be green,”"), (Role::Cue, "said")];
        let links = [("“I want", "said", 1.0), ("It must be green", "said", 1.0)];
        let (quotation, _) = text.split_once(" Moe").expect("an attribution");
        assert_eq!(grouped(text, &contents, &links), [vec![quotation]]);
    }

    #[test]
    fn a_quotation_with_a_cue_of_its_own_does_not_go_on_with_an_unclosed_one() {
        let text = "“It rained a lot,” Moe said. “They asked for a wall.\n\n“I never saw it,” added Hale.";
        let contents = [
            (Role::Content, "“It rained a lot,”"),
            (Role::Cue, "said"),
            (Role::Content, "“They asked for a wall."),
            (Role::Content, "“I never saw it,”"),
            (Role::Cue, "added"),
        ];
        let links = [
            ("“It", "said", 5.0),
            ("“They", "said", 5.0),
            ("“I never", "said", 0.0),
            ("“I never", "added", 5.0),
        ];
        let expected = [vec!["“It rained a lot,”", "“They asked for a wall."], vec!["“I never saw it,”"]];
        assert_eq!(grouped(text, &contents, &links), expected);
    }
}
