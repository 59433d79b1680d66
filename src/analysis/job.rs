//! One analysis in small steps, so that whoever runs it can look up between two of them: at a deadline, at a caller who
//! has gone, at other work that waits. A step is about one window of the encoder or one stage of the rules. A job knows no
//! clock and no caller, and whoever drops it has cancelled it. Start at [`Job::step`].

use super::quotes::{self, DraftQuote};
use super::signals::{Detection, Layout, Signals};
use super::{Analyzer, Input, Options, entities, finish, speakers};
use crate::domain::annotation::{Analysis, CoverageMethod, Entity, Speaker};

/// An analysis under way. The same steps give the same analysis, whatever happens between them.
pub struct Job<'a> {
    analyzer: &'a Analyzer,
    input: Input<'a>,
    options: Options,
    layout: Layout<'a>,
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
    Resolve(Vec<DraftQuote>, Vec<Entity>),
    Finish(Vec<DraftQuote>, Vec<Entity>, Vec<Speaker>),
    Over,
}

impl<'a> Job<'a> {
    pub(super) fn new(
        analyzer: &'a Analyzer,
        input: Input<'a>,
        options: Options,
        layout: Layout<'a>,
        language: String,
        (detection, method): (Box<dyn Detection + 'a>, CoverageMethod),
    ) -> Self {
        Self { analyzer, input, options, layout, language, method, stage: Stage::Detect(detection) }
    }

    /// Goes on by one step. After [`Step::Done`] there is nothing left to do, and an empty analysis for an answer.
    pub fn step(&mut self) -> Step {
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        self.stage = match stage {
            Stage::Detect(mut detection) => match detection.step(&self.layout) {
                Some(signals) => Stage::Assemble(signals),
                None => Stage::Detect(detection),
            },
            Stage::Assemble(signals) => {
                let drafts = quotes::assemble(&self.layout, &signals);
                Stage::Cluster(signals, drafts)
            }
            Stage::Cluster(signals, drafts) => {
                Stage::Resolve(drafts, entities::cluster(&self.layout, &signals))
            }
            Stage::Resolve(drafts, mut entities) => {
                let speakers = speakers::resolve(&self.layout, &mut entities, &drafts, &self.options);
                Stage::Finish(drafts, entities, speakers)
            }
            Stage::Finish(drafts, entities, speakers) => {
                return Step::Done(Box::new(self.finished(&drafts, entities, speakers)));
            }
            Stage::Over => return Step::Done(Box::new(self.finished(&[], Vec::new(), Vec::new()))),
        };
        Step::More
    }

    /// All steps at once.
    pub fn run(mut self) -> Analysis {
        loop {
            if let Step::Done(analysis) = self.step() {
                return *analysis;
            }
        }
    }

    fn finished(&self, drafts: &[DraftQuote], mut entities: Vec<Entity>, speakers: Vec<Speaker>) -> Analysis {
        entities::dates::normalize(&mut entities, self.input.published_at);
        let quotes = finish::quotes(self.input.text, drafts, speakers, &entities);
        Analysis {
            language: self.language.clone(),
            entities,
            quotes,
            coverage: finish::coverage(self.input.text, self.method),
            analyzer: self.analyzer.stamp().clone(),
        }
    }
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
        // 60 times 22 word pieces in windows of some 224, and the four stages of the rules.
        assert!(steps >= 8, "{steps}");
    }

    #[test]
    fn a_job_that_is_over_stays_so() {
        let analyzer = Analyzer::by_rules();
        let mut job =
            analyzer.begin(&Input { text: "", published_at: None, language: None }, &Options::default());
        while matches!(job.step(), Step::More) {}
        assert!(matches!(job.step(), Step::Done(analysis) if analysis.quotes.is_empty()));
    }
}
