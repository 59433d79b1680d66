//! Invented language for benches, the same at every run: words and names by their rank, drawn with Zipf's
//! frequencies (the nth most frequent is drawn n times more rarely than the first).

/// A stream of numbers that look random (xorshift64*), the same for the same seed.
pub struct Numbers(pub u64);

impl Numbers {
    /// From 0 up to 1.
    pub fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From 0 up to `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() * bound as f64) as usize
    }
}

/// Draws ranks with Zipf's frequencies.
pub struct Zipf(Vec<f64>);

impl Zipf {
    /// Of so many ranks.
    pub fn new(ranks: usize) -> Self {
        let mut sum = 0.0;
        let cumulative = (1..=ranks).map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        });
        Self(cumulative.collect())
    }

    /// The next rank; 0 is the most frequent.
    pub fn draw(&self, numbers: &mut Numbers) -> usize {
        let at = numbers.next() * self.0.last().copied().unwrap_or(0.0);
        self.0.partition_point(|sum| *sum <= at)
    }
}

/// A pronounceable word for a rank.
pub fn word(mut rank: usize) -> String {
    const SYLLABLES: [&str; 20] = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "we",
        "xi", "yo", "zu",
    ];
    let mut word = String::new();
    loop {
        word.push_str(SYLLABLES[rank % SYLLABLES.len()]);
        rank /= SYLLABLES.len();
        if rank == 0 {
            return word;
        }
    }
}
