//! How well copies are told from other quotes, and what that costs.
//!
//! First a made test whose truth is known: 2,000 quotes, of each one to four copies with up to a fifth of the words altered and
//! now and then a part, and 2,000 quotes that have nothing to do with any; precision and recall of pairs must reach
//! [`BAR`]. Then 350,000 quotes of invented words, five a document: how long they take, one document after the other, how many
//! bytes they take, and what reading and removing cost.
//!
//! The made test takes its quotes from the file named in `DICTUM_BENCH_TEXT`, if it is set, one a line: `{"text": "…"}`. Run it
//! with `cargo bench --bench clusters`.

mod corpus;

use corpus::{Numbers, Zipf, word};
use dictum::clusters::{Book, Rule, tokens};
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::time::{Duration, Instant};

/// F1 of the made test.
const BAR: f64 = 0.97;

/// Quotes with copies, and as many without.
const ORIGINALS: usize = 2_000;

/// Quotes of the load, and of each of its documents.
const QUOTES: usize = 350_000;
const A_DOCUMENT: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = Numbers(7);
    let sentences = match std::env::var_os("DICTUM_BENCH_TEXT") {
        Some(path) => read(&std::fs::read_to_string(path)?)?,
        None => invented(&mut numbers),
    };
    let f1 = made_test(sentences, &mut numbers)?;
    load(&mut numbers);
    if f1 < BAR {
        return Err(format!("F1 {f1:.4} is below {BAR}").into());
    }
    Ok(())
}

type Words = Vec<u32>;

/// The quotes of a file that are of a fair length.
fn read(lines: &str) -> Result<Vec<Words>, Box<dyn Error>> {
    let mut all = Vec::new();
    for line in lines.lines() {
        let line: serde_json::Value = serde_json::from_str(line)?;
        let text = line["text"].as_str().ok_or("a line without text")?.to_lowercase();
        let words: Vec<&str> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        all.push(tokens(0, &words));
    }
    all.retain(|words| (10..=60).contains(&words.len()));
    Ok(all)
}

/// Quotes of words that are drawn as often as in a language.
fn invented(numbers: &mut Numbers) -> Vec<Words> {
    let language = Language::new();
    (0..2 * ORIGINALS)
        .map(|_| {
            let length = 10 + numbers.below(51);
            language.say(length, numbers)
        })
        .collect()
}

struct Language {
    zipf: Zipf,
    words: Words,
}

impl Language {
    fn new() -> Self {
        let words: Vec<String> = (0..50_000).map(word).collect();
        Self { zipf: Zipf::new(words.len()), words: tokens(0, &words) }
    }

    fn say(&self, length: usize, numbers: &mut Numbers) -> Words {
        (0..length).map(|_| self.words[self.zipf.draw(numbers)]).collect()
    }
}

/// Which families are found again; F1.
fn made_test(mut sentences: Vec<Words>, numbers: &mut Numbers) -> Result<f64, Box<dyn Error>> {
    for at in (1..sentences.len()).rev() {
        sentences.swap(at, numbers.below(at + 1));
    }
    let Some((originals, others)) = sentences.split_at_checked(ORIGINALS) else {
        return Err("too few quotes".into());
    };
    // Words that come in: those of other quotes.
    let words: Words = others.iter().take(ORIGINALS).flatten().copied().collect();
    let mut items: Vec<(usize, Words)> = Vec::new();
    for (family, original) in originals.iter().enumerate() {
        items.push((family, original.clone()));
        for _ in 0..1 + numbers.below(4) {
            let copy = if numbers.below(4) == 0 {
                part(original, numbers)
            } else {
                altered(original, &words, numbers)
            };
            items.push((family, copy));
        }
    }
    items.extend((originals.len()..).zip(others.iter().take(ORIGINALS).cloned()));
    let mut book = Book::new(Rule::QUOTES);
    book.update([], (0..).zip(items.iter().map(|(_, words)| words.clone())));
    Ok(score(&book, &items))
}

/// Pairs that are together in the book, against pairs of one family.
fn score(book: &Book, items: &[(usize, Words)]) -> f64 {
    let clusters = book.clusters();
    let (mut found, mut truth, mut both) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (key, (family, _)) in (0..).zip(items) {
        let cluster = book.variant_of(key).map(|variant| clusters.of(variant).0);
        let cluster = cluster.map_or((key, 0), |cluster| (u64::MAX, cluster));
        *found.entry(cluster).or_insert(0) += 1;
        *truth.entry(*family).or_insert(0) += 1;
        *both.entry((cluster, *family)).or_insert(0) += 1;
    }
    let right = pairs(both.into_values());
    let (precision, recall) = (right / pairs(found.into_values()), right / pairs(truth.into_values()));
    let f1 = 2.0 * precision * recall / (precision + recall);
    println!("{} quotes of {ORIGINALS} families and {ORIGINALS} without", items.len());
    println!("pairs: precision {precision:.4}, recall {recall:.4}, F1 {f1:.4}");
    f1
}

