"""Articles with their annotation, and what training sees of them: words, tags of each layer, links, references.

An `Article` holds offsets of characters; `encode` turns it, or a rewriting of it that keeps every offset, into a `Document`
of words and pieces. A layer that an article has no annotation for is absent from its document, so corpora of different
kinds can share a network, and one article can carry several kinds.
"""
from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from crf import spans
from references import Mark, Span
from words import Encoded, WordPiece

WORLDWIDE = ("Location", "Person", "Organization", "NORP", "Date", "Misc", "Money", "Facility", "Product")
CONLL = ("PER", "LOC", "ORG", "MISC")
ROLES = ("source", "cue", "content")
STATED = ("stated_source", "stated_cue", "stated_content", "stated_inner")


@dataclass
class Article:
    """One text and what is known of it. `spans`: for each layer of names (begin, end, type); `attributions` with `source`, `cue`,
    `content` in the convention of PolNeAR, or of the product where `stated`; `skip`: ranges without annotation."""
    id: str
    task: str
    text: str
    names: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)
    attributions: list[dict] | None = None
    stated: bool = False
    skip: list[Span] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


@dataclass
class Link:
    """A role piece at word `word` belongs to the cue that begins at word `cue`; -1 where the attribution has none."""
    role: int
    word: int
    cue: int


@dataclass
class Reference:
    """A phrase from word `first` to word `last`; words that name whom it means, words that are neither right nor wrong."""
    form: int
    first: int
    last: int
    named: np.ndarray
    open: np.ndarray
    outcome: int
    only: np.ndarray | None


@dataclass
class Document:
    """One article as training sees it. `tags` holds a row for each layer that is annotated; `quiet` words carry no loss."""
    article: Article
    text: str
    words: Encoded
    tags: dict[str, np.ndarray]
    quiet: np.ndarray
    links: list[Link]
    references: list[Reference]

    @property
    def id(self) -> str:
        return self.article.id


def covered(words: Encoded, begin: int, end: int) -> tuple[int, int]:
    """Words that a character span touches, snapped outward, without breaks at its ends."""
    a = int(np.searchsorted(words.ends, begin, side="right"))
    b = int(np.searchsorted(words.begins, end, side="left"))
    while a < b and words.breaks[a]:
        a += 1
    while b > a and words.breaks[b - 1]:
        b -= 1
    return a, b


def paint(row: np.ndarray, words: Encoded, begin: int, end: int, kind: int) -> int:
    """Writes one span as BIO; a break inside splits it. Returns its first word, or -1 where there is none left."""
    a, b = covered(words, begin, end)
    if a >= b or row[a:b].any():
        return -1
    opened = False
    for i in range(a, b):
        if words.breaks[i]:
            opened = False
        else:
            row[i] = 2 * kind + (2 if opened else 1)
            opened = True
    return a


def inner(attributions: list[dict]) -> list[bool]:
    """Which attributions stand inside of the content of another."""
    def inside(a: dict, b: dict) -> bool:
        return a["content"] != b["content"] and all(any(y[0] <= x[0] and x[1] <= y[1] for y in b["content"]) for x in a["content"])
    return [any(b is not a and inside(a, b) for b in attributions) for a in attributions]


def roles(article: Article, words: Encoded, tags: dict[str, np.ndarray]) -> list[Link]:
    """Paints the layers of attributions and gives their links."""
    first: dict[tuple[str, int, int], int] = {}
    found: dict[tuple[int, int], set[int]] = {}
    within = inner(article.attributions) if article.stated else [False] * len(article.attributions)
    for attribution, nested in zip(article.attributions, within):
        starts: list[list[int]] = []
        for k, role in enumerate(ROLES):
            layer = role if not article.stated else STATED[3] if nested and role == "content" else STATED[k]
            row = []
            for begin, end in attribution.get(role, []):
                key = (layer, begin, end)
                if key not in first:
                    first[key] = paint(tags[layer], words, begin, end, 0)
                if first[key] >= 0:
                    row.append(first[key])
            starts.append(row)
        cue = min(starts[1]) if starts[1] else -1
        for k in range(len(ROLES)):
            for word in starts[k]:
                found.setdefault((k, word), set()).add(cue)
    return [Link(k, word, cue) for (k, word), cues in found.items() for cue in sorted(cues)]


def reference(mark: Mark, words: Encoded) -> Reference | None:
    """A mark in words."""
    def all_of(spans: tuple[Span, ...]) -> np.ndarray:
        out = {i for s in spans for i in range(*covered(words, *s)) if not words.breaks[i]}
        return np.array(sorted(out), dtype=np.int64)
    a, b = covered(words, mark.begin, mark.end)
    if a >= b:
        return None
    named = all_of(mark.named)
    rest = np.setdiff1d(np.concatenate([all_of(mark.open), np.arange(a, b)]), named)
    return Reference(mark.form, a, b - 1, named, rest, mark.outcome, None if mark.only is None else all_of(mark.only))


def encode(article: Article, pieces: WordPiece, text: str | None = None) -> Document:
    """The article's document; `text` is a rewriting of the same length, under the same offsets."""
    text = article.text if text is None else text
    words = pieces.encode(text)
    quiet = np.zeros(len(words), dtype=bool)
    for begin, end in article.skip:
        a, b = covered(words, begin, end)
        quiet[a:b] = True
    tags: dict[str, np.ndarray] = {}
    for layer, names in article.names.items():
        types = {"worldwide": WORLDWIDE, "conll": CONLL}[layer]
        tags[layer] = np.zeros(len(words), dtype=np.int64)
        for begin, end, kind in names:
            paint(tags[layer], words, begin, end, types.index(kind))
    links: list[Link] = []
    if article.attributions is not None:
        for layer in STATED if article.stated else ROLES:
            tags[layer] = np.zeros(len(words), dtype=np.int64)
        links = roles(article, words, tags)
    for row in tags.values():
        for begin, end, _ in spans(row):
            if quiet[begin:end].any():
                quiet[begin:end] = True
    marks = [r for r in (reference(m, words) for m in article.marks) if r]
    return Document(article, text, words, tags, quiet, links, marks)
