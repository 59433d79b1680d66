//! Random numbers that are the same everywhere, for tests that must be able to do again what they did.

/// SplitMix64: a few lines, and good enough to choose what to try.
pub struct Random(u64);

impl Random {
    /// Of one run among many, so that each can be done again without those before it.
    pub fn of(seed: u64, run: u64) -> Self {
        let mut random = Self(seed ^ run.wrapping_mul(0xd134_2543_de82_ef95));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`; 0 where that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}
