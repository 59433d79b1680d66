"""Corpora as documents of words with gold labels, and training windows cut from them.

Three readers (PolNeAR roles and links, Worldwide names, CoNLL names) turn each article into a `Document`: words, pieces
and per-layer BIO tags at word level. `windows` cuts every document at random places that change from pass to pass and
groups the cuts by length into batches of one corpus each.
"""
from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Iterator

import numpy as np

from crf import bio, spans
from words import Encoded, WordPiece

WORLDWIDE = ("Location", "Person", "Organization", "NORP", "Date", "Misc", "Money", "Facility", "Product")
CONLL = ("PER", "LOC", "ORG", "MISC")
ROLES = ("source", "cue", "content")
STRAIGHT = str.maketrans("“”‘’", "\"\"''")
TITLE_LONGEST = 160


@dataclass
class Link:
    """A role piece at word `word` belongs to the cue that begins at word `cue`; -1 where the attribution has none."""
    role: int
    word: int
    cue: int


@dataclass
class Document:
    """One article. `tags` holds one row per layer: one for a name corpus, three for roles. `quiet` words carry no loss."""
    id: str
    task: str
    text: str
    words: Encoded
    tags: np.ndarray
    quiet: np.ndarray
    links: list[Link] = field(default_factory=list)
    gold: list = field(default_factory=list)


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


def read_lines(path: Path) -> Iterator[dict]:
    """Rows of a JSONL file."""
    with open(path, encoding="utf8") as f:
        for line in f:
            if line.strip():
                yield json.loads(line)


def polnear(path: Path, pieces: WordPiece) -> list[Document]:
    """Articles with attributions: three role layers and links."""
    out = []
    for r in read_lines(path):
        text = r["text"]
        words = pieces.encode(text)
        tags = np.zeros((3, len(words)), dtype=np.int64)
        quiet = np.zeros(len(words), dtype=bool)
        for begin, end in r.get("skip", []):
            a, b = covered(words, begin, end)
            quiet[a:b] = True
        first: dict[tuple[int, int, int], int] = {}
        found: dict[tuple[int, int], set[int]] = {}
        for attribution in r["attributions"]:
            starts: list[list[int]] = []
            for k, role in enumerate(ROLES):
                row = []
                for begin, end in attribution.get(role, []):
                    key = (k, begin, end)
                    if key not in first:
                        first[key] = paint(tags[k], words, begin, end, 0)
                    if first[key] >= 0:
                        row.append(first[key])
                starts.append(row)
            cue = min(starts[1]) if starts[1] else -1
            for k in range(3):
                for word in starts[k]:
                    found.setdefault((k, word), set()).add(cue)
        for row in tags:
            for begin, end, _ in spans(row):
                if quiet[begin:end].any():
                    quiet[begin:end] = True
        links = [Link(k, word, cue) for (k, word), cues in found.items() for cue in sorted(cues)]
        out.append(Document(str(r["id"]), "roles", text, words, tags, quiet, links, [r["attributions"], r.get("skip", [])]))
    return out


def worldwide(path: Path, pieces: WordPiece) -> list[Document]:
    """Articles with names of nine types, from the raw text."""
    out = []
    for r in read_lines(path):
        text = r["text"]
        words = pieces.encode(text)
        tags = np.zeros((1, len(words)), dtype=np.int64)
        for m in r["mentions"]:
            paint(tags[0], words, m["begin"], m["end"], WORLDWIDE.index(m["type"]))
        out.append(Document(str(r["id"]), "worldwide", text, words, tags, np.zeros(len(words), dtype=bool), [],
                            [(m["begin"], m["end"], m["type"]) for m in r["mentions"]]))
    return out


