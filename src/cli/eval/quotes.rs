//! Whole quotes: contents paired by overlap, then sources, speakers and types of the pairs.

mod fold;

use super::gold::{Attribution, Document};
use super::span::{CodePoints, Span, is_skipped, overlap, trimmed};
use super::tally::{Figures, Tally, rate};
use crate::analysis::speakers::calibration::expected_calibration_error;
use crate::domain::annotation::{Analysis, Quote, QuoteKind, QuoteType};
use fold::folded;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};

/// Least shares of common characters in all characters at which a quote counts as found.
const MARKS: [f64; 3] = [0.3, 0.5, 0.8];

const PRONOUNS: &str = "he she they it i we you him her them his hers their its who";

/// What is printed.
#[derive(Debug, Serialize)]
pub struct Report {
    #[serde(rename = "f1@0.3")]
    f1_at_03: Figures,
    #[serde(rename = "f1@0.5")]
    f1_at_05: Figures,
    #[serde(rename = "f1@0.8")]
    f1_at_08: Figures,
    #[serde(rename = "recall_by_type@0.3")]
    recall_by_type: BTreeMap<String, Option<f64>>,
    type_accuracy: Option<f64>,
    source_mention_accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker_accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker_named: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker_unnamed: Option<Unnamed>,
    /// Expected calibration error of the speakers that were given or left unnamed, abstentions aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker_calibration_error: Option<f64>,
}

/// Speakers with a name.
#[derive(Debug, Serialize)]
struct Named {
    accuracy: Option<f64>,
    answered: Option<f64>,
    n: usize,
    /// How the source's words refer: accuracy and number.
    by_form: BTreeMap<&'static str, (Option<f64>, usize)>,
}

/// Speakers without one.
#[derive(Debug, Serialize)]
struct Unnamed {
    accuracy: Option<f64>,
    n: usize,
}

/// A share that is counted up.
#[derive(Debug, Default, Clone, Copy)]
struct Share {
    part: usize,
    whole: usize,
}

impl Share {
    fn add(&mut self, is_part: bool) {
        self.part += usize::from(is_part);
        self.whole += 1;
    }

    fn rate(self) -> Option<f64> {
        rate(self.part, self.whole)
    }
}

#[derive(Debug, Default)]
struct Counts {
    by_mark: [Tally; 3],
    types: BTreeMap<String, Share>,
    type_right: usize,
    source: Share,
    named: Share,
    answered: usize,
    unnamed: Share,
    /// Confidence, and whether the answer was right.
    answers: Vec<(f32, bool)>,
    forms: BTreeMap<&'static str, Share>,
}

/// A found quote in code points.
struct Found<'a> {
    content: Vec<Span>,
    source: Option<Span>,
    quote: &'a Quote,
}

/// Scores analyses against the attributions of their documents. Thoughts count where `all_kinds` says so.
pub fn score(documents: &[Document], analyses: &[Analysis], all_kinds: bool) -> Report {
    let mut counts = Counts::default();
    for (document, analysis) in documents.iter().zip(analyses) {
        let kept = |a: &&Attribution| !a.content.is_empty() && !is_skipped(&a.content, &document.skip);
        let gold: Vec<&Attribution> = document.attributions.iter().filter(kept).collect();
        counts.document(document, &gold, &found(document, analysis, all_kinds));
    }
    counts.report()
}

fn found<'a>(document: &Document, analysis: &'a Analysis, all_kinds: bool) -> Vec<Found<'a>> {
    let at = CodePoints::new(document);
    let quotes = analysis.quotes.iter().filter(|quote| all_kinds || quote.kind == QuoteKind::Statement);
    let found = quotes.map(|quote| Found {
        content: quote.contents.iter().map(|span| at.span(*span)).collect(),
        source: quote.speaker.mention.map(|span| at.span(span)),
        quote,
    });
    found.filter(|found| !is_skipped(&found.content, &document.skip)).collect()
}

