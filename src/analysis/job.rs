//! One analysis in small steps, so that whoever runs it can look up between two of them: at a deadline, at a caller who
//! has gone, at other work that waits. A step is about one window of the encoder or one stage of the rules. A job knows no
//! clock and no caller, and whoever drops it has cancelled it. Start at [`Job::step`].

use super::quotes::{self, DraftQuote};
use super::references::References;
use super::signals::{Detection, Layout, Signals};
use super::{Analyzer, Input, Options, entities, finish, language, speakers};
use crate::domain::annotation::{Analysis, CoverageMethod, Entity, Speaker};
use crate::text::view::View;
use std::ops::ControlFlow;

/// An analysis under way. The same steps give the same analysis, whatever happens between them.
pub struct Job<'a> {
    analyzer: &'a Analyzer,
    input: Input<'a>,
    options: Options,
    /// What every stage reads.
    view: View<'a>,
    /// The layout of the view between two steps.
    layout: Layout<'static>,
    language: String,
    method: CoverageMethod,
    stage: Stage<'a>,
}

/// What a step has led to.
#[derive(Debug)]
#[must_use]
pub enum Step {
    /// There is more to do.
    More,
    /// The whole analysis; the job is over.
    Done(Box<Analysis>),
}

/// What is to be done next, with what has been found.
enum Stage<'a> {
    Detect(Box<dyn Detection + 'a>),
    Assemble(Signals),
    Cluster(Signals, Vec<DraftQuote>),
    Resolve(References, Vec<DraftQuote>, Vec<Entity>),
    Finish(Vec<DraftQuote>, Vec<Entity>, Vec<Speaker>),
    Over,
}

impl<'a> Job<'a> {
    /// Puts the text right and lays it out.
    pub(super) fn begin(analyzer: &'a Analyzer, input: Input<'a>, options: Options) -> Self {
        let view = View::new(input.text);
        let layout = Layout::new(view.text());
        let language = language::detect(view.text(), input.language);
        let (stage, method) = if language.is_known {
            (Stage::Detect(analyzer.detector.begin(&layout)), CoverageMethod::Full)
        } else {
            let drafts = quotes::marked::quotations(&layout);
            (Stage::Cluster(Signals::default(), drafts), CoverageMethod::QuotationMarks)
        };
        let layout = layout.over("");
        Self { analyzer, input, options, view, layout, language: language.code, method, stage }
    }

    /// Goes on by one step. After [`Step::Done`] there is nothing left to do, and an empty analysis for an answer.
    pub fn step(&mut self) -> Step {
        let mut layout = std::mem::take(&mut self.layout).over(self.view.text());
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        let step = self.next(stage, &mut layout);
        self.layout = layout.over("");
        match step {
            ControlFlow::Continue(stage) => {
                self.stage = stage;
                Step::More
            }
            ControlFlow::Break(analysis) => Step::Done(Box::new(analysis)),
        }
    }

    /// The stage behind this one, or the whole analysis.
    fn next(&self, stage: Stage<'a>, layout: &mut Layout<'_>) -> ControlFlow<Analysis, Stage<'a>> {
        ControlFlow::Continue(match stage {
            Stage::Detect(mut detection) => match detection.step(layout) {
                Some(signals) => Stage::Assemble(signals),
                None => Stage::Detect(detection),
            },
            Stage::Assemble(mut signals) => {
                let drafts = assemble(layout, &mut signals, self.input.published_at.is_some());
                Stage::Cluster(signals, drafts)
            }
            Stage::Cluster(signals, drafts) => {
                let entities = entities::cluster(layout, &signals);
                Stage::Resolve(signals.references, drafts, entities)
            }
            Stage::Resolve(references, drafts, mut entities) => {
                let scorer = &self.analyzer.scorer;
                let speakers =
                    speakers::resolve(layout, &mut entities, &drafts, &references, scorer, &self.options);
                Stage::Finish(drafts, entities, speakers)
            }
            Stage::Finish(drafts, entities, speakers) => {
                return ControlFlow::Break(self.finished(layout, &drafts, entities, speakers));
            }
            Stage::Over => return ControlFlow::Break(self.finished(layout, &[], Vec::new(), Vec::new())),
        })
    }

    /// All steps at once.
    pub fn run(mut self) -> Analysis {
        loop {
            if let Step::Done(analysis) = self.step() {
                return *analysis;
            }
        }
    }

    /// The analysis, with spans of the text as it was sent.
    fn finished(
        &self,
        layout: &Layout<'_>,
        drafts: &[DraftQuote],
        mut entities: Vec<Entity>,
        speakers: Vec<Speaker>,
    ) -> Analysis {
        entities::dates::normalize(layout, &mut entities, self.input.published_at);
        let quotes = finish::quotes(layout.text, drafts, speakers, &entities);
        let mut analysis = Analysis {
            language: self.language.clone(),
            entities,
            quotes,
            coverage: finish::coverage(self.input.text, self.method),
            analyzer: self.analyzer.stamp().clone(),
        };
        analysis.spans_mut().for_each(|span| *span = self.view.original(*span));
        analysis
    }
}

/// The quotes of a text without their speakers; names gain what lines, sources and, with `dated`, dates that depend on the time of
/// publication show.
pub fn assemble(layout: &mut Layout<'_>, signals: &mut Signals, dated: bool) -> Vec<DraftQuote> {
    quotes::prepare(layout, &mut signals.names);
    if dated {
        entities::dates::relative::complete(layout, &mut signals.names);
    }
    let drafts = quotes::assemble(layout, signals);
    let sources = drafts.iter().filter_map(|draft| draft.source);
    entities::bodies::complete(layout, sources, &mut signals.names);
    drafts
}

impl std::fmt::Debug for Job<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("bytes", &self.input.text.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "“The bridge holds,” said Ada Lund on Monday. She thanked the town.\n\n";

    #[test]
    fn a_step_is_about_one_window_and_all_steps_give_the_analysis() {
        let analyzer = Analyzer::new();
        let text = TEXT.repeat(60);
        let input = Input { text: &text, published_at: None, language: Some("en") };
        let mut job = analyzer.begin(&input, &Options::default());
        let mut steps = 0;
        let analysis = loop {
            steps += 1;
            if let Step::Done(analysis) = job.step() {
                break *analysis;
            }
        };
        assert_eq!(analysis, analyzer.analyze(&input, &Options::default()));
        assert!(analysis.quotes.len() >= 60, "{}", analysis.quotes.len());
        // 60 times some 20 word pieces in windows of some 224, and the four stages of the rules.
        assert!(steps >= 8, "{steps}");
    }

    #[test]
    fn a_job_that_is_over_stays_so() {
        let analyzer = Analyzer::new();
        let mut job =
            analyzer.begin(&Input { text: "", published_at: None, language: None }, &Options::default());
        while matches!(job.step(), Step::More) {}
        assert!(matches!(job.step(), Step::Done(analysis) if analysis.quotes.is_empty()));
    }
}
