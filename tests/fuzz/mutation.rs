//! Changes bytes, by a generator of random numbers that is the same everywhere.

/// SplitMix64: a few lines, and good enough to choose where to break things.
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
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next() as u8
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| self.byte()).collect()
    }
}

/// Most changes to one seed.
const CHANGES: usize = 8;
/// Longest stretch of noise, in bytes.
const NOISE: usize = 64;
/// Longest input, in bytes: beyond it is the matter of tests of limits.
const LONGEST: usize = 16 << 10;

/// One of the seeds, changed in a few places; or noise alone.
pub fn mutated(random: &mut Random, seeds: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    if seeds.is_empty() || random.below(64) == 0 {
        return random.bytes(NOISE);
    }
    let mut data = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(CHANGES) {
        change(random, &mut data, seeds, words);
    }
    data.truncate(LONGEST);
    data
}

fn change(random: &mut Random, data: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[&str]) {
    let at = random.below(data.len() + 1);
    let end = at + random.below((data.len() - at).min(NOISE) + 1);
    match random.below(9) {
        0 if at < data.len() => data[at] ^= 1 << random.below(8),
        1 if at < data.len() => data[at] = random.byte(),
        2 if at < data.len() => data[at] = [0, 1, 0x7f, 0x80, 0xff, b' ', b'\n', b'"'][random.below(8)],
        3 => drop(data.drain(at..end)),
        4 => data.truncate(at),
        5 => insert(data, at, &random.bytes(8)),
        6 if !words.is_empty() => insert(data, at, words[random.below(words.len())].as_bytes()),
        7 => {
            let copy = data[at..end].to_vec();
            let to = random.below(data.len() + 1);
            for _ in 0..1 + random.below(4) {
                insert(data, to, &copy);
            }
        }
        _ => {
            let other = &seeds[random.below(seeds.len())];
            let begin = random.below(other.len() + 1);
            let length = random.below(other.len() - begin + 1);
            data.splice(at..end, other[begin..begin + length].iter().copied());
        }
    }
}

fn insert(data: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    data.splice(at..at, bytes.iter().copied());
}
