//! Amounts of money and percentages, by the shape of their words: they follow so few patterns that rules find what a
//! detector overlooks. Knows numbers and units, not documents. Start at [`complete`].

use super::lexicon::WordList;
use super::patterns;
use crate::analysis::signals::{Layout, NameSpan};
use crate::domain::annotation::EntityType;
use std::ops::Range;

/// Signs and codes that stand before an amount. "R" and "N" alone count only against a digit ("N$", "R5").
static PREFIXES: WordList = WordList::new(
    "$ us$ a$ c$ n$ nz$ hk$ nt$ s$ r$ € £ ¥ ₹ ₦ ₩ ₽ ₪ ₱ ₡ ₺ ₫ ₴ ₵ usd eur gbp jpy cny rmb inr aud cad \
    chf rs ksh kes zar ngn ghs qr sr dh aed sar tk",
);

/// Words and codes that follow an amount. Those that mean something else as often ("pounds", "won") are left to the
/// detector.
static CURRENCIES: WordList = WordList::new(
    "dollar dollars cent cents euro euros pence yen yuan renminbi rupee rupees ruble \
    rubles rouble roubles peso pesos reais rand naira cedi cedis shilling shillings franc francs lira dinar \
    dinars dirham dirhams riyal riyals rial rials taka baht ringgit rupiah dong krona kronor krone kroner zloty forint \
    shekel shekels hryvnia colones bolivars usd eur gbp jpy cny rmb inr aud cad chf",
);

static SCALES: WordList = WordList::new(
    "hundred thousand million millions billion billions trillion trillions crore lakh m mn bn tn k",
);

static NUMBER_WORDS: WordList = WordList::new(
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty \
    fifty sixty seventy eighty ninety hundred thousand million billion half",
);

/// Adds the amounts that the names leave out. `names` are disjoint and in text order, before and after.
pub fn complete(layout: &Layout<'_>, names: &mut Vec<NameSpan>) {
    patterns::complete(layout, names, |free| amount(layout, free));
}

/// The amount that begins at the first of these words: its type and its end.
fn amount(layout: &Layout<'_>, words: Range<usize>) -> Option<(EntityType, usize)> {
    let reader = Reader { layout, end: words.end };
    let (unit, signed) = match reader.prefix(words.start) {
        Some(end) => (end, true),
        None if words.start < words.end => (words.start, false),
        None => return None,
    };
    let joined = signed && reader.joined_number(words.start, unit);
    let number = if joined { reader.rest_of_number(unit) } else { reader.number(unit)? };
    let scaled = reader.scale(number);
    if signed {
        return Some((EntityType::Money, scaled));
    }
    if let Some(end) = reader.currency(scaled) {
        return Some((EntityType::Money, end));
    }
    let upper = reader.second_number(number).unwrap_or(number);
    reader.percent(upper).map(|end| (EntityType::Percent, end))
}

struct Reader<'l, 't> {
    layout: &'l Layout<'t>,
    end: usize,
}

impl Reader<'_, '_> {
    fn lower(&self, at: usize) -> String {
        if at < self.end { self.layout.word(at).to_lowercase() } else { String::new() }
    }

    /// Whether no space stands before a word.
    fn is_attached(&self, at: usize) -> bool {
        let words = &self.layout.words;
        at > 0 && at < self.end && words[at - 1].span.end == words[at].span.begin
    }

    /// The end of a currency sign or code: "$", "US$", "Rs.", and words such as "€5" and "£20bn" that hold their number.
    fn prefix(&self, at: usize) -> Option<usize> {
        let word = self.lower(at);
        if let Some(begin @ 1..) = word.find(|c: char| c.is_ascii_digit()) {
            let (sign, number) = word.split_at(begin);
            let scale = number.trim_start_matches(|c: char| c.is_ascii_digit());
            let is_amount = scale.is_empty() || SCALES.holds(scale);
            return (!sign.is_ascii() && PREFIXES.holds(sign) && is_amount).then_some(at + 1);
        }
        if self.is_attached(at + 1) && self.lower(at + 1) == "$" && PREFIXES.holds(&format!("{word}$")) {
            return Some(at + 2);
        }
        let end = PREFIXES.holds(&word).then_some(at + 1)?;
        Some(if self.is_attached(end) && self.lower(end) == "." { end + 1 } else { end })
    }