impl Counts {
    fn document(&mut self, document: &Document, gold: &[&Attribution], found: &[Found<'_>]) {
        self.by_mark.iter_mut().for_each(|tally| {
            tally.gold += gold.len();
            tally.out += found.len();
        });
        for kind in gold.iter().filter_map(|attribution| attribution.quote_type.clone()) {
            self.types.entry(kind).or_default().whole += 1;
        }
        for (share, attribution, found) in pairs(document, gold, found) {
            self.pair(document, share, attribution, found);
        }
    }

    fn pair(&mut self, document: &Document, share: f64, gold: &Attribution, found: &Found<'_>) {
        for (tally, mark) in self.by_mark.iter_mut().zip(MARKS) {
            tally.right += usize::from(share >= mark);
        }
        if let Some(kind) = &gold.quote_type {
            self.types.entry(kind.clone()).or_default().part += 1;
            self.type_right += usize::from(*kind == type_name(found.quote.quote_type));
        }
        if share < MARKS[1] {
            return;
        }
        self.source.add(match found.source {
            Some(source) => gold.source.iter().any(|span| overlap(*span, source) > 0),
            None => gold.source.is_empty(),
        });
        let Some(speaker) = &gold.speaker else { return };
        let (answer, got) = (&found.quote.speaker, found.quote.speaker.name.as_deref().and_then(folded));
        let wanted = speaker.name.as_deref().and_then(folded);
        if answer.abstained.is_none() {
            self.answers.push((answer.confidence, got == wanted));
        }
        match wanted {
            Some(name) => {
                let right = got.as_ref() == Some(&name);
                self.named.add(right);
                self.answered += usize::from(got.is_some());
                self.forms.entry(form(document, gold, &name)).or_default().add(right);
            }
            None => self.unnamed.add(got.is_none()),
        }
    }

    fn report(self) -> Report {
        let [f1_at_03, f1_at_05, f1_at_08] = self.by_mark.map(Tally::figures);
        let speakers = self.named.whole + self.unnamed.whole;
        let (named, unnamed) = (self.named, self.unnamed);
        Report {
            f1_at_03,
            f1_at_05,
            f1_at_08,
            recall_by_type: self.types.into_iter().map(|(kind, share)| (kind, share.rate())).collect(),
            type_accuracy: rate(self.type_right, self.by_mark[0].right).filter(|_| self.type_right > 0),
            source_mention_accuracy: self.source.rate(),
            speaker_accuracy: rate(named.part + unnamed.part, speakers),
            speaker_named: (speakers > 0).then(|| Named {
                accuracy: named.rate(),
                answered: rate(self.answered, named.whole),
                n: named.whole,
                by_form: self
                    .forms
                    .into_iter()
                    .map(|(form, share)| (form, (share.rate(), share.whole)))
                    .collect(),
            }),
            speaker_unnamed: (speakers > 0).then(|| Unnamed { accuracy: unnamed.rate(), n: unnamed.whole }),
            speaker_calibration_error: (!self.answers.is_empty())
                .then(|| four_decimals(expected_calibration_error(&self.answers))),
        }
    }
}

fn four_decimals(share: f32) -> f64 {
    (f64::from(share) * 1e4).round() / 1e4
}

/// Pairs gold and found quotes, best overlap first, each at most once, down to the lowest mark.
fn pairs<'p>(
    document: &Document,
    gold: &[&'p Attribution],
    found: &'p [Found<'p>],
) -> Vec<(f64, &'p Attribution, &'p Found<'p>)> {
    let chars = |spans: &[Span]| -> HashSet<usize> {
        spans.iter().map(|span| trimmed(&document.chars, *span)).flat_map(|(begin, end)| begin..end).collect()
    };
    let of_gold: Vec<_> = gold.iter().map(|attribution| chars(&attribution.content)).collect();
    let of_found: Vec<_> = found.iter().map(|found| chars(&found.content)).collect();
    let mut candidates = Vec::new();
    for (i, a) in of_gold.iter().enumerate() {
        for (j, b) in of_found.iter().enumerate() {
            let common = a.intersection(b).count();
            if common > 0 {
                candidates.push((common as f64 / (a.len() + b.len() - common) as f64, i, j));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut used_gold, mut used_found) = (HashSet::new(), HashSet::new());
    candidates.retain(|(share, i, j)| {
        let is_free = *share >= MARKS[0] && !used_gold.contains(i) && !used_found.contains(j);
        if is_free {
            used_gold.insert(*i);
            used_found.insert(*j);
        }
        is_free
    });
    candidates.into_iter().map(|(share, i, j)| (share, gold[i], &found[j])).collect()
}

/// How the source's words refer to the speaker of a folded name.
fn form(document: &Document, gold: &Attribution, name: &str) -> &'static str {
    let text = |span: &Span| document.chars[span.0..span.1].iter().collect::<String>();
    let words = gold.source.iter().map(text).collect::<Vec<_>>().join(" ").to_lowercase();
    if gold.source.is_empty() {
        "none"
    } else if PRONOUNS.split(' ').any(|pronoun| pronoun == words.trim()) {
        "pronoun"
    } else if name.split_whitespace().any(|part| part.chars().count() > 2 && words.contains(part)) {
        "name"
    } else {
        "nominal"
    }
}

fn type_name(quote_type: QuoteType) -> &'static str {
    match quote_type {
        QuoteType::Direct => "direct",
        QuoteType::Indirect => "indirect",
        QuoteType::Mixed => "mixed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::annotation::{Speaker, SpeakerKind};
    use crate::domain::span::ByteSpan;

    fn quote(begin: usize, end: usize, name: &str) -> Quote {
        let speaker = Speaker {
            mention: Some(ByteSpan::at(0, 3)),
            kind: SpeakerKind::Person,
            entity: None,
            name: Some(name.into()),
            description: None,
            evidence: vec![],
            alternatives: vec![],
            abstained: None,
            confidence: 1.0,
        };
        Quote {
            id: "q1".into(),
            quote_type: QuoteType::Direct,
            kind: QuoteKind::Statement,
            contents: vec![ByteSpan::at(begin, end)],
            cue: None,
            speaker,
            confidence: 1.0,
            about: vec![],
        }
    }

    #[test]
    fn quotes_are_paired_by_overlap_and_speakers_by_folded_name() {
        let mut document = Document::new("Ann said “yes and no and maybe” twice.".into());
        let gold = r#"{"content": [[9, 30]], "source": [[0, 3]], "type": "direct", "speaker": {"name": "Dr. Ann Ko’s"}}"#;
        document.attributions = vec![serde_json::from_str(gold).unwrap()];
        let at = |chars: usize| document.text.char_indices().nth(chars).unwrap().0;
        let (near, far) = (quote(at(9), at(27), "Ann Ko"), quote(at(31), at(36), "Ann Ko"));
        let found = |quote: &Quote| {
            let points = CodePoints::new(&document);
            points.span(quote.contents[0])
        };
        let outputs =
            [&near, &far].map(|q| Found { content: vec![found(q)], source: Some((0, 3)), quote: q });
        let mut counts = Counts::default();
        counts.document(&document, &[&document.attributions[0]], &outputs);
        let report = serde_json::to_value(counts.report()).unwrap();
        assert_eq!(report["f1@0.8"]["r"], 1.0);
        assert_eq!(report["f1@0.8"]["p"], 0.5);
        assert_eq!(report["speaker_named"]["accuracy"], 1.0);
        assert_eq!(report["speaker_named"]["by_form"]["name"][1], 1);
        assert_eq!(report["speaker_calibration_error"], 0.0);
        assert_eq!(report["source_mention_accuracy"], 1.0);
        assert_eq!(report["recall_by_type@0.3"]["direct"], 1.0);
    }
}
