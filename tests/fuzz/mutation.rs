//! Changes bytes by chance.

use crate::random::Random;

/// Most changes to one seed.
const CHANGES: usize = 8;
/// Longest stretch of noise, in bytes.
const NOISE: usize = 64;
/// Longest input, in bytes: beyond it is the matter of tests of limits.
const LONGEST: usize = 16 << 10;

/// One of the seeds, changed in a few places; or noise alone.
pub fn mutated(random: &mut Random, seeds: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    if seeds.is_empty() || random.below(64) == 0 {
        return noise(random, NOISE);
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
        1 if at < data.len() => data[at] = random.below(256) as u8,
        2 if at < data.len() => data[at] = [0, 1, 0x7f, 0x80, 0xff, b' ', b'\n', b'"'][random.below(8)],
        3 => drop(data.drain(at..end)),
        4 => data.truncate(at),
        5 => insert(data, at, &noise(random, 8)),
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

fn noise(random: &mut Random, most: usize) -> Vec<u8> {
    (0..random.below(most + 1)).map(|_| random.below(256) as u8).collect()
}