    /// Whether the sign's own word holds the number ("€5", "£20bn").
    fn joined_number(&self, at: usize, unit: usize) -> bool {
        unit == at + 1 && self.lower(at).contains(|c: char| c.is_ascii_digit())
    }

    /// The end of a number: "5", "4.5", "12,500", "2.3m", "twenty-five".
    fn number(&self, at: usize) -> Option<usize> {
        if self.has_digits(at) {
            return Some(self.rest_of_number(at + 1));
        }
        let spelt = |at: usize| NUMBER_WORDS.holds(&self.lower(at));
        let hyphenated = self.lower(at + 1) == "-" && spelt(at + 2);
        spelt(at).then_some(if hyphenated { at + 3 } else { at + 1 })
    }

    /// The end of a number whose first digits end before a word.
    fn rest_of_number(&self, mut at: usize) -> usize {
        let mark = |at: usize| matches!(self.lower(at).as_str(), "." | ",");
        while mark(at) && self.is_attached(at) && self.is_attached(at + 1) && self.has_digits(at + 1) {
            at += 2;
        }
        at
    }

    fn has_digits(&self, at: usize) -> bool {
        self.lower(at).starts_with(|c: char| c.is_ascii_digit())
    }

    fn scale(&self, at: usize) -> usize {
        let hyphenated = self.lower(at) == "-" && SCALES.holds(&self.lower(at + 1));
        if hyphenated {
            return at + 2;
        }
        if SCALES.holds(&self.lower(at)) { at + 1 } else { at }
    }

    /// The end of "dollars" or "US dollars".
    fn currency(&self, at: usize) -> Option<usize> {
        let at = if matches!(self.lower(at).as_str(), "us" | "american" | "canadian" | "australian") {
            at + 1
        } else {
            at
        };
        CURRENCIES.holds(&self.lower(at)).then_some(at + 1)
    }

    /// The end of the second number of a range: "10-15", "10 to 15".
    fn second_number(&self, at: usize) -> Option<usize> {
        let joined = matches!(self.lower(at).as_str(), "-" | "–" | "to" | "or");
        if joined { self.number(at + 1) } else { None }
    }

    fn percent(&self, at: usize) -> Option<usize> {
        match (self.lower(at).as_str(), self.lower(at + 1).as_str()) {
            ("per", "cent") => Some(at + 2),
            ("percentage", "point" | "points") => Some(at + 2),
            ("%" | "percent", _) => Some(at + 1),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, EntityType)> {
        let layout = Layout::new(text);
        let mut names = Vec::new();
        complete(&layout, &mut names);
        names.iter().map(|name| (layout.span_of(&name.words).slice(text), name.entity_type)).collect()
    }

    #[test]
    fn amounts_are_found_by_shape() {
        use EntityType::{Money, Percent};
        for (text, expected) in [
            ("They paid $4.5 million.", ("$4.5 million", Money)),
            ("a US$300 fine", ("US$300", Money)),
            ("worth €6,500 now", ("€6,500", Money)),
            ("£20bn is", ("£20bn", Money)),
            ("for Rs. 1,200 crore,", ("Rs. 1,200 crore", Money)),
            ("a $250-million plant", ("$250-million", Money)),
            ("about 12,000 euros", ("12,000 euros", Money)),
            ("10 million US dollars", ("10 million US dollars", Money)),
            ("fifty dollars", ("fifty dollars", Money)),
            ("up 4.5%.", ("4.5%", Percent)),
            ("twenty-five per cent of", ("twenty-five per cent", Percent)),
            ("by 10 to 15 percent", ("10 to 15 percent", Percent)),
            ("down 3 percentage points", ("3 percentage points", Percent)),
        ] {
            assert_eq!(found(text), [expected], "{text}");
        }
    }

    #[test]
    fn plain_numbers_are_no_amounts() {
        for text in [
            "",
            "12 people",
            "the U.S. sent 5,000 troops",
            "$",
            "in 2016, 4 of 10",
            "Rs",
            "the 5 won",
            "80 pounds",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn names_that_are_there_keep_their_place() {
        let layout = Layout::new("Anna paid $5 to Ben for 3 percent");
        let name = |words, entity_type| NameSpan { words, entity_type, confidence: 0.8 };
        let mut names = vec![name(0..1, EntityType::Person), name(5..6, EntityType::Person)];
        complete(&layout, &mut names);
        let ranges: Vec<_> = names.iter().map(|name| name.words.clone()).collect();
        assert_eq!(ranges, [0..1, 2..4, 5..6, 7..9]);
    }
}
