#!/usr/bin/env python3
"""The made test of VerifyQuote: claims whose verdict is known, since they are made from annotated quotes.

    benches/verify/cases.py GOLD.jsonl OTHER.jsonl > cases.jsonl

GOLD holds articles with their attributions (content spans, speakers; offsets are code points); its quotes are what a
store will hold. OTHER holds attributions of other articles, of whose pieces the invented claims are put together. Lines
out: {"id", "half", "group", "way", "text", "speaker", "expected", "document"}. Of 1,400 claims

- 500 are true (EXACT): varied in case, punctuation, marks, accents, brackets, ellipses or spelling, or not at all;
- 500 are altered: 200 NEAR (up to a tenth of the words inside are replaced, left out or added), 200 PARTIAL (cut in front,
  behind, at both ends, or inside at an ellipsis), 100 STITCHED (runs of two quotes of one speaker);
- 200 are given to somebody else (MISATTRIBUTED);
- 200 are invented (NOT_FOUND): they hold no run of four words that a quote of GOLD holds.

Every random choice comes from fixed seeds. The articles are dealt into two halves: "tune" to look at while building,
"check" to report. A claim is dropped where its own making makes another verdict true as well (a cut that is a whole quote
elsewhere, say). No text of the corpus is kept in the repository.
"""

import json
import random
import re
import sys

COUNTS = {"true": 500, "near": 200, "partial": 200, "stitched": 100, "other_speaker": 200, "invented": 200}

# Pairs of British and American spelling, each way; stems, so that their forms come along.
OUR = "colour favour honour labour neighbour behaviour harbour rumour humour endeavour vigour".split()
ISE = ("organis realis recognis apologis emphasis criticis prioritis minimis maximis authoris mobilis stabilis "
       "modernis legalis utilis summaris finalis privatis nationalis").split()
WHOLE = [("centre", "center"), ("centres", "centers"), ("theatre", "theater"), ("defence", "defense"),
         ("offence", "offense"), ("licence", "license"), ("programme", "program"), ("programmes", "programs"),
         ("travelled", "traveled"), ("travelling", "traveling"), ("cancelled", "canceled"), ("labelled", "labeled"),
         ("modelling", "modeling"), ("fuelled", "fueled"), ("counsellor", "counselor"), ("metre", "meter"),
         ("metres", "meters"), ("litres", "liters"), ("kilometres", "kilometers"), ("analyse", "analyze"),
         ("grey", "gray"), ("jewellery", "jewelry"), ("cheque", "check"), ("tyres", "tires"), ("plough", "plow"),
         ("ageing", "aging"), ("per cent", "percent"), ("judgement", "judgment"), ("sceptical", "skeptical")]


def pairs():
    yield from WHOLE
    for stem in OUR:
        for end in ("", "s", "ed", "ing", "able", "ite"):
            yield stem + end, stem.replace("our", "or") + end
    for stem in ISE:
        for end in ("e", "es", "ed", "ing", "ation", "ations"):
            yield stem + end, stem[:-1] + "z" + end


SPELLINGS = {}
for british, american in pairs():
    SPELLINGS[british], SPELLINGS[american] = american, british
# Words that are no one's spelling of the other in both senses.
for ambiguous in ("check", "program", "meter", "meters", "license"):
    SPELLINGS.pop(ambiguous, None)

PRONOUNS = {"he", "she", "they", "i", "we", "you", "him", "them", "it"}
# An abbreviation with full stops inside is one word.
WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")


def words(text):
    """Plain words for the checks of this file alone; the service has its own."""
    return [re.sub("['’.]", "", word).lower() for word in WORD.findall(text)]


class Quote:
    def __init__(self, document, half, text, speaker, kind):
        self.document, self.half, self.text, self.speaker, self.kind = document, half, text, speaker, kind
        self.words = words(text)


def read(path):
    with open(path, encoding="utf8") as lines:
        return [json.loads(line) for line in lines]


