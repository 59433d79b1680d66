"""Windows of word pieces: those of training, cut at random places that change from pass to pass, and those of the run time.

Training windows are grouped into batches of one corpus; all of one article stay in one batch where the budget allows, because
phrases are matched with names across them. `plan` is the run time's planner, rule by rule.
"""
from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from data import Document
from words import Encoded

ENDS = frozenset(".?!")


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


def batches(documents: list[Document], rng: random.Random, budget: int, shortest: int, longest: int, margin: int) -> list[list[Window]]:
    """One pass over a corpus: windows of similar length grouped under a budget of pieces, in random order."""
    runs: list[list[Window]] = []
    for d in documents:
        cuts = cut(d, rng, shortest, longest, margin)
        if not d.references:
            runs.extend([w] for w in cuts)
            continue
        run: list[Window] = []
        for w in cuts:
            if run and (len(run) + 1) * max(x.pieces for x in run + [w]) > budget:
                runs.append(run)
                run = []
            run.append(w)
        runs.append(run)
    runs.sort(key=lambda r: max(w.pieces for w in r) + rng.uniform(0, 12))
    out: list[list[Window]] = []
    group: list[Window] = []
    for run in runs:
        if group and (len(group) + len(run)) * (max(x.pieces for x in group + run) + 2) > budget:
            out.append(group)
            group = []
        group.extend(run)
    if group:
        out.append(group)
    rng.shuffle(out)
    return out


def plan(text: str, words: Encoded, longest: int, context: int) -> list[tuple[int, int, int, int]]:
    """The run time's windows as word numbers (begin, answer begin, answer end, end); answers cover the text once.

    A text that fits is one window. Otherwise each answer takes an equal share of the pieces, at most `longest` less the context on
    both sides, and ends up to a quarter earlier where a line break or a sentence begins.
    """
    first = words.first + [len(words.pieces)]
    total, n = first[-1], len(words)
    if not n:
        return []
    if total <= longest:
        return [(0, 0, n, n)]
    room = max(1, longest - 2 * context)
    room = min(room, total // -(-total // room) + 1)
    out = []
    begin = 0
    while begin < n:
        end = n
        if total - first[begin] > room:
            last = max(begin + 1, int(np.searchsorted(first, first[begin] + room, side="right")) - 1)
            earliest = max(begin + 1, int(np.searchsorted(first, first[begin] + room - room // 4, side="left")))
            welcome = (i for i in range(last, earliest - 1, -1) if words.breaks[i] or text[words.begins[i - 1]] in ENDS)
            end = next(welcome, last)
        left = int(np.searchsorted(first, max(0, first[begin] - context), side="left"))
        right = n if first[end] + context >= total else max(end, int(np.searchsorted(first, first[end] + context, side="right")) - 1)
        out.append((left, begin, end, right))
        begin = end
    return out
