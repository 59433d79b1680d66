//! What some may take of a thing while others want it, too: one part of it for so many that the others take. Nobody measures how much
//! there is; who takes much more slowly goes just as slowly here (a token bucket that others fill).

/// See the module. In units of what is taken.
#[derive(Debug)]
pub struct Allowance {
    /// Below zero for the last that was taken.
    left: i64,
    most: i64,
    /// What others take for one unit.
    for_one: i64,
}

impl Allowance {
    /// A full one: `most` may be taken at once.
    pub fn new(most: u32, for_one: u32) -> Self {
        let most = i64::from(most) * i64::from(for_one.max(1));
        Self { left: most, most, for_one: i64::from(for_one.max(1)) }
    }

    /// Others have taken so much.
    pub fn earn(&mut self, taken: usize) {
        self.left = self.left.saturating_add(i64::try_from(taken).unwrap_or(i64::MAX)).min(self.most);
    }

    /// So much has been taken of it.
    pub fn spend(&mut self, taken: usize) {
        let taken = i64::try_from(taken).unwrap_or(i64::MAX).saturating_mul(self.for_one);
        self.left = self.left.saturating_sub(taken);
    }

    /// Whether anything may be taken. What is, is taken whole.
    pub fn is_left(&self) -> bool {
        self.left > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_others_that_take_all_the_time_the_share_is_kept() {
        let mut allowance = Allowance::new(100, 9);
        let (mut own, mut others) = (0, 0);
        while own + others < 100_000 {
            if allowance.is_left() {
                allowance.spend(30);
                own += 30;
            } else {
                allowance.earn(7);
                others += 7;
            }
        }
        assert!((9_900..10_300).contains(&own), "{own}: a tenth, and what was left at first");
    }

    #[test]
    fn it_does_not_grow_while_nothing_is_taken() {
        let mut allowance = Allowance::new(10, 2);
        allowance.earn(usize::MAX);
        allowance.spend(10);
        assert!(!allowance.is_left());
        allowance.earn(1);
        assert!(allowance.is_left());
        allowance.spend(usize::MAX);
        allowance.earn(1 << 40);
        assert!(!allowance.is_left());
    }
}