def quotes_of(article, half):
    for made in article["attributions"]:
        pieces = [article["text"][begin:end] for begin, end in made["content"]]
        speaker = made.get("speaker") or {}
        text = re.sub(r"\s+", " ", " ".join(pieces)).strip()
        if made.get("type") != "direct":
            text = re.sub(r"^that\s+", "", text)
        yield Quote(article["id"], half, text, speaker.get("name"), speaker.get("kind"))


class Stored:
    """What the store will hold, to see whether a claim is more than it was made to be."""

    def __init__(self, quotes):
        self.joined = [" " + " ".join(quote.words) + " " for quote in quotes]
        self.whole = set(self.joined)
        self.runs = set()
        for quote in quotes:
            for at in range(len(quote.words) - 3):
                self.runs.add(tuple(quote.words[at:at + 4]))
        self.by_speaker = {}
        for quote, joined in zip(quotes, self.joined):
            self.by_speaker.setdefault(quote.speaker, []).append(joined)

    def is_whole(self, claim):
        return " " + " ".join(words(claim)) + " " in self.whole

    def is_part(self, claim):
        return self.holds(words(claim), self.joined)

    def said_by(self, claim, names):
        return any(self.holds(words(claim), self.by_speaker.get(name, [])) for name in names)

    @staticmethod
    def holds(claim, joined):
        claim = " " + " ".join(claim) + " "
        return any(claim in quote for quote in joined)

    def together(self, *parts):
        parts = [" " + " ".join(words(part)) + " " for part in parts]
        return any(all(part in quote for part in parts) for quote in self.joined)


# The ways of a true claim. Each gives None where the quote has nothing to vary so.

def as_it_is(text, dice):
    return text


def in_case(text, dice):
    return dice.choice([text.upper(), text.lower(), text.title().replace("’S", "’s")])


def in_punctuation(text, dice):
    bare = re.sub(r"(?<!\d)[,;:.!?](?!\w)|[()—–]", " ", text)
    if dice.random() < 0.5:
        bare = re.sub(r" (?=\w)", lambda _: dice.choice([" ", " ", " ", ", ", " – "]), bare)
    return bare.strip() + dice.choice(["", ".", "!", "?!"])


def in_marks(text, dice):
    bare = re.sub(r"[“”\"„«»]", "", text).strip()
    begin, end = dice.choice(["“”", "„“", "«»", "\"\"", "‘’", "''"])
    bare = bare.replace("’", "'") if dice.random() < 0.5 else bare.replace("'", "’")
    bare = bare.replace(" - ", " — ").replace("–", "-")
    return begin + bare.replace(" ", dice.choice([" ", "\u00a0", " \u200b"])) + end


def in_accents(text, dice):
    letters = {"e": "é", "a": "à", "o": "ö", "u": "ü", "i": "ï", "c": "ç", "n": "ñ"}
    at = [n for n, letter in enumerate(text) if letter in letters]
    for n in dice.sample(at, min(len(at), 3)):
        text = text[:n] + letters[text[n]] + text[n + 1:]
    return text if at else None


def in_brackets(text, dice):
    found = list(WORD.finditer(text))
    if len(found) < 6 or "[" in text:
        return None
    way = dice.randrange(3)
    if way == 0:
        pronouns = [word for word in found if word.group().lower() in PRONOUNS]
        if not pronouns:
            return None
        word = dice.choice(pronouns)
        name = dice.choice(["Quinn", "the minister", "Ada Quinn", "the company", "his brother Tom"])
        return f"{text[:word.start()]}[{name}]{text[word.end():]}"
    word = dice.choice(found[1:-1])
    if way == 1:
        return f"{text[:word.end()]} [sic]{text[word.end():]}"
    letter = found[0].start()
    return f"{text[:letter]}[{text[letter].swapcase()}]{text[letter + 1:]}"


