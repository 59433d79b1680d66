//! What some may take of a thing while others want it, too: one part of it for so many that the others take. Nobody measures how much
//! there is; who takes much more slowly goes just as slowly here (a token bucket that others fill).

/// See the module. In units of what is taken.
#[derive(Debug)]
pub struct Allowance {
    /// Below zero for the last that was taken.
    left: i64,
    most: i64,
}

impl Allowance {
    /// A full one: as much may be taken at once as others take of `most`.
    pub fn new(most: u32) -> Self {
        Self { left: i64::from(most), most: i64::from(most) }
    }

    /// Others have taken so much.
    pub fn earn(&mut self, taken: usize) {
        self.left = self.left.saturating_add(i64::try_from(taken).unwrap_or(i64::MAX)).min(self.most);
    }

    /// So much has been taken of it, each for so much that others take.
    pub fn spend(&mut self, taken: usize, for_one: usize) {
        let taken = i64::try_from(taken.saturating_mul(for_one)).unwrap_or(i64::MAX);
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
        let mut allowance = Allowance::new(900);
        let (mut own, mut others) = (0, 0);
        while own + others < 100_000 {
            if allowance.is_left() {
                allowance.spend(30, 9);
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
        let mut allowance = Allowance::new(20);
        allowance.earn(usize::MAX);
        allowance.spend(10, 2);
        assert!(!allowance.is_left());
        allowance.earn(1);
        assert!(allowance.is_left());
        allowance.spend(usize::MAX, 2);
        allowance.earn(1 << 40);
        assert!(!allowance.is_left());
    }
}
