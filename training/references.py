"""Whom pronouns, descriptions and sources mean, as examples for the reference head.

An example is a phrase with the places of the text where the one whom it means is named, or with an outcome: `unnamed` (a
definite somebody whom the text never names) or `none` (nobody definite). Three corpora give them: the marked references and
resolved speakers of the news articles, coreference chains of GUM, and GAP's ambiguous pronouns. Names are found by their
words, whole or in part; where a part may belong to two people, it is neither right nor wrong.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

FORMS = ("he", "she", "it", "they", "description", "short_name", "no_source")
OUTCOMES = ("unnamed", "none")
UNNAMED, NONE = range(2)
PRONOUNS = {**dict.fromkeys("he him his himself".split(), "he"), **dict.fromkeys("she her hers herself".split(), "she"),
            **dict.fromkeys("it its itself".split(), "it"), **dict.fromkeys("they them their theirs themselves".split(), "they")}
TOKEN = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
TITLES = frozenset("mr mrs ms miss dr sir dame lord lady president minister prime senator sen rep representative gov governor king queen "
                   "prince princess pope gen general col colonel capt captain sgt judge justice rev reverend prof professor chancellor "
                   "secretary mayor chairman chief director ambassador sheikh congressman congresswoman speaker commissioner "
                   "attorney officer deputy the".split())
Span = tuple[int, int]


@dataclass(frozen=True)
class Mark:
    """A phrase [begin, end) of the text. `named`: where the one it means is named; `outcome`: what it means otherwise, or -1.
    `open`: places that are neither right nor wrong. With `only`, no other places count as wrong than these."""
    begin: int
    end: int
    form: int
    named: tuple[Span, ...] = ()
    outcome: int = -1
    open: tuple[Span, ...] = ()
    only: tuple[Span, ...] | None = None


def form_of(phrase: str) -> int:
    return FORMS.index(PRONOUNS.get(phrase.lower(), "description"))


def occurrences(text: str, people: set[str], others: set[str]) -> tuple[dict[str, list[tuple[Span, bool]]], list[Span]]:
    """Where each name stands, with whether it stands in full, and the places that two names may claim.

    People go by parts of their names too ("Lee" for "Ann Lee"); other names only whole, or by the initials of their words.
    """
    tokens = [(m.group(), m.start(), m.end()) for m in TOKEN.finditer(text)]
    words = [t[0] for t in tokens]
    found: dict[str, list[tuple[Span, bool]]] = {}
    doubtful: list[Span] = []
    taken = [False] * len(tokens)
    parts: dict[tuple[str, ...], set[str]] = {}
    whole: dict[str, tuple[str, ...]] = {name: tuple(TOKEN.findall(name)) for name in people | others}
    for name in people:
        w = whole[name]
        for i in range(len(w)):
            for j in range(i + 1, len(w) + 1):
                if j - i > 1 or len(w[i]) > 2 and w[i][0].isupper():
                    parts.setdefault(w[i:j], set()).add(name)
    for name in others:
        initials = "".join(w[0] for w in whole[name] if w[0].isupper())
        if len(initials) > 1:
            parts.setdefault((initials,), set()).add(name)
    longest = max((len(w) for w in whole.values()), default=0)
    full = {w: name for name, w in whole.items() if w}

    def claim(at: int, length: int, known) -> None:
        for i in range(at, at + length):
            taken[i] = True
        span = (tokens[at][1], tokens[at + length - 1][2])
        if isinstance(known, str):
            found.setdefault(known, []).append((span, tuple(words[at:at + length]) == whole[known]))
        else:
            doubtful.append(span)

    for table in (full, parts):
        for length in range(longest, 0, -1):
            for at in range(len(tokens) - length + 1):
                key = tuple(words[at:at + length])
                if key not in table or any(taken[at:at + length]):
                    continue
                owner = table[key]
                if table is parts:
                    before = words[at - 1] if at and text[tokens[at - 1][2]:tokens[at][1]] == " " else ""
                    stranger = before[:1].isupper() and before.lower().rstrip(".") not in TITLES and not taken[at - 1]
                    owner = next(iter(owner)) if len(owner) == 1 and not stranger else None
                claim(at, length, owner)
    return found, doubtful


def of_news(text: str, attributions: list[dict], references: list[dict]) -> list[Mark]:
    """Examples of one annotated article: its marked references, and its sources with their speakers."""
    speakers = [a["speaker"] for a in attributions if a["speaker"]["name"]]
    people = {s["name"] for s in speakers if s["kind"] == "person"} | {r["name"] for r in references if r["kind"] == "named"}
    others = {s["name"] for s in speakers if s["kind"] != "person"} - people
    places, doubtful = occurrences(text, people, others)
    marks: dict[Span, Mark] = {}
    alike: dict[str, list[Span]] = {}
    for r in references:
        if r["kind"] in ("named", "unnamed"):
            alike.setdefault(r.get("name") or "?" + str(r.get("description")), []).append((r["begin"], r["end"]))

    def named(begin: int, end: int, form: int, name: str) -> Mark | None:
        spans = tuple(s for s, _ in places.get(name, ()))
        others = tuple(s for s in alike.get(name, ()) if s != (begin, end))
        return Mark(begin, end, form, spans, -1, tuple(doubtful) + others) if spans else None

    for r in references:
        begin, end = r["begin"], r["end"]
        form = form_of(text[begin:end])
        mark = None
        if r["kind"] == "named":
            mark = named(begin, end, form, r["name"])
        elif r["kind"] in ("unnamed", "none"):
            same = tuple(s for s in alike.get("?" + str(r.get("description")), ()) if s != (begin, end))
            mark = Mark(begin, end, form, (), OUTCOMES.index(r["kind"]), same)
        if mark:
            marks[begin, end] = mark
    for a in attributions:
        name = a["speaker"]["name"]
        if not a["source"]:
            if a["cue"] or not name or not a["content"]:
                continue
            begin = a["content"][0][0]
            mark = named(begin, begin + 1, FORMS.index("no_source"), name)
        else:
            begin, end = a["source"][0]
            if (begin, end) in marks:
                continue
            inside = [(s, whole) for s, whole in places.get(name, ()) if begin <= s[0] and s[1] <= end] if name else []
            phrase = text[begin:end]
            if inside:
                if any(whole for _, whole in inside):
                    continue
                whole = tuple(s for s, w in places[name] if w)
                parts = tuple(s for s, w in places[name] if not w)
                s = inside[0][0]
                mark = Mark(*s, FORMS.index("short_name"), whole, -1, parts + tuple(doubtful)) if whole else None
            elif phrase.lower() in ("i", "we", "you", "who", "that", "which"):
                continue
            elif name:
                mark = named(begin, end, form_of(phrase), name)
            else:
                mark = Mark(begin, end, form_of(phrase), (), UNNAMED)
        if mark:
            marks.setdefault((mark.begin, mark.end), mark)
    return sorted(marks.values(), key=lambda m: m.begin)


def of_gap(row: dict) -> list[Mark]:
    """The pronoun of one row, where one of the two names is right; other places may be the same person, and stay open."""
    def places(x: str) -> tuple[Span, ...]:
        return tuple((m.start(), m.end()) for m in re.finditer(re.escape(row[x]), row["Text"]))
    right = [x for x in "AB" if row[f"{x}-coref"].upper() == "TRUE"]
    if len(right) != 1:
        return []
    begin = int(row["Pronoun-offset"])
    named, wrong = places(right[0]), places("B" if right[0] == "A" else "A")
    if row["A"] in row["B"] or row["B"] in row["A"]:
        at = {x: (int(row[f"{x}-offset"]), int(row[f"{x}-offset"]) + len(row[x])) for x in "AB"}
        named, wrong = (at[right[0]],), (at["B" if right[0] == "A" else "A"],)
    return [Mark(begin, begin + len(row["Pronoun"]), form_of(row["Pronoun"]), named, -1, (), named + wrong)]


def of_gum(tokens: list[tuple[int, int, str, str]], mentions: list[tuple[str, str, int, int, int]]) -> list[Mark]:
    """Examples of one document. Tokens: (begin, end, form, part of speech); mentions: (entity, type, first token, last, head)."""
    chains: dict[str, list[tuple[str, int, int, int]]] = {}
    for entity, kind, first, last, head in mentions:
        chains.setdefault(entity, []).append((kind, first, last, head))
    marks = []
    in_chain = set()
    span = lambda first, last: (tokens[first][0], tokens[last][1])
    for chain in chains.values():
        named = []
        for kind, first, last, head in chain:
            if tokens[head][3] != "PROPN":
                continue
            a = b = head
            while a > first and tokens[a - 1][3] == "PROPN":
                a -= 1
            while b < last and tokens[b + 1][3] == "PROPN":
                b += 1
            named.append(span(a, b))
        everything = tuple(span(first, last) for _, first, last, _ in chain)
        for kind, first, last, head in chain:
            begin, end = span(first, last)
            word = tokens[first][2].lower()
            pronoun = first == last and word in PRONOUNS
            in_chain.add(first) if pronoun else None
            described = word == "the" and tokens[head][3] == "NOUN" and kind in ("person", "organization", "place") and last - first < 8
            if not pronoun and not (described and (named or len(chain) > 1)):
                continue
            form = form_of(tokens[first][2]) if pronoun else FORMS.index("description")
            other = tuple(s for s in everything if s != (begin, end))
            outside = tuple(s for s in named if not begin <= s[0] < end)
            if outside:
                marks.append(Mark(begin, end, form, outside, -1, other))
            else:
                marks.append(Mark(begin, end, form, (), UNNAMED if kind == "person" else NONE, other))
    for i, (begin, end, word, pos) in enumerate(tokens):
        if word.lower() == "it" and pos == "PRON" and i not in in_chain:
            marks.append(Mark(begin, end, FORMS.index("it"), (), NONE))
    return sorted(marks, key=lambda m: m.begin)