def in_ellipses(text, dice):
    at = [match.start() for match in re.finditer(r" (?=\w)", text)]
    if len(at) < 3:
        return None
    cut = dice.choice(at)
    mark = dice.choice(["…", " ...", " . . .", " […]", " [...]"])
    return dice.choice([f"{text[:cut]}{mark}{text[cut:]}", f"{mark.strip()} {text}", f"{text}{mark}"])


def in_spelling(text, dice):
    def other(match):
        word = match.group()
        found = SPELLINGS.get(word.lower())
        if not found:
            return word
        return found.capitalize() if word[0].isupper() else found
    changed = re.sub(r"per cent|[A-Za-z]+", other, text)
    return changed if changed != text else None


TRUE_WAYS = [as_it_is, in_case, in_punctuation, in_marks, in_accents, in_brackets, in_ellipses, in_spelling]


def true(quote, stored, dice, vocabulary):
    if len(quote.words) < 2:
        return None
    way = dice.choice(TRUE_WAYS)
    claim = way(quote.text, dice)
    return claim and (way.__name__, claim)


def near(quote, stored, dice, vocabulary):
    found = list(WORD.finditer(quote.text))
    if len(found) < 8:
        return None
    claim = quote.text
    places = sorted(dice.sample(range(1, len(found) - 1), max(1, len(found) // 10)), reverse=True)
    if any(one - other < 2 for one, other in zip(places, places[1:])):
        return None
    way = dice.choice(["replaced", "left_out", "added"])
    for at in places:
        word, new = found[at], dice.choice(vocabulary)
        if words(new) == words(word.group()) or words(new) in [words(found[n].group()) for n in (at - 1, at + 1)]:
            return None
        if words(found[at - 1].group()) == words(word.group()) or words(found[at + 1].group()) == words(word.group()):
            return None
        replacement = {"replaced": new, "left_out": "", "added": f"{word.group()} {new}"}[way]
        claim = claim[:word.start()] + replacement + claim[word.end():]
    return (way, claim) if not stored.is_part(claim) else None


def partial(quote, stored, dice, vocabulary):
    found = list(WORD.finditer(quote.text))
    if len(found) < 12:
        return None
    way = dice.choice(["front", "behind", "both_ends", "inside"])
    text, third = quote.text, len(found) // 3
    cut = dice.randint(2, third)
    if way == "front":
        claim = text[found[cut].start():]
    elif way == "behind":
        claim = text[:found[-cut - 1].end()]
    elif way == "both_ends":
        claim = text[found[cut // 2 + 1].start():found[-cut // 2 - 2].end()]
    else:
        at = dice.randint(4, len(found) - cut - 4)
        mark = dice.choice(["…", "...", "[…]", "(...)", ". . ."])
        claim = f"{text[:found[at].start()]}{mark} {text[found[at + cut].start():]}"
        if words(text[found[at].start():])[:1] == words(text[found[at + cut].start():])[:1]:
            return None
    return (way, claim) if not stored.is_whole(claim) else None


def stitched(quote, stored, dice, vocabulary, others):
    of_speaker = [other for other in others if other.speaker == quote.speaker and other is not quote]
    of_speaker = [other for other in of_speaker if len(other.words) >= 8 and other.document == quote.document]
    if len(quote.words) < 8 or not of_speaker:
        return None
    other = dice.choice(of_speaker)

    def run(of):
        found = list(WORD.finditer(of.text))
        length = dice.randint(6, min(14, len(found)))
        begin = dice.randint(0, len(found) - length)
        return of.text[found[begin].start():found[begin + length - 1].end()]
    one, two = run(quote), run(other)
    if stored.together(one, two) or stored.is_part(f"{one} {two}") or set(words(one)) == set(words(two)):
        return None
    # A part that another quote goes on with would be no part.
    if stored.is_part(f"{one} {' '.join(words(two)[:3])}") or stored.is_part(f"{' '.join(words(one)[-3:])} {two}"):
        return None
    way = dice.choice(["plain", "ellipsis"])
    return way, one + ({"plain": " ", "ellipsis": " … "}[way]) + two


def other_speaker(quote, stored, dice, vocabulary, people):
    if len(quote.words) < 5 or not quote.speaker:
        return None
    name = dice.choice(people)
    said = [known for known in stored.by_speaker if known and set(words(known)) & set(words(name))]
    if set(words(name)) & set(words(quote.speaker)) or stored.said_by(quote.text, said + [None]):
        return None
    return "another", quote.text, name


def invented(pieces, stored, dice):
    length = dice.randint(2, 5)
    chosen = [dice.choice(pieces) for _ in range(length)]
    claim = []
    for piece in chosen:
        size = dice.randint(3, 7)
        begin = dice.randrange(max(1, len(piece) - size))
        claim += piece[begin:begin + size]
    if any(tuple(claim[at:at + 4]) in stored.runs for at in range(len(claim) - 3)):
        return None
    return "recombined", " ".join(claim)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    articles = read(sys.argv[1])
    dealt = list(range(len(articles)))
    random.Random(20).shuffle(dealt)
    half = {articles[at]["id"]: ("tune", "check")[n % 2] for n, at in enumerate(dealt)}
    quotes = [quote for article in articles for quote in quotes_of(article, half[article["id"]])]
    quotes = [quote for quote in quotes if quote.words]
    stored = Stored(quotes)
    vocabulary = sorted({word for quote in quotes for word in quote.words if word.isalpha() and len(word) > 3})
    people = sorted({quote.speaker for quote in quotes if quote.kind == "person" and quote.speaker})
    people = [name for name in people if len(name.split()) > 1]
    pieces = [quote.words for article in read(sys.argv[2]) for quote in quotes_of(article, "") if len(quote.words) > 3]
    out = []

    def add(half, group, way, text, expected, quote=None, speaker=None):
        out.append({"id": f"{group}-{len(out)}", "half": half, "group": group, "way": way, "text": text,
                    "speaker": speaker, "expected": expected, "document": quote and quote.document})

    makers = {
        "true": ("EXACT", true), "near": ("NEAR", near), "partial": ("PARTIAL", partial),
        "stitched": ("STITCHED", lambda *all: stitched(*all, quotes)),
        "other_speaker": ("MISATTRIBUTED", lambda *all: other_speaker(*all, people)),
    }
    for seed, (group, (expected, make)) in enumerate(makers.items()):
        dice = random.Random(100 + seed)
        order = quotes[:]
        dice.shuffle(order)
        if group == "true":
            # Few quotes hold a word that is spelled in two ways: those come twice, first for that.
            spelled = [quote for quote in order if in_spelling(quote.text, dice)][:60]
            for quote in spelled:
                speaker = quote.speaker if dice.random() < 0.5 else None
                add(quote.half, group, "in_spelling", in_spelling(quote.text, dice), expected, quote, speaker)
        for quote in order:
            if sum(case["group"] == group for case in out) == COUNTS[group]:
                break
            made = make(quote, stored, dice, vocabulary)
            if not made or len(made[1]) > 3000:
                continue
            if group in ("true", "near", "partial", "stitched"):
                speaker = quote.speaker if dice.random() < 0.5 else None
            else:
                speaker = made[2] if group == "other_speaker" else None
            add(quote.half, group, made[0], made[1], expected, quote, speaker)
    dice = random.Random(200)
    while sum(case["group"] == "invented" for case in out) < COUNTS["invented"]:
        made = invented(pieces, stored, dice)
        if made:
            speaker = dice.choice(people) if dice.random() < 0.5 else None
            add(dice.choice(["tune", "check"]), "invented", *made, "NOT_FOUND", None, speaker)
    for case in out:
        print(json.dumps(case, ensure_ascii=False))


if __name__ == "__main__":
    main()