def conll(path: Path, pieces: WordPiece, task: str = "conll", types: tuple[str, ...] = CONLL) -> list[Document]:
    """Articles of given tokens, joined by spaces, a line break after each sentence."""
    labels = {t: i for i, t in enumerate(bio(types))}
    out: list[Document] = []
    tokens: list[tuple[str, int]] = []

    def finish() -> None:
        while tokens and not tokens[-1][0]:
            tokens.pop()
        if not tokens:
            return
        text, at, gold = "", [], []
        for token, _ in tokens:
            if not token:
                text = text.rstrip(" ") + "\n"
                at.append(-1)
                continue
            at.append(len(text))
            text += token + " "
        text = text.rstrip(" ")
        words = pieces.encode(text)
        tags = np.zeros((1, len(words)), dtype=np.int64)
        span = None
        for (token, tag), begin in zip(tokens + [("", 0)], at + [-1]):
            if span and (not token or not tag or tag % 2 == 1):
                gold.append((span[0], span[1], types[span[2]]))
                span = None
            if tag and token:
                span = (span[0] if span else begin, begin + len(token), (tag - 1) // 2)
        for begin, end, kind in gold:
            paint(tags[0], words, begin, end, types.index(kind))
        out.append(Document(f"{path.stem}-{len(out)}", task, text, words, tags, np.zeros(len(words), dtype=bool), [], gold))
        tokens.clear()

    with open(path, encoding="utf8") as f:
        for line in f:
            cells = line.split()
            if cells and cells[0] == "-DOCSTART-":
                finish()
            elif cells:
                tokens.append((cells[0], labels[cells[-1]]))
            elif tokens and tokens[-1][0]:
                tokens.append(("", 0))
    finish()
    return out


def rewriter(rng: random.Random):
    """Random surface changes that keep every offset: straight quotation marks, a capitalised or lower-cased headline."""
    def rewrite(text: str) -> str:
        if rng.random() < 0.15:
            text = text.translate(STRAIGHT)
        end = text.find("\n")
        if 0 < end <= TITLE_LONGEST and rng.random() < 0.08:
            title = text[:end].upper() if rng.random() < 0.7 else text[:end].lower()
            if len(title) == end:
                text = title + text[end:]
        return text
    return rewrite


def varied(document: Document, rewrite, pieces: WordPiece) -> Document:
    """The document after a rewriting that keeps word boundaries: new pieces under the same tags."""
    text = rewrite(document.text)
    if text == document.text:
        return document
    words = pieces.encode(text)
    return replace(document, text=text, words=words) if words.begins == document.words.begins else document


@dataclass
class Window:
    """Words [begin, end) of a document, of which [inner_begin, inner_end) carry loss."""
    document: Document
    begin: int
    end: int
    inner_begin: int
    inner_end: int
    pieces: int


def cut(document: Document, rng: random.Random, shortest: int, longest: int, margin: int) -> list[Window]:
    """Consecutive windows of one random length at a random offset."""
    first = document.words.first + [len(document.words.pieces)]
    total, n = first[-1], len(document.words)
    length = rng.randint(shortest, longest)
    if total <= longest:
        return [Window(document, 0, n, 0, n, total)]
    bounds = [0]
    at = rng.randint(length // 2, length)
    while at < total - length // 3:
        bounds.append(int(np.searchsorted(first, at, side="right")) - 1)
        at = first[bounds[-1]] + length
    bounds.append(n)
    out = []
    for a, b in zip(bounds, bounds[1:]):
        if first[b] - first[a] > longest + 2:
            b = int(np.searchsorted(first, first[a] + longest, side="right")) - 1
        inner_a, inner_b = a, b
        while a and inner_a < b and first[inner_a] < first[a] + margin:
            inner_a += 1
        while b < n and inner_b > inner_a and first[inner_b] > first[b] - margin:
            inner_b -= 1
        if inner_a < inner_b:
            out.append(Window(document, a, b, inner_a, inner_b, first[b] - first[a]))
    return out


def batches(documents: list[Document], rng: random.Random, budget: int, shortest: int = 160, longest: int = 384,
            margin: int = 16) -> list[list[Window]]:
    """One pass over a corpus: windows sorted by length, grouped under a budget of pieces, in random order."""
    all_windows = [w for d in documents for w in cut(d, rng, shortest, longest, margin)]
    all_windows.sort(key=lambda w: w.pieces + rng.uniform(0, 12))
    out: list[list[Window]] = []
    group: list[Window] = []
    for w in all_windows:
        if group and (len(group) + 1) * (max(x.pieces for x in group + [w]) + 2) > budget:
            out.append(group)
            group = []
        group.append(w)
    if group:
        out.append(group)
    rng.shuffle(out)
    return out
