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
    state: State<'a>,
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

/// A part of the work, by what it finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// What the text is without what has been done to it, and where its words and sentences are: before the first step.
    Text,
    /// Which language it is in.
    Language,
    /// Names and roles, by the encoder; many steps.
    Encoder,
    /// What is quoted.
    Quotes,
    /// Who and what is named.
    Entities,
    /// Who speaks.
    Speakers,
    /// The whole of it, in terms of the text as sent.
    Finish,
}

impl Stage {
    /// All of them, in their order.
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::Language,
        Self::Encoder,
        Self::Quotes,
        Self::Entities,
        Self::Speakers,
        Self::Finish,
    ];

    /// Its name, for those who watch.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Language => "language",
            Self::Encoder => "encoder",
            Self::Quotes => "quotes",
            Self::Entities => "entities",
            Self::Speakers => "speakers",
            Self::Finish => "finish",
        }
    }
}

/// What is to be done next, with what has been found.
enum State<'a> {
    Read,
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
        let layout = Layout::new(view.text()).over("");
        let (language, method, state) = (String::new(), CoverageMethod::Full, State::Read);
        Self { analyzer, input, options, view, layout, language, method, state }
    }

    /// What the next step is about.
    pub fn stage(&self) -> Stage {
        match &self.state {
            State::Read => Stage::Language,
            State::Detect(_) => Stage::Encoder,
            State::Assemble(_) => Stage::Quotes,
            State::Cluster(..) => Stage::Entities,
            State::Resolve(..) => Stage::Speakers,
            State::Finish(..) | State::Over => Stage::Finish,
        }
    }

    /// Goes on by one step. After [`Step::Done`] there is nothing left to do, and an empty analysis for an answer.
    pub fn step(&mut self) -> Step {
        let mut layout = std::mem::take(&mut self.layout).over(self.view.text());
        let state = std::mem::replace(&mut self.state, State::Over);
        let step = match state {
            State::Read => {
                let language = language::detect(layout.text, self.input.language);
                self.language = language.code;
                ControlFlow::Continue(match language.is_known {
                    true => State::Detect(self.analyzer.detector.begin(&layout)),
                    false => {
                        self.method = CoverageMethod::QuotationMarks;
                        State::Cluster(Signals::default(), quotes::marked::quotations(&layout))
                    }
                })
            }
            state => self.next(state, &mut layout),
        };
        self.layout = layout.over("");
        match step {
            ControlFlow::Continue(state) => {
                self.state = state;
                Step::More
            }
            ControlFlow::Break(analysis) => Step::Done(Box::new(analysis)),
        }
    }

    /// What comes behind this, or the whole analysis.
    fn next(&self, state: State<'a>, layout: &mut Layout<'_>) -> ControlFlow<Analysis, State<'a>> {
        ControlFlow::Continue(match state {
            // Read by the step itself, which keeps the language.
            State::Read => State::Read,
            State::Detect(mut detection) => match detection.step(layout) {
                Some(signals) => State::Assemble(signals),
                None => State::Detect(detection),
            },
            State::Assemble(mut signals) => {
                let drafts = assemble(layout, &mut signals, self.input.published_at.is_some());
                State::Cluster(signals, drafts)
            }
            State::Cluster(signals, drafts) => {
                let entities = entities::cluster(layout, &signals);
                State::Resolve(signals.references, drafts, entities)
            }
            State::Resolve(references, drafts, mut entities) => {
                let scorer = &self.analyzer.scorer;
                let speakers =
                    speakers::resolve(layout, &mut entities, &drafts, &references, scorer, &self.options);
                State::Finish(drafts, entities, speakers)
            }
            State::Finish(drafts, entities, speakers) => {
                return ControlFlow::Break(self.finished(layout, &drafts, entities, speakers));
            }
            State::Over => return ControlFlow::Break(self.finished(layout, &[], Vec::new(), Vec::new())),
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
    fn each_step_says_beforehand_which_stage_it_is() {
        let analyzer = Analyzer::new();
        let stages = |language| {
            let input = Input { text: TEXT, published_at: None, language: Some(language) };
            let mut job = analyzer.begin(&input, &Options::default());
            let mut stages = vec![Stage::Text, job.stage()];
            while matches!(job.step(), Step::More) {
                stages.push(job.stage());
            }
            stages.dedup();
            stages
        };
        assert_eq!(stages("en"), Stage::ALL);
        let by_marks = [Stage::Text, Stage::Language, Stage::Entities, Stage::Speakers, Stage::Finish];
        assert_eq!(stages("de"), by_marks);
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