fn pairs(sizes: impl Iterator<Item = u64>) -> f64 {
    sizes.map(|size| size * (size - 1) / 2).sum::<u64>() as f64
}

/// A copy with up to a fifth of its words altered: others in their place, in between, left out, or in each other's place. What
/// is exchanged counts twice, as two words are then out of order.
fn altered(original: &[u32], words: &[u32], numbers: &mut Numbers) -> Words {
    let mut copy = original.to_vec();
    let mut left = numbers.below(original.len() / 5 + 1);
    while left > 0 {
        let (at, other) = (numbers.below(copy.len()), numbers.below(copy.len()));
        let word = words[numbers.below(words.len())];
        match numbers.below(4) {
            0 => copy.insert(at, word),
            1 => drop(copy.remove(at)),
            2 if left > 1 => {
                copy.swap(at, other);
                left -= 1;
            }
            _ => copy[at] = word,
        }
        left -= 1;
    }
    copy
}

/// A stretch of at least eight words and two fifths of them.
fn part(original: &[u32], numbers: &mut Numbers) -> Words {
    let least = (original.len() * 2).div_ceil(5).max(8);
    let length = least + numbers.below(original.len() - least + 1);
    let begin = numbers.below(original.len() - length + 1);
    original[begin..begin + length].to_vec()
}

/// What many quotes cost.
fn load(numbers: &mut Numbers) {
    let quotes = many(numbers);
    let mut book = Book::new(Rule::QUOTES);
    let mut slowest = Duration::ZERO;
    let begun = Instant::now();
    for (document, quotes) in (0..).step_by(A_DOCUMENT).zip(quotes.chunks(A_DOCUMENT)) {
        let one = Instant::now();
        book.update([], (document..).zip(quotes.iter().cloned()));
        slowest = slowest.max(one.elapsed());
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / QUOTES as f64;
    println!("{QUOTES} quotes added: {each:.1} µs each, the slowest document {slowest:.1?}");
    println!("{} bytes each", book.bytes() / QUOTES);
    let begun = Instant::now();
    let clusters = book.clusters();
    println!("clusters read in {:.1?}", begun.elapsed());
    sizes(&book);
    let begun = Instant::now();
    book.update([], [(QUOTES as u64, quotes[0][1..].to_vec())]);
    println!("the first quote after that, which copies what was read: {:.1?}", begun.elapsed());
    drop(clusters);
    remove(&mut book);
}

/// Quotes of which some are nearly what one before was.
fn many(numbers: &mut Numbers) -> Vec<Words> {
    let language = Language::new();
    let mut quotes: Vec<Words> = Vec::with_capacity(QUOTES);
    for at in 0..QUOTES {
        let quote = if at > 0 && numbers.below(100) < 15 {
            let original = quotes[numbers.below(at)].clone();
            altered(&original, &language.words, numbers)
        } else {
            let length = 10 + numbers.below(21);
            language.say(length, numbers)
        };
        quotes.push(quote);
    }
    quotes
}

fn remove(book: &mut Book) {
    let (each, count) = (A_DOCUMENT as u64, 1_000);
    let document = |document: u64| document * each..(document + 1) * each;
    let begun = Instant::now();
    (0..count).for_each(|n| book.update(document(n * 17), []));
    println!("{count} documents removed one after the other: {:.1?}", begun.elapsed());
    let begun = Instant::now();
    book.update((0..count).flat_map(|n| document(n * 17 + 1)), []);
    println!("{count} documents removed together: {:.1?}", begun.elapsed());
}

/// How many clusters there are of which size.
fn sizes(book: &Book) {
    let clusters = book.clusters();
    let mut items: BTreeMap<u32, u64> = BTreeMap::new();
    let variants = (0..QUOTES as u64).filter_map(|key| book.variant_of(key));
    variants.for_each(|variant| *items.entry(clusters.of(variant).0).or_default() += 1);
    let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
    items.into_values().for_each(|items| *sizes.entry(items).or_default() += 1);
    let largest = sizes.keys().next_back().copied().unwrap_or(0);
    let alone = sizes.get(&1).copied().unwrap_or(0);
    println!("{} clusters, {alone} of one quote, the largest of {largest}", sizes.values().sum::<u64>());
}
