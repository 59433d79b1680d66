//! Whether two full names of people can be one person: initials, middle names, nicknames, generation suffixes.

use super::lexicon::nicknames;

const SUFFIXES: [&str; 6] = ["jr", "sr", "ii", "iii", "iv", "phd"];

/// Whether two names of at least two folded words each can name one person.
pub(super) fn agree(a: &[String], b: &[String]) -> bool {
    let ((a, generation_a), (b, generation_b)) = (without_suffix(a), without_suffix(b));
    if generation_a != generation_b {
        return false;
    }
    if a == b || a.ends_with(b) || b.ends_with(a) || a.starts_with(b) || b.starts_with(a) {
        return true;
    }
    // "Jane D."
    let initial =
        |short: &String, long: &String| short.chars().count() == 1 && long.starts_with(short.as_str());
    if let ([given_a, family_a], [given_b, family_b]) = (a, b)
        && given_a == given_b
        && (initial(family_a, family_b) || initial(family_b, family_a))
    {
        return true;
    }
    let reversed = a.len() == 2 && b.len() == 2 && a[0] == b[1] && a[1] == b[0];
    reversed || a.last() == b.last() && given_names_agree(&a[..a.len() - 1], &b[..b.len() - 1])
}

/// The words of a name before any generation suffix.
pub(super) fn without_suffix(tokens: &[String]) -> (&[String], Option<&str>) {
    match tokens.split_last() {
        Some((last, rest)) if !rest.is_empty() && SUFFIXES.contains(&last.as_str()) => (rest, Some(last)),
        _ => (tokens, None),
    }
}

/// Whether a short form (a surname with or without particles, or a given name) is part of a full name, and which.
pub(super) fn part(short: &[String], full: &[String]) -> Option<Part> {
    let (full, _) = without_suffix(full);
    if full.len() <= short.len() {
        None
    } else if full.ends_with(short) {
        Some(Part::Surname)
    } else if full.starts_with(short) {
        Some(Part::Given)
    } else if full.windows(short.len()).any(|window| window == short) {
        Some(Part::Middle)
    } else {
        None
    }
}

/// Which part of a full name a short form is. Earlier is likelier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Surname,
    Given,
    Middle,
}

fn given_names_agree(a: &[String], b: &[String]) -> bool {
    let (Some(first_a), Some(first_b)) = (a.first(), b.first()) else { return true };
    given_name_agrees(first_a, first_b) && (subsequence(&a[1..], &b[1..]) || subsequence(&b[1..], &a[1..]))
}

fn given_name_agrees(a: &str, b: &str) -> bool {
    let initial = |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    a == b || initial(a, b) || initial(b, a) || nicknames::same(a, b)
}

/// Whether `short` is `long` with words left out or cut to initials.
fn subsequence(short: &[String], long: &[String]) -> bool {
    let mut rest = long.iter();
    short.iter().all(|word| rest.any(|other| given_name_agrees(word, other)))
}
