//! A line for threads: callers take turns in it ([`FairQueue`]), and where those who stand in it wait for an answer, nobody is let wait
//! for longer than makes sense ([`Patience`]). Times are told as they have passed since any one moment.

use super::patience::Patience;
use super::queue::FairQueue;
use std::sync::Arc;
use std::time::Duration;

/// See the module.
#[derive(Debug)]
pub struct WaitingLine<T> {
    /// Each with when it came.
    waiting: FairQueue<(T, Duration)>,
    patience: Option<Patience>,
}

/// Who comes next.
#[derive(Debug, PartialEq, Eq)]
pub struct Next<T> {
    /// What stood in the line.
    pub item: T,
    /// Where it should not be served any more: when it should come back.
    pub too_late: Option<Duration>,
}

impl<T> WaitingLine<T> {
    /// A line in which everybody waits as long as it takes.
    pub fn patient() -> Self {
        Self { waiting: FairQueue::default(), patience: None }
    }

    /// One in which everybody is let wait for so long at least.
    pub fn impatient(least: Duration) -> Self {
        Self { patience: Some(Patience::new(least)), ..Self::patient() }
    }

    /// Puts an item behind those of the same caller.
    pub fn push(&mut self, caller: &Arc<str>, item: T, now: Duration) {
        self.note_gap(now);
        self.waiting.push(caller, (item, now));
    }

    /// Who comes next. The last in the line is served, however long it has waited: there is a gap behind it.
    pub fn pop(&mut self, now: Duration) -> Option<Next<T>> {
        Some(self.pop_of(now, |_| true)?.1)
    }

    /// Who comes next of the callers that may be served, and whose it is.
    pub fn pop_of(&mut self, now: Duration, may: impl Fn(&str) -> bool) -> Option<(Arc<str>, Next<T>)> {
        let (caller, (item, since)) = self.waiting.pop_of(may)?;
        self.note_gap(now);
        Some((caller, Next { item, too_late: self.too_late(since, now) }))
    }

    /// Who comes next, if it is somebody who should not be served any more: for a line that nobody serves for the moment.
    pub fn pop_late(&mut self, now: Duration) -> Option<Next<T>> {
        let (_, (_, since)) = self.waiting.peek()?;
        let too_late = Some(self.too_late(*since, now)?);
        let (item, _) = self.waiting.pop()?;
        self.note_gap(now);
        Some(Next { item, too_late })
    }

    /// Somebody has been served, without the time in line.
    pub fn served(&mut self, took: Duration) {
        if let Some(patience) = &mut self.patience {
            patience.served(took);
        }
    }

    /// Whose turn it is.
    pub fn next_caller(&self) -> Option<&Arc<str>> {
        Some(self.waiting.peek()?.0)
    }

    /// Callers that stand in it.
    pub fn callers(&self) -> usize {
        self.waiting.callers()
    }

    /// Whether the caller stands in it.
    pub fn has(&self, caller: &str) -> bool {
        self.waiting.has(caller)
    }

    /// How many stand in it.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Sends all away but those that are wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(&T) -> bool) {
        self.waiting.retain(|(item, _)| wanted(item));
    }

    /// When somebody who came at `since` should come back, having waited for too long.
    fn too_late(&self, since: Duration, now: Duration) -> Option<Duration> {
        let patience = self.patience.as_ref()?;
        patience.is_over(now.saturating_sub(since), now).then(|| patience.retry_after())
    }

    fn note_gap(&mut self, now: Duration) {
        if let Some(patience) = self.patience.as_mut().filter(|_| self.waiting.len() == 0) {
            patience.empty(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Three who come in the first second, and one of them each half a second.
    fn late(mut line: WaitingLine<u32>) -> Vec<bool> {
        let caller = Arc::from("a");
        (0..3).for_each(|n| line.push(&caller, n, MS * n));
        (1..4).map(|n| line.pop(500 * MS * n).is_some_and(|next| next.too_late.is_some())).collect()
    }

    #[test]
    fn a_line_that_only_grows_sends_away_who_has_waited_too_long_and_a_patient_one_nobody() {
        assert_eq!(late(WaitingLine::impatient(10 * MS)), [false, true, false], "the last leaves a gap");
        assert_eq!(late(WaitingLine::patient()), [false; 3]);
    }

    #[test]
    fn who_has_waited_too_long_can_be_sent_away_without_serving_others() {
        let mut line = WaitingLine::impatient(10 * MS);
        line.push(&Arc::from("a"), 0, 995 * MS);
        line.push(&Arc::from("a"), 1, 2000 * MS);
        assert_eq!(line.pop_late(1000 * MS), None, "nobody has waited for long");
        assert!(line.pop_late(2001 * MS).is_some_and(|next| next.item == 0 && next.too_late.is_some()));
        assert_eq!(line.pop_late(2002 * MS), None);
        let last = line.pop_late(2100 * MS);
        assert!(last.is_some_and(|next| next.item == 1 && next.too_late.is_some()), "there is no gap in it");
    }

    #[test]
    fn those_that_are_not_wanted_leave_the_line() {
        let mut line = WaitingLine::patient();
        (0..4).for_each(|n| line.push(&Arc::from("a"), n, MS));
        line.retain(|n| n % 2 == 1);
        assert_eq!(line.len(), 2);
        assert_eq!(line.pop(MS), Some(Next { item: 1, too_late: None }));
    }
}
